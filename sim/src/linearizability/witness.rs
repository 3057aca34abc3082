//! Why a history has no order, so that a person can follow it.
//!
//! "Not linearizable" alone sends somebody through thousands of lines. What can be said exactly is
//! this: everything answered before some line can be put in order, and whatever the order, the
//! answer in that line is impossible. So the witness has that line, what the key could have been
//! there, an order of everything before, and what was open at that moment.

use std::collections::BTreeSet;
use std::fmt;

use super::history::Operation;
use super::partition::Partition;
use super::search::Search;
use super::specification::Specification;

/// The operations on a key that have no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The key.
    pub key: String,
    /// The position of the first answer that no order explains.
    pub position: u64,
    /// The operation with that answer.
    pub impossible: Participant,
    /// All that the key could be at that moment, whatever the order, in words.
    pub possible: Vec<String>,
    /// Whether every order was tried. If not, the budget was enough to see that there is none, but not
    /// for where: then all this is about the orders that were tried.
    pub is_complete: bool,
    /// How many operations the longest order has.
    pub ordered: usize,
    /// The end of that order: at most [`Witness::SHOWN`] operations.
    pub last_ordered: Vec<Ordered>,
    /// What is not in that order and was called before the impossible answer, that one included.
    pub window: Vec<Participant>,
}

/// An operation in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Who asked.
    pub client: u64,
    /// The position of the call.
    pub called_at: u64,
    /// The position of the answer; `None` if it never came.
    pub answered_at: Option<u64>,
    /// What was asked and answered, in words that follow the client's name.
    pub words: String,
}

/// An operation in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// The operation.
    pub participant: Participant,
    /// What the key is afterwards, in words.
    pub state: String,
}

/// The longest description of a value, in characters.
const LONGEST: usize = 60;
/// How many possible values are told.
const POSSIBLE: usize = 5;

impl Witness {
    /// How many operations of the longest order, and how many of unknown outcome, are told.
    pub const SHOWN: usize = 8;

    pub(super) fn new<S: Specification>(
        specification: &S,
        partition: &Partition<'_, S::Call, S::Answer>,
        search: &Search<'_, S>,
    ) -> Self {
        let furthest = search.furthest();
        let position = furthest.position;
        let describe = |operation: &Operation<S::Call, S::Answer>| Participant {
            client: operation.client,
            called_at: operation.called_at,
            answered_at: operation.answer().map(|(at, _)| at),
            words: specification.describe(
                &operation.call,
                operation.answer().map(|(_, answer)| answer),
            ),
        };
        let state = |id: u32| shortened(&specification.describe_state(search.state(id)));
        let order = search.order(furthest.last);
        let in_order: BTreeSet<u32> = order.iter().map(|(operation, _)| *operation).collect();
        let window = (0..)
            .zip(&partition.operations)
            .take_while(|(_, operation)| operation.called_at < position)
            .filter(|(place, _)| !in_order.contains(place));
        let impossible = partition
            .operations
            .iter()
            .find(|operation| operation.answer().is_some_and(|(at, _)| at == position))
            .expect("the position is that of an answer");
        Self {
            key: partition.key.to_string(),
            position,
            impossible: describe(impossible),
            possible: furthest.states.iter().map(|&id| state(id)).collect(),
            is_complete: true,
            ordered: order.len(),
            last_ordered: order[order.len().saturating_sub(Self::SHOWN)..]
                .iter()
                .map(|&(operation, after)| Ordered {
                    participant: describe(partition.operations[operation as usize]),
                    state: state(after),
                })
                .collect(),
            window: window.map(|(_, operation)| describe(operation)).collect(),
        }
    }

    fn write_possible(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = self.possible.len().saturating_sub(POSSIBLE);
        let told = &self.possible[..self.possible.len() - more];
        for (at, state) in told.iter().enumerate() {
            let joint = match at {
                0 => "",
                _ if at + 1 == told.len() && more == 0 => " or ",
                _ => ", ",
            };
            write!(f, "{joint}{state}")?;
        }
        if more > 0 {
            write!(f, " or one of {more} others")?;
        }
        Ok(())
    }

    fn write_window(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answered, unknown): (Vec<_>, Vec<_>) = self
            .window
            .iter()
            .partition(|participant| participant.answered_at.is_some());
        for participant in answered {
            write!(f, "\n    {participant}")?;
        }
        let more = unknown.len().saturating_sub(Self::SHOWN);
        for participant in &unknown[more..] {
            write!(f, "\n    {participant}")?;
        }
        if more > 0 {
            write!(f, "\n    and {more} earlier ones whose outcome is unknown")?;
        }
        Ok(())
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Participant { client, words, .. } = &self.impossible;
        write!(
            f,
            "line {}: client {client} {words}, but {} {} ",
            self.position,
            self.key,
            if self.is_complete {
                "could only be"
            } else {
                "was, in the orders that were tried,"
            }
        )?;
        self.write_possible(f)?;
        match self.last_ordered.len() {
            0 => f.write_str("\n  nothing was done before"),
            shown if shown == self.ordered => f.write_str("\n  an order of what was done before:"),
            shown => write!(
                f,
                "\n  an order of the {} operations before, of which the last {shown}:",
                self.ordered
            ),
        }?;
        for Ordered { participant, state } in &self.last_ordered {
            write!(f, "\n    {participant} → {state}")?;
        }
        f.write_str("\n  what was open and cannot be put behind it:")?;
        self.write_window(f)
    }
}

impl fmt::Display for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = match self.answered_at {
            Some(at) => format!("lines {}–{at}", self.called_at),
            None => format!("line {}", self.called_at),
        };
        write!(
            f,
            "{lines:<16}  client {} {}",
            self.client,
            shortened(&self.words)
        )?;
        if self.answered_at.is_none() {
            f.write_str(", outcome unknown")?;
        }
        Ok(())
    }
}

/// Long values are the end of what was appended; their end tells more than their start.
fn shortened(words: &str) -> String {
    let length = words.chars().count();
    if length <= LONGEST {
        return words.into();
    }
    let head: String = words.chars().take(LONGEST / 3).collect();
    let tail: String = words.chars().skip(length - LONGEST / 2).collect();
    format!("{head}…{tail}")
}
