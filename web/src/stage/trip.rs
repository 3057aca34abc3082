//! Where a message is.
//!
//! A message is drawn between two moments the simulator knows exactly, when it left and when it
//! arrives, at the share of the way that simulated time has covered. It keeps to the right of its
//! link, so that a request and its answer do not hide each other.

use quorate::{Micros, NodeId};
use quorate_sim::FlightView;

use super::ring::Ring;
use super::side::{Border, Division};
use crate::canvas::{Point, progress};

/// How far to the right of the link messages keep.
const LANE: f64 = 6.0;
/// How far before a border a message dies.
const SHY: f64 = 9.0;

/// How messages move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    /// Along their way, with time.
    Smooth,
    /// From event to event: a message under way waits halfway.
    Stepwise,
}

/// The way of one message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trip {
    /// Where it starts.
    pub(super) start: Point,
    /// The way it goes, of length 1.
    pub(super) direction: Point,
    /// How long its way is.
    length: f64,
}

/// Where a message is on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Position {
    /// The place.
    pub(super) at: Point,
    /// How far it has come.
    pub(super) travelled: f64,
    /// It died here.
    pub(super) dead: bool,
}

impl Trip {
    /// The way from one node to another; `None` if either has left the stage.
    pub(super) fn between(ring: &Ring, from: NodeId, to: NodeId) -> Option<Self> {
        let (a, b) = (ring.place(from)?.at, ring.place(to)?.at);
        let direction = a.direction(b);
        let gap = ring.clearance();
        Some(Self {
            start: a.moved(direction, gap).moved(direction.right(), LANE),
            direction,
            length: (a.distance(b) - 2.0 * gap).max(1.0),
        })
    }

    /// Where `flight` is at `now`. A lost message stops halfway, or before the border.
    pub(super) fn position(
        &self,
        flight: &FlightView,
        now: Micros,
        division: &Division,
        motion: Motion,
    ) -> Position {
        let share = match motion {
            Motion::Smooth => progress(flight.sent, flight.arrives, now),
            Motion::Stepwise => 0.5,
        };
        let end = if flight.lost {
            self.death(division)
        } else {
            f64::INFINITY
        };
        let end = if motion == Motion::Stepwise {
            end.min(self.length * 0.5)
        } else {
            end
        };
        let travelled = (self.length * share).min(end);
        let dead = flight.lost && travelled >= end;
        Position {
            at: self.start.moved(self.direction, travelled),
            travelled,
            dead,
        }
    }

    fn death(&self, division: &Division) -> f64 {
        let crossing = |border: &Border| border.crossing(self.start, self.direction);
        let border = match division {
            Division::Border(border) => crossing(border),
            _ => None,
        };
        match border {
            Some(way) if way < self.length => (way - SHY).max(4.0),
            _ => self.length * 0.5,
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_sim::FlightKind;

    use super::*;
    use crate::canvas::Extent;

    const STAGE: Extent = Extent {
        width: 822.0,
        height: 430.0,
        scale: 1.0,
        unit: 1.0,
    };

    fn ring() -> Ring {
        Ring::new(&(1..=5).map(NodeId).collect::<Vec<_>>(), STAGE)
    }

    fn flight(lost: bool) -> FlightView {
        FlightView {
            id: 1,
            from: NodeId(2),
            to: NodeId(3),
            sent: Micros(1_000),
            arrives: Micros(11_000),
            kind: FlightKind::Heartbeat,
            term: 1,
            lost,
            label: String::new(),
        }
    }

    fn at(now: u64, lost: bool, division: &Division, motion: Motion) -> Position {
        let trip = Trip::between(&ring(), NodeId(2), NodeId(3)).unwrap();
        trip.position(&flight(lost), Micros(now), division, motion)
    }

    #[test]
    fn a_message_moves_with_time_from_rim_to_rim() {
        let ring = ring();
        let (a, b) = (ring.places[1].at, ring.places[2].at);
        let starts = at(1_000, false, &Division::None, Motion::Smooth);
        let ends = at(99_000, false, &Division::None, Motion::Smooth);
        assert!(starts.at.distance(a) < ring.radius * 1.6 && starts.travelled < 1e-9);
        assert!(ends.at.distance(b) < ring.radius * 1.6 && !ends.dead);
        let half = at(6_000, false, &Division::None, Motion::Smooth);
        assert!((half.at.distance(a) - half.at.distance(b)).abs() < 1e-6);
    }

    #[test]
    fn both_ways_of_a_link_are_apart() {
        let there = Trip::between(&ring(), NodeId(2), NodeId(3)).unwrap();
        let back = Trip::between(&ring(), NodeId(3), NodeId(2)).unwrap();
        let middle = |trip: &Trip| trip.start.moved(trip.direction, trip.length / 2.0);
        assert!((middle(&there).distance(middle(&back)) - 2.0 * LANE).abs() < 1e-6);
    }

    #[test]
    fn a_lost_message_dies_halfway_or_at_the_border() {
        let half = at(9_000, true, &Division::None, Motion::Smooth);
        assert!(half.dead);
        assert!(!at(3_000, true, &Division::None, Motion::Smooth).dead);
        let sides = [
            vec![NodeId(3), NodeId(4), NodeId(5)],
            vec![NodeId(1), NodeId(2)],
        ];
        let division = Division::new(&ring(), &sides, 5, STAGE, |_| None);
        let Division::Border(border) = &division else {
            panic!("neighbours")
        };
        let dead = at(9_000, true, &division, Motion::Smooth);
        let inside = Point::new(dead.at.x - border.origin.x, dead.at.y - border.origin.y);
        assert!(
            dead.dead && inside.dot(border.beyond) > 0.0,
            "n2 is the minority"
        );
    }

    #[test]
    fn reduced_motion_jumps() {
        let early = at(2_000, false, &Division::None, Motion::Stepwise);
        let late = at(10_000, false, &Division::None, Motion::Stepwise);
        assert_eq!(early, late);
        assert!(at(2_000, true, &Division::None, Motion::Stepwise).dead);
    }

    #[test]
    fn nodes_that_left_have_no_way() {
        assert_eq!(Trip::between(&ring(), NodeId(2), NodeId(9)), None);
    }
}
