//! A controller against an in-memory fleet, run by hand.

use quorate::autoscale::controller::{Controller, Driver, Event, InMemoryFleet, ScalingExecutor};
use quorate::{Micros, NodeId};

use crate::bench::{SETTINGS, order, policy, secs};

struct Run {
    driver: Driver<InMemoryFleet, InMemoryFleet>,
    fleet: InMemoryFleet,
    now: Micros,
}

/// Four nodes that take two minutes to start and 50 s to drain.
fn run() -> Run {
    let fleet = InMemoryFleet::new(4, secs(120), secs(50));
    let controller = Controller::new(policy(2, 10), SETTINGS).unwrap();
    let mut driver = Driver::new(controller, fleet.clone(), fleet.clone());
    driver.lead(secs(0), 1).unwrap();
    Run {
        driver,
        fleet,
        now: secs(0),
    }
}

impl Run {
    /// Lets time pass, from deadline to deadline, and returns how many orders were completed.
    fn until(&mut self, second: u64) -> usize {
        let mut completed = 0;
        while let Some(deadline) = self.driver.next_deadline()
            && deadline <= secs(second)
        {
            assert!(deadline >= self.now, "a deadline is never in the past");
            self.now = deadline;
            let events = self.driver.turn(deadline).unwrap();
            completed += events
                .iter()
                .filter(|event| {
                    matches!(
                        event,
                        Event::ScaleOutCompleted { .. } | Event::ScaleInCompleted { .. }
                    )
                })
                .count();
        }
        completed
    }
}

#[test]
fn a_burst_comes_and_goes() {
    let mut run = run();
    run.fleet.set_load(3_600);
    let first = run.until(100);
    assert_eq!(
        first, 3,
        "4 -> 6 -> 9 -> 10, as the new ones do not serve yet"
    );
    run.fleet.set_load(2_000);
    assert_eq!(run.until(900), 4);
    assert_eq!(run.fleet.current(), 6, "2 of 6 is not low any more");
    assert_eq!(run.fleet.carried_out().len(), 7);
}

#[test]
fn a_fleet_that_fails_or_hides_is_asked_later() {
    let mut run = run();
    run.fleet.set_load(3_600);
    run.fleet.fail(2);
    run.fleet.hide(1);
    assert_eq!(run.until(60), 0);
    assert_eq!(run.until(95), 1);
    assert_eq!(run.fleet.carried_out(), [order(1, 3)]);
}

#[test]
fn a_deposed_driver_leaves_the_fleet_alone() {
    let mut run = run();
    run.fleet.set_load(3_600);
    run.driver.depose(secs(0), 1).unwrap();
    assert_eq!(run.driver.next_deadline(), None);
    assert!(run.driver.turn(secs(15)).unwrap().is_empty());
    assert_eq!(run.fleet.current(), 4);
    assert!(run.driver.lead(secs(20), 1).is_err());
    run.driver.lead(secs(20), 2).unwrap();
    run.until(20);
    assert_eq!(run.fleet.current(), 6);
}

#[test]
fn a_cancelled_drain_leaves_those_that_another_order_wants() {
    let mut fleet = InMemoryFleet::new(3, secs(0), secs(10));
    let names = [NodeId(2), NodeId(3)];
    fleet.drain(secs(0), order(1, 1), &names).unwrap();
    fleet.drain(secs(5), order(2, 1), &names[..1]).unwrap();
    fleet.cancel_drain(secs(6), order(1, 1), &names);
    assert!(
        fleet.is_drained(secs(10), NodeId(2)),
        "as early as first asked"
    );
    assert!(!fleet.is_drained(secs(10), NodeId(3)));
    assert_eq!(fleet.current(), 2);
}

#[test]
fn an_executor_refuses_what_is_older_than_it_has_seen() {
    let mut fleet = InMemoryFleet::new(4, secs(0), secs(0));
    let mut scale = |term, number, to| fleet.scale_to(secs(0), order(term, number), to, &[]);
    assert!(scale(2, 1, 6).is_ok());
    assert_eq!(
        scale(1, 9, 8).unwrap_err().to_string(),
        "order 9 of term 1 comes after order 1 of term 2"
    );
    assert!(scale(2, 1, 6).is_ok(), "twice is once");
    assert_eq!(fleet.current(), 6);
    assert_eq!(fleet.carried_out(), [order(2, 1)]);
}
