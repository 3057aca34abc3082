//! What an observer outside sees of a run at one moment.
//!
//! A view must not read the world while it advances, and must not hold it up either. So the lab
//! publishes one immutable [`Snapshot`] per frame: plain data, cut to what is on screen, cheap
//! to compare. Everything in it is in simulated time; nothing in it feeds back into the run.
//!
//! It can be serialised, for viewers in another process or language. There, replicas and dots go by
//! the names they are printed with, and a version vector is a map from those to counters.

use quorate::Micros;
use quorate::NodeId;
use quorate::autoscale::Decision;
use quorate::crdt::{Dot, ReplicaId, VersionVector};
use quorate::raft::{EntryKind, ProgressState, Role};
use serde::{Serialize, Serializer};

/// The whole picture at one moment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// Simulated time.
    pub now: Micros,
    /// Events processed so far.
    pub events: u64,
    /// The digest of all of them: equal digests mean equal runs.
    #[serde(serialize_with = "hexadecimal")]
    pub digest: u64,
    /// One sentence: what happened last that a person would care about.
    pub status: String,
    /// The node that leads the highest term and has not crashed.
    pub leader: Option<NodeId>,
    /// Every node that exists now, by id: the voters first, then the workers.
    pub nodes: Vec<NodeView>,
    /// Messages under way.
    pub flights: Vec<FlightView>,
    /// Links that are cut or lossy, each pair once with `a < b`.
    pub links: Vec<LinkView>,
    /// The sides of a partition of the running voters, largest first; fewer than two when whole.
    pub sides: Vec<Vec<NodeId>>,
    /// The replicated log around its end.
    pub log: LogView,
    /// The replicated sets.
    pub sets: SetsView,
    /// Load, capacity and the last decision.
    pub scaling: ScalingView,
    /// One row per invariant.
    pub invariants: Vec<InvariantView>,
}

/// Whether a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProcessState {
    /// It runs.
    Running,
    /// It was ordered and boots until the given time.
    Starting {
        /// When it will be ready.
        until: Micros,
    },
    /// It runs, takes no new work, and hands over what it has.
    Draining,
    /// It stands still: it takes no step, and forgets nothing.
    Paused,
    /// It crashed; its disk keeps what was synced.
    Crashed,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodeView {
    /// Its name.
    pub id: NodeId,
    /// Whether it runs.
    pub process: ProcessState,
    /// Its part in the consensus; `None` for a worker.
    pub raft: Option<RaftView>,
    /// CPU in thousandths of one node.
    pub cpu_permille: u32,
    /// Memory in thousandths of one node.
    pub memory_permille: u32,
    /// Requests that wait.
    pub queue: u64,
    /// Live elements in its set.
    pub live: usize,
    /// Removals it still remembers.
    pub tombstones: usize,
}

/// The consensus part of a node.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RaftView {
    /// Follower, pre-candidate, candidate or leader. The last one it had, if it crashed.
    pub role: Role,
    /// Its current term.
    pub term: u64,
    /// Highest index known to be committed.
    pub commit_index: u64,
    /// Highest index in its log.
    pub last_index: u64,
    /// Highest index on its disk.
    pub stable_index: u64,
    /// Share of the election timer that is left, in thousandths; `None` for a leader.
    pub timer_permille: Option<u32>,
    /// Votes or pre-votes granted so far, while it campaigns.
    pub votes: Option<u32>,
    /// The last few entries, oldest first.
    pub tail: Vec<CellView>,
}

/// How safe an entry is on one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Safety {
    /// In memory only.
    Volatile,
    /// On disk, not committed.
    Durable,
    /// Committed, as far as this node knows.
    Committed,
}

/// One entry on one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CellView {
    /// Its index.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// What it carries.
    pub kind: EntryKind,
    /// How safe it is here.
    pub safety: Safety,
    /// It contradicts an entry that is committed elsewhere, and will be overwritten.
    pub conflicting: bool,
}

/// What a message is, as far as its picture goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FlightKind {
    /// Entries for a follower.
    Append {
        /// How many.
        entries: u32,
    },
    /// A leader's sign of life.
    Heartbeat,
    /// The answer to an append or a heartbeat.
    Reply,
    /// A vote, asked for or granted.
    Vote,
    /// A pre-vote, asked for or granted.
    PreVote,
    /// A proposal on its way to the leader.
    Proposal,
    /// A delta of the replicated sets, or a full state.
    SetDelta,
    /// A version vector that acknowledges what is durable.
    SetAck,
    /// Metrics, or an order to a worker.
    Control,
}

