//! Replica ids, the vectors over them, and the table that lets a dot say an index in place of an id.
//!
//! The obvious table is that of the context's replicas. But a membership table takes closed replicas
//! out of the context, and their dots may still be live or killed. So the table names every replica
//! that anything in the encoding refers to, and nobody else: there is one table for one content.

use alloc::vec::Vec;

use super::columns::{put_column, read_column};
use crate::NodeId;
use crate::codec::{DecodeError, Reader, Sink, put_varint};
use crate::crdt::version_vector::position;
use crate::crdt::{ReplicaId, VersionVector};

/// The replicas that an encoding names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplicaTable {
    /// Those of the state, sorted, then the strangers, sorted.
    replicas: Vec<ReplicaId>,
    /// How many are of the state.
    of_state: usize,
}

/// A table that was read, and which of its replicas were referred to since.
#[derive(Clone, Debug)]
pub(super) struct NamedReplicas {
    replicas: Vec<Named>,
    of_state: usize,
    /// Where the table starts.
    offset: usize,
}

/// A replica of a table, and whether anything referred to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    replica: ReplicaId,
    is_named: bool,
}

impl ReplicaTable {
    pub(super) fn of(replicas: impl IntoIterator<Item = ReplicaId>) -> Self {
        let mut table: Vec<ReplicaId> = Vec::new();
        let mut last = None;
        for replica in replicas {
            // What is listed often comes in runs of one replica, which need no search.
            if last != Some(replica)
                && let Err(at) = table.binary_search(&replica)
            {
                table.insert(at, replica);
            }
            last = Some(replica);
        }
        Self {
            of_state: table.len(),
            replicas: table,
        }
    }

    /// Adds those that only the journal names, behind the others, so that the state's part of the
    /// bytes is the same whatever the journal says.
    pub(super) fn admit_strangers(&mut self, named: impl IntoIterator<Item = ReplicaId>) {
        let mut strangers = Self::of(named).replicas;
        strangers.retain(|&replica| place(&self.replicas, replica).is_none());
        self.replicas.extend(strangers);
    }

    /// All of them, in the order of their indices.
    pub(super) fn replicas(&self) -> &[ReplicaId] {
        &self.replicas
    }

    /// How many are of the state.
    pub(super) fn of_state(&self) -> usize {
        self.of_state
    }

    pub(super) fn len(&self) -> usize {
        self.replicas.len()
    }

    /// The place of a replica that the table was made of.
    pub(super) fn index(&self, replica: ReplicaId) -> u64 {
        let (state, strangers) = self.replicas.split_at(self.of_state);
        let stranger = || Some(self.of_state + place(strangers, replica)?);
        let at = place(state, replica).or_else(stranger);
        at.expect("the table was made of all that is written") as u64
    }

    pub(super) fn put(&self, out: &mut impl Sink) {
        put_replicas(out, &self.replicas[..self.of_state]);
    }

    pub(super) fn put_strangers(&self, out: &mut impl Sink) {
        put_replicas(out, &self.replicas[self.of_state..]);
    }
}

impl NamedReplicas {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        Ok(Self::from_sorted(read_replicas(reader)?, offset))
    }

    /// A table that came in another way, of sorted replicas.
    pub(super) fn from_sorted(replicas: Vec<Named>, offset: usize) -> Self {
        Self {
            of_state: replicas.len(),
            replicas,
            offset,
        }
    }

    /// Whoever was not named by now is a stranger, and has no place before them.
    pub(super) fn read_strangers(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        self.check_named()?;
        let offset = reader.offset();
        let strangers = read_replicas(reader)?;
        let is_known = |stranger: &Named| self.place(stranger.replica).is_some();
        if strangers.iter().any(is_known) {
            return Err(Reader::bad_value(offset, "replicas that are new"));
        }
        self.replicas.extend(strangers);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.replicas.len()
    }

    /// How many are of the state.
    pub(super) fn of_state(&self) -> usize {
        self.of_state
    }

    /// All of them, in the order of their indices.
    pub(super) fn replicas(&self) -> impl Iterator<Item = ReplicaId> {
        self.replicas.iter().map(|named| named.replica)
    }

    /// The index of a replica of the state.
    pub(super) fn place(&self, replica: ReplicaId) -> Option<usize> {
        let state = &self.replicas[..self.of_state];
        position(state, replica, |named| named.replica).ok()
    }

    /// The replica at an index that was read at `offset`.
    pub(super) fn get(&mut self, index: u64, offset: usize) -> Result<ReplicaId, DecodeError> {
        let named = usize::try_from(index).ok();
        let named = named.and_then(|index| self.replicas.get_mut(index));
        let named = named.ok_or(Reader::bad_value(offset, "an index into the replica table"))?;
        named.is_named = true;
        Ok(named.replica)
    }

    /// A vector as [`put_counters`] wrote it, above `since`, which it contains.
    pub(super) fn read_vector(
        &mut self,
        reader: &mut Reader<'_>,
        since: &VersionVector,
    ) -> Result<VersionVector, DecodeError> {
        let offset = reader.offset();
        let counters = read_column(reader, self.of_state)?;
        let mut vector = since.clone();
        // In order: one by one, many names between those of `since` would take their square.
        let mut new = VersionVector::new();
        for (named, above) in self.replicas.iter_mut().zip(counters) {
            // Nothing beyond what is known names nobody.
            if above > 0 {
                let known = since.get(named.replica);
                let counter = known.checked_add(above);
                let counter = counter.ok_or(Reader::bad_value(offset, "counters of 64 bits"))?;
                let is_new = known == 0;
                let vector = if is_new { &mut new } else { &mut vector };
                vector.raise(named.replica, counter);
                named.is_named = true;
            }
        }
        vector.join(&new);
        Ok(vector)
    }

    /// Refuses a table with a replica that nothing refers to: it could as well be left out.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        self.check_named()
    }

    fn check_named(&self) -> Result<(), DecodeError> {
        let expected = "a table of the replicas that are named";
        if self.replicas.iter().all(|named| named.is_named) {
            Ok(())
        } else {
            Err(Reader::bad_value(self.offset, expected))
        }
    }
}

