//! Which mode the tags of a name have, as data in the same store.
//!
//! A mode that is a replica's own configuration makes two replicas with the same facts show two
//! things. Here it is a register under a key of the keyspace's own: whoever has seen the facts by a
//! context has seen the modes by the same one.

use crate::Micros;
use crate::crdt::keyspace::layout::{SCHEMA, mode_path, value_path};
use crate::crdt::keyspace::registry::KeyKind;
use crate::crdt::types::lww_register;
use crate::crdt::{
    Event, HybridClock, MapRef, PathRef, Stamp, Store, StoreError, Write, WriteError,
};

use super::name::TagName;
use super::resolve::MergeMode;
use alloc::string::String;

/// The modes of a keyspace, to be read.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    store: &'a Store,
}

/// What a mode is set for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagScope {
    /// Every name that has no mode of its own.
    Default,
    /// One name.
    Name(TagName),
}

impl<'a> Schema<'a> {
    /// The modes in a store.
    pub fn new(store: &'a Store) -> Self {
        Self { store }
    }

    /// The mode of the tags of this name: its own, or the default.
    pub fn mode_of(self, name: &TagName) -> MergeMode {
        let own = self.written(Some(name));
        own.unwrap_or_else(|| self.default_mode())
    }

    /// The mode of all names that have none of their own. Without one, the last writer wins.
    pub fn default_mode(self) -> MergeMode {
        self.written(None).unwrap_or_default()
    }

    /// The names that have a mode of their own, in order.
    pub fn names(self) -> impl Iterator<Item = (TagName, MergeMode)> + 'a {
        let modes = MapRef::<String>::new(self.store, value_path(SCHEMA, KeyKind::Map));
        let names: alloc::vec::Vec<String> = modes.keys().collect();
        names.into_iter().filter_map(move |name| {
            let name = TagName::new(&name).ok()?;
            let mode = self.written(Some(&name))?;
            Some((name, mode))
        })
    }

    fn written(self, name: Option<&TagName>) -> Option<MergeMode> {
        let path = mode_path(name);
        let winner = lww_register::winner(self.store, &path)?;
        MergeMode::of_bytes(winner.value)
    }
}

/// Sets a mode, in place of those that were seen. It holds for all facts there are and will be, as
/// facts are resolved when they are read.
pub fn set_merge_mode(
    store: &mut Store,
    clock: &mut HybridClock,
    now: Micros,
    scope: &TagScope,
    mode: MergeMode,
) -> Result<Event, WriteError> {
    let path = mode_path(scope.name());
    lww_register::write(store, clock, now, &path, &[mode as u8])
}

/// Takes a mode away, so that the default holds; `None` if there was none.
pub fn clear_merge_mode(
    store: &mut Store,
    now: Micros,
    scope: &TagScope,
) -> Result<Option<Event>, StoreError> {
    store.record(now, &mode_path(scope.name()), Write::Remove)
}

/// Whether a live event under a reserved key is a mode.
pub(in crate::crdt::keyspace) fn is_mode(path: PathRef<'_>, payload: &[u8]) -> bool {
    let mode = Stamp::split(payload).and_then(|(_, mode)| MergeMode::of_bytes(mode));
    is_mode_path(path) && mode.is_some()
}

/// Whether a mode can lie there.
pub(in crate::crdt::keyspace) fn is_mode_path(path: PathRef<'_>) -> bool {
    let name = path.segments().nth(2).unwrap_or_default();
    let expected = mode_path(TagName::from_bytes(&name).as_ref());
    path == expected.as_ref()
}

impl TagScope {
    fn name(&self) -> Option<&TagName> {
        match self {
            Self::Default => None,
            Self::Name(name) => Some(name),
        }
    }
}
