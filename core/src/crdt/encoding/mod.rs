//! Stores, deltas and full states as canonical bytes.
//!
//! A replica table comes first, so that a dot costs an index and a counter. Paths are sorted and
//! front-coded: each says how many bytes it shares with the one before.

mod replicas;

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

pub(super) use replicas::{put_replica, put_vector, read_next_replica, read_replica, read_vector};

use replicas::{NamedReplicas, ReplicaTable, put_counters, put_dot, read_dot};

use super::membership::encoding::{put_table, read_table};
use super::{
    ApplyError, Delta, Dot, Epoch, FullState, Kills, Live, LiveEvent, Path, Record, ReplicaId,
    Store, VersionVector,
};
use crate::Micros;
use crate::codec::{self, Count, DecodeError, Kind, Reader, Sink, put_bytes, put_varint};

/// Why bytes are no store, delta or full state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodingError {
    /// They are not well-formed.
    Decode(DecodeError),
    /// They are, but what they say cannot be true.
    Content(ApplyError),
}

impl Store {
    /// The state alone: what is live, and the context. Equal states have equal bytes, whoever
    /// holds them and whatever they have pruned.
    pub fn encode_state(&self) -> Vec<u8> {
        codec::frame(Kind::State, |out| {
            let live = self.iter().map(|live| live.dot);
            let table = table_of(&[self.context()], live, []);
            put_context(out, &table, self.epoch(), self.context());
            put_live(out, &table, self.iter());
        })
    }

    /// Everything, for a disk: the replica's id, the state, the journal and the floor.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::Image, |out| {
            let live = self.iter().map(|live| live.dot);
            let table = table_of(&[self.context()], live, self.journal());
            put_replica(out, self.replica());
            put_table(out, self.table());
            put_varint(out, self.retired().map_or(0, |since| since.0 + 1));
            put_context(out, &table, self.epoch(), self.context());
            put_live(out, &table, self.iter());
            put_counters(out, &table, self.floor());
            put_records(out, &table, self.journal());
        })
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let mut reader = codec::unframe(Kind::Image, bytes)?;
        let replica = read_replica(&mut reader)?;
        let table = Arc::new(read_table(&mut reader)?);
        let retired = reader.varint()?.checked_sub(1).map(Epoch);
        let offset = reader.offset();
        let full = read_full(&mut reader, replica)?;
        reader.finish()?;
        if full.epoch != table.epoch() {
            return Err(Reader::bad_value(offset, "the epoch of the table").into());
        }
        Ok(Self::assemble(replica, table, retired, &full)?)
    }
}

impl Delta {
    /// The delta as bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::Delta, |out| self.put(out))
    }

    /// Exact bytes of the encoded delta, without its frame.
    pub fn encoded_len(&self) -> usize {
        let mut count = Count::default();
        self.put(&mut count);
        count.0
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let mut reader = codec::unframe(Kind::Delta, bytes)?;
        let sender = read_replica(&mut reader)?;
        let (epoch, mut table, upto) = read_context(&mut reader)?;
        let since = table.read_vector(&mut reader)?;
        let live = read_live(&mut reader, &mut table)?;
        let records = read_records(&mut reader, &mut table)?;
        table.finish()?;
        reader.finish()?;
        let delta = Self {
            sender,
            epoch,
            since,
            upto,
            live,
            records,
        };
        delta.validate_shape()?;
        Ok(delta)
    }

    fn put(&self, out: &mut impl Sink) {
        let live = self.live.iter().map(|event| event.dot);
        let table = table_of(&[&self.upto, &self.since], live, &self.records);
        put_replica(out, self.sender);
        put_context(out, &table, self.epoch, &self.upto);
        put_counters(out, &table, &self.since);
        put_live_events(out, &table, &self.live);
        put_records(out, &table, self.records.iter());
    }
}

impl FullState {
    /// The full state as bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::FullState, |out| self.put(out))
    }

    /// Exact bytes of the encoded full state, without its frame.
    pub fn encoded_len(&self) -> usize {
        let mut count = Count::default();
        self.put(&mut count);
        count.0
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let mut reader = codec::unframe(Kind::FullState, bytes)?;
        let sender = read_replica(&mut reader)?;
        let full = read_full(&mut reader, sender)?;
        reader.finish()?;
        full.validate_shape()?;
        Ok(full)
    }

    fn put(&self, out: &mut impl Sink) {
        let live = self.live.iter().map(|event| event.dot);
        let table = table_of(&[&self.context, &self.floor], live, &self.records);
        put_replica(out, self.sender);
        put_context(out, &table, self.epoch, &self.context);
        put_live_events(out, &table, &self.live);
        put_counters(out, &table, &self.floor);
        put_records(out, &table, self.records.iter());
    }
}

/// The table of everybody who is named.
fn table_of<'a>(
    vectors: &[&VersionVector],
    live: impl Iterator<Item = Dot>,
    records: impl IntoIterator<Item = &'a Record>,
) -> ReplicaTable {
    let records = records.into_iter();
    let named = vectors.iter().flat_map(|vector| vector.iter());
    let dots = records.flat_map(|record| record.kills.iter().chain([&record.dot]));
    let dots = live.chain(dots.copied());
    let named = named.map(|(replica, _)| replica);
    ReplicaTable::of(named.chain(dots.map(|dot| dot.replica)))
}

