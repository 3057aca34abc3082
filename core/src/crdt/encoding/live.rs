//! The live dots as columns, by path and dot.
//!
//! Paths come first because they are the bulk, and sorted they share most of their bytes. A dot is
//! an index and a counter above the vector that everything lies above. Times go by dot, where they
//! rise: no order of their own has to be written, because whoever has read the dots can sort them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::columns::{put_choices, put_column, put_filled, read_choices, read_column, read_filled};
use super::paths::{put_paths, read_paths};
use super::replicas::{NamedReplicas, ReplicaTable};
use super::times::{Clock, put_times, read_times};
use crate::Micros;
use crate::codec::{DecodeError, Reader, Sink, put_varint};
use crate::crdt::{Dot, Live, LiveEvent, Path, VersionVector};

/// What was read.
#[derive(Debug)]
pub(super) struct LiveSection {
    /// By dot.
    pub(super) events: Vec<LiveEvent>,
    /// Their paths, sorted, each once.
    pub(super) paths: Vec<Path>,
}

/// Writes live dots that are sorted by path and dot.
pub(super) fn put_live(
    out: &mut Vec<u8>,
    table: &ReplicaTable,
    since: &VersionVector,
    clock: &mut Clock,
    live: &[Live<'_>],
) {
    put_varint(out, live.len() as u64);
    put_filled(out, live.len(), |out| {
        let paths: Vec<&[u8]> = live.iter().map(|live| live.path.as_bytes()).collect();
        put_paths(out, &paths);
        let indices = live.iter().map(|live| table.index(live.dot.replica));
        put_choices(out, table.of_state(), indices);
        let above = |live: &Live<'_>| {
            let since = since.get(live.dot.replica);
            live.dot.counter.wrapping_sub(since).wrapping_sub(1)
        };
        put_column(out, live.iter().map(above));
        put_column(out, live.iter().map(|live| live.payload.len() as u64));
        for event in live {
            out.put(event.payload);
        }
        let mut times: Vec<(Dot, Micros)> = live.iter().map(|live| (live.dot, live.at)).collect();
        times.sort_unstable();
        put_times(out, clock, times.iter().map(|&(dot, at)| (dot.replica, at)));
    });
}

/// Reads what [`put_live`] wrote.
pub(super) fn read_live(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    since: &VersionVector,
    clock: &mut Clock,
) -> Result<LiveSection, DecodeError> {
    let len = reader.count(1)?;
    read_filled(reader, len, |reader| {
        let mut paths = read_paths(reader, len)?;
        let dots = read_dots(reader, table, since, len)?;
        let mut events = read_payloads(reader, &paths, &dots)?;
        events.sort_unstable_by_key(|event| event.dot);
        let replicas: Vec<_> = events.iter().map(|event| event.dot.replica).collect();
        let times = read_times(reader, clock, &replicas)?;
        for (event, at) in events.iter_mut().zip(times) {
            event.at = at;
        }
        paths.dedup();
        Ok(LiveSection { events, paths })
    })
}

/// The live dots of a list by dot, by path and dot.
pub(super) fn by_path(events: &[LiveEvent]) -> Vec<Live<'_>> {
    let mut live: Vec<Live<'_>> = events.iter().map(Live::from).collect();
    live.sort_unstable_by_key(|live| (live.path, live.dot));
    live
}

fn read_dots(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    since: &VersionVector,
    len: usize,
) -> Result<Vec<Dot>, DecodeError> {
    let offset = reader.offset();
    let indices = read_choices(reader, table.len(), len)?;
    let counters = read_column(reader, len)?;
    let dots = indices.into_iter().zip(counters).map(|(index, above)| {
        let replica = table.get(index, offset)?;
        let counter = above.checked_add(1);
        let counter = counter.and_then(|above| since.get(replica).checked_add(above));
        let counter = counter.ok_or(Reader::bad_value(offset, "counters of 64 bits"))?;
        Ok(Dot { replica, counter })
    });
    dots.collect()
}

/// The events by path and dot, still without their times.
fn read_payloads(
    reader: &mut Reader<'_>,
    paths: &[Path],
    dots: &[Dot],
) -> Result<Vec<LiveEvent>, DecodeError> {
    let lengths = read_column(reader, dots.len())?;
    let mut events: Vec<LiveEvent> = Vec::with_capacity(dots.len());
    for ((path, &dot), len) in paths.iter().zip(dots).zip(lengths) {
        let offset = reader.offset();
        if let Some(last) = events.last()
            && last.dot >= dot
            && last.path == *path
        {
            return Err(Reader::bad_value(offset, "the next dot of a path in order"));
        }
        let payload = reader.take(usize::try_from(len).unwrap_or(usize::MAX))?;
        events.push(LiveEvent {
            dot,
            at: Micros::ZERO,
            path: path.clone(),
            payload: Box::from(payload),
        });
    }
    Ok(events)
}
