//! Random histories of several stores, held against the declarative oracle after every step.
//!
//! The oracle keeps every event that was ever made. What a store must show is a function of the
//! set of events it has seen, and nothing else: not of the order, not of what was pruned.

use std::collections::{BTreeMap, BTreeSet};

use quorate::crdt::{
    Dot, Event, Path, PruneOptions, PruneTrigger, ReplicaId, Store, VersionVector, Write,
};
use quorate::{Micros, NodeId, Random};

use super::test;

/// One step of a history. Numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A replica adds an element.
    Add(usize, u8),
    /// A replica removes an element.
    Remove(usize, u8),
    /// A replica removes everything.
    Clear(usize),
    /// The second gets the first's delta since what the third has seen.
    Delta(usize, usize, usize),
    /// As a delta, but cut to about so many events.
    Batch(usize, usize, usize, usize),
    /// The second gets the first's full state.
    Full(usize, usize),
    /// A replica forgets all but the given number of records.
    Prune(usize, usize),
    /// A message that was made earlier arrives, again or late.
    Replay(usize, usize),
}

/// Some stores, the messages they ever made, and the oracle.
#[derive(Debug)]
pub struct World {
    /// The replicas.
    pub stores: Vec<Store>,
    deltas: Vec<quorate::crdt::Delta>,
    events: BTreeMap<Dot, Event>,
    clock: u64,
}

impl World {
    /// `replicas` empty stores.
    pub fn new(replicas: u64) -> Self {
        let store = |node| Store::new(ReplicaId::first(NodeId(node)));
        let stores = (1..=replicas).map(store).collect();
        Self {
            stores,
            deltas: Vec::new(),
            events: BTreeMap::new(),
            clock: 0,
        }
    }

    /// Does one step and checks every store.
    pub fn step(&mut self, step: Step) {
        self.clock += 1;
        let count = self.stores.len();
        match step {
            Step::Add(at, element) => {
                self.record(at % count, &path(element), Write::Put(Box::from([])));
            }
            Step::Remove(at, element) => self.record(at % count, &path(element), Write::Remove),
            Step::Clear(at) => self.record(at % count, &Path::root(), Write::Remove),
            Step::Delta(from, to, since) => {
                let since = self.stores[since % count].context().clone();
                if let Some(delta) = self.stores[from % count].delta_since(&since) {
                    self.deltas.push(delta);
                    self.deliver(self.deltas.len() - 1, to % count);
                }
            }
            Step::Batch(from, to, since, limit) => {
                let since = self.stores[since % count].context().clone();
                if let Some(delta) = self.stores[from % count].batch_since(&since, limit) {
                    self.deltas.push(delta);
                    self.deliver(self.deltas.len() - 1, to % count);
                }
            }
            Step::Full(from, to) => {
                let full = self.stores[from % count].full_state();
                if from % count != to % count {
                    self.stores[to % count].apply_full(&full).unwrap();
                }
            }
            Step::Prune(at, max_tombstones) => {
                let options = PruneOptions {
                    max_tombstones,
                    ..PruneOptions::default()
                };
                self.stores[at % count].prune(Micros(self.clock), &options, PruneTrigger::Explicit);
            }
            Step::Replay(message, to) => {
                if !self.deltas.is_empty() {
                    self.deliver(message % self.deltas.len(), to % count);
                }
            }
        }
        self.check();
    }

    /// Everybody gets everything; afterwards all states are equal.
    pub fn heal(&mut self) {
        for _ in 0..2 {
            for from in 0..self.stores.len() {
                for to in 0..self.stores.len() {
                    let source = self.stores[from].clone();
                    if from != to {
                        join(&mut self.stores[to], &source);
                    }
                }
            }
        }
        self.check();
        let first = self.stores[0].encode_state();
        assert!(
            self.stores
                .iter()
                .all(|store| store.encode_state() == first),
            "not converged"
        );
    }

    fn record(&mut self, at: usize, path: &Path, write: Write) {
        if let Some(event) = self.stores[at]
            .record(Micros(self.clock), path, write)
            .unwrap()
        {
            assert!(
                self.events.insert(event.dot, event).is_none(),
                "a dot was spent twice"
            );
        }
    }

    fn deliver(&mut self, message: usize, to: usize) {
        let before = self.stores[to].clone();
        if self.stores[to].apply(&self.deltas[message]).is_err() {
            assert_eq!(self.stores[to], before, "a refused delta changed something");
        }
    }

