//! The checkers of the sets: healthy stores against a slow oracle, and stores that were lied to.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate::crdt::{
    Acks, Delta, Dot, Entry, Epoch, Event, Kills, Path, PruneCertificate, ReplicaId, Store,
    SyncMessage, Table, VersionVector, Write,
};
use quorate::{Micros, NodeId, Random};

use super::{Invariant, Ledger, Sets};

const A: NodeId = NodeId(1);
const B: NodeId = NodeId(2);

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn milk() -> Path {
    Path::of(["cart", "milk"])
}

/// Three replicas, what is on their disks, the observer, and everything that ever happened.
struct Story {
    stores: Vec<Store>,
    disks: Vec<Store>,
    sets: Sets,
    ledger: Ledger,
    /// Every event with what its maker had seen, for the slow oracle.
    events: BTreeMap<Dot, (Event, VersionVector)>,
}

impl Story {
    fn new() -> Self {
        let table = Arc::new(Table::initial((1..=3).map(id)));
        let stores: Vec<Store> = (1..=3)
            .map(|node| Store::member(id(node), Arc::clone(&table)))
            .collect();
        let mut story = Self {
            disks: stores.clone(),
            stores,
            sets: Sets::new((1..=3).map(NodeId)),
            ledger: Ledger::default(),
            events: BTreeMap::new(),
        };
        for at in 0..3 {
            let node = NodeId(at as u64 + 1);
            story
                .sets
                .restarted(&mut story.ledger, node, &story.stores[at]);
        }
        story
    }

    /// Time passes, and everything that was sent has arrived.
    fn advance(&mut self, to: Micros) {
        self.ledger.advance(to);
        self.sets.under_way_since(to);
    }

    fn node(at: usize) -> NodeId {
        NodeId(at as u64 + 1)
    }

    /// A user writes at a replica; what became an event.
    fn write(&mut self, at: usize, path: &Path, write: Write) -> Option<Event> {
        let context = self.stores[at].context().clone();
        let event = self.stores[at]
            .record(self.ledger.now(), path, write)
            .unwrap()?;
        self.events.insert(event.dot, (event.clone(), context));
        self.sets.made(&mut self.ledger, Self::node(at), &event);
        self.look(at);
        Some(event)
    }

    fn add(&mut self, at: usize) -> Event {
        self.write(at, &milk(), Write::Put(Box::from([]))).unwrap()
    }

    fn remove(&mut self, at: usize) -> Event {
        self.write(at, &milk(), Write::Remove).unwrap()
    }

    fn look(&mut self, at: usize) {
        let (node, store) = (Self::node(at), &self.stores[at]);
        self.sets
            .changed(&mut self.ledger, node, store, Vec::new(), &[]);
    }

    /// A replica's disk catches up.
    fn sync(&mut self, at: usize) {
        self.disks[at] = self.stores[at].clone();
        self.sets.synced(Self::node(at), &self.disks[at]);
    }

    /// One replica gets what it lacks from another, as a delta if that can be.
    fn pull(&mut self, to: usize, from: usize) {
        self.sync(from);
        let message = match self.stores[from].delta_since(self.stores[to].context()) {
            Some(delta) => SyncMessage::Delta(delta),
            None => SyncMessage::Full(self.stores[from].full_state()),
        };
        self.sets.sent(&mut self.ledger, Self::node(from), &message);
        match &message {
            SyncMessage::Delta(delta) => drop(self.stores[to].apply(delta).unwrap()),
            SyncMessage::Full(full) => drop(self.stores[to].apply_full(full).unwrap()),
            _ => {}
        }
        self.look(to);
    }

    /// A delta that covers what `from` has seen and tells nothing of it arrives at `to`.
    fn lie(&mut self, to: usize, from: usize) {
        let (to_store, from) = (&self.stores[to], &self.stores[from]);
        let delta = Delta {
            sender: from.replica(),
            epoch: from.epoch(),
            since: to_store.context().clone(),
            upto: from.context().clone(),
            live: Vec::new(),
            records: Vec::new(),
        };
        self.stores[to].apply(&delta).unwrap();
        self.look(to);
    }

    fn broken(&self) -> Vec<Invariant> {
        self.ledger.broken()
    }

