//! The end of a run in which nothing is broken any more, and all must come right.
//!
//! Safety alone is not much: a cluster that never does anything violates nothing. After the last
//! fault it must elect a leader, commit what is written, bring every voter up to date, and every
//! replica to what others had. Whether a scenario has such an end is read from its actions, so a
//! scenario that was made smaller and has lost its end is not blamed for it.

use std::collections::BTreeSet;

use quorate::crdt::VersionVector;
use quorate::{Micros, NodeId};

use crate::action::Action;
use crate::scenario::Scenario;
use crate::world::World;

/// How long a swarm's peace is.
pub(super) const LENGTH: Micros = Micros::from_secs(30);
/// How much of it must be left after the last fault for anything to be asked.
const SHORTEST: Micros = Micros::from_secs(25);

/// The end of a run that has one, and what was there in the middle of it.
#[derive(Clone, Debug)]
pub struct Peace {
    /// Halfway between the last fault and the end.
    middle: Micros,
    seen: Option<Seen>,
}

/// What had been reached in the middle.
#[derive(Clone, Debug)]
struct Seen {
    commit_index: u64,
    /// The nodes that ran, and all that they had.
    running: BTreeSet<NodeId>,
    known: VersionVector,
}

impl Peace {
    /// The peace at the end of a scenario, if there is one: nobody is down, nothing is cut, and
    /// nothing is done for the last 25 seconds.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let last = scenario
            .actions
            .last()
            .map_or(Micros::ZERO, |timed| timed.at);
        if scenario.until < last + SHORTEST || !leaves_all_whole(scenario) {
            return None;
        }
        Some(Self {
            middle: Micros(last.0.midpoint(scenario.until.0)),
            seen: None,
        })
    }

    /// Looks at the world, once, in the middle.
    pub(super) fn watch(&mut self, world: &World) {
        if self.seen.is_some() || world.now() < self.middle {
            return;
        }
        let running = || world.nodes.iter().filter(|node| node.is_ready());
        let mut known = VersionVector::default();
        for replica in running().filter_map(|node| node.replica.as_ref()) {
            known.join(&replica.table().expand(replica.durable()));
        }
        self.seen = Some(Seen {
            commit_index: world.commit_index(),
            running: running().map(|node| node.id).collect(),
            known,
        });
    }

    /// What did not come right: an invariant's name and a witness.
    pub(super) fn broken(&self, world: &World) -> Option<(&'static str, String)> {
        let seen = self.seen.as_ref()?;
        let now = world.commit_index();
        let workload = &world.scenario().workload;
        let expects_writes =
            workload.client_operations_per_second_milli >= 1_000 && workload.reads_permille < 900;
        if expects_writes && now <= seen.commit_index {
            let witness = format!("nothing was committed since index {now}, in peace");
            return Some(("Progress in peace", witness));
        }
        for id in world.scenario().voter_ids() {
            let Some(raft) = &world.node(id).raft else {
                return Some(("Progress in peace", format!("{id} does not run, in peace")));
            };
            let at = raft.applied_index();
            if at < seen.commit_index {
                let index = seen.commit_index;
                let witness = format!("{id} has applied {at} of {index} entries, in peace");
                return Some(("Progress in peace", witness));
            }
        }
        let still_there = seen.running.iter().map(|&id| world.node(id));
        for node in still_there.filter(|node| node.is_ready()) {
            let Some(replica) = &node.replica else {
                continue;
            };
            let store = replica.store();
            if !store.table().expand(store.context()).covers(&seen.known) {
                let witness = format!("{} has not merged what others had, in peace", node.id);
                return Some(("Convergence in peace", witness));
            }
        }
        None
    }
}

/// Whether the actions leave every node running and every link whole. An action that this does not
/// know to be harmless breaks something that only a `heal` mends.
fn leaves_all_whole(scenario: &Scenario) -> bool {
    let mut down: BTreeSet<NodeId> = BTreeSet::new();
    let mut network_is_whole = true;
    for timed in &scenario.actions {
        match &timed.action {
            Action::Crash { node } | Action::Pause { node } | Action::LoseDisk { node } => {
                down.insert(*node);
            }
            Action::Restart { node } | Action::RestartEmpty { node } | Action::Resume { node } => {
                down.remove(node);
            }
            Action::Heal => network_is_whole = true,
            Action::Mend { .. }
            | Action::Campaign { .. }
            | Action::Transfer { .. }
            | Action::Disk(_)
            | Action::MendDisk { .. }
            | Action::Drift { .. }
            | Action::Jump { .. }
            | Action::Get { .. }
            | Action::Put { .. }
            | Action::Add { .. }
            | Action::Remove { .. }
            | Action::Prune { .. } => {}
            _ => network_is_whole = false,
        }
    }
    down.is_empty() && network_is_whole
}
