//! Knative's pod autoscaler: a slow average that decides and a fast one that panics.
//!
//! The load of the whole fleet is averaged twice, over a stable window (60 s) and over a panic
//! window (a tenth of that). Scaling by the slow average alone is late for every burst; scaling by
//! the fast one alone follows every dip. So the slow one decides, until the fast one asks for
//! twice as many pods as are ready: then the policy *panics*, takes the larger of the two, and
//! removes nothing until the surge has been over for a whole stable window.
//!
//! Each stage is a function of its own with explicit state and time:
//!
//! | stage | file |
//! |---|---|
//! | samples become two averages | `average_window` |
//! | one tick: rates, activation, panic, burst capacity | `decider` |
//! | a removal waits until it was wanted for the whole delay | `delay_window` |
//! | the last pod goes only when requests are buffered elsewhere | `scale_to_zero` |
//!
//! [`Kpa`] puts them together for a fleet of nodes; its [`KpaRecord`] keeps every number.
//!
//! Knative computes in IEEE doubles, and so does this copy, with the same operations in the same
//! order. After `knative/serving`, `pkg/autoscaler/scaling/autoscaler.go`,
//! `pkg/autoscaler/aggregation` and `pkg/reconciler/autoscaling/kpa/scaler.go` (Apache-2.0).

mod average_window;
mod decider;
mod delay_window;
mod evaluate;
mod record;
mod scale_to_zero;
mod settings;

pub use average_window::{Aggregation, AverageWindow, WindowError};
pub use decider::{Decider, DeciderSpec, Load, Mode, NotFinite, SpecError, SpecField, State, Tick};
pub use delay_window::{DelayWindow, TICK_INTERVAL};
pub use evaluate::KpaState;
pub use record::{KpaRecord, KpaRule, Reading, Sleep};
pub use scale_to_zero::{Activity, ScaleToZero, ZeroDecision, apply_bounds};
pub use settings::{Kpa, KpaError, KpaSettings, Percentage};
