//! The end of a run in which nothing is broken any more, and all must come right.
//!
//! Safety alone is not much: a cluster that never does anything violates nothing. After the last
//! fault it must elect a leader, commit what is written, bring every voter up to date, and every
//! replica to what others had. Once users have fallen silent, too, it must come to rest: one leader,
//! one log, all of it applied everywhere, and in it what clients were told. Whether a scenario has such
//! an end is read from its actions, so a scenario that was made smaller and has lost its end is not
//! blamed for it.

use std::collections::{BTreeMap, BTreeSet};

use quorate::crdt::VersionVector;
use quorate::{Micros, NodeId};

use crate::action::Action;
use crate::node::Node;
use crate::observer::Invariant;
use crate::queue::Mischief;
use crate::scenario::{RaftSpec, Scenario};
use crate::world::World;

/// How long users go on in a swarm's peace.
pub(super) const USE: Micros = Micros::from_secs(22);
/// Within so long a newcomer can be sent the whole log, over a slow network.
pub(super) const CATCH_UP: Micros = Micros::from_secs(18);
/// How much of it must be left after the last fault for anything to be asked.
const SHORTEST: Micros = Micros::from_secs(25);
/// So many entries are more than a silent cluster writes by itself.
const SENT_MEANWHILE: u64 = 20;
/// How long users must go on after the middle for a commit to be expected.
const SERVICE: Micros = Micros::from_secs(6);

/// How long users have to be silent for a cluster to come to rest. A snapshot that is lost is missed after
/// four election timeouts, and the next may be lost, too.
pub(super) fn silence(raft: &RaftSpec) -> Micros {
    Micros(raft.election_timeout.0 * 10).max(Micros::from_secs(8))
}

/// The end of a run that has one, and what was there in the middle of it.
#[derive(Clone, Debug)]
pub struct Peace {
    /// Halfway between the last fault and the end, or when users fall silent.
    middle: Micros,
    seen: Option<Seen>,
    rest: Rest,
    /// How long the logs were in the middle of the silence.
    lengths: Option<BTreeMap<NodeId, u64>>,
}

/// Whether the cluster came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// It need not: users are never silent for long enough.
    Unasked,
    /// Users are silent from here on, and it has not yet.
    Awaited(Micros),
    /// It has.
    Reached,
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
    /// nothing is done, nor breaks by itself, for the last 25 seconds.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let last = last_fault(scenario)?;
        if scenario.until < last + SHORTEST || !leaves_all_whole(scenario) {
            return None;
        }
        let silent_from = last_use(scenario).max(last);
        let is_silent = scenario.until.since(silent_from) >= silence(&scenario.raft);
        Some(Self {
            middle: Micros(last.0.midpoint(silent_from.min(scenario.until).0)),
            seen: None,
            lengths: None,
            rest: if is_silent {
                Rest::Awaited(silent_from)
            } else {
                Rest::Unasked
            },
        })
    }

    /// Looks at the world after an event: once in the middle, and when all are silent until it is at
    /// rest. At the first moment of rest nothing that was acknowledged may be missing.
    pub(crate) fn watch(&mut self, world: &mut World) {
        if self.seen.is_none() && world.now() >= self.middle {
            self.look(world);
        }
        if let Rest::Awaited(from) = self.rest
            && world.now() >= from
            && world.is_settled()
        {
            world.check_settled();
            self.rest = Rest::Reached;
        }
        if let Rest::Awaited(from) = self.rest
            && self.lengths.is_none()
            && world.now().0 >= from.0.midpoint(world.scenario().until.0)
        {
            self.lengths = Some(lengths(world));
        }
    }

    fn look(&mut self, world: &World) {
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

    /// The run is over: asks whether all has come right.
    pub(crate) fn end(&self, world: &mut World) {
        let Some(seen) = &self.seen else { return };
        let stuck = self.stuck(world, seen);
        world.check_judged(Invariant::Liveness, stuck);
        world.check_judged(Invariant::Convergence, unmerged(world, seen));
        if matches!(self.rest, Rest::Awaited(_)) && !self.is_catching_up(world) {
            world.check_settled();
        }
    }

    /// Whether some follower is still being sent a long log, as a newcomer is: then there was not time
    /// enough to come to rest. Who was sent nothing for half of the silence is not catching up.
    fn is_catching_up(&self, world: &World) -> bool {
        let Some(before) = &self.lengths else {
            return false;
        };
        lengths(world).into_iter().any(|(id, now)| {
            let was = before.get(&id).copied().unwrap_or(0);
            !world.node(id).leads() && now >= was + SENT_MEANWHILE
        })
    }

    /// What the group has not done since the middle.
    fn stuck(&self, world: &World, seen: &Seen) -> Option<String> {
        let now = world.commit_index();
        let scenario = world.scenario();
        let workload = &scenario.workload;
        let expects_writes = workload.client_operations_per_second_milli >= 1_000
            && workload.reads_permille < 900
            && last_use(scenario) >= self.middle + SERVICE;
        if expects_writes && now <= seen.commit_index {
            return Some(format!("nothing was committed since index {now}, in peace"));
        }
        for id in scenario.voter_ids() {
            let Some(raft) = &world.node(id).raft else {
                return Some(format!("{id} does not run, in peace"));
            };
            let (at, index) = (raft.applied_index(), seen.commit_index);
            if at < index {
                return Some(format!(
                    "{id} has applied {at} of {index} entries, in peace"
                ));
            }
        }
        None
    }
}

/// The last index of every log.
fn lengths(world: &World) -> BTreeMap<NodeId, u64> {
    let rafts = world.nodes.iter().filter_map(|node| node.raft.as_ref());
    rafts.map(|raft| (raft.id(), raft.last_index())).collect()
}

/// Who has not merged what others had in the middle.
fn unmerged(world: &World, seen: &Seen) -> Option<String> {
    let still_there = seen.running.iter().map(|&id| world.node(id));
    let lacks = |node: &&Node| {
        let replica = node.replica.as_ref().filter(|_| node.is_ready());
        replica.is_some_and(|replica| {
            let store = replica.store();
            !store.table().expand(store.context()).covers(&seen.known)
        })
    };
    let behind = still_there.into_iter().find(lacks)?;
    Some(format!(
        "{} has not merged what others had, in peace",
        behind.id
    ))
}

/// When the last fault begins or ends; `None` if faults come by themselves for ever.
fn last_fault(scenario: &Scenario) -> Option<Micros> {
    let actions = &scenario.actions;
    let last = actions.last().map_or(Micros::ZERO, |timed| timed.at);
    let faults = &scenario.faults;
    if !Mischief::ALL
        .iter()
        .any(|it| it.interval(faults) > Micros::ZERO)
    {
        return Some(last);
    }
    (faults.until > Micros::ZERO).then(|| last.max(faults.until))
}

/// When users of the workload begin something for the last time; the far future if they never cease.
fn last_use(scenario: &Scenario) -> Micros {
    let workload = &scenario.workload;
    let rates = [
        workload.client_operations_per_second_milli,
        workload.set_operations_per_second_milli,
    ];
    if rates == [0, 0] {
        Micros::ZERO
    } else if workload.until == Micros::ZERO {
        Micros::MAX
    } else {
        workload.until
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
