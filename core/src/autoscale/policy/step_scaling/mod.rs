//! Step scaling of Amazon EC2 Auto Scaling: an alarm, and bands of breach with a step each.
//!
//! One step for every breach is too small for a flood and too large for a drizzle. Here the
//! distance between the metric and the threshold of its alarm selects a band, and the band a
//! step: a number of instances, a percentage of the capacity, or an exact capacity.
//!
//! | stage | file |
//! |---|---|
//! | how long the metric must breach | `alarm` |
//! | which band a breach falls into | `bands` |
//! | what a step makes of a capacity, and how that is rounded | `adjustment` |
//! | instances that warm up or terminate, bounds | `group` |
//!
//! [`StepScaling`] puts them together for a fleet of nodes; its [`StepScalingRecord`] keeps every
//! number.
//!
//! All of it is integer arithmetic: metrics are thousandths, percentages are of whole instances
//! and rounded as documented, which is neither down nor up. After the Amazon EC2 Auto Scaling
//! User Guide, "Step and simple scaling policies", and the API reference of `StepAdjustment`.

mod adjustment;
mod alarm;
mod bands;
mod evaluate;
mod group;
mod record;
mod settings;

pub use adjustment::{Adjusted, Adjustment, AdjustmentType, round_change};
pub use alarm::{Alarm, AlarmState, Comparison};
pub use bands::{BandError, Bands, StepAdjustment};
pub use evaluate::StepScalingState;
pub use group::{Capacity, Group, GroupRule, GroupStep, WarmUp};
pub use record::{PolicyRecord, StepScalingRecord, StepScalingRule};
pub use settings::{StepPolicy, StepScaling, StepScalingError, StepScalingSettings};