    /// The specification, over everything that ever happened: an element is present if some add of
    /// it was seen that no removal among those seen had seen; and the whole of rule F.
    fn agrees_with_the_oracle(&self, at: usize) -> bool {
        let store = &self.stores[at];
        let table = store.table();
        let context = table.expand(store.context());
        let seen = || {
            self.events
                .iter()
                .filter(|(dot, _)| context.contains(**dot))
        };
        let paths = seen().map(|(_, (event, _))| event.path.clone());
        paths.into_iter().all(|path| {
            let survives = |(dot, (add, _)): &(&Dot, &(Event, VersionVector))| {
                add.payload.is_some()
                    && add.path == path
                    && !seen().any(|(_, (removal, saw))| {
                        removal.payload.is_none()
                            && path.is_under(&removal.path)
                            && saw.contains(**dot)
                    })
            };
            let is_present = store.live_at(&path).next().is_some();
            is_present == seen().any(|event| survives(&event))
        })
    }

    fn restart(&mut self, at: usize) {
        self.stores[at] = self.disks[at].clone();
        let kept = self.stores[at].context().get(id(at as u64 + 1));
        self.events
            .retain(|dot, _| dot.replica != id(at as u64 + 1) || dot.counter <= kept);
        self.sets
            .restarted(&mut self.ledger, Self::node(at), &self.stores[at]);
    }
}

#[test]
fn healthy_histories_break_nothing_and_agree_with_the_slow_oracle() {
    let names = ["milk", "tea", "figs"];
    for seed in 0..24 {
        let (mut story, mut random) = (Story::new(), Random::new(seed));
        for step in 0..300_u64 {
            story.advance(Micros::from_millis(step * 400));
            let at = random.index(3);
            let path = Path::of(["cart", names[random.index(3)]]);
            match random.below(20) {
                0..5 => drop(story.write(at, &path, Write::Put(Box::from([])))),
                5..8 => drop(story.write(at, &path, Write::Remove)),
                8 => drop(story.write(at, &Path::of(["cart"]), Write::Remove)),
                9 => drop(story.write(at, &Path::of(["count", "x"]), Write::Append([1].into()))),
                10..16 => story.pull(at, random.index(3)),
                16..18 => story.sync(at),
                18 => {
                    let floor = story.stores[at].context().clone();
                    story.stores[at].raise_floor(&floor);
                    story.look(at);
                }
                _ => story.restart(at),
            }
            assert_eq!(
                story.broken(),
                [],
                "seed {seed}: {}",
                story.ledger.last_words()
            );
            if step % 6 == 0 {
                assert!(story.agrees_with_the_oracle(at), "seed {seed}, step {step}");
            }
        }
        for round in 0..40_usize {
            story.advance(Micros::from_secs(300 + round as u64 * 40));
            story.pull(round % 3, (round + 1) % 3);
            let floor = story.stores[0].context().clone();
            story.stores[round % 3].raise_floor(&floor);
            story.look(round % 3);
            story.sync(round % 3);
        }
        assert_eq!(story.broken(), []);
        let (live, known) = (story.stores[0].live_len(), story.sets.facts.iter().count());
        assert!(
            known <= live + 3,
            "{known} events are remembered for {live} that live"
        );
    }
}

#[test]
fn a_lost_add_is_seen_and_so_is_the_divergence() {
    let mut story = Story::new();
    story.add(0);
    assert_eq!(story.broken(), []);
    story.lie(1, 0);
    assert_eq!(
        story.broken(),
        [Invariant::NoLostAdd, Invariant::Convergence]
    );
}

#[test]
fn a_lost_removal_is_seen_and_so_is_the_hole_in_the_journal() {
    let mut story = Story::new();
    story.add(0);
    story.pull(1, 0);
    story.remove(0);
    assert_eq!(story.broken(), []);
    story.lie(1, 0);
    let expected = [
        Invariant::NoLostRemoval,
        Invariant::Convergence,
        Invariant::CompleteJournals,
    ];
    assert_eq!(story.broken(), expected);
}

/// A removed element that comes back at a replica that had seen it go.
#[test]
fn a_resurrection_is_seen() {
    let mut story = Story::new();
    story.add(0);
    let zombie = story.stores[0].clone();
    story.remove(0);
    assert_eq!(story.broken(), []);
    // A store like that of the first replica, with the removal undone.
    let mut undone = Store::member(id(2), Arc::clone(story.stores[0].table()));
    undone.apply_full(&zombie.full_state()).unwrap();
    let before = story.stores[0].context().clone();
    let paths = (&before, &before);
    story
        .sets
        .check_path(&mut story.ledger, A, &undone, &milk(), paths);
    assert_eq!(story.broken(), [Invariant::NoResurrection]);
}

