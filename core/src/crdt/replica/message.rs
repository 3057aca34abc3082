//! What replicas tell each other.

use alloc::sync::Arc;

use crate::crdt::{Delta, Epoch, FullState, ReplicaId, Table, VersionVector};

/// What replicas tell each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncMessage {
    /// What the sender holds durably. It is an acknowledgement and a question at once.
    Ack {
        /// The table that the vector is read under.
        epoch: Epoch,
        /// The sender's durable version vector.
        durable: VersionVector,
    },
    /// Hashes of a sender all of whose state is durable. Whoever has the same has nothing to say; who
    /// has not answers with an [`Ack`](Self::Ack).
    Digest(Digest),
    /// What the receiver lacks.
    Delta(Delta),
    /// Everything, for a receiver below the sender's floor.
    Full(FullState),
    /// The sender was retired, or is new, and asks to take part.
    Readmit {
        /// The last table it knows that has no place for it.
        since: Epoch,
        /// What it holds, with what was agreed of closed replicas written out.
        seen: VersionVector,
    },
    /// The state in which a readmitted replica takes part again.
    Admission {
        /// The table that has it.
        table: Arc<Table>,
        /// The sender's full state.
        full: FullState,
    },
}

/// A whole state in 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// The table.
    pub epoch: Epoch,
    /// A hash of the version vector.
    pub context: u64,
    /// A hash of what is live. Two replicas of one epoch with equal vectors and different live dots
    /// have a broken invariant: synchronising cannot help them.
    pub live: u64,
}

/// A message and its receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The receiver.
    pub to: ReplicaId,
    /// The message.
    pub message: SyncMessage,
}
