//! Waiting longer after every failure.
//!
//! A cloud that refuses is asked again, but not at once, and not by all its customers in the same
//! second: the wait doubles up to a cap, and a part of it is drawn by lot. The lot is drawn from the
//! seed, the order and the count of failures, so that nothing but these has to survive a restart.

use super::{ControllerSettings, OrderId};
use crate::{Micros, Random};

/// The failures of one direction since its last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub(super) struct Backoff {
    /// In a row.
    pub(super) failures: u32,
    /// Nothing is ordered before.
    #[cfg_attr(feature = "serde", serde(rename = "until_micros"))]
    pub(super) until: Micros,
}

impl Backoff {
    /// Notes that `order` failed.
    pub(super) fn fail(&mut self, settings: &ControllerSettings, order: OrderId, now: Micros) {
        let longest = settings.doubled(settings.backoff, self.failures);
        self.failures = self.failures.saturating_add(1);
        let jitter = u128::from(longest.0) * u128::from(settings.jitter_permille) / 1_000;
        let shortest = longest - Micros(u64::try_from(jitter).unwrap_or(u64::MAX));
        let lot = settings.seed ^ order.term.rotate_left(40) ^ order.number.rotate_left(20);
        let mut random = Random::new(lot ^ u64::from(self.failures));
        self.until = now + random.span(shortest, longest);
    }

    /// Notes a success.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}