/// An event that was swept out is known to be dead everywhere: whoever shows it is wrong.
#[test]
fn a_resurrection_is_seen_after_the_sweep() {
    let mut story = Story::new();
    story.add(0);
    let zombie = story.stores[0]
        .delta_since(story.stores[1].context())
        .unwrap();
    story.remove(0);
    let everything = story.stores[0].context().clone();
    story.stores[0].raise_floor(&everything);
    for second in [1, 40, 80, 120, 160] {
        story.advance(Micros::from_secs(second));
        story.look(0);
        story.sync(0);
    }
    assert_eq!(story.sets.facts.iter().count(), 0, "not swept");
    story.stores[1].apply(&zombie).unwrap();
    let second = &story.stores[1];
    story
        .sets
        .changed(&mut story.ledger, B, second, vec![milk()], &[]);
    assert_eq!(story.broken(), [Invariant::NoResurrection]);
}

#[test]
fn a_mutation_that_kills_too_little_is_seen() {
    let mut story = Story::new();
    story.add(0);
    let mut event = story.stores[0]
        .record(Micros::ZERO, &milk(), Write::Remove)
        .unwrap()
        .unwrap();
    event.kills = Kills::default();
    story.sets.made(&mut story.ledger, A, &event);
    assert_eq!(story.broken(), [Invariant::AddWins]);
}

/// A rolled-back replica makes another event under a dot that others know.
#[test]
fn a_dot_that_is_used_twice_is_seen() {
    let mut story = Story::new();
    story.add(0);
    story.pull(1, 0);
    story.disks[0] = Store::member(id(1), Arc::clone(story.stores[0].table()));
    story.restart(0);
    assert_eq!(story.broken(), [Invariant::UniqueDots]);
    let mut story = Story::new();
    let event = story.add(0);
    story.sets.made(&mut story.ledger, A, &event);
    assert!(story.broken().contains(&Invariant::UniqueDots));
}

#[test]
fn an_event_that_is_told_or_acknowledged_before_it_is_durable_is_seen() {
    let mut story = Story::new();
    story.add(0);
    let delta = story.stores[0]
        .delta_since(story.stores[1].context())
        .unwrap();
    story
        .sets
        .sent(&mut story.ledger, A, &SyncMessage::Delta(delta));
    assert_eq!(story.broken(), [Invariant::PersistBeforeExpose]);
    let mut story = Story::new();
    story.add(0);
    story.pull(1, 0);
    let ack = SyncMessage::Ack {
        epoch: Epoch(0),
        durable: story.stores[1].context().clone(),
    };
    story.sets.sent(&mut story.ledger, B, &ack);
    assert_eq!(story.broken(), [Invariant::PersistBeforeExpose]);
}

#[test]
fn a_killer_that_came_before_what_it_kills_is_seen() {
    let mut story = Story::new();
    let (add, other) = (story.add(0), Path::of(["cart", "tea"]));
    let mut event = story.write(1, &other, Write::Put(Box::from([]))).unwrap();
    story.sets.facts.forget(event.dot);
    event.kills = Kills::from(add.dot);
    story.sets.facts.add(&event);
    story.sets.seen.remove(&B);
    story.look(1);
    assert!(story.broken().contains(&Invariant::KillClosure));
}

#[test]
fn a_context_that_falls_or_counts_what_nobody_made_is_seen() {
    let mut story = Story::new();
    story.add(0);
    story.stores[0] = Store::member(id(1), Arc::clone(story.stores[0].table()));
    story.look(0);
    assert!(story.broken().contains(&Invariant::NoGaps));
    let mut story = Story::new();
    story.stores[1]
        .apply(&Delta {
            sender: id(3),
            epoch: Epoch(0),
            since: VersionVector::new(),
            upto: VersionVector::from_iter([(id(3), 2)]),
            live: Vec::new(),
            records: Vec::new(),
        })
        .unwrap();
    story.look(1);
    assert!(story.broken().contains(&Invariant::NoGaps));
}

