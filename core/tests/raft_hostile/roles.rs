//! A node in everything that it can be.

use quorate::raft::{
    Body, Config, EntryKind, Input, MemberChange, Membership, MembershipChange, Message, Raft,
    Role, Standing, Transition, Verdict,
};
use quorate::{Micros, NodeId};

use super::group::Group;

/// A node, what it is, and the time there.
pub(crate) struct Posed {
    pub(crate) name: &'static str,
    pub(crate) raft: Raft,
    pub(crate) now: Micros,
}

/// Three voters, a witness and a learner; 6 is nobody yet.
pub(crate) fn members() -> Membership {
    Membership::new([1, 2, 3].map(NodeId), [NodeId(4)], [NodeId(5)]).unwrap()
}

/// A group in which 1 leads and everybody has a few entries.
pub(crate) fn led_group() -> Group {
    let mut group = Group::new(&members(), (1..=6).map(|id| Config::new(NodeId(id))));
    group.elect(1);
    group.propose(1, 5);
    group.run(Micros::from_millis(60));
    group
}

/// One input that has to be taken.
pub(crate) fn stepped(raft: &Raft, now: Micros, input: Input) -> Raft {
    let mut raft = raft.clone();
    let effects = raft.step(now, input).unwrap();
    if let Some(write) = effects.persist.clone() {
        raft.step(now, Input::Persisted { io: write.io }).unwrap();
    }
    raft
}

/// A message to `to` in its own term.
pub(crate) fn message(from: u64, to: &Raft, body: Body) -> Message {
    Message {
        from: NodeId(from),
        to: to.id(),
        term: to.term(),
        body,
    }
}

/// Every role, every standing, and what else changes how a node acts.
pub(crate) fn all() -> Vec<Posed> {
    let group = led_group();
    let now = group.now;
    let pose = |name, raft: &Raft| Posed {
        name,
        raft: raft.clone(),
        now,
    };
    let mut posed = vec![
        pose("leader", group.raft(1)),
        pose("follower", group.raft(2)),
        pose("witness", group.raft(4)),
        pose("learner", group.raft(5)),
        pose("outsider", group.raft(6)),
    ];
    posed.extend(candidates(group.raft(2), now));
    let transfer = Input::TransferLeadership { to: NodeId(2) };
    let transferring = stepped(group.raft(1), now, transfer);
    assert_eq!(transferring.transferring_to(), Some(NodeId(2)));
    posed.push(pose("transferring leader", &transferring));
    posed.extend(quiesced(&group));
    posed.extend(joint_and_removed());
    posed.extend(installing());
    posed
}

fn candidates(follower: &Raft, now: Micros) -> [Posed; 2] {
    let now = now + Micros::from_secs(1);
    let pre_candidate = stepped(follower, now, Input::Tick);
    assert_eq!(pre_candidate.role(), Role::PreCandidate);
    let granted = Body::PreVoteReply {
        verdict: Verdict::Granted,
        proposed_term: follower.term() + 1,
    };
    let yes = |from| Input::Receive(message(from, &pre_candidate, granted.clone()));
    let candidate = stepped(&stepped(&pre_candidate, now, yes(3)), now, yes(4));
    assert_eq!(candidate.role(), Role::Candidate);
    [
        Posed {
            name: "pre-candidate",
            raft: pre_candidate,
            now,
        },
        Posed {
            name: "candidate",
            raft: candidate,
            now,
        },
    ]
}

fn quiesced(group: &Group) -> [Posed; 2] {
    let now = group.now;
    let leader = stepped(group.raft(1), now, Input::Quiesce);
    let follower = group.raft(2);
    let commit_index = follower.commit_index();
    let quiesce = message(1, follower, Body::Quiesce { commit_index });
    let follower = stepped(follower, now, Input::Receive(quiesce));
    assert!(leader.is_quiesced() && follower.is_quiesced());
    [("quiesced leader", leader), ("quiesced follower", follower)].map(|(name, raft)| Posed {
        name,
        raft,
        now,
    })
}

fn joint_and_removed() -> Vec<Posed> {
    let mut group = led_group();
    let change = MembershipChange {
        transition: Transition::Explicit,
        changes: vec![
            MemberChange::Remove(NodeId(3)),
            MemberChange::AddVoter(NodeId(5)),
            MemberChange::AddLearner(NodeId(2)),
        ],
    };
    group.input(1, Input::ProposeMembership { change }).unwrap();
    group.settle();
    group.run(Micros::from_millis(60));
    let pose = |name, group: &Group, id| Posed {
        name,
        raft: group.raft(id).clone(),
        now: group.now,
    };
    let mut posed = vec![
        pose("joint leader", &group, 1),
        pose("joint follower", &group, 2),
    ];
    assert!(posed.iter().all(|posed| posed.raft.membership().is_joint()));
    let change = MembershipChange::leave();
    group.input(1, Input::ProposeMembership { change }).unwrap();
    group.settle();
    // What is left of 3 learns that it was removed, as it would by a snapshot or an append that
    // was under way.
    let removed = pose("removed", &group, 3);
    posed.push(removed);
    posed.push(pose("demoted", &group, 2));
    assert_eq!(posed[3].raft.standing(), Standing::Learner);
    posed
}

fn installing() -> Vec<Posed> {
    let mut group = led_group();
    group.compact(1);
    let change = MembershipChange::one(MemberChange::AddLearner(NodeId(6)));
    group.input(1, Input::ProposeMembership { change }).unwrap();
    let snapshot = loop {
        let message = group.take(0);
        let to = message.to;
        if to == NodeId(6) && matches!(message.body, Body::Snapshot { .. }) {
            break message;
        }
        group.input(to.0, Input::Receive(message)).unwrap();
        if group.wire.is_empty() {
            group.now = group.raft(1).next_deadline().unwrap();
            group.input(1, Input::Tick).unwrap();
        }
    };
    let now = group.now;
    let mut raft = group.raft(6).clone();
    let effects = raft.step(now, Input::Receive(snapshot)).unwrap();
    assert!(effects.persist.as_ref().unwrap().snapshot.is_some());
    let name = "installing a snapshot";
    vec![Posed { name, raft, now }]
}

/// A leader whose own entries are not on its disk yet, and not committed.
pub(crate) fn ahead(group: &Group) -> Raft {
    let mut leader = group.raft(1).clone();
    let payloads = (0..3_u8).map(|byte| [byte].as_slice().into()).collect();
    leader
        .step(group.now, Input::ProposeBatch { payloads })
        .unwrap();
    assert_eq!(
        leader.log().entry(leader.last_index()).unwrap().kind(),
        EntryKind::Command
    );
    leader
}
