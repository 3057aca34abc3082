//! The part of the run that the space-time diagram shows: the brush on the upper track.
//!
//! While the run moves, the window should move with it, but not against its reader: who pans
//! away to look at something must not be dragged back. So the window follows the present exactly
//! as long as the present lies inside it.

use quorate::Micros;

use super::scale::whole;
use crate::canvas::real;

/// Which part of the run is shown in detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// All of it.
    Whole,
    /// A span around the present, which lies at a fixed share of it.
    Following {
        /// How much.
        span: Micros,
        /// How much of it lies before the present, in thousandths.
        before: u32,
    },
    /// A span that stays where it is.
    Fixed {
        /// Where it starts.
        from: Micros,
        /// How much.
        span: Micros,
    },
}

/// One edge of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// The earlier one.
    Left,
    /// The later one.
    Right,
}

/// What the window depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Present {
    /// The simulated time.
    pub(super) now: Micros,
    /// Where the upper track ends.
    pub(super) end: Micros,
}

/// The least span that can be shown: a message takes a few milliseconds.
const LEAST: u64 = 2_000;

impl Window {
    /// What is shown first in a run that lasts until `until`: enough to see single messages in
    /// short runs, more in long ones, where they would only flicker.
    pub(super) fn initial(until: Micros) -> Self {
        let span = Micros::from_secs(1).max(Micros(until.0 / 900));
        Self::Following { span, before: 940 }
    }

    /// The first and the last moment shown.
    pub(super) fn range(self, present: Present) -> (Micros, Micros) {
        let end = present.end.max(Micros(1));
        let (from, span) = match self {
            Self::Whole => (Micros::ZERO, end),
            Self::Following { span, before } => {
                let lead = Micros(span.0 / 1_000 * u64::from(before));
                (present.now - lead, span)
            }
            Self::Fixed { from, span } => (from, span),
        };
        let span = Micros(span.0.clamp(LEAST.min(end.0), end.0));
        // A window that follows may reach past the end of the track; others stay on it.
        let last_start = match self {
            Self::Following { .. } => end,
            _ => end - span,
        };
        let from = from.min(last_start);
        (from, from + span)
    }

    /// The window over a given range. It follows the present if that lies inside.
    fn over(from: Micros, to: Micros, present: Present) -> Self {
        let span = to - from;
        if from == Micros::ZERO && to >= present.end {
            Self::Whole
        } else if (from..=to).contains(&present.now) {
            let before = (present.now - from).0 * 1_000 / span.0.max(1);
            Self::Following {
                span,
                before: u32::try_from(before).unwrap_or(1_000).min(970),
            }
        } else {
            Self::Fixed { from, span }
        }
    }

    /// `factor` times as much, with the moment `at` in its place.
    pub(super) fn zoomed(self, factor: f64, at: Micros, present: Present) -> Self {
        let (from, to) = self.range(present);
        let span = real((to - from).0);
        let new_span = (span * factor).clamp(real(LEAST), real(present.end.0).max(real(LEAST)));
        let share = (real(at.0) - real(from.0)) / span;
        let start = whole(real(at.0) - new_span * share);
        let start = start.min(present.end.0.saturating_sub(whole(new_span)).max(from.0));
        Self::over(Micros(start), Micros(start + whole(new_span)), present)
    }

    /// Moved to later moments (`width` of time to the right) or to earlier ones.
    pub(super) fn panned(self, by: f64, present: Present) -> Self {
        let (from, to) = self.range(present);
        let span = (to - from).0;
        let latest = present
            .end
            .0
            .saturating_sub(span)
            .max(from.0.min(present.end.0));
        let start = whole(real(from.0) + by).min(latest);
        Self::over(Micros(start), Micros(start + span), present)
    }

    /// With one edge moved to `to`; the other stays.
    pub(super) fn with_edge(self, edge: Edge, to: Micros, present: Present) -> Self {
        let (left, right) = self.range(present);
        let right = right.min(present.end);
        match edge {
            Edge::Left => Self::over(to.min(right - Micros(LEAST)), right, present),
            Edge::Right => Self::over(left, to.max(left + Micros(LEAST)), present),
        }
    }

