//! Failures back off.

use quorate::autoscale::controller::{ControllerSettings, Event, Failure, Input};
use quorate::{Micros, autoscale::controller::Controller};

use crate::bench::{Bench, HIGH, LOW, SETTINGS, order, policy, ready, secs};

/// Fails every order as soon as it is given, and returns the seconds at which they were given.
fn given_until(bench: &mut Bench, end: u64) -> Vec<u64> {
    let mut number = 0;
    let mut given = Vec::new();
    for second in (0..end).step_by(15) {
        if !bench.see(second, 4, HIGH).is_empty() {
            number += 1;
            given.push(second);
            bench.failed(second, order(1, number));
        }
    }
    given
}

#[test]
fn waits_double_up_to_the_cap() {
    let mut bench = Bench::new();
    // 20, 40, 80, 100, 100 seconds, and then the next evaluation.
    assert_eq!(
        given_until(&mut bench, 500),
        [0, 30, 75, 165, 270, 375, 480]
    );
}

#[test]
fn a_success_resets() {
    let mut bench = Bench::new();
    given_until(&mut bench, 200);
    assert_eq!(bench.see(270, 4, HIGH)[0], "scale 1.5 4->6");
    bench.executed(270, order(1, 5));
    assert_eq!(bench.see(285, 6, HIGH)[0], "scale 1.6 6->9");
    bench.failed(285, order(1, 6));
    assert!(bench.see(300, 6, HIGH).is_empty());
    assert_eq!(bench.see(315, 6, HIGH)[0], "scale 1.7 6->9");
}

#[test]
fn a_scale_in_that_fails_does_not_delay_a_scale_out() {
    let mut bench = Bench::new();
    bench.see(0, 4, LOW);
    bench.failed(0, order(1, 1));
    assert!(bench.see(15, 4, LOW).is_empty());
    assert_eq!(bench.see(30, 4, HIGH)[0], "scale 1.2 4->6");
}

#[test]
fn a_part_of_the_wait_is_drawn_by_lot_and_the_lot_is_in_the_seed() {
    let wait = |seed, number| {
        let settings = ControllerSettings {
            jitter_permille: 400,
            seed,
            ..SETTINGS
        };
        let mut bench = Bench::with(policy(1, 10), settings);
        for _ in 1..number {
            bench.see(0, 4, HIGH);
        }
        bench.see(0, 4, HIGH);
        let error = String::from("no");
        let failed = Input::Failed {
            order: order(1, 1),
            error,
        };
        let effects = bench.0.step(secs(0), failed).unwrap();
        match effects.events[..] {
            [Event::ScaleOutFailed { retry_at, .. }] => retry_at,
            _ => panic!("{effects:?}"),
        }
    };
    let waits: Vec<Micros> = (0..20).map(|seed| wait(seed, 1)).collect();
    assert!(
        waits
            .iter()
            .all(|wait| (secs(12)..=secs(20)).contains(wait))
    );
    assert!(waits.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(waits, (0..20).map(|seed| wait(seed, 1)).collect::<Vec<_>>());
}

#[test]
fn the_words_of_an_executor_are_cut() {
    let mut controller = Controller::new(policy(1, 10), SETTINGS).unwrap();
    controller.step(secs(0), Input::Lead { term: 1 }).unwrap();
    controller
        .step(secs(0), Input::Observed(ready(4, HIGH)))
        .unwrap();
    let failed = Input::Failed {
        order: order(1, 1),
        error: format!("x{}", "ü".repeat(1_000_000)),
    };
    let effects = controller.step(secs(0), failed).unwrap();
    let [Event::ScaleOutFailed { failure, .. }] = &effects.events[..] else {
        panic!("{effects:?}");
    };
    let expected = format!("x{}", "ü".repeat(127));
    assert_eq!(*failure, Failure::Executor { error: expected });
}
