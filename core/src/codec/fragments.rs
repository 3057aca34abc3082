//! Long messages in pieces that fit a link, and the way back.
//!
//! The obvious receiver reserves what the first piece announces and waits for the rest. A stranger
//! then reserves memory with a few bytes, and a lost piece keeps it for ever. Here nothing is held
//! that has not arrived, a sender has one message under way at a time, and a newer one drives an
//! unfinished one out.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;

use super::{Count, DecodeError, HEADER, Kind, TRAILER, frame, put_bytes, put_varint, unframe};

/// A message cut into fragments, each a frame of its own.
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    number: u64,
    message: &'a [u8],
    /// Bytes of the message in every fragment but the last.
    piece: usize,
    next: usize,
}

/// What an [`Assembler`] takes from one sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a message.
    pub message_bytes: usize,
    /// Fragments of a message.
    pub fragments: usize,
}

/// Puts the fragments of one sender together again, in whatever order they come.
///
/// Holds no more bytes than have arrived, and never more than one message's.
#[derive(Clone, Debug)]
pub struct Assembler {
    limits: Limits,
    /// The number that the next message must have, at least.
    next: u64,
    under_way: Option<Message>,
}

/// Why a message was not cut, or a fragment not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FragmentError {
    /// Fragments of so few bytes would be mostly heads.
    TooSmall {
        /// The bytes asked for.
        fragment_bytes: usize,
    },
    /// Not a fragment.
    Decode(DecodeError),
    /// The message is larger than this receiver takes.
    TooLarge {
        /// How many bytes it is said to have.
        bytes: u64,
        /// In how many fragments.
        fragments: u64,
    },
    /// The message is complete already, or was driven out by a newer one.
    Stale {
        /// The number of the fragment's message.
        number: u64,
    },
    /// Fragments of one number do not belong together. All of them were dropped.
    Mismatch {
        /// The number.
        number: u64,
    },
}

/// A message of which not everything is here.
#[derive(Clone, Debug)]
struct Message {
    outline: Outline,
    pieces: BTreeMap<u64, Vec<u8>>,
}

/// What every fragment says of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outline {
    number: u64,
    /// Bytes of the message.
    total: u64,
    /// Bytes of every piece but the last; never zero.
    piece: u64,
}

/// The smallest fragment that can be asked for.
const SMALLEST_FRAGMENT: usize = 64;

impl<'a> Fragments<'a> {
    /// Cuts a message into fragments of at most `fragment_bytes`, which must be 64 or more.
    ///
    /// Numbers tell the messages to one receiver apart and must ascend.
    pub fn new(
        number: u64,
        message: &'a [u8],
        fragment_bytes: usize,
    ) -> Result<Self, FragmentError> {
        if fragment_bytes < SMALLEST_FRAGMENT {
            return Err(FragmentError::TooSmall { fragment_bytes });
        }
        let mut head = Count(HEADER + TRAILER);
        put_varint(&mut head, number);
        // Four numbers that cannot be longer than one of these: total, piece, index and length.
        let longest = message.len().max(fragment_bytes) as u64;
        for _ in 0..4 {
            put_varint(&mut head, longest);
        }
        Ok(Self {
            number,
            message,
            piece: fragment_bytes.saturating_sub(head.0).max(1),
            next: 0,
        })
    }
}

impl Iterator for Fragments<'_> {
    type Item = Vec<u8>;

    /// An empty message is one empty fragment.
    fn next(&mut self) -> Option<Vec<u8>> {
        let index = self.next;
        let start = index * self.piece;
        if start >= self.message.len() && index > 0 {
            return None;
        }
        let end = self.message.len().min(start + self.piece);
        self.next += 1;
        Some(frame(Kind::Fragment, |out| {
            put_varint(out, self.number);
            put_varint(out, self.message.len() as u64);
            put_varint(out, self.piece as u64);
            put_varint(out, index as u64);
            put_bytes(out, &self.message[start..end]);
        }))
    }
}

impl Default for Limits {
    /// 64 MiB in 65,536 fragments.
    fn default() -> Self {
        Self {
            message_bytes: 64 << 20,
            fragments: 1 << 16,
        }
    }
}

