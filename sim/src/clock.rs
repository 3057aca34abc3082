//! The clock of one machine.
//!
//! Every machine has its own idea of time. A simulation in which all of them agree never finds
//! the timeout that fires early, or the lease that outlives its promise. A local clock runs fast
//! or slow by a constant number of millionths, until it is told otherwise, and may jump. It is an
//! exact function of integers: no rounding differs between machines, and between two jumps it
//! never runs backwards.

use quorate::Micros;

/// A clock: local time as a function of the world's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// When its drift or its offset last changed, in the world's time.
    since: Micros,
    /// What it showed then.
    shown: Micros,
    /// How much faster than the world it runs, in millionths; above minus a million.
    drift_ppm: i32,
}

/// A million millionths: how fast the world's time runs.
const PAR: i64 = 1_000_000;

impl Clock {
    /// A clock that shows zero at the beginning and drifts from there.
    pub(crate) const fn new(drift_ppm: i32) -> Self {
        Self {
            since: Micros::ZERO,
            shown: Micros::ZERO,
            drift_ppm,
        }
    }

    /// What it shows at a moment, which is not before its last change.
    pub(crate) fn local(&self, now: Micros) -> Micros {
        let elapsed = now.since(self.since);
        if self.drift_ppm == 0 {
            return self.shown + elapsed;
        }
        self.shown + self.shown_in(elapsed)
    }

    /// The first moment at which it shows `local` or more, if nothing changes; the moment of its
    /// last change if it did so then.
    pub(crate) fn world(&self, local: Micros) -> Micros {
        if local == Micros::MAX {
            return Micros::MAX;
        }
        let ahead = local.since(self.shown);
        if self.drift_ppm == 0 {
            return self.since + ahead;
        }
        self.since + self.needed_for(ahead)
    }

    /// Runs at another speed from now on.
    pub(crate) fn drift(&mut self, now: Micros, ppm: i32) {
        self.shown = self.local(now);
        self.since = now;
        self.drift_ppm = ppm;
    }

    /// Jumps, to zero at most.
    pub(crate) fn jump(&mut self, now: Micros, by: i64) {
        let shown = self.local(now).0;
        let jumped = if by < 0 {
            shown.saturating_sub(by.unsigned_abs())
        } else {
            shown.saturating_add(by.unsigned_abs())
        };
        self.shown = Micros(jumped);
        self.since = now;
    }

    /// How much faster than the world it runs, in millionths.
    pub(crate) fn drift_ppm(&self) -> i32 {
        self.drift_ppm
    }

    /// How far it runs in a span of the world's time.
    #[inline(never)]
    fn shown_in(&self, elapsed: Micros) -> Micros {
        let shown = u128::from(elapsed.0) * self.speed() / par();
        Micros(u64::try_from(shown).unwrap_or(u64::MAX))
    }

    /// The shortest span of the world's time in which it runs that far.
    #[inline(never)]
    fn needed_for(&self, ahead: Micros) -> Micros {
        let elapsed = (u128::from(ahead.0) * par()).div_ceil(self.speed());
        Micros(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// Millionths of a microsecond that it runs in one of the world's.
    fn speed(&self) -> u128 {
        let speed = PAR + i64::from(self.drift_ppm);
        u128::try_from(speed).expect("a checked drift leaves the clock running")
    }
}

fn par() -> u128 {
    u128::from(PAR.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A clock with a history, and a moment after it.
    fn clocks() -> impl Strategy<Value = (Clock, Micros)> {
        let change = (
            0..10_000_000_u64,
            -499_999..500_000_i32,
            -5_000_000..5_000_000_i64,
        );
        let changes = proptest::collection::vec(change, 0..5);
        (-499_999..500_000_i32, changes, 0..1_u64 << 50).prop_map(|(ppm, changes, later)| {
            let mut clock = Clock::new(ppm);
            let mut now = Micros::ZERO;
            for (span, ppm, by) in changes {
                now = now + Micros(span);
                clock.drift(now, ppm);
                clock.jump(now, by);
            }
            (clock, now + Micros(later))
        })
    }

    proptest! {
        #[test]
        fn it_never_runs_backwards((clock, now) in clocks(), later in 0..1_u64 << 40) {
            prop_assert!(clock.local(now) <= clock.local(now + Micros(later)));
        }

        /// A deadline is met at the first moment at which the clock shows it, and at none before.
        #[test]
        fn a_deadline_comes_at_the_first_moment_it_is_shown((clock, now) in clocks(), ahead in 1..1_u64 << 40) {
            let deadline = clock.local(now) + Micros(ahead);
            let at = clock.world(deadline);
            prop_assert!(clock.local(at) >= deadline);
            prop_assert!(at > now && clock.local(Micros(at.0 - 1)) < deadline);
        }

        /// A change of speed shows nothing at its moment.
        #[test]
        fn a_change_of_drift_is_seamless((clock, now) in clocks(), ppm in -499_999..500_000_i32) {
            let mut changed = clock;
            changed.drift(now, ppm);
            prop_assert_eq!(changed.local(now), clock.local(now));
        }

        #[test]
        fn a_jump_is_as_long_as_it_says((clock, now) in clocks(), by in 0..1_i64 << 40) {
            let (mut forth, mut back) = (clock, clock);
            forth.jump(now, by);
            back.jump(now, -by);
            let span = Micros(by.unsigned_abs());
            prop_assert_eq!(forth.local(now), clock.local(now) + span);
            prop_assert_eq!(back.local(now), clock.local(now) - span);
        }
    }

    #[test]
    fn a_clock_that_agrees_with_the_world_shows_its_time() {
        let clock = Clock::new(0);
        for at in [0, 1, 12_345_678, u64::MAX] {
            assert_eq!(clock.local(Micros(at)), Micros(at));
            assert_eq!(clock.world(Micros(at)), Micros(at));
        }
        let fast = Clock::new(500);
        assert_eq!(fast.local(Micros::from_secs(1_000)), Micros(1_000_500_000));
        assert_eq!(fast.world(Micros::MAX), Micros::MAX);
    }
}
