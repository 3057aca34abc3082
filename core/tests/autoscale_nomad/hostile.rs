//! Numbers that make no sense.

use quorate::autoscale::nomad::{
    Action, Check, FixedValue, PassThrough, StrategyError, TargetValue, Tier, TierChange,
};

fn tier(change: TierChange) -> Tier {
    Tier {
        lower_bound: Some(0.0),
        upper_bound: None,
        change,
        within_bounds_trigger: 1,
    }
}

#[test]
fn strategies_that_make_no_sense_are_refused() {
    let target = |change: fn(&mut TargetValue)| {
        let mut strategy = TargetValue::new(1.0);
        change(&mut strategy);
        Check::TargetValue(strategy).validate()
    };
    assert_eq!(target(|_| ()), Ok(()));
    assert_eq!(
        target(|it| it.target = f64::NAN),
        Err(StrategyError::NotFinite)
    );
    assert_eq!(
        target(|it| it.threshold = f64::INFINITY),
        Err(StrategyError::NotFinite)
    );
    assert_eq!(
        target(|it| it.max_scale_up = Some(-1)),
        Err(StrategyError::NegativeStep)
    );
    let validate = |tier: Tier| Check::Threshold(tier).validate();
    let unbounded = Tier {
        lower_bound: None,
        ..tier(TierChange::Delta(1))
    };
    assert_eq!(validate(unbounded), Err(StrategyError::NoBound));
    let endless = Tier {
        upper_bound: Some(f64::INFINITY),
        ..tier(TierChange::Delta(1))
    };
    assert_eq!(validate(endless), Err(StrategyError::NotFinite));
    assert_eq!(
        validate(tier(TierChange::Value(-1))),
        Err(StrategyError::NegativeCount)
    );
    let nonsense = tier(TierChange::Percentage(f64::NAN));
    assert_eq!(validate(nonsense), Err(StrategyError::NotFinite));
    let fixed = Check::FixedValue(FixedValue { fixed: -1 });
    assert_eq!(fixed.validate(), Err(StrategyError::NegativeCount));
    let pass = PassThrough {
        max_scale_down: Some(-1),
        ..PassThrough::default()
    };
    assert_eq!(
        Check::PassThrough(pass).validate(),
        Err(StrategyError::NegativeStep)
    );
}

#[test]
fn a_sample_that_is_no_number_is_none() {
    for nonsense in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(TargetValue::new(10.0).run(4, &[nonsense]), Action::NONE);
        assert_eq!(PassThrough::default().run(4, &[nonsense]), Action::NONE);
        assert_eq!(tier(TierChange::Delta(1)).run(4, &[nonsense]), Action::NONE);
        // The newest one that is a number counts.
        let action = PassThrough::default().run(4, &[6.0, nonsense]);
        assert_eq!(action.wanted(), Some(6));
    }
}

#[test]
fn the_largest_numbers_saturate() {
    let metrics = [f64::MAX, -f64::MAX, f64::MIN_POSITIVE, 0.0, -0.0];
    let counts = [i64::MIN, -1, 0, 1, i64::MAX];
    let steps = [TierChange::Delta(i64::MIN), TierChange::Delta(i64::MAX)];
    let percents = [f64::MAX, -f64::MAX].map(TierChange::Percentage);
    for metric in metrics {
        for count in counts {
            for most in [None, Some(0), Some(i64::MAX)] {
                let pass = PassThrough {
                    max_scale_up: most,
                    max_scale_down: most,
                };
                pass.run(count, &[metric]);
                for target in [f64::MIN_POSITIVE, f64::MAX, 0.0, -1.0] {
                    let target = TargetValue {
                        max_scale_up: most,
                        ..TargetValue::new(target)
                    };
                    target.run(count, &[metric]);
                }
            }
            for change in steps.into_iter().chain(percents) {
                let wanted = tier(change).run(count, &[metric]).wanted();
                assert!(wanted.is_none_or(|wanted| wanted >= 0));
            }
        }
    }
}
