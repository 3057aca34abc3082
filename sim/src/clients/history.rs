//! What clients saw, as a history for an independent judge.

use std::sync::Arc;

use quorate::{Micros, NodeId};

use super::{Client, Operations, Performed};
use crate::linearizability::{Answer, Call, History, Recorder, Value};
use crate::machine::{Operation, Reply};

/// An end of an operation.
#[derive(Clone, Copy, Debug)]
enum End<'a> {
    /// It is over.
    Return(&'a Performed),
    /// It begins.
    Call(NodeId, Operation),
}

/// The history of all operations, those that are still under way included: they may have happened.
///
/// Of one instant the returns come first. Nothing arrives in the instant in which it is sent, so what
/// is asked in an instant happens after it, and what was answered happened before.
pub(crate) fn history(operations: &Operations, clients: &[Client]) -> History<Call, Answer> {
    let mut ends: Vec<(Micros, u8, End<'_>)> = Vec::new();
    for performed in operations.iter() {
        let call = End::Call(performed.client, performed.operation);
        ends.push((performed.invoked_at, 1, call));
        ends.push((performed.returned_at, 0, End::Return(performed)));
    }
    for client in clients {
        if let Some((operation, since)) = client.under_way() {
            ends.push((since, 1, End::Call(client.id(), operation)));
        }
    }
    ends.sort_by_key(|&(at, order, _)| (at, order));
    let mut recorder = Recorder::default();
    for (position, (.., end)) in (1..).zip(ends) {
        let taken = match end {
            End::Call(client, operation) => {
                let key: Arc<str> = format!("k{}", operation.key()).into();
                recorder.call(position, client.0, key, asked(operation))
            }
            End::Return(performed) => match performed.outcome {
                Some((reply, _)) => recorder.answer(position, performed.client.0, told(reply)),
                None => recorder.give_up(position, performed.client.0),
            },
        };
        taken.expect("a client does one thing at a time");
    }
    recorder.finish()
}

fn asked(operation: Operation) -> Call {
    match operation {
        Operation::Put { value, .. } => Call::Write(number(Some(value))),
        Operation::CompareAndSet {
            expected, value, ..
        } => Call::CompareAndSet {
            expected: number(expected),
            new: number(Some(value)),
        },
        Operation::Get { .. } => Call::Read,
    }
}

fn told(reply: Reply) -> Answer {
    match reply {
        Reply::Written => Answer::Done,
        Reply::Mismatch => Answer::Different,
        Reply::Value(value) => Answer::Found(number(value)),
    }
}

fn number(value: Option<u64>) -> Option<Value> {
    value.map(|value| Value::Integer(value.into()))
}
