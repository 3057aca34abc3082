//! A counter's row, written by somebody whose row it is not.
//!
//! Its owner reads the row back and counts on from there. A row that somebody else put there, or that
//! somebody else took away, would be the owner's count from then on.

use quorate::crdt::keyspace::{KeyKind, Keyspace, Registry, value_path};
use quorate::crdt::{
    ApplyError, GCounter, Input, Layout as _, LoadError, Path, PnCounter, Replica, ReplicaConfig,
    ReplicaError, ReplicaId, Replicated, Store, SyncMessage, VersionVector, Write,
};
use quorate::{Micros, NodeId};

const OWNER: ReplicaId = ReplicaId::first(NodeId(1));
const FORGER: ReplicaId = ReplicaId::first(NodeId(2));

/// Where the owner's row lies in the counter at `counter`.
fn row_of_owner(counter: &Path) -> Path {
    let node = OWNER.node.0.to_be_bytes();
    let incarnation = OWNER.incarnation.to_be_bytes();
    counter.child(&[node, incarnation].concat())
}

/// The forger's events: what a write to the owner's row makes, seen or not.
fn forgeries(counter: &Path, sum: &[u8], owner: &Store) -> [Store; 3] {
    let row = row_of_owner(counter);
    let forge = |has_seen: bool, write: Write| {
        let mut forger = Store::new(FORGER);
        if has_seen {
            forger.apply_full(&owner.full_state()).unwrap();
        }
        forger.record(Micros(2), &row, write).unwrap().unwrap();
        forger
    };
    [
        forge(false, Write::Put(sum.into())),
        forge(true, Write::Put(sum.into())),
        forge(true, Write::Remove),
    ]
}

fn is_foreign(refused: Option<ApplyError>) -> bool {
    matches!(refused, Some(ApplyError::Foreign(event)) if event.dot.replica == FORGER)
}

fn refuses_rows_of_others<T>(mut counter: T, sum: &[u8], decode: fn(&[u8]) -> Result<T, LoadError>)
where
    T: Replicated + Clone + PartialEq + std::fmt::Debug,
{
    let before = counter.clone();
    for forger in forgeries(&Path::root(), sum, before.store()) {
        let delta = forger.delta_since(before.context()).unwrap();
        assert!(is_foreign(counter.apply(&delta).err()), "{delta:?}");
        let full = forger.full_state();
        assert!(is_foreign(counter.apply_full(&full).err()), "{full:?}");
        assert_eq!(counter, before);
        let read = decode(&forger.encode());
        assert!(matches!(read, Err(LoadError::Foreign(_))), "{read:?}");
    }
    assert_eq!(decode(&counter.encode()), Ok(before));
}

#[test]
fn a_row_is_its_owners() {
    let mut grow_only = GCounter::new(OWNER);
    grow_only.increment(Micros(1), 3).unwrap();
    refuses_rows_of_others(grow_only, &[9; 8], GCounter::decode);
    let mut counter = PnCounter::new(OWNER);
    counter.decrement(Micros(1), 3).unwrap();
    refuses_rows_of_others(counter, &[9; 16], PnCounter::decode);
}

#[test]
fn a_forged_row_says_what_is_wrong_with_it() {
    let mut forger = Store::new(FORGER);
    let row = row_of_owner(&Path::root());
    let write = Write::Put([9; 8].into());
    forger.record(Micros(1), &row, write).unwrap();
    let refused = GCounter::decode(&forger.encode()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "n2·1 at `0x00000000000000010000000000000000` is not an event of the replica whose row that \
         is"
    );
}

#[test]
fn a_row_in_a_keyspace_is_its_owners() {
    let registry = || Registry::new().prefix("", KeyKind::Counter).unwrap();
    let counter = value_path(b"visits", KeyKind::Counter);
    let mut owner = Store::new(OWNER);
    owner
        .record(
            Micros(1),
            &row_of_owner(&counter),
            Write::Put([3; 16].into()),
        )
        .unwrap();
    for forger in forgeries(&counter, &[9; 16], &owner) {
        let config = ReplicaConfig {
            registry: registry(),
            ..ReplicaConfig::default()
        };
        let mut replica = Replica::new(config, owner.clone(), Micros::ZERO);
        let delta = forger.delta_since(owner.context()).unwrap();
        for message in [
            SyncMessage::Delta(delta),
            SyncMessage::Full(forger.full_state()),
        ] {
            let from = FORGER;
            let Err(ReplicaError::Apply(refused)) =
                replica.step(Micros(3), Input::Receive { from, message })
            else {
                panic!("it was taken in");
            };
            assert!(is_foreign(Some(refused)));
            assert_eq!(replica.store(), &owner);
        }
    }
    // What the owner wrote arrives as ever.
    let delta = owner.delta_since(&VersionVector::new()).unwrap();
    assert_eq!(Keyspace::check_delta(&delta), Ok(()));
}
