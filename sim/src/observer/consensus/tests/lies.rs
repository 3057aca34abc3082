//! Every checker against something that breaks exactly its property.

use quorate::raft::{
    Body, Effects, Entries, Entry, EntryKind, HardState, Input, Membership, Message, Persist, Raft,
    Restored, Role, Verdict,
};
use quorate::{Micros, NodeId};

use super::super::commits::Reign;
use super::super::elections::Churn;
use super::super::mirror::{Durable, Link, Tail};
use super::super::{Confirmation, Disturbance};
use super::cluster::Cluster;
use super::faults::n;
use crate::observer::Invariant;

/// Three nodes that have agreed on a few commands; the leader, and one who follows.
fn settled() -> (Cluster, NodeId, NodeId) {
    let mut cluster = Cluster::new(3, 0, |config| config);
    cluster.run(Micros::from_secs(1));
    let leader = cluster.leader().unwrap();
    for command in ["a", "b", "c"] {
        cluster.propose(leader, command);
    }
    cluster.run(Micros::from_secs(1));
    assert_eq!(
        cluster.ledger.broken(),
        [],
        "{}",
        cluster.ledger.last_words()
    );
    let follower = cluster.ids().into_iter().find(|id| *id != leader).unwrap();
    (cluster, leader, follower)
}

fn raft(cluster: &Cluster, id: NodeId) -> Raft {
    cluster.raft(id).unwrap().clone()
}

/// What a node that took no step shows, after the observer was made to believe something else.
fn glance(cluster: &mut Cluster, id: NodeId) -> Vec<Invariant> {
    let raft = raft(cluster, id);
    cluster
        .consensus
        .stepped(&mut cluster.ledger, &raft, &Effects::default());
    cluster.ledger.broken()
}

/// What it shows when it writes this.
fn write(cluster: &mut Cluster, id: NodeId, persist: Persist) -> Vec<Invariant> {
    let raft = raft(cluster, id);
    let effects = Effects {
        persist: Some(persist),
        ..Effects::default()
    };
    cluster
        .consensus
        .stepped(&mut cluster.ledger, &raft, &effects);
    cluster.ledger.broken()
}

/// A write of one entry at the end of a node's log, in this term.
fn one_entry(raft: &Raft, term: u64, payload: &str) -> Persist {
    let before = raft.log().last_prefix_hash();
    let payload = payload.as_bytes().into();
    let entry = Entry::new(before, term, EntryKind::Command, payload);
    // A write as the kernel makes them (some of its fields are known to it alone), with another
    // content: that of a node which hears of a term for the first time.
    let (group, id) = (raft.membership().clone(), raft.id());
    let other = group.incoming().iter().find(|voter| **voter != id);
    let heartbeat = Message {
        from: *other.unwrap(),
        to: id,
        term: 1,
        body: Body::Heartbeat {
            commit_index: 0,
            round: 1,
            sent_at: Micros::ZERO,
        },
    };
    let mut fresh = Raft::new(raft.config().clone(), Restored::fresh(group), Micros::ZERO).unwrap();
    let effects = fresh.step(Micros::ZERO, Input::Receive(heartbeat)).unwrap();
    let mut persist = effects.persist.take().unwrap();
    persist.io = 1_000;
    persist.hard_state = HardState {
        term: raft.term(),
        vote: raft.vote(),
        commit_index: 0,
    };
    persist.first_index = raft.last_index() + 1;
    persist.entries = Entries::new(before, vec![entry]).unwrap();
    persist
}

fn message(cluster: &Cluster, from: NodeId, to: NodeId, body: Body) -> Message {
    Message {
        from,
        to,
        term: cluster.raft(from).unwrap().term(),
        body,
    }
}

/// What is found when the message leaves.
fn send(cluster: &mut Cluster, message: Message) -> Vec<Invariant> {
    let raft = raft(cluster, message.from);
    let effects = Effects {
        send: vec![message],
        ..Effects::default()
    };
    cluster
        .consensus
        .stepped(&mut cluster.ledger, &raft, &effects);
    cluster.ledger.broken()
}

