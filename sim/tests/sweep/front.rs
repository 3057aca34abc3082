//! The Pareto front against its definition.

use proptest::prelude::*;
use quorate_sim::replay::sweep::pareto_front;

#[test]
fn what_is_beaten_is_not_on_the_front() {
    let points = [[5, 1], [1, 5], [3, 3], [3, 4], [1, 5], [6, 1]];
    assert_eq!(pareto_front(&points), [1, 4, 2, 0]);
}

#[test]
fn a_third_axis_keeps_what_two_would_drop() {
    let points = [[1, 1, 9], [2, 2, 3], [3, 3, 3], [2, 2, 10]];
    assert_eq!(pareto_front(&points), [0, 1]);
    assert_eq!(pareto_front(&points.map(|[x, y, _]| [x, y])), [0]);
    assert!(pareto_front::<3>(&[]).is_empty());
}

proptest! {
    #[test]
    fn the_front_is_exactly_what_nothing_dominates(
        points in prop::collection::vec(prop::array::uniform3(0_u64..8), 0..40)
    ) {
        let front = pareto_front(&points);
        for (place, point) in points.iter().enumerate() {
            let beaten = points
                .iter()
                .any(|other| other != point && (0..3).all(|axis| other[axis] <= point[axis]));
            prop_assert_eq!(front.contains(&place), !beaten, "{:?}", point);
        }
        prop_assert!(front.windows(2).all(|pair| points[pair[0]] <= points[pair[1]]));
    }
}
