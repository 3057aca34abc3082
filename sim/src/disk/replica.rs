//! A replica's disk: its state, changed by records that are all or nothing.

use quorate::Random;
use quorate::crdt::{self, Replica, Store};

use super::{Disk, Image};

/// A replica's disk.
pub(crate) type ReplicaDisk = Disk<Store>;

impl Image for Store {
    type Write = crdt::Persist;
    /// The number of the request.
    type Synced = u64;
    type Torn = ();

    fn report(write: &crdt::Persist) -> u64 {
        write.io
    }

    fn write(&mut self, write: crdt::Persist) {
        for change in &write.changes {
            Replica::redo(self, change)
                .expect("what the replica did to its state can be done to the image of it");
        }
    }

    /// The contract of a replica asks for writes that are all or nothing (a record with a
    /// checksum, say), so a torn one is as if never begun.
    fn tear(&mut self, _: crdt::Persist, _: &mut Random) {}
}
