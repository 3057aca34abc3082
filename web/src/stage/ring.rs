//! Where the nodes stand, and where there is room to write beside them.
//!
//! All nodes stand on one ring, voters first, so that every link is a chord and no message passes
//! through a third node. Spaced by equal angles, the nodes of a flat ring crowd together at its
//! ends; larger crowds are therefore spaced by equal arcs. What is written beside a node shrinks
//! with the room there is, from five lines to one number, but never below the smallest size.

use core::f64::consts::{FRAC_PI_2, TAU};

use quorate::NodeId;

use crate::canvas::{Align, Extent, Point, Rect, real};

/// How much is written beside a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Density {
    /// Role, numbers, log tail and a remark, beside the node.
    Full,
    /// Role and numbers.
    Brief,
    /// Two short lines under the node.
    Narrow,
    /// Two numbers.
    Terse,
    /// One number.
    Bare,
    /// Nothing, not even names inside.
    Silent,
}

/// One node's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// Who stands there.
    pub(super) node: NodeId,
    /// Its centre.
    pub(super) at: Point,
    /// The baseline of the first line written beside it.
    pub(super) label: Point,
    /// Which end of the lines lies there.
    pub(super) align: Align,
}

/// All places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ring {
    /// The radius of a node.
    pub(super) radius: f64,
    /// How much is written.
    pub(super) density: Density,
    /// One place per node, in the order given.
    pub(super) places: Vec<Place>,
}

/// The ellipse the nodes stand on.
#[derive(Clone, Copy, Debug)]
struct Ellipse {
    center: Point,
    half: Point,
}

impl Ellipse {
    fn at(self, angle: f64) -> Point {
        let (sin, cos) = angle.sin_cos();
        Point::new(
            self.center.x + self.half.x * cos,
            self.center.y + self.half.y * sin,
        )
    }

    /// The angles of `count` places from the top, clockwise, an equal arc apart.
    fn equal_arcs(self, count: usize) -> (Vec<f64>, f64) {
        const STEPS: u32 = 720;
        let angle = |step: u32| -FRAC_PI_2 + TAU * f64::from(step) / f64::from(STEPS);
        let mut lengths = vec![0.0];
        for step in 1..=STEPS {
            let piece = self.at(angle(step - 1)).distance(self.at(angle(step)));
            lengths.push(lengths[lengths.len() - 1] + piece);
        }
        let arc = lengths[lengths.len() - 1] / real(count.max(1) as u64);
        let angles = (0..count).map(|i| {
            let step = lengths.partition_point(|length| *length < arc * real(i as u64) - 1e-9);
            angle(u32::try_from(step).unwrap_or(STEPS))
        });
        (angles.collect(), arc)
    }
}

/// The strip at the bottom of the stage that the key lies on.
const KEY_HEIGHT: f64 = 24.0;
/// Below this width the labels stand under the nodes.
const NARROW: f64 = 560.0;
/// Below this width a crowd has room for one number each.
const TIGHT: f64 = 680.0;

/// With less of the ring per node than this there is no room for words.
const LEAST_ARC: f64 = 36.0;

impl Ring {
    /// Places `nodes` on a stage of `extent`.
    pub(super) fn new(nodes: &[NodeId], extent: Extent) -> Self {
        let mut density = density(nodes.len(), extent);
        let (ellipse, largest) = ellipse(extent, density);
        let (angles, radius) = if nodes.len() > 5 {
            let (angles, arc) = ellipse.equal_arcs(nodes.len());
            if arc < LEAST_ARC {
                density = Density::Silent;
            }
            (angles, largest.min(arc * 0.3).max(4.0))
        } else {
            let turn = |i: usize| TAU * real(i as u64) / real(nodes.len() as u64);
            (
                (0..nodes.len()).map(|i| turn(i) - FRAC_PI_2).collect(),
                largest,
            )
        };
        let place = |(node, angle): (&NodeId, f64)| {
            let at = ellipse.at(angle);
            let (label, align) = label(at, angle, radius, density);
            Place {
                node: *node,
                at,
                label,
                align,
            }
        };
        Self {
            radius,
            density,
            places: nodes.iter().zip(angles).map(place).collect(),
        }
    }

    /// Where `node` stands.
    pub(super) fn place(&self, node: NodeId) -> Option<&Place> {
        self.places.iter().find(|place| place.node == node)
    }

    /// How far from a node's centre its messages start and end.
    pub(super) fn clearance(&self) -> f64 {
        self.radius * 1.3
    }

