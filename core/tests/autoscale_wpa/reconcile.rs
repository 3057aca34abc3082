//! The whole step, and what is remembered between two of them.

use quorate::Micros;
use quorate::autoscale::wpa::{
    Availability, Countdown, Limits, NotAvailable, Outside, Patience, Permission, Position,
    Proposal, ReconcileRule, Reconciled, Regime, Scale, Status, combine, reconcile,
};

const LIMITS: Limits = Limits {
    min: 3,
    max: 30,
    scale_up_factor: 50_000,
    scale_down_factor: 20_000,
};

fn at(seconds: u64) -> Micros {
    Micros::from_secs(seconds)
}

fn step(scale: Scale, last_scale: Option<Micros>) -> Reconciled {
    let status = Status {
        last_scale,
        ..Status::default()
    };
    let patience = Patience::default();
    reconcile(
        &LIMITS,
        &patience,
        &status,
        &scale,
        Regime::Unstable,
        at(1_000),
    )
}

fn scale(current: u32, proposed: u32) -> Scale {
    Scale {
        ordered: current,
        current,
        ready: current,
        proposed,
    }
}

#[test]
fn a_proposal_is_limited_and_then_waits_for_its_time() {
    let early = step(scale(10, 20), Some(at(970)));
    assert_eq!((early.desired, early.rule), (10, ReconcileRule::Permission));
    assert_eq!(early.normalized.replicas, 15);
    let remaining = at(30);
    assert_eq!(early.permission, Permission::ForbiddenWindow { remaining });
    let late = step(scale(10, 20), Some(at(900)));
    assert_eq!((late.desired, late.rule), (15, ReconcileRule::Proposal));
}

#[test]
fn what_is_outside_the_ends_comes_back_at_once() {
    let just_now = Some(at(999));
    let above = step(scale(40, 50), just_now);
    assert_eq!((above.desired, above.rule), (30, ReconcileRule::AboveMax));
    let below = step(scale(1, 1), just_now);
    assert_eq!((below.desired, below.rule), (3, ReconcileRule::BelowMin));
    let limits = Limits { min: 0, ..LIMITS };
    let asleep = Scale {
        ordered: 1,
        ..scale(0, 0)
    };
    let status = Status::default();
    let patience = Patience::default();
    let woken = reconcile(&limits, &patience, &status, &asleep, Regime::Stable, at(0));
    assert_eq!((woken.desired, woken.rule), (1, ReconcileRule::FromZero));
}

#[test]
fn a_target_of_zero_is_switched_off() {
    let off = Scale {
        ordered: 0,
        ..scale(40, 50)
    };
    assert_eq!(step(off, None).rule, ReconcileRule::Disabled);
    assert_eq!(step(off, None).desired, 0);
}

#[test]
fn the_largest_proposal_wins_and_any_metric_outside_counts() {
    let proposal = |position, replicas| Proposal {
        utilization: 0,
        low: 0,
        high: 0,
        position,
        exact: replicas,
        replicas,
    };
    let combined = combine(&[
        proposal(Position::Below, 3),
        proposal(Position::Above, 9),
        proposal(Position::Within, 5),
    ]);
    let both = Outside {
        above: true,
        below: true,
    };
    assert_eq!(combined, Some((9, both)));
    assert_eq!(combine(&[]), None);
}

#[test]
fn a_break_starts_the_time_outside_anew() {
    let outside = |above, below| Outside { above, below };
    let mut status = Status::default();
    let mut observe = |outside, second| {
        status.observe(outside, at(second));
        (status.above_since, status.below_since)
    };
    assert_eq!(observe(outside(true, false), 10), (Some(at(10)), None));
    assert_eq!(
        observe(outside(true, true), 20),
        (Some(at(10)), Some(at(20)))
    );
    assert_eq!(observe(outside(false, true), 30), (None, Some(at(20))));
    assert_eq!(observe(outside(true, false), 40), (Some(at(40)), None));
    assert_eq!(observe(Outside::default(), 50), (None, None));
}

#[test]
fn a_delay_counts_whole_seconds_and_a_window_every_microsecond() {
    let patience = Patience {
        upscale_delay: at(1),
        ..Patience::default()
    };
    let permission = |above_since: Micros, last_scale: Micros| {
        let status = Status {
            last_scale: Some(last_scale),
            above_since: Some(above_since),
            below_since: None,
        };
        patience.permission(&status, (3, 4), Regime::Unstable, at(100))
    };
    let almost = Permission::Delayed {
        remaining: Some(at(1)),
    };
    assert_eq!(permission(at(99) + Micros(1), at(40)), almost);
    assert_eq!(permission(at(99), at(40)), Permission::Granted);
    let remaining = Micros(1);
    let forbidden = Permission::ForbiddenWindow { remaining };
    assert_eq!(permission(at(99), at(40) + remaining), forbidden);
}

#[test]
fn the_countdowns_run_apart() {
    let status = Status {
        last_scale: Some(at(100)),
        ..Status::default()
    };
    let countdown = |now| Patience::default().countdown(&status, now);
    assert_eq!(
        countdown(at(130)),
        Countdown {
            up: at(30),
            down: at(270)
        }
    );
    assert_eq!(
        countdown(at(160)),
        Countdown {
            up: at(0),
            down: at(240)
        }
    );
    assert_eq!(
        countdown(at(50)),
        Countdown {
            up: at(60),
            down: at(300)
        }
    );
    assert_eq!(
        Patience::default().countdown(&Status::default(), at(5)),
        Countdown::default()
    );
}

#[test]
fn too_few_ready_pods_are_not_believed() {
    let check = |ready, pods, current, min| {
        Availability {
            ready,
            pods,
            current,
        }
        .check(min)
    };
    assert_eq!(check(0, 0, 5, 0), Err(NotAvailable::NoPods));
    assert_eq!(check(0, 5, 5, 0), Err(NotAvailable::NoneReady));
    assert_eq!(check(2, 3, 3, 66), Ok(2));
    let (percentage, min_percentage) = (66, 67);
    let too_few = NotAvailable::TooFewReady {
        percentage,
        min_percentage,
    };
    assert_eq!(check(2, 3, 3, 67), Err(too_few));
    assert!(too_few.to_string().contains("66 %"));
    assert_eq!(check(9, 9, 4, 40), Ok(4), "not more than were ordered");
}