    /// Invariants F, K, J and P, for every store.
    fn check(&self) {
        for store in &self.stores {
            let context = store.context();
            let live: BTreeSet<Dot> = store.iter().map(|live| live.dot).collect();
            assert_eq!(
                live,
                self.live(context),
                "F: live is a function of the context"
            );
            assert!(
                context.covers(store.floor()),
                "P: the floor lies within the context"
            );
            let journal: BTreeSet<Dot> = store.journal().map(|record| record.dot).collect();
            assert!(
                !journal.iter().any(|&dot| store.floor().contains(dot)),
                "a record that was forgotten on purpose is back"
            );
            for event in self
                .events
                .values()
                .filter(|event| context.contains(event.dot))
            {
                for &killed in event.kills.iter() {
                    assert!(context.contains(killed), "K: a killed dot was not seen");
                }
                let remembered = event.kills.is_empty() || store.floor().contains(event.dot);
                assert!(
                    remembered || journal.contains(&event.dot),
                    "J: {} is missing",
                    event.dot
                );
            }
        }
    }

    /// The oracle: payload events seen that no killer seen kills.
    fn live(&self, context: &VersionVector) -> BTreeSet<Dot> {
        let seen = || {
            self.events
                .values()
                .filter(|event| context.contains(event.dot))
        };
        let dead: BTreeSet<Dot> = seen()
            .flat_map(|event| event.kills.iter().copied())
            .collect();
        let payload = seen()
            .filter(|event| event.payload.is_some())
            .map(|event| event.dot);
        payload.filter(|dot| !dead.contains(dot)).collect()
    }
}

/// Joins by a delta where the journal allows it, by a full state otherwise.
pub fn join(to: &mut Store, from: &Store) {
    match from.delta_since(to.context()) {
        Some(delta) => to.apply(&delta).unwrap(),
        None => to.apply_full(&from.full_state()).unwrap(),
    };
}

/// A step drawn from a generator.
pub fn draw(random: &mut Random) -> Step {
    let mut small = |bound| random.index(bound);
    match small(16) {
        0..=3 => Step::Add(small(4), draw_element(small(3))),
        4..=5 => Step::Remove(small(4), draw_element(small(3))),
        6 => Step::Clear(small(4)),
        7..=9 => Step::Delta(small(4), small(4), small(4)),
        10 => Step::Full(small(4), small(4)),
        11 => Step::Prune(small(4), small(3)),
        12..=13 => Step::Batch(small(4), small(4), small(4), small(4)),
        _ => Step::Replay(small(64), small(4)),
    }
}

fn draw_element(index: usize) -> u8 {
    u8::try_from(index).unwrap()
}

fn path(element: u8) -> Path {
    Path::of([[b'a' + element % 3]])
}

/// 64 fixed histories, the same ones on every platform.
#[test]
pub fn fixed_histories_agree_with_the_oracle() {
    for seed in 0..64 {
        let mut random = Random::new(seed);
        let mut world = World::new(3);
        for _ in 0..60 {
            world.step(draw(&mut random));
        }
        world.heal();
    }
}

/// Commutativity, associativity, idempotence, and delta = state, on 64 fixed triples of states.
#[test]
pub fn the_laws_of_a_join_hold() {
    for seed in 0..64 {
        let mut random = Random::new(1_000 + seed);
        let mut world = World::new(3);
        for _ in 0..40 {
            world.step(draw(&mut random));
        }
        check_laws(&world.stores);
    }
}

/// The laws for the first three of the given states.
pub fn check_laws(stores: &[Store]) {
    // A fourth party joins, so that nobody is shown events of its own.
    let neutral = Store::new(ReplicaId::first(NodeId(99)));
    let joined = |order: &[usize]| {
        let mut result = neutral.clone();
        for &at in order {
            join(&mut result, &stores[at]);
        }
        result.encode_state()
    };
    let by_full_states = |order: &[usize]| {
        let mut result = neutral.clone();
        for &at in order {
            result.apply_full(&stores[at].full_state()).unwrap();
        }
        result.encode_state()
    };
    assert_eq!(joined(&[0, 1]), joined(&[1, 0]), "commutative");
    assert_eq!(joined(&[0, 1, 2]), joined(&[2, 1, 0]), "commutative");
    assert_eq!(joined(&[0, 0, 1, 1, 0]), joined(&[0, 1]), "idempotent");
    assert_eq!(
        joined(&[0, 1, 2]),
        by_full_states(&[0, 1, 2]),
        "delta = state"
    );
    let mut left = neutral.clone();
    join(&mut left, &stores[0]);
    let mut right = Store::new(ReplicaId::first(NodeId(98)));
    join(&mut right, &stores[1]);
    join(&mut right, &stores[2]);
    join(&mut left, &right);
    assert_eq!(left.encode_state(), joined(&[0, 1, 2]), "associative");
}
