//! A register that is read, written, compared-and-set and appended to.
//!
//! Jepsen's etcd test uses the first three, key-value logs the first, second and last. One machine
//! serves both, so a file may mix them.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::specification::Specification;

/// What a register may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Integer(i128),
    /// A text.
    Text(Arc<str>),
}

/// What is asked of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// What is there?
    Read,
    /// Put this there, whatever was there; `None` empties it.
    Write(Option<Value>),
    /// Put `new` there if `expected` is there.
    CompareAndSet {
        /// What must be there.
        expected: Option<Value>,
        /// What is there afterwards.
        new: Option<Value>,
    },
    /// Put this text behind the text that is there.
    Append(Arc<str>),
}

/// What a register answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was done: a write, an append, a comparison that was right.
    Done,
    /// A read: this is there.
    Found(Option<Value>),
    /// Something else was there, and nothing was done.
    Different,
}

/// A register that starts with this value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Register {
    /// What is there before anything was written.
    pub initial: Option<Value>,
}

impl Specification for Register {
    type Call = Call;
    type Answer = Answer;
    type State = Option<Value>;

    fn initial(&self) -> Self::State {
        self.initial.clone()
    }

    fn apply(
        &self,
        state: &Self::State,
        call: &Call,
        answer: Option<&Answer>,
    ) -> Option<Self::State> {
        match (call, answer) {
            (Call::Read, None) => Some(state.clone()),
            (Call::Read, Some(Answer::Found(found))) => (found == state).then(|| state.clone()),
            (Call::Write(value), None | Some(Answer::Done)) => Some(value.clone()),
            (Call::CompareAndSet { expected, new }, None | Some(Answer::Done)) => {
                (expected == state).then(|| new.clone())
            }
            (Call::CompareAndSet { expected, .. }, Some(Answer::Different)) => {
                (expected != state).then(|| state.clone())
            }
            (Call::Append(tail), None | Some(Answer::Done)) => appended(state.as_ref(), tail),
            _ => None,
        }
    }

    fn only_reads(&self, call: &Call, answer: &Answer) -> bool {
        *call == Call::Read || *answer == Answer::Different
    }

    fn only_grows(&self, call: &Call) -> bool {
        matches!(call, Call::Read | Call::Append(_))
    }

    fn leads_to(&self, state: &Self::State, _: &Call, answer: &Answer) -> bool {
        match (state, answer) {
            (Some(Value::Text(now)), Answer::Found(Some(Value::Text(then)))) => {
                then.starts_with(&**now)
            }
            (Some(now), Answer::Found(then)) => Some(now) == then.as_ref(),
            _ => true,
        }
    }

    fn describe(&self, call: &Call, answer: Option<&Answer>) -> String {
        match (call, answer) {
            (Call::Read, Some(Answer::Found(found))) => format!("read {}", Shown(found.as_ref())),
            (Call::Read, _) => "asked what is there".into(),
            (Call::Write(value), _) => format!("wrote {}", Shown(value.as_ref())),
            (Call::CompareAndSet { expected, new }, Some(Answer::Different)) => format!(
                "compared with {} to set {}, and found something else",
                Shown(expected.as_ref()),
                Shown(new.as_ref())
            ),
            (Call::CompareAndSet { expected, new }, _) => format!(
                "compared with {} and set {}",
                Shown(expected.as_ref()),
                Shown(new.as_ref())
            ),
            (Call::Append(tail), _) => format!("appended {tail:?}"),
        }
    }

    fn describe_state(&self, state: &Self::State) -> String {
        Shown(state.as_ref()).to_string()
    }
}

/// A text is appended to a text or to nothing.
#[expect(
    clippy::option_option,
    reason = "whether it can be appended, and what is there then, which may be nothing"
)]
fn appended(state: Option<&Value>, tail: &str) -> Option<Option<Value>> {
    let whole: Arc<str> = match state {
        None => tail.into(),
        Some(Value::Text(text)) => [text, tail].concat().into(),
        Some(Value::Integer(_)) => return None,
    };
    Some(Some(Value::Text(whole)))
}

/// Numbers before texts, short texts before long ones: texts of different lengths, as appending makes
/// them, are told apart without being read.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Integer(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Integer(_)) => Ordering::Greater,
            (Self::Text(a), Self::Text(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// What is there, or that nothing is.
pub(super) struct Shown<'a>(pub(super) Option<&'a Value>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[allow(
        clippy::unnecessary_wraps,
        reason = "it stands where a register's state does"
    )]
    fn integer(number: i128) -> Option<Value> {
        Some(Value::Integer(number))
    }

    #[test]
    fn a_register_does_what_it_says() {
        let register = Register::default();
        let apply = |state, call, answer| register.apply(&state, &call, answer);
        let cas = |expected, new| Call::CompareAndSet {
            expected: integer(expected),
            new: integer(new),
        };
        let (done, different) = (Some(&Answer::Done), Some(&Answer::Different));
        assert_eq!(register.initial(), None);
        assert_eq!(apply(None, Call::Write(integer(3)), done), Some(integer(3)));
        assert_eq!(apply(integer(3), cas(3, 4), done), Some(integer(4)));
        assert_eq!(apply(integer(3), cas(2, 4), done), None);
        assert_eq!(apply(integer(3), cas(2, 4), different), Some(integer(3)));
        assert_eq!(apply(integer(3), cas(3, 4), different), None);
        assert_eq!(apply(integer(3), cas(2, 4), None), None);
        let found = Answer::Found(integer(3));
        assert_eq!(
            apply(integer(3), Call::Read, Some(&found)),
            Some(integer(3))
        );
        assert_eq!(apply(integer(4), Call::Read, Some(&found)), None);
    }

    #[test]
    fn appending_needs_a_text_or_nothing() {
        let register = Register::default();
        let text = |text: &str| Some(Value::Text(text.into()));
        let append = |state| register.apply(&state, &Call::Append("b".into()), Some(&Answer::Done));
        assert_eq!(append(None), Some(text("b")));
        assert_eq!(append(text("a")), Some(text("ab")));
        assert_eq!(append(integer(1)), None);
    }
}
