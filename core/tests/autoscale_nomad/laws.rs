//! What holds for any sample and any vote.

use proptest::prelude::*;
use quorate::autoscale::nomad::{
    Action, Check, Direction, PassThrough, TargetValue, Tier, TierChange, Vote, merge, preempt,
};

use super::action;

fn any_direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::Down),
        Just(Direction::None),
        Just(Direction::Up)
    ]
}

fn any_votes() -> impl Strategy<Value = Vec<(String, Option<Action>)>> {
    let action =
        (any_direction(), 0..20i64).prop_map(|(direction, count)| action(direction, count));
    let group = proptest::sample::select(vec!["", "a", "b"]).prop_map(String::from);
    proptest::collection::vec((group, proptest::option::weighted(0.8, action)), 0..7)
}

fn winner(votes: &[(String, Option<Action>)]) -> Option<(Direction, i64)> {
    let votes: Vec<Vote<'_>> = votes
        .iter()
        .map(|(group, action)| Vote {
            group,
            action: action.as_ref(),
        })
        .collect();
    let action = votes[merge(&votes)?].action?;
    let counts = action.direction != Direction::None;
    Some((action.direction, if counts { action.count } else { 0 }))
}

fn any_check() -> impl Strategy<Value = Check> {
    let most = || proptest::option::of(0..50i64);
    prop_oneof![
        (0.1..200.0, 0.0..0.5, most(), most()).prop_map(|(target, threshold, up, down)| {
            Check::TargetValue(TargetValue {
                target,
                threshold,
                max_scale_up: up,
                max_scale_down: down,
            })
        }),
        (most(), most()).prop_map(|(up, down)| {
            Check::PassThrough(PassThrough {
                max_scale_up: up,
                max_scale_down: down,
            })
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn more_load_never_wants_fewer(
        check in any_check(), count in 0..300i64, load in 0.0..400.0, more in 0.0..400.0,
    ) {
        let wanted = |load| check.run(count, &[load]).wanted().unwrap_or(count);
        prop_assert!(wanted(load + more) >= wanted(load));
    }

    #[test]
    fn the_largest_steps_are_never_exceeded(
        count in 0..300i64, load in 0.0..400.0, up in 0..20i64, down in 0..20i64,
    ) {
        let (max_scale_up, max_scale_down) = (Some(up), Some(down));
        let target = TargetValue { max_scale_up, max_scale_down, ..TargetValue::new(10.0) };
        let wanted = target.run(count, &[load]).wanted().unwrap_or(count);
        prop_assert!((count - down..=count + up).contains(&wanted));
    }

    #[test]
    fn a_direction_says_where_the_count_lies(
        check in any_check(), count in 0..300i64, load in (0..400u32).prop_map(f64::from),
    ) {
        let action = check.run(count, &[load]);
        if let Some(wanted) = action.wanted().filter(|wanted| *wanted != count) {
            prop_assert_eq!(action.direction, Direction::between(count, wanted));
        }
    }

    #[test]
    fn the_order_of_samples_does_not_matter_to_a_tier(
        mut samples in proptest::collection::vec(0.0..100.0, 0..12), count in 0..50i64,
    ) {
        let tier = Tier {
            lower_bound: Some(30.0),
            upper_bound: Some(80.0),
            change: TierChange::Percentage(20.0),
            within_bounds_trigger: 5,
        };
        let before = tier.run(count, &samples);
        samples.reverse();
        prop_assert_eq!(tier.run(count, &samples), before);
    }

    #[test]
    fn the_order_of_votes_does_not_matter(votes in any_votes(), turn in 0..7usize) {
        let mut turned = votes.clone();
        turned.rotate_left(turn.min(votes.len()));
        prop_assert_eq!(winner(&votes), winner(&turned));
    }

    #[test]
    fn nothing_riskier_than_any_lone_vote_wins(votes in any_votes()) {
        let lone = votes.iter().filter(|(group, _)| group.is_empty());
        for action in lone.filter_map(|(_, action)| action.as_ref()) {
            let (direction, _) = winner(&votes).unwrap();
            prop_assert!(direction >= action.direction);
        }
    }

    #[test]
    fn preempt_is_associative(
        votes in proptest::collection::vec((any_direction(), 0..9i64), 3),
    ) {
        let [a, b, c] = [0, 1, 2].map(|at: usize| action(votes[at].0, votes[at].1));
        prop_assert_eq!(preempt(preempt(&a, &b), &c), preempt(&a, preempt(&b, &c)));
    }

    #[test]
    fn a_capped_count_lies_within_the_limits(count in any::<i64>(), min in 0..50i64, span in 0..50i64) {
        let mut capped = action(Direction::Up, count);
        capped.cap(min, min + span);
        prop_assert!((min..=min + span).contains(&capped.count) || count == -1);
    }
}
