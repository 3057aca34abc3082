//! Random histories of a keyspace, held against the oracle after every step: loss, repetition,
//! reordering, full states, pruning, restarts.

use std::collections::BTreeMap;
use std::ops::Bound;

use quorate::crdt::keyspace::{
    KeyKind, Keyspace, MergeMode, Operation, Query, TagIndex, TagScope, TagValue, Value,
};
use quorate::crdt::{Dot, Kind, Layout, ReplicaId, Replicated, Store};
use quorate::{Micros, Random};

use super::oracle::{Act, Change, Expected};
use super::replica::{KEYS, Objects, name};
use super::test;
use super::world::{self, Seen, Subject, run_seed};

const NAMES: [&str; 2] = ["a:x", "b:y"];

impl Subject for Objects {
    type Op = Act;

    fn start(replica: ReplicaId) -> Self {
        Self::of(Store::new(replica))
    }

    fn draw(random: &mut Random) -> Act {
        Act {
            change: draw_change(random),
            stamp: quorate::crdt::Stamp::default(),
            version: 0,
            created: Micros::ZERO,
            at: Micros::ZERO,
        }
    }

    fn perform(&mut self, now: Micros, act: Act) -> Option<(Dot, Act)> {
        let (mut version, mut created) = (1, now);
        if let Change::Operate(key, Operation::Tag { name, .. }) = &act.change
            && let Some(tag) = self.look(|keyspace| keyspace.tag(key, name))
        {
            version = tag.version + 1;
            created = tag.created.min(now);
        }
        let before = self.store.clone();
        let event = match &act.change {
            Change::Operate(key, operation) => {
                let done = self.act(now.0, key, operation);
                assert!(done.is_ok() || self.store == before, "refused");
                done.unwrap_or(None)
            }
            Change::Mode(scope, mode) => self.set_mode(now.0, scope, *mode),
        };
        let done = Act {
            stamp: self.clock.last(),
            version,
            created,
            at: now,
            ..act
        };
        Some((event?.dot, done))
    }

    fn check(&self, seen: &Seen<'_, Act>) {
        let expected = Expected::of(seen);
        assert_eq!(
            self.store.live_len(),
            expected.dots(),
            "what is left, and no more"
        );
        let mut tags = BTreeMap::new();
        self.look(|keyspace| {
            assert!(keyspace.keys().eq(expected.keys()), "every key once");
            for (key, kind) in KEYS {
                let contains = expected.keys().contains(key.as_bytes());
                assert_eq!(keyspace.contains(key), contains);
                assert_eq!(keyspace.get(key), expected.value(key));
                check_typed(keyspace, key, kind);
                let shown: BTreeMap<_, _> = keyspace.tags(key).collect();
                assert_eq!(shown, expected.tags(key));
                for name in NAMES.map(name) {
                    assert_eq!(keyspace.tag(key, &name).as_ref(), shown.get(&name));
                    assert_eq!(keyspace.schema().mode_of(&name), expected.mode(&name));
                }
                tags.insert(key, shown);
            }
        });
        assert_eq!(
            self.index,
            TagIndex::build(&self.store),
            "the index has drifted"
        );
        for query in queries() {
            let found = self.find(&query);
            let is_found = |key: &&str| {
                expected.keys().contains(key.as_bytes()) && Expected::finds(&query, &tags[key])
            };
            let expected = KEYS.iter().map(|(key, _)| *key).filter(is_found);
            assert!(expected.eq(found.iter().map(String::as_str)), "{query:?}");
        }
        for live in self.store.iter() {
            assert!(Keyspace::fits(live.path, live.payload), "{}", live.path);
        }
        assert!(
            expected.last_stamp() <= self.clock.last(),
            "a stamp was not seen"
        );
    }

    fn reload(&self) -> Self {
        Self::of(Store::decode(&self.encode()).unwrap())
    }
}

/// What the typed views say is what the whole value says.
fn check_typed(keyspace: Keyspace<'_>, key: &str, kind: KeyKind) {
    let typed = match kind {
        KeyKind::Counter => Value::Counter(keyspace.counter(key)),
        KeyKind::ResettableCounter => Value::Counter(keyspace.resettable_counter(key)),
        KeyKind::Flag => Value::Flag(keyspace.flag(key)),
        KeyKind::Register => Value::Register(keyspace.register(key)),
        KeyKind::MultiRegister => Value::MultiRegister(keyspace.multi_register(key)),
        KeyKind::Set => Value::Set(keyspace.set(key).iter().collect()),
        KeyKind::Map | KeyKind::Tags => keyspace.get(key),
    };
    assert_eq!(typed, keyspace.get(key));
    assert_eq!(keyspace.kind_of(key), kind);
    if let Value::Map(fields) = keyspace.get(key) {
        let map = keyspace.map::<Vec<u8>>(key);
        assert!(map.fields().eq(fields.into_keys()));
    }
}

