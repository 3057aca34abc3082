//! Stores, deltas, full states and sessions as canonical bytes.
//!
//! Row by row, every live dot costs some fifteen bytes: lengths, an index, a counter, a time, most of
//! them nearly the same as in the row before. So every field is a column of its own ([`columns`]),
//! and in a column what is alike costs next to nothing.
//!
//! The state comes first, in bytes of its own: a table of the replicas it names, the context, what
//! is live. Whoever has seen and shows the same has the same bytes there. What a replica merely
//! remembers, its floor and its journal, follows apart.

mod columns;
mod live;
mod paths;
mod records;
mod replicas;
mod session;
mod sync;
mod times;
mod version_1;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub use session::{Session, SessionError};

pub(super) use replicas::{put_replica, put_vector, read_next_replica, read_replica, read_vector};

use live::{LiveDots, LiveSection, put_live, read_live};
use records::{Known, put_records, read_records};
use replicas::{NamedReplicas, ReplicaTable, put_counters};
use times::{Clock, Times};

use super::membership::encoding::{put_table, read_table};
use super::{ApplyError, Delta, Epoch, FullState, Record, ReplicaId, Store, Table, VersionVector};
use crate::codec::{self, DecodeError, Kind, Reader, Sink as _, put_varint};

/// Why bytes are no store, delta or full state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodingError {
    /// They are not well-formed.
    Decode(DecodeError),
    /// They are, but what they say cannot be true.
    Content(ApplyError),
}

impl Store {
    /// The state alone: the epoch, the context, and what is live. Equal states have equal bytes,
    /// whoever holds them and whatever they have pruned; different ones have different bytes.
    pub fn encode_state(&self) -> Vec<u8> {
        let live = LiveDots::of_store(self);
        let table = table_of_state(&[self.context()], &live);
        codec::frame(Kind::State, |out| {
            put_varint(out, self.epoch().0);
            put_state(out, &table, self.context(), &mut Clock::default(), &live);
        })
    }

    /// Everything, for a disk: the replica's id and whether it is used up, the membership table, the
    /// state, the floor and the journal.
    pub fn encode(&self) -> Vec<u8> {
        let live = LiveDots::of_store(self);
        let records: Vec<&Record> = self.journal().collect();
        let table = table_of_state(&[self.context()], &live);
        codec::frame(Kind::Image, |out| {
            put_replica(out, self.replica());
            put_table(out, self.table());
            put_varint(
                out,
                self.retired().map_or(0, |since| since.0.saturating_add(1)),
            );
            out.put(&[if self.is_superseded() {
                SUPERSEDED
            } else {
                SOUND
            }]);
            put_remembered(out, table, self.context(), &live, self.floor(), &records);
        })
    }

    /// Reads what [`encode`](Self::encode) wrote, of this version or an older one.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let (version, mut reader) = codec::unframe_any(Kind::Image, bytes)?;
        let replica = read_replica(&mut reader)?;
        if version == 1 {
            let full = version_1::read_full(&mut reader, replica)?;
            reader.finish()?;
            let table = Arc::new(Table::unmanaged());
            return Ok(Self::assemble(replica, table, None, &full)?);
        }
        let table = Arc::new(read_table(&mut reader)?);
        let retired = reader.varint()?.checked_sub(1).map(Epoch);
        let is_superseded = version > 2 && read_standing(&mut reader)?;
        let full = read_remembered(&mut reader, replica, table.epoch())?;
        reader.finish()?;
        let mut store = Self::assemble(replica, table, retired, &full)?;
        if is_superseded {
            store.supersede();
        }
        Ok(store)
    }
}

impl Delta {
    /// The delta as bytes that stand alone. Within a [`Session`] it takes fewer.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::Delta, |out| {
            self.put(out);
        })
    }

    /// Exact bytes of the encoded delta, without its frame.
    pub fn encoded_len(&self) -> usize {
        let mut bytes = Vec::new();
        self.put(&mut bytes);
        bytes.len()
    }

    /// Reads what [`encode`](Self::encode) wrote, of this version or an older one.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let (version, mut reader) = codec::unframe_any(Kind::Delta, bytes)?;
        let delta = match version {
            1 => version_1::read_delta(&mut reader)?,
            _ => Self::read(&mut reader)?.0,
        };
        reader.finish()?;
        delta.validate_shape()?;
        Ok(delta)
    }

    /// Returns the table and the clock that a next delta may build on.
    fn put(&self, out: &mut Vec<u8>) -> (ReplicaTable, Clock) {
        let live = LiveDots::of(&self.live);
        let mut table = table_of_state(&[&self.upto, &self.since], &live);
        let mut clock = Clock::default();
        put_replica(out, self.sender);
        put_varint(out, self.epoch.0);
        table.put(out);
        put_counters(out, &table, &self.since, &VersionVector::new());
        put_counters(out, &table, &self.upto, &self.since);
        put_live(out, &table, &self.since, &mut clock, &live);
        let records: Vec<&Record> = self.records.iter().collect();
        put_journal(out, &mut table, &self.since, &mut clock, &live, &records);
        (table, clock)
    }

    fn read(reader: &mut Reader<'_>) -> Result<(Self, Vec<ReplicaId>, Clock), DecodeError> {
        let mut clock = Clock::default();
        let sender = read_replica(reader)?;
        let epoch = Epoch(reader.varint()?);
        let mut table = NamedReplicas::read(reader)?;
        let since = table.read_vector(reader, &VersionVector::new())?;
        let upto = table.read_vector(reader, &since)?;
        let live = read_live(reader, &mut table, &since, &mut clock)?;
        let records = read_journal(reader, &mut table, &since, &mut clock, &live)?;
        let replicas = table.replicas().collect();
        table.finish()?;
        let delta = Self {
            sender,
            epoch,
            since,
            upto,
            live: live.events,
            records,
        };
        Ok((delta, replicas, clock))
    }
}

