//! Builds the picture that a view sees from the world as it is.

use std::collections::BTreeSet;

use quorate::autoscale::Strategy;
use quorate::crdt::{PathRef, Replica, Store, VersionVector};
use quorate::raft::{Entry, Raft};
use quorate::{Micros, NodeId};

use crate::clients::is_client;
use crate::load::LoadCurve;
use crate::network::Flight;
use crate::node::{FRESH, Node, Process};
use crate::snapshot::{
    BytesView, CellView, ElementView, EntryView, FlightView, LogRow, LogView, NodeView,
    ProcessState, ProgressView, RaftView, ReplicaView, Safety, ScalingView, SetsView, Snapshot,
    TombstoneView,
};
use crate::world::World;
use crate::world::values::{ORDERS, set_path};

/// What the viewer looks at: the rest of the picture need not be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The selected log index.
    pub selected_index: Option<u64>,
    /// How many columns the log grid has room for.
    pub log_columns: u32,
}

impl Default for Focus {
    fn default() -> Self {
        Self {
            selected_index: None,
            log_columns: 19,
        }
    }
}

/// Entries shown beside a node on the stage.
const TAIL: u64 = 7;

pub(crate) fn snapshot(world: &World, focus: &Focus, status: String) -> Snapshot {
    let leader = world.leader();
    Snapshot {
        now: world.now(),
        events: world.events(),
        digest: world.digest(),
        status,
        leader,
        nodes: world
            .nodes
            .iter()
            .filter_map(|node| node_view(world, node))
            .collect(),
        flights: flights(world),
        links: world.network.broken_links(),
        sides: sides(world),
        log: log_view(world, focus, leader),
        sets: sets_view(world, leader),
        scaling: scaling_view(world),
        invariants: world.invariants(),
    }
}

fn node_view(world: &World, node: &Node) -> Option<NodeView> {
    let process = match node.process {
        Process::Absent => return None,
        Process::Starting { until } => ProcessState::Starting { until },
        _ if node.standstill.is_paused() => ProcessState::Paused,
        Process::Running => ProcessState::Running,
        Process::Draining => ProcessState::Draining,
        Process::Crashed | Process::CrashedDraining => ProcessState::Crashed,
    };
    let store = node.replica.as_ref().map(Replica::store);
    let root = set_path();
    let is_member = node.raft.is_some() || !node.raft_disk.durable().is_blank();
    Some(NodeView {
        id: node.id,
        process,
        raft: is_member.then(|| raft_view(world, node)),
        cpu_permille: node.service.cpu_permille(),
        memory_permille: node
            .service
            .memory_permille(world.scenario().service.capacity_per_node),
        queue: node.service.queue(),
        live: store.map_or(0, |store| store.live_under(&root).count()),
        tombstones: store.map_or(0, Store::journal_len),
    })
}

fn raft_view(world: &World, node: &Node) -> RaftView {
    let image = node.raft_disk.durable();
    let Some(raft) = &node.raft else {
        let last_index = image.last_index();
        return RaftView {
            role: world.role_of(node.id),
            term: image.hard_state.term,
            commit_index: image.hard_state.commit_index,
            last_index,
            stable_index: last_index,
            timer_permille: None,
            votes: None,
            tail: cells(world, node, last_index.saturating_sub(TAIL - 1), last_index),
        };
    };
    let last_index = raft.last_index();
    RaftView {
        role: raft.role(),
        term: raft.term(),
        commit_index: raft.commit_index(),
        last_index,
        stable_index: raft.stable_index(),
        timer_permille: timer_permille(raft, node.clock.local(world.now())),
        votes: raft
            .votes_granted()
            .and_then(|votes| u32::try_from(votes).ok()),
        tail: cells(world, node, last_index.saturating_sub(TAIL - 1), last_index),
    }
}

/// What is left of the election timer, in thousandths, by the node's clock.
fn timer_permille(raft: &Raft, now: Micros) -> Option<u32> {
    let (started, deadline) = (raft.election_started()?, raft.election_deadline()?);
    let left = deadline.since(now).0 * 1_000 / deadline.since(started).0.max(1);
    Some(u32::try_from(left.min(1_000)).expect("at most 1,000"))
}

/// A node's entries in a range of indices, from its memory or, if it is down, from its disk.
fn cells(world: &World, node: &Node, from: u64, to: u64) -> Vec<CellView> {
    let cell = |index, entry: &Entry, safety| CellView {
        index,
        term: entry.term(),
        kind: entry.kind(),
        safety,
        conflicting: world.observer.consensus.contradicts(index, entry.term()),
    };
    let safety = |index, commit_index, stable_index| {
        if index <= commit_index {
            Safety::Committed
        } else if index <= stable_index {
            Safety::Durable
        } else {
            Safety::Volatile
        }
    };
    if let Some(raft) = &node.raft {
        let (commit, stable) = (raft.commit_index(), raft.stable_index());
        let entries = raft.log().range(from..to + 1);
        return entries
            .map(|(index, entry)| cell(index, entry, safety(index, commit, stable)))
            .collect();
    }
    let image = node.raft_disk.durable();
    let entries = image.indexed();
    let entries = entries.filter(|(index, _)| (from..=to).contains(index));
    let commit = image.hard_state.commit_index;
    entries
        .map(|(index, entry)| cell(index, entry, safety(index, commit, u64::MAX)))
        .collect()
}

