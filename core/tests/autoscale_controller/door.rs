//! Settings and states that make no sense are refused.

use quorate::Micros;
use quorate::autoscale::controller::{Controller, ControllerSettings, ControllerSettingsError};
use quorate::autoscale::history::{History, HistoryError};

use crate::bench::{SETTINGS, policy, secs};

fn refused(settings: ControllerSettings) -> ControllerSettingsError {
    Controller::new(policy(1, 10), settings).unwrap_err()
}

#[test]
fn times_pass_and_waits_have_a_cap() {
    assert_eq!(
        refused(ControllerSettings {
            history: 0,
            ..SETTINGS
        }),
        ControllerSettingsError::History(HistoryError::Capacity { given: 0 })
    );
    assert_eq!(
        refused(ControllerSettings {
            backoff: secs(101),
            ..SETTINGS
        })
        .to_string(),
        "backoff_micros 101000000 is longer than backoff_cap_micros 100000000"
    );
    assert_eq!(
        refused(ControllerSettings {
            jitter_permille: 1_001,
            ..SETTINGS
        }),
        ControllerSettingsError::Jitter { permille: 1_001 }
    );
    for (settings, name) in [
        (
            ControllerSettings {
                backoff: Micros::ZERO,
                ..SETTINGS
            },
            "backoff_micros",
        ),
        (
            ControllerSettings {
                report_timeout: Micros::ZERO,
                ..SETTINGS
            },
            "report_timeout_micros",
        ),
        (
            ControllerSettings {
                drain_timeout: Some(Micros::ZERO),
                ..SETTINGS
            },
            "drain_timeout_micros",
        ),
    ] {
        assert_eq!(refused(settings), ControllerSettingsError::NoTime { name });
    }
    assert!(Controller::new(policy(1, 10), ControllerSettings::default()).is_ok());
}

#[test]
fn a_history_has_a_size() {
    assert!(History::new(History::MAX_CAPACITY).is_ok());
    assert_eq!(
        History::new(History::MAX_CAPACITY + 1),
        Err(HistoryError::Capacity { given: 65_537 })
    );
}
