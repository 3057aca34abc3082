//! One set, under a key, as users of a replica see it.

use quorate::crdt::keyspace::{KeyKind, Operation, Registry, value_path};
use quorate::crdt::{Input, Mutation, Path, ReplicaConfig};

const SET: &[u8] = b"set";

/// A replica whose key `set` holds a set.
pub fn config() -> ReplicaConfig {
    ReplicaConfig {
        registry: Registry::new().key(SET, KeyKind::Set).unwrap(),
        ..ReplicaConfig::default()
    }
}

/// Where the elements lie.
pub fn elements() -> Path {
    value_path(SET, KeyKind::Set)
}

/// Where an element lies.
pub fn element(name: &str) -> Path {
    elements().child(name.as_bytes())
}

/// Adds an element.
pub fn add(name: &str) -> Input {
    let element = name.into();
    mutate(Operation::Add { element })
}

/// Removes an element.
pub fn remove(name: &str) -> Input {
    let element = name.into();
    mutate(Operation::Remove { element })
}

fn mutate(operation: Operation) -> Input {
    let key = SET.to_vec();
    Input::Mutate(Mutation::Apply { key, operation })
}
