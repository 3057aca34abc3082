//! The Pareto front: what nothing else beats.

/// The places of the points that no other dominates: is as good on every axis and better on one.
/// Less is better. Equal points do not dominate each other.
///
/// In ascending order of the first axis, then of the second, and so on. O(n log n + n · front).
pub fn pareto_front<const AXES: usize>(points: &[[u64; AXES]]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    // Whoever dominates a point comes before it in this order.
    order.sort_by_key(|&place| (points[place], place));
    let mut front: Vec<usize> = Vec::new();
    for place in order {
        let point = &points[place];
        if !front.iter().any(|&kept| dominates(&points[kept], point)) {
            front.push(place);
        }
    }
    front
}

fn dominates<const AXES: usize>(one: &[u64; AXES], other: &[u64; AXES]) -> bool {
    one != other && one.iter().zip(other).all(|(one, other)| one <= other)
}
