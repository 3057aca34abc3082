//! What a voter's disk keeps: everything that was synced, and a prefix of the rest at most.

use proptest::prelude::*;
use quorate::raft::{Entries, EntryKind};
use quorate::{Micros, NodeId};

use super::super::{Honesty, Tearing};
use super::*;

/// A log as it grows, with the writes that make it.
#[derive(Debug)]
struct Writer {
    io: u64,
    term: u64,
    log: Vec<Entry>,
}

impl Writer {
    /// A write that voids everything after the first `kept` entries and appends `count`.
    fn write(&mut self, kept: usize, count: usize) -> VoterWrite {
        self.io += 1;
        self.term += 1;
        let is_cut = kept < self.log.len();
        self.log.truncate(kept);
        let before = self.log.last().map_or(0, Entry::prefix_hash);
        let mut hash = before;
        let mut entries = Vec::new();
        for _ in 0..count {
            let payload = self.io.to_le_bytes();
            let entry = Entry::new(hash, self.term, EntryKind::Command, Arc::from(payload));
            hash = entry.prefix_hash();
            entries.push(entry);
        }
        self.log.extend_from_slice(&entries);
        let mut persist = any_write();
        persist.io = self.io;
        persist.hard_state = HardState {
            term: self.term,
            vote: Some(NodeId(1)),
            commit_index: kept as u64,
        };
        persist.truncate_from = is_cut.then_some(kept as u64 + 1);
        persist.first_index = kept as u64 + 1;
        persist.entries = Entries::new(before, entries).unwrap();
        VoterWrite::Consensus {
            persist,
            state: None,
        }
    }
}

/// A write as a voter asks for it, to be filled in.
fn any_write() -> raft::Persist {
    let group = Membership::of_voters([NodeId(1)]).unwrap();
    let (config, disk) = (raft::Config::new(NodeId(1)), Restored::fresh(group));
    let mut raft = raft::Raft::new(config, disk, Micros::ZERO).unwrap();
    let effects = raft.step(Micros::ZERO, raft::Input::Campaign).unwrap();
    effects.persist.clone().unwrap()
}

/// Writes to a log, and the image after each of them, the first before all.
fn histories() -> impl Strategy<Value = (Vec<VoterWrite>, Vec<VoterImage>)> {
    proptest::collection::vec((0..4_usize, 0..4_usize), 1..8).prop_map(|steps| {
        let mut hand = Writer {
            io: 0,
            term: 0,
            log: Vec::new(),
        };
        let mut images = vec![VoterImage::default()];
        let mut writes = Vec::new();
        for (cut, count) in steps {
            let kept = hand.log.len().saturating_sub(cut);
            let write = hand.write(kept, count);
            let mut image = images[images.len() - 1].clone();
            image.write(write.clone());
            assert_eq!(image.entries, hand.log);
            images.push(image);
            writes.push(write);
        }
        (writes, images)
    })
}

fn same(one: &VoterImage, other: &VoterImage) -> bool {
    one.hard_state == other.hard_state
        && one.entries == other.entries
        && one.boundary == other.boundary
        && one.snapshot == other.snapshot
}

/// Whether an image lies between two that one write leads from and to: every part of the write is
/// either there or not, none without those before it.
fn between(image: &VoterImage, before: &VoterImage, after: &VoterImage) -> bool {
    let common = (before.entries.iter().zip(&after.entries))
        .take_while(|(one, other)| one == other)
        .count();
    let is_cut = image.entries.len() >= common
        && after
            .entries
            .starts_with(&image.entries[..image.entries.len().min(after.entries.len())])
        && image.entries.len() <= after.entries.len();
    let is_untouched = image.entries == before.entries;
    let is_whole = image.entries == after.entries;
    if image.hard_state == after.hard_state {
        is_whole
    } else {
        image.hard_state == before.hard_state && (is_cut || is_untouched)
    }
}

proptest! {
    /// After a crash the disk has everything that was reported, and nothing of the rest.
    #[test]
    fn a_clean_crash_keeps_what_was_synced((writes, images) in histories(), synced in 0..8_usize) {
        let synced = synced.min(writes.len());
        let mut disk = RaftDisk::new(images[0].clone());
        for write in &writes {
            disk.submit(Micros::ZERO, Micros(10), write.clone(), Honesty::Honest);
        }
        for at in 0..synced {
            prop_assert_eq!(disk.sync(), Some(VoterSynced::Consensus { io: at as u64 + 1 }));
        }
        prop_assert_eq!(disk.crash(Tearing::Clean, &mut Random::new(1)).lost, 0);
        prop_assert!(same(disk.durable(), &images[synced]));
        prop_assert_eq!(disk.sync(), None);
    }

    /// A torn crash leaves whole writes and a prefix of the parts of one more.
    #[test]
    fn a_torn_write_is_a_prefix((writes, images) in histories(), seed: u64) {
        let mut disk = RaftDisk::new(images[0].clone());
        for write in &writes {
            disk.submit(Micros::ZERO, Micros(10), write.clone(), Honesty::Honest);
        }
        disk.sync();
        let left = disk.crash(Tearing::Torn, &mut Random::new(seed));
        prop_assert_eq!(left.lost, 0);
        // What is said to be done is done, and what is said to be torn explains the rest.
        let done = 1 + left.done.len();
        let mut told = images[done].clone();
        if let (Some(torn), Some(write)) = (&left.torn, writes.get(done)) {
            let VoterWrite::Consensus { persist, state } = write else { unreachable!() };
            for &part in &torn.parts {
                told.put(part, persist, state.as_ref(), torn.entries);
            }
        }
        prop_assert!(same(disk.durable(), &told));
        let image = disk.durable();
        let fits = |pair: &[VoterImage]| between(image, &pair[0], &pair[1]);
        let is_last = same(image, &images[images.len() - 1]);
        prop_assert!(is_last || images[1..].windows(2).any(fits), "{image:?}");
        prop_assert!(!same(image, &images[0]) || same(&images[0], &images[1]), "what was synced is lost");
    }

    /// A lie is lost by a crash with all that came after it, unless an honest sync followed.
    #[test]
    fn a_lie_is_lost_unless_an_honest_sync_follows(
        (writes, images) in histories(),
        lies in proptest::collection::vec(any::<bool>(), 8),
    ) {
        let mut disk = RaftDisk::new(images[0].clone());
        let mut honest = 0;
        for (at, write) in writes.iter().enumerate() {
            let honesty = if lies[at] { Honesty::Lying } else { Honesty::Honest };
            disk.submit(Micros::ZERO, Micros(10), write.clone(), honesty);
            prop_assert_eq!(disk.sync(), Some(VoterSynced::Consensus { io: at as u64 + 1 }));
            honest = if lies[at] { honest } else { at + 1 };
        }
        prop_assert!(same(disk.durable(), &images[honest]));
        let lost = disk.crash(Tearing::Torn, &mut Random::new(1)).lost;
        prop_assert_eq!(lost, writes.len() - honest);
        prop_assert!(same(disk.durable(), &images[honest]));
    }
}

