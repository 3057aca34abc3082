//! What arrived, though a full fleet reports 100 % whatever is asked of it.

use quorate::Micros;
use quorate::autoscale::quorate::{Quorate, QuorateState, Tick};

use crate::{Asked, MINUTE};

#[test]
fn demand_is_what_was_served_and_what_the_queue_grew_by() {
    let mut asked = Asked::new();
    assert_eq!(asked.tick(6_000, 1_412, 6).demand, 7_412_000);
    assert_eq!(asked.tick(6_000, 3_000, 6).demand, 7_588_000);
    // The queue is drained: six nodes of work, of which three had arrived before.
    assert_eq!(asked.tick(6_000, 0, 6).demand, 3_000_000);
    assert_eq!(asked.tick(6_000, 0, 6).demand, 6_000_000);
}

#[test]
fn demand_is_never_negative() {
    let mut asked = Asked::new();
    asked.tick(1_000, 5_000, 1);
    assert_eq!(asked.tick(1_000, 0, 1).demand, 0);
}

fn blind(served_milli: i64, ready: u32) -> Tick {
    Tick {
        served_milli,
        queue_milli: None,
        ready,
        current: ready,
        interval: MINUTE,
    }
}

#[test]
fn without_a_queue_a_full_fleet_is_a_lower_bound() {
    let demand = |tick: Tick| {
        let mut state = QuorateState::default();
        let policy = Quorate::default();
        policy.tick(&mut state, &tick, Micros::ZERO).demand
    };
    assert_eq!(demand(blind(3_999, 4)), 3_999_000);
    assert_eq!(demand(blind(4_000, 4)), 6_000_000);
    assert_eq!(demand(blind(0, 0)), 0);
}

#[test]
fn a_queue_that_comes_back_into_sight_did_not_grow_at_once() {
    let policy = Quorate::default();
    let mut state = QuorateState::default();
    let mut at = 0;
    let mut ask = |tick: Tick| {
        at += 60;
        policy.tick(&mut state, &tick, Micros::from_secs(at))
    };
    let seen = |queue| Tick {
        queue_milli: Some(queue),
        ..blind(3_000, 5)
    };
    assert_eq!(ask(seen(1_000)).demand, 4_000_000);
    let hidden = ask(blind(3_000, 5));
    assert_eq!((hidden.demand, hidden.backlog), (3_000_000, 0));
    assert_eq!(ask(seen(50_000)).demand, 3_000_000);
    assert_eq!(ask(seen(51_000)).demand, 4_000_000);
}
