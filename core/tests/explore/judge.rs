//! What must be true of one step of one replica.
//!
//! The rules go by the letters they have at the head of the store: *F*, *K*, *J* and *P*.

use std::collections::BTreeSet;

use quorate::crdt::{
    ApplyError, Delta, Dot, EnterError, Entered, Event, FullState, Live, MergeReport, Path,
    ReadmitError, Record, Store, Table, VersionVector,
};

use super::cluster::Pieces;
use super::kernel::Body;
use super::ledger::{Content, EventId, EventSet, Ledger, Mutation, path};
use super::log::Node;
use super::search::Violation;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its receiver has seen what it carries.
    Joined,
    /// Its receiver takes part again, and has seen what its sender had.
    Readmitted,
    /// It builds on what its receiver lacks, or belongs to another table.
    Refused,
}

/// Fails with a sentence.
macro_rules! require {
    ($holds:expr, $($sentence:tt)+) => {
        if !$holds {
            return Err(Violation(format!($($sentence)+)));
        }
    };
}

/// A replica state against what it has seen: context, F, K, J, P, contents, image.
pub(crate) fn state(
    ledger: &Ledger,
    vocabulary: &[Mutation],
    pieces: Pieces,
    store: &Store,
    seen: &EventSet,
) -> Result<(), Violation> {
    let replica = store.replica();
    context(ledger, store, seen)?;
    if pieces == Pieces::Whole {
        past(ledger, store, seen)?;
    }
    live(ledger, store, seen)?;
    journal(ledger, store, seen)?;
    for item in items(vocabulary) {
        let shown = shown(store, item);
        let meant = ledger.content(seen, item);
        require!(
            shown == meant,
            "{replica} shows {shown:?} at item {item}, which means {meant:?}"
        );
    }
    let decoded = Store::decode(&store.encode());
    require!(
        decoded.as_ref() == Ok(store),
        "{replica} is not what its image decodes to: {decoded:?}"
    );
    let fresh = decoded.map(|decoded| decoded.size());
    require!(
        fresh == Ok(store.size()),
        "{replica} takes {:?}, its image {fresh:?}",
        store.size()
    );
    Ok(())
}

/// Whoever has seen an event has seen its past. Not so between two batches: a cut keeps together what
/// kills and what is killed, and nothing else.
fn past(ledger: &Ledger, store: &Store, seen: &EventSet) -> Result<(), Violation> {
    for event in seen.iter() {
        let entry = ledger.entry(event);
        require!(
            seen.covers(&entry.past),
            "{} has seen {} and not all of its past",
            store.replica(),
            entry.dot
        );
    }
    Ok(())
}

/// The context is exactly what was delivered; no dot is spent twice; what is killed was seen.
fn context(ledger: &Ledger, store: &Store, seen: &EventSet) -> Result<(), Violation> {
    let replica = store.replica();
    let dots: BTreeSet<Dot> = seen.iter().map(|event| ledger.entry(event).dot).collect();
    require!(
        dots.len() == seen.len(),
        "{replica} has seen two events with one dot"
    );
    let mut delivered = VersionVector::new();
    for &dot in &dots {
        require!(
            dot.counter == delivered.get(dot.replica) + 1,
            "{replica} has seen {dot} without the one before"
        );
        delivered.raise(dot.replica, dot.counter);
    }
    for (closed, at) in store.table().closed() {
        let held = delivered.get(closed);
        require!(
            held == at,
            "{replica} holds {held} events of {closed}, which was closed at {at}"
        );
    }
    let written = store.table().elide(&delivered);
    require!(
        *store.context() == written,
        "{replica} claims {}, but {written} was delivered",
        store.context()
    );
    for event in seen.iter() {
        let entry = ledger.entry(event);
        require!(
            seen.covers(&entry.kills),
            "K: {replica} has seen {} and not what it kills",
            entry.dot
        );
    }
    Ok(())
}

