//! Which settings and disks a node refuses to start with.

use quorate::Micros;
use quorate::raft::{
    Boundary, Config, ConfigError, Entry, EntryKind, HardState, Raft, ReadPolicy, Restored,
    Snapshot,
};

use super::network::{bytes, config, group, log_of, n};

#[test]
fn settings_that_cannot_work() {
    let build = |adjust: &dyn Fn(&mut Config)| {
        let mut config = config(n(1));
        adjust(&mut config);
        Raft::new(config, Restored::default(), Micros::ZERO)
            .map(|raft| raft.id())
            .unwrap_err()
    };
    for interval in [Micros::ZERO, Micros::from_millis(150)] {
        let error = build(&|config| config.heartbeat_interval = interval);
        assert!(matches!(error, ConfigError::HeartbeatInterval { .. }));
    }
    let error = build(&|config| config.max_append_entries = 0);
    let max_append_entries = 0;
    assert_eq!(error, ConfigError::AppendEntries { max_append_entries });
    let error = build(&|config| config.max_inflight_appends = 0);
    assert_eq!(error, ConfigError::NothingInFlight);
    let error = build(&|config| config.max_inflight_bytes = 0);
    assert_eq!(error, ConfigError::NothingInFlight);
    let max_drift_ppm = 100;
    let error = build(&|config| {
        config.reads = ReadPolicy::Lease { max_drift_ppm };
        config.check_quorum = false;
    });
    assert_eq!(error, ConfigError::Lease { max_drift_ppm });
}

#[test]
fn disks_that_hold_no_log() {
    let restore = |term, commit_index, applied_index, boundary, entries| {
        let hard_state = HardState {
            term,
            vote: None,
            commit_index,
        };
        let snapshot = Snapshot {
            position: boundary,
            membership: group(3),
        };
        let restored = Restored {
            hard_state,
            snapshot,
            boundary,
            entries,
            applied_index,
        };
        Raft::new(config(n(1)), restored, Micros::ZERO).map(|raft| raft.last_index())
    };
    let empty = Boundary::default();
    let log = log_of(&[1, 2, 2]);
    assert_eq!(restore(2, 3, 3, empty, log.clone()), Ok(3));
    assert_eq!(
        restore(2, 0, 3, empty, log.clone()),
        Ok(3),
        "applied, so it was committed"
    );

    let gap = vec![log[0].clone(), log[2].clone()];
    assert_eq!(
        restore(2, 0, 0, empty, gap),
        Err(ConfigError::BrokenLog { index: 2 })
    );
    let backwards = restore(2, 0, 0, empty, log_of(&[2, 1]));
    assert_eq!(backwards, Err(ConfigError::BrokenLog { index: 2 }));
    let no_term = restore(2, 0, 0, empty, log_of(&[0]));
    assert_eq!(no_term, Err(ConfigError::BrokenLog { index: 1 }));
    let far = restore(2, 0, 0, empty, log_of(&[1 << 61]));
    assert_eq!(far, Err(ConfigError::OutOfRange { value: 1 << 61 }));
    let mut rotten = log.clone();
    rotten[2] = Entry::new(7, 2, EntryKind::Command, bytes("rot"));
    assert_eq!(
        restore(2, 0, 0, empty, rotten),
        Err(ConfigError::BrokenLog { index: 3 })
    );
    let beyond = ConfigError::IndexBeyondLog {
        index: 4,
        last_index: 3,
    };
    assert_eq!(restore(2, 4, 0, empty, log.clone()), Err(beyond.clone()));
    assert_eq!(restore(2, 0, 4, empty, log), Err(beyond));

    let no_term = Boundary {
        index: 5,
        term: 0,
        prefix_hash: 0,
    };
    let error = restore(2, 0, 0, no_term, Vec::new());
    assert_eq!(error, Err(ConfigError::BrokenLog { index: 5 }));
    let far = Boundary {
        index: u64::MAX,
        term: 1,
        prefix_hash: 0,
    };
    let error = restore(2, 0, 0, far, log_of(&[1]));
    assert_eq!(error, Err(ConfigError::OutOfRange { value: u64::MAX }));
    let error = restore(u64::MAX, 0, 0, empty, Vec::new());
    assert_eq!(error, Err(ConfigError::OutOfRange { value: u64::MAX }));
}
