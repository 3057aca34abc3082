//! What must never break, checked after every event.
//!
//! The observer stands outside of the nodes. It sees what each of them does, keeps the little it
//! needs to judge the next thing, and believes nothing that a node says about itself: logs are
//! compared by hashes of its own, disks by an image of its own, and the sets by every event ever
//! made, not by anybody's journal. Each check costs as much as what changed.
//!
//! The world tells it what happens by the methods of its parts; what they must be told, and when,
//! stands with each of them. A copy of the observer costs little (a checkpoint takes one with every
//! world), and what nobody can refer to any more is forgotten.

mod chunks;
mod clients;
mod consensus;
mod invariant;
mod ledger;
mod scaling;
mod sets;

use quorate::autoscale::Policy;
use quorate::raft::Membership;
use quorate::{Micros, NodeId};

use crate::machine::Execution;
use crate::snapshot::InvariantView;

pub use clients::{Answer, Clients, Executions, OperationId, Registers};
pub use consensus::{Confirmation, Consensus, Disturbance, Reach};
pub use invariant::{Invariant, InvariantGroup};
use ledger::Finding;
pub use ledger::Ledger;
pub use ledger::Violation;
pub use scaling::{OrderName, Scaling};
pub use sets::Sets;

/// All checkers.
#[derive(Clone, Debug)]
pub struct Observer {
    /// What watches the log.
    pub consensus: Consensus,
    /// What watches the answers to clients.
    pub clients: Clients,
    /// What watches the replicated sets.
    pub sets: Sets,
    /// What watches the size of the fleet.
    pub scaling: Scaling,
    /// What was found.
    pub ledger: Ledger,
}

/// What an observer has to know of a cluster before it begins.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The first group of the log.
    pub group: Membership,
    /// Every node there can be.
    pub nodes: Vec<NodeId>,
    /// So long after a disturbance the term may still grow; `None` if the network is never quiet.
    pub patience: Option<Micros>,
    /// By what the fleet is scaled.
    pub policy: Policy,
}

impl Observer {
    /// An observer of a cluster that has not begun.
    pub fn new(setting: Setting) -> Self {
        Self {
            consensus: Consensus::new(setting.group, setting.patience),
            clients: Clients::default(),
            scaling: Scaling::new(&setting.policy),
            sets: Sets::new(setting.nodes.into_iter()),
            ledger: Ledger::default(),
        }
    }

    /// The next event happens at this time. To be called before anything is checked about it.
    pub fn advance(&mut self, now: Micros) {
        self.ledger.advance(now);
    }

    /// A node has applied the entry at an index, which executed this call, if any.
    pub(crate) fn applied(&mut self, id: NodeId, index: u64, executed: Option<Execution>) {
        let (clients, ledger) = (&mut self.clients, &mut self.ledger);
        let wrote = executed.and_then(|call| call.wrote);
        let wrote = wrote.map(|(key, value)| (key, Some(value)));
        clients.registers.applied(index, wrote);
        let call = executed.map(|call| (call.session, call.sequence));
        clients.executions.applied(ledger, id, index, call);
    }

    /// All faults are healed, and there was time to elect and to catch up: the cluster must agree
    /// and have everything that was acknowledged. Whether it serves, the caller finds out by asking
    /// it to, and calling this once more.
    pub fn settled(&mut self) {
        self.consensus.check_settled(&mut self.ledger);
        if let Some(leader) = self.consensus.leader() {
            let kept = self.consensus.kept_by(leader);
            self.clients
                .registers
                .check_settled(&mut self.ledger, leader, kept);
        }
    }

    /// Somebody outside has judged an invariant, by what only it can see.
    pub fn judged(&mut self, invariant: Invariant, broken: Option<String>) {
        let nodes = Vec::new();
        let broken = broken.map(|words| Finding { nodes, words });
        self.ledger.check(invariant, broken);
    }

    /// The same run, done again, came to this digest.
    pub fn repeated(&mut self, first: u64, again: u64) {
        let broken = (first != again).then(|| Finding {
            nodes: Vec::new(),
            words: format!("the run came to {first:016x}, and done again to {again:016x}"),
        });
        self.ledger.check(Invariant::Determinism, broken);
    }

    /// Whether anything broke since [`take_fresh`](Self::take_fresh) was last called.
    pub fn has_fresh(&self) -> bool {
        self.ledger.has_fresh()
    }

    /// What broke since the last call.
    pub fn take_fresh(&mut self) -> Vec<Violation> {
        self.ledger.take_fresh()
    }

    /// The first violation of every invariant that broke.
    pub fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.ledger.violations()
    }

    /// Whether anything broke in this run.
    pub fn is_violated(&self) -> bool {
        self.ledger.is_violated()
    }

    /// One row per invariant, those of a group together.
    pub fn rows(&self) -> Vec<InvariantView> {
        self.ledger.rows()
    }
}
