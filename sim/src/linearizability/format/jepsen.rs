//! The log of Jepsen's etcd test: one register, read, written and compared-and-set.
//!
//! A line is `INFO  jepsen.util - PROCESS :invoke :cas [1 2]`, with tabs. A failed comparison found
//! another value; a read that timed out says nothing; a write or comparison that timed out (`:info`)
//! may have happened. Lines of other kinds in between (a nemesis) are passed over.

use super::super::history::{History, Recorder};
use super::super::register::{Answer, Call, Value};
use super::{ReadError, at, bad, lines};

const KEY: &str = "register";

/// Reads the lines of a log.
pub(super) fn read(text: &str) -> Result<History<Call, Answer>, ReadError> {
    let mut recorder = Recorder::default();
    let mut events = 0;
    for (line, words) in lines(text) {
        if let Some(event) = Event::parse(words).map_err(|what| bad(line, what))? {
            take(&mut recorder, line, &event)?;
            events += 1;
        }
    }
    if events == 0 {
        return Err(ReadError::Empty);
    }
    Ok(recorder.finish())
}

/// One line about one process.
struct Event<'a> {
    process: u64,
    kind: &'a str,
    function: &'a str,
    value: Vec<&'a str>,
}

impl<'a> Event<'a> {
    /// `None` if the line is about something else.
    fn parse(line: &'a str) -> Result<Option<Self>, String> {
        let Some((_, words)) = line.split_once("jepsen.util - ") else {
            return if line.starts_with("INFO") {
                Ok(None)
            } else {
                Err("expected `INFO  jepsen.util - PROCESS :KIND :FUNCTION VALUE`".into())
            };
        };
        let mut words = words.split_whitespace();
        let process = words.next().unwrap_or_default();
        if process.starts_with(':') {
            return Ok(None);
        }
        let process = process
            .parse()
            .map_err(|_| format!("expected the number of a process, found `{process}`"))?;
        let (Some(kind), Some(function)) = (words.next(), words.next()) else {
            return Err("the line is cut off".into());
        };
        let value: Vec<&str> = words.collect();
        if value.is_empty() {
            return Err("the line is cut off: it has no value".into());
        }
        Ok(Some(Self {
            process,
            kind,
            function,
            value,
        }))
    }

    fn call(&self) -> Result<Call, String> {
        match (self.function, &*self.value) {
            (":read", ["nil"]) => Ok(Call::Read),
            (":write", [value]) => Ok(Call::Write(number(value)?)),
            (":cas", [first, second]) => {
                let (expected, new) = pair(first, second)?;
                Ok(Call::CompareAndSet { expected, new })
            }
            _ => Err(self.unknown()),
        }
    }

    fn unknown(&self) -> String {
        let value = self.value.join(" ");
        format!(
            "`{} {} {value}` is no event of this log",
            self.kind, self.function
        )
    }
}

fn take(
    recorder: &mut Recorder<Call, Answer>,
    line: u64,
    event: &Event<'_>,
) -> Result<(), ReadError> {
    let process = event.process;
    if event.kind == ":invoke" {
        let call = event.call().map_err(|what| bad(line, what))?;
        return recorder
            .call(line, process, KEY.into(), call)
            .map_err(at(line));
    }
    let timed_out = *event.value == [":timed-out"];
    let ended = match (event.kind, event.function) {
        // A read that timed out changed nothing and told nothing.
        (":fail" | ":info", ":read") if timed_out => recorder.refuse(line, process),
        (":info", ":write" | ":cas") => recorder.give_up(line, process),
        (":ok", ":read") => {
            let [value] = *event.value else {
                return Err(bad(line, event.unknown()));
            };
            let found = number(value).map_err(|what| bad(line, what))?;
            recorder.answer(line, process, Answer::Found(found))
        }
        (":ok" | ":fail", ":write" | ":cas") => {
            same(recorder, event).map_err(|what| bad(line, what))?;
            match (event.kind, event.function) {
                (":ok", _) => recorder.answer(line, process, Answer::Done),
                (_, ":cas") => recorder.answer(line, process, Answer::Different),
                _ => recorder.refuse(line, process),
            }
        }
        _ => return Err(bad(line, event.unknown())),
    };
    ended.map_err(at(line))
}

/// An answer repeats what was asked; if it does not, lines are missing.
fn same(recorder: &Recorder<Call, Answer>, event: &Event<'_>) -> Result<(), String> {
    let call = event.call()?;
    match recorder.open_operation(event.process) {
        Some(open) if open.call != call => Err(format!(
            "process {} gets the answer to another call than that of line {}",
            event.process, open.called_at
        )),
        _ => Ok(()),
    }
}

fn number(word: &str) -> Result<Option<Value>, String> {
    if word == "nil" {
        return Ok(None);
    }
    let number = word.parse();
    let number = number.map_err(|_| format!("expected a number or nil, found `{word}`"))?;
    Ok(Some(Value::Integer(number)))
}

fn pair(first: &str, second: &str) -> Result<(Option<Value>, Option<Value>), String> {
    let first = first.strip_prefix('[');
    let second = second.strip_suffix(']');
    let (Some(first), Some(second)) = (first, second) else {
        return Err("expected a pair such as [1 2]".into());
    };
    Ok((number(first)?, number(second)?))
}
