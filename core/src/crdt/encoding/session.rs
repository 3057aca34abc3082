//! Deltas between two replicas that have been talking: each message builds on the one before.
//!
//! A delta that stands alone spends most of its bytes on what the receiver has just been told: ids,
//! the vectors, the time. Leaving them out is only safe if both sides mean the same "before". So
//! messages are numbered, and the checksum of each covers the hash of the one before it: what was
//! lost, came twice or out of order is told by its number, and a message of another session by its
//! checksum. The receiver then says so and changes nothing, and the sender starts anew with a
//! message that stands alone.
//!
//! The guard of a delta stays: `since` is left out only where it is the last `upto`, and is otherwise
//! written as its difference.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::EncodingError;
use super::columns::{unzigzag, zigzag};
use super::live::{LiveDots, put_live, read_live};
use super::records::{Known, put_records, read_records};
use super::replicas::{Named, NamedReplicas, ReplicaTable, put_counters};
use super::times::Clock;
use crate::codec::{self, DecodeError, Frame, Kind, Reader, Sink, put_varint};
use crate::crdt::{ApplyError, Delta, Epoch, Record, ReplicaId, VersionVector};

/// One direction of a conversation. The sender keeps one to encode, the receiver one to decode.
///
/// Takes the memory of two version vectors. A message is refused by everybody but the receiver that
/// decoded all messages since the last start. Durability is another matter: the host sends nothing
/// that is not durable, within a session and without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which start this is. Of two starts the one with the higher number counts.
    generation: u64,
    /// The number of the next message; zero is a start.
    next: u64,
    /// What the last message left behind; of a session that has not begun, nothing.
    base: Base,
}

/// Why a message of a session was refused. The session is unchanged; the sender has to
/// [start anew](Session::reset).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionError {
    /// Messages in between were lost or are late.
    Gap {
        /// The message that comes next.
        expected: u64,
        /// The message that came.
        found: u64,
    },
    /// The message came before, or belongs to what went before the last start.
    Repeated {
        /// The message that comes next.
        expected: u64,
        /// The message that came.
        found: u64,
    },
    /// A start that is no newer than the one in force.
    Stale {
        /// The start in force.
        current: u64,
        /// The start that came.
        found: u64,
    },
    /// It is damaged, of another session, or says what cannot be true.
    Encoding(EncodingError),
}

/// What a message can build on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Base {
    /// The hash of the last message.
    hash: u64,
    sender: ReplicaId,
    epoch: Epoch,
    /// The last `upto`.
    upto: VersionVector,
    clock: Clock,
    names: Names,
}

/// The replicas that both sides can call by a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    /// By number.
    replicas: Vec<ReplicaId>,
    numbers: BTreeMap<ReplicaId, u64>,
}

/// A peer that talks of new replicas for ever must start anew now and then.
const MOST_NAMES: usize = 1 << 16;

/// `since` is not the last `upto`.
const OTHER_SINCE: u8 = 1;
/// There are replicas that have no number yet.
const NEW_NAMES: u8 = 2;
/// There are records.
const RECORDS: u8 = 4;

impl Session {
    /// A session that begins with its first message.
    ///
    /// The receiver refuses a start that is not newer than the last. A sender that forgets its
    /// session, in a crash, goes on with a `generation` above all before, such as the time; or both
    /// sides begin again, as they do on a new connection. Otherwise zero will do.
    pub fn new(generation: u64) -> Self {
        Self {
            generation,
            next: 0,
            base: Base::default(),
        }
    }

    /// Starts anew: the next message stands alone. For the sender, when the receiver refused
    /// something or may have missed it.
    pub fn reset(&mut self) {
        if self.next > 0 {
            *self = Self::new(self.generation.saturating_add(1));
        }
    }

    /// The delta as the next message to the receiver. It has to be sent, or the session reset.
    ///
    /// Starts anew by itself where the sender or the epoch changes.
    pub fn encode(&mut self, delta: &Delta) -> Vec<u8> {
        let continues = delta.sender == self.base.sender && delta.epoch == self.base.epoch;
        if !continues || self.base.names.are_too_many() {
            self.reset();
        }
        match self.next {
            0 => self.encode_start(delta),
            _ => self.encode_next(delta),
        }
    }

    /// Reads the next message of the sender. A newer start is taken at any time.
    pub fn decode(&mut self, bytes: &[u8]) -> Result<Delta, SessionError> {
        let frame = Frame::open(Kind::Session, bytes)?;
        let expected = self.next;
        match frame.unverified().varint()? {
            0 => self.decode_start(&frame),
            found if found > expected => Err(SessionError::Gap { expected, found }),
            found if found < expected => Err(SessionError::Repeated { expected, found }),
            _ => {
                let known = self.base.names.replicas.len();
                let decoded = self.decode_next(&frame);
                if decoded.is_err() {
                    self.base.names.truncate(known);
                }
                decoded
            }
        }
    }

