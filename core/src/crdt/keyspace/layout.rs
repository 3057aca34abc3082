//! Where everything of a keyspace lies in its one store.
//!
//! ```text
//! key, kind, value                    as in a map: a keyspace is a map with two kinds more
//! key, 'P', row                       a counter's row, of each replica that counted
//! key, 'T', name                      a tag, beside whatever the key holds
//! schema, 'M', name, 'R'              how the tags of this name are merged; no name: all others
//! ```
//!
//! A store per object, or a context per object, costs tens of times what is in it. Here an object
//! costs what its paths and dots take.

use alloc::vec::Vec;

use super::Keyspace;
use super::registry::KeyKind;
use super::tags::{self, Fact, TagName};
use crate::crdt::types::lww_register;
use crate::crdt::{
    HybridClock, Kind, Layout, LiveEvent, OrMap, Path, PathRef, PnCounter, ReplicaId, Stamp, Store,
};

/// The key of the schema of tags. Keys that start with a zero byte are the keyspace's own.
pub(super) const SCHEMA: &[u8] = b"\0schema";

/// How many maps may lie within each other. What walks over nested maps needs no more stack than
/// that, whatever a peer sends.
pub(super) const DEPTH_MAX: usize = 32;

/// What an event of a keyspace is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Everything there is.
    Everything,
    /// All of an object: a deletion.
    Object(Vec<u8>),
    /// All tags of an object.
    Tags(Vec<u8>),
    /// A tag.
    Tag(Vec<u8>, TagName),
    /// How the tags of a name are merged, or those of every name.
    Schema(Option<TagName>),
    /// Something without tags.
    Elsewhere,
}

impl Layout for Keyspace<'_> {
    const EVENT: &'static str = "a part of a value or a tag in the keyspace";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        let mut segments = path.segments();
        let (Some(key), Some(kind)) = (segments.next(), segments.next()) else {
            return false;
        };
        if is_reserved(&key) {
            return tags::is_mode(path, payload);
        }
        match KeyKind::of_segment(&kind) {
            None => false,
            Some(KeyKind::Counter) => {
                let row = path.below(2);
                row.is_some_and(|row| PnCounter::fits(row, payload))
            }
            Some(KeyKind::Tags) => {
                matches!(Place::of(path), Place::Tag(..)) && tags::is_fact(payload)
            }
            Some(_) => depth(path) <= DEPTH_MAX && OrMap::<Vec<u8>>::fits(path, payload),
        }
    }

    /// A row takes the place of the one before. The counter around it does not go.
    fn may_kill(path: PathRef<'_>) -> bool {
        let mut segments = path.segments();
        let Some(key) = segments.next() else {
            return false;
        };
        let kind = segments.next().map(|kind| KeyKind::of_segment(&kind));
        if is_reserved(&key) {
            return tags::is_mode_path(path);
        }
        match kind {
            None => true,
            Some(Some(KeyKind::Counter)) => segments.next().is_some() && segments.next().is_none(),
            Some(Some(KeyKind::Tags)) => matches!(Place::of(path), Place::Tags(_) | Place::Tag(..)),
            Some(_) => depth(path) <= DEPTH_MAX && OrMap::<Vec<u8>>::may_kill(path),
        }
    }

    fn owner(path: PathRef<'_>) -> Option<ReplicaId> {
        let kind = KeyKind::of_segment(&path.segments().nth(1)?)?;
        let row = path.below(2).filter(|_| kind == KeyKind::Counter)?;
        PnCounter::owner(row)
    }
}

impl Place {
    /// Where the path of an event leads.
    pub(super) fn of(path: PathRef<'_>) -> Self {
        let mut segments = path.segments();
        let Some(key) = segments.next() else {
            return Self::Everything;
        };
        let kind = segments.next();
        if *key == *SCHEMA {
            let scope = segments.next().unwrap_or_default();
            return Self::Schema(TagName::from_bytes(&scope));
        }
        match kind.map(|kind| KeyKind::of_segment(&kind)) {
            None => Self::Object(key.into_owned()),
            Some(Some(KeyKind::Tags)) => match segments.next() {
                None => Self::Tags(key.into_owned()),
                Some(name) => match TagName::from_bytes(&name) {
                    Some(name) if segments.next().is_none() => Self::Tag(key.into_owned(), name),
                    _ => Self::Elsewhere,
                },
            },
            Some(_) => Self::Elsewhere,
        }
    }
}

/// Whether a live event at this path carries the stamp of a [`HybridClock`]: a write to a register
/// or a tag. A door that judges skew gives it to [`newest_stamp`](crate::crdt::newest_stamp).
pub fn is_stamped(path: PathRef<'_>) -> bool {
    let mut segments = path.segments();
    segments.next();
    match segments.next().and_then(|kind| KeyKind::of_segment(&kind)) {
        Some(KeyKind::Tags) => matches!(Place::of(path), Place::Tag(..)),
        Some(_) => Kind::of_path(path) == Some(Kind::Register),
        None => false,
    }
}

/// The clock of a keyspace that was read from a disk: it is above every stamp in it. O(n).
pub fn clock_of(store: &Store) -> HybridClock {
    let mut clock = HybridClock::new();
    let stamped = store.iter().filter(|live| is_stamped(live.path));
    for (stamp, _) in stamped.filter_map(|live| Stamp::split(live.payload)) {
        clock.observe(stamp);
    }
    clock
}

/// Takes note of the stamps in a message that was joined. O(live events in it).
pub fn observe(clock: &mut HybridClock, live: &[LiveEvent]) {
    lww_register::observe_events(clock, live, is_stamped);
}

/// Whether the key is one of the keyspace's own.
pub(super) fn is_reserved(key: &[u8]) -> bool {
    key.first() == Some(&0)
}

/// Everything of an object.
pub(super) fn object_path(key: &[u8]) -> Path {
    Path::of([key])
}

/// Where the value of a kind under a key lies in the store, for those who look at events.
pub fn value_path(key: &[u8], kind: KeyKind) -> Path {
    Path::of([key, &[kind as u8]])
}

/// A tag of an object.
pub(super) fn tag_path(key: &[u8], name: &TagName) -> Path {
    Path::of([key, &[KeyKind::Tags as u8], name.as_str().as_bytes()])
}

/// Right before the first path whose key comes after this one.
pub(super) fn after(key: &[u8]) -> Path {
    let mut next = key.to_vec();
    next.push(0);
    Path::of([next])
}

/// Where the mode of the tags of a name lies; that of all others without one.
pub(super) fn mode_path(name: Option<&TagName>) -> Path {
    let name = name.map(TagName::as_str).unwrap_or_default();
    Kind::Register.field(&value_path(SCHEMA, KeyKind::Map), &Vec::from(name))
}

/// The name of the tag at a path, and its fact.
pub(super) fn fact_of(live: crate::crdt::Live<'_>) -> Option<(TagName, Fact)> {
    match Place::of(live.path) {
        Place::Tag(_, name) => Some((name, Fact::of(live)?)),
        _ => None,
    }
}

/// How many maps a path goes through: a key and a kind for each, and one for the value within.
fn depth(path: PathRef<'_>) -> usize {
    path.segments().count() / 2
}
