//! Staircases through the buckets of a series, as path data.
//!
//! One unit is one bucket wide and one node high, counted from the top: every number in a path is
//! a small whole number, and a run of equal buckets is one step.

use std::fmt::Write;

/// The upper edge of `values` from left to right. `top` is the value at height zero.
pub(super) fn stairs(values: &[u64], top: u64) -> String {
    let mut path = String::new();
    let mut last = None;
    for (place, &value) in values.iter().enumerate() {
        let height = top.saturating_sub(value);
        match last {
            Some(last) if last == height => {}
            None => put(&mut path, format_args!("M{place} {height}")),
            Some(_) => put(&mut path, format_args!("H{place}V{height}")),
        }
        last = Some(height);
    }
    put(&mut path, format_args!("H{}", values.len()));
    path
}

/// The area under `values`.
pub(super) fn area(values: &[u64], top: u64) -> String {
    let mut path = stairs(values, top);
    put(&mut path, format_args!("V{top}H0Z"));
    path
}

/// The area between two series, as far as both go.
pub(super) fn band(lower: &[u64], upper: &[u64], top: u64) -> String {
    let mut path = String::new();
    let mut place = 0;
    let length = lower.len().min(upper.len());
    let (lower, upper) = (&lower[..length], &upper[..length]);
    while place < length {
        if upper[place] <= lower[place] {
            place += 1;
            continue;
        }
        let rest = lower[place..].iter().zip(&upper[place..]);
        let length = rest.take_while(|(lower, upper)| upper > lower).count();
        island(&mut path, place..place + length, (lower, upper), top);
        place += length;
    }
    path
}

/// One piece of a band: there along the upper edge, back along the lower one.
fn island(
    path: &mut String,
    places: std::ops::Range<usize>,
    (lower, upper): (&[u64], &[u64]),
    top: u64,
) {
    let height = |value: u64| top.saturating_sub(value);
    put(
        path,
        format_args!("M{} {}", places.start, height(lower[places.start])),
    );
    let mut last = None;
    for place in places.clone() {
        if last != Some(upper[place]) {
            put(path, format_args!("H{place}V{}", height(upper[place])));
        }
        last = Some(upper[place]);
    }
    put(path, format_args!("H{}", places.end));
    last = None;
    for place in places.rev() {
        if last != Some(lower[place]) {
            put(
                path,
                format_args!("H{}V{}", place + 1, height(lower[place])),
            );
        }
        last = Some(lower[place]);
    }
    path.push('Z');
}

/// Boxes of height one over the runs of places that are not zero.
pub(super) fn boxes(values: &[u32]) -> String {
    let mut path = String::new();
    let mut from = None;
    for (place, &value) in values.iter().chain(&[0]).enumerate() {
        match (value > 0, from) {
            (true, None) => from = Some(place),
            (false, Some(start)) => {
                put(&mut path, format_args!("M{start} 0H{place}V1H{start}Z"));
                from = None;
            }
            _ => {}
        }
    }
    path
}

fn put(path: &mut String, part: std::fmt::Arguments<'_>) {
    path.write_fmt(part).expect("a string takes any text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_buckets_are_one_step() {
        assert_eq!(stairs(&[2, 2, 5, 1], 10), "M0 8H2V5H3V9H4");
        assert_eq!(area(&[2], 10), "M0 8H1V10H0Z");
    }

    #[test]
    fn a_band_has_pieces_where_there_is_a_difference() {
        assert_eq!(band(&[1, 1, 4], &[1, 3, 4], 5), "M1 4H1V2H2H2V4Z");
        assert_eq!(band(&[2, 2], &[2, 2], 5), "");
    }

    #[test]
    fn marks_next_to_each_other_are_one_box() {
        assert_eq!(boxes(&[0, 1, 7, 0, 2]), "M1 0H3V1H1ZM4 0H5V1H4Z");
    }
}