    fn encode_start(&mut self, delta: &Delta) -> Vec<u8> {
        let mut names = Names::default();
        let mut clock = Clock::default();
        let (bytes, hash) = codec::frame_after(0, Kind::Session, |out| {
            put_varint(out, 0);
            put_varint(out, self.generation);
            let (table, last) = delta.put(out);
            names.extend(table.replicas().iter().copied());
            clock = last;
        });
        self.base.names = names;
        self.advance(delta, hash, clock);
        bytes
    }

    fn decode_start(&mut self, frame: &Frame<'_>) -> Result<Delta, SessionError> {
        let (mut reader, hash) = frame.verify(0)?;
        let _number = reader.varint()?;
        let found = reader.varint()?;
        let current = self.generation;
        if self.next > 0 && found <= current {
            return Err(SessionError::Stale { current, found });
        }
        let (delta, replicas, clock) = Delta::read(&mut reader)?;
        reader.finish()?;
        delta.validate_shape()?;
        *self = Self::new(found);
        self.base.names.extend(replicas);
        self.advance(&delta, hash, clock);
        Ok(delta)
    }

    fn encode_next(&mut self, delta: &Delta) -> Vec<u8> {
        let table = table_of_message(delta);
        let since = delta.since.iter().map(|(replica, _)| replica);
        let mentioned = since.chain(table.replicas().iter().copied());
        let names = &mut self.base.names;
        let new = ReplicaTable::of(mentioned.filter(|&replica| !names.contain(replica)));
        names.extend(new.replicas().iter().copied());
        let live = LiveDots::of(&delta.live);
        let records: Vec<&Record> = delta.records.iter().collect();
        let has_other_since = delta.since != self.base.upto;
        let mut clock = self.base.clock;
        let (bytes, hash) = codec::frame_after(self.base.hash, Kind::Session, |out| {
            put_varint(out, self.next);
            out.put(&[flag(has_other_since, OTHER_SINCE)
                | flag(new.len() > 0, NEW_NAMES)
                | flag(!records.is_empty(), RECORDS)]);
            if new.len() > 0 {
                new.put(out);
            }
            if has_other_since {
                self.put_since(out, &delta.since);
            }
            put_varint(out, table.len() as u64);
            for replica in table.replicas() {
                put_varint(out, self.base.names.numbers[replica]);
            }
            put_counters(out, &table, &delta.upto, &delta.since);
            put_live(out, &table, &delta.since, &mut clock, &live);
            if !records.is_empty() {
                let known = Known::of(&live.by_path, &delta.since);
                put_records(out, &table, &known, &mut clock, &records);
            }
        });
        self.advance(delta, hash, clock);
        bytes
    }

    /// Extends the names even if it fails later.
    fn decode_next(&mut self, frame: &Frame<'_>) -> Result<Delta, SessionError> {
        let (mut reader, hash) = frame.verify(self.base.hash)?;
        let known = self.base.names.replicas.len();
        let _number = reader.varint()?;
        let offset = reader.offset();
        let flags = reader.byte()?;
        if flags > OTHER_SINCE | NEW_NAMES | RECORDS {
            return Err(Reader::bad_value(offset, "flags of a message").into());
        }
        if flags & NEW_NAMES != 0 {
            self.read_names(&mut reader)?;
        }
        let since = match flags & OTHER_SINCE {
            0 => self.base.upto.clone(),
            _ => self.read_since(&mut reader)?,
        };
        let mut clock = self.base.clock;
        let offset = reader.offset();
        let mut table = self.read_table(&mut reader)?;
        let is_named = |&name: &ReplicaId| since.get(name) > 0 || table.place(name).is_some();
        if !self.base.names.replicas[known..].iter().all(is_named) {
            return Err(Reader::bad_value(offset, "a table of the new replicas too").into());
        }
        let upto = table.read_vector(&mut reader, &since)?;
        let live = read_live(&mut reader, &mut table, &since, &mut clock)?;
        let offset = reader.offset();
        let mut records = Vec::new();
        if flags & RECORDS != 0 {
            records = read_records(&mut reader, &mut table, &live.paths, &since, &mut clock)?;
            if records.is_empty() {
                return Err(Reader::bad_value(offset, "records").into());
            }
        }
        table.finish()?;
        reader.finish()?;
        let delta = Delta {
            sender: self.base.sender,
            epoch: self.base.epoch,
            since,
            upto,
            live: live.events,
            records,
        };
        delta.validate_shape()?;
        self.advance(&delta, hash, clock);
        Ok(delta)
    }

    fn advance(&mut self, delta: &Delta, hash: u64, clock: Clock) {
        self.next += 1;
        self.base.hash = hash;
        self.base.sender = delta.sender;
        self.base.epoch = delta.epoch;
        self.base.upto.clone_from(&delta.upto);
        self.base.clock = clock;
    }

