//! Orders are fenced by the term of their author.

use quorate::autoscale::controller::{Controller, ControllerError, Input};

use crate::bench::{Bench, HIGH, LOW, SETTINGS, lines, order, policy, secs};

#[test]
fn who_does_not_lead_decides_nothing() {
    let mut bench = Bench(Controller::new(policy(1, 10), SETTINGS).unwrap());
    assert!(bench.see(0, 4, HIGH).is_empty());
    assert_eq!(bench.0.next_deadline(), None);
    assert_eq!(bench.0.history().recorded(), 0);
}

#[test]
fn a_deposed_leader_orders_nothing_and_hears_nothing() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    assert!(bench.step(1, Input::Deposed { term: 1 }).is_empty());
    assert!(bench.see(15, 4, HIGH).is_empty());
    assert!(bench.executed(16, order(1, 1)).is_empty());
    assert!(bench.tick(1_000).is_empty());
    assert_eq!(bench.0.leads(), None);
}

#[test]
fn an_older_term_deposes_nobody_and_an_ended_one_is_not_led_again() {
    let mut bench = Bench::new();
    bench.step(1, Input::Lead { term: 5 });
    bench.step(2, Input::Deposed { term: 4 });
    assert_eq!(bench.0.leads(), Some(5));
    bench.step(3, Input::Deposed { term: 5 });
    assert_eq!(bench.0.leads(), None);
    let before = bench.0.save().clone();
    let refused = bench.0.step(secs(4), Input::Lead { term: 5 }).unwrap_err();
    let over = ControllerError::TermIsOver {
        term: 5,
        first_possible: 6,
    };
    assert_eq!(refused, over);
    assert_eq!(*bench.0.save(), before);
}

#[test]
fn an_order_of_an_older_term_is_over_and_charged_since_nobody_knows() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    assert_eq!(
        bench.step(5, Input::Lead { term: 2 }),
        ["out failed 1.1: term 2 began before it was reported"]
    );
    assert_eq!(bench.0.state().last_action().unwrap().to, 6);
    let before = bench.0.save().clone();
    assert!(bench.executed(5, order(1, 1)).is_empty());
    assert!(bench.failed(5, order(1, 1)).is_empty());
    assert_eq!(*bench.0.save(), before);
    assert_eq!(bench.see(15, 4, HIGH)[0], "scale 2.2 4->6");
}

#[test]
fn a_drain_of_an_older_term_is_called_off_and_not_charged() {
    let mut bench = Bench::new();
    bench.see(0, 4, LOW);
    assert_eq!(
        bench.step(5, Input::Lead { term: 2 }),
        [
            "cancel 1.1 n4",
            "in failed 1.1: term 2 began before it was reported"
        ]
    );
    assert_eq!(bench.0.state().last_action(), None);
    assert!(bench.drained(6, order(1, 1), 4).is_empty());
}

#[test]
fn who_leads_already_is_not_asked_again() {
    let mut bench = Bench::new();
    bench.see(0, 4, HIGH);
    let effects = bench.0.step(secs(1), Input::Lead { term: 1 }).unwrap();
    assert!(effects.is_empty(), "{:?}", lines(effects));
}
