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

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::fmt;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    ApplyError, Delta, Dot, Epoch, Event, FullState, LiveEvent, MergeReport, Path, Payload, Record,
    ReplicaId, VersionVector,
};
use crate::Micros;

/// The state of one replica, as a function of the events it has seen.
///
/// `Store` is pure state: it neither talks to peers nor waits for a disk. An event made here must
/// be durable before any delta or full state that covers it is handed out (persist before
/// expose); [`Replica`](super::Replica) keeps that order, a caller of `Store` has to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Whose events are made here.
    replica: ReplicaId,
    epoch: Epoch,
    /// Every event seen, a prefix per replica.
    context: VersionVector,
    /// The live dots by path, sorted within a path. No path is empty.
    live: BTreeMap<Path, Vec<LiveDot>>,
    /// The same dots, by dot. Exactly those in `live`.
    by_dot: BTreeMap<Dot, Path>,
    /// Sum of the hashes of all live dots, so that equal states are recognised in O(1).
    live_hash: u64,
    pub(super) journal: BTreeMap<Dot, Record>,
    /// Up to where the journal is no longer complete. Never falls.
    pub(super) floor: VersionVector,
    standing: Standing,
}

/// A live dot and what it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveDot {
    /// The event that made it.
    pub dot: Dot,
    /// What it carries.
    pub payload: Payload,
}

/// Exact bytes of the encoded parts of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SizeReport {
    /// Live paths, dots and payloads.
    pub live: usize,
    /// Context and floor.
    pub context: usize,
    /// The journal.
    pub journal: usize,
}

impl SizeReport {
    /// All of it.
    pub fn total(self) -> usize {
        self.live + self.context + self.journal
    }
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
    /// The event to redo does not follow the last one of its replica.
    OutOfSequence {
        /// The event.
        dot: Dot,
        /// How many events of its replica were seen.
        seen: u64,
    },
}

impl Store {
    /// An empty state at which `replica` makes its events.
    pub fn new(replica: ReplicaId) -> Self {
        Self {
            replica,
            epoch: Epoch::default(),
            context: VersionVector::new(),
            live: BTreeMap::new(),
            by_dot: BTreeMap::new(),
            live_hash: 0,
            journal: BTreeMap::new(),
            floor: VersionVector::new(),
            standing: Standing::Sound,
        }
    }

    /// Makes an event: what is live under `path` dies, and `payload`, if any, becomes live there.
    ///
    /// `None` if nothing would change: there is nothing to remove. O(log n + killed).
    pub fn record(
        &mut self,
        now: Micros,
        path: &Path,
        payload: Option<Payload>,
    ) -> Result<Option<Event>, StoreError> {
        if self.standing == Standing::Superseded {
            return Err(StoreError::Superseded {
                replica: self.replica,
            });
        }
        let kills = self.dots_under(path);
        if payload.is_none() && kills.is_empty() {
            return Ok(None);
        }
        let dot = Dot::new(self.replica, self.context.get(self.replica) + 1);
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
        let seen = self.context.get(event.dot.replica);
        if event.dot.counter != seen + 1 {
            return Err(StoreError::OutOfSequence {
                dot: event.dot,
                seen,
            });
        }
        self.incorporate(event);
        Ok(())
    }

    /// What a replica that has seen `since` lacks; `None` if the journal no longer says.
    ///
    /// O(replicas + size of the delta) range scans; there is no pass over the set.
    pub fn delta_since(&self, since: &VersionVector) -> Option<Delta> {
        if !since.covers(&self.floor) {
            return None;
        }
        let mut live = Vec::new();
        let mut records = Vec::new();
        for (replica, upto) in self.context.iter() {
            let from = since.get(replica);
            if from < upto {
                let range = Dot::new(replica, from + 1)..=Dot::new(replica, upto);
                live.extend(
                    self.by_dot
                        .range(range.clone())
                        .map(|entry| self.live_event(entry)),
                );
                records.extend(self.journal.range(range).map(|(_, record)| record.clone()));
            }
        }
        Some(Delta {
            sender: self.replica,
            epoch: self.epoch,
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
            epoch: self.epoch,
            context: self.context.clone(),
            live: self
                .by_dot
                .iter()
                .map(|entry| self.live_event(entry))
                .collect(),
            floor: self.floor.clone(),
            records: self.journal.values().cloned().collect(),
        }
    }

    /// Joins a delta. Applying it again, or after a later one, changes nothing.
    ///
    /// Nothing is inferred from what is absent, so the work is O(size of the delta · log n).
    pub fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        delta.validate()?;
        self.check_sender(delta.epoch, &delta.upto)?;
        if !self.context.covers(&delta.since) {
            let since = delta.since.clone();
            return Err(ApplyError::Gap {
                since,
                have: self.context.clone(),
            });
        }
        let mut merge = Merge::new(delta.upto.excess_over(&self.context));
        self.insert_unseen(&delta.live, &mut merge);
        for record in &delta.records {
            self.kill_all(&record.kills, &mut merge);
            self.remember(record);
        }
        self.context.join(&delta.upto);
        Ok(merge.report(self))
    }

