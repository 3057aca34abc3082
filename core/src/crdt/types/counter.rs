//! The counter that can be reset, as a map has them.
//!
//! With rows, a reset kills the sums it has seen. A replica that counts on concurrently would write
//! its whole sum anew, in an event that the reset has not seen: everything from before the reset is
//! back. So here every increment is an event of its own, with nothing but its own amount. It kills
//! nothing, and a reset takes away exactly the increments that it has seen.
//!
//! The price is a live dot per increment until the next reset: a host that counts often adds up
//! first and writes now and then. (Adding up amounts in the store, once everybody has them, is left
//! out: that a stale replica's unseen reset may name a part of such a sum has no checked answer.)

use alloc::boxed::Box;

use crate::Micros;
use crate::crdt::{Event, Path, Store, StoreError, Write};

/// The counter at `path`: the sum of all amounts that no reset took away.
///
/// 128 bits hold the sum of any number of 64-bit amounts there can be. O(increments since the last
/// reset).
pub(in crate::crdt) fn value(store: &Store, path: &Path) -> i128 {
    store
        .live_at(path)
        .filter_map(|live| parse(live.payload))
        .map(i128::from)
        .sum()
}

/// Adds an amount to the counter at `path`; nothing is no event.
pub(in crate::crdt) fn increment(
    store: &mut Store,
    now: Micros,
    path: &Path,
    by: i64,
) -> Result<Option<Event>, StoreError> {
    if by == 0 {
        return Ok(None);
    }
    store.record(now, path, Write::Append(Box::from(by.to_le_bytes())))
}

/// The amount that an event carries.
pub(super) fn parse(payload: &[u8]) -> Option<i64> {
    payload.try_into().ok().map(i64::from_le_bytes)
}
