//! The door beyond plain synchronisation: what waits, what is refused, what is explained, and how a
//! replica leaves a cluster and comes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate::crdt::{
    Entry, Envelope, Epoch, Explanation, Input, Live, Member, PruneOptions, Replica, ReplicaConfig,
    ReplicaError, ReplicaId, Store, SyncMessage, Table, VersionVector,
};
use quorate::{Micros, NodeId};

use super::values::{add, config, element, elements, remove};

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

/// Replicas with instant disks, a perfect network that tests interrupt, and one membership log.
struct Cluster {
    replicas: BTreeMap<ReplicaId, Replica>,
    log: Vec<Entry>,
    /// Proposals that the log, while it stands still, has not come to.
    unheard: Option<usize>,
    /// How much of the log each has entered.
    entered: BTreeMap<ReplicaId, usize>,
    network: Vec<(ReplicaId, Envelope)>,
    now: Micros,
}

impl Cluster {
    fn new(count: u64, config: &ReplicaConfig) -> Self {
        let table = Arc::new(Table::initial((1..=count).map(id)));
        let member = |replica| {
            let store = Store::member(replica, Arc::clone(&table));
            (replica, Replica::new(config.clone(), store, Micros::ZERO))
        };
        Self {
            replicas: (1..=count).map(id).map(member).collect(),
            log: Vec::new(),
            unheard: None,
            entered: (1..=count).map(|node| (id(node), 0)).collect(),
            network: Vec::new(),
            now: Micros::from_secs(1),
        }
    }

    fn step(&mut self, at: u64, input: Input) -> Result<(), ReplicaError> {
        let replica = self.replicas.get_mut(&id(at)).unwrap();
        let effects = replica.step(self.now, input)?.clone();
        assert_eq!(effects.diverged_from, None);
        let sent = effects.send.into_iter().map(|envelope| (id(at), envelope));
        self.network.extend(sent);
        for entry in effects.propose {
            match &mut self.unheard {
                Some(count) => *count += 1,
                None => self.commit(entry),
            }
        }
        if let Some(persist) = effects.persist {
            self.step(at, Input::Persisted { io: persist.io })?;
        }
        Ok(())
    }

    /// Appends an entry unless it makes no table, as a replicated log's state machine decides.
    fn commit(&mut self, entry: Entry) {
        if self.table().apply(self.next_index(), &entry).is_ok() {
            self.log.push(entry);
        }
    }

    fn next_index(&self) -> Epoch {
        Epoch(self.log.len() as u64 + 1)
    }

    fn table(&self) -> Table {
        let initial = Table::initial((1..=self.entered.len() as u64).map(id).take(3));
        let mut index = 0;
        self.log.iter().fold(initial, |table, entry| {
            index += 1;
            table.apply(Epoch(index), entry).unwrap()
        })
    }

    /// Everybody but `without` enters, ticks and hears everything, for some rounds.
    fn run_without(&mut self, without: &[u64]) {
        for _ in 0..60 {
            self.now = self.now + Micros::from_secs(1);
            let up: Vec<u64> = self.entered.keys().map(|replica| replica.node.0).collect();
            for at in up.into_iter().filter(|at| !without.contains(at)) {
                self.catch_up(at);
                self.step(at, Input::Tick).unwrap();
            }
            for (from, Envelope { to, message }) in std::mem::take(&mut self.network) {
                if !without.contains(&to.node.0) && !without.contains(&from.node.0) {
                    // Strangers are refused, as they should be.
                    let _ = self.step(to.node.0, Input::Receive { from, message });
                }
            }
        }
    }

    fn catch_up(&mut self, at: u64) {
        while let Some(entry) = self.log.get(self.entered[&id(at)]).cloned() {
            *self.entered.get_mut(&id(at)).unwrap() += 1;
            let index = Epoch(self.entered[&id(at)] as u64);
            self.step(at, Input::Enter { index, entry }).unwrap();
        }
    }

    fn elements(&self, at: u64) -> Vec<String> {
        let store = self.replicas[&id(at)].store();
        let name = |live: Live<'_>| String::from_utf8(live.path.last().unwrap()).unwrap();
        store.iter().map(name).collect()
    }
}

