//! Changes of one field.

use quorate::crdt::{
    Delta, Dot, Entry, Epoch, Expiry, FullState, Kills, LiveEvent, Path, Payload, Record,
    ReplicaId, VersionVector,
};
use quorate::{Micros, NodeId, Random};

/// A number that sums and comparisons trip over, or a plausible one.
pub(crate) fn number(random: &mut Random) -> u64 {
    match random.below(8) {
        0 => 0,
        1 => u64::MAX,
        2 => u64::MAX - 1,
        3 => 1 << 63,
        4 => u64::from(u32::MAX),
        _ => random.below(9),
    }
}

/// Somebody: most often one of the first few nodes.
pub(crate) fn replica(random: &mut Random) -> ReplicaId {
    match random.below(8) {
        0 => ReplicaId {
            node: NodeId(number(random)),
            incarnation: number(random),
        },
        _ => ReplicaId::first(NodeId(1 + random.below(5))),
    }
}

pub(crate) fn dot(random: &mut Random) -> Dot {
    Dot::new(replica(random), number(random))
}

/// A path with segments of every odd kind.
pub(crate) fn path(random: &mut Random) -> Path {
    let segments: [&[u8]; 9] = [
        b"",
        b"e",
        b"\0",
        b"\0\x01",
        b"\xff\xff",
        b"C",
        b"R",
        b"M",
        &[0xff; 16],
    ];
    let count = random.index(4);
    Path::of((0..count).map(|_| segments[random.index(segments.len())]))
}

/// A payload as long as some type's, or not.
pub(crate) fn payload(random: &mut Random) -> Payload {
    let len = [0, 1, 7, 8, 12, 13, 16, 300][random.index(8)];
    let byte = [0, 0x7f, 0x80, 0xff][random.index(4)];
    vec![byte; len].into_boxed_slice()
}

/// The vector with one entry changed, added or left out.
pub(crate) fn vector(random: &mut Random, vector: &VersionVector) -> VersionVector {
    let changed = match vector.iter().nth(random.index(vector.len())) {
        Some((known, _)) if random.chance(700) => known,
        _ => replica(random),
    };
    let others = vector.iter().filter(|&(other, _)| other != changed);
    others.chain([(changed, number(random))]).collect()
}

fn kills(random: &mut Random, kills: &Kills) -> Kills {
    let mut dots = kills.to_vec();
    match random.below(3) {
        0 => dots.clear(),
        1 => dots.push(dot(random)),
        _ => dots.insert(0, dot(random)),
    }
    if random.chance(500) {
        dots.sort_unstable();
    }
    Kills::from(dots)
}

/// Changes one thing in a list: an item is left out, repeated, moved, or changed itself.
fn list<T: Clone>(random: &mut Random, items: &mut Vec<T>, change: impl Fn(&mut Random, &mut T)) {
    if items.is_empty() {
        return;
    }
    let at = random.index(items.len());
    match random.below(6) {
        0 => drop(items.remove(at)),
        1 => items.push(items[at].clone()),
        2 => items.swap(0, at),
        _ => change(random, &mut items[at]),
    }
}

fn live_event(random: &mut Random, event: &mut LiveEvent) {
    match random.below(5) {
        0 => event.dot.counter = number(random),
        1 => event.dot = dot(random),
        2 => event.at = Micros(number(random)),
        3 => event.path = path(random),
        _ => event.payload = payload(random),
    }
}

fn record(random: &mut Random, record: &mut Record) {
    match random.below(5) {
        0 => record.dot.counter = number(random),
        1 => record.dot = dot(random),
        2 => record.at = Micros(number(random)),
        3 => record.path = path(random),
        _ => record.kills = kills(random, &record.kills),
    }
}

/// Keeps a list in order half of the time: what is out of order is refused before anything else.
fn reorder(random: &mut Random, live: &mut [LiveEvent], records: &mut [Record]) {
    if random.chance(500) {
        live.sort_by_key(|event| event.dot);
        records.sort_by_key(|record| record.dot);
    }
}

/// Changes one field of a delta.
pub(crate) fn delta(random: &mut Random, delta: &mut Delta) {
    match random.below(10) {
        0 => delta.sender = replica(random),
        1 => delta.epoch = Epoch(number(random)),
        2 => delta.since = vector(random, &delta.since),
        3 | 4 => delta.upto = vector(random, &delta.upto),
        5..=7 => list(random, &mut delta.live, live_event),
        _ => list(random, &mut delta.records, record),
    }
    reorder(random, &mut delta.live, &mut delta.records);
}

/// Changes one field of a full state.
pub(crate) fn full(random: &mut Random, full: &mut FullState) {
    match random.below(10) {
        0 => full.sender = replica(random),
        1 => full.epoch = Epoch(number(random)),
        2 => full.floor = vector(random, &full.floor),
        3 | 4 => full.context = vector(random, &full.context),
        5..=7 => list(random, &mut full.live, live_event),
        _ => list(random, &mut full.records, record),
    }
    reorder(random, &mut full.live, &mut full.records);
}

/// An entry of the membership log.
pub(crate) fn entry(random: &mut Random) -> Entry {
    let replica = replica(random);
    match random.below(4) {
        0 => Entry::Fence { replica },
        1 => Entry::Close {
            replica,
            at: number(random),
            epoch: Epoch(number(random)),
        },
        2 => Entry::Readmit {
            replica,
            seen: vector(random, &VersionVector::new()),
        },
        _ => Entry::Expire {
            replica,
            expiry: [Expiry::Drained, Expiry::Discarded][random.index(2)],
        },
    }
}
