//! The parts of the service together: workers become members and leave, replicas are fenced and
//! return, and clients get what they were promised meanwhile.

use std::collections::BTreeSet;

use quorate::{Micros, NodeId};
use quorate_sim::{
    Action, Focus, Lab, Operation, Recording, Reply, Scenario, Snapshot, TimedAction, World,
    presets,
};

fn at(seconds: u64, action: Action) -> TimedAction {
    TimedAction {
        at: Micros::from_secs(seconds),
        action,
    }
}

fn look(lab: &mut Lab, seconds: u64) -> Snapshot {
    lab.advance(Micros::from_secs(seconds), u64::MAX);
    lab.snapshot(&Focus::default())
}

#[test]
fn workers_join_the_group_and_leave_it() {
    let mut scenario = presets::find("flash-crowd").unwrap().scenario;
    scenario.raft.max_voters = 7;
    scenario.raft.max_learners = 2;
    let mut lab = Lab::new(scenario, None).unwrap();
    let before = look(&mut lab, 30);
    assert_eq!((before.log.voters.len(), before.log.learners.len()), (5, 0));
    assert_eq!(before.sets.epoch, 0);
    let grown = look(&mut lab, 300);
    assert!(grown.nodes.len() >= 9, "{} nodes", grown.nodes.len());
    assert_eq!((grown.log.voters.len(), grown.log.learners.len()), (7, 2));
    assert_eq!(grown.sets.replicas.len(), grown.nodes.len());
    assert!(grown.sets.epoch > 0, "nobody was admitted to the sets");
    let shrunk = look(&mut lab, 900);
    assert!(shrunk.nodes.len() < grown.nodes.len());
    let runs = |id: &NodeId| shrunk.nodes.iter().any(|node| node.id == *id);
    let members = shrunk.log.voters.iter().chain(&shrunk.log.learners);
    let ghosts: Vec<&NodeId> = members.filter(|id| !runs(id)).collect();
    assert!(ghosts.is_empty(), "members that do not run: {ghosts:?}");
    assert!(shrunk.invariants.iter().all(|row| row.witness.is_none()));
    let sets: Vec<_> = shrunk.sets.replicas.iter().map(|it| &it.elements).collect();
    assert!(sets.len() >= 5);
}

/// A replica that is down for long is fenced, so that it holds up nobody, and admitted again when it
/// is back: what it alone had is not lost.
#[test]
fn a_silent_replica_is_fenced_and_returns_with_what_it_had() {
    let mut scenario = Scenario::quiet("fenced", 3);
    scenario.until = Micros::from_secs(150);
    scenario.sets.fence_after = Micros::from_secs(20);
    scenario.workload.set_operations_per_second_milli = 0;
    let (node, others) = (NodeId(3), vec![NodeId(1), NodeId(2)]);
    let alone = vec![others, vec![node]];
    let element = "milk".to_string();
    scenario.actions = vec![
        at(10, Action::Partition { groups: alone }),
        at(12, Action::Add { node, element }),
        at(90, Action::Heal),
    ];
    let mut lab = Lab::new(scenario, None).unwrap();
    let away = look(&mut lab, 80);
    assert!(away.sets.epoch > 0, "it was not fenced");
    let fenced_in = away.sets.epoch;
    let back = look(&mut lab, 150);
    assert!(back.sets.epoch > fenced_in, "it was not admitted again");
    for replica in &back.sets.replicas {
        let names: Vec<_> = replica.elements.iter().map(|it| &it.name).collect();
        assert_eq!(names, ["milk"], "at {}", replica.node);
    }
}

/// What clients read is what clients wrote.
#[test]
fn clients_read_what_was_written() {
    let mut scenario = presets::find("bad-network").unwrap().scenario;
    scenario.workload.client_operations_per_second_milli = 20_000;
    scenario.workload.clients = 8;
    scenario.workload.keys = 3;
    let mut world = World::new(scenario, None, Recording::Off).unwrap();
    while world.step() {}
    assert!(
        world.operations().len() > 200,
        "{}",
        world.operations().len()
    );
    let mut written: BTreeSet<(u32, u64)> = BTreeSet::new();
    let mut reads = Vec::new();
    for performed in world.operations().iter() {
        match (performed.operation, performed.outcome) {
            (
                Operation::Put { key, value } | Operation::CompareAndSet { key, value, .. },
                Some((Reply::Written, _)),
            ) => {
                written.insert((key, value));
            }
            (Operation::Get { key }, Some((Reply::Value(Some(value)), _))) => {
                reads.push((key, value));
            }
            _ => {}
        }
    }
    assert!(written.len() > 50 && reads.len() > 50);
    // The last writes may still be under way when they are read.
    let unknown = reads.iter().filter(|read| !written.contains(read));
    let unknown = unknown.count();
    assert!(unknown <= 8, "{unknown} values were read that nobody wrote");
}