    fn read_names(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let offset = reader.offset();
        let new = NamedReplicas::read(reader)?;
        let names = &mut self.base.names;
        let is_known = |replica| names.contain(replica);
        if new.len() == 0 || names.are_too_many() || new.replicas().any(is_known) {
            return Err(Reader::bad_value(offset, "replicas that are new"));
        }
        names.extend(new.replicas());
        Ok(())
    }

    /// `since`, as its differences to the last `upto`, by the numbers of the replicas.
    fn put_since(&self, out: &mut Vec<u8>, since: &VersionVector) {
        let upto = &self.base.upto;
        let entries = since.iter().chain(upto.iter());
        let mut differences: Vec<(u64, u64)> = entries
            .map(|(replica, _)| {
                let difference = since.get(replica).wrapping_sub(upto.get(replica));
                (self.base.names.numbers[&replica], difference)
            })
            .filter(|&(_, difference)| difference != 0)
            .collect();
        differences.sort_unstable();
        differences.dedup();
        put_varint(out, differences.len() as u64);
        for (number, difference) in differences {
            put_varint(out, number);
            put_varint(out, zigzag(difference));
        }
    }

    fn read_since(&self, reader: &mut Reader<'_>) -> Result<VersionVector, DecodeError> {
        let upto = &self.base.upto;
        let mut changed: BTreeMap<ReplicaId, u64> = upto.iter().collect();
        let mut last = None;
        let start = reader.offset();
        let count = reader.count(2)?;
        if count == 0 {
            return Err(Reader::bad_value(start, "another vector than the last"));
        }
        for _ in 0..count {
            let offset = reader.offset();
            let number = reader.varint()?;
            let replica = self.base.names.get(number, offset)?;
            let difference = unzigzag(reader.varint()?);
            if last >= Some(number) || difference == 0 {
                return Err(Reader::bad_value(offset, "the next difference in order"));
            }
            last = Some(number);
            changed.insert(replica, upto.get(replica).wrapping_add(difference));
        }
        Ok(changed.into_iter().collect())
    }

    fn read_table(&self, reader: &mut Reader<'_>) -> Result<NamedReplicas, DecodeError> {
        let start = reader.offset();
        let mut replicas: Vec<Named> = Vec::new();
        let mut last = None;
        for _ in 0..reader.count(1)? {
            let offset = reader.offset();
            let replica = self.base.names.get(reader.varint()?, offset)?;
            if last >= Some(replica) {
                return Err(Reader::bad_value(offset, "the next replica in order"));
            }
            last = Some(replica);
            replicas.push(replica.into());
        }
        Ok(NamedReplicas::from_sorted(replicas, start))
    }
}

impl Names {
    fn contain(&self, replica: ReplicaId) -> bool {
        self.numbers.contains_key(&replica)
    }

    fn are_too_many(&self) -> bool {
        self.replicas.len() > MOST_NAMES
    }

    /// The replica of a number that was read at `offset`.
    fn get(&self, number: u64, offset: usize) -> Result<ReplicaId, DecodeError> {
        let number = usize::try_from(number).ok();
        let replica = number.and_then(|number| self.replicas.get(number));
        let expected = "the number of a replica";
        replica.copied().ok_or(Reader::bad_value(offset, expected))
    }

    fn extend(&mut self, replicas: impl IntoIterator<Item = ReplicaId>) {
        for replica in replicas {
            self.numbers.insert(replica, self.replicas.len() as u64);
            self.replicas.push(replica);
        }
    }

    fn truncate(&mut self, len: usize) {
        for replica in self.replicas.drain(len..) {
            self.numbers.remove(&replica);
        }
    }
}

/// Everybody of whom the delta says something beyond `since`.
fn table_of_message(delta: &Delta) -> ReplicaTable {
    let is_news = |&(replica, counter): &(ReplicaId, u64)| counter != delta.since.get(replica);
    let news = delta
        .upto
        .iter()
        .filter(is_news)
        .map(|(replica, _)| replica);
    let live = delta.live.iter().map(|event| event.dot);
    let records = delta.records.iter();
    let dots = records.flat_map(|record| record.kills.iter().chain([&record.dot]));
    let dots = live.chain(dots.copied());
    ReplicaTable::of(news.chain(dots.map(|dot| dot.replica)))
}

fn flag(is_set: bool, flag: u8) -> u8 {
    if is_set { flag } else { 0 }
}

impl From<DecodeError> for SessionError {
    fn from(error: DecodeError) -> Self {
        Self::Encoding(EncodingError::Decode(error))
    }
}

impl From<ApplyError> for SessionError {
    fn from(error: ApplyError) -> Self {
        Self::Encoding(EncodingError::Content(error))
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { expected, found } => {
                write!(
                    f,
                    "message {found} came where {expected} was next: start anew"
                )
            }
            Self::Repeated { expected, found } => {
                write!(f, "message {found} came again or late: {expected} is next")
            }
            Self::Stale { current, found } => {
                write!(f, "start {found} is no newer than start {current}")
            }
            Self::Encoding(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for SessionError {}