    /// The range in steps of a quarter of the window, for who wants less motion.
    pub(super) fn stepwise(self, present: Present) -> (Micros, Micros) {
        let (from, to) = self.range(present);
        match self {
            Self::Following { .. } => {
                let step = ((to - from).0 / 4).max(1);
                let from = Micros(from.0.div_ceil(step) * step);
                (from, from + Micros(step * 4))
            }
            _ => (from, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = Micros::from_secs(1);

    fn present(now_ms: u64) -> Present {
        Present {
            now: Micros::from_millis(now_ms),
            end: Micros::from_secs(30),
        }
    }

    #[test]
    fn it_follows_the_present() {
        let window = Window::initial(Micros::from_secs(30));
        assert_eq!(window.range(present(0)), (Micros::ZERO, SECOND));
        let (from, to) = window.range(present(12_384));
        assert_eq!((from, to), (Micros(11_444_000), Micros(12_444_000)));
        let (from, to) = window.range(present(30_000));
        assert!(from < Micros::from_secs(30) && to > Micros::from_secs(30));
    }

    #[test]
    fn zooming_keeps_the_moment_under_the_pointer() {
        let window = Window::Following {
            span: SECOND,
            before: 500,
        };
        let at = Micros::from_millis(10_200);
        let zoomed = window.zoomed(0.5, at, present(10_000));
        let (from, to) = zoomed.range(present(10_000));
        assert_eq!((from, to), (Micros(9_850_000), Micros(10_350_000)));
        assert!(
            matches!(zoomed, Window::Following { .. }),
            "the present is still inside"
        );
        let away = zoomed.zoomed(0.1, Micros(10_340_000), present(10_000));
        assert!(
            matches!(away, Window::Fixed { .. }),
            "the present is outside now"
        );
    }

    #[test]
    fn zooming_out_ends_at_the_whole_run_and_in_at_two_milliseconds() {
        let mut window = Window::initial(Micros::from_secs(30));
        for _ in 0..30 {
            window = window.zoomed(2.0, Micros::from_secs(9), present(9_000));
        }
        assert_eq!(window, Window::Whole);
        for _ in 0..60 {
            window = window.zoomed(0.5, Micros::from_secs(9), present(9_000));
        }
        let (from, to) = window.range(present(9_000));
        assert_eq!((to - from).0, LEAST);
    }

    #[test]
    fn panning_away_stops_following_and_back_resumes() {
        let window = Window::Following {
            span: SECOND,
            before: 900,
        };
        let away = window.panned(-2_000_000.0, present(10_000));
        assert_eq!(
            away,
            Window::Fixed {
                from: Micros(7_100_000),
                span: SECOND
            }
        );
        assert_eq!(
            away.range(present(20_000)),
            (Micros(7_100_000), Micros(8_100_000))
        );
        let back = away.panned(2_000_000.0, present(10_000));
        assert!(matches!(back, Window::Following { .. }));
        let first = away.panned(-99e9, present(10_000));
        assert_eq!(
            first,
            Window::Fixed {
                from: Micros::ZERO,
                span: SECOND
            }
        );
    }

    #[test]
    fn edges_move_one_at_a_time_and_do_not_cross() {
        let window = Window::Fixed {
            from: Micros::from_secs(4),
            span: SECOND,
        };
        let wider = window.with_edge(Edge::Left, Micros::from_secs(2), present(20_000));
        let seconds = |from, to| (Micros::from_secs(from), Micros::from_secs(to));
        assert_eq!(wider.range(present(20_000)), seconds(2, 5));
        let crossed = window.with_edge(Edge::Left, Micros::from_secs(9), present(20_000));
        assert_eq!(
            crossed.range(present(20_000)),
            (Micros(4_998_000), Micros(5_000_000))
        );
        let later = window.with_edge(Edge::Right, Micros::from_secs(7), present(20_000));
        assert_eq!(later.range(present(20_000)), seconds(4, 7));
    }

    #[test]
    fn with_less_motion_it_jumps() {
        let window = Window::Following {
            span: SECOND,
            before: 900,
        };
        let starts: Vec<_> = (10_000..10_100)
            .map(|now| window.stepwise(present(now)).0)
            .collect();
        assert_eq!(starts.first(), starts.last());
        for now in 10_000..12_000 {
            let (from, to) = window.stepwise(present(now));
            assert!((from..=to).contains(&Micros::from_millis(now)));
        }
    }
}
