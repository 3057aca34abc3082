//! Messages of a correct group, twice, late, and in any order.

use quorate::raft::{
    Body, Config, Forwarding, Input, MemberChange, Membership, MembershipChange, Message,
    ReadPolicy, Role, SnapshotOutcome, StepError,
};
use quorate::{Micros, NodeId, Random};

use super::group::{Group, is_fair};

/// A group whose nodes have different settings, where that does no harm.
fn group(seed: u64) -> Group {
    let configs = (1..=6).map(|id| Config {
        seed: seed * 8 + id,
        max_append_entries: 1 + usize::try_from(id).unwrap(),
        max_inflight_appends: 3,
        // Without either, a node that was removed and does not know it deposes every leader.
        pre_vote: seed.is_multiple_of(2),
        check_quorum: !seed.is_multiple_of(2) || seed.is_multiple_of(3),
        forwarding: if seed.is_multiple_of(5) {
            Forwarding::Off
        } else {
            Forwarding::ToLeader
        },
        reads: ReadPolicy::Quorum,
        ..Config::new(NodeId(id))
    });
    // No witness: one that has the longest log keeps others from leading, and never leads
    // itself.
    let members = Membership::new([1, 2, 3, 4].map(NodeId), [], [NodeId(5)]).unwrap();
    Group::new(&members, configs)
}

/// What clients and operators do, wherever they are.
fn request(random: &mut Random, group: &Group) -> Input {
    let node = NodeId(1 + random.below(6));
    match random.below(12) {
        0 => Input::TransferLeadership { to: node },
        1 => Input::Campaign,
        2 => Input::Read {
            id: random.below(5),
        },
        3 => Input::ForgetLeader,
        4 => Input::Quiesce,
        5 => Input::Unreachable { peer: node },
        6 => {
            let change = match random.below(3) {
                0 => MemberChange::Remove(node),
                1 => MemberChange::AddLearner(node),
                _ => MemberChange::AddVoter(node),
            };
            Input::ProposeMembership {
                change: MembershipChange::one(change),
            }
        }
        _ => Input::Propose {
            payload: group.now.0.to_le_bytes().as_slice().into(),
        },
    }
}

/// Delivers any message on the wire, and perhaps leaves it there to be delivered again.
fn deliver_any(random: &mut Random, group: &mut Group, refused: &mut Vec<StepError>) {
    if group.wire.is_empty() {
        return;
    }
    let at = random.index(group.wire.len());
    let again = random.chance(300).then(|| group.wire[at].clone());
    let message = group.take(at);
    group.wire.extend(again);
    if random.chance(50) {
        return;
    }
    let to = message.to.0;
    let before = group.raft(to).clone();
    let said = format!("{message:?}");
    if let Err(error) = group.input(to, Input::Receive(message)) {
        assert_eq!(
            format!("{:?}", group.raft(to)),
            format!("{before:?}"),
            "{said}: {error}"
        );
        refused.push(error);
    }
}

#[test]
fn late_and_repeated_messages_do_no_harm() {
    let mut refused = Vec::new();
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let mut group = group(seed);
        for _ in 0..1_500 {
            let id = 1 + random.below(6);
            match random.below(40) {
                0..=3 => {
                    let input = request(&mut random, &group);
                    // Whether it can be done here and now, the node knows.
                    let _ = group.input(id, input);
                }
                4..=7 => {
                    group.now = group.now + Micros(random.below(80_000));
                    for id in 1..=6 {
                        group.input(id, Input::Tick).unwrap();
                    }
                }
                8 if random.chance(200) => group.restart(id),
                9 if random.chance(200) => group.compact(id),
                _ => deliver_any(&mut random, &mut group, &mut refused),
            }
            let excess = group.wire.len().saturating_sub(200);
            group.wire.drain(..excess);
        }
        heal(&mut group, seed);
    }
    // Nothing looks like the work of a broken node, but for a wish to sleep that comes after what
    // ended the sleep.
    let quiesced = |error: &StepError| matches!(error, StepError::QuiescedBeyondLog { .. });
    refused.retain(|error| !is_fair(error) && !quiesced(error));
    assert_eq!(refused, []);
}

/// Once messages arrive in order again, there is one leader, and everybody has what it has.
fn heal(group: &mut Group, seed: u64) {
    group.wire.clear();
    for id in 1..=6 {
        // Whoever sleeps is woken by its host, and leaders find out who lost their messages.
        let _ = group.input(id, Input::ForgetLeader);
        for peer in 1..=6 {
            let to = NodeId(peer);
            let outcome = SnapshotOutcome::Failed;
            let _ = group.input(id, Input::SnapshotSent { to, outcome });
            let _ = group.input(id, Input::Unreachable { peer: to });
        }
    }
    group.run(Micros::from_secs(5));
    let leader = group.leader().map(|raft| raft.id().0);
    let leader = leader.unwrap_or_else(|| panic!("seed {seed}: nobody leads"));
    group.propose(leader, 3);
    group.run(Micros::from_secs(1));
    let leader = group.raft(leader);
    assert_eq!(leader.role(), Role::Leader, "seed {seed}");
    for member in leader.membership().members() {
        let raft = group.raft(member.0);
        assert_eq!(
            raft.applied_index(),
            leader.last_index(),
            "seed {seed}, {member}"
        );
        assert_eq!(
            raft.log().last_prefix_hash(),
            leader.log().last_prefix_hash()
        );
        assert_eq!(raft.leader(), Some(leader.id()), "seed {seed}, {member}");
    }
}

/// The answer to a heartbeat of an earlier term must not confirm a read of this one: it was given
/// before the read began, and its number means another round.
#[test]
fn a_heartbeat_of_an_earlier_term_confirms_no_read() {
    let membership = Membership::of_voters([1, 2, 3].map(NodeId)).unwrap();
    let mut group = Group::new(&membership, (1..=3).map(|id| Config::new(NodeId(id))));
    group.elect(1);
    group.now = group.raft(1).next_deadline().unwrap();
    group.input(1, Input::Tick).unwrap();
    let to_2 = |group: &Group| {
        let at = |bytes: &Vec<u8>| Message::decode(bytes).unwrap().to == NodeId(2);
        group.wire.iter().position(at).unwrap()
    };
    let at = to_2(&group);
    let late = group.take(at);
    assert!(matches!(late.body, Body::Heartbeat { .. }));
    group.settle();
    group.elect(2);
    group.elect(1);
    group.propose(1, 1);
    // 2 answers, in the new term; the answer takes its time.
    group.input(2, Input::Receive(late)).unwrap();
    let answer = group.take(0);
    // 3 leads and commits, and 1 hears nothing of it.
    group.now = group.now + Micros::from_secs(1);
    group.input(3, Input::Campaign).unwrap();
    for _ in 0..40 {
        group
            .wire
            .retain(|bytes| Message::decode(bytes).unwrap().to != NodeId(1));
        if !group.wire.is_empty() {
            let message = group.take(0);
            group.input(message.to.0, Input::Receive(message)).unwrap();
        }
    }
    assert_eq!(group.raft(3).role(), Role::Leader);
    assert!(group.raft(3).commit_index() > group.raft(1).commit_index());
    assert_eq!(group.raft(1).role(), Role::Leader);
    for id in 0..3 {
        group.input(1, Input::Read { id }).unwrap();
    }
    group.input(1, Input::Receive(answer)).unwrap();
    assert_eq!(
        group.reads,
        [],
        "3 has committed what these reads would not see"
    );
}
