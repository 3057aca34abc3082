//! Reading version 1: rows in place of columns, live events without times, no membership table.
//!
//! Nothing writes it any more. Its events read as made at time zero, which is what was known of
//! them; their names, paths and payloads are all there.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::replicas::{read_next_replica, read_replica};
use crate::Micros;
use crate::codec::{DecodeError, Reader};
use crate::crdt::{
    Delta, Dot, Epoch, FullState, Kills, LiveEvent, Path, Record, ReplicaId, VersionVector,
};

pub(super) fn read_delta(reader: &mut Reader<'_>) -> Result<Delta, DecodeError> {
    let sender = read_replica(reader)?;
    let (epoch, upto) = read_context(reader)?;
    let table = Replicas::of(&upto);
    Ok(Delta {
        sender,
        epoch,
        since: table.read_vector(reader)?,
        live: table.read_live(reader)?,
        records: table.read_records(reader)?,
        upto,
    })
}

/// The part that images and full states share.
pub(super) fn read_full(
    reader: &mut Reader<'_>,
    sender: ReplicaId,
) -> Result<FullState, DecodeError> {
    let (epoch, context) = read_context(reader)?;
    let table = Replicas::of(&context);
    Ok(FullState {
        sender,
        epoch,
        live: table.read_live(reader)?,
        floor: table.read_vector(reader)?,
        records: table.read_records(reader)?,
        context,
    })
}

/// The replicas of the context, to which dots refer by index.
struct Replicas(Vec<ReplicaId>);

/// There were no other epochs: tables did not change yet.
fn read_context(reader: &mut Reader<'_>) -> Result<(Epoch, VersionVector), DecodeError> {
    let offset = reader.offset();
    let epoch = Epoch(reader.varint()?);
    if epoch != Epoch(0) {
        return Err(Reader::bad_value(offset, "epoch zero"));
    }
    let mut context = VersionVector::new();
    let mut last = None;
    for _ in 0..reader.count(3)? {
        let replica = read_next_replica(reader, last)?;
        let offset = reader.offset();
        let counter = reader.varint()?;
        if counter == 0 {
            return Err(Reader::bad_value(offset, "a counter from one"));
        }
        context.raise(replica, counter);
        last = Some(replica);
    }
    Ok((epoch, context))
}

impl Replicas {
    fn of(context: &VersionVector) -> Self {
        Self(context.iter().map(|(replica, _)| replica).collect())
    }

    fn read_vector(&self, reader: &mut Reader<'_>) -> Result<VersionVector, DecodeError> {
        let replicas = self.0.iter();
        replicas
            .map(|&replica| Ok((replica, reader.varint()?)))
            .collect()
    }

    fn read_dot(&self, reader: &mut Reader<'_>) -> Result<Dot, DecodeError> {
        let offset = reader.offset();
        let index = usize::try_from(reader.varint()?).ok();
        let replica = index.and_then(|index| self.0.get(index).copied());
        Ok(Dot {
            replica: replica.ok_or(Reader::bad_value(offset, "an index of a replica"))?,
            counter: reader.varint()?,
        })
    }

    fn read_live(&self, reader: &mut Reader<'_>) -> Result<Vec<LiveEvent>, DecodeError> {
        let mut events = Vec::new();
        let mut expanded = Expanded(0);
        let mut previous: Option<Path> = None;
        for _ in 0..reader.count(4)? {
            let offset = reader.offset();
            let path = read_path(reader, previous.as_ref())?;
            expanded.add(&path, offset)?;
            if previous.is_some_and(|previous| previous >= path) {
                return Err(Reader::bad_value(offset, "the next path in order"));
            }
            self.read_dots(reader, &path, &mut events)?;
            previous = Some(path);
        }
        events.sort_unstable_by_key(|event| event.dot);
        Ok(events)
    }

    /// The live dots of a path.
    fn read_dots(
        &self,
        reader: &mut Reader<'_>,
        path: &Path,
        events: &mut Vec<LiveEvent>,
    ) -> Result<(), DecodeError> {
        let offset = reader.offset();
        let count = reader.count(3)?;
        if count == 0 {
            return Err(Reader::bad_value(offset, "a path with a live dot"));
        }
        let mut last = None;
        for _ in 0..count {
            let offset = reader.offset();
            let dot = self.read_dot(reader)?;
            if last >= Some(dot) {
                return Err(Reader::bad_value(offset, "the next dot in order"));
            }
            last = Some(dot);
            events.push(LiveEvent {
                dot,
                at: Micros::ZERO,
                path: path.clone(),
                payload: Box::from(reader.bytes()?),
            });
        }
        Ok(())
    }

    fn read_records(&self, reader: &mut Reader<'_>) -> Result<Vec<Record>, DecodeError> {
        let mut records = Vec::new();
        for _ in 0..reader.count(7)? {
            let dot = self.read_dot(reader)?;
            let offset = reader.offset();
            let path = Path::from_bytes(reader.bytes()?);
            let path = path.map_err(|_| Reader::bad_value(offset, "a path"))?;
            let at = Micros(reader.varint()?);
            let kills = (0..reader.count(2)?)
                .map(|_| self.read_dot(reader))
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
}

/// Bytes of all paths. A prefix could be shared without limit, which is why version 2 has one.
struct Expanded(usize);

/// Nobody has an image of version 1 with more.
const MOST_EXPANDED: usize = 256 << 20;

impl Expanded {
    fn add(&mut self, path: &Path, offset: usize) -> Result<(), DecodeError> {
        self.0 += path.as_bytes().len();
        if self.0 <= MOST_EXPANDED {
            Ok(())
        } else {
            Err(Reader::bad_value(offset, "paths of 256 MiB at most"))
        }
    }
}

fn read_path(reader: &mut Reader<'_>, previous: Option<&Path>) -> Result<Path, DecodeError> {
    let offset = reader.offset();
    let refused = |expected| Reader::bad_value(offset, expected);
    let previous = previous.map_or(&[][..], Path::as_bytes);
    let shared = usize::try_from(reader.varint()?).unwrap_or(usize::MAX);
    let suffix = reader.bytes()?;
    let prefix = previous.get(..shared).ok_or(refused("a shared prefix"))?;
    let bytes = [prefix, suffix].concat();
    // One form only: what could have been shared must have been.
    let common = previous.iter().zip(&bytes).take_while(|(a, b)| a == b);
    if common.count() != shared {
        return Err(refused("the longest shared prefix"));
    }
    Path::from_bytes(&bytes).map_err(|_| refused("a path"))
}
