//! JSON lines: one event of one client a line, in the order in which they happened.
//!
//! `{"client":1,"type":"invoke","op":"write","key":"x","value":3}`, later `{"client":1,"type":"ok"}`.
//! A history in which any line has a version is one of versioned registers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

use super::super::history::{History, Operation, Recorder};
use super::super::register::{Answer, Call, Register, Value};
use super::super::versioned::{VersionedAnswer, VersionedCall};
use super::{ReadError, Recorded, at, bad, lines};

/// One line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    client: u64,
    #[serde(rename = "type")]
    kind: Kind,
    op: Option<Op>,
    key: Option<String>,
    /// `None` if it is not there, which differs from `null`.
    #[serde(default, deserialize_with = "present")]
    value: Option<Json>,
    #[serde(default, deserialize_with = "present")]
    expected: Option<Json>,
    version: Option<u64>,
    time: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Invoke,
    Ok,
    Fail,
    Info,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Op {
    Read,
    Write,
    Cas,
    Append,
}

/// A kind of machine whose calls and answers have a form in JSON.
trait Language {
    type Call: PartialEq;
    type Answer;

    /// What an `invoke` asks.
    fn call(event: &Event) -> Result<Self::Call, String>;

    /// What an `ok` answers.
    fn done(call: &Self::Call, event: &Event) -> Result<Self::Answer, String>;

    /// What a `fail` answers, or `None` if it says that nothing happened.
    fn failed(call: &Self::Call, event: &Event) -> Option<Self::Answer>;

    /// The name of the operation.
    fn op(call: &Self::Call) -> Op;
}

/// Registers that are compared by what they hold.
struct Plain;

/// Registers that are compared by their version.
struct WithVersions;

/// Reads the lines of a history.
pub(super) fn read(text: &str) -> Result<Recorded, ReadError> {
    let mut events = Vec::new();
    let mut last = 0;
    for (line, words) in lines(text) {
        let event: Event =
            serde_json::from_str(words).map_err(|error| bad(line, json_error(&error)))?;
        if let Some(time) = event.time {
            if time < last {
                let what = format!("time runs backwards, from {last} to {time}");
                return Err(bad(line, what));
            }
            last = time;
        }
        events.push((line, event));
    }
    if events.is_empty() {
        return Err(ReadError::Empty);
    }
    if events.iter().any(|(_, event)| event.version.is_some()) {
        return Ok(Recorded::Versioned(record::<WithVersions>(&events)?));
    }
    let history = record::<Plain>(&events)?;
    Ok(Recorded::Registers(Register::default(), history))
}

/// A history of registers as JSON lines.
pub fn to_jsonl(history: &History<Call, Answer>) -> String {
    write(
        history,
        |call| match call {
            Call::Read => json!({"op": "read"}),
            Call::Write(value) => json!({"op": "write", "value": to_json(value.as_ref())}),
            Call::CompareAndSet { expected, new } => json!({
                "op": "cas",
                "expected": to_json(expected.as_ref()),
                "value": to_json(new.as_ref()),
            }),
            Call::Append(tail) => json!({"op": "append", "value": &**tail}),
        },
        |answer| match answer {
            Answer::Done => json!({"type": "ok"}),
            Answer::Found(found) => json!({"type": "ok", "value": to_json(found.as_ref())}),
            Answer::Different => json!({"type": "fail"}),
        },
    )
}

/// A history of versioned registers as JSON lines.
pub fn versioned_to_jsonl(history: &History<VersionedCall, VersionedAnswer>) -> String {
    write(
        history,
        |call| match call {
            VersionedCall::Get => json!({"op": "read"}),
            VersionedCall::Put(value) => json!({"op": "write", "value": to_json(value.as_ref())}),
            VersionedCall::CompareAndSet { version, new } => json!({
                "op": "cas",
                "version": version,
                "value": to_json(new.as_ref()),
            }),
        },
        |answer| match answer {
            VersionedAnswer::Done { version } => versioned(json!({"type": "ok"}), *version),
            VersionedAnswer::Found { value, version } => json!({
                "type": "ok",
                "value": to_json(value.as_ref()),
                "version": version,
            }),
            VersionedAnswer::Different { version } => versioned(json!({"type": "fail"}), *version),
        },
    )
}

