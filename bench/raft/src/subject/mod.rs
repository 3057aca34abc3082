//! Who is measured: a whole group each, with its network, its disks and its state machines.

mod quorate;
mod raft_rs;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::ops::Range;

use clap::ValueEnum;
use quorate_bench_measure::figure::OURS;

use crate::command::Machine;
use quorate::Quorate;
use raft_rs::{Appends, Proposals, RaftRs};

/// A group whose first node leads, with nothing under way.
pub trait Group: Debug {
    /// Proposes the commands of these numbers to the leader, together, and delivers messages until
    /// none is on its way.
    fn replicate(&mut self, numbers: Range<u64>);

    /// Lets the time pass until the leader speaks, and delivers messages until none is on its way.
    fn heartbeat(&mut self);

    /// The state machine of each node.
    fn machines(&self) -> Vec<Machine>;

    /// The commands in the log of each node.
    fn logs(&self) -> Vec<Vec<Vec<u8>>>;
}

/// A library, and how it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// This project's
    Quorate,
    /// The `raft` crate, without `batch_append`, each command proposed by itself
    RaftRs,
    /// The same with `batch_append`
    RaftRsBatchAppend,
    /// The same, all commands of a batch in one message `MsgPropose`
    RaftRsOneProposal,
}

impl Name {
    /// Everybody, ours first.
    pub const ALL: [Self; 4] = [
        Self::Quorate,
        Self::RaftRs,
        Self::RaftRsBatchAppend,
        Self::RaftRsOneProposal,
    ];

    /// The name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Self::Quorate => OURS,
            Self::RaftRs => "raft-rs",
            Self::RaftRsBatchAppend => "raft-rs, batch_append",
            Self::RaftRsOneProposal => "raft-rs, batch_append, one proposal",
        }
    }

    /// A group of so many nodes, which has elected its first.
    pub fn elected(self, nodes: u64) -> Box<dyn Group> {
        let raft_rs = |appends, proposals| -> Box<dyn Group> {
            Box::new(RaftRs::elected(nodes, appends, proposals))
        };
        match self {
            Self::Quorate => Box::new(Quorate::elected(nodes)),
            Self::RaftRs => raft_rs(Appends::EachByItself, Proposals::EachByItself),
            Self::RaftRsBatchAppend => raft_rs(Appends::Batched, Proposals::EachByItself),
            Self::RaftRsOneProposal => raft_rs(Appends::Batched, Proposals::Together),
        }
    }
}
