//! One message of every kind, one record of every kind, and some sessions.

use std::sync::Arc;

use quorate::raft::sessions::{Call, Command, Limits, Sessions};
use quorate::raft::{
    Body, Boundary, Cause, Entries, Entry, EntryKind, HardState, MemberChange, Membership,
    MembershipChange, Message, Record, Snapshot, SnapshotContent, Transition, Verdict,
};
use quorate::{Micros, NodeId};

/// Entries of these terms, kinds and payloads that follow `previous_hash`.
pub fn chained(previous_hash: u128, list: &[(u64, EntryKind, &[u8])]) -> Entries {
    let mut hash = previous_hash;
    let entries = list.iter().map(|(term, kind, payload)| {
        let entry = Entry::new(hash, *term, *kind, Arc::from(*payload));
        hash = entry.prefix_hash();
        entry
    });
    Entries::new(previous_hash, entries.collect()).unwrap()
}

/// Several terms, every kind, and payloads of different lengths.
pub fn entries() -> Entries {
    let change = MembershipChange::one(MemberChange::AddLearner(NodeId(300))).encode();
    chained(
        0x0123_4567_89ab_cdef_fedc_ba98_7654_3210,
        &[
            (3, EntryKind::Command, b"set x 1"),
            (3, EntryKind::Command, b""),
            (3, EntryKind::Membership, &change),
            (200, EntryKind::NoOp, b""),
            (200, EntryKind::Command, &[7; 130]),
        ],
    )
}

/// A joint membership with somebody in every list.
pub fn membership() -> Membership {
    let ids = |ids: &[u64]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
    let group = Membership::new(ids(&[1, 2, 300]), ids(&[4]), ids(&[5])).unwrap();
    let change = MembershipChange {
        transition: Transition::Implicit,
        changes: vec![
            MemberChange::AddVoter(NodeId(6)),
            MemberChange::AddLearner(NodeId(2)),
        ],
    };
    group.changed(&change).unwrap()
}

/// A snapshot in the middle of a log.
pub fn snapshot() -> Snapshot {
    Snapshot {
        position: Boundary {
            index: 1_000,
            term: 4,
            prefix_hash: 0xdead_beef << 96 | 1,
        },
        membership: membership(),
    }
}

fn bodies() -> Vec<(&'static str, Body)> {
    let mut bodies = ballots();
    bodies.extend(replication());
    bodies.extend(requests());
    bodies
}

fn ballots() -> Vec<(&'static str, Body)> {
    vec![
        (
            "pre-vote",
            Body::PreVote {
                last_index: 300,
                last_term: 4,
            },
        ),
        (
            "pre-vote reply",
            Body::PreVoteReply {
                verdict: Verdict::Refused,
                proposed_term: 8,
            },
        ),
        (
            "vote",
            Body::Vote {
                last_index: 300,
                last_term: 4,
                cause: Cause::Transfer,
            },
        ),
        (
            "vote reply",
            Body::VoteReply {
                verdict: Verdict::Granted,
            },
        ),
    ]
}

fn replication() -> Vec<(&'static str, Body)> {
    let append = |entries| Body::Append {
        previous_index: 128,
        previous_term: 2,
        entries,
        commit_index: 127,
    };
    let snapshot = Body::Snapshot {
        snapshot: Arc::new(snapshot()),
        content: SnapshotContent::PositionOnly,
    };
    vec![
        ("empty append", append(Entries::none(9))),
        (
            "append of one",
            append(chained(9, &[(2, EntryKind::Command, b"x")])),
        ),
        ("append", append(entries())),
        ("append accepted", Body::AppendAccepted { match_index: 300 }),
        (
            "append rejected",
            Body::AppendRejected {
                rejected_index: 300,
                hint_index: 200,
                hint_term: 3,
            },
        ),
        ("commit", Body::Commit { commit_index: 127 }),
        (
            "heartbeat",
            Body::Heartbeat {
                commit_index: 127,
                round: 5,
                sent_at: Micros(1_700_000_000_000_000),
            },
        ),
        (
            "heartbeat reply",
            Body::HeartbeatReply {
                round: 5,
                sent_at: Micros(1_700_000_000_000_000),
            },
        ),
        ("snapshot", snapshot),
    ]
}

fn requests() -> Vec<(&'static str, Body)> {
    vec![
        (
            "propose",
            Body::Propose {
                kind: EntryKind::Command,
                payload: Arc::from(b"set y 2".as_slice()),
            },
        ),
        ("read", Body::Read { id: u64::MAX }),
        (
            "read reply",
            Body::ReadReply {
                id: u64::MAX,
                index: 126,
            },
        ),
        (
            "transfer leadership",
            Body::TransferLeadership { to: NodeId(3) },
        ),
        ("timeout now", Body::TimeoutNow),
        ("quiesce", Body::Quiesce { commit_index: 129 }),
    ]
}

/// One message of every kind, with a name.
pub fn messages() -> Vec<(&'static str, Message)> {
    let messages = bodies().into_iter().map(|(name, body)| {
        let message = Message {
            from: NodeId(1),
            to: NodeId(300),
            term: 7,
            body,
        };
        (name, message)
    });
    messages.collect()
}

/// One record of every kind, with a name.
pub fn records() -> Vec<(&'static str, Record)> {
    let hard_state = |vote| HardState {
        term: 7,
        vote,
        commit_index: 300,
    };
    vec![
        ("snapshot record", Record::Snapshot(snapshot())),
        ("blank record", Record::Snapshot(Snapshot::default())),
        ("truncation record", Record::Truncation { from: 130 }),
        (
            "entries record",
            Record::Entries {
                first_index: 129,
                entries: entries(),
            },
        ),
        (
            "hard state record",
            Record::HardState(hard_state(Some(NodeId(3)))),
        ),
        ("voteless record", Record::HardState(hard_state(None))),
        ("compaction record", Record::Compaction(snapshot().position)),
    ]
}

/// Two sessions, one of which has replies that nobody acknowledged.
pub fn sessions() -> Sessions {
    let mut sessions = Sessions::new(Limits::default());
    let mut index = 100;
    let mut apply = |command| {
        index += 1;
        sessions
            .apply(index, command, |payload| Arc::from(payload))
            .unwrap();
    };
    apply(Command::Open);
    apply(Command::Open);
    for sequence in 1..=4 {
        apply(Command::Call(Call {
            session: 101,
            sequence,
            acknowledged: sequence / 3,
            payload: b"reply",
        }));
    }
    sessions
}