/// F, and everything that is said about what is live.
fn live(ledger: &Ledger, store: &Store, seen: &EventSet) -> Result<(), Violation> {
    let mut meant: Vec<_> = ledger
        .live(seen)
        .into_iter()
        .filter_map(|event| placed(ledger, event))
        .collect();
    meant.sort();
    let root = Path::root();
    let shown: Vec<_> = store.live_under(&root).map(listed).collect();
    let replica = store.replica();
    require!(
        shown == meant,
        "F: {replica} keeps {shown:?} alive instead of {meant:?}"
    );
    require!(
        store.live_len() == meant.len(),
        "{replica} counts {} live dots",
        store.live_len()
    );
    Ok(())
}

/// P and J, and that nothing is kept which was forgotten on purpose.
fn journal(ledger: &Ledger, store: &Store, seen: &EventSet) -> Result<(), Violation> {
    let replica = store.replica();
    require!(
        store.context().covers(store.floor()),
        "P: the floor of {replica} is {}, its context only {}",
        store.floor(),
        store.context()
    );
    let kept = |dot: Dot| !agreed(store, dot) && !store.floor().contains(dot);
    let meant = records(ledger, seen, kept);
    let kept: Vec<_> = store.journal().map(summary).collect();
    require!(
        kept == meant,
        "J: the journal of {replica} is {kept:?} instead of {meant:?}"
    );
    Ok(())
}

/// A local event is made exactly if something changes, and kills exactly what its maker saw.
pub(crate) fn recorded(
    ledger: &Ledger,
    seen: &EventSet,
    mutation: Mutation,
    event: Option<&Event>,
) -> Result<(), Violation> {
    let kills = dots(ledger, &ledger.killed_by(mutation, seen));
    let due = mutation.payload().is_some() || !kills.is_empty();
    require!(
        due == event.is_some(),
        "{mutation:?} killing {kills:?} made {event:?}"
    );
    let Some(event) = event else {
        return Ok(());
    };
    let payload = mutation.payload().map(|(_, payload)| payload);
    require!(
        event.path == mutation.write().0 && event.payload.as_deref() == payload.as_deref(),
        "{mutation:?} made {event:?}"
    );
    require!(
        *event.kills == *kills,
        "{mutation:?} kills {:?} instead of {kills:?}",
        event.kills
    );
    Ok(())
}

/// Pruning changes what is remembered and nothing else.
pub(crate) fn pruned(before: &Store, after: &Store, reported: usize) -> Result<(), Violation> {
    let gone = before.journal().count() - after.journal().count();
    require!(
        gone == reported,
        "{gone} records were pruned, {reported} reported"
    );
    require!(
        after.floor().covers(before.floor()),
        "the floor fell from {} to {}",
        before.floor(),
        after.floor()
    );
    require!(
        before.encode_state() == after.encode_state(),
        "pruning changed the state of {}",
        before.replica()
    );
    Ok(())
}

/// A delta lists what is live and what was killed since, no more and no less; there is none
/// exactly if the journal does not reach back.
pub(crate) fn delta(
    ledger: &Ledger,
    store: &Store,
    seen: &EventSet,
    since: &VersionVector,
    delta: Option<&Delta>,
) -> Result<(), Violation> {
    require!(
        delta.is_some() == since.covers(store.floor()),
        "{} with floor {} answered {since} with {delta:?}",
        store.replica(),
        store.floor()
    );
    let Some(delta) = delta else {
        return Ok(());
    };
    let beyond = |dot: Dot| !agreed(store, dot) && !since.contains(dot);
    let mut live: Vec<Dot> = dots(ledger, &ledger.live(seen).into_iter().collect());
    live.retain(|&dot| beyond(dot));
    let listed: Vec<Dot> = delta.live.iter().map(|event| event.dot).collect();
    let records = records(ledger, seen, beyond);
    let recorded: Vec<_> = delta.records.iter().map(summary).collect();
    require!(
        listed == live && recorded == records,
        "since {since}: {delta:?} instead of {live:?} and {records:?}"
    );
    require!(
        delta.since == since.meet(store.context()) && delta.upto == *store.context(),
        "a delta since {since} up to {} claims {} to {}",
        store.context(),
        delta.since,
        delta.upto
    );
    Ok(())
}

