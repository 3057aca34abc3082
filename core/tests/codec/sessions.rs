//! Sessions: what comes through is what was sent, and whatever does not fit is told.

use quorate::codec::DecodeError;
use quorate::crdt::{
    Delta, EncodingError, Epoch, OrSet, ReplicaId, Replicated, Session, SessionError, Store,
    VersionVector,
};
use quorate::{Micros, NodeId, Random};

use super::histories::{World, draw};

const A: ReplicaId = ReplicaId::first(NodeId(1));

/// Deltas of the first replica of a random history, each since what some replica had.
fn conversation(seed: u64) -> Vec<Delta> {
    let mut random = Random::new(seed);
    let mut world = World::new(4);
    let mut deltas = Vec::new();
    let mut last = VersionVector::new();
    for _ in 0..80 {
        world.step(draw(&mut random));
        let other = world.stores[random.index(4)].context().clone();
        let since = if random.index(2) == 0 { &last } else { &other };
        if let Some(delta) = world.stores[0].delta_since(since) {
            last = delta.upto.clone();
            deltas.push(delta);
        }
    }
    deltas
}

#[test]
fn what_comes_through_is_what_was_sent() {
    for seed in 0..64 {
        let [mut sender, mut receiver] = [Session::new(0), Session::new(0)];
        for mut delta in conversation(seed) {
            assert_eq!(receiver.decode(&sender.encode(&delta)), Ok(delta.clone()));
            if delta.upto.len() == 4 && delta.live.len() == 1 {
                delta.epoch = Epoch(delta.epoch.0 + 1);
                let bytes = sender.encode(&delta);
                assert_eq!(receiver.decode(&bytes), Ok(delta), "another epoch");
            }
        }
    }
}

#[test]
fn loss_repetition_and_disorder_are_told_and_healed_by_a_start() {
    let mut refused = [0; 3];
    for seed in 0..64 {
        let mut random = Random::new(seed);
        let [mut sender, mut receiver] = [Session::new(0), Session::new(0)];
        let mut sent: Vec<(Vec<u8>, Delta)> = Vec::new();
        let mut fresh = 0;
        for delta in conversation(seed) {
            let number = sent.len();
            sent.push((sender.encode(&delta), delta));
            // The newest, or any that was ever sent.
            let at = random.index(3 * number + 3).min(number);
            let before = receiver.clone();
            match receiver.decode(&sent[at].0) {
                Ok(delta) => {
                    assert_eq!(delta, sent[at].1);
                    assert!(at >= fresh, "{at} was taken twice");
                    fresh = at + 1;
                }
                Err(error) => {
                    assert_eq!(receiver, before, "a refused message changed something");
                    refused[match error {
                        SessionError::Gap { .. } => 0,
                        SessionError::Repeated { .. } => 1,
                        SessionError::Stale { .. } => 2,
                        SessionError::Encoding(error) => {
                            // The same number after another start.
                            assert_eq!(error, EncodingError::Decode(DecodeError::Checksum));
                            continue;
                        }
                    }] += 1;
                    sender.reset();
                }
            }
        }
    }
    assert!(refused.iter().all(|&count| count > 50), "{refused:?}");
}

#[test]
fn a_message_of_another_session_is_refused_by_its_checksum() {
    let deltas = conversation(3);
    let [mut sender, mut other, mut receiver] = [0; 3].map(Session::new);
    receiver.decode(&sender.encode(&deltas[0])).unwrap();
    other.encode(&deltas[1]);
    let foreign = other.encode(&deltas[2]);
    let checksum = SessionError::Encoding(EncodingError::Decode(DecodeError::Checksum));
    assert_eq!(receiver.decode(&foreign), Err(checksum));
    assert!(receiver.decode(&sender.encode(&deltas[1])).is_ok());
}

#[test]
fn a_sender_that_forgot_its_session_goes_on_with_a_newer_start() {
    let deltas = conversation(5);
    let [mut sender, mut receiver] = [0; 2].map(Session::new);
    receiver.decode(&sender.encode(&deltas[0])).unwrap();
    let refused = receiver.decode(&Session::new(0).encode(&deltas[1]));
    let stale = SessionError::Stale {
        current: 0,
        found: 0,
    };
    assert_eq!(refused, Err(stale));
    let mut sender = Session::new(1_700_000_000);
    assert!(receiver.decode(&sender.encode(&deltas[1])).is_ok());
    assert!(receiver.decode(&sender.encode(&deltas[2])).is_ok());
}

#[test]
fn hostile_messages_never_panic_and_change_nothing() {
    let mut random = Random::new(11);
    let deltas = conversation(7);
    let [mut sender, mut receiver] = [0; 2].map(Session::new);
    for delta in &deltas {
        let good = sender.encode(delta);
        for _ in 0..50 {
            let mut bad = good.clone();
            let at = 4 + random.index(bad.len() - 4);
            bad[at] = random.next_u64().to_le_bytes()[0];
            let before = receiver.clone();
            if bad != good {
                assert!(receiver.decode(&bad).is_err());
                assert_eq!(receiver, before);
            }
        }
        assert!(receiver.decode(&good).is_ok());
    }
}

/// One add, within a session that has gone on for a while: at most 24 bytes beyond the element.
#[test]
fn one_add_is_small() {
    let mut set = OrSet::<String>::new(A);
    let mut others: Vec<Store> = (2..=8)
        .map(|node| Store::new(ReplicaId::first(NodeId(node))))
        .collect();
    let mut now = Micros(1_700_000_000_000_000);
    for other in &mut others {
        let path = quorate::crdt::Path::of(["theirs"]);
        other
            .record(now, &path, quorate::crdt::Write::Append([].into()))
            .unwrap();
        let delta = other.delta_since(set.context()).unwrap();
        set.apply(&delta).unwrap();
    }
    let [mut sender, mut receiver] = [0; 2].map(Session::new);
    let mut known = VersionVector::new();
    let (mut most, mut alone) = (0, 0);
    for at in 0..2_000 {
        // An add per second, seen here as microseconds of a clock on the wall.
        now = Micros(now.0 + 1_000_003);
        let element = format!("element-{at:06}");
        set.add(now, &element).unwrap();
        let delta = set.delta_since(&known).unwrap();
        known = delta.upto.clone();
        let bytes = sender.encode(&delta);
        if at > 0 {
            most = most.max(bytes.len() - element.len());
            alone = alone.max(delta.encode().len() - element.len());
        }
        assert_eq!(receiver.decode(&bytes), Ok(delta));
    }
    println!("one add beyond its element: {most} B in a session, {alone} B alone");
    assert!(most <= 24, "{most}");
    // It kills what it supersedes, and names that in a record.
    set.add(Micros(now.0 + 1_000_003), &"element-000007".to_owned())
        .unwrap();
    let delta = set.delta_since(&known).unwrap();
    let again = sender.encode(&delta).len() - "element-000007".len();
    println!("one add of what is there already: {again} B");
    assert!(again <= 36, "{again}");
}
