//! What holds for any load.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::wpa::{
    Algorithm, Converge, Limits, Patience, Position, Regime, Scale, Status, Usage, Watermarks,
    reconcile,
};

fn any_marks() -> impl Strategy<Value = Watermarks> {
    (
        1..50_000i64,
        0..50_000i64,
        0..500i64,
        1..6u32,
        any::<bool>(),
    )
        .prop_map(|(low, span, tolerance, modulo, average)| Watermarks {
            tolerance,
            modulo,
            algorithm: if average {
                Algorithm::Average
            } else {
                Algorithm::Absolute
            },
            tolerate_zero: true,
            ..Watermarks::new(low, low + span)
        })
}

fn usage(sum: i64, ready: u32, missing: u32) -> Usage {
    Usage {
        sum,
        ready,
        current: ready + missing,
        min: 1,
        max: 1_000,
    }
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (1..50u32, 0..100u32, 0..200_000i64, 0..100_000i64).prop_map(|(min, span, up, down)| Limits {
        min,
        max: min + span,
        scale_up_factor: up,
        scale_down_factor: down,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn more_load_never_wants_fewer(
        marks in any_marks(), ready in 1..200u32, missing in 0..20u32,
        sum in 0..2_000_000i64, more in 0..2_000_000i64,
    ) {
        let proposed = |sum| marks.propose(&usage(sum, ready, missing)).replicas;
        prop_assert!(proposed(sum + more) >= proposed(sum));
    }

    #[test]
    fn a_proposal_never_goes_against_its_direction(
        marks in any_marks(), ready in 1..200u32, missing in 0..20u32, sum in 0..2_000_000i64,
    ) {
        let usage = usage(sum, ready, missing);
        let proposal = marks.propose(&usage);
        match proposal.position {
            Position::Above => prop_assert!(proposal.replicas >= usage.current),
            Position::Below => prop_assert!(proposal.replicas <= usage.current),
            Position::Within => prop_assert_eq!(proposal.replicas, usage.current),
        }
    }

    #[test]
    fn convergence_does_not_leave_the_band(
        low in 1..30_000i64, span in 1..30_000i64, ready in 1..200u32, sum in 1..60_000i64,
        high in any::<bool>(), modulo in 1..4u32,
    ) {
        let converge = if high { Converge::HighWatermark } else { Converge::LowWatermark };
        let marks = Watermarks { converge, modulo, tolerance: 0, ..Watermarks::new(low, low + span) };
        let before = usage(sum, ready, 0);
        let proposal = marks.propose(&before);
        if proposal.position == Position::Within && proposal.replicas != ready {
            // The same load on the proposed pods: the usage per pod moves in proportion.
            let (total, after) = (i64::from(ready) * sum, i64::from(proposal.replicas));
            prop_assert!(total <= (low + span) * after);
            prop_assert!(total >= low * after);
        }
    }

    #[test]
    fn no_step_is_larger_than_the_velocity_allows(
        limits in any_limits(), current in 1..150u32, desired in 0..400u32, ready in 0..150u32,
    ) {
        let normalized = limits.normalize(current, desired, ready).replicas;
        prop_assert!(normalized <= limits.scale_up_limit(current).max(limits.min));
        prop_assert!(normalized >= limits.scale_down_limit(current).min(limits.max));
    }

    #[test]
    fn a_count_within_the_ends_stays_within(
        limits in any_limits(), at in 0..100u32, proposed in 0..400u32, last in 0..400u64,
    ) {
        let current = (limits.min + at).min(limits.max);
        let scale = Scale { ordered: current, current, ready: current, proposed };
        let status = Status { last_scale: Some(Micros::from_secs(last)), ..Status::default() };
        let now = Micros::from_secs(400);
        let result = reconcile(&limits, &Patience::default(), &status, &scale, Regime::Unstable, now);
        prop_assert!((limits.min..=limits.max).contains(&result.desired));
    }

    #[test]
    fn waiting_never_takes_a_permission_back(
        last in 0..1_000u64, now in 1_000..2_000u64, later in 0..1_000u64,
        current in 1..9u32, desired in 1..9u32,
    ) {
        let status = Status {
            last_scale: Some(Micros::from_secs(last)),
            above_since: Some(Micros::from_secs(990)),
            below_since: Some(Micros::from_secs(900)),
        };
        let delay = Micros::from_secs(120);
        let patience = Patience { upscale_delay: delay, downscale_delay: delay, ..Patience::default() };
        let granted = |now| {
            let now = Micros::from_secs(now);
            patience.permission(&status, (current, desired), Regime::Unstable, now)
                == quorate::autoscale::wpa::Permission::Granted
        };
        prop_assert!(!granted(now) || granted(now + later));
    }
}
