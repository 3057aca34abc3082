//! What happened, for whoever keeps a history.
//!
//! The world says what it did; it keeps no history itself, so that it stays small enough to be
//! copied as a checkpoint, and so that a run without a history pays nothing for one.

use quorate::raft::{Role, RoleChangeReason};
use quorate::{Micros, NodeId};

use crate::action::Action;
use crate::clients::Performed;
use crate::machine::Operation;
use crate::snapshot::FlightKind;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Micros,
    /// The number of the event in which it happened.
    pub event: u64,
    /// The node it happened at; `None` for the world.
    pub node: Option<NodeId>,
    /// What it was.
    pub kind: NoticeKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A message left.
    Sent {
        /// The receiver.
        to: NodeId,
        /// When it arrives, or would.
        arrives: Micros,
        /// What it is.
        kind: FlightKind,
        /// Its term.
        term: u64,
        /// It will not arrive.
        lost: bool,
    },
    /// A message was caught by a cut on its way.
    Caught {
        /// The sender.
        from: NodeId,
        /// What it was.
        kind: FlightKind,
    },
    /// A voter changed its role.
    Role {
        /// From.
        from: Role,
        /// To.
        to: Role,
        /// In this term.
        term: u64,
        /// Why.
        reason: RoleChangeReason,
    },
    /// A voter took over a later term and stayed what it is.
    Term {
        /// The term.
        term: u64,
    },
    /// A voter's commit index rose.
    Committed {
        /// To this index.
        index: u64,
        /// In this term.
        term: u64,
        /// What that entry does.
        command: String,
    },
    /// A user changed a set.
    SetChanged {
        /// In words.
        text: String,
    },
    /// A replica merged something new.
    Merged {
        /// The sender.
        from: NodeId,
        /// Elements that appeared.
        added: usize,
        /// Elements that went.
        removed: usize,
        /// Events that were new.
        events: u64,
    },
    /// A replica forgot removals.
    Pruned {
        /// How many.
        records: usize,
        /// The exact bytes that saved.
        bytes: usize,
    },
    /// A leader's autoscaler decided to act.
    Decided {
        /// The fleet it saw.
        current: u32,
        /// The fleet it wants.
        target: u32,
        /// Why, in one line.
        reason: String,
    },
    /// A client begins an operation.
    Invoked {
        /// The client.
        client: NodeId,
        /// The operation.
        operation: Operation,
    },
    /// A client knows the outcome of an operation, or that it never will.
    Returned {
        /// The operation, from beginning to end.
        performed: Performed,
    },
    /// An ordered node boots.
    Ordered,
    /// A node is ready.
    Ready,
    /// A worker takes no more work.
    Draining,
    /// A worker was switched off.
    Stopped,
    /// The scenario, or somebody by hand, did something.
    Acted {
        /// What.
        action: Action,
    },
    /// The action could not be done.
    Impossible {
        /// What, and why.
        text: String,
    },
    /// A node refused an input.
    Refused {
        /// Why.
        text: String,
    },
    /// An invariant broke.
    Violated {
        /// Its name.
        invariant: &'static str,
        /// How, in words.
        witness: String,
    },
}