fn put_context(out: &mut impl Sink, table: &ReplicaTable, epoch: Epoch, context: &VersionVector) {
    put_varint(out, epoch.0);
    table.put(out);
    put_counters(out, table, context);
}

fn read_context(
    reader: &mut Reader<'_>,
) -> Result<(Epoch, NamedReplicas, VersionVector), DecodeError> {
    let epoch = Epoch(reader.varint()?);
    let mut table = NamedReplicas::read(reader)?;
    let context = table.read_vector(reader)?;
    Ok((epoch, table, context))
}

/// Sorted by path and dot; each path says how many bytes it shares with the one before.
fn put_live<'a>(
    out: &mut impl Sink,
    table: &ReplicaTable,
    live: impl Iterator<Item = Live<'a>> + Clone,
) {
    put_varint(out, live.clone().count() as u64);
    let mut previous: &[u8] = &[];
    for event in live {
        put_path(out, &mut previous, event.path.as_bytes());
        put_dot(out, table, event.dot);
        put_varint(out, event.at.0);
        put_bytes(out, event.payload);
    }
}

/// The same bytes as [`put_live`], from a list that is sorted by dot.
fn put_live_events(out: &mut impl Sink, table: &ReplicaTable, events: &[LiveEvent]) {
    let mut by_path: Vec<Live<'_>> = events.iter().map(Live::from).collect();
    by_path.sort_unstable_by_key(|live| (live.path, live.dot));
    put_live(out, table, by_path.iter().copied());
}

fn read_live(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
) -> Result<Vec<LiveEvent>, DecodeError> {
    let mut events: Vec<LiveEvent> = Vec::new();
    for _ in 0..reader.count(6)? {
        let offset = reader.offset();
        let path = read_path(reader, events.last().map(|event| &event.path))?;
        let dot = read_dot(reader, table)?;
        let previous = events.last().map(|event| (&event.path, event.dot));
        if previous.is_some_and(|previous| previous >= (&path, dot)) {
            return Err(Reader::bad_value(offset, "the next path in order"));
        }
        events.push(LiveEvent {
            dot,
            path,
            at: Micros(reader.varint()?),
            payload: Box::from(reader.bytes()?),
        });
    }
    events.sort_unstable_by_key(|event| event.dot);
    Ok(events)
}

fn put_path<'a>(out: &mut impl Sink, previous: &mut &'a [u8], bytes: &'a [u8]) {
    let shared = common_prefix(previous, bytes);
    put_varint(out, shared as u64);
    put_bytes(out, &bytes[shared..]);
    *previous = bytes;
}

fn read_path(reader: &mut Reader<'_>, previous: Option<&Path>) -> Result<Path, DecodeError> {
    let offset = reader.offset();
    let previous = previous.map_or(&[][..], Path::as_bytes);
    let shared = usize::try_from(reader.varint()?).unwrap_or(usize::MAX);
    let suffix = reader.bytes()?;
    let prefix = previous
        .get(..shared)
        .ok_or(Reader::bad_value(offset, "a shared prefix"))?;
    let bytes = [prefix, suffix].concat();
    // One form only: what could have been shared must have been.
    if common_prefix(previous, &bytes) != shared {
        return Err(Reader::bad_value(offset, "the longest shared prefix"));
    }
    Path::from_bytes(&bytes).map_err(|_| Reader::bad_value(offset, "a path"))
}

fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn put_records<'a>(
    out: &mut impl Sink,
    table: &ReplicaTable,
    records: impl Iterator<Item = &'a Record> + Clone,
) {
    put_varint(out, records.clone().count() as u64);
    for record in records {
        put_dot(out, table, record.dot);
        put_bytes(out, record.path.as_bytes());
        put_varint(out, record.at.0);
        put_varint(out, record.kills.len() as u64);
        for &dot in record.kills.iter() {
            put_dot(out, table, dot);
        }
    }
}

fn read_records(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
) -> Result<Vec<Record>, DecodeError> {
    let count = reader.count(7)?;
    let mut records = Vec::with_capacity(count);
    for _ in 0..count {
        let dot = read_dot(reader, table)?;
        let offset = reader.offset();
        let path =
            Path::from_bytes(reader.bytes()?).map_err(|_| Reader::bad_value(offset, "a path"))?;
        let at = Micros(reader.varint()?);
        let kills = (0..reader.count(2)?)
            .map(|_| read_dot(reader, table))
            .collect::<Result<Vec<_>, _>>()?;
        records.push(Record {
            dot,
            path,
            kills: Kills::from(kills),
            at,
        });
    }
    Ok(records)
}

fn read_full(reader: &mut Reader<'_>, sender: ReplicaId) -> Result<FullState, DecodeError> {
    let (epoch, mut table, context) = read_context(reader)?;
    let live = read_live(reader, &mut table)?;
    let floor = table.read_vector(reader)?;
    let records = read_records(reader, &mut table)?;
    table.finish()?;
    Ok(FullState {
        sender,
        epoch,
        context,
        live,
        floor,
        records,
    })
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
