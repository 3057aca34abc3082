//! Every short history of a small cluster, on the shipped code.
//!
//! Three replicas, two elements, a few events, a few messages that may arrive anywhere, any number
//! of times, in any order or never; journals are pruned and replicas crash at any moment. The
//! search visits every state that can be reached, without a cap and without chance. At every step an
//! oracle that shares nothing with the store says what must be seen; from every state the cluster is
//! healed and must show what everything that anybody held means.
//!
//! Random histories reach further and miss corners: the mistakes that matter here need four or five
//! steps in exactly one order. Small scopes find them all.
//!
//! - `search`: depth first, knows nothing of replicas.
//! - `ledger`: the oracle. `judge`: what must be true of one step.
//! - `kernel`: the shipped code, each different step of one replica executed once.
//! - `cluster`, `membership`: replicas, network, crashes and the log as a system to search; `heal`:
//!   what must become of any of its states.
//! - `door`: deltas that come early, at the door of one replica.
//! - `fault`: rules broken on purpose.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod cluster;
mod door;
mod fault;
mod heal;
mod judge;
mod kernel;
mod ledger;
mod log;
mod membership;
mod search;
mod table;

use cluster::{Bounds, Cluster, Left, Membership, Pieces, Restart};
use fault::Fault;
use ledger::Mutation;
use search::{Counterexample, Extent, explore};

/// Two elements, and everything a set can do to them.
const SET: &[Mutation] = &[
    Mutation::Add(0),
    Mutation::Add(1),
    Mutation::Remove(0),
    Mutation::Remove(1),
    Mutation::Clear,
];

/// One element, for longer histories.
const ELEMENT: &[Mutation] = &[Mutation::Add(0), Mutation::Remove(0)];

/// Two counters in a map, which may be reset.
const COUNTERS: &[Mutation] = &[
    Mutation::Increment(0, 1),
    Mutation::Increment(1, 4),
    Mutation::Remove(0),
    Mutation::Clear,
];

/// One counter, for longer histories.
const COUNTER: &[Mutation] = &[Mutation::Increment(0, 1), Mutation::Remove(0)];

/// Three replicas that take part for ever and never crash.
const PLAIN: Bounds = Bounds {
    vocabulary: SET,
    left: NOTHING,
    restart: Restart::SameReplica,
    membership: Membership::Unmanaged,
    pieces: Pieces::Whole,
    fault: None,
};

/// Three replicas under a membership table.
const EPOCHS: Bounds = Bounds {
    membership: Membership::Managed,
    ..PLAIN
};

const NOTHING: Left = Left {
    operations: 0,
    messages: 0,
    syncs: 0,
    prunes: 0,
    crashes: 0,
    fences: 0,
    returns: 0,
    expiries: 0,
};

const SHORT: Left = Left {
    operations: 3,
    messages: 2,
    prunes: 1,
    ..NOTHING
};

/// One replica is fenced and returns.
const ONE_RETURN: Left = Left {
    operations: 2,
    messages: 1,
    syncs: 1,
    fences: 1,
    returns: 1,
    ..NOTHING
};

fn run(bounds: Bounds) -> Result<Extent, Box<Counterexample>> {
    let started = Cluster::new(bounds);
    let (mut cluster, initial) = started.map_err(|violation| Counterexample {
        history: vec![],
        violation,
    })?;
    let extent = explore(&mut cluster, initial)?;
    let [snapshots, messages, deliveries] = cluster.judged();
    println!("{extent}; {snapshots} replica states, {messages} messages, {deliveries} deliveries");
    Ok(extent)
}

/// The bounds hold no violation, and not fewer states than they did when this was written.
fn holds(bounds: Bounds, at_least: usize) {
    match run(bounds) {
        Ok(extent) => assert!(extent.states >= at_least, "the space shrank: {extent}"),
        Err(counterexample) => panic!("within {bounds:?}:\n{counterexample}"),
    }
}

/// The search finds the fault, and says so in these words.
fn finds(bounds: Bounds, fault: Fault, words: &str) {
    let fault = Some(fault);
    let found = run(Bounds { fault, ..bounds }).expect_err("a broken rule");
    assert!(found.violation.0.contains(words), "{found}");
}

/// Two elements, three events, two messages, one pruning.
#[test]
fn a_set_is_what_its_events_mean_whatever_happens() {
    let left = SHORT;
    holds(Bounds { left, ..PLAIN }, 480_000);
}

/// More events, fewer messages.
#[test]
fn longer_histories_hold_too() {
    let one_message = Left {
        operations: 4,
        messages: 1,
        ..SHORT
    };
    let left = one_message;
    holds(Bounds { left, ..PLAIN }, 200_000);
    let vocabulary = ELEMENT;
    let left = Left {
        messages: 2,
        ..one_message
    };
    holds(
        Bounds {
            vocabulary,
            left,
            ..PLAIN
        },
        700_000,
    );
}

#[test]
fn a_crash_loses_nothing_that_was_shown() {
    let left = Left {
        crashes: 1,
        ..SHORT
    };
    holds(Bounds { left, ..PLAIN }, 4_000_000);
}

#[test]
fn a_new_incarnation_may_have_shown_what_it_lost() {
    let left = Left {
        crashes: 1,
        prunes: 0,
        ..SHORT
    };
    let restart = Restart::NextIncarnation;
    holds(
        Bounds {
            left,
            restart,
            ..PLAIN
        },
        3_000_000,
    );
}

