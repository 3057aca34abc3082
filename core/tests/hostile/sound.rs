//! What a store must be, whatever it was told.

use quorate::crdt::{
    Path, PruneOptions, PruneTrigger, ReplicaId, Store, StoreError, VersionVector, Write,
};
use quorate::{Micros, NodeId, Random};

use super::mutation;

/// Checks what holds between any two calls, as far as it can be seen without an oracle.
pub(crate) fn check(store: &Store, hint: &str) {
    let context = store.context();
    let holds = |dot| context.contains(dot) || store.table().seen(dot, context);
    assert!(context.covers(store.floor()), "{hint}: P");
    let mut paths = 0;
    let mut previous = None;
    for live in store.iter() {
        assert!(holds(live.dot), "{hint}: {} is live and unseen", live.dot);
        assert_eq!(store.get(live.dot), Some(live), "{hint}");
        paths += usize::from(previous != Some(live.path));
        assert!(previous <= Some(live.path), "{hint}: out of order");
        previous = Some(live.path);
    }
    assert_eq!(store.path_len(), paths, "{hint}");
    assert_eq!(store.live_len(), store.iter().count(), "{hint}");
    let records: Vec<_> = store.journal().collect();
    assert!(records.is_sorted_by(|a, b| a.dot < b.dot), "{hint}");
    assert_eq!(store.journal_len(), records.len(), "{hint}");
    for record in records {
        assert!(holds(record.dot), "{hint}: {} is unseen", record.dot);
        assert!(!store.floor().contains(record.dot), "{hint}: J");
        let is_dead = |&dot| holds(dot) && store.get(dot).is_none();
        assert!(record.kills.iter().all(is_dead), "{hint}: K");
    }
    let image = Store::decode(&store.encode());
    assert_eq!(image.as_ref(), Ok(store), "{hint}: it cannot be read again");
}

/// Checks that a refused input left everything as it was, but for the mark that the id is used up.
pub(crate) fn is_unchanged(before: &Store, after: &Store, hint: &str) {
    assert_eq!(after.full_state(), before.full_state(), "{hint}");
    assert_eq!(after.replica(), before.replica(), "{hint}");
    assert_eq!(after.table(), before.table(), "{hint}");
    assert_eq!(after.retired(), before.retired(), "{hint}");
}

/// Uses the store in every way there is, with arguments to match.
pub(crate) fn use_up(mut store: Store, random: &mut Random, hint: &str) {
    check(&store, hint);
    let since = mutation::vector(random, store.context());
    let _ = store.delta_since(&since);
    for limit in [0, 1, usize::MAX] {
        if let Some(batch) = store.batch_since(&since, limit) {
            assert!(batch.upto.covers(&batch.since), "{hint}");
        }
    }
    let path = mutation::path(random);
    let _ = store.explain(&path);
    for write in [
        Write::Put(mutation::payload(random)),
        Write::Append(mutation::payload(random)),
        Write::Remove,
    ] {
        write_to(&mut store, random, &path, write);
        check(&store, hint);
    }
    store.raise_floor(&mutation::vector(random, &since));
    let trigger = [PruneTrigger::Explicit, PruneTrigger::Automatic][random.index(2)];
    store.prune(Micros(mutation::number(random)), &options(random), trigger);
    check(&store, hint);
    let _ = store.reincarnate(ReplicaId {
        node: NodeId(mutation::number(random)),
        incarnation: 9,
    });
    write_to(&mut store, random, &Path::root(), Write::Remove);
    check(&store, hint);
}

/// Options with a number that nobody would choose.
pub(crate) fn options(random: &mut Random) -> PruneOptions {
    PruneOptions {
        stability_threshold: Micros(mutation::number(random)),
        max_tombstones: [0, 1, usize::MAX][random.index(3)],
        retention: Micros(mutation::number(random)),
        frontier: random
            .chance(500)
            .then(|| mutation::vector(random, &VersionVector::new())),
        ..PruneOptions::default()
    }
}

fn write_to(store: &mut Store, random: &mut Random, path: &Path, write: Write) {
    let made = store.context().get(store.replica());
    match store.record(Micros(mutation::number(random)), path, write) {
        Ok(Some(event)) => assert_eq!(event.dot.counter, made + 1),
        Ok(None) => assert_eq!(store.context().get(store.replica()), made),
        Err(StoreError::Exhausted { .. }) => assert_eq!(made, u64::MAX),
        Err(StoreError::Superseded { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}