    /// Joins a full state, and takes over its floor. O(n + m).
    ///
    /// Without the raised floor this replica would later claim a journal that it does not have.
    pub fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        full.validate()?;
        self.check_sender(full.epoch, &full.context)?;
        let mut merge = Merge::new(full.context.excess_over(&self.context));
        let listed: BTreeSet<Dot> = full.live.iter().map(|event| event.dot).collect();
        let dead: Vec<Dot> = self
            .by_dot
            .keys()
            .filter(|&&dot| full.context.contains(dot) && !listed.contains(&dot))
            .copied()
            .collect();
        self.insert_unseen(&full.live, &mut merge);
        self.kill_all(&dead, &mut merge);
        // The context first: a floor is only ever raised within it.
        self.context.join(&full.context);
        merge.records_pruned = self.raise_floor(&full.floor);
        for record in &full.records {
            self.remember(record);
        }
        Ok(merge.report(self))
    }

    /// Raises the floor and forgets the records it covers. Returns how many.
    ///
    /// Changes neither what is live nor what was seen: at worst a peer is sent a full state. The
    /// floor never leaves the context, whatever the argument.
    pub fn raise_floor(&mut self, floor: &VersionVector) -> usize {
        let before = self.journal.len();
        for (replica, counter) in floor.meet(&self.context).iter() {
            if counter <= self.floor.get(replica) {
                continue;
            }
            self.floor.raise(replica, counter);
            let covered = Dot::new(replica, 0)..=Dot::new(replica, counter);
            let dots: Vec<Dot> = self.journal.range(covered).map(|(&dot, _)| dot).collect();
            for dot in dots {
                self.journal.remove(&dot);
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
        self.epoch
    }

    /// Every event seen.
    pub fn context(&self) -> &VersionVector {
        &self.context
    }

    /// Up to where the journal is no longer complete.
    pub fn floor(&self) -> &VersionVector {
        &self.floor
    }

    /// The live dots at exactly this path; empty if there are none.
    pub fn live_at(&self, path: &Path) -> &[LiveDot] {
        self.live.get(path).map_or(&[], Vec::as_slice)
    }

    /// Everything live under a path, in the order of paths.
    pub fn live_under<'a>(
        &'a self,
        path: &'a Path,
    ) -> impl Iterator<Item = (&'a Path, &'a [LiveDot])> + 'a {
        self.live
            .range(path.clone()..)
            .take_while(|(live, _)| live.is_under(path))
            .map(|(live, dots)| (live, dots.as_slice()))
    }

    /// The records kept, by dot.
    pub fn journal(&self) -> impl ExactSizeIterator<Item = &Record> + '_ {
        self.journal.values()
    }

    /// How many dots are live.
    pub fn live_len(&self) -> usize {
        self.by_dot.len()
    }

    /// A hash of what is live, kept up to date in O(1) per change.
    ///
    /// Equal contexts with different hashes mean a broken invariant, not a reason to synchronise.
    pub fn live_hash(&self) -> u64 {
        self.live_hash
    }

    pub(super) fn live_entries(
        &self,
    ) -> impl ExactSizeIterator<Item = (&Path, &[LiveDot])> + Clone + '_ {
        self.live.iter().map(|(path, dots)| (path, dots.as_slice()))
    }

    /// Puts decoded parts together. Refuses what breaks K or P between them.
    pub(super) fn assemble(replica: ReplicaId, full: &FullState) -> Result<Self, ApplyError> {
        full.validate()?;
        let mut store = Self::new(replica);
        store.epoch = full.epoch;
        store.insert_unseen(&full.live, &mut Merge::new(0));
        store.context = full.context.clone();
        store.floor = full.floor.clone();
        store.journal = full
            .records
            .iter()
            .map(|record| (record.dot, record.clone()))
            .collect();
        Ok(store)
    }

    fn incorporate(&mut self, event: &Event) {
        let mut merge = Merge::new(1);
        self.kill_all(&event.kills, &mut merge);
        if let Some(payload) = &event.payload {
            self.insert(event.dot, &event.path, payload);
        }
        if let Some(record) = event.record() {
            self.journal.insert(record.dot, record);
        }
        self.context.raise(event.dot.replica, event.dot.counter);
    }

    /// The guards that need the state: same table, and nobody else uses our id.
    fn check_sender(&mut self, epoch: Epoch, covers: &VersionVector) -> Result<(), ApplyError> {
        if epoch != self.epoch {
            return Err(ApplyError::WrongEpoch {
                theirs: epoch,
                ours: self.epoch,
            });
        }
        let (claimed, made) = (covers.get(self.replica), self.context.get(self.replica));
        if claimed > made {
            self.standing = Standing::Superseded;
            return Err(ApplyError::OwnEventsAhead {
                replica: self.replica,
                claimed,
                made,
            });
        }
        Ok(())
    }

    fn insert_unseen(&mut self, live: &[LiveEvent], merge: &mut Merge) {
        for event in live {
            if !self.context.contains(event.dot) {
                merge.touch(self, &event.path);
                self.insert(event.dot, &event.path, &event.payload);
            }
        }
    }

    fn kill_all(&mut self, kills: &[Dot], merge: &mut Merge) {
        for &dot in kills {
            if let Some(path) = self.by_dot.get(&dot).cloned() {
                merge.touch(self, &path);
                merge.killed.push(dot);
                self.kill(dot, &path);
            }
        }
    }

    /// Keeps a record unless the floor says that it was forgotten on purpose.
    fn remember(&mut self, record: &Record) {
        if !self.floor.contains(record.dot) {
            self.journal
                .entry(record.dot)
                .or_insert_with(|| record.clone());
        }
    }

    fn insert(&mut self, dot: Dot, path: &Path, payload: &Payload) {
        let dots = self.live.entry(path.clone()).or_default();
        if let Err(at) = dots.binary_search_by_key(&dot, |live| live.dot) {
            dots.insert(
                at,
                LiveDot {
                    dot,
                    payload: payload.clone(),
                },
            );
            self.by_dot.insert(dot, path.clone());
            self.live_hash = self.live_hash.wrapping_add(hash(dot, path, payload));
        }
    }

    fn kill(&mut self, dot: Dot, path: &Path) {
        self.by_dot.remove(&dot);
        let dots = self
            .live
            .get_mut(path)
            .expect("every dot in `by_dot` is in `live`");
        let at = dots
            .binary_search_by_key(&dot, |live| live.dot)
            .expect("as above");
        let dead = dots.remove(at);
        if dots.is_empty() {
            self.live.remove(path);
        }
        self.live_hash = self.live_hash.wrapping_sub(hash(dot, path, &dead.payload));
    }

    fn dots_under(&self, path: &Path) -> Vec<Dot> {
        let mut dots: Vec<Dot> = self
            .live
            .range(path.clone()..)
            .take_while(|(live, _)| live.is_under(path))
            .flat_map(|(_, dots)| dots.iter().map(|live| live.dot))
            .collect();
        dots.sort_unstable();
        dots
    }

    fn live_event(&self, (&dot, path): (&Dot, &Path)) -> LiveEvent {
        let dots = self.live_at(path);
        let at = dots.binary_search_by_key(&dot, |live| live.dot);
        let payload = dots[at.expect("every dot in `by_dot` is in `live`")]
            .payload
            .clone();
        LiveEvent {
            dot,
            path: path.clone(),
            payload,
        }
    }
}