/// An increment is an event of its own, so a reset takes away exactly what it saw.
#[test]
fn a_counter_in_a_map_is_the_sum_of_what_no_reset_saw() {
    let left = SHORT;
    let vocabulary = COUNTERS;
    let two = Bounds {
        vocabulary,
        left,
        ..PLAIN
    };
    holds(two, 200_000);
    let left = Left {
        operations: 4,
        ..SHORT
    };
    let vocabulary = COUNTER;
    let one = Bounds {
        vocabulary,
        left,
        ..PLAIN
    };
    holds(one, 300_000);
    let left = ONE_RETURN;
    let returning = Bounds {
        vocabulary,
        left,
        ..EPOCHS
    };
    holds(returning, 400_000);
}

#[test]
fn whoever_returns_brings_and_takes_exactly_what_it_should() {
    let left = ONE_RETURN;
    holds(Bounds { left, ..EPOCHS }, 1_500_000);
    let vocabulary = ELEMENT;
    let left = Left {
        messages: 0,
        prunes: 1,
        ..ONE_RETURN
    };
    let forgetful = Bounds {
        vocabulary,
        left,
        ..EPOCHS
    };
    holds(forgetful, 20_000);
}

/// What was reported from within one table says nothing about the next.
#[test]
fn a_second_fence_voids_what_was_reported() {
    let left = Left {
        operations: 1,
        messages: 0,
        syncs: 2,
        fences: 2,
        returns: 0,
        ..ONE_RETURN
    };
    holds(Bounds { left, ..EPOCHS }, 45_000);
}

/// Asking twice, being refused, and returning twice.
#[test]
fn a_request_may_be_repeated() {
    let left = Left {
        operations: 1,
        prunes: 1,
        returns: 2,
        ..ONE_RETURN
    };
    holds(Bounds { left, ..EPOCHS }, 150_000);
}

#[test]
fn a_crash_undoes_no_agreement() {
    let left = Left {
        crashes: 1,
        ..ONE_RETURN
    };
    let vocabulary = ELEMENT;
    holds(
        Bounds {
            vocabulary,
            left,
            ..EPOCHS
        },
        3_000_000,
    );
}

#[test]
fn a_new_incarnation_is_admitted_with_what_it_wrote_before() {
    let left = Left {
        operations: 1,
        prunes: 1,
        crashes: 1,
        ..ONE_RETURN
    };
    let restart = Restart::NextIncarnation;
    holds(
        Bounds {
            left,
            restart,
            ..EPOCHS
        },
        1_500_000,
    );
}

/// Drained: nothing is lost. Discarded: nobody diverges, and who held more starts anew.
#[test]
fn a_closed_replica_may_be_given_up() {
    let vocabulary = ELEMENT;
    let left = Left {
        messages: 0,
        syncs: 2,
        fences: 2,
        returns: 0,
        expiries: 1,
        ..ONE_RETURN
    };
    let two_away = Bounds {
        vocabulary,
        left,
        ..EPOCHS
    };
    holds(two_away, 1_000_000);
}

/// A batch makes whoever gets it what the events up to its cut mean, also if the next never comes.
#[test]
fn a_delta_may_come_in_batches() {
    let vocabulary = ELEMENT;
    let left = Left {
        operations: 4,
        messages: 2,
        prunes: 0,
        ..SHORT
    };
    let pieces = Pieces::Batches;
    let one = Bounds {
        vocabulary,
        left,
        pieces,
        ..PLAIN
    };
    holds(one, 140_000);
    let left = Left {
        syncs: 1,
        messages: 1,
        ..SHORT
    };
    holds(
        Bounds {
            left,
            pieces,
            ..PLAIN
        },
        220_000,
    );
}

/// What comes early waits, or is dropped and comes again.
#[test]
fn a_delta_that_comes_early_is_neither_lost_nor_shown() {
    for (buffer, at_least) in [
        (door::Buffer::Ample, 18_000),
        (door::Buffer::Events(0), 2_900),
        (door::Buffer::Events(3), 4_600),
    ] {
        let bounds = door::Bounds {
            arrivals: 4,
            restarts: 1,
            buffer,
        };
        let (mut door, initial) = door::Door::new(bounds);
        match explore(&mut door, initial) {
            Ok(extent) => {
                println!("{buffer:?}: {extent}");
                assert!(extent.states >= at_least, "the space shrank: {extent}");
            }
            Err(counterexample) => panic!("within {bounds:?}:\n{counterexample}"),
        }
    }
}

#[test]
fn broken_rules_are_found() {
    let left = Left {
        crashes: 1,
        ..SHORT
    };
    let plain = Bounds { left, ..PLAIN };
    finds(plain, Fault::SupersedingAddsForgotten, "alive instead of");
    finds(plain, Fault::GuardSkipped, "without the one before");
    finds(plain, Fault::FloorNotAdopted, "J: the journal of");
    finds(plain, Fault::ExposedBeforeDurable, "that it never made");
    let pieces = Pieces::Batches;
    let in_batches = Bounds { pieces, ..plain };
    finds(in_batches, Fault::KillersCutOff, "alive instead of");
    let left = ONE_RETURN;
    let epochs = Bounds { left, ..EPOCHS };
    finds(epochs, Fault::ReportsOutliveTables, "is closed at");
    finds(epochs, Fault::ClosedOnOneReport, "is closed at");
}
