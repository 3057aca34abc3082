//! What a keyspace shows, as a function of the operations seen.
//!
//! The oracle knows places: lists of names from the key inwards. A removal takes what it has seen at
//! its place and further in; what replaces takes what it has seen at exactly its place; an increment
//! takes nothing. A value is what its kind makes of the operations that are left, a tag what its mode
//! does.

use std::collections::{BTreeMap, BTreeSet};

use quorate::Micros;
use quorate::crdt::keyspace::{
    KeyKind, MergeMode, Operation, Query, Tag, TagName, TagScope, TagValue, Value,
};
use quorate::crdt::{Kind, ReplicaId, Stamp};

use super::replica::KEYS;
use super::world::{Done, Seen};

/// Something that was done, and what became of it.
#[derive(Clone, Debug)]
pub struct Act {
    /// What.
    pub change: Change,
    /// The stamp that it got, if it got one.
    pub stamp: Stamp,
    /// The version that a tag should have got.
    pub version: u64,
    /// When the first of a tag's line was said.
    pub created: Micros,
    /// When it was done.
    pub at: Micros,
}

/// What can be done.
#[derive(Clone, Debug)]
pub enum Change {
    /// An operation on an object.
    Operate(&'static str, Operation),
    /// A mode is set, or taken away.
    Mode(TagScope, Option<MergeMode>),
}

type Place = Vec<Vec<u8>>;

/// The operations that are left, by place.
#[derive(Debug)]
pub struct Expected<'a>(BTreeMap<Place, Vec<&'a Done<Act>>>);

impl Change {
    fn place(&self) -> Place {
        match self {
            Self::Mode(TagScope::Default, _) => vec![b"\0modes".to_vec(), Vec::new()],
            Self::Mode(TagScope::Name(name), _) => vec![b"\0modes".to_vec(), text(name)],
            Self::Operate(key, operation) => {
                let mut place = vec![key.as_bytes().to_vec()];
                match operation {
                    Operation::Delete => {}
                    Operation::Tag { name, .. } | Operation::Untag { name } => {
                        place.extend([b"tags".to_vec(), text(name)]);
                    }
                    // An object that is nothing but tags has no other value.
                    Operation::Clear if *key == "tags" => place.push(b"tags".to_vec()),
                    _ => {
                        place.push(b"value".to_vec());
                        push_within(&mut place, operation);
                    }
                }
                place
            }
        }
    }

    fn is_removal(&self) -> bool {
        match self {
            Self::Mode(_, mode) => mode.is_none(),
            Self::Operate(_, operation) => matches!(
                innermost(operation),
                Operation::Remove { .. }
                    | Operation::Clear
                    | Operation::Disable
                    | Operation::Untag { .. }
                    | Operation::Delete
            ),
        }
    }

    fn takes(&self, victim: &Self) -> bool {
        let is_increment = |change: &Self| match change {
            Self::Operate(_, operation) => {
                matches!(innermost(operation), Operation::Increment { .. })
            }
            Self::Mode(..) => false,
        };
        if self.is_removal() {
            victim.place().starts_with(&self.place())
        } else {
            !is_increment(self) && victim.place() == self.place()
        }
    }
}

fn push_within(place: &mut Place, operation: &Operation) {
    match operation {
        Operation::Add { element } | Operation::Remove { element } => place.push(element.clone()),
        Operation::Field {
            key,
            kind,
            operation,
        } => {
            place.extend([key.clone(), kind.to_string().into_bytes()]);
            push_within(place, operation);
        }
        _ => {}
    }
}

fn innermost(operation: &Operation) -> &Operation {
    match operation {
        Operation::Field { operation, .. } => innermost(operation),
        _ => operation,
    }
}

fn text(name: &TagName) -> Vec<u8> {
    name.as_str().as_bytes().to_vec()
}