impl Assembler {
    /// Nothing has arrived.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            next: 0,
            under_way: None,
        }
    }

    /// Takes a fragment. Returns the message when this was the last that it lacked.
    ///
    /// A fragment that is here already changes nothing.
    pub fn accept(&mut self, fragment: &[u8]) -> Result<Option<Vec<u8>>, FragmentError> {
        let (outline, index, bytes) = read_fragment(fragment).map_err(FragmentError::Decode)?;
        let number = outline.number;
        if number < self.next {
            return Err(FragmentError::Stale { number });
        }
        self.check_limits(outline)?;
        let newer = |message: &mut Message| message.outline.number < number;
        let mut message = match self.under_way.take_if(|message| !newer(message)) {
            Some(message) if message.outline.number > number => {
                self.under_way = Some(message);
                return Err(FragmentError::Stale { number });
            }
            Some(message) => message,
            None => Message {
                outline,
                pieces: BTreeMap::new(),
            },
        };
        let known = message.pieces.get(&index).map(Vec::as_slice);
        if message.outline != outline || known.is_some_and(|known| known != bytes) {
            self.under_way = None;
            return Err(FragmentError::Mismatch { number });
        }
        if known.is_none() {
            message.pieces.insert(index, Vec::from(bytes));
        }
        if (message.pieces.len() as u64) < outline.fragments() {
            self.under_way = Some(message);
            return Ok(None);
        }
        self.next = number.saturating_add(1);
        Ok(Some(message.pieces.into_values().flatten().collect()))
    }

    /// Bytes of the message that is under way.
    pub fn held_bytes(&self) -> usize {
        let pieces = self.under_way.iter().flat_map(|it| it.pieces.values());
        pieces.map(Vec::len).sum()
    }

    /// Forgets everything, the numbers too: the sender starts anew.
    pub fn reset(&mut self) {
        *self = Self::new(self.limits);
    }

    fn check_limits(&self, outline: Outline) -> Result<(), FragmentError> {
        let (bytes, fragments) = (outline.total, outline.fragments());
        let fits =
            bytes <= self.limits.message_bytes as u64 && fragments <= self.limits.fragments as u64;
        if fits {
            Ok(())
        } else {
            Err(FragmentError::TooLarge { bytes, fragments })
        }
    }
}

impl Outline {
    fn fragments(self) -> u64 {
        self.total.div_ceil(self.piece).max(1)
    }

    /// The length of a piece; `None` if there is no such piece.
    fn piece_len(self, index: u64) -> Option<u64> {
        let last = self.fragments() - 1;
        match index {
            _ if index < last => Some(self.piece),
            _ if index == last => Some(self.total - last * self.piece),
            _ => None,
        }
    }
}

fn read_fragment(bytes: &[u8]) -> Result<(Outline, u64, &[u8]), DecodeError> {
    let mut reader = unframe(Kind::Fragment, bytes)?;
    let number = reader.varint()?;
    let total = reader.varint()?;
    let offset = reader.offset();
    let piece = reader.varint()?;
    if piece == 0 {
        return Err(super::Reader::bad_value(offset, "the length of a piece"));
    }
    let outline = Outline {
        number,
        total,
        piece,
    };
    let offset = reader.offset();
    let index = reader.varint()?;
    let bytes = reader.bytes()?;
    if outline.piece_len(index) != Some(bytes.len() as u64) {
        return Err(super::Reader::bad_value(offset, "a piece of the message"));
    }
    reader.finish()?;
    Ok((outline, index, bytes))
}

impl fmt::Display for FragmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSmall { fragment_bytes } => write!(
                f,
                "fragments of {fragment_bytes} bytes are too small: {SMALLEST_FRAGMENT} at least"
            ),
            Self::Decode(error) => error.fmt(f),
            Self::TooLarge { bytes, fragments } => {
                write!(
                    f,
                    "a message of {bytes} bytes in {fragments} fragments is too large"
                )
            }
            Self::Stale { number } => {
                write!(
                    f,
                    "message {number} is complete, or was given up for another"
                )
            }
            Self::Mismatch { number } => {
                write!(f, "the fragments of message {number} do not fit together")
            }
        }
    }
}

impl core::error::Error for FragmentError {}