/// A batch is the part of a delta within its cut: something of it, and what is live in it is what the
/// events within the cut leave alive.
pub(crate) fn batch(
    ledger: &Ledger,
    within: &EventSet,
    whole: &Delta,
    batch: &Delta,
) -> Result<(), Violation> {
    let Delta { since, upto, .. } = batch;
    require!(
        whole.upto.covers(upto) && *since == whole.since.meet(upto) && upto != since,
        "a batch of {whole:?} claims {since} to {upto}"
    );
    let mut live: Vec<Dot> = dots(ledger, &ledger.live(within).into_iter().collect());
    live.retain(|&dot| !since.contains(dot));
    let listed: Vec<Dot> = batch.live.iter().map(|event| event.dot).collect();
    let records = records(ledger, within, |dot| !since.contains(dot));
    let recorded: Vec<_> = batch.records.iter().map(summary).collect();
    require!(
        listed == live && recorded == records,
        "since {since}: {batch:?} instead of {live:?} and {records:?}"
    );
    Ok(())
}

/// A message is refused exactly if its receiver was retired, if it belongs to another table or
/// comes from somebody who has no place in it, or if it builds on what was not seen. A refusal
/// changes nothing; what is accepted is reported as it happened.
pub(crate) fn accepted(
    body: &Body,
    before: &Store,
    after: &Store,
    applied: Result<MergeReport, ApplyError>,
) -> Result<Outcome, Violation> {
    let (sender, epoch, since) = match body {
        Body::Delta(delta) => (delta.sender, delta.epoch, Some(&delta.since)),
        Body::Full(full) => (full.sender, full.epoch, None),
    };
    let of_this_table = epoch == before.epoch() && before.table().admits(sender);
    let attaches = since.is_none_or(|since| before.context().covers(since));
    let due = before.retired().is_none() && of_this_table && attaches;
    let replica = before.replica();
    match applied {
        Ok(report) => {
            require!(due, "{replica} accepted {body:?}");
            reported(before, after, &report)?;
            Ok(Outcome::Joined)
        }
        Err(ApplyError::OwnEventsAhead { .. }) => Err(Violation(format!(
            "{replica} is shown events of its own that it never made: {body:?}"
        ))),
        Err(error) => {
            require!(!due, "{replica} refused {body:?}: {error}");
            require!(before == after, "a refused message changed {replica}");
            Ok(Outcome::Refused)
        }
    }
}

/// A retired replica is readmitted only by a later table that has it; a refusal changes nothing.
pub(crate) fn readmitted(
    table: &Table,
    full: &FullState,
    before: &Store,
    after: &Store,
    readmitted: Result<MergeReport, ReadmitError>,
) -> Result<Outcome, Violation> {
    let replica = before.replica();
    match readmitted {
        Ok(report) => {
            require!(
                table.is_active(replica) && table.admits(full.sender),
                "{replica} was readmitted by {full:?} under {table:?}"
            );
            require!(
                after.retired().is_none() && after.table().as_ref() == table,
                "{replica} was readmitted and does not take part"
            );
            reported(before, after, &report)?;
            Ok(Outcome::Readmitted)
        }
        Err(ReadmitError::Apply(error @ ApplyError::OwnEventsAhead { .. })) => {
            Err(Violation(format!("{replica} returns: {error}")))
        }
        Err(_) => {
            require!(before == after, "a refused readmission changed {replica}");
            Ok(Outcome::Refused)
        }
    }
}

/// An entry does to a replica what it did to the log, and never takes more than the table.
pub(crate) fn entered(
    node: &Node,
    before: &Store,
    after: &Store,
    entered: Result<Entered, EnterError>,
) -> Result<(), Violation> {
    let replica = before.replica();
    require!(
        before.iter().eq(after.iter()),
        "{replica} shows something else after {:?}",
        node.entry
    );
    match entered {
        Ok(Entered::Waiting) => {
            require!(before.retired().is_some(), "{replica} waits for nothing");
        }
        Ok(Entered::Retired) => {
            require!(
                node.accepted && !node.table.admits(replica),
                "{replica} was retired by {:?}",
                node.entry
            );
        }
        Ok(Entered::Table) => {
            require!(
                node.accepted && after.table() == &node.table,
                "{replica} entered {:?} instead of {:?}",
                after.table(),
                node.table
            );
        }
        Err(EnterError::Refused(_)) => {
            require!(
                !node.accepted && before == after,
                "{replica} refused {:?}",
                node.entry
            );
        }
        Err(error) => return Err(Violation(format!("{replica} reads its log: {error}"))),
    }
    Ok(())
}