impl<'a> Expected<'a> {
    /// What is left of the operations seen.
    pub fn of(seen: &'a Seen<'_, Act>) -> Self {
        let left = seen.survivors(|killer, victim| killer.change.takes(&victim.change));
        let mut places: BTreeMap<Place, Vec<&Done<Act>>> = BTreeMap::new();
        for done in left.into_iter().filter(|done| !done.op.change.is_removal()) {
            places.entry(done.op.change.place()).or_default().push(done);
        }
        Self(places)
    }

    /// The keys under which something is left.
    pub fn keys(&self) -> BTreeSet<Vec<u8>> {
        let keys = self.0.keys().map(|place| place[0].clone());
        keys.filter(|key| key[0] != 0).collect()
    }

    /// How many dots are live: one for each operation that is left, but one row per replica.
    pub fn dots(&self) -> usize {
        let row = [b"counter".to_vec(), b"value".to_vec()];
        let count = |(place, left): (&Place, &Vec<&Done<Act>>)| {
            let owners: BTreeSet<ReplicaId> = left.iter().map(|done| done.dot.replica).collect();
            if *place == row {
                owners.len()
            } else {
                left.len()
            }
        };
        self.0.iter().map(count).sum()
    }

    /// The highest stamp of the writes that are left and got one.
    pub fn last_stamp(&self) -> Stamp {
        let is_stamped = |change: &Change| match change {
            Change::Mode(..) | Change::Operate(_, Operation::Tag { .. }) => true,
            Change::Operate(key, Operation::Write { .. }) => *key == "register",
            Change::Operate(..) => false,
        };
        let left = self.0.values().flatten().map(|done| &done.op);
        let stamps = left
            .filter(|act| is_stamped(&act.change))
            .map(|act| act.stamp);
        stamps.max().unwrap_or_default()
    }

    /// What a key holds.
    pub fn value(&self, key: &str) -> Value {
        let (_, kind) = KEYS.into_iter().find(|(known, _)| *known == key).unwrap();
        let place = vec![key.as_bytes().to_vec(), b"value".to_vec()];
        match kind {
            KeyKind::Tags => Value::Tags(self.tags(key)),
            kind => self.value_at(&place, kind),
        }
    }

    fn value_at(&self, place: &Place, kind: KeyKind) -> Value {
        match kind {
            KeyKind::Counter | KeyKind::ResettableCounter => {
                let amounts = self.at(place).map(|act| match innermost(operation(act)) {
                    Operation::Increment { by } => i128::from(*by),
                    other => panic!("{other:?} at the place of a counter"),
                });
                Value::Counter(amounts.sum())
            }
            KeyKind::Flag => Value::Flag(self.at(place).next().is_some()),
            KeyKind::Register => Value::Register(self.last(place).map(written)),
            KeyKind::MultiRegister => {
                let values: BTreeSet<Vec<u8>> = self.at(place).map(written).collect();
                Value::MultiRegister(values.into_iter().collect())
            }
            KeyKind::Set => Value::Set(self.below(place).into_iter().collect()),
            KeyKind::Map => {
                let mut fields = BTreeMap::new();
                for key in self.below(place) {
                    for kind in Kind::ALL {
                        let mut field = place.clone();
                        field.extend([key.clone(), kind.to_string().into_bytes()]);
                        if self.0.keys().any(|place| place.starts_with(&field)) {
                            let value = self.value_at(&field, kind.into());
                            fields.insert((key.clone(), kind), value);
                        }
                    }
                }
                Value::Map(fields)
            }
            KeyKind::Tags => unreachable!("tags are asked for by their object"),
        }
    }

    /// The tags of an object.
    pub fn tags(&self, key: &str) -> BTreeMap<TagName, Tag> {
        let place = vec![key.as_bytes().to_vec(), b"tags".to_vec()];
        let names = self.below(&place).into_iter();
        let tag = |name: Vec<u8>| {
            let mut place = place.clone();
            place.push(name.clone());
            let name = TagName::new(core::str::from_utf8(&name).unwrap()).unwrap();
            let tag = self.tag(&place, self.mode(&name));
            (name, tag)
        };
        names.map(tag).collect()
    }

