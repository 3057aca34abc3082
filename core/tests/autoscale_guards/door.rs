//! Settings that make no sense are refused, with what is wrong; the rest comes back from JSON as it
//! went in.

use quorate::Micros;
use quorate::autoscale::guard::{
    ChangeBudget, ChangeBudgetError, ChangeLimit, ChangeWindow, CostCeiling, CostError,
    CostSettings, Distrust, DistrustError, DistrustSettings, FlapBudget, FlapError, FlapSettings,
    FreezeDirection, FreezeError, FreezeSchedule, FreezeWindow, GuardSettings, Guards, GuardsError,
    ReadyShare,
};

use crate::fleet::secs;

#[test]
fn a_change_budget_limits_something_within_some_time() {
    let unlimited = ChangeLimit::default();
    let two = ChangeLimit {
        nodes: Some(2),
        permille: None,
    };
    let window = |window, added, removed| ChangeWindow {
        window,
        added,
        removed,
    };
    let refused = |windows| ChangeBudget::new(windows).unwrap_err();
    assert_eq!(refused(vec![]), ChangeBudgetError::Windows { given: 0 });
    let nine = vec![window(secs(1), two, two); 9];
    assert_eq!(refused(nine), ChangeBudgetError::Windows { given: 9 });
    let second = vec![
        window(secs(1), two, unlimited),
        window(secs(1), unlimited, unlimited),
    ];
    assert_eq!(refused(second), ChangeBudgetError::NoLimit { index: 1 });
    let empty = vec![window(Micros::ZERO, two, two)];
    assert_eq!(refused(empty), ChangeBudgetError::EmptyWindow { index: 0 });
}

#[test]
fn a_ceiling_needs_a_price_and_a_sum() {
    let free = CostSettings {
        price_per_node_hour: 0,
        per_hour: Some(1),
        ..CostSettings::default()
    };
    assert_eq!(CostCeiling::new(free), Err(CostError::NoPrice));
    let open = CostSettings::default();
    assert_eq!(CostCeiling::new(open), Err(CostError::NoCeiling));
}

#[test]
fn a_freeze_is_open_and_closed() {
    let refused = |schedule| FreezeWindow::new(schedule, FreezeDirection::All).unwrap_err();
    let (from, to) = (secs(5), secs(5));
    assert_eq!(
        refused(FreezeSchedule::Once { from, to }),
        FreezeError::Empty { from, to }
    );
    assert_eq!(
        refused(FreezeSchedule::Daily { from, to }),
        FreezeError::Empty { from, to }
    );
    let from = secs(86_400);
    let length = secs(86_400);
    assert_eq!(
        refused(FreezeSchedule::Daily { from, to }),
        FreezeError::Beyond { from, to, length }
    );
    assert!(FreezeWindow::new(FreezeSchedule::Weekly { from, to }, FreezeDirection::All).is_ok());
    let window = FreezeWindow::new(
        FreezeSchedule::Daily { from: to, to: from },
        FreezeDirection::All,
    );
    let settings = GuardSettings {
        freeze: vec![window.unwrap(); 65],
        ..GuardSettings::default()
    };
    assert_eq!(
        Guards::new(settings).unwrap_err(),
        GuardsError::FreezeWindows { given: 65 }
    );
}

#[test]
fn shares_are_shares() {
    assert!(ReadyShare::new(0).is_err());
    assert!(ReadyShare::new(1).is_ok());
    assert!(ReadyShare::new(1_000).is_ok());
    assert!(ReadyShare::new(1_001).is_err());
    let share = DistrustSettings {
        min_fresh_permille: Some(1_001),
        ..DistrustSettings::default()
    };
    assert_eq!(
        Distrust::new(share),
        Err(DistrustError::Share { permille: 1_001 })
    );
    let no_time = DistrustSettings {
        frozen_after: Some(Micros::ZERO),
        ..DistrustSettings::default()
    };
    assert_eq!(Distrust::new(no_time), Err(DistrustError::NoTime));
    let no_doubt = DistrustSettings {
        min_fresh_permille: None,
        frozen_after: None,
        ..DistrustSettings::default()
    };
    assert_eq!(Distrust::new(no_doubt), Err(DistrustError::NoDoubt));
}