#[test]
fn two_leaders_of_one_term_and_one_who_was_never_elected() {
    let (mut cluster, leader, follower) = settled();
    let term = cluster.raft(leader).unwrap().term();
    cluster
        .consensus
        .elected(&mut cluster.ledger, follower, term);
    let broken = cluster.ledger.broken();
    assert!(broken.contains(&Invariant::ElectionSafety), "{broken:?}");
    assert!(
        broken.contains(&Invariant::MembershipSafety),
        "nobody voted for it"
    );
    let (mut cluster, _, follower) = settled();
    let heartbeat = Body::Heartbeat {
        commit_index: 0,
        round: 1,
        sent_at: Micros::ZERO,
    };
    let lie = message(&cluster, follower, n(1), heartbeat);
    assert_eq!(send(&mut cluster, lie), [Invariant::ElectionSafety]);
}

#[test]
fn two_votes_in_one_term_and_one_that_is_not_durable() {
    let (mut cluster, leader, follower) = settled();
    let term = cluster.raft(leader).unwrap().term();
    cluster
        .consensus
        .voted(&mut cluster.ledger, follower, term, n(9));
    assert_eq!(cluster.ledger.broken(), [Invariant::VoteUniqueness]);
    let words = cluster.ledger.last_words();
    assert!(
        words.contains(&format!("to n9, and had granted it to {leader}")),
        "{words}"
    );
    let (mut cluster, leader, follower) = settled();
    let granted = Body::VoteReply {
        verdict: Verdict::Granted,
    };
    cluster.consensus.host_mut(follower).durable.hard_state.vote = None;
    let lie = message(&cluster, follower, leader, granted);
    assert_eq!(send(&mut cluster, lie), [Invariant::DurablePromises]);
}

#[test]
fn a_leader_that_cuts_its_log() {
    let (mut cluster, leader, follower) = settled();
    let mut persist = one_entry(&raft(&cluster, leader), 1, "x");
    persist.truncate_from = Some(persist.first_index - 1);
    let broken = write(&mut cluster, leader, persist);
    assert!(broken.contains(&Invariant::LeaderAppendOnly), "{broken:?}");
    assert!(
        broken.contains(&Invariant::CommittedIsImmutable),
        "{broken:?}"
    );
    let mut persist = one_entry(&raft(&cluster, follower), 1, "x");
    persist.truncate_from = Some(2);
    let broken = write(&mut cluster, follower, persist);
    assert!(
        broken.contains(&Invariant::DurablePromises),
        "it had accepted that"
    );
}

#[test]
fn another_entry_at_the_same_index_and_term() {
    let (mut cluster, leader, follower) = settled();
    let term = cluster.raft(leader).unwrap().term();
    cluster.propose(leader, "true");
    let persist = one_entry(&raft(&cluster, follower), term, "false");
    let broken = write(&mut cluster, follower, persist);
    assert!(broken.contains(&Invariant::LogMatching), "{broken:?}");
}

#[test]
fn a_log_with_a_gap_and_one_beyond_its_term() {
    let (mut cluster, _, follower) = settled();
    let mut persist = one_entry(&raft(&cluster, follower), 1, "x");
    persist.first_index += 1;
    let broken = write(&mut cluster, follower, persist);
    assert!(broken.contains(&Invariant::WellFormedLogs), "{broken:?}");
    let (mut cluster, _, follower) = settled();
    let persist = one_entry(&raft(&cluster, follower), 99, "x");
    let broken = write(&mut cluster, follower, persist);
    assert!(broken.contains(&Invariant::WellFormedLogs), "{broken:?}");
}

