//! The event store: one version vector, one journal, one floor for everything in it.
//!
//! The rules it keeps, with their names as used in the tests:
//!
//! - **F**: what is live is a function of the events seen.
//! - **K**: if a killer was seen, everything it kills was seen and is not live.
//! - **J**: every killing event above the floor is in the journal.
//! - **P**: the floor lies within the context.
//!
//! All of them hold between any two calls. A call that returns an error has changed nothing.

mod arena;
mod broken;
mod counters;
mod cut;
mod dots;
mod explain;
mod join;
mod journal;
mod live;
mod merge;
mod order;
mod prune;
mod retirement;
mod size;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub use dots::Live;
pub use explain::{Explanation, Removal};
pub use prune::{Compaction, PruneOptions, PruneReport, PruneTrigger};
pub use retirement::{EnterError, Entered, ReadmitError};
pub use size::SizeReport;

use journal::Journal;
use live::LiveSet;

use super::{
    Delta, Dot, Epoch, Event, FullState, Kills, LiveEvent, Path, Record, ReplicaId, Rule, Table,
    VersionVector, Write, rules::Rules,
};
use crate::Micros;

/// The state of one replica, as a function of the events it has seen.
///
/// `Store` is pure state: it neither talks to peers nor waits for a disk. An event made here must
/// be durable before any delta or full state that covers it is handed out (persist before
/// expose); [`Replica`](super::Replica) keeps that order, a caller of `Store` has to.
///
/// Two stores are equal if they are the same replica, show the same and remember the same.
#[derive(Clone, Debug)]
pub struct Store {
    /// Whose events are made here.
    replica: ReplicaId,
    /// The table that `context` and `floor` are read under.
    table: Arc<Table>,
    /// The last table known to have no place for us, while there is none that has.
    retired: Option<Epoch>,
    /// Every event seen, a prefix per replica that the table has open.
    context: VersionVector,
    live: LiveSet,
    /// Every killing event seen above the floor.
    journal: Journal,
    /// Up to where the journal is no longer complete. Never falls.
    floor: VersionVector,
    standing: Standing,
    /// All of them, outside of tests.
    pub(super) rules: Rules,
}

/// Whether this replica may still make events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Sound,
    /// Somebody showed us events of ours that we never made.
    Superseded,
}

/// Why a local event was refused. The state is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// A peer holds events of this replica id that were not made here. Take a new incarnation.
    Superseded {
        /// The id that is used up.
        replica: ReplicaId,
    },
    /// The id was used before and cannot be taken.
    IdInUse {
        /// The id.
        replica: ReplicaId,
    },
    /// Its counter has no number left for another event. Take a new incarnation.
    Exhausted {
        /// The id that is used up.
        replica: ReplicaId,
    },
    /// The event to redo kills one that was not seen.
    KillsUnseen {
        /// The killed event.
        dot: Dot,
    },
    /// The event to redo does not follow the last one of its replica.
    OutOfSequence {
        /// The event.
        dot: Dot,
        /// How many events of its replica were seen.
        seen: u64,
    },
}

