//! Where two runs part, and what is different since.
//!
//! Digests tell whether two runs are equal up to an event, and once they differ they always will. So a
//! search over digests kept by the way finds the last moment at which both were one; from there both
//! go on side by side to the first event that is not the same.

use quorate::{Micros, NodeId};
use serde::Serialize;

use super::Lab;
use crate::snapshot::{NodeView, Snapshot};
use crate::view::Focus;
use crate::world::World;

/// Two runs, side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The first event that is not the same; `None` while they are one as far as both have come.
    pub divergence: Option<Divergence>,
    /// What differs at the nodes now, each where it stands.
    pub differences: Vec<Difference>,
}

/// The first event that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Divergence {
    /// Its number.
    pub event: u64,
    /// What happens in each of them, and when; `None` if it is over there.
    pub sides: [Option<Happening>; 2],
}

/// What happens next in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// When.
    pub at: Micros,
    /// What.
    pub text: String,
}

/// One thing about a node that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The node.
    pub node: NodeId,
    /// What about it.
    pub what: &'static str,
    /// How it is on each side; empty where there is no such node.
    pub sides: [String; 2],
}

/// Digests kept by the way: one after every so many events.
const STRIDE: u64 = 256;

/// The digests after every [`STRIDE`] events of a run, as far as it has ever come.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    digests: Vec<u64>,
}

impl Trail {
    /// Takes the digest after an event, if it is one to keep and was not kept before.
    pub(super) fn passed(&mut self, events: u64, digest: u64) {
        if events.is_multiple_of(STRIDE) && events / STRIDE == self.digests.len() as u64 + 1 {
            self.digests.push(digest);
        }
    }

    /// Forgets what lies after an event.
    pub(super) fn truncate(&mut self, events: u64) {
        let kept = usize::try_from(events / STRIDE).expect("as many as lie in memory");
        self.digests.truncate(kept);
    }

    /// The number of an event after which both were one.
    fn common(&self, other: &Self) -> u64 {
        let pairs: Vec<bool> = (self.digests.iter().zip(&other.digests))
            .map(|(a, b)| a == b)
            .collect();
        pairs.partition_point(|equal| *equal) as u64 * STRIDE
    }
}

impl Lab {
    /// Compares this run with another, as far as both have come. O(log events), and the way from the
    /// nearest copies.
    pub fn compare(&self, other: &Self) -> Comparison {
        let common = self.trail.common(&other.trail);
        let both = self.world.events().min(other.world.events());
        let (mut a, mut b) = (self.world_at(common), other.world_at(common));
        let mut divergence = None;
        while a.events() < both && divergence.is_none() {
            let event = a.events() + 1;
            let sides = [next(&mut a), next(&mut b)];
            let went_on = (a.step(), b.step());
            if went_on != (true, true) || a.digest() != b.digest() {
                divergence = Some(Divergence { event, sides });
            }
            if went_on == (false, false) {
                break;
            }
        }
        let look = |lab: &Self| lab.snapshot(&Focus::default());
        Comparison {
            divergence,
            differences: differences(&look(self), &look(other)),
        }
    }

    /// The world after an event that lies behind.
    fn world_at(&self, event: u64) -> World {
        let is_before = |world: &World| world.events() <= event;
        let mut world = self.checkpoints.latest(is_before, &self.scenario.actions);
        while world.events() < event && world.step() {}
        world
    }
}

fn next(world: &mut World) -> Option<Happening> {
    let at = world.next_time()?;
    let text = world.describe_next()?;
    Some(Happening { at, text })
}

/// What differs between two pictures, node by node.
fn differences(a: &Snapshot, b: &Snapshot) -> Vec<Difference> {
    let mut ids: Vec<NodeId> = a.nodes.iter().chain(&b.nodes).map(|it| it.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let facts = |snapshot: &Snapshot, id| {
        let node = snapshot.nodes.iter().find(|node| node.id == id);
        node.map(|node| facts(node, snapshot)).unwrap_or_default()
    };
    let of_node = |node: NodeId| {
        let (left, right) = (facts(a, node), facts(b, node));
        ABOUT.iter().enumerate().filter_map(move |(place, what)| {
            let side = |facts: &[String]| facts.get(place).cloned().unwrap_or_default();
            let sides = [side(&left), side(&right)];
            (sides[0] != sides[1]).then_some(Difference { node, what, sides })
        })
    };
    ids.into_iter().flat_map(of_node).collect()
}

/// What is said about a node, in this order.
const ABOUT: [&str; 8] = [
    "process",
    "role",
    "term",
    "commit index",
    "last index",
    "set",
    "events seen",
    "queue",
];

fn facts(node: &NodeView, snapshot: &Snapshot) -> Vec<String> {
    let raft = node.raft.as_ref();
    let number = |of: fn(&crate::snapshot::RaftView) -> u64| {
        raft.map(|raft| of(raft).to_string()).unwrap_or_default()
    };
    let replica = snapshot.sets.replicas.iter().find(|it| it.node == node.id);
    let elements = replica.map(|replica| {
        let names = replica.elements.iter().map(|element| element.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    });
    vec![
        format!("{:?}", node.process).to_lowercase(),
        raft.map(|raft| format!("{:?}", raft.role).to_lowercase())
            .unwrap_or_default(),
        number(|raft| raft.term),
        number(|raft| raft.commit_index),
        number(|raft| raft.last_index),
        elements.unwrap_or_default(),
        replica.map(|it| it.context.to_string()).unwrap_or_default(),
        node.queue.to_string(),
    ]
}
