//! The oracle: every event that was ever made, with what its maker had seen.
//!
//! It shares nothing with the store. What a replica must show is worked out from the set of events
//! it has seen, twice over: as live dots by the rule *(F)*, and as contents by the declarative
//! meaning of the types, which speaks of causal pasts and knows neither dots nor kills.

use std::collections::BTreeMap;

use quorate::crdt::{Dot, Path, Write};

/// What a program asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mutation {
    /// An element is added, or added again.
    Add(Item),
    /// An element is removed, a counter reset.
    Remove(Item),
    /// Everything is removed.
    Clear,
    /// A counter goes up.
    Increment(Item, u8),
}

/// An element or a counter.
pub(crate) type Item = u8;

/// The number of an event in the ledger.
pub(crate) type EventId = u32;

/// Some events, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EventSet(Vec<EventId>);

/// One event as the oracle sees it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Its name in the store. Two entries may share it if one was lost before anybody saw it.
    pub(crate) dot: Dot,
    /// What was asked for.
    pub(crate) mutation: Mutation,
    /// Everything its maker had seen; closed under causality.
    pub(crate) past: EventSet,
    /// What it kills: what was live in `past` and is covered by the mutation.
    pub(crate) kills: EventSet,
}

/// What an item must look like to a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// Whether it is there.
    pub(crate) present: bool,
    /// What the counter shows.
    pub(crate) sum: i64,
}

/// All events of all histories that were explored so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    numbers: BTreeMap<(Dot, Mutation, EventSet), EventId>,
}

impl Mutation {
    /// Where it happens, and what is written there.
    pub(crate) fn write(self) -> (Path, Write) {
        match self {
            Self::Add(item) => (path(item), Write::Put(Box::default())),
            Self::Increment(item, amount) => (path(item), Write::Append(Box::new([amount]))),
            Self::Remove(item) => (path(item), Write::Remove),
            Self::Clear => (Path::root(), Write::Remove),
        }
    }

    /// The item it leaves something live at, and the payload.
    pub(crate) fn payload(self) -> Option<(Item, Vec<u8>)> {
        match self {
            Self::Add(item) => Some((item, vec![])),
            Self::Increment(item, amount) => Some((item, vec![amount])),
            Self::Remove(_) | Self::Clear => None,
        }
    }

    /// Whether what was live at the item dies.
    fn kills_at(self, item: Item) -> bool {
        match self {
            Self::Add(at) | Self::Remove(at) => at == item,
            Self::Clear => true,
            Self::Increment(..) => false,
        }
    }

    /// Whether it takes the item away from the program's point of view.
    fn removes(self, item: Item) -> bool {
        self.payload().is_none() && self.kills_at(item)
    }
}

/// The path of an item.
pub(crate) fn path(item: Item) -> Path {
    Path::of([[b'a' + item]])
}

impl EventSet {
    /// The events, in order.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = EventId> + '_ {
        self.0.iter().copied()
    }

    /// Whether the event is among them.
    pub(crate) fn contains(&self, event: EventId) -> bool {
        self.0.binary_search(&event).is_ok()
    }

    /// Whether all of `other` are among them.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.iter().all(|event| self.contains(event))
    }

    /// These and those.
    pub(crate) fn union(&self, others: impl IntoIterator<Item = EventId>) -> Self {
        self.iter().chain(others).collect()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<EventId> for EventSet {
    fn from_iter<I: IntoIterator<Item = EventId>>(events: I) -> Self {
        let mut events: Vec<EventId> = events.into_iter().collect();
        events.sort_unstable();
        events.dedup();
        Self(events)
    }
}

impl Ledger {
    /// What is known of an event.
    pub(crate) fn entry(&self, event: EventId) -> &Entry {
        &self.entries[event as usize]
    }

    /// Enters a mutation made by somebody who has seen `past`.
    pub(crate) fn enter(&mut self, dot: Dot, mutation: Mutation, past: &EventSet) -> EventId {
        let key = (dot, mutation, past.clone());
        if let Some(&known) = self.numbers.get(&key) {
            return known;
        }
        let number = EventId::try_from(self.entries.len()).expect("the bounds are small");
        self.entries.push(Entry {
            dot,
            mutation,
            past: past.clone(),
            kills: self.killed_by(mutation, past),
        });
        self.numbers.insert(key, number);
        number
    }

    /// What the mutation kills when somebody makes it who has seen `past`.
    pub(crate) fn killed_by(&self, mutation: Mutation, past: &EventSet) -> EventSet {
        let covered = |&event: &EventId| {
            let payload = self.entry(event).mutation.payload();
            payload.is_some_and(|(item, _)| mutation.kills_at(item))
        };
        self.live(past).into_iter().filter(covered).collect()
    }

    /// (F): the payload events seen that no event seen kills.
    pub(crate) fn live(&self, seen: &EventSet) -> Vec<EventId> {
        let dead: EventSet = seen
            .iter()
            .flat_map(|event| self.entry(event).kills.iter())
            .collect();
        seen.iter()
            .filter(|&event| self.entry(event).mutation.payload().is_some())
            .filter(|&event| !dead.contains(event))
            .collect()
    }

    /// What an item must look like to somebody who has seen `seen`.
    ///
    /// It is there if some add or increment seen is in the past of no removal seen, and its counter
    /// is the sum of those increments.
    pub(crate) fn content(&self, seen: &EventSet, item: Item) -> Content {
        let entries = || seen.iter().map(|event| (event, self.entry(event)));
        let removed =
            |event| entries().any(|(_, at)| at.mutation.removes(item) && at.past.contains(event));
        let mut content = Content::default();
        for (event, entry) in entries() {
            match entry.mutation.payload() {
                Some((at, _)) if at == item && !removed(event) => content.present = true,
                _ => continue,
            }
            if let Mutation::Increment(_, amount) = entry.mutation {
                content.sum += i64::from(amount);
            }
        }
        content
    }
}
