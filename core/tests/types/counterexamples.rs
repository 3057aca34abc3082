//! Histories that break a type which is made the obvious way, each with what ours does about it.
//!
//! Random search misses some of them, so they are written down. The numbers are those of the list
//! that the set's histories belong to. `A1` is the first event of A.

use quorate::crdt::{
    ApplyError, CounterError, Dot, EwFlag, FullState, GCounter, HybridClock, Kind, LiveEvent,
    LwwRegister, MvRegister, OrMap, OrSet, Path, PnCounter, PruneOptions, ReplicaId, Replicated,
    Stamp, StoreError, VersionVector, newest_stamp,
};
use quorate::{Micros, NodeId, Random};

use super::test;
use super::world::run_seed;

const NOW: Micros = Micros(1);

fn id(letter: char) -> ReplicaId {
    ReplicaId::first(NodeId(u64::from(u32::from(letter) - 64)))
}

fn register(letter: char) -> LwwRegister<String> {
    LwwRegister::new(id(letter))
}

fn map(letter: char) -> OrMap<String> {
    OrMap::new(id(letter))
}

/// 64 histories of every type, the same ones on every platform: every step agrees with the oracle,
/// the laws hold of what comes out, and it heals.
#[test]
pub fn laws_of_every_type() {
    for seed in 0..64 {
        run_seed::<GCounter>(seed);
        run_seed::<PnCounter>(seed);
        run_seed::<OrSet<u32>>(seed);
        run_seed::<EwFlag>(seed);
        run_seed::<LwwRegister<u32>>(seed);
        run_seed::<MvRegister<u32>>(seed);
        run_seed::<OrMap<u32>>(seed);
    }
}

/// The loser of two concurrent writes stays, so that a removal of the winner alone leaves it in
/// whatever order they arrive.
#[test]
pub fn ce22_the_losing_write_stays() {
    let (mut a, mut b, mut c) = (register('A'), register('B'), register('C'));
    a.set(Micros(9), "winner").unwrap();
    b.set(Micros(5), "loser").unwrap();
    c.merge(&a).unwrap();
    c.clear(NOW).unwrap();

    let mut both_first = register('P');
    both_first.merge(&a).unwrap();
    both_first.merge(&b).unwrap();
    assert_eq!(both_first.get().as_deref(), Some("winner"));
    both_first.merge(&c).unwrap();

    let mut removal_first = register('Q');
    removal_first.merge(&c).unwrap();
    removal_first.merge(&b).unwrap();

    assert_eq!(both_first.context(), removal_first.context());
    assert_eq!(both_first.get().as_deref(), Some("loser"));
    assert_eq!(removal_first.get(), both_first.get());
}

/// The same in a map, where the removal is that of a key.
#[test]
pub fn ce22_the_losing_write_stays_in_a_map() {
    let (mut a, mut b, mut c) = (map('A'), map('B'), map('C'));
    a.edit(Micros(9)).write("k", "winner").unwrap();
    b.edit(Micros(5)).write("k", "loser").unwrap();
    c.merge(&a).unwrap();
    c.edit(NOW).remove("k").unwrap();
    b.merge(&a).unwrap();
    assert_eq!(b.view().register::<String>("k").as_deref(), Some("winner"));
    b.merge(&c).unwrap();
    assert_eq!(b.view().register::<String>("k").as_deref(), Some("loser"));
}

/// A stamp too far ahead is found before anything of its message is joined.
#[test]
pub fn ce23_skew_is_judged_on_a_whole_message() {
    let (mut a, mut b) = (map('A'), map('B'));
    a.edit(Micros(10)).set::<String>("set").add("x").unwrap();
    a.edit(Micros(10)).write("near", "x").unwrap();
    let far = a.edit(Micros(7_000)).write("far", "x").unwrap();
    // Twelve bytes and more, and no register.
    a.edit(NOW)
        .write_multi("values", "\u{7f}\u{7f}\u{7f}\u{7f} and more")
        .unwrap();

    let delta = a.delta_since(b.context()).unwrap();
    let is_register =
        |path: quorate::crdt::PathRef<'_>| Kind::of_path(path) == Some(Kind::Register);
    let newest = newest_stamp(&delta.live, is_register);
    let stamp = Stamp {
        time: Micros(7_000),
        logical: 0,
    };
    assert_eq!(newest, Some((stamp, far.dot)));
    assert_eq!(newest_stamp(&[], is_register), None);

    // Who lets it in has seen it: the next stamp is above.
    b.apply(&delta).unwrap();
    assert_eq!(b.last_stamp(), stamp);
}

