//! Datadog's Watermark Pod Autoscaler: two watermarks, a band of silence between them, and limits
//! on speed and patience.
//!
//! A single target makes every small deviation a reason to act. Between two watermarks nothing
//! happens; outside, the count is brought back *to the watermark that was crossed*, no faster than
//! a percentage of what is there, no sooner than a forbidden window after the last change, and
//! only if the metric has been outside for long enough.
//!
//! | stage | file |
//! |---|---|
//! | usage and watermarks become a proposal | `watermark` |
//! | how many pods are ready enough to be believed | `readiness` |
//! | velocity limits and bounds | `limits` |
//! | forbidden windows and delays | `patience` |
//! | the whole step with its short cuts | `reconcile` |
//!
//! [`Wpa`] puts them together for a fleet of nodes; its [`WpaRecord`] keeps every number.
//!
//! The original computes in IEEE doubles between `i32` counts, and so does this copy. After
//! `DataDog/watermarkpodautoscaler`, `controllers/datadoghq/replica_calculator.go` and
//! `watermarkpodautoscaler_controller.go` (Apache-2.0).

mod evaluate;
mod limits;
mod patience;
mod readiness;
mod reconcile;
mod record;
mod settings;
mod watermark;

pub use evaluate::WpaState;
pub use limits::{LimitReason, Limits, Normalized};
pub use patience::{Countdown, Patience, Permission, Regime, Status};
pub use readiness::{Availability, NotAvailable};
pub use reconcile::{ReconcileRule, Reconciled, Scale, reconcile};
pub use record::{MetricRecord, Outcome, WpaRecord, WpaRule};
pub use settings::{Wpa, WpaError, WpaMetric, WpaSettings};
pub use watermark::{
    Algorithm, Converge, Outside, Position, Proposal, Usage, WatermarkError, Watermarks, combine,
};
