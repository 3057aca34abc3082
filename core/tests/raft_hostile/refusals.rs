//! Every reason for which an input is refused, at least once, and what it says.

use std::sync::Arc;

use quorate::raft::{
    Body, Boundary, Config, Entries, Entry, EntryKind, Forwarding, Input, MAX_BATCH, MemberChange,
    MembershipChange, Message, Raft, ReadPolicy, RemovalPolicy, Snapshot, SnapshotContent,
    StepError, Transition, Verdict,
};
use quorate::{Micros, NodeId};

use super::group::Group;
use super::roles::{self, message, stepped};

/// The place of a variant among all of them. Whoever adds one has to reach it here.
fn place(error: &StepError) -> usize {
    match error {
        StepError::WrongRecipient { .. } => 0,
        StepError::UnknownSender { .. } => 1,
        StepError::TermOutOfRange { .. } => 2,
        StepError::FromTheFuture { .. } => 3,
        StepError::ImpossiblePosition { .. } => 4,
        StepError::UnknownRound { .. } => 5,
        StepError::EntryTerm { .. } => 6,
        StepError::PrefixHashMismatch { .. } => 7,
        StepError::OverwritesCommitted { .. } => 8,
        StepError::SecondLeader { .. } => 9,
        StepError::CommitBeyondLog { .. } => 10,
        StepError::AnswerBeyondLog { .. } => 11,
        StepError::NoLeader => 12,
        StepError::NotLeader { .. } => 13,
        StepError::Removed => 14,
        StepError::BatchSize { .. } => 15,
        StepError::TooMuchUncommitted { .. } => 16,
        StepError::MembershipPending { .. } => 17,
        StepError::Membership(_) => 18,
        StepError::BrokenChange { .. } => 19,
        StepError::NotAProposal { .. } => 20,
        StepError::NotTransferable { .. } => 21,
        StepError::NotElectable => 22,
        StepError::ChangeUnapplied { .. } => 23,
        StepError::LeaseHeld { .. } => 24,
        StepError::NotIdle => 25,
        StepError::QuiescedBeyondLog { .. } => 26,
        StepError::SnapshotOutOfRange { .. } => 27,
        StepError::CompactsBeyondSnapshot { .. } => 28,
        StepError::UnknownPeer { .. } => 29,
        StepError::UnknownIo { .. } => 30,
        StepError::AppliedOutOfRange { .. } => 31,
    }
}

/// How many places there are.
const PLACES: usize = 32;

/// An input, the node that refuses it, and what that says.
struct Case {
    raft: Raft,
    now: Micros,
    input: Input,
    says: &'static str,
}

#[test]
fn every_refusal_is_reached_and_reads_well() {
    let mut reached = [false; PLACES];
    let cases = [messages(), answers(), proposals(), elections(), reports()];
    for case in cases.into_iter().flatten() {
        let mut raft = case.raft.clone();
        let what = format!("{:?}", case.input);
        let Err(error) = raft.step(case.now, case.input) else {
            panic!("{what} is taken");
        };
        assert_eq!(error.to_string(), case.says, "{what}");
        assert_eq!(format!("{raft:?}"), format!("{:?}", case.raft), "{what}");
        reached[place(&error)] = true;
    }
    let missed: Vec<_> = (0..PLACES).filter(|place| !reached[*place]).collect();
    assert_eq!(
        missed, [0; 0],
        "the places of variants that nothing reaches"
    );
}

fn case(group: &Group, id: u64, input: Input, says: &'static str) -> Case {
    Case {
        raft: group.raft(id).clone(),
        now: group.now,
        input,
        says,
    }
}

fn said(group: &Group, from: u64, to: u64, body: Body) -> Message {
    message(from, group.raft(to), body)
}

fn append(previous: (u64, u64), entries: Entries) -> Body {
    Body::Append {
        previous_index: previous.0,
        previous_term: previous.1,
        entries,
        commit_index: 0,
    }
}

