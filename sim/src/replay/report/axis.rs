//! A scale: where a value is between two round numbers.
//!
//! Places are hundred thousandths of the way, whole numbers, and written as per cent: a chart can be
//! as wide as its page, and is the same to the byte on every machine.

use std::fmt;

/// Where something is on a scale, in hundred thousandths of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) u64);

impl Place {
    /// The whole way.
    pub(super) const END: u64 = 100_000;

    /// The same place seen from the other end: screens count from the top.
    pub(super) const fn mirrored(self) -> Self {
        Self(Self::END.saturating_sub(self.0))
    }

    /// In units of a drawing that is `length` long.
    pub(super) const fn of(self, length: u64) -> u64 {
        self.0 * length / Self::END
    }
}

impl fmt::Display for Place {
    /// `12.345%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}%", self.0 / 1_000, self.0 % 1_000)
    }
}

/// A scale from one round number to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) from: u64,
    /// More than `from`.
    pub(super) to: u64,
    /// Ascending.
    marks: Vec<u64>,
    spacing: Spacing,
}

/// How values are spread over a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spacing {
    /// Evenly.
    Even,
    /// By the root of the distance from the lower end: what is near it is drawn apart, and the end
    /// itself, a zero too, is still on the scale.
    Root,
}

impl Axis {
    /// The even scale that holds zero and `most` with at most `marks` steps.
    pub(super) fn from_zero(most: u64, marks: u64) -> Self {
        let step = round_step(most.max(1).div_ceil(marks.max(1)));
        let to = most.div_ceil(step).saturating_mul(step).max(step);
        let steps = usize::try_from(step).unwrap_or(usize::MAX);
        Self {
            from: 0,
            to,
            marks: (0..=to).step_by(steps).collect(),
            spacing: Spacing::Even,
        }
    }

    /// The scale that holds `least` and `most` and draws apart what is near `least`.
    pub(super) fn rooted(least: u64, most: u64) -> Self {
        // Marks are wanted at every fifth of the way, where the values are these parts of it.
        const PARTS: [u64; 5] = [1, 4, 9, 16, 25];
        let span = most.saturating_sub(least).max(1);
        let fine = round_step(span.div_ceil(25));
        let from = least / fine * fine;
        let rest = most.saturating_sub(from).max(1);
        let mut marks = vec![from];
        for part in PARTS {
            let value = u128::from(rest) * u128::from(part) / 25;
            let value = u64::try_from(value).unwrap_or(u64::MAX);
            let step = round_step((value / 4).max(1)).min(fine.saturating_mul(10));
            let mark = from
                .saturating_add(value)
                .div_ceil(step)
                .saturating_mul(step);
            if marks.last().is_some_and(|last| *last < mark) {
                marks.push(mark);
            }
        }
        let to = marks
            .last()
            .copied()
            .unwrap_or(most)
            .max(most)
            .max(from + 1);
        Self {
            from,
            to,
            marks,
            spacing: Spacing::Root,
        }
    }

    /// Where `value` is; at an end if it is beyond.
    pub(super) fn place(&self, value: u64) -> Place {
        let way = u128::from(value.clamp(self.from, self.to) - self.from);
        let (whole, end) = (u128::from(self.to - self.from), u128::from(Place::END));
        let place = match self.spacing {
            Spacing::Even => way * end / whole,
            Spacing::Root => (way * end * end / whole).isqrt(),
        };
        Place(u64::try_from(place).expect("a part of the way"))
    }

    /// The round numbers on it.
    pub(super) fn marks(&self) -> impl Iterator<Item = u64> {
        self.marks.iter().copied()
    }
}

/// The least of 1, 2, 5, 10, 20, 50, … that is not below `span`.
fn round_step(span: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= span {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ends() {
        let axis = Axis::from_zero(94, 5);
        assert_eq!(axis.to, 100);
        assert!(axis.marks().eq([0, 20, 40, 60, 80, 100]));
        assert_eq!(axis.place(50).to_string(), "50.000%");
        assert_eq!(axis.place(200), Place(Place::END));
    }

    #[test]
    fn a_rooted_axis_draws_apart_what_is_near_its_beginning() {
        let axis = Axis::rooted(6_113, 9_527);
        assert!(axis.from <= 6_113 && axis.to >= 9_527);
        assert_eq!(axis.place(axis.from), Place(0));
        let quarter = axis.from + (axis.to - axis.from) / 4;
        assert_eq!(axis.place(quarter).to_string(), "50.000%");
        let marks: Vec<u64> = axis.marks().collect();
        assert!(marks.len() >= 4 && marks.is_sorted(), "{marks:?}");
    }

    #[test]
    fn the_ends_of_numbers_are_no_trouble() {
        assert_eq!(Axis::from_zero(0, 5).to, 1);
        for (least, most) in [(0, 0), (u64::MAX - 1, u64::MAX), (0, u64::MAX), (7, 7)] {
            let axis = Axis::rooted(least, most);
            assert!(axis.place(most).0 <= Place::END, "{axis:?}");
            assert!(axis.place(least) <= axis.place(most));
        }
        assert!(Axis::from_zero(u64::MAX, 4).place(u64::MAX).0 <= Place::END);
    }
}
