//! How fast simulated time passes.
//!
//! A cluster lives between microseconds and days, so speeds are spread on a logarithmic scale.
//! A continuous slider would never land exactly on the speeds people ask for (1×, 10×); the
//! scale is therefore a list of stops, 1-2-5 per decade, and the slider and the keys walk it.

use core::fmt;

use quorate::Micros;

/// One stop of the scale: simulated seconds per second of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed {
    /// Position in `STOPS`; always in range.
    stop: usize,
}

/// The scale as fractions, slowest first.
const STOPS: [(u64, u64); 11] = [
    (1, 20),
    (1, 10),
    (1, 5),
    (1, 2),
    (1, 1),
    (2, 1),
    (5, 1),
    (10, 1),
    (20, 1),
    (50, 1),
    (100, 1),
];

impl Speed {
    /// The last stop.
    pub const FASTEST: Self = Self {
        stop: STOPS.len() - 1,
    };
    /// One simulated second per second.
    pub const REAL_TIME: Self = Self { stop: 4 };
    /// Slow enough to see messages travel, fast enough to see an election within seconds.
    pub const INITIAL: Self = Self { stop: 1 };

    /// The stop with this number; beyond the end of the scale, its end.
    pub fn at(stop: usize) -> Self {
        Self {
            stop: stop.min(STOPS.len() - 1),
        }
    }

    /// Its number on the scale, from zero.
    pub const fn stop(self) -> usize {
        self.stop
    }

    /// One stop up, or the same at the end.
    #[must_use]
    pub fn faster(self) -> Self {
        Self::at(self.stop + 1)
    }

    /// One stop down, or the same at the start.
    #[must_use]
    pub const fn slower(self) -> Self {
        Self {
            stop: self.stop.saturating_sub(1),
        }
    }

    /// The simulated time that passes in `wall`.
    pub const fn simulated(self, wall: Micros) -> Micros {
        let (numerator, denominator) = STOPS[self.stop];
        Micros(wall.0.saturating_mul(numerator) / denominator)
    }
}

impl fmt::Display for Speed {
    /// `1/20 ×`, `10 ×`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match STOPS[self.stop] {
            (numerator, 1) => write!(f, "{numerator} ×"),
            (numerator, denominator) => write!(f, "{numerator}/{denominator} ×"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_rises_and_holds_the_speeds_people_ask_for() {
        let speeds: Vec<_> = (0..STOPS.len()).map(Speed::at).collect();
        let second = Micros::from_secs(1);
        assert!(
            speeds
                .windows(2)
                .all(|pair| pair[0].simulated(second) < pair[1].simulated(second))
        );
        let words: Vec<_> = speeds.iter().map(ToString::to_string).collect();
        for wanted in ["1/20 ×", "1 ×", "10 ×", "100 ×"] {
            assert!(
                words.iter().any(|word| word == wanted),
                "{wanted} is not on the scale"
            );
        }
        assert_eq!(Speed::REAL_TIME.simulated(second), second);
    }

    #[test]
    fn the_ends_of_the_scale_hold() {
        assert_eq!(Speed::FASTEST.faster(), Speed::FASTEST);
        assert_eq!(Speed::at(0).slower(), Speed::at(0));
        assert_eq!(Speed::at(usize::MAX), Speed::FASTEST);
        assert_eq!(Speed::at(3).faster().slower(), Speed::at(3));
    }
}