    /// Half the side of the square that a node is clicked in.
    pub(super) fn reach(&self) -> f64 {
        self.radius
            + match self.density {
                Density::Full | Density::Brief | Density::Narrow => 17.0,
                Density::Terse => 11.0,
                Density::Bare => 8.0,
                Density::Silent => 3.0,
            }
    }

    /// A point on the link between two nodes that keeps clear of all others: its middle, or as
    /// near to it as there is room.
    pub(super) fn bead(&self, a: NodeId, b: NodeId) -> Option<Point> {
        let (from, to) = (self.place(a)?.at, self.place(b)?.at);
        let is_clear = |at: &Point| {
            let others = self
                .places
                .iter()
                .filter(|place| place.node != a && place.node != b);
            others
                .map(|place| place.at.distance(*at))
                .all(|room| room > self.reach() + 6.0)
        };
        let shares = [0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72];
        let points = shares.map(|share| from.towards(to, share));
        Some(points.into_iter().find(is_clear).unwrap_or(points[0]))
    }

    /// What the nodes and what is written beside them cover, roughly.
    pub(super) fn obstacles(&self) -> impl Iterator<Item = Rect> + '_ {
        self.places.iter().flat_map(|place| {
            [
                Rect::around(place.at, self.radius + 16.0),
                self.label_box(place),
            ]
        })
    }

    /// What is written beside a node covers about this much.
    pub(super) fn label_box(&self, place: &Place) -> Rect {
        let (width, height) = match self.density {
            Density::Full => (140.0, 64.0),
            Density::Brief => (104.0, 32.0),
            Density::Narrow => (74.0, 27.0),
            Density::Terse => (50.0, 26.0),
            Density::Bare => (28.0, 12.0),
            Density::Silent => (0.0, 0.0),
        };
        let x = match place.align {
            Align::Start => place.label.x,
            Align::Middle => place.label.x - width / 2.0,
            Align::End => place.label.x - width,
        };
        Rect::new(x, place.label.y - 11.0, width, height)
    }
}

fn density(count: usize, extent: Extent) -> Density {
    match (extent.width < NARROW, count) {
        (false, 0..=5) => Density::Full,
        (false, 6..=10) => Density::Brief,
        (false, _) if extent.width >= TIGHT => Density::Terse,
        (true, 0..=6) => Density::Narrow,
        _ => Density::Bare,
    }
}

/// The ellipse, and the largest radius of a node on it.
fn ellipse(extent: Extent, density: Density) -> (Ellipse, f64) {
    let (width, height) = (extent.width, extent.height);
    let full_radius = (height * 0.066).clamp(30.0, 42.0);
    let (radius, half_x, half_y, lift) = match density {
        Density::Full => {
            let half_y = (height - KEY_HEIGHT) / 2.0 - full_radius - 30.0;
            let flat = if height < 452.0 { 1.55 } else { 1.25 };
            (
                full_radius,
                ((width - 400.0) / 2.0).min(half_y * flat),
                half_y,
                KEY_HEIGHT / 2.0,
            )
        }
        Density::Brief => {
            let half_y = (height - KEY_HEIGHT) / 2.0 - 25.0 - 50.0;
            (
                25.0,
                ((width - 330.0) / 2.0).min(half_y * 1.5),
                half_y,
                KEY_HEIGHT / 2.0,
            )
        }
        Density::Terse => {
            let half_y = (height - KEY_HEIGHT) / 2.0 - 62.0;
            (
                22.0,
                ((width - 210.0) / 2.0).min(half_y * 2.1),
                half_y,
                KEY_HEIGHT / 2.0,
            )
        }
        Density::Narrow => {
            let half_y = height * 0.33;
            (20.0, (width * 0.34).min(half_y * 1.25), half_y, 14.0)
        }
        Density::Bare | Density::Silent => (16.0, (width - 118.0) / 2.0, height / 2.0 - 44.0, 0.0),
    };
    let center = Point::new(width / 2.0, height / 2.0 - lift);
    (
        Ellipse {
            center,
            half: Point::new(half_x.max(30.0), half_y.max(30.0)),
        },
        radius,
    )
}

