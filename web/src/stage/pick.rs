//! Which link lies under the pointer.

use quorate::NodeId;

use super::scene::{FULL_MESH, Scene};
use crate::canvas::Point;

/// How near to a link a click has to be.
const REACH: f64 = 8.0;

/// The link nearest to `at`, the smaller end first, if it is near enough.
///
/// Tries every pair: at most 190 of them, once per click.
pub(super) fn link_at(scene: &Scene, at: Point) -> Option<(NodeId, NodeId)> {
    let places = &scene.ring.places;
    let is_drawn = |i: usize, j: usize| {
        let votes = |i: usize| scene.figures[i].votes;
        places.len() <= FULL_MESH || (votes(i) && votes(j))
    };
    let mut nearest: Option<(f64, (NodeId, NodeId))> = None;
    for (i, a) in places.iter().enumerate() {
        for (j, b) in places.iter().enumerate().skip(i + 1) {
            let distance = at.distance_to_segment(a.at, b.at);
            let is_nearer = nearest.is_none_or(|(best, _)| distance < best);
            if distance <= REACH && is_nearer && is_drawn(i, j) {
                nearest = Some((distance, (a.node.min(b.node), a.node.max(b.node))));
            }
        }
    }
    nearest.map(|(_, link)| link)
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::fresh;
    use super::*;
    use crate::canvas::Extent;
    use crate::state::Selection;

    #[test]
    fn a_click_on_a_link_finds_it_and_one_beside_it_does_not() {
        let extent = Extent {
            width: 822.0,
            height: 430.0,
            scale: 1.0,
            unit: 1.0,
        };
        let scene = Scene::new(&fresh(), extent, Selection::None);
        let (a, b) = (scene.ring.places[3].at, scene.ring.places[2].at);
        let near = a.towards(b, 0.4).moved(a.direction(b).right(), -3.0);
        assert_eq!(link_at(&scene, near), Some((NodeId(3), NodeId(4))));
        let below = a.towards(b, 0.5);
        assert_eq!(link_at(&scene, Point::new(below.x, below.y + 20.0)), None);
    }
}
