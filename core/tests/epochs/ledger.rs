//! The declarative oracle: every event ever made, and what a store must be because of those it has
//! seen.
//!
//! What a store has seen is read here by its table alone, written out once more: closed replicas by
//! their number, open ones by the vector. Nothing is asked of the code under test but its table, its
//! vectors and what it shows.

use std::collections::{BTreeMap, BTreeSet};

use quorate::crdt::{Dot, Event, Member, ReplicaId, Store};

/// All events, by name.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    events: BTreeMap<Dot, Event>,
}

impl Ledger {
    /// Enters an event. Two events of one name are the end.
    pub fn enter(&mut self, event: Event) {
        let dot = event.dot;
        let twice = self.events.insert(dot, event);
        assert!(twice.is_none(), "{dot} was spent twice");
    }

    /// Strikes out an event that a crash undid before anybody could have seen it.
    pub fn undo(&mut self, dot: Dot) {
        self.events.remove(&dot);
    }

    /// Strikes out all events of a replica above a number: they exist nowhere any more.
    pub fn undo_above(&mut self, replica: ReplicaId, counter: u64) {
        self.events
            .retain(|dot, _| dot.replica != replica || dot.counter <= counter);
    }

    /// The last event made under this name.
    pub fn last(&self, replica: ReplicaId) -> u64 {
        let of_replica = self.events.keys().filter(|dot| dot.replica == replica);
        of_replica.map(|dot| dot.counter).max().unwrap_or(0)
    }

    /// The events that a store has seen.
    pub fn seen(&self, store: &Store) -> BTreeSet<Dot> {
        let dots = self.events.keys().copied();
        dots.filter(|&dot| has_seen(store, dot)).collect()
    }

    /// What must be live if exactly these events were seen.
    pub fn live(&self, seen: &BTreeSet<Dot>) -> BTreeSet<Dot> {
        let events = || seen.iter().map(|dot| &self.events[dot]);
        let dead: BTreeSet<Dot> = events().flat_map(|event| event.kills.to_vec()).collect();
        let payload = events().filter(|event| event.payload.is_some());
        let dots = payload.map(|event| event.dot);
        dots.filter(|dot| !dead.contains(dot)).collect()
    }

    /// F, K, J and P, and that the vectors name only what the table has open.
    pub fn check(&self, store: &Store) {
        let seen = self.seen(store);
        self.check_vectors(store);
        self.check_live(store, &seen);
        self.check_journal(store, &seen);
        for dot in &seen {
            for killed in self.events[dot].kills.iter() {
                assert!(seen.contains(killed), "K: {dot} killed {killed} unseen");
            }
        }
    }

    fn check_vectors(&self, store: &Store) {
        let (table, context) = (store.table(), store.context());
        assert!(
            context.covers(store.floor()),
            "P: the floor {} leaves the context {context}",
            store.floor()
        );
        for (replica, counter) in context.iter() {
            // One who waits to be admitted may hold events of lives that no table knows.
            let unlisted = store.retired().is_some() && table.member(replica).is_none();
            assert!(
                table.is_open(replica) || unlisted,
                "{context} names {replica}, which is not open in {table:?}"
            );
            let last = self.last(replica);
            assert!(
                counter <= last,
                "G: {counter} events of {replica}, {last} made"
            );
        }
    }

    fn check_live(&self, store: &Store, seen: &BTreeSet<Dot>) {
        let live: BTreeSet<Dot> = store.iter().map(|live| live.dot).collect();
        assert_eq!(
            live,
            self.live(seen),
            "F: live is a function of what was seen"
        );
        assert_eq!(live.len(), store.live_len(), "a dot is there twice");
        for shown in store.iter() {
            let event = &self.events[&shown.dot];
            assert_eq!(shown.path, event.path.as_ref());
            assert_eq!(Some(shown.payload), event.payload.as_deref());
        }
    }

    fn check_journal(&self, store: &Store, seen: &BTreeSet<Dot>) {
        let journal: BTreeMap<Dot, _> = store.journal().map(|kept| (kept.dot, kept)).collect();
        assert_eq!(
            journal.len(),
            store.journal_len(),
            "a record is there twice"
        );
        for (dot, kept) in &journal {
            let made = self.events[dot].record();
            assert_eq!(Some(*kept), made.as_ref(), "a record is not what was made");
            assert!(
                store.context().contains(*dot),
                "{dot} is journalled, though not in {}",
                store.context()
            );
            assert!(
                !store.floor().contains(*dot),
                "{dot} was forgotten on purpose and is back"
            );
        }
        for dot in seen {
            let owed = !self.events[dot].kills.is_empty()
                && store.context().contains(*dot)
                && !store.floor().contains(*dot);
            assert!(
                !owed || journal.contains_key(dot),
                "J: {dot} lies above the floor {} and is missing",
                store.floor()
            );
        }
    }
}

/// Whether a store has seen an event: by the agreement where there is one, else by its vector.
pub fn has_seen(store: &Store, dot: Dot) -> bool {
    match store.table().member(dot.replica) {
        Some(Member::Closed { at }) => dot.counter <= at,
        Some(Member::Expired { .. }) => true,
        Some(Member::Active | Member::Fenced { .. }) | None => store.context().contains(dot),
    }
}