/// Where the first line beside a node starts: on the outer side of the ring.
fn label(at: Point, angle: f64, radius: f64, density: Density) -> (Point, Align) {
    let (sin, cos) = angle.sin_cos();
    let sideways = |gap: f64, lift: f64| {
        if cos > -0.05 {
            (Point::new(at.x + radius + gap, at.y + lift), Align::Start)
        } else {
            (Point::new(at.x - radius - gap, at.y + lift), Align::End)
        }
    };
    let upright = |above: f64, below: f64| {
        let y = if sin < 0.0 {
            at.y - radius - above
        } else {
            at.y + radius + below
        };
        (Point::new(at.x, y), Align::Middle)
    };
    match density {
        Density::Full => sideways(24.0, -14.0),
        Density::Brief if cos.abs() < 0.25 => upright(32.0, 26.0),
        Density::Brief => sideways(20.0, -2.0),
        Density::Terse if cos.abs() < 0.8 => upright(28.0, 24.0),
        Density::Terse => sideways(14.0, -2.0),
        Density::Bare if cos.abs() < 0.8 => upright(11.0, 19.0),
        Density::Bare | Density::Silent => sideways(11.0, 4.0),
        Density::Narrow => (Point::new(at.x, at.y + radius + 26.0), Align::Middle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(width: f64, height: f64) -> Extent {
        Extent {
            width,
            height,
            scale: 1.0,
            unit: 1.0,
        }
    }

    fn nodes(count: u64) -> Vec<NodeId> {
        (1..=count).map(NodeId).collect()
    }

    /// Stages as they come: a laptop, a small laptop, a wide screen, a tablet, telephones.
    const STAGES: [(f64, f64); 7] = [
        (822.0, 430.0),
        (700.0, 400.0),
        (1_080.0, 700.0),
        (768.0, 416.0),
        (560.0, 416.0),
        (390.0, 320.0),
        (360.0, 320.0),
    ];

    #[test]
    fn up_to_fifty_nodes_neither_overlap_nor_leave_the_stage() {
        for (width, height) in STAGES {
            for count in 1..=50 {
                let ring = Ring::new(&nodes(count), extent(width, height));
                let stage = Rect::new(0.0, 0.0, width, height);
                for (i, place) in ring.places.iter().enumerate() {
                    let body = Rect::around(place.at, ring.radius + 8.0);
                    assert!(
                        stage.contains(body),
                        "{count} nodes on {width}×{height}: {place:?}"
                    );
                    for other in &ring.places[..i] {
                        let apart = place.at.distance(other.at);
                        let needed = 2.0 * ring.radius + if ring.radius < 9.0 { 2.0 } else { 8.0 };
                        assert!(apart >= needed, "{count} on {width}×{height}: {apart}");
                    }
                }
            }
        }
    }

    #[test]
    fn labels_stay_on_the_stage_and_off_each_other() {
        for (width, height) in STAGES {
            for count in 1..=20 {
                let ring = Ring::new(&nodes(count), extent(width, height));
                let stage = Rect::new(0.0, 0.0, width, height);
                let boxes: Vec<_> = ring.places.iter().map(|p| ring.label_box(p)).collect();
                for (i, label) in boxes.iter().enumerate() {
                    let what = format!("{count} nodes on {width}×{height}, label {}", i + 1);
                    assert!(stage.contains(*label), "{what} leaves the stage: {label:?}");
                    for other in &boxes[..i] {
                        assert!(!label.overlaps(*other), "{what} meets {other:?}");
                    }
                    for place in &ring.places {
                        let body = Rect::around(place.at, ring.radius);
                        assert!(!label.overlaps(body), "{what} covers {}", place.node);
                    }
                }
            }
        }
    }

    #[test]
    fn beads_lie_on_their_link_and_off_other_nodes() {
        for count in 2..=10 {
            let ring = Ring::new(&nodes(count), extent(822.0, 430.0));
            for (a, b) in (1..count).flat_map(|a| (a + 1..=count).map(move |b| (a, b))) {
                let bead = ring.bead(NodeId(a), NodeId(b)).unwrap();
                let at = |node| ring.place(NodeId(node)).unwrap().at;
                assert!(bead.distance_to_segment(at(a), at(b)) < 1e-6);
                for other in (1..=count).filter(|other| *other != a && *other != b) {
                    let room = bead.distance(at(other));
                    assert!(
                        room > ring.radius + 4.0,
                        "n{a}–n{b} of {count}: {room} from n{other}"
                    );
                }
            }
        }
    }

    #[test]
    fn crowds_are_spaced_by_equal_arcs() {
        let ring = Ring::new(&nodes(16), extent(822.0, 430.0));
        let gaps: Vec<_> = (0..16)
            .map(|i| ring.places[i].at.distance(ring.places[(i + 1) % 16].at))
            .collect();
        let most = gaps.iter().copied().fold(0.0, f64::max);
        let least = gaps.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(most / least < 1.2, "gaps from {least} to {most}");
    }

    #[test]
    fn the_first_node_stands_at_the_top() {
        for count in [3, 5, 9, 20] {
            let ring = Ring::new(&nodes(count), extent(822.0, 430.0));
            let top = ring.places[0].at;
            assert!(ring.places.iter().all(|place| place.at.y >= top.y - 1e-6));
        }
    }
}