impl Store {
    /// An empty state at which `replica` makes its events, with nobody to agree with on who takes
    /// part: whoever sends is heard, and no replica is ever retired.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            replica,
            table: Arc::new(Table::unmanaged()),
            retired: None,
            context: VersionVector::new(),
            live: LiveSet::default(),
            journal: Journal::default(),
            floor: VersionVector::new(),
            standing: Standing::Sound,
            rules: Rules::default(),
        }
    }

    /// Makes an event at a path.
    ///
    /// `None` if nothing would change: there is nothing to remove. O(log n + killed).
    pub fn record(
        &mut self,
        now: Micros,
        path: &Path,
        write: Write,
    ) -> Result<Option<Event>, StoreError> {
        if self.standing == Standing::Superseded {
            return Err(StoreError::Superseded {
                replica: self.replica,
            });
        }
        let (kills, payload) = match write {
            Write::Put(payload) => (self.dots_under(path), Some(payload)),
            Write::Append(payload) => (Kills::default(), Some(payload)),
            Write::Remove => (self.dots_under(path), None),
        };
        if payload.is_none() && kills.is_empty() {
            return Ok(None);
        }
        let made = self.context.get(self.replica);
        let counter = made.checked_add(1).ok_or(StoreError::Exhausted {
            replica: self.replica,
        })?;
        let dot = Dot::new(self.replica, counter);
        let event = Event {
            dot,
            path: path.clone(),
            payload,
            kills,
            at: now,
        };
        self.incorporate(&event);
        Ok(Some(event))
    }

    /// Takes back an event of this replica from its own log, after a restart.
    pub fn redo(&mut self, event: &Event) -> Result<(), StoreError> {
        let own = event.dot.replica == self.replica;
        if own && !self.keeps(Rule::CounterOutlivesEvents) && self.context.contains(event.dot) {
            self.forget_beyond(self.replica, event.dot.counter - 1);
        }
        let seen = self.context.get(event.dot.replica);
        if seen.checked_add(1) != Some(event.dot.counter) {
            return Err(StoreError::OutOfSequence {
                dot: event.dot,
                seen,
            });
        }
        if let Some(&dot) = event.kills.iter().find(|&&dot| !self.holds(dot)) {
            return Err(StoreError::KillsUnseen { dot });
        }
        self.incorporate(event);
        Ok(())
    }

    /// What a replica that has seen `since` lacks; `None` if the journal no longer says.
    ///
    /// O(replicas + size of the delta) range scans; there is no pass over the set.
    pub fn delta_since(&self, since: &VersionVector) -> Option<Delta> {
        if !since.covers(&self.floor) && self.keeps(Rule::DeltaStaysAboveFloor) {
            return None;
        }
        let mut live = Vec::new();
        let mut records = Vec::new();
        for (replica, upto) in self.context.iter() {
            let from = since.get(replica);
            if from < upto {
                let known = records.len();
                records.extend(self.journal.above(replica, from).cloned());
                let events = self.live.above(replica, from);
                live.extend(sharing_paths(events, &records[known..]));
            }
        }
        Some(Delta {
            sender: self.replica,
            epoch: self.epoch(),
            since: since.meet(&self.context),
            upto: self.context.clone(),
            live,
            records,
        })
    }

    /// The whole state, for a replica below the floor.
    pub fn full_state(&self) -> FullState {
        FullState {
            sender: self.replica,
            epoch: self.epoch(),
            context: self.context.clone(),
            live: self.live.by_dot().map(LiveEvent::from).collect(),
            floor: self.floor.clone(),
            records: self.journal.iter().cloned().collect(),
        }
    }

    /// Raises the floor and forgets the records it covers. Returns how many.
    ///
    /// Changes neither what is live nor what was seen: at worst a peer is sent a full state. The
    /// floor never leaves the context, whatever the argument.
    pub fn raise_floor(&mut self, floor: &VersionVector) -> usize {
        let before = self.journal.len();
        for (replica, counter) in floor.meet(&self.context).iter() {
            if counter > self.floor.get(replica) {
                if self.keeps(Rule::ForgettingRaisesFloor) {
                    self.floor.raise(replica, counter);
                }
                self.journal.forget(replica, counter);
            }
        }
        before - self.journal.len()
    }

    /// Whose events are made here.
    pub fn replica(&self) -> ReplicaId {
        self.replica
    }

    /// The membership table its vectors belong to.
    pub fn epoch(&self) -> Epoch {
        self.table.epoch()
    }

    /// Every event seen.
    pub fn context(&self) -> &VersionVector {
        &self.context
    }

    /// Up to where the journal is no longer complete.
    pub fn floor(&self) -> &VersionVector {
        &self.floor
    }

    /// The live dots at exactly this path, by dot.
    pub fn live_at<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = Live<'a>> + Clone + 'a {
        let path = path.as_ref();
        self.live
            .under(path)
            .take_while(move |live| live.path == path)
    }

    /// Everything live at and under a path, by path and dot.
    pub fn live_under<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = Live<'a>> + Clone + 'a {
        self.live.under(path.as_ref())
    }

    /// Everything live from a path on, by path and dot: where a walk that skips goes on. O(log n)
    /// to begin.
    pub fn live_from<'a>(
        &'a self,
        path: &Path,
    ) -> impl Iterator<Item = Live<'a>> + Clone + use<'a> {
        self.live.from(path.as_ref())
    }

    /// Whether anything is live at or under a path.
    pub fn is_live_under(&self, path: &Path) -> bool {
        self.live.under(path.as_ref()).next().is_some()
    }

    /// Everything live, by path and dot.
    pub fn iter(&self) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        self.live.iter()
    }

    /// Everything live, by dot.
    pub(super) fn iter_by_dot(&self) -> impl Iterator<Item = Live<'_>> + Clone + '_ {
        self.live.by_dot()
    }

    /// The dot, if it is live.
    pub fn get(&self, dot: Dot) -> Option<Live<'_>> {
        self.live.get(dot)
    }

    /// How many dots are live.
    pub fn live_len(&self) -> usize {
        self.live.len()
    }

    /// How many paths something is live at.
    pub fn path_len(&self) -> usize {
        self.live.paths()
    }

    /// The records kept, by dot.
    pub fn journal(&self) -> impl Iterator<Item = &Record> + Clone + '_ {
        self.journal.iter()
    }

    /// How many records are kept.
    pub fn journal_len(&self) -> usize {
        self.journal.len()
    }

    /// A hash of what is live, kept up to date in O(1) per change.
    ///
    /// Equal contexts with different hashes mean a broken invariant, not a reason to synchronise.
    pub fn live_hash(&self) -> u64 {
        self.live.hash()
    }

    fn incorporate(&mut self, event: &Event) {
        let mut elsewhere = event.kills.len();
        if let Some(payload) = &event.payload {
            let live = Live {
                dot: event.dot,
                at: event.at,
                path: event.path.as_ref(),
                payload,
            };
            self.live.put(live, &event.kills, |_| elsewhere -= 1);
        }
        if elsewhere > 0 {
            for &dot in event.kills.iter() {
                self.live.remove(dot, &event.path);
            }
        }
        let is_journalled = event.payload.is_none() || self.keeps(Rule::SupersedingAddIsJournalled);
        if let Some(record) = event.record().filter(|_| is_journalled) {
            self.journal.push(record);
        }
        self.context.raise(event.dot.replica, event.dot.counter);
    }

    fn dots_under(&self, path: &Path) -> Kills {
        self.live
            .under(path.as_ref())
            .map(|live| live.dot)
            .collect()
    }
}

