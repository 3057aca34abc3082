//! The map, with fields of every kind and maps within it.
//!
//! Its oracle knows places: lists of names from the outermost key inwards. A removal takes what it
//! has seen at its place and further in; a write other than a count takes what it has seen at exactly
//! its place. Every field shows what its kind makes of the writes that are left.

use std::collections::{BTreeMap, BTreeSet};

use quorate::crdt::{
    Dot, Event, Kind, MapMut, MapRef, OrMap, ReplicaId, Replicated, Stamp, StoreError,
};
use quorate::{Micros, Random};

use super::super::world::{Done, Seen, Subject};

/// Something done to a map, or to the map under one of its keys.
#[derive(Clone, Debug)]
pub struct MapOp {
    /// The key of the map within, or `None` for the outermost.
    within: Option<u32>,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Count(u32, i64),
    Enable(u32),
    Disable(u32),
    Write(u32, u32, Stamp),
    WriteMulti(u32, u32),
    Add(u32, u32),
    Discard(u32, u32),
    RemoveField(u32, Kind),
    Remove(u32),
    Clear,
}

/// Names from the outermost key inwards.
type Place = Vec<String>;

const KEYS: u32 = 2;
const VALUES: u32 = 3;

impl MapOp {
    fn place(&self) -> Place {
        let mut place = match self.within {
            Some(key) => vec![key.to_string(), Kind::Map.to_string()],
            None => Vec::new(),
        };
        let (key, field) = match self.what {
            What::Clear => return place,
            What::Remove(key) => (key, None),
            What::Count(key, _) => (key, Some(Kind::Counter)),
            What::Enable(key) | What::Disable(key) => (key, Some(Kind::Flag)),
            What::Write(key, ..) => (key, Some(Kind::Register)),
            What::WriteMulti(key, _) => (key, Some(Kind::MultiRegister)),
            What::Add(key, _) | What::Discard(key, _) => (key, Some(Kind::Set)),
            What::RemoveField(key, kind) => (key, Some(kind)),
        };
        place.push(key.to_string());
        place.extend(field.map(|kind| kind.to_string()));
        if let What::Add(_, element) | What::Discard(_, element) = self.what {
            place.push(element.to_string());
        }
        place
    }

    fn takes(&self, victim: &Self) -> bool {
        match self.what {
            What::Count(..) => false,
            What::Enable(_) | What::Write(..) | What::WriteMulti(..) | What::Add(..) => {
                victim.place() == self.place()
            }
            What::Disable(_)
            | What::Discard(..)
            | What::RemoveField(..)
            | What::Remove(_)
            | What::Clear => victim.place().starts_with(&self.place()),
        }
    }

    fn is_removal(&self) -> bool {
        !matches!(
            self.what,
            What::Count(..)
                | What::Enable(_)
                | What::Write(..)
                | What::WriteMulti(..)
                | What::Add(..)
        )
    }
}

impl Subject for OrMap<u32> {
    type Op = MapOp;

    fn start(replica: ReplicaId) -> Self {
        Self::new(replica)
    }

    fn draw(random: &mut Random) -> MapOp {
        let mut below = |bound: u32| u32::try_from(random.below(u64::from(bound))).unwrap();
        let (key, value) = (below(KEYS), below(VALUES));
        let what = match below(20) {
            0..=3 => What::Count(key, i64::from(value) - 1),
            4..=5 => What::Enable(key),
            6 => What::Disable(key),
            7..=9 => What::Write(key, value, Stamp::default()),
            10..=11 => What::WriteMulti(key, value),
            12..=14 => What::Add(key, value),
            15 => What::Discard(key, value),
            16 => What::RemoveField(key, Kind::ALL[below(6) as usize]),
            17..=18 => What::Remove(key),
            _ => What::Clear,
        };
        let within = (below(3) == 0).then(|| below(KEYS));
        MapOp { within, what }
    }

    fn perform(&mut self, now: Micros, op: MapOp) -> Option<(Dot, MapOp)> {
        let last = self.last_stamp();
        let mut map = self.edit(now);
        let event = match op.within {
            Some(key) => perform(map.map::<u32>(&key), op.what),
            None => perform(map, op.what),
        };
        let dot = event.unwrap()?.dot;
        let what = match op.what {
            What::Write(key, value, _) => What::Write(key, value, self.last_stamp()),
            what => what,
        };
        let is_write = matches!(what, What::Write(..));
        assert_eq!(is_write, self.last_stamp() > last, "strictly monotone");
        Some((dot, MapOp { what, ..op }))
    }

    fn check(&self, seen: &Seen<'_, MapOp>) {
        let mut fields: BTreeMap<Place, Vec<&Done<MapOp>>> = BTreeMap::new();
        for done in seen.survivors(MapOp::takes) {
            if !done.op.is_removal() {
                fields.entry(done.op.place()).or_default().push(done);
            }
            if let What::Write(_, _, stamp) = done.op.what {
                assert!(stamp <= self.last_stamp(), "a stamp was not seen");
            }
        }
        let left: usize = fields.values().map(Vec::len).sum();
        assert_eq!(
            self.store().live_len(),
            left,
            "the writes left, and no more"
        );
        check_map(&self.view(), &fields, &[]);
        for key in 0..KEYS {
            let place = [key.to_string(), Kind::Map.to_string()];
            check_map(&self.view().map::<u32>(&key), &fields, &place);
        }
        assert_eq!(self.is_empty(), fields.is_empty());
    }

