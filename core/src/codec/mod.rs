//! The canonical binary format: little pieces that every encoding is made of.
//!
//! Equal values have equal bytes: integers are minimal LEB128 varints, collections are sorted,
//! nothing is optional without a tag. Everything that leaves a process is put into a *frame*:
//!
//! ```text
//! 'Q' 'R'  kind  version  body …  low 32 bits of the XXH3 of all before, little endian
//! ```
//!
//! Input from outside is hostile until decoded. A [`Reader`] never allocates more than the bytes
//! that are there can justify, refuses integers that are not minimal, and says at which byte it
//! stopped. What is larger than a link takes at once travels as [`Fragments`].

mod error;
mod fragments;
mod reader;
#[cfg(feature = "hmac")]
pub mod seal;
mod sink;

use alloc::vec::Vec;

use xxhash_rust::xxh3::xxh3_64_with_seed;

pub use error::DecodeError;
pub use fragments::{Assembler, FragmentError, Fragments, Limits};
pub use reader::Reader;
pub use sink::{Count, Sink, put_bytes, put_varint};

/// What a frame contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A replica's state: what is live, and the context.
    State = 1,
    /// A replica's whole image: its id, its state, its journal and floor.
    Image = 2,
    /// A delta.
    Delta = 3,
    /// A full state for a peer.
    FullState = 4,
    /// A command of a host's own state machine.
    Command = 5,
    /// A membership table.
    Table = 6,
    /// An entry of the membership log.
    MembershipEntry = 7,
    /// A prune certificate.
    Certificate = 8,
    /// A message of a session: a delta that builds on the message before it.
    Session = 9,
    /// A piece of a message that is too long for its link.
    Fragment = 10,
    /// What replicas tell each other.
    Sync = 11,
    /// An operation on an object of a keyspace.
    Operation = 12,
    /// A message between the members of a Raft group.
    Raft = 13,
    /// What a member of a Raft group writes to its disk.
    RaftRecord = 14,
    /// The client sessions of a state machine.
    RaftSessions = 15,
    /// The state of a host's own state machine, for snapshots.
    HostState = 16,
}

impl Kind {
    /// The version that is written. Older ones are read where they were ever released.
    pub const fn version(self) -> u8 {
        match self {
            Self::Image => 3,
            Self::State | Self::Delta | Self::FullState => 2,
            Self::Command
            | Self::Table
            | Self::MembershipEntry
            | Self::Certificate
            | Self::Session
            | Self::Fragment
            | Self::Sync
            | Self::Operation
            | Self::Raft
            | Self::RaftRecord
            | Self::RaftSessions
            | Self::HostState => 1,
        }
    }
}

const MAGIC: [u8; 2] = *b"QR";
const HEADER: usize = 4;
pub(crate) const TRAILER: usize = 4;
/// Room for one small change, so that its frame does not grow byte by byte.
const SMALL_FRAME: usize = 64;

/// Puts a frame around a body.
pub fn frame(kind: Kind, write_body: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    frame_after(0, kind, write_body).0
}

/// Puts a frame around a body that can be read only by somebody who has what came before it, of
/// which `seed` is the hash. Also returns the hash of the whole frame, for the next one.
pub fn frame_after(seed: u64, kind: Kind, write_body: impl FnOnce(&mut Vec<u8>)) -> (Vec<u8>, u64) {
    let mut bytes = Vec::with_capacity(SMALL_FRAME);
    let hash = add_frame(&mut bytes, seed, kind, write_body);
    (bytes, hash)
}

/// Adds a frame to bytes that may hold others already. A buffer that is used again and again costs
/// no allocation.
pub fn frame_into(bytes: &mut Vec<u8>, kind: Kind, write_body: impl FnOnce(&mut Vec<u8>)) {
    add_frame(bytes, 0, kind, write_body);
}

fn add_frame(
    bytes: &mut Vec<u8>,
    seed: u64,
    kind: Kind,
    write_body: impl FnOnce(&mut Vec<u8>),
) -> u64 {
    let start = bytes.len();
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[kind as u8, kind.version()]);
    write_body(bytes);
    let hash = xxh3_64_with_seed(&bytes[start..], seed);
    bytes.extend_from_slice(&trailer(hash));
    hash
}

