//! A clock for last-writer-wins that never goes back.
//!
//! A plain wall clock does: it is set back, it is read twice within a microsecond, and a peer's runs
//! ahead of it. A write stamped by it loses against the very write that it replaces. A hybrid clock
//! (Kulkarni et al., *Logical physical clocks*, 2014) takes the wall clock as long as that moves on,
//! and counts where it does not.

use core::fmt;

use crate::Micros;

/// When a write happened: a time, and a number for writes that share it.
///
/// Ordered by time, then number. Stamps of different replicas can be equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stamp {
    /// The latest time that any clock involved had shown.
    pub time: Micros,
    /// How many stamps with this time came before, as far as the writer knew.
    pub logical: u32,
}

/// Gives stamps above every stamp it gave or saw.
///
/// ```
/// use quorate::Micros;
/// use quorate::crdt::HybridClock;
///
/// let mut clock = HybridClock::new();
/// let first = clock.tick(Micros(500))?;
/// let after_the_clock_was_set_back = clock.tick(Micros(3))?;
/// assert!(after_the_clock_was_set_back > first);
/// # Ok::<(), quorate::crdt::ClockExhausted>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HybridClock {
    /// The highest stamp given or seen.
    last: Stamp,
}

/// A stamp at the end of time was seen: there is none above it.
///
/// It takes a peer that is wrong by half a million years. A door that judges skew does not let its
/// message in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockExhausted;

impl Stamp {
    /// The last there is.
    pub const MAX: Self = Self {
        time: Micros::MAX,
        logical: u32::MAX,
    };

    /// How many bytes it takes.
    pub(super) const LEN: usize = 12;

    /// Big endian, so that the order of the bytes is the order of the stamps.
    pub(super) fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..8].copy_from_slice(&self.time.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.logical.to_be_bytes());
        bytes
    }

    /// The stamp at the front of the bytes, and what follows it: the payload of a register's event is
    /// a stamp and a value. `None` if they are too few.
    pub fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (time, rest) = bytes.split_first_chunk()?;
        let (logical, rest) = rest.split_first_chunk()?;
        let stamp = Self {
            time: Micros(u64::from_be_bytes(*time)),
            logical: u32::from_be_bytes(*logical),
        };
        Some((stamp, rest))
    }
}

impl HybridClock {
    /// A clock that has seen nothing.
    pub const fn new() -> Self {
        Self {
            last: Stamp {
                time: Micros::ZERO,
                logical: 0,
            },
        }
    }

    /// The highest stamp given or seen.
    pub fn last(&self) -> Stamp {
        self.last
    }

    /// Takes note of somebody's stamp.
    pub fn observe(&mut self, stamp: Stamp) {
        self.last = self.last.max(stamp);
    }

    /// The next stamp: above all before it, and not before `now`.
    pub fn tick(&mut self, now: Micros) -> Result<Stamp, ClockExhausted> {
        let stamp = if now > self.last.time {
            Stamp {
                time: now,
                logical: 0,
            }
        } else {
            self.last.next().ok_or(ClockExhausted)?
        };
        self.last = stamp;
        Ok(stamp)
    }
}

impl Stamp {
    /// The next one. After the last number of an instant comes the next instant.
    fn next(self) -> Option<Self> {
        if let Some(logical) = self.logical.checked_add(1) {
            return Some(Self { logical, ..self });
        }
        let time = Micros(self.time.0.checked_add(1)?);
        Some(Self { time, logical: 0 })
    }
}

impl fmt::Display for Stamp {
    /// `12.384+1`: seconds, and the number if it is not zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.time)?;
        if self.logical > 0 {
            write!(f, "+{}", self.logical)?;
        }
        Ok(())
    }
}

impl fmt::Display for ClockExhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stamp at the end of time was seen; no write can come after it")
    }
}

impl core::error::Error for ClockExhausted {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wall_clock_is_taken_as_long_as_it_moves_on() {
        let mut clock = HybridClock::new();
        for now in [3, 4, 900] {
            let stamp = clock.tick(Micros(now)).unwrap();
            assert_eq!((stamp.time, stamp.logical), (Micros(now), 0));
        }
        let stamp = clock.tick(Micros(900)).unwrap();
        assert_eq!((stamp.time, stamp.logical), (Micros(900), 1));
    }

    #[test]
    fn the_number_carries_into_the_time_and_the_end_of_time_is_an_error() {
        let mut clock = HybridClock::new();
        let full = Stamp {
            time: Micros(7),
            logical: u32::MAX,
        };
        clock.observe(full);
        let next = clock.tick(Micros(1)).unwrap();
        assert_eq!((next.time, next.logical), (Micros(8), 0));
        clock.observe(Stamp::MAX);
        assert_eq!(clock.tick(Micros(9)), Err(ClockExhausted));
        assert_eq!(clock.last(), Stamp::MAX);
    }

    #[test]
    fn bytes_are_ordered_like_the_stamps_and_short_ones_are_none() {
        let stamp = |time, logical| Stamp {
            time: Micros(time),
            logical,
        };
        let stamps = [stamp(0, 1), stamp(0, 256), stamp(1, 0), stamp(256, 0)];
        assert!(stamps.is_sorted_by_key(|stamp| stamp.to_bytes()));
        for stamp in stamps {
            let bytes = [&stamp.to_bytes()[..], b"value"].concat();
            assert_eq!(Stamp::split(&bytes), Some((stamp, &b"value"[..])));
            assert_eq!(Stamp::split(&bytes[..Stamp::LEN - 1]), None);
        }
    }
}
