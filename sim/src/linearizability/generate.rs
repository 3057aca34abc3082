//! Histories from a seed: what clients of a real register would have seen, and what they could not.
//!
//! A register is simulated, not guessed: every operation gets its moment between call and answer, so
//! the history is linearizable by construction. Then an answer can be changed, which mostly, but not
//! always, makes it one that is not.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate::Random;

use super::history::{History, Outcome, Recorder};
use super::register::{Answer, Call, Register, Value};
use super::specification::Specification;

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many operations.
    pub operations: usize,
    /// Over how many keys.
    pub keys: usize,
    /// By how many clients, each with one operation at a time.
    pub clients: u64,
    /// How many different numbers are written.
    pub values: u64,
    /// How many operations are never answered, in thousandths.
    pub unknown_permille: u32,
    /// Whether texts are appended, in place of numbers that are compared and set.
    pub appends: Appends,
}

/// Whether texts are appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appends {
    /// Reads, writes, and comparisons of numbers.
    Never,
    /// Reads and appends, as in key-value logs.
    Always,
}

/// An operation under way.
struct Open {
    key: usize,
    call: Call,
    /// Once it has taken effect.
    answer: Option<Answer>,
}

/// A linearizable history, the same for the same options and seed.
pub fn linearizable(options: &Options, seed: u64) -> History<Call, Answer> {
    let mut random = Random::new(seed);
    let keys: Vec<Arc<str>> = (0..options.keys)
        .map(|key| format!("k{key}").into())
        .collect();
    let register = Register::default();
    let mut states = vec![register.initial(); keys.len()];
    let mut open: BTreeMap<u64, Open> = BTreeMap::new();
    let mut recorder = Recorder::default();
    let (mut called, mut position) = (0, 0);
    while called < options.operations || !open.is_empty() {
        let client = random.below(options.clients.max(1));
        let Some(mut operation) = open.remove(&client) else {
            if called < options.operations {
                let key = random.index(keys.len());
                let call = draw(options, &mut random);
                position += 1;
                let known = Arc::clone(&keys[key]);
                let called_well = recorder.call(position, client, known, call.clone());
                called_well.expect("the client has nothing open");
                let answer = None;
                open.insert(client, Open { key, call, answer });
                called += 1;
            }
            continue;
        };
        if let Some(answer) = operation.answer {
            position += 1;
            let ended = if random.chance(options.unknown_permille) {
                recorder.give_up(position, client)
            } else {
                recorder.answer(position, client, answer)
            };
            ended.expect("the client has something open");
        } else if random.chance(options.unknown_permille) {
            position += 1;
            let ended = recorder.give_up(position, client);
            ended.expect("the client has something open");
        } else {
            let state = &mut states[operation.key];
            operation.answer = Some(serve(&register, state, &operation.call));
            open.insert(client, operation);
        }
    }
    recorder.finish()
}

/// The history with one answer changed: a read that finds another value, or a comparison that went
/// the other way. `None` if there is nothing to change.
pub fn mutated(
    history: &History<Call, Answer>,
    values: u64,
    random: &mut Random,
) -> Option<History<Call, Answer>> {
    let changeable: Vec<usize> = (0..)
        .zip(history.operations())
        .filter(|(_, operation)| {
            let told = operation.answer().is_some();
            told && matches!(operation.call, Call::Read | Call::CompareAndSet { .. })
        })
        .map(|(place, _)| place)
        .collect();
    if changeable.is_empty() {
        return None;
    }
    let chosen = changeable[random.index(changeable.len())];
    let mut events: BTreeMap<u64, (usize, bool)> = BTreeMap::new();
    for (place, operation) in history.operations().iter().enumerate() {
        events.insert(operation.called_at, (place, true));
        if let Some((at, _)) = operation.answer() {
            events.insert(at, (place, false));
        }
    }
    let mut recorder = Recorder::default();
    for (at, (place, is_call)) in events {
        let operation = &history.operations()[place];
        // Who gave up without a word calls again under another name.
        let client = match operation.outcome {
            Outcome::Unknown => u64::MAX - place as u64,
            Outcome::Answered { .. } => operation.client,
        };
        let taken = match operation.answer() {
            Some((_, answer)) if !is_call => {
                let answer = if place == chosen {
                    other(answer, values, random)
                } else {
                    answer.clone()
                };
                recorder.answer(at, client, answer)
            }
            _ => recorder.call(
                at,
                client,
                Arc::clone(&operation.key),
                operation.call.clone(),
            ),
        };
        taken.expect("the same events in the same order");
    }
    Some(recorder.finish())
}

fn draw(options: &Options, random: &mut Random) -> Call {
    let mut number = || {
        Some(Value::Integer(i128::from(
            random.below(options.values.max(1)),
        )))
    };
    let (first, second) = (number(), number());
    match (options.appends, random.below(3)) {
        (Appends::Always, 0 | 1) => Call::Append(format!("{};", random.below(1_000_000)).into()),
        (Appends::Never, 0) => Call::Write(first),
        (Appends::Never, 1) => Call::CompareAndSet {
            expected: first,
            new: second,
        },
        _ => Call::Read,
    }
}

/// What the register answers, and becomes.
fn serve(register: &Register, state: &mut Option<Value>, call: &Call) -> Answer {
    let answer = match call {
        Call::Read => Answer::Found(state.clone()),
        Call::CompareAndSet { expected, .. } if expected != state => Answer::Different,
        Call::Write(_) | Call::CompareAndSet { .. } | Call::Append(_) => Answer::Done,
    };
    let after = register.apply(state, call, Some(&answer));
    *state = after.expect("texts are appended to texts alone");
    answer
}

fn other(answer: &Answer, values: u64, random: &mut Random) -> Answer {
    match answer {
        Answer::Done => Answer::Different,
        Answer::Different => Answer::Done,
        Answer::Found(_) => Answer::Found(Some(Value::Integer(i128::from(
            random.below(values.max(1)),
        )))),
    }
}
