//! A search through the settings of a policy, and what cannot be improved on any more.
//!
//! The usual way to tune an autoscaler is to turn one knob, look at one number and stop when it
//! looks good. That hides two things. A setting with fewer bad minutes that costs more or flips more
//! is a trade, not an improvement: so every point keeps its three axes, and what is handed out is
//! the Pareto front, from which nothing can be taken without giving something. And a setting that
//! was chosen on a recording looks better on it than it is: so the recording can be split, the front
//! is chosen on the first part, and the second part is played only for what was chosen.
//!
//! Settings are named by JSON pointers (RFC 6901) into the policy as JSON: `/strategy/cover`,
//! `/guards/bounds/max_nodes`. The order of the points, and which ones a random search draws, follow
//! from the settings and the seed alone.

mod data;
mod error;
mod front;
mod run;
mod search;
mod setting;

pub use data::{Axes, Point, RefusedPoint, SplitFacts, Sweep};
pub use error::SweepError;
pub use front::pareto_front;
pub use run::{Sweeping, sweep};
pub use search::{Refusals, Search, Split, SweepOptions};
pub use setting::{Setting, SettingError, Values};

pub(super) use data::plain;
