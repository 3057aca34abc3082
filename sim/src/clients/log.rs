//! What clients saw: the black box that a history checker looks at.
//!
//! A run is copied often, for checkpoints, and its history grows all the time. So it lies in pieces
//! that copies share, and only the last, unfinished piece is copied.

use std::fmt;
use std::sync::Arc;

use quorate::{Micros, NodeId};

use crate::machine::{Operation, Reply};

/// One operation of a client, from its invocation to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Performed {
    /// The client.
    pub client: NodeId,
    /// Its how-manieth operation, from 1.
    pub number: u64,
    /// What it wanted.
    pub operation: Operation,
    /// When it began to ask, in simulated time.
    pub invoked_at: Micros,
    /// When it knew the outcome, or that it never would.
    pub returned_at: Micros,
    /// What came back, and the log index by which it was so. `None`: nobody knows whether it
    /// happened.
    pub outcome: Option<(Reply, u64)>,
}

impl fmt::Display for Performed {
    /// `client 2: put k3 = 7, done at 41`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.client.0 - super::OPERATOR.0 {
            0 => f.write_str("operator")?,
            number => write!(f, "client {number}")?,
        }
        write!(f, ": {}, ", self.operation)?;
        match self.outcome {
            Some((Reply::Written, index)) => write!(f, "done at {index}"),
            Some((Reply::Mismatch, index)) => write!(f, "it is not at {index}"),
            Some((Reply::Value(Some(value)), index)) => write!(f, "is {value} at {index}"),
            Some((Reply::Value(None), index)) => write!(f, "is not there at {index}"),
            None => f.write_str("nobody knows whether it happened"),
        }
    }
}

/// The operations of all clients, in the order of their ends.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    /// Full pieces of [`PIECE`] operations.
    pieces: Vec<Arc<[Performed]>>,
    /// Fewer than [`PIECE`].
    last: Vec<Performed>,
}

/// Operations in a piece.
const PIECE: usize = 256;

impl Operations {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Performed> {
        let pieces = self.pieces.iter().flat_map(|piece| piece.iter());
        pieces.chain(&self.last)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.pieces.len() * PIECE + self.last.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn push(&mut self, performed: Performed) {
        self.last.push(performed);
        if self.last.len() == PIECE {
            self.pieces.push(Arc::from(std::mem::take(&mut self.last)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_in_order() {
        let mut operations = Operations::default();
        for at in 0..1_000 {
            operations.push(Performed {
                client: NodeId(1_001),
                number: at,
                operation: Operation::Get { key: 1 },
                invoked_at: Micros(at),
                returned_at: Micros(at + 1),
                outcome: None,
            });
        }
        assert_eq!(operations.len(), 1_000);
        assert!(operations.iter().map(|it| it.invoked_at.0).eq(0..1_000));
    }
}
