//! What clients did: each operation with the moment of its call and, if it came, of its answer.
//!
//! Time is a position: the line of a file, or the number of an event. A clock would not do, since two
//! events of one microsecond have an order and the verdict depends on it. An operation that was
//! never answered is not one that failed: it may take effect at any moment after its call, or never.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Everything that clients did, in order of their calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<C, A> {
    operations: Vec<Operation<C, A>>,
}

/// One operation of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<C, A> {
    /// Who asked.
    pub client: u64,
    /// What it is about. Operations on different keys do not depend on each other.
    pub key: Arc<str>,
    /// What was asked.
    pub call: C,
    /// The position of the call.
    pub called_at: u64,
    /// What is known of the end.
    pub outcome: Outcome<A>,
}

/// What is known of an operation's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<A> {
    /// It took effect before this position, with this answer.
    Answered {
        /// The position of the answer, after the call's.
        at: u64,
        /// The answer.
        answer: A,
    },
    /// Nobody knows: it takes effect at some moment after its call, or never.
    Unknown,
}

/// Why an event cannot be part of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryError {
    /// A client asks again before it has heard of its last operation.
    CalledTwice {
        /// The client.
        client: u64,
        /// The position of the open call.
        open_since: u64,
    },
    /// An answer that nobody waits for: the history has a hole.
    AnswerWithoutCall {
        /// The client.
        client: u64,
    },
    /// An event at or before the position of the one before it.
    OutOfOrder {
        /// The position of the event before.
        last: u64,
    },
}

/// Takes events in order and makes operations of them.
#[derive(Clone, Debug)]
pub struct Recorder<C, A> {
    /// `None` where an operation turned out not to have happened.
    operations: Vec<Option<Operation<C, A>>>,
    /// The place in `operations` of each client's open operation.
    open: BTreeMap<u64, usize>,
    last: Option<u64>,
}

impl<C, A> History<C, A> {
    /// The operations, in order of their calls.
    pub fn operations(&self) -> &[Operation<C, A>] {
        &self.operations
    }
}

impl<C, A> Operation<C, A> {
    /// The answer and its position, if there was one.
    pub fn answer(&self) -> Option<(u64, &A)> {
        match &self.outcome {
            Outcome::Answered { at, answer } => Some((*at, answer)),
            Outcome::Unknown => None,
        }
    }
}

impl<C, A> Default for Recorder<C, A> {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            open: BTreeMap::new(),
            last: None,
        }
    }
}

impl<C, A> Recorder<C, A> {
    /// A client asks something.
    pub fn call(
        &mut self,
        at: u64,
        client: u64,
        key: Arc<str>,
        call: C,
    ) -> Result<(), HistoryError> {
        self.check_order(at)?;
        if let Some(open) = self.open_operation(client) {
            let open_since = open.called_at;
            return Err(HistoryError::CalledTwice { client, open_since });
        }
        self.last = Some(at);
        self.open.insert(client, self.operations.len());
        self.operations.push(Some(Operation {
            client,
            key,
            call,
            called_at: at,
            outcome: Outcome::Unknown,
        }));
        Ok(())
    }

    /// The operation that a client waits for.
    pub fn open_operation(&self, client: u64) -> Option<&Operation<C, A>> {
        let place = *self.open.get(&client)?;
        self.operations[place].as_ref()
    }

    /// A client gets its answer.
    pub fn answer(&mut self, at: u64, client: u64, answer: A) -> Result<(), HistoryError> {
        let place = self.close(at, client)?;
        if let Some(operation) = &mut self.operations[place] {
            operation.outcome = Outcome::Answered { at, answer };
        }
        Ok(())
    }

    /// A client gives up on its operation, which may have happened or may yet happen.
    pub fn give_up(&mut self, at: u64, client: u64) -> Result<(), HistoryError> {
        self.close(at, client).map(|_| ())
    }

    /// A client learns that its operation did not happen and never will.
    pub fn refuse(&mut self, at: u64, client: u64) -> Result<(), HistoryError> {
        let place = self.close(at, client)?;
        self.operations[place] = None;
        Ok(())
    }

    /// The history. What is still open has an unknown outcome.
    pub fn finish(self) -> History<C, A> {
        History {
            operations: self.operations.into_iter().flatten().collect(),
        }
    }

    fn close(&mut self, at: u64, client: u64) -> Result<usize, HistoryError> {
        self.check_order(at)?;
        let place = self.open.remove(&client);
        let place = place.ok_or(HistoryError::AnswerWithoutCall { client })?;
        self.last = Some(at);
        Ok(place)
    }

    fn check_order(&self, at: u64) -> Result<(), HistoryError> {
        match self.last {
            Some(last) if at <= last => Err(HistoryError::OutOfOrder { last }),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CalledTwice { client, open_since } => write!(
                f,
                "client {client} asks again, while its operation of line {open_since} is open"
            ),
            Self::AnswerWithoutCall { client } => {
                write!(
                    f,
                    "client {client} gets an answer and has nothing open: a call is missing"
                )
            }
            Self::OutOfOrder { last } => write!(f, "this is not after {last}"),
        }
    }
}

impl std::error::Error for HistoryError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorder() -> Recorder<&'static str, u32> {
        Recorder::default()
    }

    #[test]
    fn what_was_answered_given_up_refused_or_left_open_is_kept_apart() {
        let mut recorder = recorder();
        for client in 1..=4 {
            recorder.call(client, client, "x".into(), "read").unwrap();
        }
        recorder.answer(10, 1, 7).unwrap();
        recorder.give_up(11, 2).unwrap();
        recorder.refuse(12, 3).unwrap();
        let history = recorder.finish();
        let ends: Vec<_> = history
            .operations()
            .iter()
            .map(|operation| (operation.client, operation.answer().map(|(at, a)| (at, *a))))
            .collect();
        assert_eq!(ends, [(1, Some((10, 7))), (2, None), (4, None)]);
    }

    #[test]
    fn a_history_with_a_hole_is_refused_and_unchanged() {
        let mut recorder = recorder();
        let hole = HistoryError::AnswerWithoutCall { client: 1 };
        assert_eq!(recorder.answer(1, 1, 7), Err(hole));
        recorder.call(1, 1, "x".into(), "read").unwrap();
        let twice = HistoryError::CalledTwice {
            client: 1,
            open_since: 1,
        };
        assert_eq!(recorder.call(2, 1, "x".into(), "read"), Err(twice));
        assert_eq!(
            recorder.answer(1, 1, 7),
            Err(HistoryError::OutOfOrder { last: 1 })
        );
        recorder.answer(2, 1, 7).unwrap();
        recorder.call(3, 1, "x".into(), "read").unwrap();
        assert_eq!(recorder.finish().operations().len(), 2);
    }
}
