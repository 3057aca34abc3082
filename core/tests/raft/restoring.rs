//! Which settings and disks a node refuses to start with.

use quorate::raft::{Boundary, Config, ConfigError, HardState, Raft, Restored};
use quorate::{Micros, NodeId};

use super::network::{bytes, config, log_of, n};

#[test]
fn settings_that_cannot_work() {
    let build = |adjust: &dyn Fn(&mut Config)| {
        let mut config = config(n(1), 3);
        adjust(&mut config);
        Raft::new(config, Restored::default(), Micros::ZERO)
            .map(|raft| raft.id())
            .unwrap_err()
    };
    let voters = |numbers: &[u64]| numbers.iter().copied().map(NodeId).collect::<Vec<_>>();
    let nobody = build(&|config| config.voters.clear());
    assert_eq!(nobody, ConfigError::VoterCount { voters: 0 });
    let crowd = build(&|config| config.voters = (1..=10).map(NodeId).collect());
    assert_eq!(crowd, ConfigError::VoterCount { voters: 10 });
    let twice = build(&|config| config.voters = voters(&[3, 1, 3]));
    assert_eq!(twice, ConfigError::DuplicateVoter { voter: n(3) });
    let stranger = build(&|config| config.voters = voters(&[2, 3]));
    assert_eq!(stranger, ConfigError::NotAVoter { id: n(1) });
    for interval in [Micros::ZERO, Micros::from_millis(150)] {
        let error = build(&|config| config.heartbeat_interval = interval);
        assert!(matches!(error, ConfigError::HeartbeatInterval { .. }));
    }
    let error = build(&|config| config.max_entries_per_append = 0);
    assert_eq!(error, ConfigError::NoEntriesPerAppend);
    let error = build(&|config| config.max_inflight_appends = 0);
    assert_eq!(error, ConfigError::NoInflightAppends);
}

#[test]
fn disks_that_hold_no_log() {
    let restore = |term, commit_index, applied_index, boundary, entries| {
        let hard_state = HardState {
            term,
            vote: None,
            commit_index,
        };
        let restored = Restored {
            hard_state,
            boundary,
            entries,
            applied_index,
        };
        Raft::new(config(n(1), 3), restored, Micros::ZERO).map(|raft| raft.last_index())
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
    let far = restore(2, 0, 0, empty, log_of(&[u64::MAX]));
    assert_eq!(far, Err(ConfigError::OutOfRange { value: u64::MAX }));
    let mut rotten = log.clone();
    rotten[2].payload = bytes("rot");
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
