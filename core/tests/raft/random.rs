//! Random histories: five nodes, a network that loses, repeats and reorders, partitions, crashes
//! that take what was not synced and tear the write that was under way. The observer checks
//! safety after every step; at the end everything is healed, and the group must serve.

use quorate::raft::{Input, Message, ReadPolicy, Role};
use quorate::{Micros, NodeId, Random};

use super::changing;
use super::faults::{act, pick};
use super::network::{Network, n};

const SEEDS: u64 = 300;
const ACTIONS: u64 = 4_000;

#[test]
fn random_histories_are_safe_and_heal() {
    let mut committed = 0;
    let mut terms = 0;
    for seed in 0..SEEDS {
        let network = history(seed);
        committed += network.observer.committed_index();
        terms += network.observer.terms_led();
    }
    // The faults must leave room for work and cause elections, or nothing was tested.
    assert!(committed > 20 * SEEDS, "{committed} entries committed");
    assert!(
        terms > 3 * usize::try_from(SEEDS).unwrap(),
        "{terms} elections won"
    );
}

#[test]
fn the_same_seed_gives_the_same_history() {
    assert_eq!(format!("{:?}", history(7)), format!("{:?}", history(7)));
}

#[test]
fn random_messages_never_panic_and_refusals_leave_no_trace() {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let mut network = Network::new(3);
        let mut seen = Vec::new();
        for _ in 0..300 {
            act(&mut network, &mut random);
            seen.extend(network.wire.iter().cloned());
            let Some(message) = pick(&seen, &mut random) else {
                continue;
            };
            garble(&mut network, &mut random, message.clone());
        }
    }
}

/// A message that was said once, changed in its envelope, arrives at a copy of a node.
fn garble(network: &mut Network, random: &mut Random, mut message: Message) {
    match random.below(4) {
        0 => message.term = random.below(8),
        1 => message.from = NodeId(random.below(5)),
        2 => message.to = NodeId(random.below(5)),
        _ => message.term = random.next_u64() >> random.below(64),
    }
    let Some(raft) = network.host(n(1)).raft.clone() else {
        return;
    };
    let mut copy = raft.clone();
    if copy.step(network.now, Input::Receive(message)).is_err() {
        assert_eq!(format!("{copy:?}"), format!("{raft:?}"));
    }
    assert!(copy.commit_index() <= copy.last_index());
}

fn history(seed: u64) -> Network {
    let mut random = Random::new(seed);
    let mut network = Network::new(5);
    for id in network.ids() {
        network.host(id).slow_disk = true;
    }
    for _ in 0..ACTIONS {
        act(&mut network, &mut random);
    }
    heal(&mut network);
    network
}

/// All faults end. One leader must emerge, take a command, and bring everybody to the same log.
fn heal(network: &mut Network) {
    network.cut.clear();
    for id in network.ids() {
        network.host(id).slow_disk = false;
        if network.host(id).raft.is_none() {
            network.restart(id);
        }
        network.sync(id);
    }
    network.run(Micros::from_secs(5));
    let leaders = network.leaders();
    assert_eq!(leaders.len(), 1, "one leader after healing");
    let leader = leaders[0];
    network.propose(leader, "served").unwrap();
    network.run(Micros::from_secs(1));
    assert_eq!(network.leaders(), leaders, "the leader stays");
    for id in network.ids() {
        let raft = network.raft(id);
        assert_eq!(raft.role() == Role::Leader, id == leader);
        assert_eq!(network.committed(id).last().unwrap(), "served", "{id}");
        assert_eq!(raft.commit_index(), raft.last_index());
        assert_eq!(raft.applied_index(), raft.last_index());
        assert_eq!(
            network.hosts[&id].disk.entries.len() as u64,
            raft.last_index()
        );
    }
}

#[test]
fn random_histories_of_changing_groups_are_safe_and_heal() {
    let mut sum = changing::Tried::default();
    for seed in 0..SEEDS {
        let (_, tried) = changing::history(seed, ReadPolicy::Quorum);
        sum.changes += tried.changes;
        sum.joint += tried.joint;
        sum.snapshots += tried.snapshots;
        sum.transfers += tried.transfers;
        sum.reads += tried.reads;
    }
    let enough = |seen: u64, per_seed: u64| seen > per_seed * SEEDS;
    assert!(enough(sum.changes, 2) && enough(sum.joint, 1), "{sum:?}");
    assert!(enough(sum.reads, 3), "{sum:?}");
    assert!(sum.transfers > SEEDS / 10, "{sum:?}");
    assert!(sum.snapshots > SEEDS / 10, "{sum:?}");
}

/// With leases and clocks that do not drift, reads are as good.
#[test]
fn reads_by_lease_see_everything_while_clocks_agree() {
    let lease = ReadPolicy::Lease { max_drift_ppm: 0 };
    let reads: u64 = (0..SEEDS)
        .map(|seed| changing::history(seed, lease).1.reads)
        .sum();
    assert!(reads > SEEDS, "{reads}");
}
