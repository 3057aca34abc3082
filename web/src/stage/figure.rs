//! What is said of a node: its shape, its role in words, its numbers and one remark.
//!
//! The canvas, the labels for screen readers and the table all say the same, so they say it from
//! here.

use quorate::NodeId;
use quorate::raft::Role;
use quorate_sim::{CellView, NodeView, ProcessState, RaftView, Safety, Snapshot};

use super::ring::Density;
use crate::canvas::GlyphKind;
use crate::format::percent;

/// A node as it is drawn and read out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    /// Who it is.
    pub(super) node: NodeId,
    /// Its name.
    pub(super) name: String,
    /// Its shape.
    pub(super) kind: GlyphKind,
    /// The term that colours it.
    pub(super) term: u64,
    /// Whether it has a vote.
    pub(super) votes: bool,
    /// Whether it has an election timer.
    pub(super) timed: bool,
    /// Its role in words.
    pub(super) title: &'static str,
    /// Its numbers, one line or two.
    pub(super) numbers: [String; 2],
    /// The end of its log.
    pub(super) tail: Vec<CellView>,
    /// What is remarkable about it.
    pub(super) remark: Option<Remark>,
}

/// One short line about a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// The line.
    pub(super) text: String,
    /// How it is meant.
    pub(super) tone: Tone,
}

/// How a remark is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// For information.
    Plain,
    /// Something is wrong.
    Bad,
}

/// What the remarks about all nodes need to know about the cluster.
#[derive(Debug)]
pub(super) struct Cluster<'a> {
    snapshot: &'a Snapshot,
    voters: usize,
    last_index: u64,
    loaded: bool,
}

impl<'a> Cluster<'a> {
    /// Looks at `snapshot` once.
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let raft = |node: &'a NodeView| node.raft.as_ref();
        let leader = snapshot
            .nodes
            .iter()
            .find(|node| Some(node.id) == snapshot.leader);
        Self {
            snapshot,
            voters: snapshot.nodes.iter().filter_map(raft).count(),
            last_index: leader.and_then(raft).map_or(0, |raft| raft.last_index),
            loaded: snapshot
                .nodes
                .iter()
                .any(|node| node.cpu_permille > 0 || node.queue > 0),
        }
    }

    /// How many nodes vote.
    pub(super) fn voters(&self) -> usize {
        self.voters
    }

    /// What is said of `node` where there is room for `density`.
    pub(super) fn figure(&self, node: &NodeView, density: Density) -> Figure {
        let is_full = density == Density::Full;
        Figure {
            node: node.id,
            name: node.id.to_string(),
            kind: kind(node),
            term: node.raft.as_ref().map_or(0, |raft| raft.term),
            votes: node.raft.is_some(),
            timed: is_timed(node),
            title: title(node),
            numbers: self.numbers(node, density),
            tail: node
                .raft
                .iter()
                .filter(|_| is_full)
                .flat_map(|r| r.tail.clone())
                .collect(),
            remark: if is_full { self.remark(node) } else { None },
        }
    }

    fn numbers(&self, node: &NodeView, density: Density) -> [String; 2] {
        let one = |line: String| [line, String::new()];
        // Where there is room for one thing only, load goes first, if there is any.
        let raft = node.raft.as_ref();
        let idle = raft.filter(|_| !self.loaded);
        match density {
            Density::Silent => one(String::new()),
            Density::Full => one(raft.map_or_else(|| work(node), term_and_commit)),
            Density::Brief => one(idle.map_or_else(|| work(node), term_and_commit)),
            Density::Narrow => match raft {
                Some(raft) => {
                    let role = format!("{} · T{}", title(node), raft.term);
                    [role, format!("commit {}", raft.commit_index)]
                }
                None => [title(node).to_owned(), cpu(node)],
            },
            Density::Terse => match idle {
                Some(raft) => [
                    format!("T{}", raft.term),
                    format!("c {}", raft.commit_index),
                ],
                None if is_serving(node) => {
                    [format!("cpu {}", cpu(node)), format!("q {}", node.queue)]
                }
                None => one(cpu(node)),
            },
            Density::Bare => one(idle.map_or_else(|| cpu(node), |raft| format!("T{}", raft.term))),
        }
    }

    fn remark(&self, node: &NodeView) -> Option<Remark> {
        let bad = |text: String| {
            Some(Remark {
                text,
                tone: Tone::Bad,
            })
        };
        let plain = |text: String| {
            Some(Remark {
                text,
                tone: Tone::Plain,
            })
        };
        let raft = node.raft.as_ref()?;
        let doomed = raft.tail.iter().filter(|cell| cell.conflicting).count();
        if doomed > 0 {
            let least = if doomed == raft.tail.len() {
                "at least "
            } else {
                ""
            };
            let entries = if doomed == 1 { "entry" } else { "entries" };
            return bad(format!("{least}{doomed} {entries} will be overwritten"));
        }
        if node.process == ProcessState::Crashed {
            return plain(format!("log kept to {}", raft.stable_index));
        }
        if let Some(reach) = self.reach_without_quorum(node.id) {
            return bad(format!("reaches {reach} of {}", self.voters));
        }
        match (raft.role, raft.votes) {
            (Role::PreCandidate, Some(votes)) => {
                return plain(format!("pre-votes: {votes} of {}", self.quorum()));
            }
            (Role::Candidate, Some(votes)) => {
                return plain(format!("votes: {votes} of {}", self.quorum()));
            }
            _ => {}
        }
        let behind = self.last_index.saturating_sub(raft.last_index);
        if behind >= 5 {
            return plain(format!("{behind} entries behind"));
        }
        if self.loaded {
            return plain(work(node));
        }
        let removed = if node.tombstones == 1 {
            "tombstone"
        } else {
            "tombstones"
        };
        (node.live + node.tombstones > 0)
            .then(|| format!("{} live · {} {removed}", node.live, node.tombstones))
            .and_then(plain)
    }

    fn quorum(&self) -> usize {
        self.voters / 2 + 1
    }

    /// How many voters a node reaches, itself included, if they are no quorum.
    fn reach_without_quorum(&self, node: NodeId) -> Option<usize> {
        let side = self
            .snapshot
            .sides
            .iter()
            .find(|side| side.contains(&node))?;
        (side.len() < self.quorum()).then_some(side.len())
    }
}