/// One context for all keys: a key that is removed and made again spends new dots.
#[test]
pub fn ce24_one_context_for_all_keys() {
    let (mut a, mut b) = (map('A'), map('B'));
    let first = a.edit(NOW).set::<String>("k").add("e").unwrap();
    b.merge(&a).unwrap();
    let removal = a.edit(NOW).remove("k").unwrap().unwrap();
    assert!(!a.view().contains_key("k"));
    let again = a.edit(NOW).set::<String>("k").add("e").unwrap();
    let dots = [first, removal, again].map(|event| event.dot);
    assert_eq!(dots, [1, 2, 3].map(|counter| Dot::new(id('A'), counter)));
    b.merge(&a).unwrap();
    assert!(b.view().set::<String>("k").contains("e"));
    assert_eq!(b.view().set::<String>("k").dots("e").next(), Some(dots[2]));
}

/// A row belongs to one life of a replica. One that was rolled back may not go on with it, and the
/// next incarnation has a row of its own.
#[test]
pub fn ce25_a_row_is_not_used_twice() {
    let (mut a, mut b) = (PnCounter::new(id('A')), PnCounter::new(id('B')));
    for _ in 0..5 {
        a.increment(NOW, 1).unwrap();
    }
    let saved = a.encode();
    a.increment(NOW, 1).unwrap();
    a.increment(NOW, 1).unwrap();
    b.merge(&a).unwrap();

    // The crash: five of the seven are left. It counts one more before it hears of the others.
    let mut rolled_back = PnCounter::decode(&saved).unwrap();
    rolled_back.increment(NOW, 1).unwrap();
    let refused = rolled_back.merge(&b);
    assert!(matches!(
        refused,
        Err(ApplyError::OwnEventsAhead {
            claimed: 7,
            made: 6,
            ..
        })
    ));
    let superseded = StoreError::Superseded { replica: id('A') };
    let stopped = rolled_back.increment(NOW, 1);
    assert_eq!(stopped, Err(CounterError::Store(superseded)));

    // The next incarnation takes what was saved as somebody else's, and counts its one.
    let mut next_life = PnCounter::new(ReplicaId {
        incarnation: 1,
        ..id('A')
    });
    next_life
        .merge(&PnCounter::decode(&saved).unwrap())
        .unwrap();
    next_life.increment(NOW, 1).unwrap();
    assert_eq!(next_life.value(), 6);
    next_life.merge(&b).unwrap();
    b.merge(&next_life).unwrap();
    assert_eq!((next_life.value(), b.value()), (8, 8));
}

/// An increment carries its own amount and nothing from before, so that it does not undo a
/// concurrent reset.
#[test]
pub fn ce26_an_increment_does_not_carry_what_was_reset() {
    let (mut a, mut b) = (map('A'), map('B'));
    a.edit(NOW).increment("k", 5).unwrap();
    b.merge(&a).unwrap();
    b.edit(NOW).remove("k").unwrap();
    a.edit(NOW).increment("k", 1).unwrap();
    a.merge(&b).unwrap();
    b.merge(&a).unwrap();
    assert_eq!((a.view().counter("k"), b.view().counter("k")), (1, 1));
    assert_eq!(a.store().encode_state(), b.store().encode_state());
}

/// A clock that is set back, stands still or jumps ahead gives stamps that only rise; and so it is
/// with stamps of others in between.
#[test]
pub fn stamps_are_strictly_monotone_under_clock_jumps() {
    for seed in 0..64 {
        let mut random = Random::new(seed);
        let mut clock = HybridClock::new();
        let mut last = Stamp::default();
        for _ in 0..200 {
            if random.chance(200) {
                let seen = Stamp {
                    time: Micros(random.below(1_000)),
                    logical: u32::try_from(random.below(4)).unwrap(),
                };
                clock.observe(seen);
                last = last.max(seen);
            }
            let now = Micros(random.below(1_000));
            let stamp = clock.tick(now).unwrap();
            assert!(stamp > last && stamp.time >= now);
            last = stamp;
        }
    }
}

/// Also where what it must be above was saved, or came in a message and is long gone.
#[test]
pub fn a_write_is_above_every_stamp_that_was_seen() {
    let (mut a, mut b) = (register('A'), register('B'));
    a.set(Micros(900), "ahead").unwrap();
    b.merge(&a).unwrap();
    b.clear(NOW).unwrap();
    b.set(NOW, "behind").unwrap();
    assert!(b.winner().unwrap().stamp.time >= Micros(900));

    let mut c = LwwRegister::<String>::decode(&a.encode()).unwrap();
    c.set(NOW, "behind").unwrap();
    assert!(c.winner().unwrap().stamp > a.winner().unwrap().stamp);
}

