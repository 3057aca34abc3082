//! Sorted paths, front-coded: each says how many bytes of the one before it drops, and what follows.
//!
//! The terminator of the last segment is left out; the root, which has none, is told apart by its
//! length. Plain front coding has a trap: a prefix of ten thousand bytes, shared by as many paths,
//! makes a hundred megabytes of a message of thirty kilobytes. Here shared bytes are an
//! [`Allowance`] that what is written earns, so paths take at most a constant factor of the input,
//! and whoever uses the allowance up writes a path in full again.

use alloc::vec::Vec;
use core::iter;

use super::columns::{put_column, read_column};
use crate::codec::{DecodeError, Reader, Sink};
use crate::crdt::Path;

/// How many bytes paths may share with the ones before them from here on.
struct Allowance(usize);

/// How a path follows from the one before it.
struct Step<'a> {
    /// Bytes that are dropped of the one before.
    drop: usize,
    /// Bytes that follow; one more after the root, so that none means the same path again.
    length: usize,
    suffix: &'a [u8],
}

/// Ends the last segment of every path but the root.
const END: [u8; 2] = [0, 1];

/// Room for most paths.
const SHORT: usize = 64;

/// What everybody may share.
const FREE: usize = 64 * 1024;
/// What a written byte adds to it.
const EARNED: usize = 64;

impl Allowance {
    /// The bytes that `next` shares with `previous`, out of what is allowed.
    fn shared(&self, previous: &[u8], next: &[u8]) -> usize {
        common_prefix(&previous[..previous.len().min(self.0)], next)
    }

    fn settle(&mut self, shared: usize, written: usize) {
        self.0 = (self.0 - shared).saturating_add(written.saturating_mul(EARNED));
    }
}

/// Writes sorted paths, without their count. Neighbours may be equal, for two bits at most.
pub(super) fn put_paths<'a>(out: &mut Vec<u8>, paths: impl Iterator<Item = &'a [u8]>) {
    let mut allowance = Allowance(FREE);
    let mut previous: &[u8] = &[];
    let steps: Vec<Step<'_>> = paths
        .map(|path| {
            let step = Step::between(previous, path, &mut allowance);
            previous = path;
            step
        })
        .collect();
    // Before the first there is nothing to drop.
    put_column(out, steps.iter().skip(1).map(|step| step.drop as u64));
    put_column(out, steps.iter().map(|step| step.length as u64));
    for step in steps {
        out.put(step.suffix);
    }
}

/// Reads as many sorted paths. The caller has bounded how many that may be.
pub(super) fn read_paths(reader: &mut Reader<'_>, len: usize) -> Result<Vec<Path>, DecodeError> {
    let drops = read_column(reader, len.saturating_sub(1))?;
    let lengths = read_column(reader, len)?;
    let mut allowance = Allowance(FREE);
    let mut paths: Vec<Path> = Vec::with_capacity(len);
    let mut bytes: Vec<u8> = Vec::with_capacity(SHORT);
    for (drop, length) in iter::once(0).chain(drops).zip(lengths) {
        let offset = reader.offset();
        let refused = |expected| Reader::bad_value(offset, expected);
        let previous = paths.last().map_or(&[][..], Path::as_bytes);
        if length == 0 {
            if drop > 0 {
                return Err(refused("a path like the one before"));
            }
            paths.push(paths.last().cloned().unwrap_or_else(Path::root));
            continue;
        }
        let before = strip(previous);
        let shared = usize::try_from(drop).ok();
        let shared = shared.and_then(|drop| before.len().checked_sub(drop));
        let shared = shared.ok_or(refused("a shared prefix"))?;
        let suffix = length - u64::from(previous.is_empty());
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
        if *previous >= bytes[..] {
            return Err(refused("the next path in order"));
        }
        paths.push(Path::from_bytes(&bytes).map_err(|_| refused("a path"))?);
    }
    Ok(paths)
}

/// The places of paths in their order; equal ones stay in the order in which they came.
///
/// To compare two paths is to wait for two far pieces of memory. So eight bytes of each, those
/// behind what all share, are laid side by side and compared first.
pub(super) fn order_of(paths: &[&[u8]]) -> Vec<usize> {
    let Some((&first, rest)) = paths.split_first() else {
        return Vec::new();
    };
    let shared = rest.iter().fold(first.len(), |shared, path| {
        common_prefix(&first[..shared], path)
    });
    let heads = paths.iter().map(|path| head(&path[shared..]));
    let mut order: Vec<(u64, usize)> = heads.zip(0..).collect();
    let whole = |place: usize| (paths[place], place);
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| whole(a.1).cmp(&whole(b.1))));
    order.into_iter().map(|(_, place)| place).collect()
}

impl<'a> Step<'a> {
    fn between(previous: &[u8], path: &'a [u8], allowance: &mut Allowance) -> Self {
        if path == previous {
            return Self {
                drop: 0,
                length: 0,
                suffix: &[],
            };
        }
        let (before, next) = (strip(previous), strip(path));
        let shared = allowance.shared(before, next);
        let suffix = &next[shared..];
        allowance.settle(shared, suffix.len());
        Self {
            drop: before.len() - shared,
            length: suffix.len() + usize::from(previous.is_empty()),
            suffix,
        }
    }
}

/// How many bytes both start with, eight at a time as far as that goes.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let eights = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let whole = eights.take_while(|(a, b)| a == b).count() * 8;
    let ones = a[whole..].iter().zip(&b[whole..]);
    whole + ones.take_while(|(a, b)| a == b).count()
}

/// The first eight bytes, zeros behind the end, as a number that does not fall where paths rise.
fn head(path: &[u8]) -> u64 {
    if let Some(eight) = path.first_chunk() {
        return u64::from_be_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight[..path.len()].copy_from_slice(path);
    u64::from_be_bytes(eight)
}

/// A path without its last terminator.
fn strip(path: &[u8]) -> &[u8] {
    path.strip_suffix(&END).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::Random;
    use crate::codec::{Kind, frame, unframe};

    fn round_trip(paths: &[Path]) -> usize {
        let frame = frame(Kind::State, |out| {
            put_paths(out, paths.iter().map(Path::as_bytes));
        });
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
    fn the_order_of_paths_is_that_of_a_stable_sort() {
        let mut random = Random::new(1);
        for alphabet in [2, 3, 250] {
            for shared in ["", "abc", "a long prefix, longer than a word"] {
                let mut name = |_| {
                    let mut name = Vec::from(shared);
                    let len = random.index(12);
                    name.extend((0..len).map(|_| random.below(alphabet).to_le_bytes()[0]));
                    Path::of([name])
                };
                let names: Vec<Path> = (0..300).map(&mut name).collect();
                let paths: Vec<&[u8]> = names.iter().map(Path::as_bytes).collect();
                let mut expected: Vec<usize> = (0..paths.len()).collect();
                expected.sort_by_key(|&place| paths[place]);
                assert_eq!(order_of(&paths), expected);
            }
        }
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
