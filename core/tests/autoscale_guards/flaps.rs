//! How often the direction may change.

use quorate::autoscale::guard::{
    FlapBudget, FlapSettings, GuardNumbers, GuardReason, GuardSettings,
};

use crate::fleet::{Bench, secs};

fn bench(max_flaps: u32) -> Bench {
    let settings = FlapSettings {
        max_flaps,
        window: secs(3_600),
        flap_within: secs(900),
    };
    Bench::new(GuardSettings {
        flaps: Some(FlapBudget::new(settings).unwrap()),
        ..GuardSettings::default()
    })
}

#[test]
fn after_the_budget_only_more_nodes() {
    let mut bench = bench(2);
    assert_eq!(bench.act(5, 8, secs(0)), 8);
    assert_eq!(bench.act(8, 6, secs(300)), 6, "the first flap");
    assert_eq!(bench.act(6, 9, secs(600)), 9, "the second");
    let held = bench.judge(9, 4, secs(900));
    assert_eq!(held.target(), 9);
    let verdict = held.binding().unwrap();
    assert_eq!(verdict.reason, GuardReason::FlapBudget);
    assert_eq!(
        verdict.numbers,
        GuardNumbers::Flaps {
            flaps: 2,
            max_flaps: 2,
            period: Some(secs(600))
        }
    );
    assert_eq!(
        verdict.to_string(),
        "2 of 2 reversals used, swinging about every 600 s: 4 -> 9 nodes, until 3900.000"
    );
    assert_eq!(bench.act(9, 12, secs(1_000)), 12, "more is always allowed");
    assert_eq!(bench.target(12, 4, secs(3_899)), 12);
    assert_eq!(bench.target(12, 4, secs(3_900)), 4);
}

#[test]
fn an_action_in_the_same_direction_or_late_enough_is_no_flap() {
    let mut bench = bench(1);
    assert_eq!(bench.act(9, 8, secs(0)), 8);
    assert_eq!(bench.act(8, 7, secs(10)), 7);
    assert_eq!(
        bench.act(7, 9, secs(910)),
        9,
        "exactly the time is late enough"
    );
    assert_eq!(
        bench.target(9, 5, secs(1_809)),
        9,
        "a flap, and the next would be the second"
    );
    assert_eq!(bench.target(9, 5, secs(1_810)), 5);
}

#[test]
fn a_removal_pays_for_the_scale_out_after_it() {
    let mut bench = bench(1);
    assert_eq!(bench.act(5, 8, secs(0)), 8);
    let held = bench.judge(8, 6, secs(300));
    assert_eq!(
        held.target(),
        8,
        "itself and the scale-out after it would be two"
    );
    assert_eq!(held.binding().unwrap().frees_at, Some(secs(900)));
}

#[test]
fn a_clock_that_goes_back_frees_nothing() {
    let mut bench = bench(1);
    bench.act(5, 8, secs(1_000));
    assert_eq!(bench.target(8, 6, secs(0)), 8);
    assert_eq!(bench.target(8, 6, secs(1_899)), 8);
}
