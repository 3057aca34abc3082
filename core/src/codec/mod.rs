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
//! stopped.

#[cfg(feature = "hmac")]
pub mod seal;

use alloc::vec::Vec;
use core::fmt;

use xxhash_rust::xxh3::xxh3_64;

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
}

/// Why bytes were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The input ends too early.
    Truncated {
        /// Where more was expected.
        offset: usize,
    },
    /// It does not start like a frame.
    NotAFrame,
    /// A frame, but of another kind.
    WrongKind {
        /// The kind byte found.
        found: u8,
        /// The kind byte expected.
        expected: u8,
    },
    /// A version that this code does not know.
    UnknownVersion {
        /// The version found.
        found: u8,
    },
    /// The checksum does not fit the bytes.
    Checksum,
    /// An integer that is too large or not minimal.
    BadInteger {
        /// Where it starts.
        offset: usize,
    },
    /// A value that the format does not allow at this place.
    BadValue {
        /// Where it starts.
        offset: usize,
        /// What it should have been.
        expected: &'static str,
    },
    /// Bytes are left over.
    TrailingBytes {
        /// Where they start.
        offset: usize,
    },
}

/// The version of every format in this crate.
pub const VERSION: u8 = 1;

const MAGIC: [u8; 2] = *b"QR";
const HEADER: usize = 4;
const TRAILER: usize = 4;

/// Where encoded bytes go: into memory, or nowhere but into a count.
pub trait Sink {
    /// Takes bytes.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Counts bytes without keeping them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub usize);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

/// Writes an unsigned integer in as few bytes as it needs: seven bits each, low ones first.
pub fn put_varint(sink: &mut impl Sink, mut value: u64) {
    while value >= 0x80 {
        sink.put(&[value.to_le_bytes()[0] | 0x80]);
        value >>= 7;
    }
    sink.put(&[value.to_le_bytes()[0]]);
}

/// Writes a length and the bytes.
pub fn put_bytes(sink: &mut impl Sink, bytes: &[u8]) {
    put_varint(sink, bytes.len() as u64);
    sink.put(bytes);
}

/// Puts a frame around a body.
pub fn frame(kind: Kind, write_body: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::from(MAGIC);
    bytes.extend_from_slice(&[kind as u8, VERSION]);
    write_body(&mut bytes);
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

/// Checks a frame and returns a reader of its body.
pub fn unframe(kind: Kind, bytes: &[u8]) -> Result<Reader<'_>, DecodeError> {
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
    if bytes[3] != VERSION {
        return Err(DecodeError::UnknownVersion { found: bytes[3] });
    }
    let (content, trailer) = bytes.split_at(bytes.len() - TRAILER);
    if checksum(content) != trailer {
        return Err(DecodeError::Checksum);
    }
    Ok(Reader {
        bytes: content,
        offset: HEADER,
    })
}

/// Finds accidents, not forgers. The same hash serves everywhere else in the kernel; the tables of a
/// cyclic redundancy check would be a fifth of the code that a web page downloads.
fn checksum(bytes: &[u8]) -> [u8; TRAILER] {
    let [a, b, c, d, ..] = xxh3_64(bytes).to_le_bytes();
    [a, b, c, d]
}

/// Reads the body of a frame from front to back.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Where the next byte is.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The next byte.
    pub fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    /// The next integer.
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        let start = self.offset;
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                let minimal = byte != 0 || shift == 0;
                return minimal
                    .then_some(value)
                    .ok_or(DecodeError::BadInteger { offset: start });
            }
        }
        Err(DecodeError::BadInteger { offset: start })
    }

    /// The next length-prefixed bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let start = self.offset;
        let len = usize::try_from(self.varint()?)
            .map_err(|_| DecodeError::BadInteger { offset: start })?;
        self.take(len)
    }

    /// The number of items of a collection whose items take at least `item_bytes` each.
    ///
    /// A count that the rest of the input cannot hold is refused here, before anybody reserves
    /// memory for it.
    pub fn count(&mut self, item_bytes: usize) -> Result<usize, DecodeError> {
        let start = self.offset;
        let count = usize::try_from(self.varint()?)
            .map_err(|_| DecodeError::BadInteger { offset: start })?;
        let rest = self.bytes.len() - self.offset;
        if count
            .checked_mul(item_bytes.max(1))
            .is_none_or(|needed| needed > rest)
        {
            return Err(DecodeError::Truncated {
                offset: self.bytes.len(),
            });
        }
        Ok(count)
    }

    /// An error about the value that starts at `offset`.
    pub fn bad_value(offset: usize, expected: &'static str) -> DecodeError {
        DecodeError::BadValue { offset, expected }
    }

    /// Checks that nothing is left.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.offset < self.bytes.len() {
            return Err(DecodeError::TrailingBytes {
                offset: self.offset,
            });
        }
        Ok(())
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.offset..];
        if len > rest.len() {
            return Err(DecodeError::Truncated {
                offset: self.bytes.len(),
            });
        }
        self.offset += len;
        Ok(&rest[..len])
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { offset } => write!(f, "the input ends too early, at byte {offset}"),
            Self::NotAFrame => f.write_str("the input does not start with the bytes `QR`"),
            Self::WrongKind { found, expected } => {
                write!(f, "a frame of kind {found}, expected kind {expected}")
            }
            Self::UnknownVersion { found } => {
                write!(
                    f,
                    "format version {found}; this program reads version {VERSION}"
                )
            }
            Self::Checksum => f.write_str("the checksum does not fit: the input is damaged"),
            Self::BadInteger { offset } => {
                write!(
                    f,
                    "the integer at byte {offset} is too large or not in its shortest form"
                )
            }
            Self::BadValue { offset, expected } => {
                write!(f, "the value at byte {offset} is not {expected}")
            }
            Self::TrailingBytes { offset } => {
                write!(f, "unexpected bytes after the end, from byte {offset}")
            }
        }
    }
}

impl core::error::Error for DecodeError {}

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