fn versioned(mut object: Json, version: Option<u64>) -> Json {
    if let Some(version) = version {
        object["version"] = version.into();
    }
    object
}

fn record<L: Language>(events: &[(u64, Event)]) -> Result<History<L::Call, L::Answer>, ReadError> {
    let mut recorder = Recorder::default();
    let mut keys: BTreeSet<Arc<str>> = BTreeSet::new();
    for (line, event) in events {
        take::<L>(&mut recorder, &mut keys, *line, event)?;
    }
    Ok(recorder.finish())
}

fn take<L: Language>(
    recorder: &mut Recorder<L::Call, L::Answer>,
    keys: &mut BTreeSet<Arc<str>>,
    line: u64,
    event: &Event,
) -> Result<(), ReadError> {
    let client = event.client;
    if event.kind == Kind::Invoke {
        let call = L::call(event).map_err(|what| bad(line, what))?;
        let key = event.key.as_deref();
        let key = key.ok_or_else(|| bad(line, "`key` is missing"))?;
        let known = keys.get(key).cloned().unwrap_or_else(|| key.into());
        keys.insert(Arc::clone(&known));
        return recorder.call(line, client, known, call).map_err(at(line));
    }
    let Some(open) = recorder.open_operation(client) else {
        // There is none, so this is refused, with the reason.
        return recorder.give_up(line, client).map_err(at(line));
    };
    same::<L>(open, event).map_err(|what| bad(line, what))?;
    let ended = match event.kind {
        Kind::Ok => {
            let answer = L::done(&open.call, event).map_err(|what| bad(line, what))?;
            recorder.answer(line, client, answer)
        }
        Kind::Fail => match L::failed(&open.call, event) {
            Some(answer) => recorder.answer(line, client, answer),
            None => recorder.refuse(line, client),
        },
        Kind::Info | Kind::Invoke => recorder.give_up(line, client),
    };
    ended.map_err(at(line))
}

/// An answer need not repeat what was asked; if it does, it must be the same.
fn same<L: Language>(open: &Operation<L::Call, L::Answer>, event: &Event) -> Result<(), String> {
    let same_key = event.key.as_deref().is_none_or(|key| *key == *open.key);
    let same_op = event.op.is_none_or(|op| op == L::op(&open.call));
    if same_key && same_op {
        return Ok(());
    }
    Err(format!(
        "client {} gets the answer to another call than that of line {}",
        event.client, open.called_at
    ))
}

impl Language for Plain {
    type Call = Call;
    type Answer = Answer;

    fn call(event: &Event) -> Result<Call, String> {
        if event.op != Some(Op::Cas) && event.expected.is_some() {
            return Err("`expected` is for `cas` alone".into());
        }
        match event.op {
            None => Err("`op` is missing".into()),
            Some(Op::Read) if event.value.is_some() => Err("a read has no `value`".into()),
            Some(Op::Read) => Ok(Call::Read),
            Some(Op::Write) => Ok(Call::Write(needed("value", event.value.as_ref())?)),
            Some(Op::Cas) => Ok(Call::CompareAndSet {
                expected: needed("expected", event.expected.as_ref())?,
                new: needed("value", event.value.as_ref())?,
            }),
            Some(Op::Append) => match needed("value", event.value.as_ref())? {
                Some(Value::Text(tail)) => Ok(Call::Append(tail)),
                _ => Err("`value`: only a text can be appended".into()),
            },
        }
    }

    fn done(call: &Call, event: &Event) -> Result<Answer, String> {
        if *call == Call::Read {
            return Ok(Answer::Found(needed("value", event.value.as_ref())?));
        }
        Ok(Answer::Done)
    }

    fn failed(call: &Call, _: &Event) -> Option<Answer> {
        matches!(call, Call::CompareAndSet { .. }).then_some(Answer::Different)
    }

    fn op(call: &Call) -> Op {
        match call {
            Call::Read => Op::Read,
            Call::Write(_) => Op::Write,
            Call::CompareAndSet { .. } => Op::Cas,
            Call::Append(_) => Op::Append,
        }
    }
}

impl Language for WithVersions {
    type Call = VersionedCall;
    type Answer = VersionedAnswer;