#[test]
fn a_leader_without_what_was_committed_and_a_log_that_could_elect_it() {
    let (mut cluster, leader, follower) = settled();
    let term = cluster.raft(leader).unwrap().term();
    cluster.consensus.host_mut(follower).log = Tail::at(1);
    cluster
        .consensus
        .check_complete(&mut cluster.ledger, follower, term + 1);
    assert_eq!(cluster.ledger.broken(), [Invariant::LeaderCompleteness]);
    let (mut cluster, _, follower) = settled();
    let log = &mut cluster.consensus.host_mut(follower).log;
    *log = Tail::at(1);
    log.push(Link {
        term: term + 1,
        hash: 7,
    });
    cluster
        .consensus
        .check_up_to_date(&mut cluster.ledger, follower);
    assert_eq!(cluster.ledger.broken(), [Invariant::UpToDateIsComplete]);
}

#[test]
fn state_machines_that_part_or_skip() {
    let (mut cluster, leader, follower) = settled();
    let next = cluster.consensus.host(follower).executed_index;
    cluster.consensus.host_mut(follower).executed_index = next - 1;
    cluster
        .consensus
        .applied(&mut cluster.ledger, follower, next, 12_345);
    assert_eq!(cluster.ledger.broken(), [Invariant::StateMachineSafety]);
    assert!(cluster.ledger.last_words().contains("another state"));
    let (mut cluster, ..) = settled();
    cluster
        .consensus
        .applied(&mut cluster.ledger, leader, next + 2, 1);
    assert_eq!(cluster.ledger.broken(), [Invariant::StateMachineSafety]);
}

#[test]
fn commits_without_a_quorum_of_disks_or_of_another_term() {
    let (mut cluster, leader, _) = settled();
    let term = cluster.raft(leader).unwrap().term();
    let index = cluster.consensus.committed_index();
    for id in cluster.ids().into_iter().filter(|id| *id != leader) {
        cluster.consensus.host_mut(id).durable.log = Tail::at(1);
    }
    cluster
        .consensus
        .check_leader_commit(&mut cluster.ledger, leader, term, index);
    assert_eq!(cluster.ledger.broken(), [Invariant::CommitLegality]);
    let words = cluster.ledger.last_words();
    assert!(
        words.contains(&format!("only {leader} have it on disk")),
        "{words}"
    );
    let (mut cluster, leader, _) = settled();
    cluster
        .consensus
        .check_leader_commit(&mut cluster.ledger, leader, term + 1, index);
    assert_eq!(cluster.ledger.broken(), [Invariant::CommitLegality]);
    let (mut cluster, _, follower) = settled();
    cluster
        .consensus
        .check_follower_commit(&mut cluster.ledger, follower, term, index + 1);
    assert_eq!(cluster.ledger.broken(), [Invariant::CommitLegality]);
}

#[test]
fn disks_of_a_quorum_that_are_lost() {
    let (mut cluster, ..) = settled();
    cluster.consensus.disk_lost(&mut cluster.ledger, n(1));
    assert_eq!(cluster.ledger.broken(), []);
    cluster.consensus.disk_lost(&mut cluster.ledger, n(2));
    assert_eq!(cluster.ledger.broken(), [Invariant::QuorumDurability]);
}

#[test]
fn promises_that_a_restart_forgets() {
    let forget = |change: fn(&mut Cluster, NodeId)| {
        let (mut cluster, _, follower) = settled();
        let raft = raft(&cluster, follower);
        change(&mut cluster, follower);
        cluster.consensus.started(&mut cluster.ledger, &raft);
        cluster.ledger.broken()
    };
    assert_eq!(forget(|_, _| {}), []);
    let term = |cluster: &mut Cluster, id| cluster.consensus.host_mut(id).promises.term += 7;
    assert_eq!(forget(term), [Invariant::DurablePromises]);
    let vote = |cluster: &mut Cluster, id: NodeId| {
        let term = cluster.raft(id).unwrap().term();
        cluster.consensus.host_mut(id).promises.vote = Some((term, n(9)));
    };
    assert_eq!(forget(vote), [Invariant::DurablePromises]);
    let entry = |cluster: &mut Cluster, id| {
        let link = Link { term: 1, hash: 5 };
        cluster.consensus.host_mut(id).promises.accepted = Some((99, link));
    };
    assert_eq!(forget(entry), [Invariant::DurablePromises]);
}