/// Two writes with one stamp: the higher replica wins, and of one replica, the higher bytes.
#[test]
pub fn two_writes_with_one_stamp_converge() {
    let (mut a, mut b) = (register('A'), register('B'));
    a.set(NOW, "zebra").unwrap();
    b.set(NOW, "ant").unwrap();
    let stamps = [&a, &b].map(|register| register.winner().unwrap().stamp);
    assert_eq!(stamps[0], stamps[1]);
    let before = a.clone();
    a.merge(&b).unwrap();
    b.merge(&before).unwrap();
    assert_eq!(a.get().as_deref(), Some("ant"), "B is above A");
    assert_eq!(a.get(), b.get());

    // One replica never does this; if one did, all others would still agree.
    let both = |order: [&[u8]; 2]| {
        let mut result = register('Q');
        result.apply_full(&one_stamp_twice(order)).unwrap();
        result.get()
    };
    assert_eq!(both([b"ant", b"zebra"]).as_deref(), Some("zebra"));
    assert_eq!(both([b"zebra", b"ant"]).as_deref(), Some("zebra"));
}

/// Two live writes of A with the same stamp.
fn one_stamp_twice(values: [&[u8]; 2]) -> FullState {
    let mut a = register('A');
    a.set(NOW, "").unwrap();
    let mut full = a.full_state();
    let stamp = full.live[0].payload.clone();
    let write = |counter: u64, value: &[u8]| LiveEvent {
        dot: Dot::new(id('A'), counter),
        at: NOW,
        path: Path::root(),
        payload: [&stamp, value].concat().into_boxed_slice(),
    };
    full.live = vec![write(1, values[0]), write(2, values[1])];
    full.context = VersionVector::from_iter([(id('A'), 2)]);
    full
}

/// What the seed system's register does in a merge, whose outcome depends on who asks and when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SeedRegister {
    value: &'static str,
    timestamp: Micros,
    node: &'static str,
}

impl SeedRegister {
    const MAX_SKEW: Micros = Micros::from_secs(3_600);

    fn merge(&self, other: &Self, utc_now: Micros) -> Self {
        let key = |register: &Self| (register.timestamp, register.node);
        let too_far_ahead = other.timestamp > utc_now + Self::MAX_SKEW;
        if too_far_ahead || key(other) <= key(self) {
            self.clone()
        } else {
            other.clone()
        }
    }
}

/// Flaw 9 of the seed: a merge that reads a clock, and an order that is not total, do not commute.
#[test]
pub fn flaw_09_a_merge_of_registers_commutes() {
    let now = Micros::from_secs(10);
    let future = Micros::from_secs(2 * 3_600);
    let seed = |value, timestamp, node| SeedRegister {
        value,
        timestamp,
        node,
    };
    let (left, ahead) = (seed("x", now, "n1"), seed("y", future, "n2"));
    assert_ne!(left.merge(&ahead, now), ahead.merge(&left, now));
    let (left, same) = (seed("x", now, "n1"), seed("y", now, "n1"));
    assert_ne!(left.merge(&same, now), same.merge(&left, now));

    let (mut a, mut b) = (register('A'), register('B'));
    a.set(now, "x").unwrap();
    b.set(future, "y").unwrap();
    let before = a.clone();
    a.merge(&b).unwrap();
    b.merge(&before).unwrap();
    assert_eq!(a.store().encode_state(), b.store().encode_state());
    assert_eq!(a.get().as_deref(), Some("y"));

    // One node, two lives, one stamp.
    let mut next_life = LwwRegister::<String>::new(ReplicaId {
        incarnation: 1,
        ..id('A')
    });
    next_life.set(now, "z").unwrap();
    let mut first_life = before.clone();
    first_life.merge(&next_life).unwrap();
    next_life.merge(&before).unwrap();
    assert_eq!(first_life.get().as_deref(), Some("z"));
    assert_eq!(first_life.get(), next_life.get());
}

/// What is forgotten is no input of what shows, for every type: a reset stays one, and a peer that
/// was away is not asked.
#[test]
pub fn a_pruned_map_shows_what_it_showed() {
    let (mut a, mut away) = (map('A'), map('B'));
    a.edit(NOW).increment("k", 5).unwrap();
    a.edit(NOW).write("k", "x").unwrap();
    a.edit(NOW).map::<String>("k").enable("flag").unwrap();
    away.merge(&a).unwrap();
    a.edit(NOW).remove("k").unwrap();
    let everything = PruneOptions {
        max_tombstones: 0,
        ..PruneOptions::default()
    };
    a.prune(NOW, &everything);
    assert_eq!(a.delta_since(away.context()), None);
    a.merge(&away).unwrap();
    assert!(a.is_empty(), "nothing comes back");
    away.edit(NOW).increment("k", 1).unwrap();
    away.merge(&a).unwrap();
    assert_eq!(away.view().counter("k"), 1);
    assert!(away.view().fields().eq([("k".to_owned(), Kind::Counter)]));
}
