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
//! - `cluster`: replicas, network and crashes as a system to search.
//! - `fault`: rules broken on purpose.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod cluster;
mod fault;
mod judge;
mod kernel;
mod ledger;
mod search;
mod table;

use cluster::{Bounds, Cluster, Restart};
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

const SHORT: Bounds = Bounds {
    vocabulary: SET,
    operations: 3,
    messages: 2,
    prunes: 1,
    crashes: 0,
    restart: Restart::SameReplica,
    fault: None,
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

/// The bounds hold no violation; says how large the space was.
fn holds(bounds: Bounds) -> Extent {
    match run(bounds) {
        Ok(extent) => extent,
        Err(counterexample) => panic!("within {bounds:?}:\n{counterexample}"),
    }
}

#[test]
fn m2() {
    holds(SHORT);
}

#[test]
fn m3() {
    holds(Bounds {
        messages: 3,
        ..SHORT
    });
}

#[test]
fn crash_same() {
    holds(Bounds {
        crashes: 1,
        ..SHORT
    });
}

#[test]
fn crash_new() {
    holds(Bounds {
        crashes: 1,
        prunes: 0,
        restart: Restart::NextIncarnation,
        ..SHORT
    });
}

#[test]
fn element_5_2() {
    holds(Bounds {
        vocabulary: ELEMENT,
        operations: 5,
        ..SHORT
    });
}

#[test]
fn element_4_2() {
    holds(Bounds {
        vocabulary: ELEMENT,
        operations: 4,
        ..SHORT
    });
}

#[test]
fn element_4_3() {
    holds(Bounds {
        vocabulary: ELEMENT,
        operations: 4,
        messages: 3,
        ..SHORT
    });
}

#[test]
fn counter_4_2() {
    holds(Bounds {
        vocabulary: COUNTER,
        operations: 4,
        ..SHORT
    });
}

#[test]
fn counters_3_3() {
    holds(Bounds {
        vocabulary: COUNTERS,
        operations: 3,
        messages: 3,
        ..SHORT
    });
}

#[test]
fn long_4_1() {
    holds(Bounds {
        operations: 4,
        messages: 1,
        ..SHORT
    });
}

#[test]
fn faults() {
    for fault in [
        Fault::SupersedingAddsForgotten,
        Fault::GuardSkipped,
        Fault::FloorNotAdopted,
        Fault::ExposedBeforeDurable,
    ] {
        let c = run(Bounds {
            crashes: 1,
            fault: Some(fault),
            ..SHORT
        })
        .unwrap_err();
        println!("{fault:?}\n{c}");
    }
}
