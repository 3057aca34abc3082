//! Tables, log entries and prune certificates as canonical bytes.
//!
//! An entry travels in a consensus log and a table in an answer to somebody who is behind, so
//! both are read from strangers. What can be checked of a value alone is checked here; whether an
//! entry fits the table is decided by [`Table::apply`], and whether a certificate is true by
//! [`PruneCertificate::verify`].

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::{Entry, Epoch, Expiry, Member, Table};
use crate::codec::{self, DecodeError, Kind, Reader, Sink, put_varint};
use crate::crdt::encoding::{
    put_replica, put_vector, read_next_replica, read_replica, read_vector,
};
use crate::crdt::stability::is_range;
use crate::crdt::{PruneCertificate, ReplicaId, VersionVector};

impl Entry {
    /// The entry as bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::MembershipEntry, |out| put_entry(out, self))
    }

    /// Reads what [`encode`](Self::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = codec::unframe(Kind::MembershipEntry, bytes)?;
        let entry = read_entry(&mut reader)?;
        reader.finish()?;
        Ok(entry)
    }
}

impl Table {
    /// The table as bytes. Equal tables have equal bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::Table, |out| put_table(out, self))
    }

    /// Reads what [`encode`](Self::encode) wrote. Refuses a table that no log can lead to.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = codec::unframe(Kind::Table, bytes)?;
        let table = read_table(&mut reader)?;
        reader.finish()?;
        Ok(table)
    }
}

impl PruneCertificate {
    /// The certificate as bytes.
    pub fn encode(&self) -> Vec<u8> {
        codec::frame(Kind::Certificate, |out| put_certificate(out, self))
    }

    /// Reads what [`encode`](Self::encode) wrote. The result is well-formed, not yet verified.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = codec::unframe(Kind::Certificate, bytes)?;
        let certificate = read_certificate(&mut reader)?;
        reader.finish()?;
        Ok(certificate)
    }
}

const FENCE: u8 = 1;
const CLOSE: u8 = 2;
const READMIT: u8 = 3;
const EXPIRE: u8 = 4;

fn put_entry(out: &mut impl Sink, entry: &Entry) {
    match *entry {
        Entry::Fence { replica } => {
            out.put(&[FENCE]);
            put_replica(out, replica);
        }
        Entry::Close { replica, at, epoch } => {
            out.put(&[CLOSE]);
            put_replica(out, replica);
            put_varint(out, at);
            put_varint(out, epoch.0);
        }
        Entry::Readmit { replica, ref seen } => {
            out.put(&[READMIT]);
            put_replica(out, replica);
            put_vector(out, seen);
        }
        Entry::Expire { replica, expiry } => {
            out.put(&[EXPIRE]);
            put_replica(out, replica);
            put_expiry(out, expiry);
        }
    }
}

fn read_entry(reader: &mut Reader<'_>) -> Result<Entry, DecodeError> {
    let offset = reader.offset();
    let tag = reader.byte()?;
    let replica = read_replica(reader)?;
    match tag {
        FENCE => Ok(Entry::Fence { replica }),
        CLOSE => Ok(Entry::Close {
            replica,
            at: reader.varint()?,
            epoch: Epoch(reader.varint()?),
        }),
        READMIT => Ok(Entry::Readmit {
            replica,
            seen: read_vector(reader)?,
        }),
        EXPIRE => Ok(Entry::Expire {
            replica,
            expiry: read_expiry(reader)?,
        }),
        _ => Err(Reader::bad_value(offset, "a kind of membership entry")),
    }
}

const UNMANAGED: u8 = 0;
const MANAGED: u8 = 1;

/// Without a list there is nothing more to say; the epoch is zero.
pub(in crate::crdt) fn put_table(out: &mut impl Sink, table: &Table) {
    let Some(members) = &table.members else {
        out.put(&[UNMANAGED]);
        return;
    };
    out.put(&[MANAGED]);
    put_varint(out, table.epoch.0);
    put_varint(out, members.len() as u64);
    for (&replica, &member) in members {
        put_replica(out, replica);
        put_member(out, member);
    }
}

pub(in crate::crdt) fn read_table(reader: &mut Reader<'_>) -> Result<Table, DecodeError> {
    let offset = reader.offset();
    match reader.byte()? {
        UNMANAGED => Ok(Table::unmanaged()),
        MANAGED => read_members(reader),
        _ => Err(Reader::bad_value(offset, "a list or no list")),
    }
}