#[test]
fn a_replica_leaves_is_closed_and_comes_back_with_what_it_did_meanwhile() {
    let mut cluster = Cluster::new(3, &config());
    for (at, name) in [
        (1, "kept"),
        (1, "removed here"),
        (1, "removed there"),
        (3, "mine"),
    ] {
        cluster.step(at, add(name)).unwrap();
    }
    cluster.run_without(&[]);
    assert_eq!(cluster.elements(3).len(), 4);

    // The third goes silent, is fenced, and everybody else agrees on what it had told them.
    cluster.step(3, add("unseen")).unwrap();
    cluster.commit(Entry::Fence { replica: id(3) });
    cluster.run_without(&[3]);
    assert_eq!(
        cluster.table().member(id(3)),
        Some(Member::Closed { at: 1 })
    );
    assert_eq!(
        cluster.replicas[&id(1)].store().context().get(id(3)),
        0,
        "elided"
    );
    cluster.step(1, remove("removed here")).unwrap();
    cluster.step(3, remove("removed there")).unwrap();
    let options = PruneOptions::default();
    assert!(options.max_tombstones > 0);
    cluster.run_without(&[3]);

    // It returns: its unseen add and its unseen removal count, its zombie dies.
    cluster.run_without(&[]);
    for at in 1..=3 {
        assert_eq!(cluster.elements(at), ["kept", "mine", "unseen"], "at {at}");
        assert_eq!(cluster.replicas[&id(at)].store().retired(), None);
    }
    assert_eq!(cluster.table().member(id(3)), Some(Member::Active));
    let states = [1, 2, 3].map(|at| cluster.replicas[&id(at)].store().encode_state());
    assert!(states.iter().all(|state| *state == states[0]));
}

/// Three things are wanted of it: one replica to be closed, and two to be taken in, by two members.
#[test]
fn a_log_that_stands_still_is_not_filled() {
    let mut cluster = Cluster::new(3, &config());
    cluster.step(3, add("e")).unwrap();
    cluster.run_without(&[]);
    cluster.commit(Entry::Fence { replica: id(3) });
    (1..=3).for_each(|at| cluster.catch_up(at));
    let config = ReplicaConfig {
        contacts: vec![id(1), id(2)],
        ..config()
    };
    let newcomer = Replica::new(config, Store::newcomer(id(4)), cluster.now);
    cluster.replicas.insert(id(4), newcomer);
    cluster.entered.insert(id(4), 0);
    cluster.unheard = Some(0);
    cluster.run_without(&[]);
    let unheard = cluster.unheard.take().unwrap();
    assert!((5..=5 * 7).contains(&unheard), "{unheard} proposals");
    // It goes on, and what it has missed is said again.
    cluster.run_without(&[]);
    assert_eq!(cluster.table().member(id(3)), Some(Member::Active));
    assert_eq!(cluster.table().member(id(4)), Some(Member::Active));
    assert_eq!(cluster.elements(4), ["e"]);
}

/// The member that answers may be behind the log that the waiting one has read.
#[test]
fn entries_noted_while_waiting_are_entered_after_a_late_admission() {
    let mut cluster = Cluster::new(3, &config());
    cluster.step(1, add("e")).unwrap();
    cluster.run_without(&[]);
    cluster.commit(Entry::Fence { replica: id(3) });
    (1..=3).for_each(|at| cluster.catch_up(at));
    let seen = cluster.replicas[&id(3)].store().context().clone();
    let replica = id(3);
    cluster.commit(Entry::Readmit {
        replica,
        seen: seen.clone(),
    });
    cluster.catch_up(1);
    let since = Epoch(1);
    let request = Input::Receive {
        from: replica,
        message: SyncMessage::Readmit { since, seen },
    };
    cluster.network.clear();
    cluster.step(1, request).unwrap();
    let (from, answer) = cluster.network.pop().unwrap();
    // Two more entries are committed, and the waiting one reads them before the answer comes.
    cluster.commit(Entry::Fence { replica: id(2) });
    cluster.catch_up(3);
    let message = answer.message;
    assert!(matches!(message, SyncMessage::Admission { .. }));
    cluster.step(3, Input::Receive { from, message }).unwrap();
    assert_eq!(*cluster.replicas[&id(3)].table(), cluster.table());
}