fn offered(index: u64, prefix_hash: u128) -> Body {
    Body::Snapshot {
        snapshot: Arc::new(Snapshot {
            position: Boundary {
                index,
                term: 1,
                prefix_hash,
            },
            membership: roles::members(),
        }),
        content: SnapshotContent::State,
    }
}

/// One entry of a term, after a log of this hash.
fn entry(previous_hash: u128, term: u64) -> Entries {
    let entry = Entry::new(previous_hash, term, EntryKind::NoOp, Arc::default());
    Entries::new(previous_hash, vec![entry]).unwrap()
}

/// The log of the group: a no-op and five commands of term 1, committed everywhere.
fn messages() -> Vec<Case> {
    let group = roles::led_group();
    let hash = group.raft(2).log().last_prefix_hash();
    let refused =
        |from, body, says| case(&group, 2, Input::Receive(said(&group, from, 2, body)), says);
    let heartbeat = |commit_index| Body::Heartbeat {
        commit_index,
        round: 9,
        sent_at: Micros(0),
    };
    let vote = |last_index, last_term| Body::PreVote {
        last_index,
        last_term,
    };
    let changed = Entry::new(hash, 1, EntryKind::Membership, Arc::default());
    let changed = Entries::new(hash, vec![changed]).unwrap();
    let mut cases = envelopes(&group, &heartbeat(6));
    cases.extend(vec![
        refused(
            3,
            vote(4, 0),
            "n3 names a log position of index 4 and term 0",
        ),
        refused(
            3,
            vote(4, 2),
            "n3 names a log position of index 4 and term 2",
        ),
        refused(
            1,
            offered(0, 0),
            "n1 names a log position of index 0 and term 1",
        ),
        refused(
            1,
            append((6, 1), entry(hash, 2)),
            "entry 7 of an append has term 2, out of order",
        ),
        refused(
            1,
            append((6, 1), entry(hash ^ 1, 1)),
            "prefix hash of entry 6 does not follow from the log before it",
        ),
        refused(
            1,
            append((6, 1), Entries::none(7)),
            "prefix hash of entry 6 does not follow from the log before it",
        ),
        refused(
            1,
            offered(6, 7),
            "prefix hash of entry 6 does not follow from the log before it",
        ),
        refused(
            1,
            append((6, 1), changed),
            "n1 sends a change of membership that cannot be read",
        ),
        refused(3, heartbeat(6), "n3 claims to lead term 1, which n1 leads"),
        refused(
            1,
            heartbeat(7),
            "heartbeat commits index 7, but the log ends at 6",
        ),
        refused(
            1,
            Body::Quiesce { commit_index: 9 },
            "told to quiesce at index 9, but the log ends at 6",
        ),
        overwritten(&group),
    ]);
    cases
}

/// Messages that are wrong whatever they say.
fn envelopes(group: &Group, body: &Body) -> Vec<Case> {
    let mut other = said(group, 1, 2, body.clone());
    other.to = NodeId(3);
    let mut endless = said(group, 1, 2, body.clone());
    endless.term = 1 << 61;
    let granted = Body::VoteReply {
        verdict: Verdict::Granted,
    };
    let mut future = said(group, 3, 2, granted);
    future.term = 5;
    let out_of_range = "term 2305843009213693952 in a message from n1 is out of range";
    let from_ahead = "n3 addresses this node in term 5, but it has only reached 1";
    vec![
        case(group, 2, Input::Receive(other), "message addressed to n3"),
        case(group, 2, Input::Receive(endless), out_of_range),
        case(group, 2, Input::Receive(future), from_ahead),
    ]
}

/// An append of the next term that replaces what is committed.
fn overwritten(group: &Group) -> Case {
    let before = group.raft(2).log().prefix_hash_at(5).unwrap();
    let mut message = said(group, 3, 2, append((5, 1), entry(before, 2)));
    message.term = 2;
    let says = "append contradicts entry 6, and everything to 6 is committed";
    case(group, 2, Input::Receive(message), says)
}