/// Counterexample 7 of the literature: a full state without its records, and without its floor.
#[test]
fn a_floor_that_is_not_adopted_is_seen() {
    let mut story = Story::new();
    story.add(0);
    story.remove(0);
    let everything = story.stores[0].context().clone();
    story.stores[0].raise_floor(&everything);
    story.look(0);
    story.sync(0);
    let mut full = story.stores[0].full_state();
    full.floor = VersionVector::new();
    story.stores[1].apply_full(&full).unwrap();
    story.look(1);
    assert_eq!(story.broken(), [Invariant::CompleteJournals]);
}

#[test]
fn a_floor_outside_of_the_context_is_seen() {
    let mut story = Story::new();
    story.add(0);
    let seen = story.sets.seen[&A].clone();
    let above = VersionVector::from_iter([(id(1), 5)]);
    let vectors = (&seen.memory, &above);
    story
        .sets
        .check_vectors(&mut story.ledger, A, &story.stores[0], &seen, vectors);
    assert_eq!(story.broken(), [Invariant::FloorWithinContext]);
}

/// Counterexample 13 of the literature: a replica is closed at a number that one does not have.
#[test]
fn a_close_without_agreement_is_seen() {
    let close = |at| {
        let mut story = Story::new();
        story.add(0);
        story.pull(1, 0);
        let fence = Entry::Fence { replica: id(1) };
        let close = Entry::Close {
            replica: id(1),
            at,
            epoch: Epoch(1),
        };
        story.stores[1].enter(Epoch(1), &fence).unwrap();
        story.look(1);
        let entered = story.stores[1].enter(Epoch(2), &close);
        if entered.is_ok() {
            story.look(1);
        } else {
            // The kernel refuses; another would not. Its table, and what it had seen:
            let mut table = Table::initial((1..=3).map(id));
            table = table.apply(Epoch(1), &fence).unwrap();
            table = table.apply(Epoch(2), &close).unwrap();
            let before = story.sets.seen[&B].clone();
            let table = Arc::new(table);
            story
                .sets
                .check_epoch(&mut story.ledger, B, id(2), &table, &before);
        }
        story.broken()
    };
    assert_eq!(close(1), []);
    assert_eq!(close(2), [Invariant::EpochAgreement]);
}

#[test]
fn a_certificate_that_lies_and_a_pruning_that_leaves_too_much_are_seen() {
    let mut story = Story::new();
    story.add(0);
    story.remove(0);
    story.pull(1, 0);
    story.pull(2, 0);
    let table = Arc::clone(story.stores[0].table());
    let mut acks = Acks::of(&table);
    for at in 0..3 {
        story.sync(at);
        let durable = story.disks[at].context().clone();
        acks.record(id(at as u64 + 1), Epoch(0), &durable);
    }
    let frontier = acks.frontier(&table);
    let certificate = PruneCertificate::of(&acks, &table, &VersionVector::new(), &frontier);
    // Everybody has the removal, and its record is still there.
    story
        .sets
        .pruned(&mut story.ledger, A, &story.stores[0], &certificate);
    assert_eq!(story.broken(), [Invariant::BoundedMetadata]);
    story.ledger = Ledger::default();
    story.stores[0].raise_floor(&frontier);
    story
        .sets
        .pruned(&mut story.ledger, A, &story.stores[0], &certificate);
    assert_eq!(story.broken(), []);
    let mut lie = certificate.clone();
    lie.rows[1].1.raise(id(1), 9);
    story
        .sets
        .pruned(&mut story.ledger, A, &story.stores[0], &lie);
    assert_eq!(story.broken(), [Invariant::PruneCertificates]);
    story.ledger = Ledger::default();
    let mut lie = certificate;
    lie.rows.remove(2);
    story
        .sets
        .pruned(&mut story.ledger, A, &story.stores[0], &lie);
    assert_eq!(story.broken(), [Invariant::PruneCertificates]);
}

#[test]
fn a_node_that_takes_its_events_with_it_is_seen() {
    let mut story = Story::new();
    story.add(0);
    story.pull(1, 0);
    story.sync(1);
    story.sets.switched_off(&mut story.ledger, A, [A, B]);
    assert_eq!(story.broken(), []);
    story
        .sets
        .switched_off(&mut story.ledger, A, [A, B, NodeId(3)]);
    assert_eq!(story.broken(), [Invariant::SafeDrain]);
}