#[test]
fn a_newcomer_asks_its_contacts_and_is_taken_in() {
    let mut cluster = Cluster::new(3, &config());
    cluster.step(1, add("e")).unwrap();
    let config = ReplicaConfig {
        contacts: vec![id(2)],
        ..config()
    };
    let newcomer = Replica::new(config, Store::newcomer(id(4)), cluster.now);
    cluster.replicas.insert(id(4), newcomer);
    cluster.entered.insert(id(4), 0);
    cluster.run_without(&[]);
    assert_eq!(cluster.elements(4), ["e"]);
    cluster.step(4, add("f")).unwrap();
    cluster.run_without(&[]);
    assert_eq!(cluster.elements(1), ["e", "f"]);
}

#[test]
fn a_delta_that_comes_early_waits_for_the_one_before() {
    let mut cluster = Cluster::new(3, &config());
    for name in ["e", "f"] {
        cluster.step(1, add(name)).unwrap();
    }
    let to_two = |(from, envelope): &(ReplicaId, Envelope)| {
        let is_delta = matches!(envelope.message, SyncMessage::Delta(_));
        (is_delta && envelope.to == id(2)).then(|| (*from, envelope.message.clone()))
    };
    let deltas: Vec<_> = cluster.network.iter().filter_map(to_two).collect();
    let [(from, first), (_, second)] = deltas.try_into().unwrap();
    let late = Input::Receive {
        from,
        message: second,
    };
    cluster.step(2, late).unwrap();
    assert!(cluster.elements(2).is_empty());
    cluster
        .step(
            2,
            Input::Receive {
                from,
                message: first,
            },
        )
        .unwrap();
    assert_eq!(cluster.elements(2), ["e", "f"]);
}

#[test]
fn a_buffer_that_is_full_drops_the_oldest_and_loses_nothing() {
    let config = ReplicaConfig {
        pending_events: 0,
        ..config()
    };
    let mut cluster = Cluster::new(3, &config);
    for name in ["e", "f", "g"] {
        cluster.step(1, add(name)).unwrap();
    }
    cluster.network.reverse();
    cluster.run_without(&[]);
    assert_eq!(cluster.elements(2), ["e", "f", "g"]);
}

#[test]
fn batches_bring_everything_in_pieces() {
    let config = ReplicaConfig {
        batch_events: 3,
        ..config()
    };
    let mut cluster = Cluster::new(3, &config);
    for number in 0..40 {
        cluster.step(1, add(&format!("{:02}", number / 2))).unwrap();
    }
    cluster.network.clear();
    let ack = SyncMessage::Ack {
        epoch: Epoch(0),
        durable: VersionVector::new(),
    };
    let from = id(2);
    cluster
        .step(1, Input::Receive { from, message: ack })
        .unwrap();
    let (_, envelope) = cluster.network.pop().unwrap();
    let SyncMessage::Delta(batch) = envelope.message else {
        panic!("expected a delta");
    };
    assert!(
        batch.upto.get(id(1)) < 40,
        "one piece of it: {}",
        batch.upto
    );
    cluster.run_without(&[]);
    assert_eq!(cluster.elements(2).len(), 20);
    assert_eq!(cluster.elements(2), cluster.elements(3));
}

#[test]
fn a_write_beyond_the_budget_is_refused_and_a_removal_makes_room() {
    let config = ReplicaConfig {
        metadata_budget: Some(4_096),
        ..config()
    };
    let mut cluster = Cluster::new(3, &config);
    let mut written = Vec::new();
    let refused = loop {
        let name = format!("{:03}", written.len());
        match cluster.step(1, add(&name)) {
            Ok(()) => written.push(name),
            Err(error) => break error,
        }
        assert!(written.len() < 1_000, "no limit in sight");
    };
    let ReplicaError::OverBudget { metadata, budget } = refused else {
        panic!("{refused}");
    };
    assert!(metadata <= budget && budget == 4_096);
    assert_eq!(cluster.elements(1).len(), written.len());
    for name in &written[..8] {
        cluster.step(1, remove(name)).unwrap();
    }
    cluster.step(1, add("again")).unwrap();
    let size = cluster.replicas[&id(1)].store().size();
    assert!(size.metadata() <= budget, "{size:?}");
}