    fn tag(&self, place: &Place, mode: MergeMode) -> Tag {
        let last = self.last(place).unwrap();
        let facts = self.at(place).count();
        let said: BTreeSet<TagValue> = self.at(place).map(said_by).collect();
        let is_list = |value: &TagValue| matches!(value, TagValue::List(_));
        let values = match mode {
            MergeMode::MultiValue => said.into_iter().collect(),
            MergeMode::Union if facts > 1 && said.iter().all(is_list) => {
                let items = said.into_iter().flat_map(|value| match value {
                    TagValue::List(items) => items,
                    TagValue::One(_) => unreachable!("all are lists"),
                });
                let items: BTreeSet<_> = items.collect();
                vec![TagValue::List(items.into_iter().collect())]
            }
            MergeMode::LastWriterWins | MergeMode::Union => vec![said_by(last)],
        };
        let source = match operation(last) {
            Operation::Tag { source, .. } => source.clone(),
            other => panic!("{other:?} at the place of a tag"),
        };
        Tag {
            values,
            source,
            version: self.at(place).map(|act| act.version).max().unwrap(),
            created: self.at(place).map(|act| act.created).min().unwrap(),
            modified: self.at(place).map(|act| act.at).max().unwrap(),
            facts,
        }
    }

    /// The mode of a name: the last that was written for it, or for all.
    pub fn mode(&self, name: &TagName) -> MergeMode {
        let written = |scope: Vec<u8>| {
            let act = self.last(&vec![b"\0modes".to_vec(), scope])?;
            match &act.change {
                Change::Mode(_, mode) => *mode,
                Change::Operate(..) => None,
            }
        };
        let default = || written(Vec::new()).unwrap_or_default();
        written(text(name)).unwrap_or_else(default)
    }

    /// Whether an object with these tags is among those that a query finds.
    pub fn finds(query: &Query, tags: &BTreeMap<TagName, Tag>) -> bool {
        match query {
            Query::Exists(name) => tags.contains_key(name),
            Query::Within(name, range) => tags.get(name).is_some_and(|tag| {
                tag.values.iter().any(|value| match value {
                    TagValue::List(items) => {
                        let mut items = items.iter().cloned().map(TagValue::One);
                        range.contains(value) || items.any(|item| range.contains(&item))
                    }
                    TagValue::One(_) => range.contains(value),
                })
            }),
            Query::All(queries) => queries.iter().all(|query| Self::finds(query, tags)),
            Query::Any(queries) => queries.iter().any(|query| Self::finds(query, tags)),
            Query::Not(query) => !Self::finds(query, tags),
        }
    }

    fn at(&self, place: &Place) -> impl Iterator<Item = &'a Act> {
        let left = self.0.get(place).into_iter().flatten();
        left.map(|done| &done.op)
    }

    fn last(&self, place: &Place) -> Option<&'a Act> {
        let left = self.0.get(place)?.iter();
        let last = left.max_by_key(|done| (done.op.stamp, done.dot.replica));
        last.map(|done| &done.op)
    }

    /// The names right within a place.
    fn below(&self, place: &Place) -> BTreeSet<Vec<u8>> {
        let within = self.0.keys().filter(|other| other.starts_with(place));
        within
            .filter_map(|other| other.get(place.len()).cloned())
            .collect()
    }
}

fn operation(act: &Act) -> &Operation {
    match &act.change {
        Change::Operate(_, operation) => operation,
        Change::Mode(..) => panic!("a mode at the place of a value"),
    }
}

fn written(act: &Act) -> Vec<u8> {
    match innermost(operation(act)) {
        Operation::Write { value } => value.clone(),
        other => panic!("{other:?} at the place of a register"),
    }
}

fn said_by(act: &Act) -> TagValue {
    match operation(act) {
        Operation::Tag { value, .. } => value.clone(),
        other => panic!("{other:?} at the place of a tag"),
    }
}
