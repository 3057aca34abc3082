//! Time as an argument.

use core::fmt;
use core::ops::{Add, Sub};

/// A point on the host's monotonic clock, or a span of it, in microseconds.
///
/// The kernel never reads a clock: every entry point that needs the time takes it as `now`.
/// Arithmetic saturates, so a host whose clock jumps backwards sees an age of zero and not a
/// panic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Micros(pub u64);

impl Micros {
    /// The start of time.
    pub const ZERO: Self = Self(0);
    /// Further away than any deadline.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// A span of whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// How long ago `earlier` was; zero if it lies in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// So many spans like this one after the other.
    #[must_use]
    pub(crate) const fn times(self, count: u64) -> Self {
        if self.0.leading_zeros() + count.leading_zeros() >= u64::BITS {
            // The product fits for certain; checking it is a call of its own in WebAssembly.
            return Self(self.0 * count);
        }
        Self(self.0.saturating_mul(count))
    }

    /// Whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, span: Self) -> Self {
        self.since(span)
    }
}

impl fmt::Display for Micros {
    /// Seconds with three decimals: `12.384`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000_000, self.0 / 1_000 % 1_000)
    }
}
