//! Any message and any record, there and back.

use std::sync::Arc;

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::{collection, option, proptest};
use quorate::raft::{
    Body, Boundary, Cause, Entries, Entry, EntryKind, HardState, MemberChange, Membership,
    MembershipChange, Message, Record, Snapshot, SnapshotContent, Transition, Verdict,
};
use quorate::{Micros, NodeId};

/// A term or an index that the format allows: mostly small.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, 0..1_u64 << 61, Just((1 << 61) - 1)]
}

fn node() -> impl Strategy<Value = NodeId> {
    prop_oneof![0..5_u64, any::<u64>()].prop_map(NodeId)
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(Verdict::Granted), Just(Verdict::Refused)]
}

fn kind() -> impl Strategy<Value = EntryKind> {
    prop_oneof![
        Just(EntryKind::NoOp),
        Just(EntryKind::Command),
        Just(EntryKind::Membership)
    ]
}

fn payload() -> impl Strategy<Value = Arc<[u8]>> {
    collection::vec(any::<u8>(), 0..40).prop_map(Arc::from)
}

fn entries() -> impl Strategy<Value = Entries> {
    let terms = prop_oneof![1..3_u64, count()];
    let list = collection::vec((terms, kind(), payload()), 0..12);
    (any::<u128>(), list).prop_map(|(previous_hash, list)| {
        let mut hash = previous_hash;
        let chained = list.into_iter().map(|(term, kind, payload)| {
            let entry = Entry::new(hash, term, kind, payload);
            hash = entry.prefix_hash();
            entry
        });
        Entries::new(previous_hash, chained.collect()).unwrap()
    })
}

fn change() -> impl Strategy<Value = MembershipChange> {
    let transition = prop_oneof![
        Just(Transition::Auto),
        Just(Transition::Implicit),
        Just(Transition::Explicit)
    ];
    let change = (0..4, 1..12_u64).prop_map(|(what, node)| match what {
        0 => MemberChange::AddVoter(NodeId(node)),
        1 => MemberChange::AddLearner(NodeId(node)),
        2 => MemberChange::AddWitness(NodeId(node)),
        _ => MemberChange::Remove(NodeId(node)),
    });
    (transition, collection::vec(change, 0..4)).prop_map(|(transition, changes)| MembershipChange {
        transition,
        changes,
    })
}

/// What changes can make of a group of three.
fn membership() -> impl Strategy<Value = Membership> {
    collection::vec(change(), 0..12).prop_map(|changes| {
        let mut membership = Membership::of_voters([1, 2, 3].map(NodeId)).unwrap();
        for change in changes {
            membership = membership.changed(&change).unwrap_or(membership);
        }
        membership
    })
}

fn boundary() -> impl Strategy<Value = Boundary> {
    (count(), count(), any::<u128>()).prop_map(|(index, term, prefix_hash)| Boundary {
        index,
        term,
        prefix_hash,
    })
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    (boundary(), membership()).prop_map(|(position, membership)| Snapshot {
        position,
        membership,
    })
}

fn ballot() -> impl Strategy<Value = Body> {
    let cause = prop_oneof![Just(Cause::Election), Just(Cause::Transfer)];
    prop_oneof![
        (count(), count()).prop_map(|(last_index, last_term)| Body::PreVote {
            last_index,
            last_term
        }),
        (verdict(), count()).prop_map(|(verdict, proposed_term)| Body::PreVoteReply {
            verdict,
            proposed_term
        }),
        (count(), count(), cause).prop_map(|(last_index, last_term, cause)| Body::Vote {
            last_index,
            last_term,
            cause
        }),
        verdict().prop_map(|verdict| Body::VoteReply { verdict }),
    ]
}

fn replication() -> impl Strategy<Value = Body> {
    let content = prop_oneof![
        Just(SnapshotContent::State),
        Just(SnapshotContent::PositionOnly)
    ];
    let instant = || any::<u64>().prop_map(Micros);
    prop_oneof![
        (count(), count(), entries(), count()).prop_map(|(index, term, entries, commit)| {
            Body::Append {
                previous_index: index,
                previous_term: term,
                entries,
                commit_index: commit,
            }
        }),
        count().prop_map(|match_index| Body::AppendAccepted { match_index }),
        (count(), count(), count()).prop_map(|(rejected_index, hint_index, hint_term)| {
            Body::AppendRejected {
                rejected_index,
                hint_index,
                hint_term,
            }
        }),
        count().prop_map(|commit_index| Body::Commit { commit_index }),
        (count(), any::<u64>(), instant()).prop_map(|(commit_index, round, sent_at)| {
            Body::Heartbeat {
                commit_index,
                round,
                sent_at,
            }
        }),
        (any::<u64>(), instant())
            .prop_map(|(round, sent_at)| Body::HeartbeatReply { round, sent_at }),
        (snapshot(), content).prop_map(|(snapshot, content)| Body::Snapshot {
            snapshot: Arc::new(snapshot),
            content
        }),
        count().prop_map(|commit_index| Body::Quiesce { commit_index }),
    ]
}

fn request() -> impl Strategy<Value = Body> {
    prop_oneof![
        (kind(), payload()).prop_map(|(kind, payload)| Body::Propose { kind, payload }),
        any::<u64>().prop_map(|id| Body::Read { id }),
        (any::<u64>(), count()).prop_map(|(id, index)| Body::ReadReply { id, index }),
        node().prop_map(|to| Body::TransferLeadership { to }),
        Just(Body::TimeoutNow),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let body = prop_oneof![ballot(), replication(), request()];
    (node(), node(), count(), body).prop_map(|(from, to, term, body)| Message {
        from,
        to,
        term,
        body,
    })
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        snapshot().prop_map(Record::Snapshot),
        count().prop_map(|from| Record::Truncation { from }),
        (count(), entries()).prop_map(|(first_index, entries)| Record::Entries {
            first_index,
            entries
        }),
        (count(), option::of(node()), count()).prop_map(|(term, vote, commit_index)| {
            Record::HardState(HardState {
                term,
                vote,
                commit_index,
            })
        }),
        boundary().prop_map(Record::Compaction),
    ]
}

proptest! {
    #[test]
    fn a_message_is_what_was_sent(message in message()) {
        let bytes = message.encode();
        assert_eq!(Message::decode(&bytes).as_ref(), Ok(&message));
        // Behind others in a buffer it is the same.
        let mut buffer = Vec::from(b"others".as_slice());
        message.encode_into(&mut buffer);
        assert_eq!(buffer, [b"others", &bytes[..]].concat());
    }

    #[test]
    fn a_record_is_what_was_written(record in record(), follower in record()) {
        let mut journal = record.encode();
        assert_eq!(Record::decode(&journal).as_ref(), Ok(&record));
        let length = journal.len();
        follower.encode_into(&mut journal);
        assert_eq!(Record::decode_first(&journal), Ok((record, length)));
        assert_eq!(Record::decode(&journal[length..]), Ok(follower));
    }

    #[test]
    fn a_change_of_membership_is_what_was_proposed(change in change()) {
        assert_eq!(MembershipChange::decode(&change.encode()), Ok(change));
    }
}