impl FullState {
    /// The full state as bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::FullState, |out| self.put(out))
    }

    /// Exact bytes of the encoded full state, without its frame.
    pub fn encoded_len(&self) -> usize {
        let mut bytes = Vec::new();
        self.put(&mut bytes);
        bytes.len()
    }

    /// Reads what [`encode`](Self::encode) wrote, of this version or an older one.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let (version, mut reader) = codec::unframe_any(Kind::FullState, bytes)?;
        let sender = read_replica(&mut reader)?;
        let full = if version == 1 {
            version_1::read_full(&mut reader, sender)?
        } else {
            let epoch = Epoch(reader.varint()?);
            read_remembered(&mut reader, sender, epoch)?
        };
        reader.finish()?;
        full.validate_shape()?;
        Ok(full)
    }

    fn put(&self, out: &mut Vec<u8>) {
        let live = LiveDots::of(&self.live);
        let records: Vec<&Record> = self.records.iter().collect();
        let table = table_of_state(&[&self.context, &self.floor], &live);
        put_replica(out, self.sender);
        put_varint(out, self.epoch.0);
        put_remembered(out, table, &self.context, &live, &self.floor, &records);
    }
}

const SOUND: u8 = 0;
const SUPERSEDED: u8 = 1;

/// Whether the id of an image's replica is used up. Version 2 did not say so.
fn read_standing(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let offset = reader.offset();
    match reader.byte()? {
        SOUND => Ok(false),
        SUPERSEDED => Ok(true),
        _ => Err(Reader::bad_value(offset, "an id in use or used up")),
    }
}

/// The table of everybody whom the vectors and the live dots name.
fn table_of_state(vectors: &[&VersionVector], live: &LiveDots<'_, impl Times>) -> ReplicaTable {
    let entries = vectors.iter().flat_map(|vector| vector.iter());
    let named = entries.map(|(replica, _)| replica);
    ReplicaTable::of(named.chain(live.times.clone().map(|(replica, _)| replica)))
}

fn put_state(
    out: &mut Vec<u8>,
    table: &ReplicaTable,
    context: &VersionVector,
    clock: &mut Clock,
    live: &LiveDots<'_, impl Times>,
) {
    let nothing = VersionVector::new();
    table.put(out);
    put_counters(out, table, context, &nothing);
    put_live(out, table, &nothing, clock, live);
}

/// A state, and what its replica remembers beyond it.
fn put_remembered(
    out: &mut Vec<u8>,
    mut table: ReplicaTable,
    context: &VersionVector,
    live: &LiveDots<'_, impl Times>,
    floor: &VersionVector,
    records: &[&Record],
) {
    let mut clock = Clock::default();
    put_state(out, &table, context, &mut clock, live);
    put_counters(out, &table, floor, &VersionVector::new());
    put_journal(out, &mut table, floor, &mut clock, live, records);
}

fn read_remembered(
    reader: &mut Reader<'_>,
    sender: ReplicaId,
    epoch: Epoch,
) -> Result<FullState, DecodeError> {
    let nothing = VersionVector::new();
    let mut clock = Clock::default();
    let mut table = NamedReplicas::read(reader)?;
    let context = table.read_vector(reader, &nothing)?;
    let live = read_live(reader, &mut table, &nothing, &mut clock)?;
    let floor = table.read_vector(reader, &nothing)?;
    let records = read_journal(reader, &mut table, &floor, &mut clock, &live)?;
    table.finish()?;
    Ok(FullState {
        sender,
        epoch,
        context,
        live: live.events,
        floor,
        records,
    })
}

/// The replicas that only records name, and the records, all of which lie above `since`.
fn put_journal(
    out: &mut Vec<u8>,
    table: &mut ReplicaTable,
    since: &VersionVector,
    clock: &mut Clock,
    live: &LiveDots<'_, impl Times>,
    records: &[&Record],
) {
    let dots = records
        .iter()
        .flat_map(|record| record.kills.iter().chain([&record.dot]));
    table.admit_strangers(dots.map(|dot| dot.replica));
    table.put_strangers(out);
    put_records(out, table, &Known::of(&live.by_path, since), clock, records);
}

fn read_journal(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    since: &VersionVector,
    clock: &mut Clock,
    live: &LiveSection,
) -> Result<Vec<Record>, DecodeError> {
    table.read_strangers(reader)?;
    read_records(reader, table, &live.paths, since, clock)
}

impl From<DecodeError> for EncodingError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<ApplyError> for EncodingError {
    fn from(error: ApplyError) -> Self {
        Self::Content(error)
    }
}

impl fmt::Display for EncodingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Content(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EncodingError {}
