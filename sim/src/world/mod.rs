//! The event loop: one queue, one seed, all nodes.
//!
//! Threads and clocks make a failure impossible to see twice. Here everything that happens is an
//! event with a time; the loop takes the next one, lets the node it concerns take one step of the
//! real kernel, turns the effects into further events, and asks the observer. Two runs of one
//! scenario are equal event by event.

mod chaos;
mod clients;
mod consensus;
mod delivery;
mod description;
mod faults;
mod judgement;
mod membership;
mod nodes;
mod operations;
mod recording;
mod replication;
mod scaling;
mod snapshots;
mod timers;
pub(crate) mod values;

use std::collections::VecDeque;
use std::sync::Arc;

use quorate::raft::{self, ConfigError, Role};
use quorate::{Micros, NodeId, Random};

pub use faults::ActionError;
pub(crate) use nodes::Nodes;
pub use recording::Recording;

use crate::action::{Action, TimedAction};
use crate::clients::{Client, OPERATOR, Operations};
use crate::clock::Clock;
use crate::digest::Digest;
use crate::disk::Honesty;
use crate::fault_model::FaultLog;
use crate::load::{LoadCurve, Trace};
use crate::mutant::Mutant;
use crate::network::Network;
use crate::node::Node;
use crate::notice::{Notice, NoticeKind};
use crate::observer::Observer;
use crate::queue::{Event, Queue};
use crate::scenario::{Scenario, ScenarioError};
use crate::snapshot::{DecisionView, LoadPoint};
use crate::standstill::Waiting;
use chaos::Chaos;

/// A simulated cluster in the middle of a run.
///
/// A copy of it is a checkpoint: it continues exactly as the original does.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) now: Micros,
    /// When the last event happened; `now` may have moved on since.
    last_event: Micros,
    events: u64,
    queue: Queue,
    pub(crate) nodes: Nodes,
    pub(crate) network: Network,
    pub(crate) load: LoadCurve,
    pub(crate) observer: Observer,
    digest: Digest,
    random: Randoms,
    chaos: Chaos,
    /// What broke so far: assumptions and invariants.
    faults: FaultLog,
    /// The actions still to come start at `next_action`.
    actions: Vec<TimedAction>,
    next_action: usize,
    /// The highest log index whose order the platform has carried out.
    last_order: u64,
    /// The operator, then the clients of the workload.
    clients: Vec<Client>,
    operations: Operations,
    pub(crate) points: VecDeque<LoadPoint>,
    pub(crate) decisions: VecDeque<DecisionView>,
    scalings: Scalings,
    recording: Recording,
    notices: Vec<Notice>,
    /// The messages of the step that is being carried out; empty between steps.
    outbox: Vec<raft::Message>,
}

/// What happens now. Actions go before all else of their instant: whether one was in the scenario
/// from the start or was added by hand while the run was under way makes no difference.
#[derive(Clone, Copy, Debug)]
enum Occasion {
    Event(Event),
    Action,
}

/// One generator per purpose, so that a change in one part of a run does not reshuffle the rest.
#[derive(Clone, Debug)]
struct Randoms {
    disk: Random,
    workload: Random,
}

/// How often the fleet was scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scalings {
    /// Workers ordered.
    pub out: u64,
    /// Workers sent to drain.
    pub draining: u64,
    /// Workers switched off after draining.
    pub stopped: u64,
}

/// How many samples of the load are kept for the chart.
const POINTS: usize = 240;
/// How many decisions are kept.
const DECISIONS: usize = 64;
/// How often the service works and is measured.
const SERVE_INTERVAL: Micros = Micros::from_secs(1);

impl World {
    /// A cluster at time zero: the voters run, the workers do not exist yet.
    pub fn new(
        scenario: Scenario,
        trace: Option<&Arc<Trace>>,
        recording: Recording,
    ) -> Result<Self, ScenarioError> {
        Self::with_mutant(scenario, trace, recording, Mutant::NONE)
    }