#[test]
fn a_register_from_the_future_takes_its_whole_message_with_it() {
    let mut cluster = Cluster::new(3, &config());
    let mut map = quorate::crdt::OrMap::<String>::new(id(2));
    let future = cluster.now + Micros::from_secs(2 * 60 * 60);
    map.edit(future).write("k", &"v".to_owned()).unwrap();
    map.edit(future).set::<String>("s").add("e").unwrap();
    let nothing = VersionVector::new();
    let delta = quorate::crdt::Replicated::delta_since(&map, &nothing).unwrap();
    let message = SyncMessage::Delta(delta);
    let from = id(2);
    let before = cluster.replicas[&id(1)].store().clone();
    let error = cluster
        .step(1, Input::Receive { from, message })
        .unwrap_err();
    assert!(matches!(error, ReplicaError::ClockSkew { .. }), "{error}");
    assert_eq!(cluster.replicas[&id(1)].store(), &before);
    assert!(cluster.network.is_empty(), "not acknowledged");
}

#[test]
fn equal_vectors_with_different_sets_raise_an_alarm() {
    let mut cluster = Cluster::new(3, &config());
    cluster.step(1, add("e")).unwrap();
    cluster.run_without(&[]);
    let mut digest = quorate::crdt::Digest::of(cluster.replicas[&id(2)].store());
    digest.live ^= 1;
    let message = SyncMessage::Digest(digest);
    let from = id(2);
    let replica = cluster.replicas.get_mut(&id(1)).unwrap();
    let effects = replica.step(cluster.now, Input::Receive { from, message });
    assert_eq!(effects.unwrap().diverged_from, Some(from));
}

#[test]
fn a_pruning_under_a_table_comes_with_its_certificate() {
    let mut cluster = Cluster::new(3, &config());
    cluster.step(1, add("e")).unwrap();
    cluster.step(1, remove("e")).unwrap();
    cluster.run_without(&[]);
    let durable: BTreeMap<ReplicaId, VersionVector> = cluster
        .replicas
        .iter()
        .map(|(&replica, state)| (replica, state.durable().clone()))
        .collect();
    let replica = cluster.replicas.get_mut(&id(1)).unwrap();
    let effects = replica.step(cluster.now, Input::Prune).unwrap().clone();
    assert_eq!(effects.pruned.unwrap().tags_removed, 1);
    let certificate = effects.certificate.unwrap();
    assert!(certificate.covers_everything());
    let verdict = certificate.verify(replica.table(), |owner| durable.get(&owner).cloned());
    assert_eq!(verdict, Ok(()));
    assert!(certificate.verify(replica.table(), |_| None).is_err());
}

#[test]
fn presence_and_absence_are_explained() {
    let mut store = Store::new(id(1));
    let (e, f) = (element("e"), element("f"));
    let put = || quorate::crdt::Write::Put(Box::from([]));
    assert_eq!(store.explain(&e), Explanation::NeverSeen);
    store.record(Micros(5), &e, put()).unwrap();
    let Explanation::Present { dots } = store.explain(&e) else {
        panic!("{:?}", store.explain(&e));
    };
    assert_eq!(
        (dots[0].dot.to_string(), dots[0].at),
        ("n1·1".into(), Micros(5))
    );
    store
        .record(Micros(9), &elements(), quorate::crdt::Write::Remove)
        .unwrap();
    let Explanation::Removed { by } = store.explain(&e) else {
        panic!("{:?}", store.explain(&e));
    };
    assert_eq!(
        (by[0].dot.to_string(), by[0].at, by[0].killed.len()),
        ("n1·2".into(), Micros(9), 1)
    );
    store.raise_floor(&store.context().clone());
    assert_eq!(store.explain(&e), Explanation::Forgotten);
    assert_eq!(store.explain(&f), Explanation::Forgotten);
}
