//! All of the stage that stands still between two events.
//!
//! Timers and messages move with every frame; shapes, words, links and the partition change only
//! when something happened. The still part is described by a value, so that one comparison tells
//! whether it has to be drawn again.

use std::collections::BTreeMap;

use quorate::NodeId;
use quorate_sim::{LinkState, Snapshot};

use super::figure::{Cluster, Figure};
use super::ring::Ring;
use super::side::Division;
use crate::canvas::{Extent, Point};
use crate::state::Selection;

/// A link as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    /// One end.
    pub(super) a: Point,
    /// The other end.
    pub(super) b: Point,
    /// How it looks.
    pub(super) look: Look,
}

/// How a link looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Whole.
    Whole,
    /// Cut by the partition that is drawn anyway.
    Severed,
    /// Cut by itself.
    Cut,
    /// It loses messages.
    Lossy,
}

/// The still part of the stage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scene {
    /// Where the nodes stand.
    pub(super) ring: Ring,
    /// What is said of them, in the same order.
    pub(super) figures: Vec<Figure>,
    /// The partition.
    pub(super) division: Division,
    /// The links.
    pub(super) links: Vec<Link>,
    /// The selected link.
    pub(super) chosen: Option<(Point, Point)>,
}

/// With more nodes than this, only links between voters are drawn, those of the selected node to
/// voters, and those with which something is wrong.
pub(super) const FULL_MESH: usize = 10;

impl Scene {
    /// The scene of `snapshot` on a stage of `extent`.
    pub(super) fn new(snapshot: &Snapshot, extent: Extent, selection: Selection) -> Self {
        let ids: Vec<NodeId> = snapshot.nodes.iter().map(|node| node.id).collect();
        let ring = Ring::new(&ids, extent);
        let cluster = Cluster::new(snapshot);
        let faults = Faults::new(snapshot);
        let side_of = |node| faults.side(node);
        let division = Division::new(&ring, &snapshot.sides, cluster.voters(), extent, side_of);
        let figures = snapshot
            .nodes
            .iter()
            .map(|node| cluster.figure(node, ring.density))
            .collect();
        let links = links(&faults, &ring, cluster.voters(), selection);
        let chosen = match selection {
            Selection::Link(a, b) => ring.place(a).zip(ring.place(b)).map(|(a, b)| (a.at, b.at)),
            _ => None,
        };
        Self {
            ring,
            figures,
            division,
            links,
            chosen,
        }
    }
}

/// All links that are drawn.
fn links(faults: &Faults<'_>, ring: &Ring, voters: usize, selection: Selection) -> Vec<Link> {
    let is_crowd = ring.places.len() > FULL_MESH;
    let mut links = Vec::new();
    for (i, first) in ring.places.iter().enumerate() {
        for (j, second) in ring.places.iter().enumerate().skip(i + 1) {
            let look = faults.look(first.node, second.node);
            let hub = [first.node, second.node]
                .map(Selection::Node)
                .contains(&selection);
            // Voters come first, so the link has one at each end, or one at its first end.
            let is_shown = j < voters || (i < voters && hub);
            if look != Look::Whole || !is_crowd || is_shown {
                links.push(Link {
                    a: first.at,
                    b: second.at,
                    look,
                });
            }
        }
    }
    links
}

/// What is wrong with the links, by link: a crowd has more than a thousand of them.
#[derive(Debug)]
struct Faults<'a> {
    states: BTreeMap<(NodeId, NodeId), LinkState>,
    sides: &'a [Vec<NodeId>],
}

impl<'a> Faults<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let states = snapshot
            .links
            .iter()
            .map(|link| ((link.a, link.b), link.state))
            .collect();
        Self {
            states,
            sides: &snapshot.sides,
        }
    }

    fn state(&self, a: NodeId, b: NodeId) -> Option<LinkState> {
        self.states.get(&(a.min(b), a.max(b))).copied()
    }

    /// The first side of which a node reaches somebody.
    fn side(&self, node: NodeId) -> Option<usize> {
        let reaches = |other: &NodeId| !self.state(node, *other).is_some_and(LinkState::is_cut);
        self.sides.iter().position(|side| side.iter().any(reaches))
    }

    fn look(&self, a: NodeId, b: NodeId) -> Look {
        match self.state(a, b) {
            None => Look::Whole,
            Some(LinkState::Lossy(_) | LinkState::Changed) => Look::Lossy,
            Some(LinkState::Cut | LinkState::CutForth | LinkState::CutBack) => {
                // With a partition every node is on some side, even if it is on no list.
                let listed = |node| self.sides.iter().position(|side| side.contains(&node));
                let side = |node| listed(node).or_else(|| self.side(node));
                let is_severed = !self.sides.is_empty() && side(a) != side(b);
                if is_severed { Look::Severed } else { Look::Cut }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_sim::LinkView;

    use super::super::figure::tests::fresh;
    use super::*;

    const STAGE: Extent = Extent {
        width: 822.0,
        height: 430.0,
        scale: 1.0,
        unit: 1.0,
    };

    fn count(scene: &Scene, look: Look) -> usize {
        scene.links.iter().filter(|link| link.look == look).count()
    }

    #[test]
    fn five_nodes_have_ten_links() {
        let scene = Scene::new(&fresh(), STAGE, Selection::None);
        assert_eq!(count(&scene, Look::Whole), 10);
    }

    #[test]
    fn a_cut_link_looks_different_from_a_partition() {
        let mut snapshot = fresh();
        let cut = |a, b| LinkView {
            a: NodeId(a),
            b: NodeId(b),
            state: LinkState::Cut,
        };
        snapshot.links = vec![cut(1, 2)];
        let scene = Scene::new(&snapshot, STAGE, Selection::None);
        assert_eq!(
            (count(&scene, Look::Cut), count(&scene, Look::Whole)),
            (1, 9)
        );
        snapshot.links = vec![cut(1, 2), cut(1, 3), cut(1, 4), cut(1, 5)];
        snapshot.sides = vec![(2..=5).map(NodeId).collect(), vec![NodeId(1)]];
        let scene = Scene::new(&snapshot, STAGE, Selection::None);
        assert_eq!(
            (count(&scene, Look::Severed), count(&scene, Look::Whole)),
            (4, 6)
        );
    }

    #[test]
    fn the_scene_does_not_change_with_time_alone() {
        let before = fresh();
        let mut after = before.clone();
        after.now = quorate::Micros(999);
        for node in &mut after.nodes {
            node.raft.as_mut().unwrap().timer_permille = Some(3);
        }
        let scene = |snapshot| Scene::new(snapshot, STAGE, Selection::None);
        assert_eq!(scene(&before), scene(&after));
    }
}