    /// A cluster at time zero whose nodes run a program with a bug.
    pub fn with_mutant(
        scenario: Scenario,
        trace: Option<&Arc<Trace>>,
        recording: Recording,
        mutant: Mutant,
    ) -> Result<Self, ScenarioError> {
        scenario.check()?;
        let load = LoadCurve::build(&scenario.load, trace.cloned()).map_err(ScenarioError::Load)?;
        let mut seeds = Random::new(scenario.seed);
        let (_, fleet) = scenario.fleet_bounds();
        let network = Network::new(scenario.network, fleet, seeds.next_u64());
        let random = Randoms {
            disk: Random::new(seeds.next_u64()),
            workload: Random::new(seeds.next_u64()),
        };
        let mut drifts = Random::new(seeds.next_u64());
        let chaos = Chaos::new(seeds.next_u64());
        let observer = Observer::new(scenario.observer_setting());
        let nodes = scenario
            .node_ids()
            .map(|id| {
                let drift = chaos::draw_drift(&mut drifts, scenario.clocks.max_drift_ppm);
                Node {
                    clock: Clock::new(drift),
                    ..Node::absent(id, &scenario, mutant)
                }
            })
            .collect();
        let voters = u64::from(scenario.voters);
        let clients = (0..=u64::from(scenario.workload.clients))
            .map(|at| Client::new(NodeId(OPERATOR.0 + at), NodeId(1 + at % voters)))
            .collect();
        let mut world = Self {
            now: Micros::ZERO,
            last_event: Micros::ZERO,
            events: 0,
            queue: Queue::default(),
            nodes,
            network,
            load,
            observer,
            digest: Digest::default(),
            random,
            chaos,
            faults: FaultLog::default(),
            actions: scenario.actions.clone(),
            next_action: 0,
            last_order: 0,
            clients,
            operations: Operations::default(),
            points: VecDeque::new(),
            decisions: VecDeque::new(),
            scalings: Scalings::default(),
            recording,
            notices: Vec::new(),
            outbox: Vec::new(),
            scenario: Arc::new(scenario),
        };
        world.begin();
        Ok(world)
    }

    /// Processes the next event; `false` if there is none before the end of the scenario.
    pub fn step(&mut self) -> bool {
        loop {
            let Some(at) = self.next_time() else {
                return false;
            };
            self.now = at;
            if self.next_action_at().is_some_and(|due| due <= at) {
                self.process(Occasion::Action);
                return true;
            }
            let (_, event) = self
                .queue
                .pop()
                .expect("there is a next time, so there is an event");
            if !self.is_idle(event) {
                self.process(Occasion::Event(event));
                return true;
            }
        }
    }

    /// About how many bytes a copy of this world takes, if it shares nothing.
    pub(crate) fn footprint(&self) -> usize {
        /// What the observer and the clients remember: mostly the contexts compared lately.
        const OBSERVER: usize = 300 << 10;
        let nodes: usize = self.nodes.iter().map(Node::footprint).sum();
        OBSERVER
            + nodes
            + self.network.footprint()
            + self.queue.len() * std::mem::size_of::<(Micros, u64, Event)>()
    }

    /// When the next event happens; `None` if that is after the end of the scenario.
    pub fn next_time(&self) -> Option<Micros> {
        let next = match (self.queue.next_time(), self.next_action_at()) {
            (Some(event), Some(action)) => Some(event.min(action)),
            (event, action) => event.or(action),
        };
        next.filter(|&at| at <= self.scenario.until)
    }

    /// Simulated time.
    pub fn now(&self) -> Micros {
        self.now
    }

    /// Lets simulated time pass up to a moment before the next event.
    pub fn pass_time(&mut self, to: Micros) {
        let latest = self.next_time().unwrap_or(self.scenario.until);
        self.now = self.now.max(to.min(latest));
    }

    /// Events processed so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The digest of all of them.
    pub fn digest(&self) -> u64 {
        self.digest.value()
    }