fn answers() -> Vec<Case> {
    let group = roles::led_group();
    let refused =
        |from, body, says| case(&group, 1, Input::Receive(said(&group, from, 1, body)), says);
    let forwarded = |kind, payload: &[u8]| Body::Propose {
        kind,
        payload: payload.into(),
    };
    let accepted = |match_index| Body::AppendAccepted { match_index };
    vec![
        refused(6, accepted(6), "sender n6 is not another member"),
        refused(1, accepted(6), "sender n1 is not another member"),
        refused(
            2,
            accepted(7),
            "n2 answers about index 7, but the log ends at 6",
        ),
        refused(
            2,
            Body::HeartbeatReply {
                round: 99,
                sent_at: Micros(0),
            },
            "n2 answers heartbeat 99, which was never sent",
        ),
        refused(
            2,
            forwarded(EntryKind::NoOp, b""),
            "n2 forwards what is not a proposal",
        ),
        refused(
            2,
            forwarded(EntryKind::Membership, b""),
            "n2 sends a change of membership that cannot be read",
        ),
        refused(
            2,
            Body::TransferLeadership { to: NodeId(4) },
            "leadership cannot go to n4, which is no full voter",
        ),
    ]
}

fn one(payload: &[u8]) -> Input {
    Input::Propose {
        payload: payload.into(),
    }
}

fn propose_change(change: MembershipChange) -> Input {
    Input::ProposeMembership { change }
}

fn proposals() -> Vec<Case> {
    let group = roles::led_group();
    let cut_off = Input::ForgetLeader;
    let lone = stepped(group.raft(2), group.now, cut_off);
    let batch = |proposals| Input::ProposeBatch {
        payloads: vec![Arc::default(); proposals],
    };
    let joint = roles::all()
        .into_iter()
        .find(|posed| posed.name == "joint leader")
        .unwrap();
    let mut cases = vec![
        case(
            &group,
            1,
            batch(0),
            "a batch of 0 proposals, where 1 to 1048576 are possible",
        ),
        case(
            &group,
            1,
            batch(MAX_BATCH + 1),
            "a batch of 1048577 proposals, where 1 to 1048576 are possible",
        ),
        Case {
            raft: lone,
            now: group.now,
            input: one(b"x"),
            says: "no leader is known",
        },
        Case {
            raft: joint.raft,
            now: joint.now,
            input: propose_change(MembershipChange::one(MemberChange::AddVoter(NodeId(6)))),
            says: "the group is in a joint configuration, which has to be left first",
        },
    ];
    cases.extend(limits());
    let change = MembershipChange::one(MemberChange::AddLearner(NodeId(6)));
    let pending = propose_change(change.clone());
    let mut leader = group.raft(1).clone();
    leader.step(group.now, pending.clone()).unwrap();
    cases.push(Case {
        raft: leader,
        now: group.now,
        input: pending,
        says: "a change of membership has to wait for entry 7 and one of this term to be applied, \
               and 6 is",
    });
    let misfits = [
        (
            MembershipChange::leave(),
            "the group is in no joint configuration to leave",
        ),
        (
            MembershipChange::one(MemberChange::AddLearner(NodeId(4))),
            "node n4 cannot become or cease to be a witness: remove it, then add it anew",
        ),
        (
            removal_of([1, 2, 3]),
            "no voter would be left that can lead",
        ),
        (
            MembershipChange {
                transition: Transition::Auto,
                changes: (5..=10)
                    .map(|id| MemberChange::AddVoter(NodeId(id)))
                    .collect(),
            },
            "10 voters, where at most 9 are possible",
        ),
    ];
    for (change, says) in misfits {
        cases.push(case(&group, 1, propose_change(change), says));
    }
    cases
}

fn removal_of<const N: usize>(ids: [u64; N]) -> MembershipChange {
    MembershipChange {
        transition: Transition::Auto,
        changes: ids.map(|id| MemberChange::Remove(NodeId(id))).into(),
    }
}

