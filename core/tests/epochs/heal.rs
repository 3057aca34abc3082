//! How a history ends well: everybody returns, is readmitted, synchronises, and what is fenced is
//! closed.
//!
//! Whatever happened before, this has to succeed by the ordinary means alone, and keep every event
//! that anybody still held. The vectors name nobody afterwards but who takes part.

use std::collections::BTreeSet;

use quorate::crdt::{Dot, Entry, ReadmitError, ReplicaId};

use super::cluster::{Cluster, Refusal};

/// More than any history needs; one that needs more goes round in circles.
const ROUNDS: usize = 12;

/// Heals the cluster, and checks what must be true of one that is well.
pub fn heal(cluster: &mut Cluster) {
    let mut held: BTreeSet<Dot> = BTreeSet::new();
    for machine in &cluster.machines {
        held.extend(cluster.ledger.seen(&machine.now));
    }
    let rounds = (0..ROUNDS).find(|_| {
        round(cluster);
        is_well(cluster)
    });
    let table = cluster.table();
    assert!(
        rounds.is_some(),
        "not well after {ROUNDS} rounds: {table:?}"
    );
    let first = cluster.store(0);
    let seen = cluster.ledger.seen(first);
    let lost: Vec<_> = held.difference(&seen).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    for machine in &cluster.machines {
        let store = &machine.now;
        assert_eq!(store.encode_state(), first.encode_state(), "not converged");
        assert_eq!(cluster.ledger.seen(store), seen, "not converged");
        let named = store.context().iter().map(|(replica, _)| replica);
        let active = |replica: ReplicaId| table.is_active(replica);
        assert!(named.into_iter().all(active), "{}", store.context());
    }
}

fn round(cluster: &mut Cluster) {
    cluster.advance_all();
    fence_the_abandoned(cluster);
    let count = cluster.machines.len();
    for at in 0..count {
        if cluster.store(at).retired().is_some() {
            bring_back(cluster, at);
        }
    }
    cluster.advance_all();
    cluster.check();
    for from in (0..count).chain(0..count) {
        for to in 0..count {
            if is_member(cluster, from) && is_member(cluster, to) {
                cluster.sync(from, to).unwrap();
            }
        }
    }
    close_the_fenced(cluster);
    cluster.check();
}

fn is_member(cluster: &Cluster, at: usize) -> bool {
    cluster.store(at).retired().is_none()
}

/// Whoever is listed as active and is nobody any more would be waited for in vain.
fn fence_the_abandoned(cluster: &mut Cluster) {
    let is_used = |replica| {
        let mut machines = cluster.machines.iter();
        machines.any(|machine| machine.now.replica() == replica)
    };
    let table = cluster.table();
    let abandoned: Vec<_> = table
        .active()
        .filter(|&replica| !is_used(replica))
        .collect();
    for replica in abandoned {
        cluster.append(Entry::Fence { replica }).unwrap();
    }
    cluster.advance_all();
}

/// Takes the answer to an earlier request if there was one, and asks otherwise.
fn bring_back(cluster: &mut Cluster, at: usize) {
    for _ in 0..2 {
        let count = cluster.machines.len();
        let member = (0..count).find(|&other| is_member(cluster, other)).unwrap();
        cluster.advance_all();
        match cluster.sync(member, at) {
            Ok(_) => return,
            Err(Refusal::Readmit(
                ReadmitError::NotAdmitted { .. }
                | ReadmitError::Unsettled { .. }
                | ReadmitError::Unlisted { .. },
            )) => {}
            Err(refusal) => panic!("{refusal:?}"),
        }
        let request = cluster.machines[at].durable.readmission();
        cluster.append(request).unwrap();
    }
    cluster.advance_all();
}

fn close_the_fenced(cluster: &mut Cluster) {
    let fenced: Vec<_> = cluster.table().fenced().collect();
    for (replica, _) in fenced {
        cluster.advance_all();
        cluster.hear_all();
        if let Ok(close) = cluster.closable(replica) {
            cluster.append(close).unwrap();
        }
    }
    cluster.advance_all();
}

fn is_well(cluster: &Cluster) -> bool {
    let table = cluster.table();
    let context = cluster.store(0).context();
    table.fenced().next().is_none()
        && cluster.machines.iter().all(|machine| {
            let store = &machine.now;
            store.retired().is_none()
                && store.epoch() == table.epoch()
                && store.context() == context
        })
}
