//! The seed's last-writer-wins register.

use quorate::Micros;

/// What lies further ahead of the local clock is not believed.
const MAX_SKEW: Micros = Micros::from_secs(60 * 60);

/// A value, when it was written by the wall clock there, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeedRegister {
    pub(super) value: String,
    pub(super) timestamp: Micros,
    pub(super) node: String,
}

impl SeedRegister {
    pub(super) fn written(value: &str, timestamp: Micros, node: &str) -> Self {
        Self {
            value: value.to_owned(),
            timestamp,
            node: node.to_owned(),
        }
    }

    /// The seed's merge. It asks the local clock, and of two equals it keeps its own.
    pub(super) fn merge(&self, other: &Self, local_clock: Micros) -> Self {
        let suspicious = other.timestamp > local_clock + MAX_SKEW;
        let newer = (other.timestamp, &other.node) > (self.timestamp, &self.node);
        let winner = if newer && !suspicious { other } else { self };
        winner.clone()
    }
}
