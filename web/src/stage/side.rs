//! The picture of a partition.
//!
//! If the sides are neighbours on the ring, one straight line cuts between them and says who can
//! commit; the side without a quorum is hatched. If they are not, a line would lie, and on a
//! crowded ring it would run through nodes; then each side without a quorum is wrapped in a hull
//! of its own.

use quorate::NodeId;

use super::ring::Ring;
use crate::canvas::{Extent, Point, Rect, real};

/// How a partition is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Division {
    /// The network is whole.
    #[default]
    None,
    /// A line between two sides.
    Border(Border),
    /// A hull around each side without a quorum.
    Hulls(Vec<Vec<Point>>),
}

/// A line between two sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Border {
    /// A point on it.
    pub(super) origin: Point,
    /// Its direction, of length 1.
    pub(super) along: Point,
    /// The direction away from it on the smaller side, of length 1.
    pub(super) beyond: Point,
    /// How far from the origin it leaves the ring.
    chord: f64,
    /// What is written on the smaller side.
    pub(super) minority: String,
    /// What is written on the larger side.
    pub(super) majority: String,
    /// Where that is written: the middle of both lines, if there is room.
    pub(super) caption: Option<Point>,
}

/// Longer than any screen.
const FAR: f64 = 4_000.0;
/// How far the border lies from the larger side on its way to the smaller one.
const BORDER_SHARE: f64 = 0.54;
/// How far from the rim of a node the border keeps at least.
const BORDER_MARGIN: f64 = 6.0;
/// How far a hull lies outside the nodes it wraps.
const HULL_MARGIN: f64 = 18.0;

impl Border {
    /// The far ends.
    pub(super) fn ends(&self) -> (Point, Point) {
        (
            self.origin.moved(self.along, -FAR),
            self.origin.moved(self.along, FAR),
        )
    }

    /// The half of the world beyond it, as a polygon.
    pub(super) fn hatched(&self) -> [Point; 4] {
        let (from, to) = self.ends();
        [
            from,
            to,
            to.moved(self.beyond, FAR),
            from.moved(self.beyond, FAR),
        ]
    }

    /// How far from `start` in `direction` it is crossed, if it is.
    pub(super) fn crossing(&self, start: Point, direction: Point) -> Option<f64> {
        let approach = direction.dot(self.beyond);
        if approach.abs() < 1e-6 {
            return None;
        }
        let away = Point::new(self.origin.x - start.x, self.origin.y - start.y);
        let distance = away.dot(self.beyond) / approach;
        (distance > 0.0).then_some(distance)
    }
}

impl Division {
    /// The picture of `sides`, largest first, in a cluster of `voters`. `side_of` says to which
    /// side a node belongs that is on none of them: a worker, or a voter that is down.
    pub(super) fn new(
        ring: &Ring,
        sides: &[Vec<NodeId>],
        voters: usize,
        extent: Extent,
        side_of: impl Fn(NodeId) -> Option<usize>,
    ) -> Self {
        if sides.len() < 2 {
            return Self::None;
        }
        if let [larger, smaller] = sides {
            let standing = ring.places.iter().filter_map(|place| {
                let listed = sides.iter().position(|side| side.contains(&place.node));
                let side = listed.or_else(|| side_of(place.node))?;
                Some((place.at, side == 1))
            });
            let standing: Vec<_> = standing.collect();
            let counts = (larger.len(), smaller.len(), voters);
            if let Some(border) = border(&standing, ring.radius, counts) {
                let caption = caption(&border, ring, extent);
                return Self::Border(Border { caption, ..border });
            }
        }
        let quorum = voters / 2 + 1;
        let minorities = sides.iter().filter(|side| side.len() < quorum);
        let hulls = minorities.map(|side| hull(ring, side));
        Self::Hulls(hulls.filter(|hull| hull.len() > 2).collect())
    }
}