    fn reload(&self) -> Self {
        Self::decode(&self.encode()).unwrap()
    }
}

fn perform(mut map: MapMut<'_, u32>, what: What) -> Result<Option<Event>, StoreError> {
    match what {
        What::Count(key, by) => map.increment(&key, by),
        What::Enable(key) => map.enable(&key).map(Some),
        What::Disable(key) => map.disable(&key),
        What::Write(key, value, _) => Ok(Some(map.write(&key, &value).unwrap())),
        What::WriteMulti(key, value) => map.write_multi(&key, &value).map(Some),
        What::Add(key, element) => map.set::<u32>(&key).add(&element).map(Some),
        What::Discard(key, element) => map.set::<u32>(&key).remove(&element),
        What::RemoveField(key, kind) => map.remove_field(&key, kind),
        What::Remove(key) => map.remove(&key),
        What::Clear => map.clear(),
    }
}

/// Compares the map at `place` with the writes that are left there.
fn check_map(map: &MapRef<'_, u32>, fields: &BTreeMap<Place, Vec<&Done<MapOp>>>, place: &[String]) {
    let nothing = Vec::new();
    let at = |key: u32, kind: Kind| {
        let mut place = place.to_vec();
        place.extend([key.to_string(), kind.to_string()]);
        fields.get(&place).unwrap_or(&nothing).as_slice()
    };
    let mut present = Vec::new();
    for key in 0..KEYS {
        check_counter(map, key, at(key, Kind::Counter));
        assert_eq!(map.flag(&key), !at(key, Kind::Flag).is_empty());
        check_register(map, key, at(key, Kind::Register));
        check_multi_register(map, key, at(key, Kind::MultiRegister));
        check_set(map, key, fields, place);
        for kind in Kind::ALL {
            let mut prefix = place.to_vec();
            prefix.extend([key.to_string(), kind.to_string()]);
            let is_present = fields.keys().any(|place| place.starts_with(&prefix));
            assert_eq!(map.contains_field(&key, kind), is_present);
            if is_present {
                present.push((key, kind));
            }
        }
    }
    assert!(map.fields().eq(present.iter().copied()), "every field once");
    let keys: BTreeSet<u32> = present.iter().map(|&(key, _)| key).collect();
    assert!(map.keys().eq(keys.iter().copied()), "every key once");
    assert_eq!((map.len(), map.is_empty()), (keys.len(), keys.is_empty()));
    for key in 0..KEYS {
        assert_eq!(map.contains_key(&key), keys.contains(&key));
    }
}

fn check_counter(map: &MapRef<'_, u32>, key: u32, left: &[&Done<MapOp>]) {
    let amount = |done: &&Done<MapOp>| match done.op.what {
        What::Count(_, by) => i128::from(by),
        _ => unreachable!("only counts are at the place of a counter"),
    };
    let expected: i128 = left.iter().map(amount).sum();
    assert_eq!(map.counter(&key), expected);
}

fn check_register(map: &MapRef<'_, u32>, key: u32, left: &[&Done<MapOp>]) {
    let write = |done: &&Done<MapOp>| match done.op.what {
        What::Write(_, value, stamp) => (stamp, done.dot.replica, value),
        _ => unreachable!("only writes are at the place of a register"),
    };
    let expected = left.iter().map(write).max().map(|(_, _, value)| value);
    assert_eq!(map.register::<u32>(&key), expected);
}

fn check_multi_register(map: &MapRef<'_, u32>, key: u32, left: &[&Done<MapOp>]) {
    let value = |done: &&Done<MapOp>| match done.op.what {
        What::WriteMulti(_, value) => value,
        _ => unreachable!("only writes are at the place of a register"),
    };
    let expected: BTreeSet<u32> = left.iter().map(value).collect();
    assert!(map.multi_register::<u32>(&key).into_iter().eq(expected));
}

fn check_set(
    map: &MapRef<'_, u32>,
    key: u32,
    fields: &BTreeMap<Place, Vec<&Done<MapOp>>>,
    place: &[String],
) {
    let set = map.set::<u32>(&key);
    let is_present = |element: &u32| {
        let mut place = place.to_vec();
        place.extend([key.to_string(), Kind::Set.to_string(), element.to_string()]);
        fields.contains_key(&place)
    };
    let expected: Vec<u32> = (0..VALUES).filter(is_present).collect();
    assert!(set.iter().eq(expected.iter().copied()));
    assert_eq!(
        (set.len(), set.is_empty()),
        (expected.len(), expected.is_empty())
    );
    assert!((0..VALUES).all(|element| set.contains(&element) == expected.contains(&element)));
}
