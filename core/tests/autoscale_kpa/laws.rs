//! What holds for any load.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::kpa::{Aggregation, AverageWindow, DeciderSpec, Load, Mode, State};

use super::{decider, spec};

fn load() -> impl Strategy<Value = Load> {
    (0..200u32, 0.0..5_000.0, 0.0..5_000.0).prop_map(|(ready_pods, stable, panic)| Load {
        ready_pods,
        stable,
        panic,
    })
}

/// Times of ticks, in order, with the load that each sees.
fn ticks() -> impl Strategy<Value = Vec<(Micros, Load)>> {
    proptest::collection::vec((0..40u64, load()), 1..40).prop_map(|steps| {
        let mut now = Micros::from_secs(1_000);
        let at = steps.into_iter().map(|(pause, load)| {
            now = now + Micros::from_secs(pause);
            (now, load)
        });
        at.collect()
    })
}

fn delayed(seconds: u64) -> DeciderSpec {
    DeciderSpec {
        scale_down_delay: Micros::from_secs(seconds),
        ..spec()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn the_rates_are_never_exceeded_in_stable_mode(load in load()) {
        let decider = decider(spec());
        let tick = decider.tick(&mut State::default(), &load, Micros::from_secs(9)).unwrap();
        let ready = load.ready_pods.max(1);
        prop_assert!(tick.desired <= ready * 10);
        prop_assert!(tick.desired >= ready / 10);
    }

    #[test]
    fn more_load_never_means_fewer_pods(
        history in ticks(), load in load(), more_stable in 0.0..900.0, more_panic in 0.0..900.0,
    ) {
        let decider = decider(delayed(30));
        let mut state = State::created(decider.spec(), 0, Micros::ZERO);
        let mut now = Micros::ZERO;
        for (at, load) in history {
            decider.tick(&mut state, &load, at).unwrap();
            now = at;
        }
        let mut heavier = state.clone();
        let more = Load { stable: load.stable + more_stable, panic: load.panic + more_panic, ..load };
        let tick = decider.tick(&mut state, &load, now).unwrap();
        let with_more = decider.tick(&mut heavier, &more, now).unwrap();
        prop_assert!(with_more.desired >= tick.desired, "{with_more:?} {tick:?}");
        prop_assert!(with_more.excess_burst <= tick.excess_burst);
    }

    #[test]
    fn nothing_is_removed_in_a_panic(history in ticks()) {
        let decider = decider(spec());
        let mut state = State::default();
        let mut largest = 0;
        for (at, load) in history {
            let tick = decider.tick(&mut state, &load, at).unwrap();
            largest = if tick.mode == Mode::Panic { largest.max(tick.desired) } else { 0 };
            prop_assert!(tick.mode == Mode::Stable || tick.desired == largest);
        }
    }

    #[test]
    fn a_delayed_answer_is_the_largest_of_the_window(history in ticks(), delay in 1..100u64) {
        let decider = decider(delayed(delay));
        let mut state = State::created(decider.spec(), 0, Micros::ZERO);
        let mut answers: Vec<(u64, u32)> = Vec::new();
        for (at, load) in history {
            let tick = decider.tick(&mut state, &load, at).unwrap();
            let bucket = at.as_secs() / 2;
            answers.push((bucket, tick.undelayed));
            let inside = answers.iter().filter(|(old, _)| bucket - old < delay.div_ceil(2));
            prop_assert_eq!(Some(tick.desired), inside.map(|&(_, pods)| pods).max());
        }
    }

    #[test]
    fn an_average_lies_between_the_samples(
        values in proptest::collection::vec(0.0..1e6f64, 1..200), silent in 0..30u64,
    ) {
        for aggregation in [Aggregation::Linear, Aggregation::WeightedExponential] {
            let second = Micros::from_secs(1);
            let mut window = AverageWindow::new(Micros::from_secs(30), second, aggregation).unwrap();
            for (at, value) in (500..).zip(&values) {
                window.record(Micros::from_secs(at), *value).unwrap();
            }
            let now = Micros::from_secs(499 + values.len() as u64 + silent);
            let largest = values.iter().rev().take(30).copied().fold(0.0, f64::max);
            let average = window.average(now);
            prop_assert!((-1e-3..=largest + 1e-3).contains(&average), "{average} of {values:?}");
        }
    }
}
