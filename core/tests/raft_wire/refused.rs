//! Bytes with a checksum that fits, and something else that does not.

use quorate::codec::{DecodeError, Kind, Sink, frame, put_bytes, put_varint};
use quorate::raft::{EntryKind, Message, Record};

use super::samples::chained;

/// A message from 1 to 2 in term 7 with this body.
fn message(write: impl FnOnce(&mut Vec<u8>)) -> Result<Message, DecodeError> {
    Message::decode(&frame(Kind::Raft, |out| {
        out.put(&[1, 2, 7]);
        write(out);
    }))
}

/// An append of these runs and payloads, and of a last hash that fits if they are one command of
/// term 2, `x`.
fn append(count: u64, runs: &[[u64; 3]], payloads: &[&[u8]]) -> Result<Message, DecodeError> {
    let hash = chained(0, &[(2, EntryKind::Command, b"x")])[0].prefix_hash();
    message(|out| {
        out.put(&[4, 5, 2]);
        out.put(&[0; 16]);
        put_varint(out, count);
        for value in runs.iter().flatten() {
            put_varint(out, *value);
        }
        for payload in payloads {
            put_bytes(out, payload);
        }
        out.put(&hash.to_le_bytes()[..8]);
        out.put(&[5]);
    })
}

fn wrong_value(result: Result<Message, DecodeError>, expected: &str) {
    match result {
        Err(DecodeError::BadValue { expected: said, .. }) => assert_eq!(said, expected),
        other => panic!("{other:?}, where it was to be refused as not {expected}"),
    }
}

#[test]
fn terms_and_indices_stay_where_counting_is_safe() {
    let limit = 1 << 61;
    let accepted = |index| {
        message(|out| {
            out.put(&[5]);
            put_varint(out, index);
        })
    };
    assert!(accepted(limit - 1).is_ok());
    wrong_value(accepted(limit), "a term or an index below 2^61");
    wrong_value(
        append(1, &[[limit, 1, 1]], &[b"x"]),
        "a term or an index below 2^61",
    );
    let term = frame(Kind::Raft, |out| {
        out.put(&[1, 2]);
        put_varint(out, limit);
        out.put(&[15]);
    });
    wrong_value(Message::decode(&term), "a term or an index below 2^61");
}

#[test]
fn entries_have_one_form() {
    assert!(append(1, &[[2, 1, 1]], &[b"x"]).is_ok());
    let run = "a run of entries";
    wrong_value(append(1, &[[2, 1, 0], [2, 1, 1]], &[b"x"]), run);
    wrong_value(append(1, &[[2, 1, 2]], &[b"x"]), run);
    wrong_value(append(2, &[[2, 1, 1], [2, 1, 1]], &[b"x", b"x"]), run);
    wrong_value(append(1, &[[2, 3, 1]], &[b"x"]), "a kind of entry");
    // The bytes are whole, and not those that were hashed.
    let proof = "half the hash of the last entry";
    wrong_value(append(1, &[[2, 1, 1]], &[b"y"]), proof);
    wrong_value(append(1, &[[3, 1, 1]], &[b"x"]), proof);
    wrong_value(append(1, &[[2, 0, 1]], &[b"x"]), proof);
    wrong_value(append(2, &[[2, 1, 2]], &[b"x", b""]), proof);
}

#[test]
fn an_append_has_no_more_entries_than_there_may_be() {
    let count = (1 << 20) + 1;
    let result = message(|out| {
        out.put(&[4, 5, 2]);
        out.put(&[0; 16]);
        put_varint(out, count);
        out.put(&vec![0; usize::try_from(count).unwrap()]);
    });
    wrong_value(result, "as many entries as there may be");
    let announced = append(1 << 40, &[[2, 1, 1 << 40]], &[b"x"]);
    assert!(matches!(announced, Err(DecodeError::Truncated { .. })));
}

#[test]
fn what_has_two_values_has_no_third() {
    wrong_value(message(|out| out.put(&[3, 2])), "zero or one");
    wrong_value(message(|out| out.put(&[2, 1, 1, 2])), "zero or one");
    wrong_value(message(|out| out.put(&[17])), "a kind of message");
    wrong_value(message(|out| out.put(&[11, 3, 0])), "a kind of entry");
}

/// A snapshot in a message, of these lists of members.
fn snapshot(membership: &[u8]) -> Result<Message, DecodeError> {
    message(|out| {
        out.put(&[10, 9, 1]);
        out.put(&[0; 16]);
        out.put(membership);
        out.put(&[0]);
    })
}

#[test]
fn only_possible_memberships_are_read() {
    // Incoming, outgoing, learners, learners to be, witnesses, and whether it leaves by itself.
    assert!(snapshot(&[2, 1, 2, 0, 1, 3, 0, 0, 0]).is_ok());
    assert!(snapshot(&[1, 1, 1, 2, 0, 1, 2, 1, 2, 1]).is_ok());
    let order = "nodes in order, none twice";
    wrong_value(snapshot(&[2, 2, 1, 0, 0, 0, 0, 0]), order);
    wrong_value(snapshot(&[2, 1, 1, 0, 0, 0, 0, 0]), order);
    wrong_value(snapshot(&[1, 1, 0, 0, 0, 0, 2]), "zero or one");
    let impossible = "a possible membership";
    wrong_value(snapshot(&[0; 6]), "a snapshot of a group");
    let learner_that_votes = [1, 1, 0, 1, 1, 0, 0, 0];
    let witness_that_does_not_vote = [1, 1, 0, 0, 0, 1, 2, 0];
    let witnesses_alone = [1, 1, 0, 0, 0, 1, 1, 0];
    let learner_to_be_that_stays = [1, 1, 1, 1, 0, 1, 1, 0, 0];
    let leaves_what_is_not_joint = [1, 1, 0, 0, 0, 0, 1];
    let ten = [10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0];
    for membership in [
        &learner_that_votes[..],
        &witness_that_does_not_vote,
        &witnesses_alone,
        &learner_to_be_that_stays,
        &leaves_what_is_not_joint,
        &ten,
    ] {
        wrong_value(snapshot(membership), impossible);
    }
}

#[test]
fn a_record_says_how_long_it_is() {
    let record = |length: u64| {
        frame(Kind::RaftRecord, |out| {
            put_varint(out, length);
            out.put(&[1, 130, 1]);
        })
    };
    assert_eq!(
        Record::decode(&record(3)),
        Ok(Record::Truncation { from: 130 })
    );
    let longer = Record::decode_first(&record(4));
    assert!(matches!(longer, Err(DecodeError::Truncated { .. })));
    let shorter = Record::decode_first(&record(2));
    assert_eq!(shorter, Err(DecodeError::Checksum));
    let endless = Record::decode_first(&record(u64::MAX));
    assert!(endless.is_err());
    let message = frame(Kind::Raft, |out| out.put(&[1, 2, 7, 15]));
    assert!(matches!(
        Record::decode(&message),
        Err(DecodeError::WrongKind { .. })
    ));
}