#[test]
fn a_flap_budget_has_flaps_and_time() {
    let with = |max_flaps, window| {
        FlapBudget::new(FlapSettings {
            max_flaps,
            window,
            ..FlapSettings::default()
        })
    };
    assert_eq!(with(0, secs(1)), Err(FlapError::Flaps { given: 0 }));
    assert_eq!(with(65, secs(1)), Err(FlapError::Flaps { given: 65 }));
    assert_eq!(with(64, Micros::ZERO), Err(FlapError::NoTime));
    assert!(with(64, secs(1)).is_ok());
}

#[cfg(feature = "serde")]
mod json {
    use quorate::autoscale::guard::{GuardRecord, GuardState, Guards};

    use crate::fleet::{Bench, secs};

    const ALL: &str = r#"{
        "bounds": { "min_nodes": 2, "max_nodes": 40 },
        "change_budget": [
            { "window_micros": 600000000, "removed": { "nodes": 5, "permille": 100 } },
            { "window_micros": 3600000000, "added": { "nodes": 30 } }
        ],
        "cost": { "price_per_node_hour": 1500, "per_day": 900000 },
        "freeze": [
            { "schedule": { "daily": { "from_micros": 0, "to_micros": 3600000000 } } },
            {
                "schedule": { "once": { "from_micros": 1, "to_micros": 2 } },
                "direction": "removals"
            }
        ],
        "ready_share": { "permille": 700 },
        "distrust": {
            "hold": "both",
            "disagreements": [
                { "sum_of": { "resource": "queue" }, "against": "queued", "permille": 250 }
            ]
        },
        "flaps": { "max_flaps": 3 },
        "utc_at_zero_micros": 1700000000000000
    }"#;

    #[test]
    fn guards_state_and_record_come_back_as_they_went() {
        let guards: Guards = serde_json::from_str(ALL).unwrap();
        let again = serde_json::to_string(&guards).unwrap();
        assert_eq!(serde_json::from_str::<Guards>(&again).unwrap(), guards);

        let mut bench = Bench {
            guards,
            state: GuardState::new(),
        };
        let record = bench.judge(10, 1, secs(20_000));
        bench.executed(10, record.target(), secs(20_000));
        bench.executed(20, 30, secs(20_001));
        let state = serde_json::to_string(&bench.state).unwrap();
        assert_eq!(
            serde_json::from_str::<GuardState>(&state).unwrap(),
            bench.state
        );
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.starts_with(r#"{"verdicts":[{"reason":"#), "{json}");
        assert_eq!(serde_json::from_str::<GuardRecord>(&json).unwrap(), record);
    }

    #[test]
    fn nothing_is_the_default_and_a_stranger_is_refused() {
        assert_eq!(
            serde_json::from_str::<Guards>("{}").unwrap(),
            Guards::default()
        );
        assert_eq!(
            serde_json::from_str::<GuardState>("{}").unwrap(),
            GuardState::new()
        );
        for (json, wrong) in [
            (r#"{"boundaries": 1}"#, "unknown field `boundaries`"),
            (r#"{"change_budget": []}"#, "change_budget has 0 windows"),
            (
                r#"{"ready_share": {"permille": 0}}"#,
                "ready_share.permille 0",
            ),
            (
                r#"{"cost": {"price_per_node_hour": 1000, "per_hour": 999}}"#,
                "min_nodes 1 all by itself costs more than cost.per_hour 999",
            ),
        ] {
            let error = serde_json::from_str::<Guards>(json)
                .unwrap_err()
                .to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
