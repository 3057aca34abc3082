//! Settings and disks that make no sense.

use quorate::raft::{
    Boundary, Config, ConfigError, Entry, EntryKind, HardState, Membership, Raft, ReadPolicy,
    Restored, Snapshot,
};
use quorate::{Micros, NodeId};

use super::roles;

/// The place of a variant among all of them. Whoever adds one has to reach it here.
fn place(error: &ConfigError) -> usize {
    match error {
        ConfigError::HeartbeatInterval { .. } => 0,
        ConfigError::AppendEntries { .. } => 1,
        ConfigError::NothingInFlight => 2,
        ConfigError::Lease { .. } => 3,
        ConfigError::BrokenChange { .. } => 4,
        ConfigError::SnapshotOutOfPlace { .. } => 5,
        ConfigError::BrokenLog { .. } => 6,
        ConfigError::IndexBeyondLog { .. } => 7,
        ConfigError::OutOfRange { .. } => 8,
    }
}

/// How many places there are.
const PLACES: usize = 9;

fn with(change: impl FnOnce(&mut Config)) -> Config {
    let mut config = Config::new(NodeId(1));
    change(&mut config);
    config
}

fn disk(change: impl FnOnce(&mut Restored)) -> Restored {
    let membership = Membership::of_voters([1, 2, 3].map(NodeId)).unwrap();
    let mut restored = Restored::fresh(membership);
    change(&mut restored);
    restored
}

fn entry(previous_hash: u128, term: u64, kind: EntryKind) -> Entry {
    Entry::new(previous_hash, term, kind, [].into())
}

#[test]
fn every_impossible_setting_and_disk_is_refused() {
    let mut reached = [false; PLACES];
    let settings = settings().map(|(config, says)| (config, disk(|_| {}), says));
    let disks = disks()
        .into_iter()
        .map(|(restored, says)| (with(|_| {}), restored, says));
    for (config, restored, says) in settings.into_iter().chain(disks) {
        let what = format!("{config:?}, {restored:?}");
        let error = Raft::new(config, restored, Micros::ZERO)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.to_string(), says, "{what}");
        reached[place(&error)] = true;
    }
    assert_eq!(reached, [true; PLACES]);
}

fn settings() -> [(Config, &'static str); 7] {
    let lease = ReadPolicy::Lease {
        max_drift_ppm: 500_000,
    };
    let interval = "heartbeat interval of 0.150 s is not between zero and the election timeout of \
                    0.150 s";
    let silence = "heartbeat interval of 0.000 s is not between zero and the election timeout of \
                   0.150 s";
    [
        (
            with(|it| it.heartbeat_interval = it.election_timeout),
            interval,
        ),
        (with(|it| it.heartbeat_interval = Micros::ZERO), silence),
        (
            with(|it| it.max_append_entries = 0),
            "max_append_entries is 0, not within 1 and 1048576",
        ),
        (
            with(|it| it.max_append_entries = (1 << 20) + 1),
            "max_append_entries is 1048577, not within 1 and 1048576",
        ),
        (
            with(|it| it.max_inflight_appends = 0),
            "max_inflight_appends or max_inflight_bytes is zero",
        ),
        (
            with(|it| it.max_inflight_bytes = 0),
            "max_inflight_appends or max_inflight_bytes is zero",
        ),
        (
            with(|it| it.reads = lease),
            "leases need check_quorum and a drift below 500000 ppm, which is 500000",
        ),
    ]
}

fn disks() -> Vec<(Restored, &'static str)> {
    let first = entry(0, 2, EntryKind::NoOp);
    let second = entry(first.prefix_hash(), 1, EntryKind::NoOp);
    let position = Boundary {
        index: 5,
        term: 2,
        prefix_hash: 1,
    };
    let elsewhere = Snapshot {
        position,
        membership: roles::members(),
    };
    let hard_state = |term, commit_index| HardState {
        term,
        vote: None,
        commit_index,
    };
    let backwards = vec![first, second];
    vec![
        (
            disk(|it| it.entries = vec![entry(0, 1, EntryKind::Membership)]),
            "entry 1 is a change of membership that cannot be read",
        ),
        (
            disk(|it| it.snapshot = elsewhere),
            "the snapshot at 5 does not lie within a log after 0 that ends at 0",
        ),
        (
            disk(|it| it.entries = backwards),
            "the restored log breaks at index 2",
        ),
        (
            disk(|it| it.entries = vec![entry(7, 1, EntryKind::NoOp)]),
            "the restored log breaks at index 1",
        ),
        (
            disk(|it| it.entries = vec![entry(0, 0, EntryKind::NoOp)]),
            "the restored log breaks at index 1",
        ),
        (
            disk(|it| it.boundary.index = 3),
            "the restored log breaks at index 3",
        ),
        (
            disk(|it| it.hard_state = hard_state(1, 1)),
            "restored index 1 lies beyond the log, which ends at 0",
        ),
        (
            disk(|it| it.applied_index = 4),
            "restored index 4 lies beyond the log, which ends at 0",
        ),
        (
            disk(|it| it.hard_state = hard_state(1 << 61, 0)),
            "restored term or index 2305843009213693952 is out of range",
        ),
        (
            disk(|it| it.boundary.index = u64::MAX),
            "restored term or index 18446744073709551615 is out of range",
        ),
    ]
}
