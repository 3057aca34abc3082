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

use crate::snapshot::InvariantView;

pub use clients::{Answer, Clients, Executions, OperationId, Registers};
pub use consensus::{Confirmation, Consensus, Disturbance};
pub use invariant::{Invariant, InvariantGroup};
use ledger::Finding;
pub use ledger::Ledger;
pub use ledger::{Assumption, Violation};
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
    /// No message is under way for longer than this.
    pub longest_flight: Micros,
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
            sets: Sets::new(setting.nodes.into_iter(), setting.longest_flight),
            ledger: Ledger::default(),
        }
    }

    /// The next event happens at this time. To be called before anything is checked about it.
    pub fn advance(&mut self, now: Micros) {
        self.ledger.advance(now);
    }

    /// A fault breaks an assumption: what breaks from now on is to be expected.
    pub fn excuse(&mut self, assumption: Assumption) {
        self.ledger.excuse(assumption);
    }

    /// All faults are healed, and there was time to elect and to catch up: the cluster must agree
    /// and have everything that was acknowledged. Whether it serves, the caller finds out by asking
    /// it to, and calling this once more.
    pub fn settled(&mut self) {
        self.consensus.check_settled(&mut self.ledger);
        if let Some(leader) = self.consensus.leader() {
            let committed = self.consensus.committed_index();
            self.clients
                .registers
                .check_settled(&mut self.ledger, leader, committed);
        }
    }

    /// The same run, done again, came to this digest.
    pub fn repeated(&mut self, first: u64, again: u64) {
        let broken = (first != again).then(|| Finding {
            nodes: Vec::new(),
            words: format!("the run came to {first:016x}, and done again to {again:016x}"),
        });
        self.ledger.check(Invariant::Determinism, broken);
    }

    /// What broke since the last call.
    pub fn take_fresh(&mut self) -> Vec<Violation> {
        self.ledger.take_fresh()
    }

    /// The first violation of every invariant that broke.
    pub fn violations(&self) -> impl Iterator<Item = &Violation> {
        self.ledger.violations()
    }

    /// Whether anything broke in this run that no broken assumption excuses.
    pub fn is_violated(&self) -> bool {
        self.violations()
            .any(|violation| violation.excuse.is_none())
    }

    /// One row per invariant, those of a group together.
    pub fn rows(&self) -> Vec<InvariantView> {
        self.ledger.rows()
    }
}
