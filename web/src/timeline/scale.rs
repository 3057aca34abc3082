//! Time on a horizontal axis.

use quorate::Micros;

use crate::canvas::real;

/// A stretch of time on a stretch of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// The time at the left end.
    pub(super) from: Micros,
    /// The time at the right end; later than `from`.
    pub(super) to: Micros,
    /// The left end.
    pub(super) left: f64,
    /// The right end.
    pub(super) right: f64,
}

impl Scale {
    /// Where a moment lies; outside of the axis for moments outside of its time.
    pub(super) fn x(&self, at: Micros) -> f64 {
        let offset = real(at.0) - real(self.from.0);
        self.left + offset / self.span() * self.width()
    }

    /// The moment at `x`, within the axis.
    pub(super) fn time(&self, x: f64) -> Micros {
        let share = ((x - self.left) / self.width()).clamp(0.0, 1.0);
        Micros(self.from.0 + whole(share * self.span()))
    }

    /// The span of time that `width` takes.
    pub(super) fn span_of(&self, width: f64) -> Micros {
        Micros(whole(width.abs() / self.width() * self.span()))
    }

    /// How wide the axis is.
    pub(super) fn width(&self) -> f64 {
        (self.right - self.left).max(1.0)
    }

    fn span(&self) -> f64 {
        real(self.to.since(self.from).0.max(1))
    }

    /// The ticks: a round distance at least `least` wide, and all its multiples on the axis.
    pub(super) fn ticks(&self, least: f64) -> (Micros, impl Iterator<Item = Micros> + use<>) {
        let least = self.span_of(least).0;
        let distance = STEPS
            .iter()
            .copied()
            .find(|step| *step >= least)
            .unwrap_or(DAY);
        let multiples = self.from.0.div_ceil(distance)..=self.to.0 / distance;
        (
            Micros(distance),
            multiples.map(move |i| Micros(i * distance)),
        )
    }
}

const DAY: u64 = 86_400_000_000;

/// Round distances between ticks: one, two and five of each decade of a second, then what clocks
/// count in.
const STEPS: [u64; 28] = [
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    15_000_000,
    30_000_000,
    60_000_000,
    120_000_000,
    300_000_000,
    600_000_000,
    900_000_000,
    1_800_000_000,
    3_600_000_000,
    7_200_000_000,
    21_600_000_000,
    43_200_000_000,
];

/// A tick in words: as few digits as tell it from its neighbours `step` away, in a run that lasts
/// until `end`.
pub(super) fn tick_label(at: Micros, step: Micros, end: Micros) -> String {
    let decimals: usize = match step.0 {
        0..1_000 => 4,
        1_000..10_000 => 3,
        10_000..100_000 => 2,
        100_000..1_000_000 => 1,
        _ => 0,
    };
    let fraction = match decimals {
        0 => String::new(),
        _ => format!(".{}", &format!("{:06}", at.0 % 1_000_000)[..decimals]),
    };
    let seconds = at.as_secs();
    if end < Micros::from_secs(120) {
        format!("{seconds}{fraction} s")
    } else if end <= Micros::from_secs(3_600) {
        format!("{}:{:02}{fraction}", seconds / 60, seconds % 60)
    } else if step.0 >= 60_000_000 {
        format!("{}:{:02}", seconds / 3_600, seconds / 60 % 60)
    } else {
        format!(
            "{}:{:02}:{:02}{fraction}",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// Where the upper axis ends: the end of the run, or, in a long run that has only begun, a round
/// time a little ahead of what was reached, so that the beginning is not one pixel wide.
pub(super) fn horizon(until: Micros, reached: Micros) -> Micros {
    const FIRST: u64 = 60;
    let ahead = Micros(reached.0.saturating_add(reached.0 / 8));
    let mut end = FIRST;
    for factor in [2, 5, 10, 15, 30, 60, 120, 360, 720, 1_440, 2_880, 10_080] {
        if ahead <= Micros::from_secs(end) {
            break;
        }
        end = FIRST * factor;
    }
    let end = Micros::from_secs(end).max(ahead);
    end.min(until.max(reached)).max(Micros(1))
}

/// A length as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=2^53"
)]
pub(super) fn whole(value: f64) -> u64 {
    value.round().clamp(0.0, 9_007_199_254_740_992.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(from: u64, to: u64) -> Scale {
        Scale {
            from: Micros(from),
            to: Micros(to),
            left: 100.0,
            right: 1_100.0,
        }
    }

    #[test]
    fn a_moment_and_its_place_belong_together() {
        let scale = scale(11_490_000, 12_430_000);
        for at in [11_490_000, 11_620_000, 12_384_000, 12_430_000] {
            assert_eq!(scale.time(scale.x(Micros(at))), Micros(at));
        }
        assert_eq!(scale.time(0.0), Micros(11_490_000));
        assert_eq!(scale.time(9_999.0), Micros(12_430_000));
        assert!(scale.x(Micros::ZERO) < 0.0);
    }

    #[test]
    fn ticks_are_round_and_far_enough_apart() {
        for span in [500, 7_000, 940_000, 13_000_000, 720_000_000, 86_400_000_000] {
            let scale = scale(0, span);
            let (step, ticks) = scale.ticks(64.0);
            let ticks: Vec<_> = ticks.collect();
            assert!(ticks.len() <= 17, "{span}: {} ticks", ticks.len());
            assert!(ticks.len() >= 3, "{span}: {} ticks", ticks.len());
            assert!(ticks.iter().all(|at| at.0 % step.0 == 0));
        }
        let (step, ticks) = scale(11_490_000, 12_430_000).ticks(64.0);
        assert_eq!((step, ticks.count()), (Micros(100_000), 10));
    }

    #[test]
    fn labels_have_the_digits_their_step_needs() {
        let short = Micros::from_secs(13);
        assert_eq!(
            tick_label(Micros(11_600_000), Micros(100_000), short),
            "11.6 s"
        );
        assert_eq!(
            tick_label(Micros(12_000_000), Micros(1_000_000), short),
            "12 s"
        );
        assert_eq!(
            tick_label(Micros(12_384_000), Micros(1_000), short),
            "12.384 s"
        );
        let middle = Micros::from_secs(1_320);
        assert_eq!(
            tick_label(Micros(1_206_000_000), Micros(1_000_000), middle),
            "20:06"
        );
        let day = Micros::from_secs(86_400);
        assert_eq!(
            tick_label(Micros(7_200_000_000), Micros(3_600_000_000), day),
            "2:00"
        );
        assert_eq!(
            tick_label(Micros(7_203_000_000), Micros(1_000_000), day),
            "2:00:03"
        );
    }

    #[test]
    fn the_horizon_keeps_ahead_of_a_long_run() {
        let day = Micros::from_secs(86_400);
        assert_eq!(
            horizon(Micros::from_secs(30), Micros::ZERO),
            Micros::from_secs(30)
        );
        assert_eq!(horizon(day, Micros::from_secs(3)), Micros::from_secs(60));
        assert_eq!(horizon(day, Micros::from_secs(100)), Micros::from_secs(120));
        assert_eq!(horizon(day, Micros::from_secs(86_000)), day);
        for reached in (0..86_400).step_by(61) {
            let reached = Micros::from_secs(reached);
            assert!(horizon(day, reached) >= reached);
        }
    }
}