/// Syncs follow each other: a disk does one thing at a time.
#[test]
fn a_busy_disk_makes_writes_wait() {
    let mut writer = Writer {
        io: 0,
        term: 0,
        log: Vec::new(),
    };
    let mut disk = RaftDisk::new(VoterImage::default());
    let mut submit = |now, latency| {
        let write = writer.write(0, 1);
        disk.submit(Micros(now), Micros(latency), write, Honesty::Honest)
    };
    assert_eq!(submit(100, 50), Micros(150));
    assert_eq!(submit(110, 50), Micros(200));
    assert_eq!(submit(500, 50), Micros(550));
}

fn snapshot(image: &VoterImage, index: u64) -> Arc<Snapshot> {
    let (_, entry) = image.indexed().find(|(at, _)| *at == index).unwrap();
    let position = Boundary {
        index,
        term: entry.term(),
        prefix_hash: entry.prefix_hash(),
    };
    let membership = Membership::of_voters([NodeId(1)]).unwrap();
    Arc::new(Snapshot {
        position,
        membership,
    })
}

#[test]
fn snapshots_and_compactions_move_the_beginning_of_the_log() {
    let mut writer = Writer {
        io: 0,
        term: 0,
        log: Vec::new(),
    };
    let mut image = VoterImage::fresh(Membership::of_voters([NodeId(1)]).unwrap());
    image.write(writer.write(0, 6));
    let taken = snapshot(&image, 4);
    let state: Arc<[u8]> = Arc::from([7]);
    image.write(VoterWrite::Snapshot {
        snapshot: Arc::clone(&taken),
        state: Arc::clone(&state),
    });
    assert_eq!(image.last_index(), 6);
    image.write(VoterWrite::Compaction { index: 3 });
    assert_eq!((image.boundary.index, image.entries.len()), (3, 3));
    image.write(writer.write(5, 2));
    assert_eq!(image.last_index(), 7);
    assert_eq!(image.entries[..], writer.log[3..]);

    let (restored, bytes) = image.restored();
    assert_eq!(bytes, Some(state));
    assert_eq!(restored.applied_index, 4);
    let config = raft::Config::new(NodeId(1));
    let raft = raft::Raft::new(config, restored, Micros::ZERO).unwrap();
    assert_eq!((raft.last_index(), raft.applied_index()), (7, 4));

    // An older snapshot that comes late takes nothing back.
    let older = snapshot(&image, 4);
    image.write(VoterWrite::Compaction { index: 4 });
    image.write(VoterWrite::Snapshot {
        snapshot: Arc::new(Snapshot {
            position: Boundary::default(),
            ..(*older).clone()
        }),
        state: Arc::from([]),
    });
    assert_eq!(image.snapshot.position.index, 4);
    assert_eq!(image.state.as_deref(), Some(&[7][..]));
}

/// A snapshot from the leader replaces the whole log; a crash before its hard state leaves it.
#[test]
fn a_received_snapshot_is_a_part_of_its_own() {
    let mut writer = Writer {
        io: 0,
        term: 0,
        log: Vec::new(),
    };
    let mut image = VoterImage::default();
    image.write(writer.write(0, 3));
    let received = snapshot(&image, 2);
    let write = || {
        let mut persist = any_write();
        persist.io = 9;
        persist.hard_state = HardState {
            term: 9,
            vote: None,
            commit_index: 2,
        };
        persist.snapshot = Some(Arc::clone(&received));
        persist.first_index = 3;
        persist.entries = Entries::none(received.position.prefix_hash);
        VoterWrite::Consensus {
            persist,
            state: Some(Arc::from([1, 2])),
        }
    };
    let mut whole = image.clone();
    whole.write(write());
    assert_eq!((whole.last_index(), whole.boundary), (2, received.position));
    assert_eq!(whole.state.as_deref(), Some(&[1, 2][..]));
    let terms: std::collections::BTreeSet<_> = (0..40)
        .map(|seed| {
            let mut torn = image.clone();
            torn.tear(write(), &mut Random::new(seed));
            let is_installed = torn.boundary == received.position;
            assert_eq!(torn.state.is_some(), is_installed);
            assert!(is_installed || torn.entries == image.entries);
            (is_installed, torn.hard_state.term)
        })
        .collect();
    assert_eq!(terms, [(false, 1), (true, 1), (true, 9)].into());
}
