//! What one replica sends another: a delta, or a full state, as bytes.
//!
//! Sets and counters are made of the same events, so a counter's bytes are well-formed for a set.
//! Taken for one, they would be a set of nonsense, on every replica, for ever. The door therefore
//! asks of every event whether it is one of the type it came to.

use quorate::codec::Kind;
use quorate::crdt::{
    Delta, EncodingError, FullState, LiveEvent, LoadError, Path, Record, Store, VersionVector,
};
use serde::{Serialize, Serializer};

use super::version::check_numbers;
use crate::error::{Code, QuorateError};

/// An update that came in.
#[derive(Debug)]
pub(super) enum Update {
    /// What is new since something the receiver must have seen.
    Delta(Delta),
    /// Everything.
    Full(FullState),
}

/// An update that goes out.
#[derive(Serialize)]
pub(super) struct Outgoing {
    kind: &'static str,
    events: u64,
    #[serde(serialize_with = "as_bytes")]
    bytes: Vec<u8>,
}

/// What the events of a type look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// The name of the type, for errors.
    pub(super) name: &'static str,
    /// Whether an event that leaves this payload live under this path is one of the type.
    pub(super) is_live: fn(&Path, &[u8]) -> bool,
    /// Whether an event under this path may kill.
    pub(super) is_killer: fn(&Path) -> bool,
}

impl Outgoing {
    /// What a replica that has seen `since` lacks.
    pub(super) fn since(store: &Store, since: &VersionVector) -> Self {
        let events = store.context().excess_over(since);
        let (kind, bytes) = match store.delta_since(since) {
            Some(delta) => ("delta", delta.encode()),
            None => ("full", store.full_state().encode()),
        };
        Self {
            kind,
            events,
            bytes,
        }
    }
}

impl Update {
    /// Reads an update of a type.
    pub(super) fn decode(bytes: &[u8], shape: Shape) -> Result<Self, QuorateError> {
        let update = Self::decode_any(bytes)?;
        let (context, live, records) = match &update {
            Self::Delta(delta) => (&delta.upto, &delta.live, &delta.records),
            Self::Full(full) => (&full.context, &full.live, &full.records),
        };
        check_numbers(context)?;
        shape.check(live, records)?;
        Ok(update)
    }

    fn decode_any(bytes: &[u8]) -> Result<Self, EncodingError> {
        // The third byte of a frame says what is in it.
        if bytes.get(2) == Some(&(Kind::FullState as u8)) {
            FullState::decode(bytes).map(Self::Full)
        } else {
            Delta::decode(bytes).map(Self::Delta)
        }
    }
}

impl Shape {
    /// The refusal of saved bytes, in the same words.
    pub(super) fn refusal(self, error: LoadError) -> QuorateError {
        match error {
            LoadError::Encoding(error) => error.into(),
            LoadError::Foreign(_) => self.foreign(),
        }
    }

    /// Refuses a decoded store whose events are not of this type.
    pub(super) fn check_store(self, store: &Store) -> Result<(), QuorateError> {
        check_numbers(store.context())?;
        let full = store.full_state();
        self.check(&full.live, &full.records)
    }

    fn check(self, live: &[LiveEvent], records: &[Record]) -> Result<(), QuorateError> {
        let is_live = |event: &LiveEvent| (self.is_live)(&event.path, &event.payload);
        let is_record = |record: &Record| (self.is_killer)(&record.path);
        if live.iter().all(is_live) && records.iter().all(is_record) {
            return Ok(());
        }
        Err(self.foreign())
    }

    fn foreign(self) -> QuorateError {
        let what = format!("the bytes are intact, but not those of {}", self.name);
        QuorateError::new(Code::BadBytes, what)
    }
}

fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
