//! Every rule of the kernel that concerns the log, broken: which invariant sees it.
//!
//! A mutant runs random histories like the healthy ones until it is caught, and it must be caught
//! by the invariant it belongs to, not merely by some other that falls with it.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate::raft::{Config, Input, MemberChange, MembershipChange, ReadPolicy, Rule};
use quorate::{Micros, Random};

use super::super::Disturbance;
use super::super::elections::Churn;
use super::cluster::Cluster;
use super::faults::{act, heal, n};
use crate::observer::Invariant;

const SEEDS: u64 = 300;
const ACTIONS: u64 = 3_000;

/// The invariant that must see a rule broken.
fn owner(rule: Rule) -> Option<Invariant> {
    Some(match rule {
        // A leader whose own stale write counts commits with one disk too few, and a follower that
        // commits beyond its match commits beyond its log.
        Rule::CommitsOwnTermOnly
        | Rule::CommitNeedsQuorum
        | Rule::StaleWriteProvesNothing
        | Rule::CommitWithinMatch => Invariant::CommitLegality,
        Rule::VoteOutlivesRole => Invariant::VoteUniqueness,
        Rule::VoteIsDurable | Rule::AckIsDurable | Rule::CutOnlyConflicts => {
            Invariant::DurablePromises
        }
        Rule::ChangeAfterOwnCommit | Rule::CampaignAfterChange => Invariant::MembershipSafety,
        Rule::EntriesBeforeHardState => Invariant::StateOrdering,
        // Liveness, leases and sessions have tests of their own.
        Rule::PreVoteChecksLog
        | Rule::LeaderChecksQuorum
        | Rule::SnapshotFromBeforeJoining
        | Rule::TransferSkipsPreVote
        | Rule::LeaseAllowsForDrift
        | Rule::SessionsApplyOnce => return None,
    })
}

fn breaking(rule: Rule) -> impl Fn(Config) -> Config {
    move |config| Config {
        broken_rule: Some(rule),
        ..config
    }
}

/// What either checker finds in a history of a mutant, up to its end or to where the kernel trips
/// over its own assertions.
fn history(rule: Rule, seed: u64) -> (BTreeSet<Invariant>, BTreeSet<Invariant>) {
    let mut random = Random::new(seed);
    let mut cluster = Cluster::new(4, 2, breaking(rule));
    for _ in 0..ACTIONS {
        let step = AssertUnwindSafe(|| act(&mut cluster, &mut random));
        if catch_unwind(step).is_err() {
            break;
        }
    }
    let broken = cluster.ledger.broken().into_iter().collect();
    (broken, cluster.naive.broken.clone())
}

#[test]
fn every_broken_rule_of_safety_is_seen_by_its_invariant() {
    let mut unseen = Vec::new();
    for rule in Rule::ALL {
        let Some(owner) = owner(rule) else { continue };
        let mut all = BTreeSet::new();
        let caught = (0..SEEDS).find(|seed| {
            let (broken, naive) = history(rule, *seed);
            assert!(
                naive.is_empty() || !broken.is_empty(),
                "{rule:?}: only the slow checker finds {naive:?}"
            );
            all.extend(broken);
            all.contains(&owner)
        });
        println!("{rule:?}: {owner} by seed {caught:?}; {all:?}");
        if caught.is_none() {
            unseen.push((rule, all));
        }
    }
    assert!(unseen.is_empty(), "{unseen:?}");
}

/// Others elect a new leader while the old one is cut off, and their clocks run faster than its own
/// by what the bound allows: a fifth too fast there, a fifth too slow here.
fn is_read_late(rule: Option<Rule>, seed: u64) -> bool {
    let mut cluster = Cluster::new(3, 0, |config| Config {
        reads: ReadPolicy::Lease {
            max_drift_ppm: 200_000,
        },
        seed: config.seed + 100 * seed,
        broken_rule: rule,
        ..config
    });
    cluster.run(Micros::from_secs(1));
    let old = cluster.leader().unwrap();
    let others: Vec<_> = cluster.ids().into_iter().filter(|id| *id != old).collect();
    for &id in &others {
        cluster.cut.extend([(old, id), (id, old)]);
    }
    for _ in 0..30 {
        for &id in &others {
            let node = cluster.node(id);
            node.clock_ahead = node.clock_ahead + Micros(4_500);
        }
        cluster.run(Micros(1));
        cluster.read(old);
    }
    cluster.ledger.broken().contains(&Invariant::LeaseSafety)
}

#[test]
fn a_lease_that_ignores_drift_is_seen() {
    let late = |rule| (0..40).filter(|seed| is_read_late(rule, *seed)).count();
    assert_eq!(
        late(None),
        0,
        "within the bound, no lease outlives its leader"
    );
    assert!(late(Some(Rule::LeaseAllowsForDrift)) > 0);
}

