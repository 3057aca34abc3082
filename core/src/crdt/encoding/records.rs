//! The journal as columns, by dot.
//!
//! The same few elements come and go, so a path is written once and named by an index; one that is
//! live is not written at all. Nearly every record kills one dot.

use alloc::vec;
use alloc::vec::Vec;

use super::columns::{
    Column, put_choices, put_column, put_filled, read_choices, read_column, read_filled,
};
use super::paths::{order_of, put_paths, read_paths};
use super::replicas::{NamedReplicas, ReplicaTable};
use super::times::{Clock, TimeColumn, put_times};
use crate::codec::{DecodeError, Reader, put_varint};
use crate::crdt::{Dot, Kills, Live, Path, Record, VersionVector};

/// What goes before: the paths that are known already, and what the records lie above.
pub(super) struct Known<'a> {
    /// Sorted, each once.
    pub(super) live_paths: Vec<&'a [u8]>,
    pub(super) since: &'a VersionVector,
}

impl<'a> Known<'a> {
    /// Of live dots that are sorted by path.
    pub(super) fn of(live: &[Live<'a>], since: &'a VersionVector) -> Self {
        let mut live_paths: Vec<&[u8]> = live.iter().map(|live| live.path.as_bytes()).collect();
        live_paths.dedup();
        Self { live_paths, since }
    }
}

/// Writes records that are sorted by dot.
pub(super) fn put_records(
    out: &mut Vec<u8>,
    table: &ReplicaTable,
    known: &Known<'_>,
    clock: &mut Clock,
    records: &[&Record],
) {
    put_varint(out, records.len() as u64);
    put_filled(out, records.len(), |out| {
        if !records.is_empty() {
            put_record_paths(out, &known.live_paths, records);
            put_sorted_dots(out, table, known.since, records);
            let times = records.iter().map(|record| (record.dot.replica, record.at));
            put_times(out, clock, times);
            put_kills(out, table, records);
        }
    });
}

/// Reads what [`put_records`] wrote.
pub(super) fn read_records(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    live_paths: &[Path],
    since: &VersionVector,
    clock: &mut Clock,
) -> Result<Vec<Record>, DecodeError> {
    let len = reader.count(1)?;
    read_filled(reader, len, |reader| {
        if len == 0 {
            return Ok(Vec::new());
        }
        let paths = read_record_paths(reader, live_paths, len)?;
        let dots = read_sorted_dots(reader, table, since, len)?;
        let mut times = TimeColumn::read(reader, clock, len)?;
        let kills = read_kills(reader, table, len)?;
        let rows = dots.into_iter().zip(paths).zip(kills);
        let records = rows.map(|((dot, path), kills)| Record {
            dot,
            path,
            kills,
            at: times.next_of(dot.replica),
        });
        Ok(records.collect())
    })
}

/// The paths that are not live, and for every record an index into those that are and these.
fn put_record_paths(out: &mut Vec<u8>, live: &[&[u8]], records: &[&Record]) {
    let paths: Vec<&[u8]> = records
        .iter()
        .map(|record| record.path.as_bytes())
        .collect();
    let mut others: Vec<&[u8]> = Vec::new();
    let mut choices = vec![0; records.len()];
    let mut rest = live.iter().enumerate().peekable();
    for place in order_of(&paths) {
        let path = paths[place];
        while rest.next_if(|(_, live)| **live < path).is_some() {}
        choices[place] = match rest.peek() {
            Some(&(at, &live)) if live == path => at as u64,
            _ => {
                if others.last() != Some(&path) {
                    others.push(path);
                }
                (live.len() + others.len() - 1) as u64
            }
        };
    }
    put_varint(out, others.len() as u64);
    put_paths(out, others.iter().copied());
    put_choices(out, live.len() + others.len(), choices);
}

fn read_record_paths(
    reader: &mut Reader<'_>,
    live: &[Path],
    len: usize,
) -> Result<Vec<Path>, DecodeError> {
    let offset = reader.offset();
    let count = reader.count(1)?;
    let others = read_paths(reader, count)?;
    let is_repeated = others.windows(2).any(|pair| pair[0] == pair[1]);
    if is_repeated || have_common(&others, live) {
        return Err(Reader::bad_value(offset, "paths that are new"));
    }
    let mut named = vec![false; others.len()];
    let choice = |index: u64| {
        let index = usize::try_from(index).ok()?;
        match index.checked_sub(live.len()) {
            None => live.get(index),
            Some(other) => {
                *named.get_mut(other)? = true;
                others.get(other)
            }
        }
    };
    let choices = read_choices(reader, live.len() + others.len(), len)?;
    let paths: Option<Vec<Path>> = choices.map(choice).map(Option::<&Path>::cloned).collect();
    let paths = paths.ok_or(Reader::bad_value(offset, "an index of a path"))?;
    if named.into_iter().all(|named| named) {
        Ok(paths)
    } else {
        Err(Reader::bad_value(offset, "paths that are named"))
    }
}

/// Whether two sorted lists share a path.
fn have_common(paths: &[Path], others: &[Path]) -> bool {
    let mut others = others.iter().peekable();
    paths.iter().any(|path| {
        while others.next_if(|other| *other < path).is_some() {}
        others.peek().is_some_and(|other| *other == path)
    })
}

/// Sorted dots: how far the index moves, and how many counters of the replica are left out.
fn put_sorted_dots(
    out: &mut Vec<u8>,
    table: &ReplicaTable,
    since: &VersionVector,
    records: &[&Record],
) {
    let mut at = 0;
    let moves = records.iter().map(|record| {
        let index = table.index(record.dot.replica);
        let by = index.wrapping_sub(at);
        at = index;
        by
    });
    put_choices(out, table.of_state(), moves);
    let mut previous: Option<Dot> = None;
    let gaps = records.iter().map(|record| {
        let dot = record.dot;
        let before = previous.filter(|previous| previous.replica == dot.replica);
        let before = before.map_or(since.get(dot.replica), |previous| previous.counter);
        previous = Some(dot);
        dot.counter.wrapping_sub(before).wrapping_sub(1)
    });
    put_column(out, gaps);
}

fn read_sorted_dots(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    since: &VersionVector,
    len: usize,
) -> Result<Vec<Dot>, DecodeError> {
    let offset = reader.offset();
    let moves = read_choices(reader, table.of_state(), len)?;
    let gaps = read_column(reader, len)?;
    let mut dots: Vec<Dot> = Vec::with_capacity(len);
    let mut index = 0_u64;
    for (by, gap) in moves.zip(gaps) {
        index = index.saturating_add(by);
        if index >= table.of_state() as u64 {
            return Err(Reader::bad_value(
                offset,
                "an index of a replica of the state",
            ));
        }
        let replica = table.get(index, offset)?;
        let before = dots.last().filter(|last| last.replica == replica);
        let before = before.map_or(since.get(replica), |last| last.counter);
        let counter = before.checked_add(gap).and_then(|last| last.checked_add(1));
        let counter = counter.ok_or(Reader::bad_value(offset, "counters of 64 bits"))?;
        dots.push(Dot { replica, counter });
    }
    Ok(dots)
}

/// How many kills there are beyond one per record; if there are, how many each has; the dots.
fn put_kills(out: &mut Vec<u8>, table: &ReplicaTable, records: &[&Record]) {
    let beyond_one = |record: &&Record| (record.kills.len() as u64).wrapping_sub(1);
    let surplus = records
        .iter()
        .map(beyond_one)
        .fold(0_u64, u64::wrapping_add);
    put_varint(out, surplus);
    if surplus > 0 {
        put_column(out, records.iter().map(beyond_one));
    }
    let kills = || records.iter().flat_map(|record| record.kills.iter());
    put_filled(out, kills().count(), |out| {
        let indices = kills().map(|dot| table.index(dot.replica));
        put_choices(out, table.len(), indices);
        put_column(out, kills().map(|dot| dot.counter.wrapping_sub(1)));
    });
}

fn read_kills(
    reader: &mut Reader<'_>,
    table: &mut NamedReplicas,
    records: usize,
) -> Result<Vec<Kills>, DecodeError> {
    let surplus = reader.count(1)?;
    let offset = reader.offset();
    let counts = match surplus {
        0 => Column::zeros(records),
        _ => read_column(reader, records)?,
    };
    let sum = counts.clone().try_fold(0, u64::checked_add);
    if sum != Some(surplus as u64) {
        return Err(Reader::bad_value(offset, "as many kills as announced"));
    }
    let len = records + surplus;
    let dots = read_filled(reader, len, |reader| {
        let indices = read_choices(reader, table.len(), len)?;
        let counters = read_column(reader, len)?;
        let dots = indices.zip(counters).map(|(index, below)| {
            let replica = table.get(index, offset)?;
            let counter = below.checked_add(1);
            let counter = counter.ok_or(Reader::bad_value(offset, "counters of 64 bits"))?;
            Ok(Dot { replica, counter })
        });
        dots.collect::<Result<Vec<_>, DecodeError>>()
    })?;
    let mut dots = dots.into_iter();
    let kills = counts.map(|beyond_one| {
        let first = dots.next().expect("as many were read as are counted");
        match usize::try_from(beyond_one).expect("it is part of a sum that fits") {
            0 => Kills::from(first),
            more => Kills::from(
                [first]
                    .into_iter()
                    .chain(dots.by_ref().take(more))
                    .collect::<Vec<_>>(),
            ),
        }
    });
    Ok(kills.collect())
}