/// The shape of a node.
pub(super) fn kind(node: &NodeView) -> GlyphKind {
    match (node.process, node.raft.as_ref().map(|raft| raft.role)) {
        (ProcessState::Crashed, _) => GlyphKind::Crashed,
        (_, Some(Role::Leader)) => GlyphKind::Leader,
        (_, Some(Role::Follower)) => GlyphKind::Follower,
        (_, Some(Role::Candidate)) => GlyphKind::Candidate,
        (_, Some(Role::PreCandidate)) => GlyphKind::PreCandidate,
        (ProcessState::Starting { .. }, None) => GlyphKind::Starting,
        (ProcessState::Draining, None) => GlyphKind::Draining,
        (ProcessState::Running | ProcessState::Paused, None) => GlyphKind::Worker,
    }
}

/// The role of a node in words.
pub(super) fn title(node: &NodeView) -> &'static str {
    match kind(node) {
        GlyphKind::Leader => "Leader",
        GlyphKind::Candidate => "Candidate",
        GlyphKind::PreCandidate => "Pre-candidate",
        GlyphKind::Worker => "Worker",
        GlyphKind::Starting => "Starting",
        GlyphKind::Draining => "Draining",
        GlyphKind::Crashed => "Crashed",
        _ => "Follower",
    }
}

/// Whether a node has an election timer that runs.
pub(super) fn is_timed(node: &NodeView) -> bool {
    node.process != ProcessState::Crashed
        && node
            .raft
            .as_ref()
            .is_some_and(|raft| raft.timer_permille.is_some())
}

/// A node in one sentence, for those who hear the page.
pub(super) fn spoken(node: &NodeView) -> String {
    match &node.raft {
        Some(raft) => format!(
            "{}, {}, term {}, commit {}",
            node.id,
            title(node),
            raft.term,
            raft.commit_index
        ),
        None => format!("{}, {}, {}", node.id, title(node), work(node)),
    }
}

/// Who a node is, in a few words.
pub(super) fn standing(node: &NodeView) -> String {
    match &node.raft {
        Some(raft) => format!("{} · term {}", title(node), raft.term),
        None => title(node).to_owned(),
    }
}

/// The numbers of a node on one line.
pub(super) fn facts(node: &NodeView) -> String {
    match &node.raft {
        Some(raft) => format!(
            "last {} · on disk {} · commit {}",
            raft.last_index, raft.stable_index, raft.commit_index
        ),
        None => format!(
            "{} · {} live, {} removed",
            work(node),
            node.live,
            node.tombstones
        ),
    }
}

fn term_and_commit(raft: &RaftView) -> String {
    format!("term {} · commit {}", raft.term, raft.commit_index)
}

