//! What goes out of a replica, and what is refused.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::Envelope;
use crate::Micros;
use crate::crdt::keyspace::KeyspaceError;
use crate::crdt::{
    ApplyError, Delta, EnterError, Entry, Epoch, Event, FullState, MergeReport, PruneCertificate,
    PruneReport, ReadmitError, ReplicaId, Stamp, StoreError, Table, VersionVector,
};

/// A change to make durable, as it has to be done again after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A local event.
    Event(Event),
    /// A delta that was joined.
    Delta(Delta),
    /// A full state that was joined.
    Full(FullState),
    /// The floor was raised.
    Floor(VersionVector),
    /// An entry of the membership log.
    Entered {
        /// Its index in the log.
        index: Epoch,
        /// The entry.
        entry: Entry,
    },
    /// The id is used up: a message counted events of it that were not made here.
    Superseded,
    /// The state in which this replica was readmitted.
    Readmitted {
        /// The table that has it.
        table: Arc<Table>,
        /// The state of a member.
        full: FullState,
    },
}

/// A numbered request to make changes durable, in order and all or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persist {
    /// Its number; they count up by one.
    pub io: u64,
    /// The changes.
    pub changes: Vec<Change>,
}

/// What goes out. The buffers are reused: take what you need before the next step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Messages that are free to go now.
    pub send: Vec<Envelope>,
    /// What has to be made durable, and reported by [`Input::Persisted`](super::Input::Persisted).
    pub persist: Option<Persist>,
    /// Entries to propose to the membership log. Proposing one twice, or late, does no harm.
    pub propose: Vec<Entry>,
    /// The event that a mutation made; `None` if it changed nothing.
    pub event: Option<Event>,
    /// What merges did, in their order: one message may bring what others were waiting for.
    pub merged: Vec<MergeReport>,
    /// What a pruning did.
    pub pruned: Option<PruneReport>,
    /// Evidence for the pruning, under a membership table.
    pub certificate: Option<PruneCertificate>,
    /// A peer is in this epoch, which the membership log has not brought here yet.
    pub behind: Option<Epoch>,
    /// A peer with the same version vector shows something else. That is a broken invariant, here,
    /// there or on somebody's disk, and no synchronisation mends it.
    pub diverged_from: Option<ReplicaId>,
    /// When to send the next [`Input::Tick`](super::Input::Tick).
    pub next_deadline: Micros,
}

impl Effects {
    /// Empties everything for the next step.
    pub(super) fn clear(&mut self) {
        self.send.clear();
        self.propose.clear();
        self.merged.clear();
        self.persist = None;
        self.event = None;
        self.pruned = None;
        self.certificate = None;
        self.behind = None;
        self.diverged_from = None;
    }
}

/// Why an input was refused. The state is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplicaError {
    /// The sender is not active in the membership table.
    Stranger {
        /// The sender.
        from: ReplicaId,
    },
    /// The message was made by another replica than the one that sent it.
    ForeignSender {
        /// Who sent it.
        from: ReplicaId,
        /// Who made it.
        made_by: ReplicaId,
    },
    /// A message could not be joined. (A gap or another epoch is no error here.)
    Apply(ApplyError),
    /// A register in the message was written by a clock that is too far ahead. Nothing of the message
    /// was joined, and it is not acknowledged.
    ClockSkew {
        /// The stamp.
        stamp: Stamp,
        /// The highest that is accepted now.
        limit: Micros,
    },
    /// A mutation was refused.
    Keyspace(KeyspaceError),
    /// A change does not fit the image it is redone on.
    Store(StoreError),
    /// The metadata budget is used up, with everything forgotten that may be: remove something, or
    /// raise the budget.
    OverBudget {
        /// The metadata held that cannot be forgotten, in bytes.
        metadata: usize,
        /// The budget, in bytes.
        budget: usize,
    },
    /// An entry of the membership log was not entered.
    Enter(EnterError),
    /// This replica cannot be readmitted.
    Readmit(ReadmitError),
    /// A persist was reported that was never asked for.
    UnknownPersist {
        /// The number reported.
        io: u64,
        /// The last number asked for.
        last: u64,
    },
}

impl fmt::Display for ReplicaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger { from } => write!(f, "{from} does not take part in this epoch"),
            Self::ForeignSender { from, made_by } => {
                write!(f, "{from} sent a message that {made_by} made")
            }
            Self::Apply(error) => error.fmt(f),
            Self::ClockSkew { stamp, limit } => write!(
                f,
                "a register was written at {} µs, and nothing beyond {} µs is accepted now: a clock \
                 is wrong",
                stamp.time.0, limit.0
            ),
            Self::Store(error) => error.fmt(f),
            Self::Keyspace(error) => error.fmt(f),
            Self::OverBudget { metadata, budget } => write!(
                f,
                "{metadata} bytes of metadata cannot be forgotten and the budget is {budget}: remove \
                 something or raise it"
            ),
            Self::Enter(error) => error.fmt(f),
            Self::Readmit(error) => error.fmt(f),
            Self::UnknownPersist { io, last } => {
                write!(
                    f,
                    "persist {io} was reported, but only {last} were asked for"
                )
            }
        }
    }
}

impl core::error::Error for ReplicaError {}

impl From<ApplyError> for ReplicaError {
    fn from(error: ApplyError) -> Self {
        Self::Apply(error)
    }
}