/// The border between two sides, without its caption; `None` if they are no neighbours on the
/// ring, or stand too close for a straight line. `sided` has the nodes in the order of the ring,
/// each with whether it is on the smaller side; `counts` are the voters that run on the larger
/// side and on the smaller side, and all there are.
fn border(
    sided: &[(Point, bool)],
    radius: f64,
    (larger, smaller, voters): (usize, usize, usize),
) -> Option<Border> {
    let (a, b) = gates(sided)?;
    let inner = sided.iter().find(|(_, is_smaller)| *is_smaller)?.0;
    let along = if a.distance(b) > 1.0 {
        a.direction(b)
    } else {
        // Only two nodes are left, and the border crosses their one link.
        a.direction(inner).right()
    };
    let right = along.right();
    let inwards = Point::new(inner.x - a.x, inner.y - a.y);
    let beyond = if right.dot(inwards) >= 0.0 {
        right
    } else {
        Point::new(-right.x, -right.y)
    };
    // The direction is right; now the line is moved to where it keeps clear of both sides.
    let ahead = |at: Point| Point::new(at.x - a.x, at.y - a.y).dot(beyond);
    let of = |side: bool| {
        sided
            .iter()
            .filter(move |n| n.1 == side)
            .map(|n| ahead(n.0))
    };
    let nearest_minor = of(true).fold(f64::INFINITY, f64::min);
    let nearest_major = of(false).fold(f64::NEG_INFINITY, f64::max);
    let gap = nearest_minor - nearest_major;
    if gap * (1.0 - BORDER_SHARE) < radius + BORDER_MARGIN {
        return None;
    }
    let words = |name: &str, count: usize| {
        let verdict = if count > voters / 2 { "can" } else { "cannot" };
        format!("{name}: {count} of {voters}, {verdict} commit")
    };
    let larger_name = if larger > voters / 2 {
        "majority"
    } else {
        "rest"
    };
    Some(Border {
        origin: a
            .towards(b, 0.5)
            .moved(beyond, nearest_major + gap * BORDER_SHARE),
        along,
        beyond,
        chord: a.distance(b) / 2.0,
        minority: words("minority", smaller),
        majority: words(larger_name, larger),
        caption: None,
    })
}

/// Where a border enters and leaves the ring: halfway between the nodes, given with whether they
/// are on the smaller side, at which the side changes. `None` if it changes more than twice.
fn gates(sided: &[(Point, bool)]) -> Option<(Point, Point)> {
    let next = |i: usize| sided[(i + 1) % sided.len()];
    let mut changes = (0..sided.len()).filter(|&i| sided[i].1 != next(i).1);
    let (first, second) = (changes.next()?, changes.next()?);
    let middle = |i: usize| sided[i].0.towards(next(i).0, 0.5);
    changes
        .next()
        .is_none()
        .then(|| (middle(first), middle(second)))
}

/// Where along the border the caption meets the fewest nodes and labels.
fn caption(border: &Border, ring: &Ring, extent: Extent) -> Option<Point> {
    const HALF_WIDTH: f64 = 84.0;
    let obstacles: Vec<Rect> = ring.obstacles().collect();
    let room = |middle: Point| -> f64 {
        let mut room = f64::INFINITY;
        for step in -4..=4_i32 {
            for away in [-16.0, 0.0, 16.0] {
                let at = middle
                    .moved(border.along, HALF_WIDTH * f64::from(step) / 4.0)
                    .moved(border.beyond, away);
                let edge =
                    at.x.min(extent.width - at.x)
                        .min(at.y)
                        .min(extent.height - 26.0 - at.y);
                let nearest = obstacles
                    .iter()
                    .map(|rect| clearance(*rect, at))
                    .fold(edge - 4.0, f64::min);
                room = room.min(nearest);
            }
        }
        room.min(14.0)
    };
    let candidates = (-60..=60_i32).filter_map(|step| {
        let middle = border.origin.moved(border.along, f64::from(step) * 10.0);
        let away = f64::from(step.abs()) * 10.0;
        // Outside the ring no message runs through it; then the nearest place is best.
        let is_outside = away > border.chord + HALF_WIDTH;
        let bonus = if is_outside { 12.0 } else { 0.0 };
        let room = Some(room(middle)).filter(|room| *room > 0.0)?;
        Some((room + bonus - away * 0.002, middle))
    });
    let best = candidates.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, middle)| middle)
}

/// How far `at` lies outside of `rect`; negative inside.
fn clearance(rect: Rect, at: Point) -> f64 {
    let dx = (rect.x - at.x).max(at.x - rect.right());
    let dy = (rect.y - at.y).max(at.y - rect.bottom());
    if dx > 0.0 && dy > 0.0 {
        dx.hypot(dy)
    } else {
        dx.max(dy)
    }
}

/// The convex hull of the nodes of a side, with a margin (Andrew's monotone chain).
fn hull(ring: &Ring, side: &[NodeId]) -> Vec<Point> {
    const CORNERS: u64 = 16;
    let mut points: Vec<Point> = Vec::new();
    for place in ring
        .places
        .iter()
        .filter(|place| side.contains(&place.node))
    {
        for i in 0..CORNERS {
            let (sin, cos) = (core::f64::consts::TAU * real(i) / real(CORNERS)).sin_cos();
            let radius = ring.radius + HULL_MARGIN;
            points.push(Point::new(
                place.at.x + radius * cos,
                place.at.y + radius * sin,
            ));
        }
    }
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let mut hull = chain(points.iter().copied());
    hull.extend(chain(points.iter().rev().copied()));
    hull
}

