//! A keyspace with its clock and its index, as a program would hold them.

use quorate::crdt::keyspace::{
    KeyKind, Keyspace, KeyspaceError, MergeMode, Operation, Query, Registry, Tag, TagIndex,
    TagName, TagScope, TagValue, apply, clear_merge_mode, clock_of, observe, set_merge_mode,
};
use quorate::crdt::{
    ApplyError, Delta, Event, FullState, HybridClock, Layout, LiveEvent, MergeReport, PathRef,
    ReplicaId, Replicated, Store,
};
use quorate::{Micros, NodeId};

/// A keyspace of [`registry`].
#[derive(Clone, Debug)]
pub struct Objects {
    /// The events.
    pub store: Store,
    /// Above every stamp in them.
    pub clock: HybridClock,
    /// Follows the store.
    pub index: TagIndex,
}

/// A key of each kind, named after it.
pub const KEYS: [(&str, KeyKind); 8] = [
    ("counter", KeyKind::Counter),
    ("flag", KeyKind::Flag),
    ("map", KeyKind::Map),
    ("multi", KeyKind::MultiRegister),
    ("register", KeyKind::Register),
    ("resettable", KeyKind::ResettableCounter),
    ("set", KeyKind::Set),
    ("tags", KeyKind::Tags),
];

/// What the keys hold, at every replica.
pub fn registry() -> Registry {
    let registry = KEYS
        .iter()
        .try_fold(Registry::new(), |registry, &(key, kind)| {
            registry.key(key, kind)
        });
    registry.unwrap()
}

/// A tag's name.
pub fn name(name: &str) -> TagName {
    TagName::new(name).unwrap()
}

/// The operation that says something.
pub fn tag(about: &str, value: impl Into<TagValue>) -> Operation {
    Operation::Tag {
        name: name(about),
        value: value.into(),
        source: "test".into(),
    }
}

impl Objects {
    /// An empty keyspace of the node's.
    pub fn new(node: u64) -> Self {
        Self::of(Store::new(ReplicaId::first(NodeId(node))))
    }

    /// A keyspace with what is in the store.
    pub fn of(store: Store) -> Self {
        Self {
            clock: clock_of(&store),
            index: TagIndex::build(&store),
            store,
        }
    }

    /// Does an operation.
    pub fn act(
        &mut self,
        now: u64,
        key: &str,
        operation: &Operation,
    ) -> Result<Option<Event>, KeyspaceError> {
        let Self { store, clock, .. } = self;
        let event = apply(
            &registry(),
            store,
            clock,
            Micros(now),
            key.as_bytes(),
            operation,
        )?;
        if let Some(event) = &event {
            self.index.note_event(&self.store, event);
        }
        Ok(event)
    }

    /// Sets a mode, or takes it away.
    pub fn set_mode(
        &mut self,
        now: u64,
        scope: &TagScope,
        mode: Option<MergeMode>,
    ) -> Option<Event> {
        let Self { store, clock, .. } = self;
        let event = match mode {
            Some(mode) => Some(set_merge_mode(store, clock, Micros(now), scope, mode).unwrap()),
            None => clear_merge_mode(store, Micros(now), scope).unwrap(),
        };
        if let Some(event) = &event {
            self.index.note_event(&self.store, event);
        }
        event
    }

    /// Looks at it with the registry that everybody has.
    pub fn look<T>(&self, look: impl FnOnce(Keyspace<'_>) -> T) -> T {
        look(Keyspace::new(&self.store, &registry()))
    }

    /// What a tag says.
    pub fn tag(&self, key: &str, about: &str) -> Option<Tag> {
        self.look(|keyspace| keyspace.tag(key, &name(about)))
    }

    /// The values that a tag shows.
    pub fn values(&self, key: &str, about: &str) -> Vec<TagValue> {
        self.tag(key, about)
            .map(|tag| tag.values)
            .unwrap_or_default()
    }

    /// What a query finds by a walk, once it is checked that the index finds the same.
    pub fn find(&self, query: &Query) -> Vec<String> {
        let walked: Vec<Vec<u8>> = self.look(|keyspace| keyspace.find(query).collect());
        assert_eq!(self.index.find(&self.store, query), walked, "{query:?}");
        let text = |key| String::from_utf8(key).unwrap();
        walked.into_iter().map(text).collect()
    }
}

impl PartialEq for Objects {
    /// Clock and index are no part of the value.
    fn eq(&self, other: &Self) -> bool {
        self.store == other.store
    }
}

impl Layout for Objects {
    const EVENT: &'static str = Keyspace::EVENT;

    fn fits(path: PathRef<'_>, payload: &[u8]) -> bool {
        Keyspace::fits(path, payload)
    }

    fn may_kill(path: PathRef<'_>) -> bool {
        Keyspace::may_kill(path)
    }

    fn owner(path: PathRef<'_>) -> Option<ReplicaId> {
        Keyspace::owner(path)
    }
}

impl Replicated for Objects {
    fn store(&self) -> &Store {
        &self.store
    }

    fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    fn apply(&mut self, delta: &Delta) -> Result<MergeReport, ApplyError> {
        Self::check_delta(delta)?;
        let report = self.store.apply(delta)?;
        self.observe(&delta.live);
        self.index.note_merge(&self.store, &report);
        Ok(report)
    }

    fn apply_full(&mut self, full: &FullState) -> Result<MergeReport, ApplyError> {
        Self::check_full(full)?;
        let report = self.store.apply_full(full)?;
        self.observe(&full.live);
        self.index.note_merge(&self.store, &report);
        Ok(report)
    }

    fn observe(&mut self, live: &[LiveEvent]) {
        observe(&mut self.clock, live);
    }
}
