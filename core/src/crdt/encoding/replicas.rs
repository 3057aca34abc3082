//! Replica ids, the vectors over them, and the table that lets a dot say an index in place of an id.
//!
//! The obvious table is that of the context's replicas. But a membership table takes closed replicas
//! out of the context, and their dots may still be live or killed. So the table names every replica
//! that anything in the encoding refers to, and nobody else: there is one table for one content.

use alloc::vec;
use alloc::vec::Vec;

use crate::NodeId;
use crate::codec::{DecodeError, Reader, Sink, put_varint};
use crate::crdt::{Dot, ReplicaId, VersionVector};

/// The replicas that an encoding names, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReplicaTable(Vec<ReplicaId>);

/// A table that was read, and which of its replicas were referred to since.
#[derive(Clone, Debug)]
pub(super) struct NamedReplicas {
    replicas: Vec<ReplicaId>,
    named: Vec<bool>,
    /// Where the table starts.
    offset: usize,
}

impl ReplicaTable {
    pub(super) fn of(replicas: impl IntoIterator<Item = ReplicaId>) -> Self {
        let mut table: Vec<ReplicaId> = Vec::new();
        for replica in replicas {
            // What is listed comes in runs of one replica, so most need no search.
            if table.last() != Some(&replica)
                && let Err(at) = table.binary_search(&replica)
            {
                table.insert(at, replica);
            }
        }
        Self(table)
    }

    /// The place of a replica that the table was made of.
    pub(super) fn index(&self, replica: ReplicaId) -> u64 {
        let at = self.0.binary_search(&replica);
        at.expect("the table was made of all that is written") as u64
    }

    pub(super) fn put(&self, out: &mut impl Sink) {
        put_varint(out, self.0.len() as u64);
        for &replica in &self.0 {
            put_replica(out, replica);
        }
    }
}

impl NamedReplicas {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let mut replicas = Vec::new();
        for _ in 0..reader.count(2)? {
            replicas.push(read_next_replica(reader, replicas.last().copied())?);
        }
        Ok(Self {
            named: vec![false; replicas.len()],
            replicas,
            offset,
        })
    }

    /// The replica at an index that was read at `offset`.
    pub(super) fn get(&mut self, index: u64, offset: usize) -> Result<ReplicaId, DecodeError> {
        let named = usize::try_from(index)
            .ok()
            .and_then(|index| Some((self.replicas.get(index)?, self.named.get_mut(index)?)));
        let (&replica, named) =
            named.ok_or(Reader::bad_value(offset, "an index into the replica table"))?;
        *named = true;
        Ok(replica)
    }

    /// A counter for every replica of the table; zeros name nobody.
    pub(super) fn read_vector(
        &mut self,
        reader: &mut Reader<'_>,
    ) -> Result<VersionVector, DecodeError> {
        let mut vector = VersionVector::new();
        for (&replica, named) in self.replicas.iter().zip(&mut self.named) {
            let counter = reader.varint()?;
            *named |= counter > 0;
            vector.raise(replica, counter);
        }
        Ok(vector)
    }

    /// Refuses a table with a replica that nothing refers to: it could as well be left out.
    pub(super) fn finish(self) -> Result<(), DecodeError> {
        let expected = "a table of the replicas that are named";
        match self.named.iter().all(|&named| named) {
            true => Ok(()),
            false => Err(Reader::bad_value(self.offset, expected)),
        }
    }
}

/// One counter per replica of the table, zeros included.
pub(super) fn put_counters(out: &mut impl Sink, table: &ReplicaTable, vector: &VersionVector) {
    for &replica in &table.0 {
        put_varint(out, vector.get(replica));
    }
}

pub(super) fn put_dot(out: &mut impl Sink, table: &ReplicaTable, dot: Dot) {
    put_varint(out, table.index(dot.replica));
    put_varint(out, dot.counter);
}

pub(super) fn read_dot(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
) -> Result<Dot, DecodeError> {
    let offset = reader.offset();
    let index = reader.varint()?;
    Ok(Dot {
        replica: table.get(index, offset)?,
        counter: reader.varint()?,
    })
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
