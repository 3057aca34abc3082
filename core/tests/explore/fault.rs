//! Rules broken on purpose, to see that the search would notice.
//!
//! A search that finds nothing says little until it has been shown to find something. Each fault
//! stands for one rule; the ones that live in a message are put into it on its way, so that the
//! shipped code runs as it is.

use quorate::crdt::{Delta, FullState, Record, Store, VersionVector};

use super::kernel::Body;
use super::ledger::{EventSet, Ledger};

/// A broken rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Only removals are journalled, not the adds that supersede an add.
    SupersedingAddsForgotten,
    /// A delta is taken whatever it builds on.
    GuardSkipped,
    /// A full state raises nobody's floor.
    FloorNotAdopted,
    /// A replica tells others what it may lose, and goes on under the same id after it did.
    ExposedBeforeDurable,
    /// A batch has what is killed in it, but not always what kills.
    KillersCutOff,
    /// A report counts although its replica has not entered the table.
    ReportsOutliveTables,
    /// A replica is closed at what one of the others reported.
    ClosedOnOneReport,
}

impl Fault {
    /// The message as code with this fault would understand it.
    pub(crate) fn corrupt(
        self,
        body: &Body,
        ledger: &Ledger,
        seen: &EventSet,
        receiver: &Store,
    ) -> Body {
        match (self, body.clone()) {
            (Self::SupersedingAddsForgotten, Body::Delta(mut delta)) => {
                delta.records.retain(|record| removal(ledger, seen, record));
                Body::Delta(delta)
            }
            (Self::GuardSkipped, Body::Delta(delta)) => Body::Delta(Delta {
                since: delta.since.meet(receiver.context()),
                ..delta
            }),
            (Self::FloorNotAdopted, Body::Full(full)) => Body::Full(FullState {
                floor: VersionVector::new(),
                ..full
            }),
            (_, body) => body,
        }
    }
}

fn removal(ledger: &Ledger, seen: &EventSet, record: &Record) -> bool {
    let entries = seen.iter().map(|event| ledger.entry(event));
    let mut made_it = entries.filter(|entry| entry.dot == record.dot);
    made_it.all(|entry| entry.mutation.payload().is_none())
}

/// The first events of a delta, by dot, and what they kill.
pub(crate) fn naive_batch(whole: &Delta, limit: u64) -> Delta {
    let mut upto = whole.since.clone();
    let mut rest = limit;
    for (replica, counter) in whole.upto.iter() {
        let from = whole.since.get(replica);
        let taken = rest.min(counter - from);
        upto.raise(replica, from + taken);
        rest -= taken;
    }
    // A record comes after what it kills or beside it: the last one is reached in as many rounds.
    for _ in &whole.records {
        for record in &whole.records {
            if upto.contains(record.dot) {
                for dot in record.kills.iter() {
                    upto.raise(dot.replica, dot.counter);
                }
            }
        }
    }
    let mut batch = whole.clone();
    batch.live.retain(|event| upto.contains(event.dot));
    batch.records.retain(|record| upto.contains(record.dot));
    batch.since = whole.since.meet(&upto);
    batch.upto = upto;
    batch
}