fn draw_change(random: &mut Random) -> Change {
    if random.chance(250) {
        let scope = match random.index(3) {
            0 => TagScope::Default,
            at => TagScope::Name(name(NAMES[at - 1])),
        };
        let mode = random.chance(800).then(|| MergeMode::ALL[random.index(3)]);
        return Change::Mode(scope, mode);
    }
    let (key, kind) = KEYS[random.index(KEYS.len())];
    // Every object has tags, but they have to meet.
    let tagged = if random.chance(800) { "tags" } else { key };
    let operation = match random.below(20) {
        0..=6 => draw_update(random, kind, 2),
        7..=15 => return Change::Operate(tagged, draw_tag(random)),
        16..=17 => {
            let name = name(NAMES[random.index(2)]);
            return Change::Operate(tagged, Operation::Untag { name });
        }
        18 => Operation::Delete,
        // One that need not fit.
        _ => {
            let any = KeyKind::ALL[random.index(8)];
            draw_update(random, any, 1)
        }
    };
    Change::Operate(key, operation)
}

fn draw_tag(random: &mut Random) -> Operation {
    let value = match random.below(8) {
        0 => TagValue::from(true),
        1 => TagValue::from("m"),
        2..=3 => TagValue::from(i64::try_from(random.below(4)).unwrap()),
        4 => TagValue::list::<i64>([]),
        _ => TagValue::list([random.below(4), random.below(4)].map(|n| i64::try_from(n).unwrap())),
    };
    Operation::Tag {
        name: name(NAMES[random.index(2)]),
        value,
        source: ["", "scan"][random.index(2)].into(),
    }
}

/// An operation that fits the kind; within a map, perhaps one on a map.
fn draw_update(random: &mut Random, kind: KeyKind, depth: u32) -> Operation {
    let byte = |random: &mut Random| vec![[b'p', 0][random.index(2)]];
    if random.chance(100) {
        return Operation::Clear;
    }
    match kind {
        KeyKind::Counter | KeyKind::ResettableCounter => {
            let by = i64::try_from(random.below(5)).unwrap() - 2;
            Operation::Increment { by }
        }
        KeyKind::Register | KeyKind::MultiRegister => Operation::Write {
            value: byte(random),
        },
        KeyKind::Flag if random.chance(600) => Operation::Enable,
        KeyKind::Flag => Operation::Disable,
        KeyKind::Set if random.chance(600) => Operation::Add {
            element: byte(random),
        },
        KeyKind::Set | KeyKind::Tags => Operation::Remove {
            element: byte(random),
        },
        KeyKind::Map if depth == 0 || random.chance(150) => Operation::Remove {
            element: byte(random),
        },
        KeyKind::Map => {
            let (key, kind) = (byte(random), Kind::ALL[random.index(6)]);
            let operation = Box::new(draw_update(random, kind.into(), depth - 1));
            Operation::Field {
                key,
                kind,
                operation,
            }
        }
    }
}

fn queries() -> Vec<Query> {
    let exists = |at: usize| Query::exists(name(NAMES[at]));
    let is = |at: usize, value: i64| Query::equals(name(NAMES[at]), value);
    let from = |value: i64| (Bound::Excluded(TagValue::from(value)), Bound::Unbounded);
    vec![
        exists(0),
        is(0, 1),
        Query::equals(name(NAMES[0]), TagValue::list([1, 2])),
        Query::equals(name(NAMES[1]), "m"),
        Query::range(name(NAMES[1]), from(1)),
        Query::range(name(NAMES[0]), ..=TagValue::from(2)),
        Query::range(name(NAMES[0]), ..),
        exists(0).and(exists(1)),
        is(0, 1).or(is(1, 2)).or(is(1, 3)),
        !exists(0),
        exists(1).and(!is(1, 2)),
        (!exists(0)).or(is(0, 3)),
        !(exists(0).and(!exists(1))),
    ]
}

#[test]
fn the_history_of_a_seed_is_the_same_everywhere() {
    for seed in 0..24 {
        run_seed::<Objects>(seed);
    }
}

#[test]
fn histories_reach_conflicts_of_tags_and_modes() {
    let mut contested = [0; 3];
    for seed in 0..64 {
        let mut random = Random::new(seed);
        let mut world = world::World::<Objects>::new(3);
        for _ in 0..60 {
            world.step(world::draw(&mut random));
            for replica in &world.replicas {
                replica.look(|keyspace| {
                    for (name, tag) in KEYS.iter().flat_map(|(key, _)| keyspace.tags(key)) {
                        let mode = keyspace.schema().mode_of(&name);
                        contested[mode as usize] += usize::from(tag.facts > 1);
                    }
                });
            }
        }
    }
    assert!(contested.iter().all(|&tags| tags > 20), "{contested:?}");
}