/// The report is the difference of the two states.
fn reported(before: &Store, after: &Store, report: &MergeReport) -> Result<(), Violation> {
    let root = Path::root();
    let of = |store: &Store| -> BTreeSet<(Path, Dot)> {
        let dots = store.live_under(&root);
        dots.map(|live| (live.path.to_path(), live.dot)).collect()
    };
    let (old, new) = (of(before), of(after));
    let paths = |dots: &BTreeSet<(Path, Dot)>| -> BTreeSet<Path> {
        dots.iter().map(|live| live.0.clone()).collect()
    };
    let (old_paths, new_paths) = (paths(&old), paths(&new));
    let fallen = |record: &&Record| after.journal().all(|kept| kept.dot != record.dot);
    let expanded = |store: &Store| store.table().expand(store.context());
    let meant = MergeReport {
        added: new_paths.difference(&old_paths).cloned().collect(),
        removed: old_paths.difference(&new_paths).cloned().collect(),
        inserted: sorted(new.difference(&old).map(|live| live.1).collect()),
        killed: sorted(old.difference(&new).map(|live| live.1).collect()),
        new_events: expanded(after).excess_over(&expanded(before)),
        records_pruned: before.journal().filter(fallen).count(),
    };
    let told = MergeReport {
        added: sorted(report.added.clone()),
        removed: sorted(report.removed.clone()),
        killed: sorted(report.killed.clone()),
        ..report.clone()
    };
    require!(
        told == meant,
        "{} reports {report:?} instead of {meant:?}",
        before.replica()
    );
    Ok(())
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

/// Whether the event has no place in vectors, because its replica was closed.
fn agreed(store: &Store, dot: Dot) -> bool {
    let member = store.table().member(dot.replica);
    member.is_some_and(|member| !member.is_open())
}

/// What a program sees at an item.
fn shown(store: &Store, item: u8) -> Content {
    let path = path(item);
    let amounts = store.live_at(&path).filter_map(|live| live.payload.first());
    Content {
        present: store.is_live_under(&path),
        sum: amounts.map(|&amount| i64::from(amount)).sum(),
    }
}

fn items(vocabulary: &[Mutation]) -> BTreeSet<u8> {
    let payloads = vocabulary.iter().filter_map(|mutation| mutation.payload());
    payloads.map(|(item, _)| item).collect()
}

type Listed = (Vec<u8>, Dot, Vec<u8>);

fn placed(ledger: &Ledger, event: EventId) -> Option<Listed> {
    let entry = ledger.entry(event);
    let (item, payload) = entry.mutation.payload()?;
    Some((path(item).as_bytes().to_vec(), entry.dot, payload))
}

fn listed(live: Live<'_>) -> Listed {
    (
        live.path.as_bytes().to_vec(),
        live.dot,
        live.payload.to_vec(),
    )
}

fn dots(ledger: &Ledger, events: &EventSet) -> Vec<Dot> {
    let mut dots: Vec<Dot> = events.iter().map(|event| ledger.entry(event).dot).collect();
    dots.sort_unstable();
    dots
}

/// Dot, path and kills.
type Summary = (Dot, Path, Vec<Dot>);

fn summary(record: &Record) -> Summary {
    (record.dot, record.path.clone(), record.kills.to_vec())
}

/// What the journal would say of the killing events seen, as far as `which` wants to know.
fn records(ledger: &Ledger, seen: &EventSet, which: impl Fn(Dot) -> bool) -> Vec<Summary> {
    let killers = seen.iter().map(|event| ledger.entry(event));
    let wanted = killers.filter(|entry| entry.kills.len() > 0 && which(entry.dot));
    let mut records: Vec<Summary> = wanted
        .map(|entry| {
            (
                entry.dot,
                entry.mutation.write().0,
                dots(ledger, &entry.kills),
            )
        })
        .collect();
    records.sort();
    records
}
