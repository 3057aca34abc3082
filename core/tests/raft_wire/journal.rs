//! A disk from the records of its writes, wherever a crash cut them off.

use std::sync::Arc;

use quorate::NodeId;
use quorate::codec::DecodeError;
use quorate::raft::{
    Boundary, EntryKind, HardState, Membership, Persist, Record, Restored, Snapshot,
};

use super::samples::chained;

fn boundary(index: u64, prefix_hash: u128) -> Boundary {
    Boundary {
        index,
        term: u64::from(index > 0),
        prefix_hash,
    }
}

fn snapshot(position: Boundary) -> Snapshot {
    Snapshot {
        position,
        membership: Membership::of_voters([1, 2, 3].map(NodeId)).unwrap(),
    }
}

fn hard_state(term: u64, commit_index: u64) -> HardState {
    HardState {
        term,
        vote: Some(NodeId(2)),
        commit_index,
    }
}

fn restored(records: &[Record]) -> Restored {
    let mut restored = Restored::default();
    for record in records {
        restored.apply(record.clone()).unwrap();
    }
    restored
}

/// Six records, and the disk after each of them.
fn history() -> Vec<Record> {
    let first = chained(
        0,
        &[
            (1, EntryKind::NoOp, b""),
            (1, EntryKind::Command, b"a"),
            (1, EntryKind::Command, b"b"),
        ],
    );
    let kept = first[1].prefix_hash();
    let second = chained(kept, &[(2, EntryKind::Command, b"c")]);
    vec![
        Record::Snapshot(snapshot(Boundary::default())),
        Record::Entries {
            first_index: 1,
            entries: first,
        },
        Record::HardState(hard_state(1, 2)),
        Record::Truncation { from: 3 },
        Record::Entries {
            first_index: 3,
            entries: second,
        },
        Record::Snapshot(snapshot(boundary(2, kept))),
        Record::Compaction(boundary(2, kept)),
    ]
}

#[test]
fn what_a_crash_leaves_is_the_whole_records() {
    let records = history();
    let mut journal = Vec::new();
    let mut ends = Vec::new();
    for record in &records {
        record.encode_into(&mut journal);
        ends.push(journal.len());
    }
    for cut in 0..=journal.len() {
        let mut rest = &journal[..cut];
        let mut read = Vec::new();
        let torn = loop {
            match Record::decode_first(rest) {
                Ok((record, bytes)) => {
                    read.push(record);
                    rest = &rest[bytes..];
                }
                Err(error) => break error,
            }
        };
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(read, records[..whole], "cut at {cut}");
        assert!(
            matches!(torn, DecodeError::Truncated { .. }),
            "cut at {cut}: {torn}"
        );
    }
}

#[test]
fn records_make_the_disk_that_they_describe() {
    let records = history();
    assert_eq!(
        restored(&records[..1]),
        Restored::fresh(snapshot(Boundary::default()).membership)
    );
    assert_eq!(restored(&records[..2]).entries.len(), 3);
    assert_eq!(restored(&records[..4]).entries.len(), 2);
    let taken = restored(&records[..6]);
    assert_eq!((taken.boundary.index, taken.entries.len()), (0, 3));
    assert_eq!(taken.snapshot.position.index, 2);
    let all = restored(&records);
    assert_eq!((all.boundary.index, all.entries.len()), (2, 1));
    assert_eq!(all.hard_state, hard_state(1, 2));

    // A journal that was written anew says the same in fewer records.
    let anew = [
        Record::Compaction(all.boundary),
        Record::Snapshot(all.snapshot.clone()),
        records[4].clone(),
        Record::HardState(all.hard_state),
    ];
    assert_eq!(
        restored(&anew),
        Restored {
            applied_index: 0,
            ..all
        }
    );

    // A snapshot that the log does not have starts it over.
    let mut installed = restored(&records[..5]);
    let elsewhere = snapshot(boundary(3, 77));
    installed
        .apply(Record::Snapshot(elsewhere.clone()))
        .unwrap();
    assert_eq!(
        (installed.boundary, installed.entries.len()),
        (elsewhere.position, 0)
    );
}

#[test]
fn records_that_do_not_fit_change_nothing() {
    let records = history();
    let good = restored(&records);
    let wrong = [
        Record::Truncation { from: 0 },
        Record::Truncation { from: 2 },
        Record::Truncation { from: 5 },
        records[1].clone(),
        records[4].clone(),
        Record::Entries {
            first_index: 4,
            entries: chained(1, &[(2, EntryKind::NoOp, b"")]),
        },
        Record::Compaction(boundary(1, 0)),
        Record::Compaction(boundary(3, 0)),
        Record::Compaction(boundary(9, 0)),
    ];
    for record in wrong {
        let mut disk = good.clone();
        let error = disk.apply(record.clone()).unwrap_err();
        assert_eq!((error.boundary_index, error.last_index), (2, 3));
        assert_eq!(disk, good, "{record:?}");
    }
}

/// The hard state comes last: before its entries it could commit what the log does not have.
#[test]
fn a_write_is_records_in_their_order() {
    let entries = chained(0, &[(1, EntryKind::NoOp, b"")]);
    let write = Persist {
        io: 1,
        hard_state: hard_state(1, 0),
        snapshot: Some(Arc::new(snapshot(boundary(1, 5)))),
        truncate_from: Some(2),
        first_index: 2,
        entries: entries.clone(),
        #[cfg(feature = "mutants")]
        hard_state_first: false,
    };
    let records = [
        Record::Snapshot(snapshot(boundary(1, 5))),
        Record::Truncation { from: 2 },
        Record::Entries {
            first_index: 2,
            entries,
        },
        Record::HardState(hard_state(1, 0)),
    ];
    assert_eq!(write.records().collect::<Vec<_>>(), records);
}
