//! How vectors are read under a table: elision loses nothing, and epochs change no meaning.

use proptest::prelude::*;
use quorate::NodeId;
use quorate::crdt::{Dot, Entry, Epoch, Member, ReplicaId, Table, VersionVector};

use super::log::{draft, four, propose, vector};

/// Some table that a log can lead to.
fn table() -> impl Strategy<Value = Table> {
    prop::collection::vec(draft(), 0..40).prop_map(|drafts| {
        let proposals = (1..).map(Epoch).zip(&drafts);
        proposals.fold(four(), |table, (index, draft)| {
            let entry = propose(&table, draft);
            table.apply(index, &entry).unwrap_or(table)
        })
    })
}

fn join(a: &VersionVector, b: &VersionVector) -> VersionVector {
    let mut joined = a.clone();
    joined.join(b);
    joined
}

/// Every event of every replica that the strategies can name, and a few more.
fn dots() -> impl Iterator<Item = Dot> {
    let replicas = (1..=5).flat_map(|node| {
        (0..3).map(move |incarnation| ReplicaId {
            node: NodeId(node),
            incarnation,
        })
    });
    replicas.flat_map(|replica| (1..6).map(move |counter| Dot::new(replica, counter)))
}

/// The vector, made to agree with the table.
fn agreed(table: &Table, vector: &VersionVector) -> VersionVector {
    let open = vector.iter().filter(|&(replica, _)| table.is_open(replica));
    open.chain(table.closed()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn elision_and_expansion_undo_each_other(table in table(), v in vector(), w in vector()) {
        let (elided, expanded) = (table.elide(&v), table.expand(&v));
        prop_assert_eq!(&table.elide(&elided), &elided);
        prop_assert_eq!(&table.expand(&expanded), &expanded);
        prop_assert_eq!(&table.elide(&expanded), &elided);
        // Lossless for what agrees with the table, and only that.
        let agreed = agreed(&table, &v);
        prop_assert_eq!(table.unagreed(&agreed).count(), 0);
        prop_assert_eq!(table.expand(&table.elide(&agreed)), agreed);
        // Joins may be done in either form.
        prop_assert_eq!(table.elide(&join(&v, &w)), join(&elided, &table.elide(&w)));
        prop_assert_eq!(table.expand(&join(&v, &w)), join(&expanded, &table.expand(&w)));
    }

    #[test]
    fn unagreed_names_exactly_what_elision_would_lose(table in table(), v in vector()) {
        let back = table.expand(&table.elide(&v));
        let lost: Vec<_> = v
            .iter()
            .filter(|&(replica, counter)| counter > back.get(replica))
            .filter(|&(replica, _)| !matches!(table.member(replica), Some(Member::Expired { .. })))
            .collect();
        let never_admitted = v.iter().filter(|&(replica, _)| table.member(replica).is_none());
        let mut expected: Vec<_> = lost.into_iter().chain(never_admitted).collect();
        expected.sort_unstable();
        prop_assert_eq!(table.unagreed(&v).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn more_events_are_never_less_seen(table in table(), v in vector(), w in vector()) {
        let both = join(&v, &w);
        for dot in dots() {
            let seen = table.seen(dot, &v);
            prop_assert!(!seen || table.seen(dot, &both), "{} was seen", dot);
            let earlier = Dot::new(dot.replica, dot.counter.saturating_sub(1).max(1));
            prop_assert!(!seen || table.seen(earlier, &v), "{} has a gap before it", dot);
            prop_assert_eq!(table.seen(dot, &table.elide(&v)), seen, "{} by elision", dot);
            prop_assert!(!Table::unmanaged().seen(dot, &v) || v.contains(dot));
            let known = table.member(dot.replica).is_some();
            prop_assert!(known || !seen, "{} was never admitted", dot);
        }
    }

    /// What a member has seen is the same before and after it enters a table, as long as closes
    /// are honest; only an expiry takes all for seen. The floor stays within the context.
    #[test]
    fn entering_a_table_changes_what_is_written_not_what_was_seen(
        drafts in prop::collection::vec((draft(), vector()), 1..40),
        floor in vector(),
    ) {
        let mut table = four();
        let mut context = VersionVector::new();
        let mut floor = floor.meet(&context);
        for (index, (draft, learnt)) in (1..).map(Epoch).zip(&drafts) {
            let open = learnt.iter().filter(|&(replica, _)| table.is_open(replica));
            context.join(&open.collect());
            floor.join(&learnt.meet(&context));
            let entry = match propose(&table, draft) {
                Entry::Close { replica, epoch, .. } => {
                    Entry::Close { replica, at: context.get(replica), epoch }
                }
                other => other,
            };
            let Ok(next) = table.apply(index, &entry) else { continue };
            let carried = table.carry(&context, &next);
            let carried_floor = table.carry(&floor, &next);
            for dot in dots() {
                let (before, after) = (table.seen(dot, &context), next.seen(dot, &carried));
                let expired = matches!(next.member(dot.replica), Some(Member::Expired { .. }));
                prop_assert!(before == after || expired, "{} by {}", dot, entry);
            }
            prop_assert!(carried.covers(&carried_floor), "{}", entry);
            for (replica, at) in table.closed().filter(|&(replica, _)| next.is_open(replica)) {
                prop_assert_eq!(carried.get(replica), at);
                prop_assert_eq!(carried_floor.get(replica), at, "the dropped journal of {}", replica);
            }
            prop_assert!(carried.iter().all(|(replica, _)| next.is_open(replica)));
            (table, context, floor) = (next, carried, carried_floor);
        }
    }
}
