//! What one replica sends another: a delta, or a full state, as bytes.
//!
//! Sets and counters are made of the same events, so a counter's bytes are well-formed for a set. That
//! they are not a set's is found by the set itself, when it is asked to join them. What it cannot
//! know is which numbers JavaScript has no exact form for.

use quorate::codec::Kind;
use quorate::crdt::{
    ApplyError, Delta, EncodingError, FullState, MergeReport, Replicated, Store, VersionVector,
};
use serde::{Serialize, Serializer};

use super::version::check_numbers;
use crate::error::QuorateError;

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
    /// Reads an update.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, QuorateError> {
        let update = Self::decode_any(bytes)?;
        check_numbers(match &update {
            Self::Delta(delta) => &delta.upto,
            Self::Full(full) => &full.context,
        })?;
        Ok(update)
    }

    /// Joins it.
    pub(super) fn join(&self, value: &mut impl Replicated) -> Result<MergeReport, ApplyError> {
        match self {
            Self::Delta(delta) => value.apply(delta),
            Self::Full(full) => value.apply_full(full),
        }
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

fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
