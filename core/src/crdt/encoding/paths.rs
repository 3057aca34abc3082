//! Sorted paths, front-coded: each says how many bytes of the one before it drops, and what follows.
//!
//! The terminator of the last segment is left out; the root, which has none, is told apart by its
//! length. Plain front coding has a trap: a prefix of ten thousand bytes, shared by as many paths,
//! makes a hundred megabytes of a message of thirty kilobytes. Here shared bytes are an
//! [`Allowance`] that what is written earns, so paths take at most a constant factor of the input,
//! and whoever uses the allowance up writes a path in full again.

use alloc::vec::Vec;

use super::columns::{put_column, read_column};
use crate::codec::{DecodeError, Reader, Sink};
use crate::crdt::Path;

/// How many bytes paths may share with the ones before them from here on.
struct Allowance(usize);

/// Ends the last segment of every path but the root.
const END: [u8; 2] = [0, 1];

/// What everybody may share.
const FREE: usize = 64 * 1024;
/// What a written byte adds to it.
const EARNED: usize = 64;

impl Allowance {
    /// The bytes that `next` shares with `previous`, out of what is allowed.
    fn shared(&self, previous: &[u8], next: &[u8]) -> usize {
        let pairs = previous.iter().zip(next).take(self.0);
        pairs.take_while(|(a, b)| a == b).count()
    }

    fn settle(&mut self, shared: usize, written: usize) {
        self.0 = (self.0 - shared).saturating_add(written.saturating_mul(EARNED));
    }
}

/// Writes sorted paths, without their count. Neighbours may be equal, for two bits at most.
pub(super) fn put_paths(out: &mut Vec<u8>, paths: &[&[u8]]) {
    let mut allowance = Allowance(FREE);
    let mut drops = Vec::with_capacity(paths.len());
    let mut lengths = Vec::with_capacity(paths.len());
    let mut written: Vec<&[u8]> = Vec::new();
    let mut previous: &[u8] = &[];
    for &path in paths {
        if path == previous {
            drops.push(0);
            lengths.push(0);
            continue;
        }
        let (before, next) = (strip(previous), strip(path));
        let shared = allowance.shared(before, next);
        let suffix = &next[shared..];
        allowance.settle(shared, suffix.len());
        drops.push((before.len() - shared) as u64);
        lengths.push((suffix.len() + usize::from(previous.is_empty())) as u64);
        written.push(suffix);
        previous = path;
    }
    // Before the first there is nothing to drop.
    put_column(out, drops.into_iter().skip(1));
    put_column(out, lengths);
    for suffix in written {
        out.put(suffix);
    }
}

/// Reads as many sorted paths. The caller has bounded how many that may be.
pub(super) fn read_paths(reader: &mut Reader<'_>, len: usize) -> Result<Vec<Path>, DecodeError> {
    let drops = read_column(reader, len.saturating_sub(1))?;
    let lengths = read_column(reader, len)?;
    let mut allowance = Allowance(FREE);
    let mut paths: Vec<Path> = Vec::with_capacity(len);
    let mut bytes: Vec<u8> = Vec::new();
    for (drop, length) in [0].into_iter().chain(drops).zip(lengths) {
        let offset = reader.offset();
        let refused = |expected| Reader::bad_value(offset, expected);
        let previous = paths.last().cloned().unwrap_or_else(Path::root);
        if length == 0 {
            if drop > 0 {
                return Err(refused("a path like the one before"));
            }
            paths.push(previous);
            continue;
        }
        let before = strip(previous.as_bytes());
        let shared = usize::try_from(drop).ok();
        let shared = shared.and_then(|drop| before.len().checked_sub(drop));
        let shared = shared.ok_or(refused("a shared prefix"))?;
        let suffix = length - u64::from(previous.as_bytes().is_empty());
        let suffix = reader.take(usize::try_from(suffix).unwrap_or(usize::MAX))?;
        bytes.clear();
        bytes.extend_from_slice(&before[..shared.min(allowance.0)]);
        bytes.extend_from_slice(suffix);
        // One form only: what could have been shared must have been.
        if allowance.shared(before, &bytes) != shared {
            return Err(refused("the longest shared prefix"));
        }
        allowance.settle(shared, suffix.len());
        bytes.extend_from_slice(&END);
        if *previous.as_bytes() >= bytes[..] {
            return Err(refused("the next path in order"));
        }
        paths.push(Path::from_bytes(&bytes).map_err(|_| refused("a path"))?);
    }
    Ok(paths)
}

/// A path without its last terminator.
fn strip(path: &[u8]) -> &[u8] {
    path.strip_suffix(&END).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::codec::{Kind, frame, unframe};

    fn round_trip(paths: &[Path]) -> usize {
        let bytes: Vec<&[u8]> = paths.iter().map(Path::as_bytes).collect();
        let frame = frame(Kind::State, |out| put_paths(out, &bytes));
        let mut reader = unframe(Kind::State, &frame).unwrap();
        assert_eq!(read_paths(&mut reader, paths.len()).unwrap(), paths);
        reader.finish().unwrap();
        frame.len() - 8
    }

    #[test]
    fn paths_come_back_the_root_and_empty_segments_too() {
        let mut paths = vec![
            Path::root(),
            Path::of([""]),
            Path::of(["", ""]),
            Path::of(["a"]),
            Path::of(["a", ""]),
            Path::of(["a", "b"]),
            Path::of([&b"a\0"[..]]),
            Path::of(["ab"]),
            Path::of(["b"]),
        ];
        paths.sort();
        round_trip(&paths);
        for path in &paths {
            round_trip(&[path.clone(), path.clone()]);
        }
        round_trip(&[]);
    }

    #[test]
    fn what_could_be_shared_must_be() {
        let read = |body: &[u8]| {
            let frame = frame(Kind::State, |out| out.put(body));
            read_paths(&mut unframe(Kind::State, &frame).unwrap(), 2)
        };
        // What is dropped of the first, two lengths (one more after the root), the bytes.
        let paths = [Path::of(["ab"]), Path::of(["ac"])];
        assert_eq!(read(b"\x01\x03\x01abc").as_deref(), Ok(&paths[..]));
        assert!(read(b"\x02\x03\x02abac").is_err());
        assert!(read(b"\x03\x03\x02abac").is_err(), "more than there is");
        assert!(read(b"\x01\x03\x01aba").is_err(), "not in order");
    }

    #[test]
    fn a_long_prefix_is_written_again_before_it_takes_more_than_its_share() {
        let long = "x".repeat(10_000);
        let path = |at: u32| Path::of([long.clone(), alloc::format!("{at:06}")]);
        let paths: Vec<Path> = (0..2_000).map(path).collect();
        let taken = round_trip(&paths);
        let expanded: usize = paths.iter().map(|path| path.as_bytes().len()).sum();
        assert!(
            expanded < FREE + (EARNED + 1) * taken,
            "{expanded} of {taken}"
        );
        assert!(expanded > 50 * taken, "{expanded} of {taken}");
    }
}