    fn call(event: &Event) -> Result<VersionedCall, String> {
        if event.expected.is_some() {
            return Err(
                "`expected`: in a history with versions, `cas` compares a `version`".into(),
            );
        }
        if event.op != Some(Op::Cas) && event.version.is_some() {
            return Err("`version`: only `cas` asks for one".into());
        }
        match event.op {
            None => Err("`op` is missing".into()),
            Some(Op::Read) if event.value.is_some() => Err("a read has no `value`".into()),
            Some(Op::Read) => Ok(VersionedCall::Get),
            Some(Op::Write) => Ok(VersionedCall::Put(needed("value", event.value.as_ref())?)),
            Some(Op::Cas) => Ok(VersionedCall::CompareAndSet {
                version: event.version.ok_or("`version` is missing")?,
                new: needed("value", event.value.as_ref())?,
            }),
            Some(Op::Append) => Err("`op`: nothing is appended in a history with versions".into()),
        }
    }

    fn done(call: &VersionedCall, event: &Event) -> Result<VersionedAnswer, String> {
        let version = event.version;
        if *call != VersionedCall::Get {
            return Ok(VersionedAnswer::Done { version });
        }
        Ok(VersionedAnswer::Found {
            value: needed("value", event.value.as_ref())?,
            version: version.ok_or("`version` is missing")?,
        })
    }

    fn failed(call: &VersionedCall, event: &Event) -> Option<VersionedAnswer> {
        let version = event.version;
        matches!(call, VersionedCall::CompareAndSet { .. })
            .then_some(VersionedAnswer::Different { version })
    }

    fn op(call: &VersionedCall) -> Op {
        match call {
            VersionedCall::Get => Op::Read,
            VersionedCall::Put(_) => Op::Write,
            VersionedCall::CompareAndSet { .. } => Op::Cas,
        }
    }
}

/// Writes the events in order. A client that calls again without having heard of its last operation
/// has given that one up.
fn write<C, A>(
    history: &History<C, A>,
    call: impl Fn(&C) -> Json,
    answer: impl Fn(&A) -> Json,
) -> String {
    let mut events: BTreeMap<u64, Json> = BTreeMap::new();
    for operation in history.operations() {
        let mut called =
            json!({"client": operation.client, "type": "invoke", "key": &*operation.key});
        merge(&mut called, call(&operation.call));
        events.insert(operation.called_at, called);
        if let Some((at, told)) = operation.answer() {
            let mut answered = json!({"client": operation.client});
            merge(&mut answered, answer(told));
            events.insert(at, answered);
        }
    }
    let mut text = String::new();
    let mut waiting: BTreeSet<u64> = BTreeSet::new();
    for event in events.values() {
        let client = event["client"].as_u64().expect("it was put there above");
        if event["type"] != "invoke" {
            waiting.remove(&client);
        } else if !waiting.insert(client) {
            text.push_str(&json!({"client": client, "type": "info"}).to_string());
            text.push('\n');
        }
        text.push_str(&event.to_string());
        text.push('\n');
    }
    text
}

fn merge(object: &mut Json, more: Json) {
    if let (Json::Object(object), Json::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// A value that must be there, though it may be `null`.
fn needed(name: &str, field: Option<&Json>) -> Result<Option<Value>, String> {
    match field {
        None => Err(format!("`{name}` is missing")),
        Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(Value::Text(text.as_str().into()))),
        Some(Json::Number(number)) => number
            .as_i128()
            .map(|number| Some(Value::Integer(number)))
            .ok_or_else(|| format!("`{name}`: {number} is no integer of 64 bits")),
        Some(_) => Err(format!("`{name}`: expected null, an integer or a text")),
    }
}

fn to_json(value: Option<&Value>) -> Json {
    match value {
        None => Json::Null,
        Some(Value::Text(text)) => (&**text).into(),
        Some(Value::Integer(number)) => match (u64::try_from(*number), i64::try_from(*number)) {
            (Ok(number), _) => number.into(),
            (_, Ok(number)) => number.into(),
            _ => number.to_string().into(),
        },
    }
}

fn present<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(field).map(Some)
}

/// What is wrong with JSON; the line is known.
fn json_error(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "the line is cut off".into();
    }
    let words = error.to_string();
    let what = words.rsplit_once(" at line ");
    format!(
        "column {}: {}",
        error.column(),
        what.map_or(&*words, |(what, _)| what)
    )
}
