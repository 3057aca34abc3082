//! Entries that follow each other.
//!
//! Each carries a hash of the log up to it, sixteen bytes that would often be more than the command.
//! But they follow from each other, so the hash *before* the first is enough: a decoder computes the
//! others, and the door compares the log with the one hash. If the receiver's log differs from the
//! sender's anywhere before the entries, it is refused as if every hash had come.
//!
//! Computed hashes always fit, whatever happened to the entries on their way. So half of the last
//! hash comes behind them, as proof that they are those that were sent, beyond what a checksum of 32
//! bits is worth.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::entry::{Entries, Entry, EntryKind};
use super::{put_all, read_count, read_hash};
use crate::codec::{DecodeError, Reader, Sink, put_bytes, put_varint};

/// Neighbours of one term and kind.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Run {
    term: u64,
    kind: EntryKind,
    length: usize,
}

/// Writes the hash before the first; how many there are; the terms and kinds as runs; the payloads;
/// and, unless there are none, half of the last hash.
pub(super) fn write_entries(entries: &Entries, out: &mut impl Sink) {
    out.put(&entries.previous_hash().to_le_bytes());
    put_varint(out, entries.len() as u64);
    let are_alike =
        |one: &Entry, next: &Entry| (one.term(), one.kind()) == (next.term(), next.kind());
    for run in entries.chunk_by(are_alike) {
        let kind = u64::from(run[0].kind().tag());
        put_all(out, &[run[0].term(), kind, run.len() as u64]);
    }
    for entry in entries.iter() {
        put_bytes(out, entry.payload());
    }
    if let Some(last) = entries.last() {
        out.put(&proof(last));
    }
}

/// Reads at most `most` entries.
pub(super) fn read_entries(reader: &mut Reader<'_>, most: usize) -> Result<Entries, DecodeError> {
    let previous_hash = read_hash(reader)?;
    let offset = reader.offset();
    let count = reader.count(1)?;
    if count > most {
        return Err(Reader::bad_value(offset, "as many entries as there may be"));
    }
    let runs = read_runs(reader, count)?;
    let mut entries = Vec::with_capacity(count);
    let mut hash = previous_hash;
    for Run { term, kind, length } in runs {
        for _ in 0..length {
            let entry = Entry::new(hash, term, kind, Arc::from(reader.bytes()?));
            hash = entry.prefix_hash();
            entries.push(entry);
        }
    }
    let offset = reader.offset();
    if let Some(last) = entries.last()
        && reader.take(PROOF_BYTES)? != proof(last)
    {
        return Err(Reader::bad_value(offset, "half the hash of the last entry"));
    }
    Ok(Entries::trusted(previous_hash, entries))
}

const PROOF_BYTES: usize = 8;

/// The lower half of the hash of the log up to `last`.
fn proof(last: &Entry) -> [u8; PROOF_BYTES] {
    let [proof @ .., _, _, _, _, _, _, _, _] = last.prefix_hash().to_le_bytes();
    proof
}

/// Runs of `count` entries together, each as long as it can be.
fn read_runs(reader: &mut Reader<'_>, count: usize) -> Result<Vec<Run>, DecodeError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut left = count;
    while left > 0 {
        let offset = reader.offset();
        let term = read_count(reader)?;
        let kind = read_kind(reader)?;
        let length = reader.varint()?;
        let length = usize::try_from(length)
            .ok()
            .filter(|length| (1..=left).contains(length));
        let is_whole = runs
            .last()
            .is_none_or(|last| (last.term, last.kind) != (term, kind));
        let Some(length) = length.filter(|_| is_whole) else {
            return Err(Reader::bad_value(offset, "a run of entries"));
        };
        runs.push(Run { term, kind, length });
        left -= length;
    }
    Ok(runs)
}

/// What an entry is for.
pub(super) fn read_kind(reader: &mut Reader<'_>) -> Result<EntryKind, DecodeError> {
    let offset = reader.offset();
    EntryKind::of_tag(reader.byte()?).ok_or(Reader::bad_value(offset, "a kind of entry"))
}
