//! A delta too large for one message, in pieces that are deltas themselves.
//!
//! A piece reaches up to a *cut*: a vector between what the receiver has and what is here. The state
//! that the receiver has afterwards must be the one that the events up to the cut make, or two
//! replicas with equal vectors show different things. So a cut is sound only if
//!
//! - whatever an included record kills lies within it, and
//! - whatever is dead within it has a killer within it.
//!
//! The second is what the naive cut gets wrong: sent as dead, such an event is lost to a receiver that
//! crashes back before its killer comes. It could be sent as live, as it was then, but what it
//! carried is gone here. So the cut is raised until it holds.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::Store;
use crate::crdt::{Delta, Dot, Record, ReplicaId, Rule, VersionVector};

impl Store {
    /// What a replica that has seen `since` lacks, or a first part of that: about `limit` events, more
    /// if no smaller cut is sound. `None` if the journal no longer says.
    ///
    /// The receiver's next acknowledgement asks for the rest. O(size of the whole delta · log of it).
    pub fn batch_since(&self, since: &VersionVector, limit: usize) -> Option<Delta> {
        let whole = self.delta_since(since)?;
        if whole.upto.excess_over(&whole.since) <= limit as u64 {
            return Some(whole);
        }
        let killers = if self.keeps(Rule::CutKeepsKillers) {
            killers_of(&whole.records)
        } else {
            BTreeMap::new()
        };
        let cut = sound_cut(&whole, limit as u64, &killers);
        Some(up_to(whole, cut))
    }
}

/// The same share of every replica's events, raised until it is sound.
fn sound_cut(whole: &Delta, limit: u64, killers: &BTreeMap<Dot, Vec<Dot>>) -> VersionVector {
    let total = whole.upto.excess_over(&whole.since).max(1);
    let share = |replica, upto: u64| {
        let from = whole.since.get(replica);
        let events = u128::from(upto.saturating_sub(from)) * u128::from(limit.max(1));
        from + u64::try_from(events.div_ceil(u128::from(total))).unwrap_or(u64::MAX)
    };
    let mut cut: VersionVector = whole
        .upto
        .iter()
        .map(|(replica, upto)| (replica, share(replica, upto).min(upto)))
        .collect();
    let mut included = whole.since.meet(&whole.upto);
    // Each event is looked at once, when the cut first includes it.
    while let Some((replica, upto)) = first_excess(&cut, &included) {
        let new = Dot::new(replica, included.get(replica) + 1)..=Dot::new(replica, upto);
        included.raise(replica, upto);
        for record in records_in(&whole.records, &new) {
            for dot in record.kills.iter().filter(|&&dot| whole.upto.contains(dot)) {
                cut.raise(dot.replica, dot.counter);
            }
        }
        for killers in killers.range(new).map(|(_, killers)| killers) {
            if !killers.iter().any(|&killer| cut.contains(killer)) {
                cut.raise(killers[0].replica, killers[0].counter);
            }
        }
    }
    cut
}

fn first_excess(cut: &VersionVector, included: &VersionVector) -> Option<(ReplicaId, u64)> {
    cut.iter()
        .find(|&(replica, upto)| upto > included.get(replica))
}

fn records_in<'a>(records: &'a [Record], dots: &RangeInclusive<Dot>) -> &'a [Record] {
    let from = records.partition_point(|record| record.dot < *dots.start());
    let upto = records.partition_point(|record| record.dot <= *dots.end());
    &records[from..upto]
}

/// Who kills what, within the delta.
fn killers_of(records: &[Record]) -> BTreeMap<Dot, Vec<Dot>> {
    let mut killers: BTreeMap<Dot, Vec<Dot>> = BTreeMap::new();
    for record in records {
        for &dot in record.kills.iter() {
            killers.entry(dot).or_default().push(record.dot);
        }
    }
    killers
}

/// The part of a delta within a cut.
fn up_to(whole: Delta, cut: VersionVector) -> Delta {
    let within = |dot: Dot| cut.contains(dot);
    Delta {
        live: whole
            .live
            .into_iter()
            .filter(|event| within(event.dot))
            .collect(),
        records: whole
            .records
            .into_iter()
            .filter(|record| within(record.dot))
            .collect(),
        since: whole.since.meet(&cut),
        upto: cut,
        ..whole
    }
}
