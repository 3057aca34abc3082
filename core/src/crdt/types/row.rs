//! Rows: what each replica contributes to a counter that only its owner can change.
//!
//! A single number with a merge by maximum loses one of two concurrent increments, and a merge by
//! sum counts an increment again whenever it arrives again. So each replica writes a row of its own,
//! its sum so far, and the counter is the sum of the rows. A row is an event that supersedes the row
//! before, so it follows the rules of every other event and needs none of its own.
//!
//! Only its owner writes a row; one that comes under a dot of another replica is refused. A replica
//! that lost rows it had shown must come back under a new [`ReplicaId`], with a new row, or increments
//! are lost; the old row stays. Rows are never folded into one.

use crate::NodeId;
use crate::crdt::{Path, PathRef, ReplicaId, Store};

/// A node and an incarnation, eight bytes each.
const SEGMENT: usize = 16;

/// Where the row of a replica lies in the counter at `counter`.
pub(super) fn row_path(counter: &Path, replica: ReplicaId) -> Path {
    let mut segment = [0; SEGMENT];
    segment[..8].copy_from_slice(&replica.node.0.to_be_bytes());
    segment[8..].copy_from_slice(&replica.incarnation.to_be_bytes());
    counter.child(&segment)
}

/// Whether the path is that of a row within its counter.
pub(super) fn is_row(path: PathRef<'_>) -> bool {
    owner(path).is_some()
}

/// Whose row it is that lies at the path within its counter; `None` if the path is not that of a row.
pub(super) fn owner(path: PathRef<'_>) -> Option<ReplicaId> {
    let segment = path.only()?;
    let (node, incarnation) = segment.split_first_chunk()?;
    Some(ReplicaId {
        node: NodeId(u64::from_be_bytes(*node)),
        incarnation: u64::from_be_bytes(incarnation.try_into().ok()?),
    })
}

/// The rows of the counter at `counter`. What is no row, from a program that is wrong, is skipped.
pub(super) fn rows<'a>(store: &'a Store, counter: &'a Path) -> impl Iterator<Item = &'a [u8]> + 'a {
    store.live_under(counter).filter_map(|live| {
        let row = live.path.relative_to(counter.as_ref())?;
        is_row(row).then_some(live.payload)
    })
}

/// What the row of the store's own replica says; `None` if it wrote none yet.
pub(super) fn own_row<R>(
    store: &Store,
    counter: &Path,
    parse: impl Fn(&[u8]) -> Option<R>,
) -> Option<R> {
    let path = row_path(counter, store.replica());
    store.live_at(&path).find_map(|live| parse(live.payload))
}
