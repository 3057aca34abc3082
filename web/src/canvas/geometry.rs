//! Points, boxes and the few conversions between counts and lengths.
//!
//! All lengths are in sixteenths of a rem, so that a drawing grows with the text beside it.

use quorate::Micros;

/// A place on a drawing. `x` grows to the right, `y` downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Distance from the left edge.
    pub x: f64,
    /// Distance from the top edge.
    pub y: f64,
}

impl Point {
    /// The point at `(x, y)`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// The point a `share` of the way to `other`.
    #[must_use]
    pub fn towards(self, other: Self, share: f64) -> Self {
        Self::new(
            self.x + (other.x - self.x) * share,
            self.y + (other.y - self.y) * share,
        )
    }

    /// The point moved by `along` in the direction `(dx, dy)`.
    #[must_use]
    pub fn moved(self, direction: Self, along: f64) -> Self {
        Self::new(self.x + direction.x * along, self.y + direction.y * along)
    }

    /// The distance to `other`.
    pub fn distance(self, other: Self) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }

    /// The direction to `other`, of length 1; to the right if both are the same point.
    #[must_use]
    pub fn direction(self, other: Self) -> Self {
        let length = self.distance(other);
        if length < 1e-9 {
            return Self::new(1.0, 0.0);
        }
        Self::new((other.x - self.x) / length, (other.y - self.y) / length)
    }

    /// The scalar product with `other`.
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y
    }

    /// This direction turned a quarter to its right, as seen by who walks along it.
    #[must_use]
    pub const fn right(self) -> Self {
        Self::new(-self.y, self.x)
    }

    /// The angle of this direction, in radians.
    pub fn angle(self) -> f64 {
        self.y.atan2(self.x)
    }

    /// The distance to the segment from `a` to `b`.
    pub fn distance_to_segment(self, a: Self, b: Self) -> f64 {
        let length = a.distance(b);
        let along = Self::new(self.x - a.x, self.y - a.y).dot(a.direction(b));
        self.distance(a.towards(b, (along / length.max(1e-9)).clamp(0.0, 1.0)))
    }
}

/// An upright box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// The left edge.
    pub x: f64,
    /// The top edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

impl Rect {
    /// The box with its corner at `(x, y)`.
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The box of half-width `half` around `center`.
    pub fn around(center: Point, half: f64) -> Self {
        Self::new(center.x - half, center.y - half, half * 2.0, half * 2.0)
    }

    /// The right edge.
    pub const fn right(self) -> f64 {
        self.x + self.width
    }

    /// The bottom edge.
    pub const fn bottom(self) -> f64 {
        self.y + self.height
    }

    /// Whether the two share any area.
    pub fn overlaps(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// Whether `inner` lies within.
    pub fn contains(self, inner: Self) -> bool {
        inner.x >= self.x
            && inner.y >= self.y
            && inner.right() <= self.right()
            && inner.bottom() <= self.bottom()
    }
}

/// A count as a length. Exact below 2^53, far above any count on a screen.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
pub fn real(count: u64) -> f64 {
    count as f64
}

/// The share of the span from `start` to `end` that is over at `now`, from 0 to 1.
pub fn progress(start: Micros, end: Micros, now: Micros) -> f64 {
    match end.since(start).0 {
        0 => 1.0,
        whole => (real(now.since(start).0) / real(whole)).min(1.0),
    }
}

/// The column of pixels that `x` lies in; the first one for anything left of it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=65535"
)]
pub fn column(x: f64) -> usize {
    x.clamp(0.0, 65_535.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_of_someone_who_walks_up_the_screen_is_the_right_of_the_screen() {
        let up = Point::new(0.0, 10.0).direction(Point::new(0.0, 0.0));
        assert_eq!(up, Point::new(0.0, -1.0));
        assert_eq!(up.right(), Point::new(1.0, 0.0));
    }

    #[test]
    fn distance_to_a_segment_ends_at_its_ends() {
        let (a, b) = (Point::new(0.0, 0.0), Point::new(10.0, 0.0));
        assert!((Point::new(5.0, 3.0).distance_to_segment(a, b) - 3.0).abs() < 1e-9);
        assert!((Point::new(14.0, 3.0).distance_to_segment(a, b) - 5.0).abs() < 1e-9);
        assert!((Point::new(3.0, 4.0).distance_to_segment(a, a) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn boxes_that_only_touch_do_not_overlap() {
        let left = Rect::new(0.0, 0.0, 10.0, 10.0);
        assert!(!left.overlaps(Rect::new(10.0, 0.0, 5.0, 5.0)));
        assert!(left.overlaps(Rect::new(9.0, 9.0, 5.0, 5.0)));
        assert!(left.contains(Rect::new(0.0, 0.0, 10.0, 10.0)));
        assert!(!left.contains(Rect::new(0.0, 0.0, 10.1, 10.0)));
    }

    #[test]
    fn progress_starts_at_nothing_and_ends_at_all() {
        let at = |now| (progress(Micros(10), Micros(20), Micros(now)) * 100.0).round();
        assert_eq!([5, 10, 15, 99].map(|now| column(at(now))), [0, 0, 50, 100]);
        assert_eq!(column(progress(Micros(10), Micros(10), Micros(5))), 1);
    }

    #[test]
    fn columns_are_clamped() {
        assert_eq!((column(-3.0), column(2.9), column(1e9)), (0, 2, 65_535));
    }
}
