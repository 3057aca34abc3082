//! The door: order of persists and messages, strangers, gaps, and a cluster on a bad network.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate::crdt::{
    Change, Delta, Dot, Epoch, Input, Path, Replica, ReplicaError, ReplicaId, Store, SyncMessage,
    Table, VersionVector, Write,
};
use quorate::{Micros, NodeId, Random};

use super::values::{add, config, element, remove};

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn member(replica: ReplicaId) -> Store {
    Store::member(replica, Arc::new(Table::initial((1..=3).map(id))))
}

fn replica(node: u64) -> Replica {
    Replica::new(config(), member(id(node)), Micros::ZERO)
}

fn forged(sender: ReplicaId) -> Delta {
    let none = VersionVector::new();
    let (since, upto) = (none.clone(), none);
    Delta {
        sender,
        epoch: Epoch(0),
        since,
        upto,
        live: vec![],
        records: vec![],
    }
}

#[test]
fn strangers_forgers_and_other_epochs_are_refused() {
    let mut replica = replica(1);
    let mut refused = |from, message| {
        let before = replica.store().clone();
        let error = replica
            .step(Micros::ZERO, Input::Receive { from, message })
            .unwrap_err();
        assert_eq!(
            replica.store(),
            &before,
            "a refused message changed something"
        );
        error
    };
    let stranger = SyncMessage::Ack {
        epoch: Epoch(0),
        durable: VersionVector::new(),
    };
    assert_eq!(
        refused(id(9), stranger),
        ReplicaError::Stranger { from: id(9) }
    );
    let own = SyncMessage::Delta(forged(id(1)));
    assert_eq!(refused(id(1), own), ReplicaError::Stranger { from: id(1) });
    let foreign = SyncMessage::Delta(forged(id(3)));
    assert!(matches!(
        refused(id(2), foreign),
        ReplicaError::ForeignSender { .. }
    ));
}

/// The membership log will bring the one who is behind forward: there is nothing to refuse.
#[test]
fn messages_of_another_epoch_are_not_heard() {
    let mut replica = replica(1);
    let before = replica.store().clone();
    let message = SyncMessage::Delta(Delta {
        epoch: Epoch(4),
        ..forged(id(2))
    });
    let from = id(2);
    let effects = replica
        .step(Micros::ZERO, Input::Receive { from, message })
        .unwrap();
    assert_eq!(effects.behind, Some(Epoch(4)));
    assert!(effects.persist.is_none() && effects.send.is_empty());
    assert_eq!(replica.store(), &before);
}

#[test]
fn a_persist_nobody_asked_for_is_refused() {
    let error = replica(1)
        .step(Micros::ZERO, Input::Persisted { io: 1 })
        .unwrap_err();
    assert_eq!(error, ReplicaError::UnknownPersist { io: 1, last: 0 });
}

#[test]
fn a_gap_is_answered_with_what_is_here() {
    let (mut a, mut b) = (replica(1), replica(2));
    let mut deltas = Vec::new();
    for element in ["e", "f"] {
        let io = a
            .step(Micros::ZERO, add(element))
            .unwrap()
            .persist
            .as_ref()
            .unwrap()
            .io;
        let sent = a
            .step(Micros::ZERO, Input::Persisted { io })
            .unwrap()
            .send
            .clone();
        deltas.push(
            sent.into_iter()
                .find(|envelope| envelope.to == id(2))
                .unwrap()
                .message,
        );
    }
    let second = deltas.pop().unwrap();
    let effects = b
        .step(
            Micros::ZERO,
            Input::Receive {
                from: id(1),
                message: second,
            },
        )
        .unwrap();
    assert!(effects.persist.is_none());
    assert_eq!(
        effects.send[0].message,
        SyncMessage::Ack {
            epoch: Epoch(0),
            durable: VersionVector::new()
        }
    );
}

