//! Deltas that come before what they build on, at the door of the shipped replica.
//!
//! Two replicas have written; every delta between any two vectors of theirs is under way. A third gets
//! them in any order, any number of times or never, and starts again from its disk at any moment. What
//! does not attach waits in its buffer. The buffer is no part of the state: it is not durable, not
//! acknowledged, and may be empty at any time; and yet nothing may get lost in it that was shown, and
//! nothing may come out of it that was not meant.

use std::collections::BTreeMap;

use quorate::crdt::keyspace::{KeyKind, Operation, Registry, apply};
use quorate::crdt::{
    Delta, Dot, Event, HybridClock, Input, Replica, ReplicaConfig, ReplicaId, Store, SyncMessage,
    VersionVector,
};
use quorate::{Micros, NodeId};

use super::search::{System, Violation};

/// How much of what does not attach is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Buffer {
    /// Everything.
    Ample,
    /// About as many events as given, the latest ones.
    Events(usize),
}

/// How often messages may arrive, and replicas start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Messages that arrive; of at most 31 different ones.
    pub(crate) arrivals: u8,
    /// Starts from the disk.
    pub(crate) restarts: u8,
    /// The buffer.
    pub(crate) buffer: Buffer,
}

/// One moment of the receiver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// The number of the receiver's state.
    receiver: u32,
    /// The messages that arrived since it last started, as a bit set.
    arrived: u32,
    arrivals: u8,
    restarts: u8,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// A message arrives.
    Arrive(usize),
    /// The receiver starts from its disk.
    Restart,
}

/// The receiver, and everything that is under way to it.
#[derive(Debug)]
pub(crate) struct Door {
    bounds: Bounds,
    /// Every event, with what it kills.
    events: Vec<Event>,
    messages: Vec<Delta>,
    receivers: Vec<Replica>,
    numbers: BTreeMap<String, u32>,
}

const RECEIVER: ReplicaId = ReplicaId::first(NodeId(3));
const KEY: &[u8] = b"k";
const NOW: Micros = Micros(1);

fn registry() -> Registry {
    Registry::new().prefix("", KeyKind::Set).unwrap()
}

impl Door {
    /// Nothing has arrived.
    pub(crate) fn new(bounds: Bounds) -> (Self, State) {
        let (events, source) = written();
        let context = source.context().clone();
        let mut messages = Vec::new();
        for since in super::kernel::vectors_within(&context) {
            for limit in 1..=usize::try_from(context.excess_over(&since)).unwrap() {
                messages.extend(source.batch_since(&since, limit));
            }
        }
        messages.sort_by_key(|delta| format!("{delta:?}"));
        messages.dedup();
        assert!(
            messages.len() < 32,
            "a set of {} has to fit",
            messages.len()
        );
        let mut door = Self {
            bounds,
            events,
            messages,
            receivers: Vec::new(),
            numbers: BTreeMap::new(),
        };
        let receiver = door.start(Store::new(RECEIVER));
        let state = State {
            receiver: door.number(receiver),
            arrived: 0,
            arrivals: bounds.arrivals,
            restarts: bounds.restarts,
        };
        (door, state)
    }

    fn start(&self, durable: Store) -> Replica {
        let config = ReplicaConfig {
            registry: registry(),
            pending_events: match self.bounds.buffer {
                Buffer::Ample => usize::MAX,
                Buffer::Events(events) => events,
            },
            ..ReplicaConfig::default()
        };
        Replica::new(config, durable, Micros::ZERO)
    }

    /// The number of a receiver's state: all of it, the buffer and the counts of persists included.
    fn number(&mut self, receiver: Replica) -> u32 {
        let next = u32::try_from(self.receivers.len()).unwrap();
        let number = *self.numbers.entry(format!("{receiver:?}")).or_insert(next);
        if number == next {
            self.receivers.push(receiver);
        }
        number
    }

    fn receiver(&self, state: State) -> &Replica {
        &self.receivers[state.receiver as usize]
    }

    fn arrive(&mut self, state: State, at: usize) -> Result<State, Violation> {
        let mut receiver = self.receiver(state).clone();
        let before = receiver.store().context().clone();
        let delta = &self.messages[at];
        deliver(&mut receiver, delta.clone())?;
        let arrived = state.arrived | 1 << at;
        let seen = receiver.store().context();
        let can_be_seen = self.closure(&before, arrived);
        if !can_be_seen.covers(seen) {
            return Err(Violation(format!("{seen} was seen of {can_be_seen}")));
        }
        let mut must_be_seen = before.clone();
        if before.covers(&delta.since) {
            must_be_seen.join(&delta.upto);
        }
        if self.bounds.buffer == Buffer::Ample {
            must_be_seen = can_be_seen;
        }
        if !seen.covers(&must_be_seen) {
            return Err(Violation(format!(
                "{seen} was seen instead of {must_be_seen}"
            )));
        }
        Ok(State {
            receiver: self.number(receiver),
            arrived,
            arrivals: state.arrivals - 1,
            ..state
        })
    }

