//! The host's clock, and what it means in UTC.
//!
//! The kernel's time is any clock that does not go back, mostly one that began with the process.
//! Sales and bills follow the calendar. The two meet in one number: the UTC time when the host's
//! clock was zero.

use crate::Micros;

/// A moment on the host's clock that can be told in UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    now: Micros,
    utc_at_zero: Micros,
}

impl Calendar {
    /// The moment `now` of a clock that was zero at `utc_at_zero`.
    pub(super) const fn new(now: Micros, utc_at_zero: Micros) -> Self {
        Self { now, utc_at_zero }
    }

    /// The moment on the host's clock.
    pub(super) const fn now(self) -> Micros {
        self.now
    }

    /// The moment in UTC.
    pub(super) fn utc_now(self) -> Micros {
        self.utc(self.now)
    }

    /// Another moment of the host's clock in UTC.
    pub(super) fn utc(self, host: Micros) -> Micros {
        host + self.utc_at_zero
    }

    /// A moment in UTC on the host's clock.
    pub(super) fn host(self, utc: Micros) -> Micros {
        utc - self.utc_at_zero
    }
}