/// What a follower accepted from a leader that hardly anybody heard goes with its log when a snapshot
/// replaces that. To come back without it breaks no promise.
#[test]
fn what_a_snapshot_has_overtaken_need_not_be_there() {
    let mut cluster = Cluster::new(5, 0, |config| config);
    cluster.run(Micros::from_secs(1));
    let leader = cluster.leader().unwrap();
    let follower = cluster.ids().into_iter().find(|id| *id != leader).unwrap();
    let is_few = |id: &NodeId| [leader, follower].contains(id);
    let many: Vec<NodeId> = cluster.ids().into_iter().filter(|id| !is_few(id)).collect();
    for &id in &many {
        for few in [leader, follower] {
            cluster.cut.extend([(few, id), (id, few)]);
        }
    }
    for command in 0..20 {
        cluster.propose(leader, &command.to_string());
    }
    cluster.run(Micros::from_secs(2));
    let accepted = cluster.raft(follower).unwrap().last_index();
    let next = cluster.leader().unwrap();
    assert!(many.contains(&next));
    cluster.propose(next, "a");
    cluster.run(Micros::from_secs(1));
    for id in many {
        cluster.snapshot(id);
    }
    cluster.cut.clear();
    cluster.run(Micros::from_secs(2));
    let raft = cluster.raft(follower).unwrap();
    let installed = raft.snapshot().position.index;
    assert!(installed > 0 && raft.last_index() < accepted);
    cluster.crash(follower, None);
    cluster.restart(follower);
    assert_eq!(
        cluster.ledger.broken(),
        [],
        "{}",
        cluster.ledger.last_words()
    );
}

#[test]
fn an_acknowledgement_before_the_disk() {
    let (mut cluster, leader, follower) = settled();
    let index = cluster.consensus.committed_index();
    let Durable { log, .. } = &mut cluster.consensus.host_mut(follower).durable;
    *log = Tail::at(index - 1);
    let accepted = Body::AppendAccepted { match_index: index };
    let lie = message(&cluster, follower, leader, accepted);
    assert_eq!(send(&mut cluster, lie), [Invariant::DurablePromises]);
}

#[test]
fn terms_that_fall_and_indices_out_of_order() {
    let (mut cluster, _, follower) = settled();
    cluster.consensus.host_mut(follower).term += 5;
    assert_eq!(glance(&mut cluster, follower), [Invariant::Monotonicity]);
    let (mut cluster, _, follower) = settled();
    let log = &mut cluster.consensus.host_mut(follower).log;
    log.push(Link { term: 1, hash: 3 });
    assert_eq!(glance(&mut cluster, follower), [Invariant::StateOrdering]);
}

#[test]
fn messages_that_say_too_much() {
    let (mut cluster, leader, follower) = settled();
    let commit = Body::Commit {
        commit_index: 1_000,
    };
    let lie = message(&cluster, leader, follower, commit);
    assert_eq!(send(&mut cluster, lie), [Invariant::MessageSanity]);
    let (mut cluster, leader, follower) = settled();
    let log = raft(&cluster, leader);
    let append = Body::Append {
        previous_index: 2,
        previous_term: 9,
        entries: Entries::none(log.log().prefix_hash_at(2).unwrap()),
        commit_index: 1,
    };
    let lie = message(&cluster, leader, follower, append);
    assert_eq!(send(&mut cluster, lie), [Invariant::MessageSanity]);
    let (mut cluster, leader, follower) = settled();
    let mut lie = message(&cluster, leader, follower, Body::TimeoutNow);
    lie.from = follower;
    cluster
        .consensus
        .check_message(&mut cluster.ledger, &lie, &log);
    assert!(cluster.ledger.broken().contains(&Invariant::MessageSanity));
}

