//! How much two replicas say to each other until both have everything. What they say is right either
//! way; a message that begets two would fill the network before they are done.

use std::collections::VecDeque;
use std::sync::Arc;

use quorate::crdt::{
    Digest, Effects, Envelope, Input, Replica, ReplicaConfig, ReplicaId, Store, SyncMessage, Table,
};
use quorate::{Micros, NodeId};

use super::values::{add, config};

const EVENTS: usize = 40;
const ENDLESS: usize = 10_000;
const NOW: Micros = Micros::from_secs(1);

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

/// Two replicas that each made what the other lacks, a link in the order of sending, and disks that
/// write at once or when they are told to.
struct Pair {
    replicas: [Replica; 2],
    link: VecDeque<(ReplicaId, Envelope)>,
    is_disk_slow: bool,
    waiting: Vec<(ReplicaId, u64)>,
    /// How many messages were delivered.
    heard: usize,
    /// Every how many deliveries a message comes twice.
    doubles_each: Option<usize>,
}

impl Pair {
    /// One event per delta.
    fn apart() -> Self {
        let config = ReplicaConfig {
            batch_events: 1,
            ..config()
        };
        let table = Arc::new(Table::initial([id(1), id(2)]));
        let replica = |node| {
            let store = Store::member(id(node), Arc::clone(&table));
            Replica::new(config.clone(), store, Micros::ZERO)
        };
        let mut pair = Self {
            replicas: [replica(1), replica(2)],
            link: VecDeque::new(),
            is_disk_slow: false,
            waiting: Vec::new(),
            heard: 0,
            doubles_each: None,
        };
        for number in 0..EVENTS {
            pair.step(id(1), add(&format!("of 1: {number}")));
            pair.step(id(2), add(&format!("of 2: {number}")));
        }
        pair.link.clear();
        pair
    }

    fn at(&mut self, replica: ReplicaId) -> &mut Replica {
        self.replicas
            .iter_mut()
            .find(|known| known.id() == replica)
            .unwrap()
    }

    fn step(&mut self, at: ReplicaId, input: Input) {
        let Effects { send, persist, .. } = self.at(at).step(NOW, input).unwrap().clone();
        self.link
            .extend(send.into_iter().map(|envelope| (at, envelope)));
        if let Some(persist) = persist {
            self.waiting.push((at, persist.io));
        }
        if !self.is_disk_slow {
            self.write();
        }
    }

    fn write(&mut self) {
        for (at, io) in std::mem::take(&mut self.waiting) {
            self.step(at, Input::Persisted { io });
        }
    }

    /// The first tells the second what it has, once.
    fn greet(&mut self) {
        let digest = Digest::of(self.replicas[0].store());
        let message = SyncMessage::Digest(digest);
        self.link
            .push_back((id(1), Envelope { to: id(2), message }));
    }

    /// Delivers until nobody says anything more.
    fn listen(&mut self) {
        while let Some((from, Envelope { to, message })) = self.link.pop_front() {
            self.heard += 1;
            assert!(self.heard < ENDLESS, "they never stop");
            let comes_twice = self
                .doubles_each
                .is_some_and(|each| self.heard.is_multiple_of(each));
            if comes_twice {
                let message = message.clone();
                self.step(to, Input::Receive { from, message });
            }
            self.step(to, Input::Receive { from, message });
        }
    }

    /// What the first answers when the second says what it has on its disk.
    fn answers(&mut self) -> usize {
        self.link.clear();
        let second = &self.replicas[1];
        let message = SyncMessage::Ack {
            epoch: second.store().epoch(),
            durable: second.durable().clone(),
        };
        let from = second.id();
        self.step(id(1), Input::Receive { from, message });
        self.link.len()
    }

    fn is_settled(&self) -> bool {
        let [one, two] = &self.replicas;
        Digest::of(one.store()) == Digest::of(two.store())
    }
}

#[test]
fn both_are_told_everything_in_three_messages_a_batch() {
    let mut pair = Pair::apart();
    pair.greet();
    pair.listen();
    assert!(pair.is_settled());
    let batches = 2 * EVENTS;
    assert!(pair.heard <= 3 * batches + 4, "{} messages", pair.heard);
}

#[test]
fn a_slow_disk_is_waited_for_in_silence() {
    let mut pair = Pair::apart();
    pair.is_disk_slow = true;
    pair.greet();
    pair.listen();
    assert!(pair.heard <= 6, "{} messages", pair.heard);
    pair.is_disk_slow = false;
    pair.write();
    pair.listen();
    assert!(pair.is_settled());
}

#[test]
fn messages_that_come_twice_do_not_start_a_second_conversation() {
    let mut pair = Pair::apart();
    pair.doubles_each = Some(5);
    pair.greet();
    pair.listen();
    assert!(pair.is_settled());
    let batches = 2 * EVENTS;
    assert!(pair.heard <= 4 * batches, "{} messages", pair.heard);
}

#[test]
fn a_lost_answer_comes_again_in_the_next_round() {
    let mut pair = Pair::apart();
    assert_eq!(pair.answers(), 2, "what it has, and what it lacks");
    assert_eq!(pair.answers(), 0, "it was said");
    pair.step(id(1), Input::Tick);
    assert_eq!(pair.answers(), 2, "and may be lost");
}
