//! The log of a key-value store: get, put and append, in the notation of Clojure.
//!
//! A line is `{:process 0, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}`. A key that was
//! never written holds the empty text.

use super::super::history::{History, Recorder};
use super::super::register::{Answer, Call, Value};
use super::{ReadError, at, bad, lines};

/// Reads the lines of a log.
pub(super) fn read(text: &str) -> Result<History<Call, Answer>, ReadError> {
    let mut recorder = Recorder::default();
    let mut events = 0;
    for (line, words) in lines(text) {
        let event = Event::parse(words).map_err(|what| bad(line, what))?;
        take(&mut recorder, line, event)?;
        events += 1;
    }
    if events == 0 {
        return Err(ReadError::Empty);
    }
    Ok(recorder.finish())
}

struct Event {
    process: u64,
    kind: String,
    function: String,
    key: String,
    /// `None` for `nil`.
    value: Option<String>,
}

fn take(recorder: &mut Recorder<Call, Answer>, line: u64, event: Event) -> Result<(), ReadError> {
    let process = event.process;
    let call = event.call().map_err(|what| bad(line, what))?;
    if event.kind == "invoke" {
        return recorder
            .call(line, process, event.key.into(), call)
            .map_err(at(line));
    }
    if let Some(open) = recorder.open_operation(process)
        && (open.call != call || *open.key != *event.key)
    {
        let what = format!(
            "process {process} gets the answer to another call than that of line {}",
            open.called_at
        );
        return Err(bad(line, what));
    }
    let ended = match (&*event.kind, call) {
        ("ok", Call::Read) => {
            let text = event.value.unwrap_or_default();
            let found = Some(Value::Text(text.into()));
            recorder.answer(line, process, Answer::Found(found))
        }
        ("ok", _) => recorder.answer(line, process, Answer::Done),
        ("fail", _) => recorder.refuse(line, process),
        ("info", _) => recorder.give_up(line, process),
        (other, _) => return Err(bad(line, format!("`:type :{other}` is no kind of event"))),
    };
    ended.map_err(at(line))
}

impl Event {
    fn parse(line: &str) -> Result<Self, String> {
        let cut_off = || "the line is cut off: expected {:process …, …}".to_owned();
        let inner = line
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        let mut rest = inner.ok_or_else(cut_off)?.trim();
        let (mut process, mut kind, mut function, mut key, mut value) =
            (None, None, None, None, None);
        while !rest.is_empty() {
            let (name, after) = rest.split_once(' ').ok_or_else(cut_off)?;
            let (word, after) = Word::parse(after.trim_start())?;
            let place = match name {
                ":process" => &mut process,
                ":type" => &mut kind,
                ":f" => &mut function,
                ":key" => &mut key,
                ":value" => &mut value,
                _ => return Err(format!("`{name}` is no field of an event")),
            };
            if place.replace(word).is_some() {
                return Err(format!("`{name}` is there twice"));
            }
            rest = after.trim_start_matches([',', ' ']);
        }
        let missing = |name: &str| format!("`{name}` is missing");
        let process = process.ok_or_else(|| missing(":process"))?.number()?;
        Ok(Self {
            process,
            kind: kind.ok_or_else(|| missing(":type"))?.keyword()?,
            function: function.ok_or_else(|| missing(":f"))?.keyword()?,
            key: key.ok_or_else(|| missing(":key"))?.text()?,
            value: match value.ok_or_else(|| missing(":value"))? {
                Word::Bare(word) if word == "nil" => None,
                word => Some(word.text()?),
            },
        })
    }

    fn call(&self) -> Result<Call, String> {
        match (&*self.function, &self.value) {
            ("get", _) => Ok(Call::Read),
            ("put", Some(text)) => Ok(Call::Write(Some(Value::Text(text.as_str().into())))),
            ("append", Some(text)) => Ok(Call::Append(text.as_str().into())),
            ("put" | "append", None) => Err(format!("`:f :{}` needs a text", self.function)),
            (other, _) => Err(format!("`:f :{other}` is no operation of this log")),
        }
    }
}

/// A value of a field.
enum Word {
    Bare(String),
    Quoted(String),
}

impl Word {
    /// The first word, and what comes after it.
    fn parse(text: &str) -> Result<(Self, &str), String> {
        let Some(quoted) = text.strip_prefix('"') else {
            let end = text.find([',', ' ']).unwrap_or(text.len());
            return Ok((Self::Bare(text[..end].into()), &text[end..]));
        };
        let mut word = String::new();
        let mut characters = quoted.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return Ok((Self::Quoted(word), &quoted[at + 1..])),
                '\\' => match characters.next() {
                    Some((_, 'n')) => word.push('\n'),
                    Some((_, 't')) => word.push('\t'),
                    Some((_, escaped @ ('"' | '\\'))) => word.push(escaped),
                    _ => return Err("a text has an escape that is not known".into()),
                },
                _ => word.push(character),
            }
        }
        Err("a text is not closed".into())
    }

    fn number(self) -> Result<u64, String> {
        match self {
            Self::Bare(word) => word
                .parse()
                .map_err(|_| format!("expected the number of a process, found `{word}`")),
            Self::Quoted(word) => Err(format!("expected the number of a process, found {word:?}")),
        }
    }

    fn keyword(self) -> Result<String, String> {
        match self {
            Self::Bare(word) if word.starts_with(':') => Ok(word[1..].into()),
            Self::Bare(word) | Self::Quoted(word) => {
                Err(format!("expected a keyword such as :ok, found `{word}`"))
            }
        }
    }

    fn text(self) -> Result<String, String> {
        match self {
            Self::Quoted(word) => Ok(word),
            Self::Bare(word) => Err(format!("expected a text in quotes, found `{word}`")),
        }
    }
}