/// The place of a replica in a sorted list.
fn place(sorted: &[ReplicaId], replica: ReplicaId) -> Option<usize> {
    position(sorted, replica, |&replica| replica).ok()
}

/// One counter above `since` per replica of the state, zeros included.
pub(super) fn put_counters(
    out: &mut Vec<u8>,
    table: &ReplicaTable,
    vector: &VersionVector,
    since: &VersionVector,
) {
    let above = |&replica| vector.get(replica).wrapping_sub(since.get(replica));
    put_column(out, table.replicas[..table.of_state].iter().map(above));
}

fn put_replicas(out: &mut impl Sink, replicas: &[ReplicaId]) {
    put_varint(out, replicas.len() as u64);
    for &replica in replicas {
        put_replica(out, replica);
    }
}

fn read_replicas(reader: &mut Reader<'_>) -> Result<Vec<Named>, DecodeError> {
    let mut replicas: Vec<Named> = Vec::new();
    for _ in 0..reader.count(2)? {
        let last = replicas.last().map(|named| named.replica);
        replicas.push(read_next_replica(reader, last)?.into());
    }
    Ok(replicas)
}

impl From<ReplicaId> for Named {
    fn from(replica: ReplicaId) -> Self {
        Self {
            replica,
            is_named: false,
        }
    }
}

pub(in crate::crdt) fn put_replica(out: &mut impl Sink, replica: ReplicaId) {
    put_varint(out, replica.node.0);
    put_varint(out, replica.incarnation);
}

pub(in crate::crdt) fn read_replica(reader: &mut Reader<'_>) -> Result<ReplicaId, DecodeError> {
    Ok(ReplicaId {
        node: NodeId(reader.varint()?),
        incarnation: reader.varint()?,
    })
}

/// The next key of a sorted list.
pub(in crate::crdt) fn read_next_replica(
    reader: &mut Reader<'_>,
    previous: Option<ReplicaId>,
) -> Result<ReplicaId, DecodeError> {
    let offset = reader.offset();
    let replica = read_replica(reader)?;
    if previous >= Some(replica) {
        return Err(Reader::bad_value(offset, "the next replica in order"));
    }
    Ok(replica)
}

/// A vector that stands alone, without a table.
pub(in crate::crdt) fn put_vector(out: &mut impl Sink, vector: &VersionVector) {
    put_varint(out, vector.len() as u64);
    for (replica, counter) in vector.iter() {
        put_replica(out, replica);
        put_varint(out, counter);
    }
}

pub(in crate::crdt) fn read_vector(reader: &mut Reader<'_>) -> Result<VersionVector, DecodeError> {
    let mut entries: Vec<(ReplicaId, u64)> = Vec::new();
    for _ in 0..reader.count(3)? {
        let replica = read_next_replica(reader, entries.last().map(|entry| entry.0))?;
        let offset = reader.offset();
        let counter = reader.varint()?;
        if counter == 0 {
            return Err(Reader::bad_value(offset, "a counter from one"));
        }
        entries.push((replica, counter));
    }
    Ok(entries.into_iter().collect())
}
