//! At most one order, and none before the last one shows.

use quorate::autoscale::controller::Input;

use crate::bench::{Bench, HIGH, LOW, MIDDLE, order, secs};

#[test]
fn a_burst_is_answered_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.see(0, 4, HIGH), ["scale 1.1 4->6", "out started 1.1"]);
    assert!(bench.see(15, 4, HIGH).is_empty(), "the first order is open");
    assert_eq!(bench.executed(20, order(1, 1)), ["out completed 1.1"]);
    assert!(bench.see(30, 4, HIGH).is_empty(), "it does not show yet");
    assert_eq!(
        bench.see(45, 6, HIGH),
        ["scale 1.2 6->9", "out started 1.2"]
    );
    assert_eq!(bench.0.history().recorded(), 4);
}

#[test]
fn a_report_counts_once() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    bench.executed(1, order(1, 1));
    let state = bench.0.save().clone();
    assert!(bench.executed(1, order(1, 1)).is_empty());
    assert!(bench.failed(1, order(1, 1)).is_empty());
    assert!(bench.drained(1, order(1, 1), 4).is_empty());
    assert_eq!(*bench.0.save(), state);
}

#[test]
fn an_order_that_never_shows_holds_for_the_settle_timeout_only() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    bench.executed(1, order(1, 1));
    assert!(bench.see(60, 5, HIGH).is_empty());
    assert_eq!(bench.see(75, 5, HIGH)[0], "scale 1.2 5->8");
}

#[test]
fn nothing_is_evaluated_before_it_is_due_or_without_being_seen() {
    let mut bench = Bench::new();
    bench.see(0, 4, MIDDLE);
    assert!(bench.0.observation_due(secs(15)));
    assert!(bench.see(14, 4, HIGH).is_empty());
    assert!(bench.tick(15).is_empty());
    assert!(bench.step(15, Input::Unobserved).is_empty());
    assert!(!bench.0.observation_due(secs(29)));
    assert_eq!(bench.0.next_deadline(), Some(secs(30)));
    assert_eq!(bench.see(30, 4, HIGH)[0], "scale 1.1 4->6");
    assert_eq!(bench.0.history().recorded(), 2);
}

#[test]
fn an_executor_that_does_not_report_is_asked_again_under_the_same_order() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    assert!(bench.tick(29).is_empty());
    assert_eq!(bench.tick(30), ["scale 1.1 4->6"]);
    assert!(bench.tick(89).is_empty(), "twice as long");
    assert_eq!(bench.tick(90), ["scale 1.1 4->6"]);
    assert_eq!(
        bench.tick(190),
        ["scale 1.1 4->6"],
        "no longer than the cap"
    );
    assert_eq!(bench.executed(191, order(1, 1)), ["out completed 1.1"]);
}

#[test]
fn only_what_was_carried_out_begins_a_cooldown() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    assert_eq!(bench.0.state().last_action(), None);
    bench.executed(3, order(1, 1));
    let action = bench.0.state().last_action().unwrap();
    assert_eq!((action.from, action.to, action.at), (4, 6, secs(3)));
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let mut bench = Bench::new();
    bench.see(100, 4, MIDDLE);
    assert!(bench.see(20, 4, LOW).is_empty());
    assert!(bench.see(114, 4, LOW).is_empty());
    assert_eq!(bench.see(115, 4, LOW)[0], "drain 1.1 n4");
}
