//! The values of the simulated service, the same at every replica.

use quorate::crdt::keyspace::{KeyKind, Operation, Registry, value_path};
use quorate::crdt::{Mutation, Path};

/// The cart: a set.
const CART: &[u8] = b"cart";
/// The orders: a counter.
pub(crate) const ORDERS: &[u8] = b"orders";
/// The note on the cart: a register.
const NOTE: &[u8] = b"note";

/// What the keys hold.
pub(crate) fn registry() -> Registry {
    let cart = Registry::new().key(CART, KeyKind::Set);
    cart.and_then(|registry| registry.key(ORDERS, KeyKind::Counter))
        .and_then(|registry| registry.key(NOTE, KeyKind::Register))
        .expect("three keys, each named once")
}

/// Where the elements of the cart lie.
pub(crate) fn set_path() -> Path {
    value_path(CART, KeyKind::Set)
}

/// Where the rows of the orders lie.
pub(crate) fn counter_path() -> Path {
    value_path(ORDERS, KeyKind::Counter)
}

/// An element of the cart.
pub(crate) fn element_path(element: &str) -> Path {
    set_path().child(element.as_bytes())
}

/// Puts an element into the cart.
pub(crate) fn add(element: &str) -> Mutation {
    let element = element.into();
    apply(CART, Operation::Add { element })
}

/// Takes an element out of the cart.
pub(crate) fn remove(element: &str) -> Mutation {
    let element = element.into();
    apply(CART, Operation::Remove { element })
}

/// Counts an order.
pub(crate) fn order() -> Mutation {
    apply(ORDERS, Operation::Increment { by: 1 })
}

/// Writes the note, in place of what was seen there.
pub(crate) fn write(text: &str) -> Mutation {
    let value = text.into();
    apply(NOTE, Operation::Write { value })
}

/// Whether the note lies at a path.
pub(crate) fn is_register(path: &Path) -> bool {
    *path == value_path(NOTE, KeyKind::Register)
}

fn apply(key: &[u8], operation: Operation) -> Mutation {
    let key = key.to_vec();
    Mutation::Apply { key, operation }
}