/// A message under way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FlightView {
    /// The event that will deliver it; unique in the run.
    pub id: u64,
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// When it left.
    pub sent: Micros,
    /// When it arrives, or would have.
    pub arrives: Micros,
    /// What it is.
    pub kind: FlightKind,
    /// Its term; zero if it has none.
    pub term: u64,
    /// It dies halfway.
    pub lost: bool,
    /// A few words: `append 53`, `set delta, 62 B`.
    pub label: String,
}

/// What is wrong with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "permille", rename_all = "snake_case")]
pub enum LinkState {
    /// Nothing passes either way.
    Cut,
    /// Nothing gets from `a` to `b`.
    CutForth,
    /// Nothing gets from `b` to `a`.
    CutBack,
    /// It has other settings than the rest, one way or both.
    Changed,
    /// Some messages are lost, in thousandths.
    Lossy(u32),
}

impl LinkState {
    /// Whether nothing gets through, one way or both.
    pub const fn is_cut(self) -> bool {
        matches!(self, Self::Cut | Self::CutForth | Self::CutBack)
    }
}

/// A link that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LinkView {
    /// The end with the smaller id.
    pub a: NodeId,
    /// The other end.
    pub b: NodeId,
    /// What is wrong.
    pub state: LinkState,
}

/// The log grid: rows are voters, columns indices.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LogView {
    /// First index shown.
    pub from: u64,
    /// Last index shown. A log that is shorter leaves columns empty.
    pub to: u64,
    /// One row per voter.
    pub rows: Vec<LogRow>,
    /// The leader's view of its peers; empty without a leader.
    pub progress: Vec<ProgressView>,
    /// Who votes, as the leader knows it.
    pub voters: Vec<NodeId>,
    /// Who gets the log and does not vote.
    pub learners: Vec<NodeId>,
    /// What is known of the selected index, if any.
    pub selected: Option<EntryView>,
}

/// One voter's part of the grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogRow {
    /// The voter.
    pub node: NodeId,
    /// The role it has; `None` while it is down.
    pub role: Option<Role>,
    /// Its term.
    pub term: u64,
    /// Its commit index.
    pub commit_index: u64,
    /// Its match index, as the leader knows it.
    pub match_index: Option<u64>,
    /// Its cells within the shown range, by index.
    pub cells: Vec<CellView>,
}

/// How far the leader has brought one peer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProgressView {
    /// The peer.
    pub peer: NodeId,
    /// Probing or replicating.
    pub state: ProgressState,
    /// Highest index known to be on its disk.
    pub match_index: u64,
    /// Next index to send.
    pub next_index: u64,
    /// Appends under way.
    pub in_flight: usize,
    /// Time since it last answered in this term, or since the term began if it never did.
    pub last_heard: Micros,
    /// Entries it lacks.
    pub lag: u64,
}

/// One entry in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryView {
    /// Its index.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// What it does: `put k3 = 17`, `no-op`, `start n6`.
    pub command: String,
    /// The prefix hash, shortened to twelve hexadecimal digits.
    pub prefix_hash: String,
    /// The nodes that have it on disk.
    pub durable_on: Vec<NodeId>,
}

/// The replicated sets of all running replicas.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SetsView {
    /// One per replica that runs or crashed, by node.
    pub replicas: Vec<ReplicaView>,
    /// What every active replica is known to hold durably.
    #[serde(serialize_with = "counters")]
    pub frontier: VersionVector,
    /// Who holds the frontier back most, with the number of events missing.
    #[serde(serialize_with = "name_and_number")]
    pub held_back_by: Option<(ReplicaId, u64)>,
    /// The epoch of the membership table.
    pub epoch: u64,
    /// The age at which the pruner takes a removal.
    pub stability_threshold: Micros,
    /// The most removals a replica keeps.
    pub max_tombstones: usize,
}

