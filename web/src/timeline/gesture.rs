//! What a pointer takes hold of on the upper track.

use super::scale::Scale;
use super::window::Edge;
use quorate::Micros;

/// What is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grip {
    /// The present: dragging it seeks.
    Now,
    /// An edge of the window.
    Edge(Edge),
}

/// How far from an edge it can be taken hold of.
const REACH: f64 = 6.0;

/// What lies under `x`, where `window` is shown on the track of `scale`.
///
/// The edges of a narrow window are taken hold of from outside, so that the present between them
/// stays within reach.
pub(super) fn grip_at(x: f64, scale: &Scale, window: (Micros, Micros)) -> Grip {
    let (left, right) = (scale.x(window.0), scale.x(window.1).min(scale.right));
    let inwards = ((right - left) / 4.0).min(REACH);
    if (left - REACH..=left + inwards).contains(&x) {
        Grip::Edge(Edge::Left)
    } else if (right - inwards..=right + REACH).contains(&x) {
        Grip::Edge(Edge::Right)
    } else {
        Grip::Now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Scale = Scale {
        from: Micros::ZERO,
        to: Micros(1_000),
        left: 0.0,
        right: 1_000.0,
    };

    #[test]
    fn edges_are_gripped_near_them_and_the_present_elsewhere() {
        let window = (Micros(400), Micros(600));
        for (x, grip) in [
            (100.0, Grip::Now),
            (396.0, Grip::Edge(Edge::Left)),
            (405.0, Grip::Edge(Edge::Left)),
            (500.0, Grip::Now),
            (595.0, Grip::Edge(Edge::Right)),
            (605.0, Grip::Edge(Edge::Right)),
            (610.0, Grip::Now),
        ] {
            assert_eq!(grip_at(x, &SCALE, window), grip, "{x}");
        }
    }

    #[test]
    fn the_present_stays_within_reach_in_a_narrow_window() {
        let window = (Micros(500), Micros(508));
        assert_eq!(grip_at(504.0, &SCALE, window), Grip::Now);
        assert_eq!(grip_at(497.0, &SCALE, window), Grip::Edge(Edge::Left));
        assert_eq!(grip_at(511.0, &SCALE, window), Grip::Edge(Edge::Right));
    }
}
