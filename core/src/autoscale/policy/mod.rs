//! The policies, behind one enum.
//!
//! A host holds a [`Policy`] and calls [`decide`](super::decide); which rule is inside is data,
//! from a scenario file or a URL, and not a type parameter that spreads through the host.

mod threshold;

pub use threshold::{Evaluation, Reading, Threshold, ThresholdError, ThresholdSettings};

use super::{Bounds, State};
use crate::Micros;

/// A rule that turns observations into decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Policy {
    /// Two thresholds per resource and one cooldown.
    Threshold(Threshold),
}

impl Policy {
    /// The smallest and the largest fleet.
    pub const fn bounds(&self) -> Bounds {
        match self {
            Self::Threshold(threshold) => threshold.settings().bounds,
        }
    }

    /// The time between two evaluations.
    pub const fn evaluation_interval(&self) -> Micros {
        match self {
            Self::Threshold(threshold) => threshold.settings().evaluation_interval,
        }
    }

    /// When the next evaluation is due: at once if there was none yet.
    pub fn next_evaluation(&self, state: &State) -> Micros {
        state
            .last_evaluation()
            .map_or(Micros::ZERO, |last| last + self.evaluation_interval())
    }
}

impl Default for Policy {
    /// [`Threshold`] with its default settings.
    fn default() -> Self {
        Self::Threshold(Threshold::default())
    }
}