#[test]
fn a_journal_that_grows_too_long_prunes_itself_after_a_merge() {
    let mut short = config();
    short.prune.max_tombstones = 2;
    let mut b = Replica::new(short, member(id(2)), Micros::ZERO);
    let mut source = member(id(1));
    for name in ["a", "b", "c", "d"] {
        source
            .record(Micros(1), &element(name), Write::Put(Box::from([])))
            .unwrap();
        source
            .record(Micros(1), &element(name), Write::Remove)
            .unwrap();
    }
    let message = SyncMessage::Delta(source.delta_since(b.store().context()).unwrap());
    let effects = b
        .step(
            Micros(2),
            Input::Receive {
                from: id(1),
                message,
            },
        )
        .unwrap();
    assert_eq!(effects.pruned.as_ref().unwrap().tags_removed, 2);
    let persist = effects.persist.as_ref().unwrap();
    assert!(matches!(
        persist.changes[..],
        [Change::Delta(_), Change::Floor(_)]
    ));
    assert_eq!(b.store().journal_len(), 2);
}

/// What a crash can take back acknowledges nothing: neither what was made here nor what was merged.
#[test]
fn an_acknowledgement_speaks_of_the_disk() {
    let question = |from| Input::Receive {
        from,
        message: SyncMessage::Ack {
            epoch: Epoch(0),
            durable: [(id(3), 9)].into_iter().collect(),
        },
    };
    let none = SyncMessage::Ack {
        epoch: Epoch(0),
        durable: VersionVector::new(),
    };
    let (mut a, mut b) = (replica(1), replica(2));
    let io = a
        .step(Micros::ZERO, add("e"))
        .unwrap()
        .persist
        .as_ref()
        .unwrap()
        .io;
    let asked = a.step(Micros::ZERO, question(id(2))).unwrap();
    assert_eq!(asked.send[0].message, none, "A1 is not durable yet");
    let sent = a
        .step(Micros::ZERO, Input::Persisted { io })
        .unwrap()
        .send
        .clone();
    let delta = sent
        .into_iter()
        .find(|envelope| envelope.to == id(2))
        .unwrap()
        .message;

    let effects = b
        .step(
            Micros::ZERO,
            Input::Receive {
                from: id(1),
                message: delta,
            },
        )
        .unwrap();
    assert!(
        effects.send.is_empty(),
        "nothing is acknowledged before the merge is durable"
    );
    let io = effects.persist.as_ref().unwrap().io;
    assert_eq!(
        b.step(Micros::ZERO, question(id(3))).unwrap().send[0].message,
        none
    );
    let seen: VersionVector = [(id(1), 1)].into_iter().collect();
    let released = b.step(Micros::ZERO, Input::Persisted { io }).unwrap();
    let ack = SyncMessage::Ack {
        epoch: Epoch(0),
        durable: seen,
    };
    assert!(
        released
            .send
            .iter()
            .any(|envelope| envelope.to == id(1) && envelope.message == ack)
    );
}

/// Removing what is not there is no event, and spends no dot.
#[test]
fn a_removal_of_nothing_is_nothing() {
    let mut a = replica(1);
    let effects = a.step(Micros::ZERO, remove("e")).unwrap();
    assert!(effects.event.is_none() && effects.persist.is_none());
    assert!(a.store().context().is_empty());
}

/// Three replicas, messages lost, repeated and reordered, crashes that lose what was not synced:
/// after the faults everybody converges, and nobody ever spends a dot twice.
#[test]
fn a_cluster_converges_after_loss_and_crashes() {
    for seed in 0..100 {
        let mut cluster = Cluster::new(seed);
        for _ in 0..300 {
            cluster.chaos();
        }
        cluster.settle();
    }
}

struct Cluster {
    random: Random,
    now: Micros,
    replicas: BTreeMap<ReplicaId, Replica>,
    disks: BTreeMap<ReplicaId, Store>,
    /// Asked for, not yet durable: lost in a crash.
    pending: BTreeMap<ReplicaId, Vec<quorate::crdt::Persist>>,
    network: Vec<(ReplicaId, ReplicaId, SyncMessage)>,
    spent: BTreeMap<Dot, Path>,
}

