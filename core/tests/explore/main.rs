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
mod heal;
mod judge;
mod kernel;
mod ledger;
mod log;
mod membership;
mod search;
mod table;

use cluster::{Bounds, Cluster, Left, Membership, Restart};
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
    left: Left {
        operations: 3,
        messages: 2,
        syncs: 0,
        prunes: 1,
        crashes: 0,
        fences: 0,
        returns: 0,
        discards: 0,
    },
    restart: Restart::SameReplica,
    membership: Membership::Unmanaged,
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

fn b(o: u8, m: u8, s: u8, p: u8, c: u8, f: u8, r: u8, d: u8) -> Bounds {
    Bounds {
        left: Left {
            operations: o,
            messages: m,
            syncs: s,
            prunes: p,
            crashes: c,
            fences: f,
            returns: r,
            discards: d,
        },
        membership: if f > 0 {
            Membership::Managed
        } else {
            Membership::Unmanaged
        },
        ..SHORT
    }
}

#[test]
fn scratch() {
    let n: Vec<u8> = std::env::var("B")
        .unwrap()
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    let mut bounds = b(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]);
    let v = std::env::var("V").unwrap_or_default();
    if v.contains("new") {
        bounds.restart = Restart::NextIncarnation;
    }
    if v.contains("element") {
        bounds.vocabulary = ELEMENT;
    }
    if v.contains("counters") {
        bounds.vocabulary = COUNTERS;
    }
    if v.contains("counter1") {
        bounds.vocabulary = COUNTER;
    }
    for f in [
        Fault::SupersedingAddsForgotten,
        Fault::GuardSkipped,
        Fault::FloorNotAdopted,
        Fault::ExposedBeforeDurable,
        Fault::ReportsOutliveTables,
        Fault::ClosedOnOneReport,
        Fault::SenderNotChecked,
        Fault::TableNotChecked,
    ] {
        if v.contains(&format!("{f:?}")) {
            bounds.fault = Some(f);
        }
    }
    holds(bounds);
}
