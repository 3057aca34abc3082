//! Why bytes are refused: what was wrong, and at which byte.

use core::fmt;

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
        /// The newest that it knows.
        newest: u8,
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

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { offset } => write!(f, "the input ends too early, at byte {offset}"),
            Self::NotAFrame => f.write_str("the input does not start with the bytes `QR`"),
            Self::WrongKind { found, expected } => {
                write!(f, "a frame of kind {found}, expected kind {expected}")
            }
            Self::UnknownVersion { found, newest } => {
                write!(
                    f,
                    "format version {found}; this program reads up to version {newest}"
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
