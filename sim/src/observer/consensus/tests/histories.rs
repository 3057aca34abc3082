//! Random histories of healthy nodes: nobody finds anything, and something happens.

use quorate::raft::Role;
use quorate::{Micros, Random};

use super::cluster::Cluster;
use super::faults::{act, heal};
use super::naive::Naive;
use crate::{Recording, Scenario, World, presets};

const SEEDS: u64 = 60;
const ACTIONS: u64 = 4_000;

#[test]
fn healthy_histories_break_nothing_for_either_checker() {
    let (mut committed, mut terms, mut changes) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let mut cluster = Cluster::new(4, 2, |config| config);
        for _ in 0..ACTIONS {
            act(&mut cluster, &mut random);
        }
        heal(&mut cluster);
        cluster.consensus.check_settled(&mut cluster.ledger);
        let broken = cluster.ledger.broken();
        assert!(
            broken.is_empty(),
            "seed {seed}: {:?}",
            cluster.ledger.take_fresh()
        );
        assert!(
            cluster.naive.broken.is_empty(),
            "seed {seed}: {:?}",
            cluster.naive.broken
        );
        committed += cluster.consensus.committed_index();
        changes += cluster.consensus.memberships.len() as u64 - 1;
        terms += cluster
            .nodes
            .values()
            .filter_map(|node| node.raft.as_ref())
            .map(|raft| u64::from(raft.role() == Role::Leader) * raft.term())
            .sum::<u64>();
    }
    assert!(committed > 20 * SEEDS, "{committed} entries committed");
    assert!(terms > 3 * SEEDS, "{terms} terms");
    assert!(changes > SEEDS, "{changes} changes of the group");
}

/// The observer of a long history of nodes that compact their logs remembers little.
#[test]
fn what_everybody_has_compacted_away_is_forgotten() {
    let mut cluster = Cluster::new(3, 0, |config| config);
    cluster.run(Micros::from_secs(1));
    let leader = cluster.leader().unwrap();
    for round in 0..40 {
        for command in 0..100 {
            cluster.propose(leader, &format!("{round}.{command}"));
        }
        cluster.run(Micros::from_millis(200));
        for id in cluster.ids() {
            cluster.snapshot(id);
        }
    }
    let consensus = &cluster.consensus;
    assert!(consensus.committed_index() > 4_000);
    assert!(consensus.committed.forgotten() > 3_900);
    assert!(consensus.open.len() < 200, "{}", consensus.open.len());
    let tails = consensus
        .nodes()
        .map(|(_, host)| host.log.last_index() - host.log.base());
    assert!(tails.max() < Some(200));
    assert_eq!(cluster.ledger.broken(), []);
}

/// Whole worlds, with their faults: every so many events everything is compared with everything,
/// logs and sets, and nobody finds anything.
#[test]
fn whole_worlds_break_nothing_for_either_checker() {
    for preset in presets::all() {
        let scenario = Scenario {
            until: preset.scenario.until.min(Micros::from_secs(60)),
            ..preset.scenario
        };
        let mut world = World::new(scenario, None, Recording::Off).unwrap();
        let mut naive = Naive::default();
        while world.step() {
            if world.events().is_multiple_of(200) {
                let nodes = world.nodes.iter();
                let rafts: Vec<_> = nodes.filter_map(|node| node.raft.as_ref()).collect();
                naive.look_at(&rafts);
                assert!(are_convergent(&world), "{} at {}", preset.slug, world.now());
            }
        }
        assert!(
            naive.broken.is_empty(),
            "{}: {:?}",
            preset.slug,
            naive.broken
        );
        assert!(!world.is_violated(), "{}", preset.slug);
    }
}

/// Replicas that have seen the same show the same, element by element.
fn are_convergent(world: &World) -> bool {
    let nodes = world.nodes.iter().filter_map(|node| node.replica.as_ref());
    let stores: Vec<_> = nodes.map(quorate::crdt::Replica::store).collect();
    stores.iter().all(|one| {
        stores
            .iter()
            .filter(|other| other.context() == one.context())
            .all(|other| other.iter().eq(one.iter()))
    })
}
