//! The register that the last writer wins.
//!
//! The usual one compares two wall clocks inside the merge, refuses the other side if it looks too
//! far ahead, and then the two sides of one merge disagree for ever. Three rules avoid that:
//!
//! - **A total order.** Of concurrent writes the one with the highest stamp shows, then that of the
//!   highest replica, then the highest bytes. No two different writes are equal in it.
//! - **A merge reads no clock.** Whether a stamp is too far ahead is judged on a whole message at
//!   the door, before anything of it is joined; [`newest_stamp`] says what to judge.
//! - **The losers stay**, until a write or a removal has seen them. A removal that saw only the winner
//!   must leave the loser in its place, as it does where the loser arrives later.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::element::{AsElement, Element};
use super::hybrid_clock::{ClockExhausted, HybridClock, Stamp};
use super::layout::{Layout, LoadError, is_root, load};
use crate::Micros;
use crate::crdt::{
    Dot, Event, Live, LiveEvent, Path, PathRef, ReplicaId, Replicated, Rule, Store, StoreError,
    Write,
};

/// A register that shows the last write, by a [`HybridClock`].
///
/// A write replaces all writes it has seen, whatever their stamps; only among concurrent ones do
/// stamps decide.
///
/// ```
/// use quorate::crdt::{LwwRegister, ReplicaId, Replicated};
/// use quorate::{Micros, NodeId};
///
/// let mut left = LwwRegister::<String>::new(ReplicaId::first(NodeId(1)));
/// let mut right = LwwRegister::<String>::new(ReplicaId::first(NodeId(2)));
/// left.set(Micros(5), "tea")?;
/// right.set(Micros(7), "coffee")?;
/// left.merge(&right)?;
/// right.merge(&left)?;
/// assert_eq!(left.get().as_deref(), Some("coffee"));
/// assert_eq!(right.get(), left.get());
///
/// // Its clock is far behind, and yet it has seen what it replaces.
/// left.set(Micros(1), "water")?;
/// right.merge(&left)?;
/// assert_eq!(right.get().as_deref(), Some("water"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct LwwRegister<V> {
    store: Store,
    /// Above every stamp seen. Not part of the value: it is found again when a state is read.
    clock: HybridClock,
    value: PhantomData<V>,
}

/// The write that a register shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Winner<V> {
    /// What was written.
    pub value: V,
    /// When.
    pub stamp: Stamp,
    /// The write.
    pub dot: Dot,
}

/// Why a write was refused. The register is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// There is no stamp left for it.
    Clock(ClockExhausted),
    /// The store refused it.
    Store(StoreError),
}

impl<V: Element> LwwRegister<V> {
    /// A register without a value, to which `replica` writes.
    pub fn new(replica: ReplicaId) -> Self {
        Self::of(Store::new(replica))
    }

    /// Writes a value in place of all that were seen.
    pub fn set(
        &mut self,
        now: Micros,
        value: &(impl AsElement<V> + ?Sized),
    ) -> Result<Event, WriteError> {
        let Self { store, clock, .. } = self;
        write(store, clock, now, &Path::root(), &value.element_bytes())
    }

    /// Takes the value away, and those it won over; `None` if there was none, which is no event.
    pub fn clear(&mut self, now: Micros) -> Result<Option<Event>, StoreError> {
        self.store.record(now, &Path::root(), Write::Remove)
    }

    /// The last value; `None` if nobody wrote, or if it was taken away.
    pub fn get(&self) -> Option<V> {
        self.winner().map(|winner| winner.value)
    }

    /// The write that shows, with its stamp.
    pub fn winner(&self) -> Option<Winner<V>> {
        winner(&self.store, &Path::root()).and_then(Winner::typed)
    }

    /// The highest stamp given or seen.
    pub fn last_stamp(&self) -> Stamp {
        self.clock.last()
    }

    /// Reads what [`encode`](Replicated::encode) wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, LoadError> {
        load::<Self>(bytes).map(Self::of)
    }

    fn of(store: Store) -> Self {
        let mut clock = HybridClock::new();
        observe_siblings(&mut clock, &store, &Path::root());
        Self {
            store,
            clock,
            value: PhantomData,
        }
    }
}

impl<V> PartialEq for LwwRegister<V> {
    /// Equal states: the clock is no part of the value.
    fn eq(&self, other: &Self) -> bool {
        self.store == other.store
    }
}

