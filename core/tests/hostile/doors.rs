//! The door of a replica: changed messages, and a configuration that nobody would choose.

use std::sync::Arc;

use quorate::crdt::keyspace::{KeyKind, Operation, Registry};
use quorate::crdt::{
    Digest, Epoch, Input, Kind, Mutation, Path, Payload, Replica, ReplicaConfig, ReplicaId, Store,
    SyncMessage, Table, VersionVector, Write,
};
use quorate::{Micros, NodeId, Random};

use super::{mutation, sound};

fn id(node: u64) -> ReplicaId {
    ReplicaId::first(NodeId(node))
}

fn config(random: &mut Random) -> ReplicaConfig {
    let count = |random: &mut Random| [0, 1, 7, usize::MAX][random.index(4)];
    let kinds = [KeyKind::Set, KeyKind::Counter, KeyKind::Flag, KeyKind::Map];
    ReplicaConfig {
        registry: Registry::new()
            .prefix("", kinds[random.index(kinds.len())])
            .unwrap(),
        sync_interval: Micros(mutation::number(random)),
        fanout: count(random),
        batch_events: count(random),
        pending_events: count(random),
        metadata_budget: [None, Some(0), Some(500), Some(usize::MAX)][random.index(4)],
        max_clock_skew: Micros(mutation::number(random)),
        prune: sound::options(random),
        contacts: vec![mutation::replica(random)],
        seed: mutation::number(random),
        #[cfg(feature = "mutants")]
        broken_rule: None,
    }
}

fn message(random: &mut Random, source: &Store, target: &Store) -> SyncMessage {
    match random.below(6) {
        0 => SyncMessage::Ack {
            epoch: epoch(random, target),
            durable: mutation::vector(random, target.context()),
        },
        1 => SyncMessage::Digest(Digest {
            epoch: epoch(random, target),
            context: Digest::of([source, target][random.index(2)]).context,
            live: mutation::number(random),
        }),
        2 | 3 => {
            let since = source.context().meet(target.context());
            let Some(mut delta) = source.delta_since(&since) else {
                return full(random, source);
            };
            mutation::delta(random, &mut delta);
            SyncMessage::Delta(delta)
        }
        4 => full(random, source),
        _ => match full(random, source) {
            SyncMessage::Full(full) if random.chance(500) => SyncMessage::Admission {
                table: Arc::new(Table::initial([mutation::replica(random), id(2)])),
                full,
            },
            _ => SyncMessage::Readmit {
                since: epoch(random, target),
                seen: mutation::vector(random, target.context()),
            },
        },
    }
}

fn full(random: &mut Random, source: &Store) -> SyncMessage {
    let mut full = source.full_state();
    mutation::full(random, &mut full);
    SyncMessage::Full(full)
}

fn epoch(random: &mut Random, target: &Store) -> Epoch {
    if random.chance(800) {
        target.epoch()
    } else {
        Epoch(mutation::number(random))
    }
}

fn input(random: &mut Random, source: &Store, replica: &Replica) -> Input {
    match random.below(10) {
        0 => Input::Tick,
        1 => Input::Prune,
        2 => Input::Persisted {
            io: mutation::number(random),
        },
        3 => Input::Enter {
            index: Epoch(mutation::number(random).min(u64::MAX - 1)),
            entry: mutation::entry(random),
        },
        4 => Input::Mutate(mutate(random)),
        _ => Input::Receive {
            from: if random.chance(800) {
                source.replica()
            } else {
                mutation::replica(random)
            },
            message: message(random, source, replica.store()),
        },
    }
}

/// An operation on a key, whether or not it is one of the key's type.
fn mutate(random: &mut Random) -> Mutation {
    let bytes = |random: &mut Random| mutation::payload(random).into_vec();
    let by = mutation::number(random).cast_signed();
    let operation = match random.below(9) {
        0 => Operation::Add {
            element: bytes(random),
        },
        1 => Operation::Remove {
            element: bytes(random),
        },
        2 => Operation::Clear,
        3 => Operation::Increment { by },
        4 => Operation::Write {
            value: bytes(random),
        },
        5 => Operation::Enable,
        6 => Operation::Disable,
        7 => Operation::Delete,
        _ => {
            let increment = Operation::Increment { by };
            Operation::within([b""; 40], Kind::Counter, increment)
        }
    };
    Mutation::Apply {
        key: bytes(random),
        operation,
    }
}

/// Whether the step is one whose refusal may leave a mark: that somebody else uses the id.
fn may_leave_a_mark(input: &Input) -> bool {
    matches!(input, Input::Receive { .. })
}

fn sweep(table: &Arc<Table>) {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let mut source = Store::member(id(2), Arc::clone(table));
        let store = Store::member(id(1), Arc::clone(table));
        let mut replica = Replica::new(config(&mut random), store, Micros::MAX);
        for step in 0..25 {
            // An element of a set in a keyspace, so that some of what is sent is of the right type.
            let path = Path::of(["e", "S", ["x", "y"][random.index(2)]]);
            let write = Write::Put(Payload::default());
            source.record(Micros(step), &path, write).unwrap();
            let now = Micros(mutation::number(&mut random));
            let input = input(&mut random, &source, &replica);
            let before = replica.store().clone();
            let may_differ = may_leave_a_mark(&input);
            let hint = format!("seed {seed}, step {step}, {input:?}");
            if replica.step(now, input).is_err() {
                let after = replica.store();
                assert!(may_differ || *after == before, "{hint}");
                assert!(after.iter().eq(before.iter()), "{hint}");
                assert_eq!(after.context(), before.context(), "{hint}");
            }
            let read = Store::decode(&replica.store().encode());
            sound::check(
                &read.unwrap_or_else(|error| panic!("{hint}: {error}")),
                &hint,
            );
        }
        let _ = replica.acks().frontier(replica.table());
        let _ = replica
            .acks()
            .held_back_by(replica.table(), &VersionVector::new());
        let _ = replica.acks().closable(replica.table(), id(2));
    }
}

#[test]
fn no_message_breaks_a_replica() {
    sweep(&Arc::new(Table::unmanaged()));
}

#[test]
fn no_message_breaks_a_replica_under_a_membership_table() {
    sweep(&Arc::new(Table::initial([1, 2, 3].map(id))));
}