/// Groups of other settings.
fn limits() -> Vec<Case> {
    let with = |change: fn(&mut Config)| {
        let configs = (1..=6).map(|id| {
            let mut config = Config::new(NodeId(id));
            change(&mut config);
            config
        });
        let mut group = Group::new(&roles::members(), configs);
        group.elect(1);
        group
    };
    let silent = with(|config| config.forwarding = Forwarding::Off);
    let mut full = with(|config| config.max_uncommitted_bytes = 10);
    full.input(1, one(&[0; 11])).unwrap();
    let mut retired = with(|config| config.removal = RemovalPolicy::KeepLeading);
    retired.input(1, propose_change(removal_of([1]))).unwrap();
    retired.settle();
    vec![
        case(&silent, 2, one(b"x"), "not the leader, which is n1"),
        case(
            &full,
            1,
            one(b"x"),
            "11 bytes are uncommitted, of 10 that may be",
        ),
        case(
            &retired,
            1,
            one(b"x"),
            "this leader is no longer a voter of the group",
        ),
    ]
}

fn elections() -> Vec<Case> {
    let group = roles::led_group();
    let mut leased = Config::new(NodeId(2));
    leased.reads = ReadPolicy::Lease { max_drift_ppm: 0 };
    let configs = [1, 2, 3, 4, 5, 6].map(|id| Config {
        id: NodeId(id),
        ..leased.clone()
    });
    let mut trusting = Group::new(&roles::members(), configs);
    trusting.elect(1);
    let until = trusting.now;
    assert_eq!(until, Micros::from_secs(1));
    vec![
        case(
            &group,
            4,
            Input::Campaign,
            "this node is no voter that may lead",
        ),
        unapplied(),
        case(
            &trusting,
            2,
            Input::Campaign,
            "the leader was promised not to be challenged before 1.150 s",
        ),
        case(
            &trusting,
            2,
            Input::ForgetLeader,
            "the leader was promised not to be challenged before 1.150 s",
        ),
        case(&group, 2, Input::Quiesce, "not the leader, which is n1"),
        Case {
            raft: roles::ahead(&group),
            now: group.now,
            input: Input::Quiesce,
            says: "a member lags, or something is pending",
        },
    ]
}

/// A follower that was told that a change is committed, and has not applied it.
fn unapplied() -> Case {
    let mut group = roles::led_group();
    let change = MembershipChange::one(MemberChange::AddLearner(NodeId(6)));
    group.input(1, propose_change(change)).unwrap();
    let at = (0..group.wire.len()).find(|at| {
        let message = Message::decode(&group.wire[*at]).unwrap();
        message.to == NodeId(2)
    });
    let append = group.take(at.unwrap());
    let now = group.now;
    let mut raft = stepped(group.raft(2), now, Input::Receive(append));
    let told = Body::Commit { commit_index: 7 };
    raft.step(now, Input::Receive(message(1, &raft, told)))
        .unwrap();
    Case {
        raft,
        now,
        input: Input::Campaign,
        says: "the change of membership at 7 is committed and not applied",
    }
}

fn reports() -> Vec<Case> {
    let group = roles::led_group();
    let to = |to| Input::TransferLeadership { to: NodeId(to) };
    let unreachable = Input::Unreachable { peer: NodeId(6) };
    vec![
        case(
            &group,
            1,
            to(5),
            "leadership cannot go to n5, which is no full voter",
        ),
        case(&group, 1, unreachable, "this node leads no other member n6"),
        case(
            &group,
            1,
            Input::Persisted { io: 99 },
            "write 99 was never asked for, the last was 7",
        ),
        case(
            &group,
            1,
            Input::Applied { index: 7 },
            "applied index 7 is not within 6..=6",
        ),
        case(
            &group,
            1,
            Input::Applied { index: 5 },
            "applied index 5 is not within 6..=6",
        ),
        case(
            &group,
            1,
            Input::SnapshotTaken { index: 7 },
            "snapshot at 7 is not within 0..=6",
        ),
        case(
            &group,
            1,
            Input::Compact { index: 1 },
            "entries up to 1 cannot go, the snapshot covers 0",
        ),
    ]
}