/// Checks a frame of the current version and returns a reader of its body.
pub fn unframe(kind: Kind, bytes: &[u8]) -> Result<Reader<'_>, DecodeError> {
    let frame = Frame::open(kind, bytes)?;
    if frame.version != kind.version() {
        return Err(frame.unknown_version(kind));
    }
    Ok(frame.verify(0)?.0)
}

/// Checks a frame of this version or an older one, and returns its version and a reader of its
/// body.
pub fn unframe_any(kind: Kind, bytes: &[u8]) -> Result<(u8, Reader<'_>), DecodeError> {
    let frame = Frame::open(kind, bytes)?;
    Ok((frame.version, frame.verify(0)?.0))
}

/// Bytes with the head of a frame. Its checksum still has to be verified.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    version: u8,
    content: &'a [u8],
    trailer: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Checks the head.
    pub fn open(kind: Kind, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if bytes.len() < HEADER + TRAILER {
            return Err(DecodeError::Truncated {
                offset: bytes.len(),
            });
        }
        if bytes[..2] != MAGIC {
            return Err(DecodeError::NotAFrame);
        }
        if bytes[2] != kind as u8 {
            return Err(DecodeError::WrongKind {
                found: bytes[2],
                expected: kind as u8,
            });
        }
        let (content, trailer) = bytes.split_at(bytes.len() - TRAILER);
        let frame = Self {
            version: bytes[3],
            content,
            trailer,
        };
        if (1..=kind.version()).contains(&frame.version) {
            Ok(frame)
        } else {
            Err(frame.unknown_version(kind))
        }
    }

    /// A reader of the body as it is, damaged or not.
    pub fn unverified(&self) -> Reader<'a> {
        Reader {
            bytes: self.content,
            offset: HEADER,
        }
    }

    /// A reader of the body, once the checksum fits what came before: see [`frame_after`]. Also
    /// returns the hash of the whole frame.
    pub fn verify(&self, seed: u64) -> Result<(Reader<'a>, u64), DecodeError> {
        let hash = xxh3_64_with_seed(self.content, seed);
        if trailer(hash) == self.trailer {
            Ok((self.unverified(), hash))
        } else {
            Err(DecodeError::Checksum)
        }
    }

    fn unknown_version(&self, kind: Kind) -> DecodeError {
        DecodeError::UnknownVersion {
            found: self.version,
            newest: kind.version(),
        }
    }
}

/// Finds accidents, not forgers. The same hash serves everywhere else in the kernel; the tables of a
/// cyclic redundancy check would be a fifth of the code that a web page downloads.
fn trailer(hash: u64) -> [u8; TRAILER] {
    let [a, b, c, d, ..] = hash.to_le_bytes();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_one_form() {
        for value in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, u64::MAX] {
            let bytes = frame(Kind::State, |out| put_varint(out, value));
            let mut reader = unframe(Kind::State, &bytes).unwrap();
            assert_eq!(reader.varint(), Ok(value));
            assert_eq!(reader.finish(), Ok(()));
        }
        let padded = frame(Kind::State, |out| out.put(&[0x80, 0x00]));
        let mut reader = unframe(Kind::State, &padded).unwrap();
        assert_eq!(reader.varint(), Err(DecodeError::BadInteger { offset: 4 }));
        let overflowing = frame(Kind::State, |out| out.put(&[0xff; 10]));
        let mut reader = unframe(Kind::State, &overflowing).unwrap();
        assert_eq!(reader.varint(), Err(DecodeError::BadInteger { offset: 4 }));
    }

    #[test]
    fn a_count_larger_than_the_input_is_refused_before_memory_is_reserved() {
        let bytes = frame(Kind::State, |out| put_varint(out, u64::MAX / 2));
        let mut reader = unframe(Kind::State, &bytes).unwrap();
        assert!(matches!(
            reader.count(1),
            Err(DecodeError::Truncated { .. })
        ));
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        let good = frame(Kind::State, |out| put_bytes(out, b"hello"));
        for at in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(unframe(Kind::State, &bad).is_err(), "bit {at}");
        }
    }
}