impl<V> Eq for LwwRegister<V> {}

impl<V: Element> Replicated for LwwRegister<V> {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    fn observe(&mut self, live: &[LiveEvent]) {
        observe_events(&mut self.clock, live, is_root);
    }
}

impl<V: Element> Layout for LwwRegister<V> {
    const EVENT: &'static str = "a stamped value of the register";

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        is_root(path) && Stamp::split(payload).is_some_and(|(_, value)| V::is_element(value))
    }

    fn may_kill(path: PathRef<'_>) -> bool {
        is_root(path)
    }
}

impl Winner<&[u8]> {
    /// The same with a value of a type; `None` if the bytes are none.
    fn typed<V: Element>(self) -> Option<Winner<V>> {
        Some(Winner {
            value: V::from_bytes(self.value)?,
            stamp: self.stamp,
            dot: self.dot,
        })
    }
}

/// The highest stamp among the live events of a message whose path is that of a register, and the
/// write that has it; `None` if there is no register among them.
///
/// A door that finds it too far ahead of its own clock refuses the whole message, and neither joins
/// nor acknowledges any of it. Skipping the one write would lose it for ever, as the vector of the
/// message says that it was seen; lowering its stamp would make two replicas show two values.
///
/// Paths tell registers from other types, and a caller knows its own: those of a map are told by
/// [`Kind::of_path`](super::Kind::of_path).
pub fn newest_stamp(
    live: &[LiveEvent],
    is_register: impl Fn(PathRef<'_>) -> bool,
) -> Option<(Stamp, Dot)> {
    live.iter()
        .filter(|event| is_register(event.path.as_ref()))
        .filter_map(|event| Some((Stamp::split(&event.payload)?.0, event.dot)))
        .max()
}

/// The last value of the register at `path`; `None` if there is none, or if it is no `V`.
pub(in crate::crdt) fn value<V: Element>(store: &Store, path: &Path) -> Option<V> {
    winner(store, path).and_then(|winner| V::from_bytes(winner.value))
}

/// The write that shows at `path`: the highest by stamp, replica and bytes.
pub(in crate::crdt) fn winner<'a>(store: &'a Store, path: &'a Path) -> Option<Winner<&'a [u8]>> {
    store
        .live_at(path)
        .filter_map(parse)
        .max_by_key(|write| (write.stamp, write.dot.replica, write.value))
}

/// Writes to the register at `path`, with a stamp above all that are there.
pub(in crate::crdt) fn write(
    store: &mut Store,
    clock: &mut HybridClock,
    now: Micros,
    path: &Path,
    value: &[u8],
) -> Result<Event, WriteError> {
    let mut ticked = *clock;
    observe_siblings(&mut ticked, store, path);
    let mut stamp = ticked.tick(now).map_err(WriteError::Clock)?;
    if !store.keeps(Rule::StampsAreHybrid) {
        stamp = Stamp {
            time: now,
            logical: 0,
        };
    }
    let mut payload = Vec::with_capacity(Stamp::LEN + value.len());
    payload.extend_from_slice(&stamp.to_bytes());
    payload.extend_from_slice(value);
    let event = store
        .record(now, path, Write::Put(Box::from(payload)))
        .map_err(WriteError::Store)?;
    // Only now, so that a refused write leaves the clock as it was.
    *clock = ticked;
    Ok(event.expect("a write always changes something"))
}

/// Takes note of the stamps in a message that was joined.
pub(in crate::crdt) fn observe_events(
    clock: &mut HybridClock,
    live: &[LiveEvent],
    is_register: impl Fn(PathRef<'_>) -> bool,
) {
    if let Some((stamp, _)) = newest_stamp(live, is_register) {
        clock.observe(stamp);
    }
}

fn observe_siblings(clock: &mut HybridClock, store: &Store, path: &Path) {
    for write in store.live_at(path).filter_map(parse) {
        clock.observe(write.stamp);
    }
}

/// The write that a live dot is; `None` if it carries no stamp.
fn parse(live: Live<'_>) -> Option<Winner<&[u8]>> {
    let (stamp, value) = Stamp::split(live.payload)?;
    Some(Winner {
        value,
        stamp,
        dot: live.dot,
    })
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for WriteError {}