/// Live events as they are sent. Where the record of one is sent, too, both share a path.
fn sharing_paths<'a>(
    events: impl Iterator<Item = Live<'a>>,
    records: &[Record],
) -> impl Iterator<Item = LiveEvent> {
    let mut records = records.iter().peekable();
    events.map(move |live| {
        while records.next_if(|record| record.dot < live.dot).is_some() {}
        let record = records.next_if(|record| record.dot == live.dot);
        let shared = record.map(|record| &record.path);
        let shared = shared.filter(|path| path.as_ref() == live.path).cloned();
        LiveEvent {
            dot: live.dot,
            at: live.at,
            path: shared.unwrap_or_else(|| live.path.to_path()),
            payload: live.payload.into(),
        }
    })
}

impl PartialEq for Store {
    fn eq(&self, other: &Self) -> bool {
        self.replica == other.replica
            && self.table == other.table
            && self.retired == other.retired
            && self.standing == other.standing
            && self.context == other.context
            && self.floor == other.floor
            && self.live_hash() == other.live_hash()
            && self.iter().eq(other.iter())
            && self.journal == other.journal
    }
}

impl Eq for Store {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded { replica } => {
                write!(
                    f,
                    "{replica} is used by somebody else or was rolled back: take a new incarnation"
                )
            }
            Self::IdInUse { replica } => {
                write!(
                    f,
                    "{replica} was used before: an id names one life of a replica"
                )
            }
            Self::Exhausted { replica } => {
                write!(
                    f,
                    "{replica} has no number left for another event: take a new incarnation"
                )
            }
            Self::KillsUnseen { dot } => write!(f, "it kills {dot}, which was not seen"),
            Self::OutOfSequence { dot, seen } => {
                write!(
                    f,
                    "{dot} does not follow the {seen} events seen of its replica"
                )
            }
        }
    }
}

impl core::error::Error for StoreError {}