fn read_members(reader: &mut Reader<'_>) -> Result<Table, DecodeError> {
    let start = reader.offset();
    let epoch = Epoch(reader.varint()?);
    let mut members = BTreeMap::new();
    for _ in 0..reader.count(3)? {
        let last = members.last_key_value().map(|(&last, _)| last);
        let replica = read_next_replica(reader, last)?;
        members.insert(replica, read_member(reader, epoch)?);
    }
    // The last active replica is never fenced.
    let has_active = members.values().any(|&member| member == Member::Active);
    if epoch > Epoch(0) && !has_active {
        return Err(Reader::bad_value(start, "a table with an active replica"));
    }
    Ok(Table {
        epoch,
        members: Some(members),
    })
}

const ACTIVE: u8 = 0;
const FENCED: u8 = 1;
const CLOSED: u8 = 2;
const EXPIRED: u8 = 3;

fn put_member(out: &mut impl Sink, member: Member) {
    match member {
        Member::Active => out.put(&[ACTIVE]),
        Member::Fenced { since } => {
            out.put(&[FENCED]);
            put_varint(out, since.0);
        }
        Member::Closed { at } => {
            out.put(&[CLOSED]);
            put_varint(out, at);
        }
        Member::Expired { expiry } => {
            out.put(&[EXPIRED]);
            put_expiry(out, expiry);
        }
    }
}

/// A member as it can be in a table of `epoch`.
fn read_member(reader: &mut Reader<'_>, epoch: Epoch) -> Result<Member, DecodeError> {
    let offset = reader.offset();
    let tag = reader.byte()?;
    if tag != ACTIVE && epoch == Epoch(0) {
        return Err(Reader::bad_value(
            offset,
            "an active replica, in epoch zero",
        ));
    }
    match tag {
        ACTIVE => Ok(Member::Active),
        FENCED => {
            let offset = reader.offset();
            let since = Epoch(reader.varint()?);
            if since == Epoch(0) || since > epoch {
                return Err(Reader::bad_value(offset, "an epoch up to the table's"));
            }
            Ok(Member::Fenced { since })
        }
        CLOSED => Ok(Member::Closed {
            at: reader.varint()?,
        }),
        EXPIRED => Ok(Member::Expired {
            expiry: read_expiry(reader)?,
        }),
        _ => Err(Reader::bad_value(offset, "a standing of a replica")),
    }
}

const DRAINED: u8 = 0;
const DISCARDED: u8 = 1;

fn put_expiry(out: &mut impl Sink, expiry: Expiry) {
    out.put(&[match expiry {
        Expiry::Drained => DRAINED,
        Expiry::Discarded => DISCARDED,
    }]);
}

fn read_expiry(reader: &mut Reader<'_>) -> Result<Expiry, DecodeError> {
    let offset = reader.offset();
    match reader.byte()? {
        DRAINED => Ok(Expiry::Drained),
        DISCARDED => Ok(Expiry::Discarded),
        _ => Err(Reader::bad_value(offset, "a reason to expire")),
    }
}

fn put_certificate(out: &mut impl Sink, certificate: &PruneCertificate) {
    put_varint(out, certificate.epoch.0);
    put_varint(out, certificate.rows.len() as u64);
    for &(owner, ref row) in &certificate.rows {
        put_replica(out, owner);
        put_vector(out, row);
    }
    put_vector(out, &certificate.frontier);
    put_ranges(out, &certificate.pruned);
    put_ranges(out, &certificate.uncovered);
}

fn read_certificate(reader: &mut Reader<'_>) -> Result<PruneCertificate, DecodeError> {
    let epoch = Epoch(reader.varint()?);
    let mut rows: Vec<(ReplicaId, VersionVector)> = Vec::new();
    for _ in 0..reader.count(3)? {
        let owner = read_next_replica(reader, rows.last().map(|row| row.0))?;
        rows.push((owner, read_vector(reader)?));
    }
    Ok(PruneCertificate {
        epoch,
        rows,
        frontier: read_vector(reader)?,
        pruned: read_ranges(reader)?,
        uncovered: read_ranges(reader)?,
    })
}

fn put_ranges(out: &mut impl Sink, ranges: &[(ReplicaId, RangeInclusive<u64>)]) {
    put_varint(out, ranges.len() as u64);
    for &(replica, ref range) in ranges {
        put_replica(out, replica);
        put_varint(out, *range.start());
        put_varint(out, *range.end());
    }
}

fn read_ranges(
    reader: &mut Reader<'_>,
) -> Result<Vec<(ReplicaId, RangeInclusive<u64>)>, DecodeError> {
    let mut ranges: Vec<(ReplicaId, RangeInclusive<u64>)> = Vec::new();
    for _ in 0..reader.count(4)? {
        let replica = read_next_replica(reader, ranges.last().map(|range| range.0))?;
        let offset = reader.offset();
        let range = reader.varint()?..=reader.varint()?;
        if !is_range(&range) {
            return Err(Reader::bad_value(offset, "a range of counters from one"));
        }
        ranges.push((replica, range));
    }
    Ok(ranges)
}