/// One replica's set.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplicaView {
    /// The node it runs on.
    pub node: NodeId,
    /// Time since it last merged anything; `None` if it never did.
    pub since_merge: Option<Micros>,
    /// The live elements, in order.
    pub elements: Vec<ElementView>,
    /// The removals it remembers, newest first.
    pub tombstones: Vec<TombstoneView>,
    /// Its counter.
    pub counter: u64,
    /// What it has seen.
    #[serde(serialize_with = "counters")]
    pub context: VersionVector,
    /// What it has on disk, as it tells the others.
    #[serde(serialize_with = "counters")]
    pub durable: VersionVector,
    /// Exact bytes that it holds in memory.
    pub bytes: BytesView,
}

/// Exact bytes of one replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BytesView {
    /// Elements and their dots.
    pub live: usize,
    /// Version vector and floor.
    pub context: usize,
    /// Records of removals and of adds that supersede.
    pub journal: usize,
}

/// A live element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ElementView {
    /// The element.
    pub name: String,
    /// The dots that keep it alive: one, unless it was added concurrently.
    #[serde(serialize_with = "names")]
    pub dots: Vec<Dot>,
    /// It came with a merge within the last 600 ms.
    pub fresh: bool,
}

/// A removal that is still remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TombstoneView {
    /// The element that was removed.
    pub name: String,
    /// The removal's own dot.
    #[serde(serialize_with = "name")]
    pub dot: Dot,
    /// Its age.
    pub age: Micros,
    /// Every active replica is known to have it.
    pub stable: bool,
}

/// Load, capacity and decisions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScalingView {
    /// What the load is, in words: `WorldCup98 at 60 times its speed`.
    pub source: String,
    /// The series over the recent past, oldest first.
    pub points: Vec<LoadPoint>,
    /// Requests per second, in thousandths.
    pub rate_milli: u64,
    /// Nodes that serve.
    pub ready: u32,
    /// Nodes that boot.
    pub starting: u32,
    /// Nodes that drain.
    pub draining: u32,
    /// The bounds of the fleet.
    pub bounds: (u32, u32),
    /// The thresholds `(up, down)` of CPU in thousandths and of the queue per node, if the strategy
    /// has any.
    pub cpu_thresholds: Option<(u32, u32)>,
    /// See `cpu_thresholds`.
    pub queue_thresholds: Option<(u64, u64)>,
    /// The last decisions, oldest first: when, by whom, in which term, and the whole chain.
    pub decisions: Vec<DecisionView>,
}

/// One decision of a leader's autoscaler.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionView {
    /// When it was made.
    pub at: Micros,
    /// The leader that made it.
    pub by: NodeId,
    /// That leader's term.
    pub term: u64,
    /// The log index of the order, if one was proposed.
    pub index: Option<u64>,
    /// The chain.
    pub decision: Decision,
}

/// One sample of the series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoadPoint {
    /// When.
    pub at: Micros,
    /// Requests per second, in thousandths.
    pub rate_milli: u64,
    /// Mean CPU of the ready nodes, in thousandths.
    pub cpu_permille: u32,
    /// Waiting requests per ready node.
    pub queue_per_node: u64,
    /// Nodes that serve.
    pub ready: u32,
    /// Nodes that boot.
    pub starting: u32,
    /// Nodes that drain.
    pub draining: u32,
}

/// The state of one invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvariantView {
    /// Its name: `Election Safety`.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub statement: &'static str,
    /// What it is about: `Consensus`, `Clients`, `Sets`, `Scaling`.
    pub group: &'static str,
    /// How often it was checked.
    pub checks: u64,
    /// When it was checked last.
    pub last_checked: Micros,
    /// At which event of the run it broke first.
    pub event: Option<u64>,
    /// What broke it, in words, if it broke.
    pub witness: Option<String>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn hexadecimal<S: Serializer>(digest: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{digest:016x}"))
}

fn name<S: Serializer>(dot: &Dot, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(dot)
}

fn names<S: Serializer>(dots: &[Dot], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(dots.iter().map(Dot::to_string))
}

#[allow(clippy::ref_option, reason = "the signature that serde calls")]
fn name_and_number<S: Serializer>(
    replica: &Option<(ReplicaId, u64)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let named = replica.map(|(replica, number)| (replica.to_string(), number));
    named.serialize(serializer)
}

fn counters<S: Serializer>(version: &VersionVector, serializer: S) -> Result<S::Ok, S::Error> {
    let entries = version.iter();
    serializer.collect_map(entries.map(|(replica, counter)| (replica.to_string(), counter)))
}