fn flights(world: &World) -> Vec<FlightView> {
    // Clients stand outside of the picture.
    let is_between_nodes = |flight: &&Flight| !is_client(flight.from) && !is_client(flight.to);
    let flights = world.network.flights().into_iter();
    flights
        .filter(is_between_nodes)
        .map(|flight| FlightView {
            id: flight.id,
            from: flight.from,
            to: flight.to,
            sent: flight.sent,
            arrives: flight.arrives,
            kind: flight.parcel.kind(),
            term: flight.parcel.term(),
            lost: flight.lost || world.network.is_cut(flight.from, flight.to),
            label: flight.parcel.label(),
        })
        .collect()
}

/// The groups of running voters that reach each other, largest first; none if all do.
fn sides(world: &World) -> Vec<Vec<NodeId>> {
    let mut left: BTreeSet<NodeId> = world
        .scenario()
        .voter_ids()
        .filter(|&id| world.node(id).is_up())
        .collect();
    let mut sides = Vec::new();
    while let Some(first) = left.pop_first() {
        let mut side = vec![first];
        let mut at = 0;
        while at < side.len() {
            let reached: Vec<NodeId> = left
                .iter()
                .copied()
                .filter(|&id| talk(world, side[at], id))
                .collect();
            for id in reached {
                left.remove(&id);
                side.push(id);
            }
            at += 1;
        }
        side.sort_unstable();
        sides.push(side);
    }
    sides.sort_by_key(|side| (std::cmp::Reverse(side.len()), side[0]));
    if sides.len() < 2 { Vec::new() } else { sides }
}

/// Whether messages pass both ways: one way alone is no conversation.
fn talk(world: &World, a: NodeId, b: NodeId) -> bool {
    !world.network.is_cut(a, b) && !world.network.is_cut(b, a)
}

fn log_view(world: &World, focus: &Focus, leader: Option<NodeId>) -> LogView {
    let (voters, learners) = members(world, leader);
    let nodes: Vec<&Node> = voters
        .iter()
        .chain(&learners)
        .map(|&id| world.node(id))
        .collect();
    let last = |node: &&Node| match &node.raft {
        Some(raft) => raft.last_index(),
        None => node.raft_disk.durable().entries.len() as u64,
    };
    let columns = u64::from(focus.log_columns.max(1));
    // A young log leaves columns empty: cells keep their size while it grows.
    let to = nodes.iter().map(last).max().unwrap_or(0).max(columns);
    let from = to - columns + 1;
    let led_by = leader.and_then(|id| world.node(id).raft.as_ref());
    let match_index = |id: NodeId| match led_by {
        Some(raft) if raft.id() == id => Some(raft.stable_index()),
        Some(raft) => raft.progress(id).map(|progress| progress.match_index),
        None => None,
    };
    let rows = nodes.iter().map(|node| {
        let image = node.raft_disk.durable().hard_state;
        LogRow {
            node: node.id,
            role: node.raft.as_ref().map(Raft::role),
            term: node.raft.as_ref().map_or(image.term, Raft::term),
            commit_index: node
                .raft
                .as_ref()
                .map_or(image.commit_index, Raft::commit_index),
            match_index: match_index(node.id),
            cells: cells(world, node, from, to),
        }
    });
    LogView {
        from,
        to,
        rows: rows.collect(),
        progress: led_by.map(|raft| progress(world, raft)).unwrap_or_default(),
        voters,
        learners,
        selected: focus
            .selected_index
            .and_then(|index| entry_view(world, leader, index)),
    }
}

/// The voters and the learners, as the leader knows them; without one, the voters at the start.
fn members(world: &World, leader: Option<NodeId>) -> (Vec<NodeId>, Vec<NodeId>) {
    let led_by = leader.and_then(|id| world.node(id).raft.as_ref());
    match led_by.map(Raft::membership) {
        Some(group) => (group.voters(), group.learners().to_vec()),
        None => (world.scenario().voter_ids().collect(), Vec::new()),
    }
}

fn progress(world: &World, leader: &Raft) -> Vec<ProgressView> {
    let peers = leader.membership().members().into_iter();
    let peers = peers.filter(|&peer| peer != leader.id());
    let views = peers.filter_map(|peer| {
        let progress = leader.progress(peer)?;
        Some(ProgressView {
            peer,
            state: progress.state,
            match_index: progress.match_index,
            next_index: progress.next_index,
            in_flight: progress.inflight.appends(),
            last_heard: world.now().since(progress.last_heard),
            lag: leader.last_index().saturating_sub(progress.match_index),
        })
    });
    views.collect()
}

