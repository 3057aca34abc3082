//! What the events of a type look like.
//!
//! A store's bytes say nothing of the type that wrote them. Those of a set, taken for a counter,
//! would be a counter at zero that goes on counting in somebody else's state; a delta that came to
//! the wrong door would put events into a set that no method ever shows. So a type says what its
//! events look like, and what comes from outside is held against that: saved bytes by every `decode`,
//! messages by [`Replicated`](crate::crdt::Replicated), before anything of them is joined.

use core::fmt;

use crate::crdt::{
    Delta, Dot, EncodingError, FullState, Live, LiveEvent, Path, PathRef, Record, ReplicaId, Store,
    VersionVector,
};

/// What is expected at a path that has an owner, for messages.
const OWN_EVENT: &str = "an event of the replica whose row that is";

/// A type over a store whose events can be told from those of other types.
pub trait Layout {
    /// What an event of the type is, for messages: `an element of the set`.
    const EVENT: &'static str;

    /// Whether a live event with this payload at this path can be part of a value.
    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool;

    /// Whether an event at this path can kill: one that takes the place of others, or a removal of
    /// everything under it. Anything can, unless the type knows better.
    fn may_kill(_path: PathRef<'_>) -> bool {
        true
    }

    /// The only replica whose events may lie at this path; `None` where everybody's may.
    ///
    /// An owner reads back what lies there and goes on from it. What somebody else wrote there would
    /// be the owner's own from then on.
    fn owner(_path: PathRef<'_>) -> Option<ReplicaId> {
        None
    }

    /// Checks a delta before it is applied. O(size of the delta).
    fn check_delta(delta: &Delta) -> Result<(), ForeignEvent> {
        check::<Self>(&delta.live, &delta.records)
    }

    /// Checks a full state before it is applied. O(size of the state).
    fn check_full(full: &FullState) -> Result<(), ForeignEvent> {
        check::<Self>(&full.live, &full.records)
    }
}

/// An event that is none of the type's, or that lies where only another replica writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignEvent {
    /// The event.
    pub dot: Dot,
    /// Where it lies.
    pub path: Path,
    /// What was expected there.
    pub expected: &'static str,
}

/// Why bytes were not read as a value of the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They are no state at all.
    Encoding(EncodingError),
    /// They are the state of something else.
    Foreign(ForeignEvent),
}

/// Checks what another store has beyond `seen`, before it is merged. O(that).
pub(super) fn check_beyond<T: Layout + ?Sized>(
    store: &Store,
    seen: &VersionVector,
) -> Result<(), ForeignEvent> {
    match first_misfit::<T>(store.live_beyond(seen))
        .or_else(|| misplaced::<T>(store.records_beyond(seen)))
    {
        Some(event) => Err(event),
        None => Ok(()),
    }
}

/// Reads a store all of whose events are of the type.
pub(super) fn load<T: Layout + ?Sized>(bytes: &[u8]) -> Result<Store, LoadError> {
    let store = Store::decode(bytes).map_err(LoadError::Encoding)?;
    match first_misfit::<T>(store.iter()).or_else(|| misplaced::<T>(store.journal())) {
        Some(event) => Err(LoadError::Foreign(event)),
        None => Ok(store),
    }
}

/// Whether the path has no segment: where a type that stands alone keeps its only value.
pub(super) fn is_root(path: PathRef<'_>) -> bool {
    path.as_bytes().is_empty()
}

fn check<T: Layout + ?Sized>(live: &[LiveEvent], records: &[Record]) -> Result<(), ForeignEvent> {
    let misfit = live.iter().find_map(|event| {
        let expected = misfit::<T>(event.dot, event.path.as_ref(), &event.payload)?;
        Some(foreign(event.dot, event.path.clone(), expected))
    });
    match misfit.or_else(|| misplaced::<T>(records)) {
        Some(event) => Err(event),
        None => Ok(()),
    }
}

/// The first live event that is none of the type's.
fn first_misfit<'a, T: Layout + ?Sized>(
    mut live: impl Iterator<Item = Live<'a>>,
) -> Option<ForeignEvent> {
    live.find_map(|live| {
        let expected = misfit::<T>(live.dot, live.path, live.payload)?;
        Some(foreign(live.dot, live.path.to_path(), expected))
    })
}

/// What should be at the path of a live event instead; `None` if it may be there.
fn misfit<T: Layout + ?Sized>(dot: Dot, path: PathRef<'_>, payload: &[u8]) -> Option<&'static str> {
    if !T::fits(path, payload) {
        return Some(T::EVENT);
    }
    trespasses::<T>(dot, path).then_some(OWN_EVENT)
}

/// Whether the path is another replica's own.
fn trespasses<T: Layout + ?Sized>(dot: Dot, path: PathRef<'_>) -> bool {
    T::owner(path).is_some_and(|owner| owner != dot.replica)
}

/// The first record at a path where the type kills nothing, or where its replica may not.
fn misplaced<'a, T: Layout + ?Sized>(
    records: impl IntoIterator<Item = &'a Record>,
) -> Option<ForeignEvent> {
    records.into_iter().find_map(|record| {
        let path = record.path.as_ref();
        let expected = if !T::may_kill(path) {
            T::EVENT
        } else if trespasses::<T>(record.dot, path) {
            OWN_EVENT
        } else {
            return None;
        };
        Some(foreign(record.dot, record.path.clone(), expected))
    })
}

fn foreign(dot: Dot, path: Path, expected: &'static str) -> ForeignEvent {
    ForeignEvent {
        dot,
        path,
        expected,
    }
}

impl fmt::Display for ForeignEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dot,
            path,
            expected,
        } = self;
        write!(f, "{dot} at `{path}` is not {expected}")
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(error) => error.fmt(f),
            Self::Foreign(event) => event.fmt(f),
        }
    }
}

impl core::error::Error for ForeignEvent {}
impl core::error::Error for LoadError {}