/// A leader that hears nobody goes on, and those who hear it grant no votes: the group is stuck.
#[test]
fn a_leader_that_does_not_check_its_quorum_keeps_the_others_from_settling() {
    let settles = |rule: Option<Rule>| {
        let mut cluster = Cluster::new(3, 0, |config| Config {
            broken_rule: rule,
            ..config
        });
        cluster.run(Micros::from_secs(1));
        let leader = cluster.leader().unwrap();
        let others = cluster.ids().into_iter().filter(|id| *id != leader);
        // It is heard by everybody and hears nobody.
        cluster.cut.extend(others.map(|other| (other, leader)));
        cluster.propose(leader, "unheard");
        cluster.run(Micros::from_secs(5));
        cluster.consensus.check_settled(&mut cluster.ledger);
        let is_stuck = cluster.leader() == Some(leader);
        (
            is_stuck,
            cluster.ledger.broken().contains(&Invariant::Liveness),
        )
    };
    assert_eq!(settles(Some(Rule::LeaderChecksQuorum)), (true, true));
    assert!(!settles(None).0, "with the rule kept, it steps down");
}

/// A learner that joins after everything before it was compacted away needs a snapshot in which it
/// does not occur yet.
#[test]
fn a_node_that_refuses_the_snapshot_from_before_it_joined_never_catches_up() {
    let settles = |rule: Option<Rule>| {
        let mut cluster = Cluster::new(3, 1, |config| Config {
            broken_rule: rule,
            ..config
        });
        cluster.run(Micros::from_secs(1));
        let leader = cluster.leader().unwrap();
        for command in 0..20 {
            cluster.propose(leader, &command.to_string());
        }
        cluster.run(Micros::from_secs(1));
        for id in cluster.ids() {
            cluster.snapshot(id);
        }
        let change = MembershipChange::one(MemberChange::AddLearner(n(4)));
        cluster.input(leader, Input::ProposeMembership { change });
        cluster.run(Micros::from_secs(3));
        cluster.consensus.check_settled(&mut cluster.ledger);
        cluster.ledger.broken()
    };
    assert_eq!(settles(None), []);
    let mutant = Some(Rule::SnapshotFromBeforeJoining);
    assert_eq!(settles(mutant), [Invariant::Liveness]);
}

/// Who is asked to lead and asks for permission first is refused by all who hear the old leader.
#[test]
fn a_transfer_that_goes_through_a_pre_vote_fails() {
    let transfers = |rule: Option<Rule>| {
        let mut cluster = Cluster::new(3, 0, |config| Config {
            broken_rule: rule,
            ..config
        });
        cluster.run(Micros::from_secs(1));
        let leader = cluster.leader().unwrap();
        let to = cluster.ids().into_iter().find(|id| *id != leader).unwrap();
        cluster.input(leader, Input::TransferLeadership { to });
        cluster.run(Micros::from_millis(100));
        cluster.consensus.check_transferred(&mut cluster.ledger, to);
        cluster.ledger.broken()
    };
    assert_eq!(transfers(None), []);
    let mutant = Some(Rule::TransferSkipsPreVote);
    assert_eq!(transfers(mutant), [Invariant::Liveness]);
}

/// A voter whose log is behind wins the pre-vote again and again while nobody leads, and every time
/// the term grows for nothing: more terms than the same cluster needs with the rule kept.
#[test]
fn a_pre_vote_for_a_log_that_is_behind_grows_the_term() {
    let terms = |rule: Option<Rule>| {
        let mut cluster = Cluster::new(3, 0, |config| Config {
            broken_rule: rule,
            ..config
        });
        cluster.run(Micros::from_secs(1));
        let leader = cluster.leader().unwrap();
        let behind = cluster.ids().into_iter().find(|id| *id != leader).unwrap();
        for id in cluster.ids() {
            cluster.cut.extend([(id, behind), (behind, id)]);
        }
        cluster.propose(leader, "missed");
        cluster.run(Micros::from_secs(1));
        cluster.cut.clear();
        cluster.crash(leader, None);
        // Only the one that is behind ever stands.
        cluster.consensus.churn = Churn::new(Some(Micros::from_millis(500)));
        cluster
            .consensus
            .disturbed(cluster.now, Disturbance::Passing);
        for _ in 0..10 {
            cluster.now = cluster.now + Micros::from_millis(200);
            cluster.input(behind, Input::Campaign);
            cluster.deliver_all();
        }
        cluster.ledger.broken()
    };
    assert!(!terms(None).contains(&Invariant::BoundedChurn));
    let mutant = Some(Rule::PreVoteChecksLog);
    assert_eq!(terms(mutant), [Invariant::BoundedChurn]);
}

/// A member that is down after healing, and a cluster that has settled.
#[test]
fn a_cluster_that_does_not_settle_is_seen() {
    let mut cluster = Cluster::new(3, 0, |config| config);
    cluster.run(Micros::from_secs(1));
    cluster.crash(n(1), None);
    cluster.run(Micros::from_secs(1));
    cluster.consensus.check_settled(&mut cluster.ledger);
    assert_eq!(cluster.ledger.broken(), [Invariant::Liveness]);
    let mut cluster = Cluster::new(3, 0, |config| config);
    cluster.run(Micros::from_secs(1));
    heal(&mut cluster);
    cluster.consensus.check_settled(&mut cluster.ledger);
    assert_eq!(cluster.ledger.broken(), []);
}
