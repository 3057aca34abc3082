//! One thing that was said under one name: a live event.
//!
//! ```text
//! stamp (12 bytes), version, age, length of the source, source, value
//! ```
//!
//! When it was said is in the event already. When the first of its line was said is kept as an age,
//! which is zero, one byte, for most tags.

use alloc::string::String;
use alloc::vec::Vec;

use super::value::TagValue;
use crate::Micros;
use crate::codec::{Reader, put_bytes, put_varint};
use crate::crdt::{Dot, Live, Stamp};

/// One thing that was said under one name, and that nobody who saw it has replaced or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it says.
    pub value: TagValue,
    /// Who or what said so.
    pub source: String,
    /// One more than the highest version that it replaced; one if it replaced nothing.
    ///
    /// It says how long the longest line of facts is that ends here. Joining does not change it, and a
    /// fact has a higher one than all that it replaced. After the tag was taken away it starts again.
    pub version: u64,
    /// When the first of the facts that it replaced, directly or not, was said.
    pub created: Micros,
    /// When it was said, at its replica.
    pub modified: Micros,
    /// What decides which of two concurrent facts is the later one.
    pub stamp: Stamp,
    /// The event.
    pub dot: Dot,
}

impl Fact {
    /// The fact that a live event is; `None` if it is something else.
    pub(in crate::crdt::keyspace) fn of(live: Live<'_>) -> Option<Self> {
        let (stamp, said) = Stamp::split(live.payload)?;
        let said = Said::parse(said)?;
        Some(Self {
            value: said.value,
            source: said.source.into(),
            version: said.version,
            // An age beyond the start of time is nothing to refuse a state for.
            created: live.at - Micros(said.age),
            modified: live.at,
            stamp,
            dot: live.dot,
        })
    }
}

/// Whether a live event of a tag can carry the payload.
pub(in crate::crdt::keyspace) fn is_fact(payload: &[u8]) -> bool {
    Stamp::split(payload).is_some_and(|(_, said)| Said::parse(said).is_some())
}

/// What is written behind the stamp to replace some facts; `None` if there is no version above
/// theirs.
pub(super) fn succeed(
    superseded: impl Iterator<Item = Fact>,
    now: Micros,
    value: &TagValue,
    source: &str,
) -> Option<Vec<u8>> {
    let (mut version, mut created) = (0, now);
    for fact in superseded {
        version = fact.version.max(version);
        created = fact.created.min(created);
    }
    let mut bytes = Vec::new();
    put_varint(&mut bytes, version.checked_add(1)?);
    put_varint(&mut bytes, (now - created).0);
    put_bytes(&mut bytes, source.as_bytes());
    value.put(&mut bytes);
    Some(bytes)
}

/// What stands behind the stamp.
struct Said<'a> {
    version: u64,
    /// How long before it the first of its line was said.
    age: u64,
    source: &'a str,
    value: TagValue,
}

impl<'a> Said<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.varint().ok().filter(|&version| version > 0)?;
        let age = reader.varint().ok()?;
        let source = core::str::from_utf8(reader.bytes().ok()?).ok()?;
        let value = TagValue::from_bytes(&bytes[reader.offset()..])?;
        Some(Self {
            version,
            age,
            source,
            value,
        })
    }
}