    /// What somebody has seen who joins all that attaches of what arrived.
    fn closure(&self, from: &VersionVector, arrived: u32) -> VersionVector {
        let mut seen = from.clone();
        for _ in &self.messages {
            for (at, delta) in self.messages.iter().enumerate() {
                if arrived >> at & 1 == 1 && seen.covers(&delta.since) {
                    seen.join(&delta.upto);
                }
            }
        }
        seen
    }

    /// (F): the events within a vector that leave something, and that no event within it kills.
    fn live(&self, seen: &VersionVector) -> Vec<Dot> {
        let within = || self.events.iter().filter(|event| seen.contains(event.dot));
        let is_dead = |dot| within().any(|event| event.kills.contains(&dot));
        let mut live: Vec<Dot> = within()
            .filter(|event| event.payload.is_some() && !is_dead(event.dot))
            .map(|event| event.dot)
            .collect();
        live.sort();
        live
    }

    fn shows_what_it_saw(&self, receiver: &Replica) -> Result<(), Violation> {
        let store = receiver.store();
        let mut shown: Vec<Dot> = store.iter().map(|live| live.dot).collect();
        shown.sort();
        let meant = self.live(store.context());
        if shown == meant {
            return Ok(());
        }
        let seen = store.context();
        Err(Violation(format!(
            "with {seen}: {shown:?} instead of {meant:?}"
        )))
    }
}

/// The message, and the disk at once. Whatever is acknowledged is durable.
fn deliver(receiver: &mut Replica, delta: Delta) -> Result<(), Violation> {
    let (from, message) = (delta.sender, SyncMessage::Delta(delta));
    let mut input = Some(Input::Receive { from, message });
    while let Some(next) = input.take() {
        let effects = receiver.step(NOW, next);
        let effects = effects.map_err(|error| Violation(format!("it was refused: {error}")))?;
        let (send, persist) = (effects.send.clone(), effects.persist.clone());
        for envelope in send {
            let SyncMessage::Ack { durable, .. } = envelope.message else {
                continue;
            };
            if !receiver.durable().covers(&durable) {
                return Err(Violation(format!(
                    "{durable} is acknowledged and not durable"
                )));
            }
        }
        input = persist.map(|persist| Input::Persisted { io: persist.io });
    }
    Ok(())
}

/// Two replicas add, remove what they saw, and add again. The events, and one who has seen them all.
fn written() -> (Vec<Event>, Store) {
    let mut stores = [1, 2].map(|node| Store::new(ReplicaId::first(NodeId(node))));
    let (registry, mut clock) = (registry(), HybridClock::new());
    let mut events = Vec::new();
    let add = |element: &[u8]| Operation::Add {
        element: element.to_vec(),
    };
    let remove = |element: &[u8]| Operation::Remove {
        element: element.to_vec(),
    };
    for (at, operation) in [
        (0, add(b"e")),
        (1, remove(b"e")),
        (1, add(b"e")),
        (0, add(b"e")),
    ] {
        let [first, second] = &mut stores;
        second.apply_full(&first.full_state()).unwrap();
        let store = &mut stores[at];
        let event = apply(&registry, store, &mut clock, NOW, KEY, &operation).unwrap();
        events.extend(event);
    }
    let [first, mut second] = stores;
    second.apply_full(&first.full_state()).unwrap();
    assert_eq!(events.len(), 4, "each changed something");
    (events, second)
}

impl System for Door {
    type State = State;
    type Action = Action;

    fn key(&self, state: State) -> u128 {
        let left = u128::from(state.arrivals) << 8 | u128::from(state.restarts);
        left << 64 | u128::from(state.arrived) << 32 | u128::from(state.receiver)
    }

    /// It shows what it saw; and whatever was dropped, the next answer to its acknowledgement brings.
    fn check(&mut self, state: State) -> Result<(), Violation> {
        let receiver = self.receiver(state);
        self.shows_what_it_saw(receiver)?;
        let mut healed = receiver.clone();
        let (_, source) = written();
        let missing = source.delta_since(healed.store().context());
        deliver(&mut healed, missing.expect("nothing was pruned"))?;
        self.shows_what_it_saw(&healed)?;
        if healed.store().context() != source.context() {
            let seen = healed.store().context();
            return Err(Violation(format!("{seen} after everything was sent")));
        }
        Ok(())
    }

    fn successors(
        &mut self,
        state: State,
        next: &mut Vec<(Action, State)>,
    ) -> Result<(), (Action, Violation)> {
        if state.arrivals > 0 {
            for at in 0..self.messages.len() {
                let action = Action::Arrive(at);
                let after = self.arrive(state, at);
                next.push((action, after.map_err(|violation| (action, violation))?));
            }
        }
        if state.restarts > 0 {
            let durable = Store::decode(&self.receiver(state).store().encode());
            let receiver = self.start(durable.expect("it was judged"));
            let after = State {
                receiver: self.number(receiver),
                arrived: 0,
                restarts: state.restarts - 1,
                ..state
            };
            next.push((Action::Restart, after));
        }
        Ok(())
    }

    fn describe(&self, action: Action) -> String {
        match action {
            Action::Arrive(at) => {
                let Delta { since, upto, .. } = &self.messages[at];
                format!("a delta from {since} to {upto} arrives")
            }
            Action::Restart => "the receiver starts from its disk".into(),
        }
    }
}
