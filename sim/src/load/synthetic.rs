//! Curves that are computed: a day, and a crowd.
//!
//! A sine from the platform's mathematics library may differ in its last bit between a native
//! build and a browser, and one bit is enough to send two runs apart. The day is therefore drawn
//! with the rational approximation of Bhāskara I (7th century), which needs integers only.

use quorate::Micros;

/// Day and night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diurnal {
    /// Milli-requests per second at night.
    pub(super) low: u64,
    /// Milli-requests per second at noon, not less than `low`.
    pub(super) high: u64,
    /// The length of a day, not zero.
    pub(super) period: Micros,
}

impl Diurnal {
    /// Milli-requests per second at `now`: `low + (high - low)·sin²(π·now/period)`.
    pub fn rate_at(&self, now: Micros) -> u64 {
        let sine = half_sine(share(ONE, now.0 % self.period.0, self.period.0));
        self.low + share(self.high - self.low, sine * sine, ONE * ONE)
    }
}

/// The unit of phases and sines, 2^30. Its square, and five times that, still fit into 64 bits.
const ONE: u64 = 1 << 30;

/// `sin(π·u)` for `u` from 0 to 1, as `16·u·(1-u) / (5 - 4·u·(1-u))`: at most 0.0017 off, and
/// exact at 0, 1/6, 1/2, 5/6 and 1.
fn half_sine(u: u64) -> u64 {
    let product = u * (ONE - u);
    share(ONE, 16 * product, 5 * ONE * ONE - 4 * product)
}

/// A crowd that comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashCrowd {
    /// Milli-requests per second before and after.
    pub(super) base: u64,
    /// Milli-requests per second of the plateau, not less than `base`.
    pub(super) peak: u64,
    /// When the rise begins.
    pub(super) at: Micros,
    /// How long it rises.
    pub(super) rise: Micros,
    /// How long it stays.
    pub(super) hold: Micros,
    /// How long it falls.
    pub(super) fall: Micros,
}

impl FlashCrowd {
    /// Milli-requests per second at `now`.
    pub fn rate_at(&self, now: Micros) -> u64 {
        let height = self.peak - self.base;
        let top = self.at + self.rise;
        let ebb = top + self.hold;
        let end = ebb + self.fall;
        let above_base = if now < self.at || now >= end {
            0
        } else if now < top {
            share(height, (now - self.at).0, self.rise.0)
        } else if now < ebb {
            height
        } else {
            share(height, (end - now).0, self.fall.0)
        };
        self.base + above_base
    }
}

/// `amount · part / whole`, rounded down, for a `part` of a `whole` that is not zero.
fn share(amount: u64, part: u64, whole: u64) -> u64 {
    let share = u128::from(amount) * u128::from(part) / u128::from(whole);
    u64::try_from(share).expect("a share is not more than the amount")
}