/// One half of a hull, without its last point.
fn chain(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., a, b] = chain[..]
            && (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) <= 0.0
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain.pop();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: Extent = Extent {
        width: 822.0,
        height: 430.0,
        scale: 1.0,
        unit: 1.0,
    };

    fn ids(numbers: &[u64]) -> Vec<NodeId> {
        numbers.iter().copied().map(NodeId).collect()
    }

    fn ring(count: u64) -> Ring {
        Ring::new(&(1..=count).map(NodeId).collect::<Vec<_>>(), STAGE)
    }

    fn division(count: u64, sides: &[&[u64]]) -> Division {
        let sides: Vec<_> = sides.iter().map(|side| ids(side)).collect();
        let voters = usize::try_from(count).unwrap();
        Division::new(&ring(count), &sides, voters, STAGE, |_| None)
    }

    /// How far beyond the border a node stands.
    fn beyond(border: &Border, ring: &Ring, node: u64) -> f64 {
        let at = ring.place(NodeId(node)).unwrap().at;
        Point::new(at.x - border.origin.x, at.y - border.origin.y).dot(border.beyond)
    }

    #[test]
    fn a_border_keeps_clear_of_both_sides_or_is_none() {
        let mut borders = 0;
        for count in 3..=9_u64 {
            for (start, length) in (0..count)
                .flat_map(|start| (1..=(count - 1) / 2).map(move |length| (start, length)))
            {
                let (minor, major): (Vec<u64>, Vec<u64>) =
                    (1..=count).partition(|n| (n + count - 1 - start) % count < length);
                let Division::Border(border) = division(count, &[&major, &minor]) else {
                    assert!(
                        count > 5,
                        "{major:?} and {minor:?} are neighbours with room"
                    );
                    continue;
                };
                borders += 1;
                let ring = ring(count);
                for node in minor {
                    assert!(beyond(&border, &ring, node) > ring.radius);
                }
                for node in major {
                    assert!(beyond(&border, &ring, node) < -ring.radius);
                }
            }
        }
        assert!(
            borders > 40,
            "only {borders} of all neighbouring sides have a border"
        );
    }

    #[test]
    fn sides_that_are_not_neighbours_get_hulls() {
        let Division::Hulls(hulls) = division(5, &[&[1, 3, 4], &[2, 5]]) else {
            panic!("n2 and n5 are not neighbours");
        };
        assert_eq!(hulls.len(), 1);
        let Division::Hulls(hulls) = division(5, &[&[1, 2], &[3, 4], &[5]]) else {
            panic!("three sides");
        };
        assert_eq!(hulls.len(), 3, "no side of three has a quorum");
    }

    #[test]
    fn a_hull_contains_its_nodes_and_turns_one_way() {
        let ring = ring(5);
        let hull = hull(&ring, &ids(&[1, 3, 4]));
        for node in [1, 3, 4] {
            let at = ring.place(NodeId(node)).unwrap().at;
            for (i, a) in hull.iter().enumerate() {
                let b = hull[(i + 1) % hull.len()];
                let turn = (b.x - a.x) * (at.y - a.y) - (b.y - a.y) * (at.x - a.x);
                assert!(turn > 0.0, "n{node} lies outside edge {i}");
            }
        }
    }

    #[test]
    fn the_last_two_nodes_are_cut_across_their_link() {
        let Division::Border(border) = division(5, &[&[1], &[3]]) else {
            panic!("two nodes are always neighbours");
        };
        let ring = ring(5);
        assert!(beyond(&border, &ring, 3) > 0.0 && beyond(&border, &ring, 1) < 0.0);
        assert_eq!(border.minority, "minority: 1 of 5, cannot commit");
        assert_eq!(border.majority, "rest: 1 of 5, cannot commit");
    }

    #[test]
    fn the_caption_says_who_can_commit_and_keeps_clear() {
        let Division::Border(border) = division(5, &[&[3, 4, 5], &[1, 2]]) else {
            panic!("neighbours");
        };
        assert_eq!(border.minority, "minority: 2 of 5, cannot commit");
        assert_eq!(border.majority, "majority: 3 of 5, can commit");
        let at = border.caption.unwrap();
        assert!(ring(5).obstacles().all(|rect| clearance(rect, at) > 0.0));
    }

    #[test]
    fn a_node_that_is_down_stands_on_one_side_of_the_border() {
        let sides = [ids(&[1, 2]), ids(&[4, 5])];
        for (side, is_beyond) in [(0, false), (1, true)] {
            let side_of = |node| (node == NodeId(3)).then_some(side);
            let division = Division::new(&ring(5), &sides, 5, STAGE, side_of);
            let Division::Border(border) = division else {
                panic!("neighbours");
            };
            let distance = beyond(&border, &ring(5), 3);
            assert!(distance.abs() > ring(5).radius);
            assert_eq!(distance > 0.0, is_beyond);
        }
    }

    #[test]
    fn a_border_is_crossed_once_and_only_ahead() {
        let Division::Border(border) = division(5, &[&[3, 4, 5], &[1, 2]]) else {
            panic!("neighbours");
        };
        let ring = ring(5);
        let (from, to) = (ring.places[1].at, ring.places[2].at);
        let way = border.crossing(from, from.direction(to)).unwrap();
        assert!(way > 0.0 && way < from.distance(to));
        assert_eq!(border.crossing(from, to.direction(from)), None);
    }
}
