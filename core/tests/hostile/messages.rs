//! Messages between stores, with one or two fields changed.

use std::sync::Arc;

use quorate::crdt::{
    ApplyError, Delta, Entry, Epoch, FullState, MergeReport, Path, PruneOptions, PruneTrigger,
    ReplicaId, Store, StoreError, Table, Write,
};
use quorate::{Micros, NodeId, Random};

use super::{mutation, sound};

const SEEDS: u64 = 6_000;

/// The highest index of an entry by which a store can be retired and still be written down.
const LAST_INDEX: u64 = u64::MAX - 1;

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn act(store: &mut Store, random: &mut Random) {
    let path = Path::of([[b'a' + random.below(3).to_le_bytes()[0]]]);
    let write = match random.below(4) {
        0 => Write::Remove,
        1 => Write::Append(mutation::payload(random)),
        _ => Write::Put(mutation::payload(random)),
    };
    store.record(Micros(random.below(9)), &path, write).unwrap();
}

fn join(to: &mut Store, from: &Store) {
    match from.delta_since(to.context()) {
        Some(delta) => to.apply(&delta).unwrap(),
        None => to.apply_full(&from.full_state()).unwrap(),
    };
}

/// Two stores that know some of each other's events, and of a third's.
fn unmanaged(random: &mut Random) -> [Store; 2] {
    let mut stores = [1, 2, 3].map(|node| Store::new(id(node)));
    mix(&mut stores, random);
    let [a, b, _] = stores;
    [a, b]
}

/// The same in a table in which the third is closed, and a fourth may be reopened.
fn managed(random: &mut Random) -> [Store; 2] {
    let table = Arc::new(Table::initial([1, 2, 3, 4].map(id)));
    let mut stores = [1, 2, 3].map(|node| Store::member(id(node), Arc::clone(&table)));
    mix(&mut stores, random);
    let [mut a, mut b, c] = stores;
    for store in [&mut a, &mut b] {
        join(store, &c);
    }
    let at = c.context().get(id(3));
    let epoch = Epoch(2);
    for (index, entry) in [
        Entry::Fence { replica: id(3) },
        Entry::Fence { replica: id(4) },
        Entry::Close {
            replica: id(3),
            at,
            epoch,
        },
    ]
    .into_iter()
    .enumerate()
    {
        let index = Epoch(index as u64 + 1);
        a.enter(index, &entry).unwrap();
        b.enter(index, &entry).unwrap();
    }
    act(&mut a, random);
    act(&mut b, random);
    [a, b]
}

fn mix(stores: &mut [Store; 3], random: &mut Random) {
    for _ in 0..random.index(20) {
        let (from, to) = (random.index(3), random.index(3));
        act(&mut stores[from], random);
        if from != to && random.chance(400) {
            let source = stores[from].clone();
            join(&mut stores[to], &source);
        }
    }
    let some = PruneOptions {
        max_tombstones: random.index(4),
        ..PruneOptions::default()
    };
    stores[random.index(3)].prune(Micros(9), &some, PruneTrigger::Explicit);
}

/// What must be true after a message was taken or refused.
fn judge(
    before: &Store,
    mut after: Store,
    joined: &Result<MergeReport, ApplyError>,
    random: &mut Random,
    hint: &str,
) {
    match joined {
        Ok(_) => {
            assert!(after.context().covers(before.context()), "{hint}");
            sound::use_up(after, random, hint);
        }
        // The one refusal that is remembered: somebody else uses the id.
        Err(ApplyError::OwnEventsAhead { .. }) => {
            sound::is_unchanged(before, &after, hint);
            sound::check(&after, hint);
            assert!(after.is_superseded(), "{hint}");
            let refused = after.record(Micros(1), &Path::root(), Write::Remove);
            assert!(matches!(refused, Err(StoreError::Superseded { .. })));
        }
        Err(error) => assert_eq!(&after, before, "{hint}: {error}"),
    }
}

fn sweep(stores: fn(&mut Random) -> [Store; 2]) {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let [source, before] = stores(&mut random);
        let changes = 1 + random.index(2);
        let since = if random.chance(500) {
            before.context().clone()
        } else {
            source.context().meet(before.context())
        };
        let delta = source.delta_since(&since).map(|mut delta| {
            (0..changes).for_each(|_| mutation::delta(&mut random, &mut delta));
            delta
        });
        let mut full = source.full_state();
        (0..changes).for_each(|_| mutation::full(&mut random, &mut full));
        if let Some(delta) = delta {
            let hint = format!("seed {seed}, {delta:?}");
            let mut after = before.clone();
            let joined = after.apply(&delta);
            judge(&before, after, &joined, &mut random, &hint);
            is_refused_or_equal(&delta);
        }
        let hint = format!("seed {seed}, {full:?}");
        let mut after = before.clone();
        let joined = after.apply_full(&full);
        judge(&before, after, &joined, &mut random, &hint);
        is_refused_or_equal_full(&full);
    }
}

/// Whatever can be written down is read as the same, or refused. Bytes are compared, as writing puts
/// the live events in order.
fn is_refused_or_equal(delta: &Delta) {
    let bytes = delta.encode();
    assert!(Delta::decode(&bytes).map_or(true, |read| read.encode() == bytes));
}

fn is_refused_or_equal_full(full: &FullState) {
    let bytes = full.encode();
    assert!(FullState::decode(&bytes).map_or(true, |read| read.encode() == bytes));
}

#[test]
fn a_changed_message_is_refused_or_leaves_a_sound_state() {
    sweep(unmanaged);
}

#[test]
fn a_changed_message_under_a_membership_table_too() {
    sweep(managed);
}

/// Entries that no log would have, and full states for the retired that no member would send.
#[test]
fn a_changed_entry_or_admission_is_refused_or_leaves_a_sound_state() {
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let [mut store, member] = managed(&mut random);
        let hint = format!("seed {seed}");
        for _ in 0..random.index(5) {
            let index = match random.below(4) {
                0 => mutation::number(&mut random),
                _ => store.epoch().0.saturating_add(1),
            };
            let index = Epoch(index.min(LAST_INDEX));
            let before = store.clone();
            if store.enter(index, &mutation::entry(&mut random)).is_err() {
                assert_eq!(store, before, "{hint}");
            }
            sound::check(&store, &hint);
            if random.chance(300) {
                let _ = store.reincarnate(mutation::replica(&mut random));
                act_if_sound(&mut store, &mut random);
            }
        }
        let admission = Entry::Readmit {
            replica: store.replica(),
            seen: mutation::vector(&mut random, store.context()),
        };
        let mut table = Table::clone(member.table());
        for (index, entry) in [
            (
                90,
                Entry::Fence {
                    replica: store.replica(),
                },
            ),
            (91, admission),
        ] {
            table = table.apply(Epoch(index), &entry).unwrap_or(table);
        }
        let mut full = member.full_state();
        full.epoch = table.epoch();
        mutation::full(&mut random, &mut full);
        let before = store.clone();
        match store.readmit(&Arc::new(table), &full) {
            Ok(_) => sound::use_up(store, &mut random, &format!("{hint}, {full:?}")),
            Err(error) => sound::is_unchanged(&before, &store, &format!("{hint}: {error}")),
        }
    }
}

fn act_if_sound(store: &mut Store, random: &mut Random) {
    if store.context().get(store.replica()) < u64::MAX {
        let write = Write::Put(mutation::payload(random));
        let _ = store.record(Micros(1), &mutation::path(random), write);
    }
}