fn hash(dot: Dot, path: &Path, payload: &Payload) -> u64 {
    let mut hash = xxh3_64_with_seed(path.as_bytes(), dot.counter);
    hash = xxh3_64_with_seed(payload, hash ^ dot.replica.node.0);
    xxh3_64_with_seed(&dot.replica.incarnation.to_le_bytes(), hash)
}

/// What a merge has touched so far.
struct Merge {
    new_events: u64,
    /// Paths that changed, and whether anything was live there before.
    touched: BTreeMap<Path, Presence>,
    killed: Vec<Dot>,
    records_pruned: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Absent,
    Present,
}

impl Merge {
    fn new(new_events: u64) -> Self {
        Self {
            new_events,
            touched: BTreeMap::new(),
            killed: Vec::new(),
            records_pruned: 0,
        }
    }

    fn touch(&mut self, store: &Store, path: &Path) {
        self.touched
            .entry(path.clone())
            .or_insert_with(|| presence(store, path));
    }

    fn report(self, store: &Store) -> MergeReport {
        let mut report = MergeReport {
            killed: self.killed,
            new_events: self.new_events,
            records_pruned: self.records_pruned,
            ..MergeReport::default()
        };
        for (path, before) in self.touched {
            match (before, presence(store, &path)) {
                (Presence::Absent, Presence::Present) => report.added.push(path.clone()),
                (Presence::Present, Presence::Absent) => report.removed.push(path.clone()),
                _ => {}
            }
            report.touched.push(path);
        }
        report
    }
}

fn presence(store: &Store, path: &Path) -> Presence {
    if store.live.contains_key(path) {
        Presence::Present
    } else {
        Presence::Absent
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Superseded { replica } => {
                write!(
                    f,
                    "{replica} is used by somebody else or was rolled back: take a new incarnation"
                )
            }
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
