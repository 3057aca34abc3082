//! Settings that make no sense are refused by name.

use quorate::Micros;
use quorate::autoscale::quorate::{Quorate, QuorateError, QuorateSettings};

fn refused(settings: QuorateSettings) -> QuorateError {
    Quorate::new(settings).unwrap_err()
}

#[test]
fn the_presets_are_accepted_and_differ_in_the_base_headroom_alone() {
    let (balanced, thrifty) = (QuorateSettings::balanced(), QuorateSettings::thrifty());
    assert_eq!(Quorate::new(balanced), Ok(Quorate::default()));
    assert!(Quorate::new(thrifty).is_ok());
    let halved = QuorateSettings {
        base_headroom: balanced.base_headroom / 2,
        relative_headroom: balanced.relative_headroom / 2,
        ..balanced
    };
    assert_eq!(thrifty, halved);
}

#[test]
fn what_makes_no_sense_is_named() {
    let settings = QuorateSettings::default();
    for slo_utilization in [0, 1_001] {
        let error = refused(QuorateSettings {
            slo_utilization,
            ..settings
        });
        assert_eq!(error, QuorateError::SloUtilization(slo_utilization));
    }
    let error = refused(QuorateSettings {
        hold: Micros::from_secs(3_601),
        ..settings
    });
    assert_eq!(
        error.to_string(),
        "hold_micros (3601000000) must not be beyond hold_limit_micros (3600000000)"
    );
    let error = refused(QuorateSettings {
        drain_time: Micros::MAX,
        ..settings
    });
    assert!(error.to_string().starts_with("drain_time_micros (184"));
    let error = refused(QuorateSettings {
        cover: u32::MAX,
        ..settings
    });
    assert!(error.to_string().starts_with("cover (4294967295)"));
    let error = refused(QuorateSettings {
        node_throughput: Some(0),
        ..settings
    });
    assert_eq!(error, QuorateError::NoThroughput);
}

#[cfg(feature = "serde")]
#[test]
fn settings_and_state_survive_json() {
    use crate::Asked;

    let thrifty: Quorate =
        serde_json::from_str(r#"{ "base_headroom": 50, "relative_headroom": 50 }"#).unwrap();
    assert_eq!(*thrifty.settings(), QuorateSettings::thrifty());
    assert!(serde_json::from_str::<Quorate>(r#"{ "slo_utilization": 0 }"#).is_err());
    assert!(serde_json::from_str::<Quorate>(r#"{ "headroom": 50 }"#).is_err());

    let load = |minute: i64| 4_000 + 900 * (minute * 7_919 % 11) - minute % 400;
    let (mut whole, mut restarted) = (Asked::new(), Asked::new());
    for minute in 0..500 {
        let json = serde_json::to_string(&restarted.state).unwrap();
        assert!(json.len() < 20_000, "{} bytes", json.len());
        restarted.state = serde_json::from_str(&json).unwrap();
        let nodes = 20;
        assert_eq!(
            whole.tick(load(minute), 0, nodes),
            restarted.tick(load(minute), 0, nodes),
            "minute {minute}"
        );
    }
}
