//! The order of the steps of one tick: what is limited, and what looks at unlimited numbers.

use quorate::Micros;
use quorate::autoscale::kpa::{DeciderSpec, Load, Mode, State, Tick};

use super::{decider, spec};

const NOW: Micros = Micros::from_secs(1_000);

/// The tick of a new decider that does not panic yet.
fn tick(spec: DeciderSpec, ready_pods: u32, stable: f64, panic: f64) -> Tick {
    let load = Load {
        ready_pods,
        stable,
        panic,
    };
    decider(spec)
        .tick(&mut State::default(), &load, NOW)
        .unwrap()
}

#[test]
fn a_low_rate_limit_does_not_hide_a_surge() {
    let slow = DeciderSpec {
        max_scale_up_rate: 1.5,
        ..spec()
    };
    let tick = tick(slow, 4, 40.0, 80.0);
    assert_eq!((tick.panic_needed, tick.panic), (8, 6));
    assert!(tick.over_panic_threshold, "{tick:?}");
    assert_eq!((tick.mode, tick.desired), (Mode::Panic, 6));
}

#[test]
fn below_the_threshold_there_is_no_panic() {
    let tick = tick(spec(), 4, 40.0, 70.0);
    assert_eq!((tick.panic_needed, tick.mode), (7, Mode::Stable));
    assert_eq!(tick.desired, 4);
}

#[test]
fn the_activation_scale_may_exceed_the_rate() {
    let activated = DeciderSpec {
        activation_scale: 25,
        ..spec()
    };
    assert_eq!(tick(activated, 0, 1.0, 1.0).desired, 25);
    assert_eq!(tick(activated, 40, 400.0, 400.0).desired, 40);
    let none = tick(activated, 1, 0.0, 0.0);
    assert_eq!(none.desired, 0, "no load needs no pods");
}

#[test]
fn what_cannot_be_reached_goes_at_once() {
    let unreachable = DeciderSpec {
        reachable: false,
        ..spec()
    };
    assert_eq!(tick(spec(), 100, 10.0, 10.0).desired, 10);
    assert_eq!(tick(unreachable, 100, 10.0, 10.0).desired, 1);
}

#[test]
fn a_panic_ends_after_a_whole_stable_window() {
    let decider = decider(spec());
    let mut state = State::default().in_panic(NOW, 9);
    let load = Load {
        ready_pods: 9,
        stable: 10.0,
        panic: 10.0,
    };
    let end = NOW + spec().stable_window;
    let last = decider.tick(&mut state, &load, end).unwrap();
    assert_eq!((last.mode, last.desired), (Mode::Panic, 9));
    let calm = decider.tick(&mut state, &load, end + Micros(1)).unwrap();
    assert_eq!((calm.mode, calm.desired), (Mode::Stable, 1));
    assert_eq!(state.max_panic_pods(), 0);
}