impl Cluster {
    fn new(seed: u64) -> Self {
        let ids = (1..=3).map(id);
        Self {
            random: Random::new(seed),
            now: Micros::ZERO,
            replicas: ids.clone().map(|id| (id, replica(id.node.0))).collect(),
            disks: ids.clone().map(|id| (id, member(id))).collect(),
            pending: ids.map(|id| (id, Vec::new())).collect(),
            network: Vec::new(),
            spent: BTreeMap::new(),
        }
    }

    fn chaos(&mut self) {
        self.now = self.now + Micros::from_millis(20);
        let at = id(1 + self.random.below(3));
        match self.random.below(12) {
            0..=2 => {
                let element = ["e", "f", "g"][self.random.index(3)];
                self.step(at, add(element));
            }
            3 => self.step(at, remove("e")),
            4 => self.step(at, Input::Prune),
            5 => self.crash(at),
            6..=7 => self.sync_disk(at),
            8 => self.step(at, Input::Tick),
            _ => self.deliver(),
        }
    }

    fn settle(&mut self) {
        for _ in 0..2_000 {
            self.now = self.now + Micros::from_millis(20);
            for node in 1..=3 {
                self.step(id(node), Input::Tick);
                self.sync_disk(id(node));
            }
            for (from, to, message) in std::mem::take(&mut self.network) {
                self.step(to, Input::Receive { from, message });
            }
        }
        let states: Vec<_> = self
            .replicas
            .values()
            .map(|replica| replica.store().encode_state())
            .collect();
        assert!(
            states.windows(2).all(|pair| pair[0] == pair[1]),
            "not converged"
        );
        let everybody = self.replicas[&id(1)]
            .acks()
            .frontier(self.replicas[&id(1)].table());
        assert_eq!(
            &everybody,
            self.replicas[&id(1)].store().context(),
            "all is stable"
        );
    }

    fn step(&mut self, at: ReplicaId, input: Input) {
        let now = self.now;
        let replica = self.replicas.get_mut(&at).unwrap();
        let effects = replica.step(now, input).unwrap().clone();
        if let Some(event) = effects.event {
            // An event that a crash took back may be made again, as long as nobody saw it.
            self.spent.insert(event.dot, event.path);
        }
        if let Some(persist) = effects.persist {
            self.pending.get_mut(&at).unwrap().push(persist);
        }
        for envelope in effects.send {
            self.check_unspent(&envelope.message);
            self.network.push((at, envelope.to, envelope.message));
        }
    }

    /// What leaves a replica is the event that its dot stands for, for ever.
    fn check_unspent(&self, message: &SyncMessage) {
        let SyncMessage::Delta(delta) = message else {
            return;
        };
        for event in &delta.live {
            assert_eq!(
                self.spent[&event.dot], event.path,
                "{} was spent twice",
                event.dot
            );
        }
    }

    fn sync_disk(&mut self, at: ReplicaId) {
        let persists = std::mem::take(self.pending.get_mut(&at).unwrap());
        for persist in persists {
            for change in &persist.changes {
                Replica::redo(self.disks.get_mut(&at).unwrap(), change).unwrap();
            }
            self.step(at, Input::Persisted { io: persist.io });
        }
    }

    fn crash(&mut self, at: ReplicaId) {
        self.pending.get_mut(&at).unwrap().clear();
        let durable = self.disks[&at].clone();
        let restarted = Replica::new(config(), durable, self.now);
        self.replicas.insert(at, restarted);
    }

    fn deliver(&mut self) {
        if self.network.is_empty() {
            return;
        }
        let at = self.random.index(self.network.len());
        let (from, to, message) = self.network[at].clone();
        match self.random.below(4) {
            0 => drop(self.network.swap_remove(at)),
            1 => self.step(to, Input::Receive { from, message }),
            _ => {
                self.network.swap_remove(at);
                self.step(to, Input::Receive { from, message });
            }
        }
    }
}
