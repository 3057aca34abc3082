//! Where the values of the simulated service live in every replica.

use quorate::crdt::Path;

/// The cart: a set.
pub(crate) fn set_path() -> Path {
    Path::of(["cart"])
}

/// The orders: a counter.
pub(crate) fn counter_path() -> Path {
    Path::of(["orders"])
}

/// An element of the cart.
pub(crate) fn element_path(element: &str) -> Path {
    set_path().child(element.as_bytes())
}
