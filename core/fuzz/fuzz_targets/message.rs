//! Any bytes, as a message of Raft, as a record of its journal, as sessions, and as the payloads that
//! its entries carry.
//!
//! The first byte says as which; the rest gets a head and a checksum that fit, or the search would
//! never come past them. What a decoder takes must be written again as it was read, and what a node
//! is sent must not make it panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quorate::codec::{Kind, Sink, frame, put_varint};
use quorate::raft::sessions::{Command, Sessions};
use quorate::raft::{Config, Input, Membership, MembershipChange, Message, Raft, Record, Restored};
use quorate::{Micros, NodeId};

fuzz_target!(|input: &[u8]| {
    let Some((&selector, body)) = input.split_first() else {
        return;
    };
    match selector % 5 {
        0 => message(&frame(Kind::Raft, |out| out.put(body))),
        1 => {
            let bytes = frame(Kind::RaftRecord, |out| {
                put_varint(out, body.len() as u64);
                out.put(body);
            });
            same(&bytes, |bytes| Some(Record::decode(bytes).ok()?.encode()));
        }
        2 => {
            let bytes = frame(Kind::RaftSessions, |out| out.put(body));
            same(&bytes, |bytes| Some(Sessions::decode(bytes).ok()?.encode()));
        }
        3 => same(body, |bytes| {
            Some(Command::decode(bytes).ok()?.encode().to_vec())
        }),
        _ => same(body, |bytes| {
            Some(MembershipChange::decode(bytes).ok()?.encode().to_vec())
        }),
    }
});

fn same(bytes: &[u8], again: impl FnOnce(&[u8]) -> Option<Vec<u8>>) {
    if let Some(again) = again(bytes) {
        assert_eq!(again, bytes);
    }
}

/// There and back, and through the door of a node that has nothing yet.
fn message(bytes: &[u8]) {
    let Ok(message) = Message::decode(bytes) else {
        return;
    };
    assert_eq!(message.encode(), bytes);
    let membership = Membership::of_voters([1, 2, 3].map(NodeId)).expect("three voters");
    let config = Config::new(message.to);
    let mut node = Raft::new(config, Restored::fresh(membership), Micros::ZERO)
        .expect("settings that are as they come");
    let before = format!("{node:?}");
    if node.step(Micros(1), Input::Receive(message)).is_err() {
        assert_eq!(format!("{node:?}"), before);
    }
}