    /// How often the fleet was scaled.
    pub fn scalings(&self) -> Scalings {
        self.scalings
    }

    /// What is run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The node that leads the highest term.
    pub fn leader(&self) -> Option<NodeId> {
        let leaders = self.nodes.iter().filter(|node| node.leads());
        leaders
            .max_by_key(|node| node.last.term)
            .map(|node| node.id)
    }

    /// Nodes that run now.
    pub fn running(&self) -> usize {
        self.nodes.iter().filter(|node| node.is_up()).count()
    }

    /// The highest index that any running voter knows to be committed.
    pub fn commit_index(&self) -> u64 {
        let rafts = self.nodes.iter().filter_map(|node| node.raft.as_ref());
        rafts
            .map(quorate::raft::Raft::commit_index)
            .max()
            .unwrap_or(0)
    }

    /// Puts an action on the list and does it now, exactly as if the scenario had had it from the
    /// start: at the first moment that lies after everything that has happened.
    pub fn act(&mut self, action: Action) -> Result<(), ActionError> {
        self.check_action(&action)?;
        let at = if self.now > self.last_event {
            self.now
        } else {
            self.now + Micros(1)
        };
        if at > self.scenario.until {
            return Err(ActionError::AfterTheEnd);
        }
        let place = self.actions.partition_point(|timed| timed.at <= at);
        self.actions.insert(place, TimedAction { at, action });
        self.step();
        Ok(())
    }

    /// Takes over a list of actions that agrees with this run's up to now.
    pub(crate) fn adopt_actions(&mut self, actions: &[TimedAction]) {
        self.actions = actions.to_vec();
    }

    /// The scenario with everything that was done to it by hand.
    pub fn edited_scenario(&self) -> Scenario {
        Scenario {
            actions: self.actions.clone(),
            ..(*self.scenario).clone()
        }
    }

    fn begin(&mut self) {
        for id in self.scenario.node_ids() {
            self.note_drift(id);
        }
        for id in self.scenario.voter_ids() {
            self.start_process(id)
                .expect("a checked scenario and an empty disk make a valid start");
        }
        self.queue.schedule(SERVE_INTERVAL, Event::Serve);
        self.queue
            .schedule(self.scenario.service.report_interval, Event::Report);
        self.queue.schedule(
            self.scenario.autoscale.evaluation_interval(),
            Event::Evaluate,
        );
        if self.scenario.sets.prune.interval > Micros::ZERO {
            self.queue
                .schedule(self.scenario.sets.prune.interval, Event::Prune);
        }
        self.schedule_client_operation();
        self.schedule_set_operation();
        self.begin_chaos();
    }

    /// How many of the actions are done.
    #[cfg(feature = "mutants")]
    pub(crate) fn next_action(&self) -> usize {
        self.next_action
    }

    /// When the next action is due.
    fn next_action_at(&self) -> Option<Micros> {
        self.actions.get(self.next_action).map(|timed| timed.at)
    }

    /// Does what happens now, and everything that is done about any event.
    fn process(&mut self, occasion: Occasion) {
        self.events += 1;
        self.last_event = self.now;
        self.observer.advance(self.now);
        let node = match occasion {
            Occasion::Event(event) => self.dispatch(event),
            Occasion::Action => self.do_next_action(),
        };
        self.absorb(occasion, node);
        self.report_violations();
    }

    /// Whether the event concerns nobody any more: a timer that was set anew, a process that has
    /// died. Such an event is no event.
    fn is_idle(&mut self, event: Event) -> bool {
        let now = self.now;
        match event {
            Event::RaftTimer { node, life } => {
                let node = self.node(node);
                node.life != life || node.raft_timer != now
            }
            Event::ReplicaTimer { node, life } => {
                let node = self.node(node);
                node.life != life || node.replica_timer != now
            }
            Event::RaftSynced { node, life }
            | Event::ReplicaSynced { node, life }
            | Event::Boot { node, life }
            | Event::Restart { node, life }
            | Event::Resume { node, life } => self.node(node).life != life,
            Event::SnapshotDeadline { from, life, .. } => self.node(numbered(from)).life != life,
            Event::Reunite { count } => self.is_replaced(count),
            Event::Wake { node, life } => {
                let node = self.node(node);
                node.life != life || node.standstill.is_paused() || !node.standstill.holds_back()
            }
            Event::ClientTimer {
                client,
                request,
                attempt,
            } => !self.is_awaited(client, request, attempt),
            _ => false,
        }
    }