fn entry_view(world: &World, leader: Option<NodeId>, index: u64) -> Option<EntryView> {
    let holder = |id: NodeId| {
        let entry = world.node(id).raft.as_ref()?.log().entry(index)?;
        Some((id, entry.clone()))
    };
    let mut nodes = world.nodes.iter().map(|node| node.id);
    let (id, entry) = leader.and_then(holder).or_else(|| nodes.find_map(holder))?;
    let on_disk = |id: &NodeId| {
        let entries = &world.node(*id).raft_disk.durable().entries;
        let at = usize::try_from(index - 1).ok();
        let stored = at.and_then(|at| entries.get(at));
        stored.is_some_and(|stored| stored.term() == entry.term())
    };
    Some(EntryView {
        index,
        term: entry.term(),
        command: world.describe(id, index),
        prefix_hash: format!("{:032x}", entry.prefix_hash())[..12].into(),
        durable_on: world.scenario().node_ids().filter(on_disk).collect(),
    })
}

fn sets_view(world: &World, leader: Option<NodeId>) -> SetsView {
    let replicas = || {
        world
            .nodes
            .iter()
            .filter_map(|node| Some((node, node.replica.as_ref()?)))
    };
    let leading = replicas().find(|(node, _)| Some(node.id) == leader);
    let Some((_, witness)) = leading.or_else(|| replicas().next()) else {
        return SetsView::default();
    };
    let frontier = witness.acks().frontier(witness.table());
    let prune = &world.scenario().sets.prune;
    SetsView {
        replicas: replicas()
            .map(|(node, replica)| replica_view(world.now(), node, replica, &frontier))
            .collect(),
        held_back_by: witness
            .acks()
            .held_back_by(witness.table(), witness.store().context()),
        frontier,
        epoch: witness.table().epoch().0,
        stability_threshold: prune.stability_threshold,
        max_tombstones: prune.max_tombstones as usize,
    }
}

fn replica_view(
    now: Micros,
    node: &Node,
    replica: &Replica,
    frontier: &VersionVector,
) -> ReplicaView {
    let (store, root) = (replica.store(), set_path());
    let name =
        |path: PathRef<'_>| String::from_utf8_lossy(&path.last().unwrap_or_default()).into_owned();
    let is_fresh = |path: PathRef<'_>| {
        node.last
            .fresh
            .iter()
            .any(|(at, fresh)| fresh.as_ref() == path && now.since(*at) <= FRESH)
    };
    let live: Vec<_> = store.live_under(&root).collect();
    let elements = live
        .chunk_by(|a, b| a.path == b.path)
        .map(|dots| ElementView {
            name: name(dots[0].path),
            dots: dots.iter().map(|live| live.dot).collect(),
            fresh: is_fresh(dots[0].path),
        });
    let mut buried = BTreeSet::new();
    let mut removals: Vec<_> = store
        .journal()
        .filter(|record| record.path.is_under(&root) && !store.is_live_under(&record.path))
        .collect();
    removals.sort_by_key(|record| (std::cmp::Reverse(record.at), record.dot));
    let tombstones = removals
        .into_iter()
        .filter(|record| buried.insert(record.path.clone()));
    let size = store.size();
    ReplicaView {
        node: node.id,
        since_merge: node.last.merge.map(|at| now.since(at)),
        elements: elements.collect(),
        tombstones: tombstones
            .map(|record| TombstoneView {
                name: name(record.path.as_ref()),
                dot: record.dot,
                age: now.since(record.at),
                stable: frontier.contains(record.dot),
            })
            .collect(),
        counter: u64::try_from(replica.keyspace().counter(ORDERS)).unwrap_or(u64::MAX),
        context: store.context().clone(),
        durable: replica.durable().clone(),
        bytes: BytesView {
            live: size.content + size.dots,
            context: size.context,
            journal: size.journal,
        },
    }
}

fn scaling_view(world: &World) -> ScalingView {
    let settings = match world.scenario().autoscale.strategy() {
        Strategy::Threshold(threshold) => Some(*threshold.settings()),
        _ => None,
    };
    let permille = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
    let requests = |value: i64| u64::try_from(value).unwrap_or(0);
    let last = world.points.back().copied().unwrap_or_default();
    ScalingView {
        source: describe_load(world),
        points: world.points.iter().copied().collect(),
        rate_milli: world.load.rate_at(world.now()),
        ready: last.ready,
        starting: last.starting,
        draining: last.draining,
        bounds: world.scenario().fleet_bounds(),
        cpu_thresholds: settings.map(|it| (permille(it.cpu_up), permille(it.cpu_down))),
        queue_thresholds: settings.map(|it| (requests(it.queue_up), requests(it.queue_down))),
        decisions: world.decisions.iter().cloned().collect(),
    }
}

fn describe_load(world: &World) -> String {
    match &world.load {
        LoadCurve::Constant(_) => "constant".into(),
        LoadCurve::Diurnal(_) => "diurnal".into(),
        LoadCurve::FlashCrowd(_) => "flash crowd".into(),
        LoadCurve::Trace(load) => {
            let at = load.date_time(world.now()).strftime("%Y-%m-%d %H:%M");
            format!("{}, now at {at}", load.trace().name())
        }
    }
}
