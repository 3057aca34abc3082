//! What a member writes to its disk, record by record.
//!
//! A host could store each part of a [`Persist`] in a way of its own. But the parts have an order,
//! and a crash may cut the last one in half; a host that did not think of that finds out when it has
//! lost data. So every part is a [`Record`] that says how long it is and has a checksum. Written one
//! after the other they are a journal, of which a crash leaves whole records and a part of one.

use alloc::vec::Vec;

use super::super::effects::{HardState, Persist, PersistPart};
use super::super::entry::Entries;
use super::super::log::Boundary;
use super::super::snapshot::Snapshot;
use super::entries::{read_entries, write_entries};
use super::{put_all, read_boundary, read_count, read_snapshot, write_boundary, write_snapshot};
use crate::NodeId;
use crate::codec::{
    Count, DecodeError, Frame, Kind, Reader, Sink, TRAILER, frame_into, put_varint, unframe,
};

/// A change of what is on the disk of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A snapshot, taken or installed. A log that has its position stays; any other starts over
    /// from it. The data of the state machine is not in it.
    Snapshot(Snapshot),
    /// All entries from this index on are void.
    Truncation {
        /// That index.
        from: u64,
    },
    /// Entries that follow the last one.
    Entries {
        /// The index of the first.
        first_index: u64,
        /// The entries.
        entries: Entries,
    },
    /// The hard state.
    HardState(HardState),
    /// The log starts after this, and what it had before is dropped. A journal that is written
    /// anew begins with it.
    Compaction(Boundary),
}

impl Record {
    /// The record as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.encode_into(&mut bytes);
        bytes
    }

    /// Adds the record to a journal. Does not allocate if the buffer has room for it.
    pub fn encode_into(&self, journal: &mut Vec<u8>) {
        let mut length = Count::default();
        self.write(&mut length);
        frame_into(journal, Kind::RaftRecord, |out| {
            put_varint(out, length.0 as u64);
            self.write(out);
        });
    }

    /// The record of which these are the bytes.
    ///
    /// # Errors
    ///
    /// If they are not, down to the last.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (record, length) = Self::decode_first(bytes)?;
        if length < bytes.len() {
            return Err(DecodeError::TrailingBytes { offset: length });
        }
        Ok(record)
    }

    /// The first record of a journal that is not empty, and how many bytes it takes.
    ///
    /// # Errors
    ///
    /// If that is not a whole record. In the last write before a crash it is to be expected: the
    /// journal ends before it.
    pub fn decode_first(journal: &[u8]) -> Result<(Self, usize), DecodeError> {
        let mut head = Frame::open(Kind::RaftRecord, journal)?.unverified();
        let offset = head.offset();
        let length = usize::try_from(head.varint()?);
        let end = length
            .ok()
            .and_then(|length| length.checked_add(head.offset() + TRAILER));
        let end = end.ok_or(DecodeError::BadInteger { offset })?;
        let bytes = journal.get(..end).ok_or(DecodeError::Truncated {
            offset: journal.len(),
        })?;
        let mut reader = unframe(Kind::RaftRecord, bytes)?;
        reader.varint()?;
        let record = Self::read(&mut reader)?;
        reader.finish()?;
        Ok((record, end))
    }

    fn write(&self, out: &mut impl Sink) {
        match self {
            Self::Snapshot(snapshot) => {
                out.put(&[0]);
                write_snapshot(snapshot, out);
            }
            Self::Truncation { from } => put_all(out, &[1, *from]),
            Self::Entries {
                first_index,
                entries,
            } => {
                put_all(out, &[2, *first_index]);
                write_entries(entries, out);
            }
            Self::HardState(HardState {
                term,
                vote,
                commit_index,
            }) => {
                put_all(out, &[3, *term, *commit_index]);
                match vote {
                    None => put_varint(out, 0),
                    Some(node) => put_all(out, &[1, node.0]),
                }
            }
            Self::Compaction(boundary) => {
                out.put(&[4]);
                write_boundary(boundary, out);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        Ok(match reader.byte()? {
            0 => Self::Snapshot(read_snapshot(reader)?),
            1 => Self::Truncation {
                from: read_count(reader)?,
            },
            2 => Self::Entries {
                first_index: read_count(reader)?,
                entries: read_entries(reader, u32::MAX as usize)?,
            },
            3 => Self::HardState(read_hard_state(reader)?),
            4 => Self::Compaction(read_boundary(reader)?),
            _ => return Err(Reader::bad_value(offset, "a kind of record")),
        })
    }
}

fn read_hard_state(reader: &mut Reader<'_>) -> Result<HardState, DecodeError> {
    let term = read_count(reader)?;
    let commit_index = read_count(reader)?;
    let offset = reader.offset();
    let vote = match reader.byte()? {
        0 => None,
        1 => Some(NodeId(reader.varint()?)),
        _ => return Err(Reader::bad_value(offset, "a vote or none")),
    };
    Ok(HardState {
        term,
        vote,
        commit_index,
    })
}

impl Persist {
    /// The write as records, in the order in which they must become durable.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        self.parts().into_iter().filter_map(|part| match part {
            PersistPart::Snapshot => {
                let snapshot = self.snapshot.as_ref()?;
                Some(Record::Snapshot(Snapshot::clone(snapshot)))
            }
            PersistPart::Truncation => self.truncate_from.map(|from| Record::Truncation { from }),
            PersistPart::Entries if self.entries.is_empty() => None,
            PersistPart::Entries => Some(Record::Entries {
                first_index: self.first_index,
                entries: self.entries.clone(),
            }),
            PersistPart::HardState => Some(Record::HardState(self.hard_state)),
        })
    }
}