    /// Does what the event is about; the node it concerned.
    fn dispatch(&mut self, event: Event) -> Option<NodeId> {
        match event {
            Event::Deliver { slot } => return self.deliver(slot),
            Event::RaftTimer { node, .. }
            | Event::ReplicaTimer { node, .. }
            | Event::RaftSynced { node, .. }
            | Event::ReplicaSynced { node, .. } => {
                if self.node(node).standstill.holds_back() {
                    let waiting = Waiting::Event(event);
                    self.node_mut(node).standstill.hold(waiting);
                } else {
                    self.take_step(event);
                }
                return Some(node);
            }
            Event::Wake { node, .. } => {
                self.wake(node);
                return Some(node);
            }
            Event::Mischief(mischief) => return self.do_mischief(mischief),
            Event::Restart { node, .. } => return self.act_by_itself(Action::Restart { node }),
            Event::Resume { node, .. } => return self.act_by_itself(Action::Resume { node }),
            Event::Reunite { .. } => {
                return self.act_by_itself(Action::Partition { groups: Vec::new() });
            }
            Event::Boot { node, .. } => {
                self.boot(node);
                return Some(node);
            }
            Event::SnapshotDeadline { from, to, .. } => {
                self.give_snapshot_up(numbered(from), numbered(to));
                return Some(numbered(from));
            }
            Event::Serve => self.serve(),
            Event::Report => self.report(),
            Event::Evaluate => self.evaluate(),
            Event::Prune => self.prune_all(),
            Event::ClientOperation => self.client_operation(),
            Event::ClientTimer {
                client,
                request,
                attempt,
            } => self.client_timer(client, request, attempt),
            Event::SetOperation => self.set_operation(),
        }
        None
    }

    /// A node's timer fires, or its disk is done.
    fn take_step(&mut self, event: Event) {
        match event {
            Event::RaftTimer { node, .. } => self.tick_raft(node),
            Event::ReplicaTimer { node, .. } => self.tick_replica(node),
            Event::RaftSynced { node, .. } => self.raft_synced(node),
            Event::ReplicaSynced { node, .. } => self.replica_synced(node),
            _ => {}
        }
    }

    /// Takes the event into the digest, with the state it left at the node it concerned.
    fn absorb(&mut self, occasion: Occasion, node: Option<NodeId>) {
        let mut words = [0; 6];
        words[0] = tag(occasion);
        if let Some(id) = node {
            let node = self.node(id);
            words[1] = id.0;
            if let Some(raft) = &node.raft {
                let hash = raft.log().last_prefix_hash();
                words[2] = raft.term() << 2 | raft.role() as u64;
                words[3] = raft.commit_index();
                words[4] = u64::try_from(hash >> 64).unwrap_or(0) ^ raft.stable_index();
            }
            if let Some(replica) = &node.replica {
                words[5] = replica.store().live_hash();
            }
        }
        self.digest.absorb(self.now, words);
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[slot(id)]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[slot(id)]
    }

    /// Starts a process from its disks and takes its first step. If the disks are in a state that no
    /// node can start from, the process is down again.
    fn start_process(&mut self, id: NodeId) -> Result<(), ActionError> {
        self.note_lost_memory(id);
        let (scenario, now) = (Arc::clone(&self.scenario), self.now);
        let node = &mut self.nodes[slot(id)];
        if let Err(why) = node.start(&scenario, now, scenario.seed) {
            return Err(self.refuse_start(id, why));
        }
        if let Some(replica) = &node.replica {
            self.observer
                .sets
                .restarted(&mut self.observer.ledger, id, replica.store());
        }
        self.observe_start(id);
        // The first tick says what is to be applied again, and sets the timer.
        self.step_raft(id, raft::Input::Tick);
        self.feed_replica(id);
        self.arm_timers(id);
        Ok(())
    }

