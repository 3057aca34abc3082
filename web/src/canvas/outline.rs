//! Shapes as data, of radius 1 around the origin.
//!
//! The canvas traces them and the keys print them as SVG paths, from the same numbers.

use core::f64::consts::TAU;
use core::fmt::Write as _;

use super::Point;

/// One step of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Segment {
    /// Lift the pen and put it down at a point.
    Move(f64, f64),
    /// A straight line to a point.
    Line(f64, f64),
    /// A cubic curve: two control points, then the end.
    Curve([f64; 6]),
    /// An arc around the origin: radius, start and end in turns, clockwise from 12 o'clock.
    Arc(f64, f64, f64),
    /// Back to the last `Move`.
    Close,
}

use Segment::{Arc, Close, Curve, Line, Move};

/// Pointed at the top, a little larger than the circle so that both look the same size.
pub(crate) const HEXAGON: &[Segment] = &[
    Move(0.0, -1.12),
    Line(0.97, -0.56),
    Line(0.97, 0.56),
    Line(0.0, 1.12),
    Line(-0.97, 0.56),
    Line(-0.97, -0.56),
    Close,
];
pub(crate) const CIRCLE: &[Segment] = &[Arc(1.0, 0.0, 1.0)];
pub(crate) const SMALL_CIRCLE: &[Segment] = &[Arc(0.6, 0.0, 1.0)];
pub(crate) const DOT: &[Segment] = &[Arc(0.85, 0.0, 1.0)];
pub(crate) const DIAMOND: &[Segment] = &[
    Move(1.26, 0.0),
    Line(0.0, 1.26),
    Line(-1.26, 0.0),
    Line(0.0, -1.26),
    Close,
];
pub(crate) const ROUNDED_SQUARE: &[Segment] = &[
    Move(-0.66, -0.88),
    Line(0.66, -0.88),
    Curve([0.78, -0.88, 0.88, -0.78, 0.88, -0.66]),
    Line(0.88, 0.66),
    Curve([0.88, 0.78, 0.78, 0.88, 0.66, 0.88]),
    Line(-0.66, 0.88),
    Curve([-0.78, 0.88, -0.88, 0.78, -0.88, 0.66]),
    Line(-0.88, -0.66),
    Curve([-0.88, -0.78, -0.78, -0.88, -0.66, -0.88]),
    Close,
];
pub(crate) const SMALL_SQUARE: &[Segment] = &[
    Move(-0.6, -0.6),
    Line(0.6, -0.6),
    Line(0.6, 0.6),
    Line(-0.6, 0.6),
    Close,
];
pub(crate) const BAR: &[Segment] = &[
    Move(-1.2, -0.65),
    Curve([-1.2, -0.8, -1.1, -0.9, -0.95, -0.9]),
    Line(0.95, -0.9),
    Curve([1.1, -0.9, 1.2, -0.8, 1.2, -0.65]),
    Line(1.2, 0.65),
    Curve([1.2, 0.8, 1.1, 0.9, 0.95, 0.9]),
    Line(-0.95, 0.9),
    Curve([-1.1, 0.9, -1.2, 0.8, -1.2, 0.65]),
    Close,
];
/// Points to the right, which is the way a message goes.
pub(crate) const TRIANGLE: &[Segment] =
    &[Move(1.5, 0.0), Line(-0.75, 1.3), Line(-0.75, -1.3), Close];
pub(crate) const STAR: &[Segment] = &[
    Move(0.0, -1.4),
    Curve([0.6, -0.8, 0.6, -0.6, 1.4, 0.0]),
    Curve([0.6, 0.6, 0.6, 0.8, 0.0, 1.4]),
    Curve([-0.6, 0.8, -0.6, 0.6, -1.4, 0.0]),
    Curve([-0.6, -0.6, -0.6, -0.8, 0.0, -1.4]),
    Close,
];
pub(crate) const CROSS: &[Segment] = &[
    Move(-1.0, -1.0),
    Line(1.0, 1.0),
    Move(1.0, -1.0),
    Line(-1.0, 1.0),
];
pub(crate) const SMALL_CROSS: &[Segment] = &[
    Move(-0.48, -0.48),
    Line(0.48, 0.48),
    Move(0.48, -0.48),
    Line(-0.48, 0.48),
];
pub(crate) const TIMER: &[Segment] = &[Arc(1.0, 0.0, 0.64)];
pub(crate) const DASH: &[Segment] = &[Move(-1.4, 0.0), Line(1.4, 0.0)];
pub(crate) const HAIRLINE: &[Segment] = &[Move(0.0, -0.85), Line(0.0, 0.85)];
pub(crate) const DOWN_TRIANGLE: &[Segment] =
    &[Move(-1.0, -0.8), Line(1.0, -0.8), Line(0.0, 1.0), Close];
