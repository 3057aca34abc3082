//! All events, by name and by place.

use std::collections::{BTreeMap, BTreeSet};

use quorate::crdt::{Dot, Event, Kills, Path, ReplicaId, Stamp, VersionVector};

use crate::world::values::is_register;

/// An event that somebody may still hear of.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) path: Path,
    pub(super) kills: Kills,
    pub(super) has_payload: bool,
    /// When it was written, if it is a write to a register.
    pub(super) stamp: Option<Stamp>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    events: BTreeMap<Dot, Fact>,
    /// Payload events by path.
    payloads: BTreeMap<Path, BTreeSet<Dot>>,
    /// Who kills an event.
    killers: BTreeMap<Dot, Vec<Dot>>,
}

impl Facts {
    /// An event was made.
    pub(super) fn add(&mut self, event: &Event) {
        if event.payload.is_some() {
            let dots = self.payloads.entry(event.path.clone()).or_default();
            dots.insert(event.dot);
        }
        for &killed in event.kills.iter() {
            self.killers.entry(killed).or_default().push(event.dot);
        }
        let fact = Fact {
            path: event.path.clone(),
            kills: event.kills.clone(),
            has_payload: event.payload.is_some(),
            stamp: stamp_of(event),
        };
        self.events.insert(event.dot, fact);
    }

    pub(super) fn get(&self, dot: Dot) -> Option<&Fact> {
        self.events.get(&dot)
    }

    pub(super) fn path(&self, dot: Dot) -> Option<&Path> {
        self.events.get(&dot).map(|fact| &fact.path)
    }

    /// All events, by dot.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Dot, &Fact)> {
        self.events.iter().map(|(dot, fact)| (*dot, fact))
    }

    /// The paths at which something was ever put, as far as that may still matter.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.payloads.keys()
    }

    /// The payload events at a path.
    pub(super) fn payloads_at(&self, path: &Path) -> Option<&BTreeSet<Dot>> {
        self.payloads.get(path)
    }

    /// The payload events at and under a path that `context` has and nothing in it kills, by dot.
    pub(super) fn live_under(&self, path: &Path, context: &VersionVector) -> BTreeSet<Dot> {
        self.payloads
            .range(path.clone()..)
            .take_while(|(place, _)| place.is_under(path))
            .flat_map(|(_, dots)| dots)
            .copied()
            .filter(|dot| context.contains(*dot) && self.killer(*dot, context).is_none())
            .collect()
    }

    /// An event in `context` that kills `dot`.
    pub(super) fn killer(&self, dot: Dot, context: &VersionVector) -> Option<Dot> {
        let mut killers = self.killers.get(&dot)?.iter().copied();
        killers.find(|killer| context.contains(*killer))
    }

    /// All events that kill `dot`.
    pub(super) fn killers(&self, dot: Dot) -> &[Dot] {
        self.killers.get(&dot).map_or(&[], Vec::as_slice)
    }

    /// The events that `after` has and `before` has not.
    pub(super) fn between<'a>(
        &'a self,
        before: &'a VersionVector,
        after: &'a VersionVector,
    ) -> impl Iterator<Item = (Dot, &'a Fact)> {
        let grown = after
            .iter()
            .map(|(replica, upto)| (replica, before.get(replica), upto))
            .filter(|(_, from, upto)| from < upto);
        grown.flat_map(|(replica, from, upto)| {
            let new = Dot::new(replica, from + 1)..=Dot::new(replica, upto);
            self.events.range(new).map(|(dot, fact)| (*dot, fact))
        })
    }

    /// How many killing events `after` has and `before` has not.
    pub(super) fn killing_between(&self, before: &VersionVector, after: &VersionVector) -> usize {
        let new = self.between(before, after);
        new.filter(|(_, fact)| !fact.kills.is_empty()).count()
    }

    /// The events of a replica after the first `kept` are gone, and nobody has heard of them.
    pub(super) fn lose(&mut self, replica: ReplicaId, kept: u64) {
        let lost = Dot::new(replica, kept + 1)..=Dot::new(replica, u64::MAX);
        let dots: Vec<Dot> = self.events.range(lost).map(|(dot, _)| *dot).collect();
        for &dot in dots.iter().rev() {
            let kills = self.events.get(&dot).map(|fact| fact.kills.clone());
            for killed in kills.unwrap_or_default().iter() {
                if let Some(killers) = self.killers.get_mut(killed) {
                    killers.retain(|killer| *killer != dot);
                }
            }
            self.forget(dot);
        }
    }

    /// Nobody can refer to the event any more.
    pub(super) fn forget(&mut self, dot: Dot) {
        let Some(fact) = self.events.remove(&dot) else {
            return;
        };
        self.killers.remove(&dot);
        if let Some(dots) = self.payloads.get_mut(&fact.path) {
            dots.remove(&dot);
            if dots.is_empty() {
                self.payloads.remove(&fact.path);
            }
        }
    }
}

/// The stamp of a write to a register; `None` if the event is something else.
pub(super) fn stamp_of(event: &Event) -> Option<Stamp> {
    let payload = event
        .payload
        .as_deref()
        .filter(|_| is_register(&event.path))?;
    Stamp::split(payload).map(|(stamp, _)| stamp)
}
