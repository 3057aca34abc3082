//! The live dots as columns, by path and dot.
//!
//! Paths come first because they are the bulk, and sorted they share most of their bytes. A dot is
//! an index and a counter above the vector that everything lies above. Times go by dot, where they
//! rise: no order of their own has to be written, because whoever has read the dots can sort them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::columns::{put_choices, put_column, put_filled, read_choices, read_column, read_filled};
use super::paths::{order_of, put_paths, read_paths};
use super::replicas::{NamedReplicas, ReplicaTable};
use super::times::{Clock, TimeColumn, Times, put_times};
use crate::Micros;
use crate::codec::{DecodeError, Reader, Sink, put_varint};
use crate::crdt::{Dot, Live, LiveEvent, Path, Store, VersionVector};

/// Live dots to be written, in the two orders that takes.
#[derive(Clone, Debug)]
pub(super) struct LiveDots<'a, T> {
    /// By path and dot.
    pub(super) by_path: Vec<Live<'a>>,
    /// The replicas and times, by dot.
    pub(super) times: T,
}

/// What was read.
#[derive(Debug)]
pub(super) struct LiveSection {
    /// By dot.
    pub(super) events: Vec<LiveEvent>,
    /// Their paths, sorted, each once.
    pub(super) paths: Vec<Path>,
}

/// Writes live dots.
pub(super) fn put_live(
    out: &mut Vec<u8>,
    table: &ReplicaTable,
    since: &VersionVector,
    clock: &mut Clock,
    dots: &LiveDots<'_, impl Times>,
) {
    let live = &dots.by_path;
    put_varint(out, live.len() as u64);
    put_filled(out, live.len(), |out| {
        put_paths(out, live.iter().map(|live| live.path.as_bytes()));
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
        put_times(out, clock, dots.times.clone());
    });
}

/// Reads what [`put_live`] wrote.
pub(super) fn read_live(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    since: &VersionVector,
    clock: &mut Clock,
) -> Result<LiveSection, DecodeError> {
    let offset = reader.offset();
    let len = reader.count(1)?;
    if u32::try_from(len.max(table.len())).is_err() {
        return Err(Reader::bad_value(offset, "fewer than 2^32 live dots"));
    }
    read_filled(reader, len, |reader| {
        let mut paths = read_paths(reader, len)?;
        let mut events = by_dot(read_events(reader, table, since, &paths)?, table);
        let mut times = TimeColumn::read(reader, clock, len)?;
        for event in &mut events {
            event.at = times.next_of(event.dot.replica);
        }
        paths.dedup();
        Ok(LiveSection { events, paths })
    })
}

impl<'a> LiveDots<'a, ()> {
    /// Of events that are sorted by dot.
    pub(super) fn of(events: &'a [LiveEvent]) -> LiveDots<'a, impl Times> {
        LiveDots {
            by_path: by_path(events),
            times: events.iter().map(|event| (event.dot.replica, event.at)),
        }
    }

    /// Of everything in a store.
    pub(super) fn of_store(store: &'a Store) -> LiveDots<'a, impl Times> {
        LiveDots {
            by_path: store.iter().collect(),
            times: store.iter_by_dot().map(|live| (live.dot.replica, live.at)),
        }
    }
}

fn by_path(events: &[LiveEvent]) -> Vec<Live<'_>> {
    let paths = || events.iter().map(|event| event.path.as_bytes());
    if paths().is_sorted() {
        return events.iter().map(Live::from).collect();
    }
    let order = order_of(&paths().collect::<Vec<_>>());
    let sorted = order.into_iter().map(|at| Live::from(&events[at]));
    sorted.collect()
}

/// The events by path and dot, still without their times.
fn read_events(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    since: &VersionVector,
    paths: &[Path],
) -> Result<Vec<LiveEvent>, DecodeError> {
    let offset = reader.offset();
    let indices = read_choices(reader, table.len(), paths.len())?;
    let counters = read_column(reader, paths.len())?;
    let dots = indices.zip(counters).map(|(index, above)| {
        let replica = table.get(index, offset)?;
        let counter = above.checked_add(1);
        let counter = counter.and_then(|above| since.get(replica).checked_add(above));
        let counter = counter.ok_or(Reader::bad_value(offset, "counters of 64 bits"))?;
        Ok(Dot { replica, counter })
    });
    let lengths = read_column(reader, paths.len())?;
    let mut events: Vec<LiveEvent> = Vec::with_capacity(paths.len());
    for ((path, dot), len) in paths.iter().zip(dots).zip(lengths) {
        let dot = dot?;
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

/// Events in the order of their dots. Each is moved once: what is sorted is one number for each,
/// made of the place of its replica among all replicas, its counter, and its own place.
fn by_dot(events: Vec<LiveEvent>, table: &NamedReplicas) -> Vec<LiveEvent> {
    if events.is_sorted_by_key(|event| event.dot) {
        return events;
    }
    let few = "live dots and replicas were counted when they were read";
    let rank = |(place, event): (usize, &LiveEvent)| {
        let Dot { replica, counter } = event.dot;
        let replica = table.place(replica).expect(few);
        (replica as u128) << 96 | u128::from(counter) << 32 | place as u128
    };
    let mut ranks: Vec<u128> = events.iter().enumerate().map(rank).collect();
    ranks.sort_unstable();
    let mut events: Vec<Option<LiveEvent>> = events.into_iter().map(Some).collect();
    let sorted = ranks.into_iter().map(|rank| {
        let place = usize::try_from(rank & u128::from(u32::MAX)).expect(few);
        events[place].take().expect("every place comes once")
    });
    sorted.collect()
}