/// What a node has to do, in a few words.
fn work(node: &NodeView) -> String {
    if is_serving(node) {
        format!("cpu {} · q {}", cpu(node), node.queue)
    } else {
        cpu(node)
    }
}

/// How busy a node is, or why it is not.
fn cpu(node: &NodeView) -> String {
    match node.process {
        ProcessState::Starting { .. } => "booting".to_owned(),
        ProcessState::Crashed => "down".to_owned(),
        ProcessState::Paused => "paused".to_owned(),
        ProcessState::Running | ProcessState::Draining => percent(node.cpu_permille),
    }
}

const fn is_serving(node: &NodeView) -> bool {
    matches!(node.process, ProcessState::Running | ProcessState::Draining)
}

/// How safe an entry is, as the shape of its cell says it.
pub(super) const fn safety_word(safety: Safety) -> &'static str {
    match safety {
        Safety::Volatile => "in memory",
        Safety::Durable => "on disk",
        Safety::Committed => "committed",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use quorate_sim::{Focus, Lab, presets};

    use super::*;

    /// A real snapshot of five fresh nodes.
    pub(in crate::stage) fn fresh() -> Snapshot {
        let scenario = presets::all().remove(0).scenario;
        Lab::new(scenario, None)
            .unwrap()
            .snapshot(&Focus::default())
    }

    fn raft(snapshot: &mut Snapshot, node: usize) -> &mut RaftView {
        snapshot.nodes[node].raft.as_mut().unwrap()
    }

    fn remark(snapshot: &Snapshot, node: usize) -> Option<String> {
        let figure = Cluster::new(snapshot).figure(&snapshot.nodes[node], Density::Full);
        figure.remark.map(|remark| remark.text)
    }

    #[test]
    fn a_crash_hides_the_role() {
        let mut snapshot = fresh();
        raft(&mut snapshot, 0).role = Role::Leader;
        assert_eq!(kind(&snapshot.nodes[0]), GlyphKind::Leader);
        snapshot.nodes[0].process = ProcessState::Crashed;
        assert_eq!(kind(&snapshot.nodes[0]), GlyphKind::Crashed);
        assert!(!is_timed(&snapshot.nodes[0]));
        assert!(remark(&snapshot, 0).unwrap().starts_with("log kept to"));
    }

    #[test]
    fn candidates_count_votes_and_minorities_say_so() {
        let mut snapshot = fresh();
        raft(&mut snapshot, 1).role = Role::PreCandidate;
        raft(&mut snapshot, 1).votes = Some(2);
        assert_eq!(remark(&snapshot, 1).unwrap(), "pre-votes: 2 of 3");
        let side = |ids: &[u64]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
        snapshot.sides = vec![side(&[3, 4, 5]), side(&[1, 2])];
        assert_eq!(remark(&snapshot, 1).unwrap(), "reaches 2 of 5");
        assert_eq!(remark(&snapshot, 2), None);
    }

    #[test]
    fn every_density_says_something() {
        let snapshot = fresh();
        let cluster = Cluster::new(&snapshot);
        for density in [
            Density::Full,
            Density::Brief,
            Density::Narrow,
            Density::Terse,
            Density::Bare,
        ] {
            let figure = cluster.figure(&snapshot.nodes[0], density);
            assert!(!figure.numbers[0].is_empty(), "{density:?}");
            assert!(figure.tail.is_empty() || density == Density::Full);
        }
    }

    #[test]
    fn a_worker_that_boots_says_so_instead_of_its_load() {
        let mut snapshot = fresh();
        snapshot.nodes[4].raft = None;
        snapshot.nodes[4].cpu_permille = 420;
        let numbers = |snapshot: &Snapshot, density| {
            Cluster::new(snapshot)
                .figure(&snapshot.nodes[4], density)
                .numbers
                .join(" ")
        };
        assert_eq!(numbers(&snapshot, Density::Terse), "cpu 42 % q 0");
        let until = quorate::Micros::from_secs(9);
        snapshot.nodes[4].process = ProcessState::Starting { until };
        for density in [Density::Full, Density::Brief, Density::Terse, Density::Bare] {
            assert_eq!(numbers(&snapshot, density).trim(), "booting", "{density:?}");
        }
    }

    #[test]
    fn a_node_is_read_out_with_role_term_and_commit() {
        let mut snapshot = fresh();
        raft(&mut snapshot, 3).term = 5;
        raft(&mut snapshot, 3).commit_index = 51;
        assert_eq!(
            spoken(&snapshot.nodes[3]),
            "n4, Follower, term 5, commit 51"
        );
    }
}
