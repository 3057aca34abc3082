//! Stores of one process join without a message. What they hold and report afterwards is what the
//! message would have made of them.

use quorate::crdt::{
    ApplyError, Dot, MergeReport, Path, PruneOptions, PruneTrigger, ReplicaId, Store, Write,
};
use quorate::{Micros, NodeId, Random};

const REPLICAS: usize = 4;

fn store(node: u64) -> Store {
    Store::new(ReplicaId::first(NodeId(node)))
}

/// Puts, appends and removals of short and of long values, at paths that lie under each other.
fn mutate(random: &mut Random, store: &mut Store, now: Micros) {
    let segments = [random.below(6), random.below(3)].map(|segment| segment.to_string());
    let path = Path::of(&segments[..random.index(3)]);
    let payload = || vec![7; [0, 3, 300][usize::try_from(now.0 % 3).unwrap()]].into_boxed_slice();
    let write = match random.below(8) {
        0..4 => Write::Put(payload()),
        4 => Write::Append(payload()),
        _ => Write::Remove,
    };
    store.record(now, &path, write).unwrap();
}

/// As another replica in another process would join it.
fn through_message(to: &mut Store, from: &Store) -> Result<MergeReport, ApplyError> {
    match from.delta_since(to.context()) {
        Some(delta) => to.apply(&delta),
        None => to.apply_full(&from.full_state()),
    }
}

fn sorted(mut report: MergeReport) -> MergeReport {
    report.added.sort_unstable();
    report.removed.sort_unstable();
    report.killed.sort_unstable();
    report
}

/// What the store finds by path and by dot is the same, and nothing but it.
fn check_indices(store: &Store) {
    assert_eq!(store.iter().count(), store.live_len());
    let mut paths = 0;
    let mut last: Option<(Path, Dot)> = None;
    for live in store.iter() {
        assert_eq!(store.get(live.dot), Some(live));
        let this = (live.path.to_path(), live.dot);
        assert!(last.as_ref().is_none_or(|last| *last < this), "{this:?}");
        paths += usize::from(last.as_ref().map(|last| &last.0) != Some(&this.0));
        last = Some(this);
    }
    assert_eq!(store.path_len(), paths);
}

/// Merges in every direction, few events and many at a time, with journals that were cut.
#[test]
fn a_merge_does_what_the_message_would() {
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let mut stores: Vec<Store> = (1..=REPLICAS as u64).map(store).collect();
        // Rare merges bring many events: more than what is live.
        let rare = 1 + random.below(40);
        for step in 0..1_500 {
            let now = Micros(step);
            let at = random.index(REPLICAS);
            mutate(&mut random, &mut stores[at], now);
            if random.below(400) == 0 {
                let options = PruneOptions {
                    stability_threshold: Micros(100),
                    ..PruneOptions::default()
                };
                stores[at].prune(now, &options, PruneTrigger::Explicit);
            }
            if random.below(rare) > 0 {
                continue;
            }
            let from = stores[random.index(REPLICAS)].clone();
            let to = &mut stores[at];
            let mut model = to.clone();
            let meant = through_message(&mut model, &from).map(sorted);
            assert_eq!(
                to.merge(&from).map(sorted),
                meant,
                "seed {seed}, step {step}"
            );
            assert_eq!(*to, model, "seed {seed}, step {step}");
            check_indices(to);
        }
    }
}

#[test]
fn who_uses_the_same_id_is_found_out() {
    let (mut honest, mut thief) = (store(1), store(1));
    let path = Path::of(["a"]);
    let write = || Write::Put([].into());
    thief.record(Micros(1), &path, write()).unwrap();
    let refused = ApplyError::OwnEventsAhead {
        replica: honest.replica(),
        claimed: 1,
        made: 0,
    };
    assert_eq!(honest.merge(&thief), Err(refused));
    assert_eq!(honest.live_len(), 0);
    assert!(honest.record(Micros(2), &path, write()).is_err());
}
