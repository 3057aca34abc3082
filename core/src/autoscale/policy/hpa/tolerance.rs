//! How far a metric may be off its target before anything happens.
//!
//! Without a tolerance the fleet follows the noise of the metric. One number for both directions
//! is not enough either: too few nodes hurt at once, too many only cost, so the two sides are set
//! apart (KEP-4951).

/// The ratio of usage to target that is close enough to one, per direction.
///
/// The comparison is that of the copied system, in doubles: `1 - down <= ratio <= 1 + up`, both
/// ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Finite.
    down: f64,
    /// Finite.
    up: f64,
}

impl Tolerance {
    /// Ratios from `1 - down` to `1 + up` change nothing. `None` unless both are finite.
    pub fn new(down: f64, up: f64) -> Option<Self> {
        (down.is_finite() && up.is_finite()).then_some(Self { down, up })
    }

    /// The tolerances in millionths, as settings state them. 100,000 gives the same double as 0.1.
    pub fn from_millionths(down: u32, up: u32) -> Self {
        Self {
            down: f64::from(down) / 1e6,
            up: f64::from(up) / 1e6,
        }
    }

    /// How far a ratio may lie below one.
    pub const fn down(self) -> f64 {
        self.down
    }

    /// How far a ratio may lie above one.
    pub const fn up(self) -> f64 {
        self.up
    }

    /// Whether `ratio` is close enough to one.
    pub fn contains(self, ratio: f64) -> bool {
        (1.0 - self.down) <= ratio && ratio <= (1.0 + self.up)
    }
}

impl Default for Tolerance {
    /// 0.1 in both directions, the controller's `--horizontal-pod-autoscaler-tolerance`.
    fn default() -> Self {
        Self { down: 0.1, up: 0.1 }
    }
}