pub(crate) const ARROW_UP: &[Segment] = &[
    Move(0.0, -1.15),
    Line(1.0, 0.1),
    Line(0.4, 0.1),
    Line(0.4, 1.0),
    Line(-0.4, 1.0),
    Line(-0.4, 0.1),
    Line(-1.0, 0.1),
    Close,
];
pub(crate) const ARROW_DOWN: &[Segment] = &[
    Move(0.0, 1.15),
    Line(1.0, -0.1),
    Line(0.4, -0.1),
    Line(0.4, -1.0),
    Line(-0.4, -1.0),
    Line(-0.4, -0.1),
    Line(-1.0, -0.1),
    Close,
];
pub(crate) const OCTAGON: &[Segment] = &[
    Move(-0.43, -1.05),
    Line(0.43, -1.05),
    Line(1.05, -0.43),
    Line(1.05, 0.43),
    Line(0.43, 1.05),
    Line(-0.43, 1.05),
    Line(-1.05, 0.43),
    Line(-1.05, -0.43),
    Close,
];

/// The point on the circle of `radius`, `turns` clockwise from 12 o'clock.
pub(crate) fn on_circle(radius: f64, turns: f64) -> Point {
    let (sin, cos) = (turns * TAU).sin_cos();
    Point::new(radius * sin, -radius * cos)
}

/// The outline as the `d` of an SVG path, grown to `radius`.
pub(crate) fn path_data(outline: &[Segment], radius: f64) -> String {
    let mut path = String::new();
    for segment in outline {
        write_segment(&mut path, *segment, radius);
    }
    path
}

fn write_segment(path: &mut String, segment: Segment, scale: f64) {
    // Adding zero turns a negative zero into a plain one.
    let at = |value: f64| (value * scale * 100.0).round() / 100.0 + 0.0;
    let written = match segment {
        Move(x, y) => write!(path, "M{} {}", at(x), at(y)),
        Line(x, y) => write!(path, "L{} {}", at(x), at(y)),
        Curve([ax, ay, bx, by, x, y]) => {
            write!(
                path,
                "C{} {} {} {} {} {}",
                at(ax),
                at(ay),
                at(bx),
                at(by),
                at(x),
                at(y)
            )
        }
        Arc(radius, from, to) => {
            // One SVG arc cannot go all the way round, so every arc is written as two halves.
            let half = f64::midpoint(from, to);
            let [start, middle, end] = [from, half, to].map(|turns| {
                let point = on_circle(radius, turns);
                (at(point.x), at(point.y))
            });
            let r = at(radius);
            write!(
                path,
                "M{} {}A{r} {r} 0 0 1 {} {}",
                start.0, start.1, middle.0, middle.1
            )
            .and_then(|()| write!(path, "A{r} {r} 0 0 1 {} {}", end.0, end.1))
        }
        Close => write!(path, "Z"),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_svg_paths() {
        assert_eq!(path_data(SMALL_SQUARE, 10.0), "M-6 -6L6 -6L6 6L-6 6Z");
        assert_eq!(path_data(CIRCLE, 5.0), "M0 -5A5 5 0 0 1 0 5A5 5 0 0 1 0 -5");
    }

    #[test]
    fn turns_go_clockwise_from_noon() {
        let three = on_circle(2.0, 0.25);
        assert!((three.x - 2.0).abs() < 1e-9 && three.y.abs() < 1e-9);
    }
}