#[test]
fn changes_of_the_group_that_are_too_many_or_too_early() {
    let (mut cluster, leader, _) = settled();
    let term = cluster.raft(leader).unwrap().term();
    cluster
        .consensus
        .change_appended(&mut cluster.ledger, leader, 10, term);
    assert_eq!(cluster.ledger.broken(), []);
    cluster
        .consensus
        .change_appended(&mut cluster.ledger, leader, 11, term);
    assert_eq!(cluster.ledger.broken(), [Invariant::MembershipSafety]);
    let (mut cluster, leader, _) = settled();
    cluster.consensus.host_mut(leader).term = term + 1;
    cluster
        .consensus
        .change_appended(&mut cluster.ledger, leader, 10, term + 1);
    assert_eq!(cluster.ledger.broken(), [Invariant::MembershipSafety]);
    let (mut cluster, leader, follower) = settled();
    cluster.consensus.host_mut(follower).changes.push_back(1);
    let candidate = raft(&cluster, leader);
    cluster.consensus.check_campaign(
        &mut cluster.ledger,
        follower,
        Role::PreCandidate,
        &candidate,
    );
    assert_eq!(cluster.ledger.broken(), [Invariant::MembershipSafety]);
}

#[test]
fn a_group_that_shares_no_quorum_with_the_one_before() {
    let (mut cluster, leader, _) = settled();
    let apart = Membership::of_voters([n(1), n(4), n(5)]).unwrap();
    cluster
        .consensus
        .memberships
        .push((4, apart.clone().into()));
    cluster
        .consensus
        .membership_applied(&mut cluster.ledger, leader, 4, &apart);
    assert_eq!(cluster.ledger.broken(), [Invariant::MembershipSafety]);
    assert!(cluster.ledger.last_words().contains("shares nobody"));
}

#[test]
fn a_lease_that_was_overtaken_and_a_read_from_before_its_question() {
    let (mut cluster, leader, follower) = settled();
    let term = cluster.raft(leader).unwrap().term();
    let reign = Reign {
        leader: follower,
        commit_index: 9,
        has_committed: true,
    };
    cluster.consensus.reigns.insert(term + 1, reign);
    let lease = Confirmation::Lease { at: cluster.now };
    for confirmation in [Confirmation::Quorum, lease] {
        cluster
            .consensus
            .read_served(&mut cluster.ledger, leader, term, confirmation);
    }
    assert_eq!(cluster.ledger.broken(), [Invariant::LeaseSafety]);
    let (mut cluster, leader, _) = settled();
    cluster.consensus.read_asked(leader, 8);
    cluster
        .consensus
        .read_confirmed(&mut cluster.ledger, leader, 8, 1);
    assert_eq!(cluster.ledger.broken(), [Invariant::Linearizability]);
}

#[test]
fn an_election_that_nothing_called_for() {
    let (mut cluster, leader, _) = settled();
    cluster.consensus.churn = Churn::new(Some(Micros::from_secs(5)));
    let mut grow = |second: u64, disturbance: Option<Disturbance>, term: u64| {
        let at = Micros::from_secs(second);
        cluster.ledger.advance(at);
        if let Some(disturbance) = disturbance {
            cluster.consensus.disturbed(at, disturbance);
        }
        cluster
            .consensus
            .check_churn(&mut cluster.ledger, leader, term);
        cluster.ledger.broken()
    };
    assert_eq!(grow(1, None, 1), []);
    assert_eq!(grow(20, Some(Disturbance::Lasting), 2), []);
    assert_eq!(grow(60, None, 3), []);
    assert_eq!(grow(70, Some(Disturbance::Passing), 4), []);
    assert_eq!(grow(74, None, 5), []);
    assert_eq!(grow(76, None, 6), [Invariant::BoundedChurn]);
}