    /// A process that cannot start from what is on its disk dies of it. A crash may leave much, but
    /// nothing like that, so somebody wrote in the wrong order: the observer is told.
    fn refuse_start(&mut self, id: NodeId, why: ConfigError) -> ActionError {
        let node = &mut self.nodes[slot(id)];
        node.halt(node.process.crashed());
        let observer = &mut self.observer;
        observer
            .consensus
            .start_refused(&mut observer.ledger, id, &why.to_string());
        ActionError::CannotStart(id, why)
    }

    /// A voter's consensus begins with what was on its disk.
    fn observe_start(&mut self, id: NodeId) {
        if let Some(raft) = &self.nodes[slot(id)].raft {
            self.observer
                .consensus
                .started(&mut self.observer.ledger, raft);
        }
    }

    /// A worker's boot is over.
    fn boot(&mut self, id: NodeId) {
        let kind = match self.start_process(id) {
            Ok(()) => NoticeKind::Ready,
            Err(error) => {
                let text = error.to_string();
                NoticeKind::Impossible { text }
            }
        };
        self.notice(Some(id), kind);
    }

    /// How long a sync takes at a node, and whether it is one.
    fn draw_sync(&mut self, id: NodeId) -> (Micros, Honesty) {
        let disk = &self.nodes[slot(id)].disk;
        let random = &mut self.random.disk;
        let latency = random.span(disk.sync_min, disk.sync_max);
        (latency, Honesty::draw(random, disk.lying_permille))
    }

    /// Does the next action on the list; one that cannot be done now changes nothing.
    fn do_next_action(&mut self) -> Option<NodeId> {
        let action = self.actions[self.next_action].action.clone();
        self.next_action += 1;
        self.act_by_itself(action)
    }

    /// Does an action that nobody has put on the list; the node it is about.
    fn act_by_itself(&mut self, action: Action) -> Option<NodeId> {
        let node = action.node();
        match self.try_action(&action) {
            Ok(()) => self.notice(node, NoticeKind::Acted { action }),
            Err(error) => {
                let text = format!("{action}: {error}");
                self.notice(node, NoticeKind::Impossible { text });
            }
        }
        node
    }

    /// The role a node has, or had last.
    pub(crate) fn role_of(&self, id: NodeId) -> Role {
        self.node(id).last.role
    }
}

fn slot(id: NodeId) -> usize {
    usize::try_from(id.0 - 1).expect("node ids are small")
}

/// The node of a number.
fn numbered(number: u16) -> NodeId {
    NodeId(u64::from(number))
}

/// What stands for an event's kind in the digest. The order is part of the digest's definition.
fn tag(occasion: Occasion) -> u64 {
    let event = match occasion {
        Occasion::Action => return 13,
        Occasion::Event(event) => event,
    };
    match event {
        Event::Deliver { .. } => 1,
        Event::RaftTimer { .. } => 2,
        Event::ReplicaTimer { .. } => 3,
        Event::RaftSynced { .. } => 4,
        Event::ReplicaSynced { .. } => 5,
        Event::Boot { .. } => 6,
        Event::Serve => 7,
        Event::Report => 8,
        Event::Evaluate => 9,
        Event::Prune => 10,
        Event::ClientOperation => 11,
        Event::SetOperation => 12,
        Event::Wake { .. } => 14,
        Event::Mischief(_) => 15,
        Event::Restart { .. } => 16,
        Event::Resume { .. } => 17,
        Event::Reunite { .. } => 18,
        Event::ClientTimer { .. } => 19,
        Event::SnapshotDeadline { .. } => 20,
    }
}
