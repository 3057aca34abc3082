//! Queries, by a walk and by the index.

use std::ops::Bound::{Excluded, Included};

use quorate::Micros;
use quorate::crdt::keyspace::{MergeMode, Operation, Query, TagIndex, TagScope, TagValue};
use quorate::crdt::{Event, Path, Payload, Replicated, Write};

use super::replica::{Objects, name, tag};
use super::test;

/// A shop: what costs what, in which colours, and whether it is sold.
fn shop() -> Objects {
    let mut shop = Objects::new(1);
    let mut say = |key: &str, about: &str, value: TagValue| {
        shop.act(1, key, &tag(about, value)).unwrap();
    };
    say("chair", "shop:price", 40.into());
    say("chair", "shop:colour", TagValue::list(["red", "green"]));
    say("lamp", "shop:price", 15.into());
    say("lamp", "shop:colour", "red".into());
    say("lamp", "shop:sold", true.into());
    say("rug", "shop:price", "on request".into());
    say("rug", "shop:colour", TagValue::list::<&str>([]));
    let value = b"a plain value".to_vec();
    shop.act(1, "sofa", &Operation::Write { value }).unwrap();
    shop
}

fn price(range: impl std::ops::RangeBounds<TagValue>) -> Query {
    Query::range(name("shop:price"), range)
}

fn colour(value: impl Into<TagValue>) -> Query {
    Query::equals(name("shop:colour"), value)
}

fn sold() -> Query {
    Query::exists(name("shop:sold"))
}

#[test]
fn objects_are_found_by_what_is_said_of_them() {
    let shop = shop();
    let number = TagValue::from;
    assert_eq!(
        shop.find(&Query::exists(name("shop:price"))),
        ["chair", "lamp", "rug"]
    );
    assert_eq!(
        shop.find(&Query::exists(name("shop:colour"))),
        ["chair", "lamp", "rug"]
    );
    assert_eq!(shop.find(&sold()), ["lamp"]);
    assert_eq!(
        shop.find(&colour("red")),
        ["chair", "lamp"],
        "alone or in a list"
    );
    assert_eq!(
        shop.find(&colour(TagValue::list(["red", "green"]))),
        ["chair"]
    );
    assert_eq!(shop.find(&price(number(15)..number(40))), ["lamp"]);
    assert_eq!(
        shop.find(&price(number(15)..=number(40))),
        ["chair", "lamp"]
    );
    assert_eq!(
        shop.find(&price(number(16)..)),
        ["chair"],
        "a text is above no number"
    );
    assert_eq!(shop.find(&price(..number(40))), ["lamp"]);
    assert_eq!(shop.find(&price(TagValue::from("")..)), ["rug"]);
    assert_eq!(shop.find(&price(..)), ["chair", "lamp", "rug"]);
    assert_eq!(shop.find(&colour("blue")), [""; 0]);
    assert_eq!(shop.find(&Query::exists(name("no:such"))), [""; 0]);
}

#[test]
fn crossed_bounds_and_bounds_of_two_types_hold_nothing() {
    let shop = shop();
    let number = TagValue::from;
    for (low, high) in [
        (Included(number(40)), Included(number(15))),
        (Included(number(15)), Excluded(number(15))),
        (Excluded(number(15)), Excluded(number(15))),
        (Excluded(number(15)), Included(number(15))),
        (Included(number(0)), Included(TagValue::from("z"))),
        (Included(TagValue::from("a")), Included(number(50))),
    ] {
        assert_eq!(shop.find(&price((low, high))), [""; 0]);
    }
}

#[test]
fn queries_are_combined() {
    let shop = shop();
    let cheap = || price(..TagValue::from(20));
    assert_eq!(shop.find(&cheap().and(colour("red"))), ["lamp"]);
    assert_eq!(shop.find(&colour("green").or(sold())), ["chair", "lamp"]);
    assert_eq!(
        shop.find(&!sold()),
        ["chair", "rug", "sofa"],
        "also what has no tags"
    );
    assert_eq!(shop.find(&colour("red").and(!sold())), ["chair"]);
    assert_eq!(shop.find(&(!sold()).and(!colour("red"))), ["rug", "sofa"]);
    assert_eq!(
        shop.find(&(!sold()).or(cheap())),
        ["chair", "lamp", "rug", "sofa"]
    );
    assert_eq!(shop.find(&!!sold()), ["lamp"]);
    assert_eq!(shop.find(&Query::All(Vec::new())).len(), 4);
    assert_eq!(shop.find(&Query::Any(Vec::new())), [""; 0]);
}

#[test]
fn several_values_are_each_found_and_those_that_lost_are_not() {
    let mut left = Objects::new(1);
    let mut right = Objects::new(2);
    left.act(1, "vase", &tag("shop:colour", "red")).unwrap();
    right.act(2, "vase", &tag("shop:colour", "blue")).unwrap();
    left.merge(&right).unwrap();
    let found = |objects: &Objects, value: &str| !objects.find(&colour(value)).is_empty();
    assert!(!found(&left, "red") && found(&left, "blue"));
    // A mode is an event like any other, and the index follows it.
    let scope = TagScope::Name(name("shop:colour"));
    right.set_mode(3, &scope, Some(MergeMode::MultiValue));
    left.merge(&right).unwrap();
    assert!(found(&left, "red") && found(&left, "blue"));
    left.set_mode(4, &scope, None);
    assert!(!found(&left, "red") && found(&left, "blue"));
    left.set_mode(5, &TagScope::Default, Some(MergeMode::MultiValue));
    assert!(found(&left, "red") && found(&left, "blue"));
}

#[test]
fn an_index_follows_a_removal_of_one_of_several_facts() {
    let mut left = Objects::new(1);
    let mut right = Objects::new(2);
    left.act(1, "vase", &tag("shop:colour", "red")).unwrap();
    right.act(2, "vase", &tag("shop:colour", "blue")).unwrap();
    let colours = |objects: &Objects| {
        let found = ["blue", "red"]
            .into_iter()
            .filter(|value| !objects.find(&colour(*value)).is_empty());
        found.collect::<Vec<_>>()
    };
    let mut both = left.clone();
    both.merge(&right).unwrap();
    assert_eq!(colours(&both), ["blue"]);
    // Nothing vanishes and nothing is new at the path: only a dot is gone.
    right
        .act(
            3,
            "vase",
            &Operation::Untag {
                name: name("shop:colour"),
            },
        )
        .unwrap();
    let report = both.merge(&right).unwrap();
    assert!(report.added.is_empty() && report.removed.is_empty() && report.inserted.is_empty());
    assert_eq!(colours(&both), ["red"]);
    assert_eq!(both.index, TagIndex::build(&both.store));
}

#[test]
fn an_index_follows_a_mode_that_loses_one_of_two_writes() {
    let mut left = Objects::new(1);
    let mut right = Objects::new(2);
    left.act(1, "vase", &tag("shop:colour", "red")).unwrap();
    right.act(2, "vase", &tag("shop:colour", "blue")).unwrap();
    left.set_mode(5, &TagScope::Default, Some(MergeMode::Union));
    right.set_mode(6, &TagScope::Default, Some(MergeMode::MultiValue));
    left.merge(&right).unwrap();
    assert_eq!(left.find(&colour("red")), ["vase"]);
    right.set_mode(7, &TagScope::Default, None);
    left.merge(&right).unwrap();
    assert_eq!(
        left.find(&colour("red")),
        [""; 0],
        "the union is left, of no lists"
    );
    assert_eq!(left.index, TagIndex::build(&left.store));
}

#[test]
fn an_index_follows_deletions_of_anything_and_everything() {
    let mut shop = shop();
    let scope = TagScope::Name(name("shop:sold"));
    shop.set_mode(1, &scope, Some(MergeMode::Union));
    let counts = |shop: &Objects| {
        let names = shop
            .index
            .names()
            .map(|(name, count)| (name.to_string(), count));
        names.collect::<Vec<_>>()
    };
    let named = |name: &str, count| (name.to_owned(), count);
    shop.act(2, "lamp", &Operation::Delete).unwrap();
    assert_eq!(
        counts(&shop),
        [named("shop:colour", 2), named("shop:price", 2)]
    );
    assert_eq!(shop.index, TagIndex::build(&shop.store));
    let name = name("shop:price");
    shop.act(3, "rug", &Operation::Untag { name }).unwrap();
    assert_eq!(
        counts(&shop),
        [named("shop:colour", 2), named("shop:price", 1)]
    );
    // Other programs may remove more at once.
    let mut remove = |path: Path| -> Option<Event> {
        let event = shop.store.record(Micros(4), &path, Write::Remove).unwrap();
        shop.index.note_event(&shop.store, event.as_ref()?);
        assert_eq!(shop.index, TagIndex::build(&shop.store));
        event
    };
    assert!(remove(Path::of(["chair", "T"])).is_some());
    assert!(remove(Path::root()).is_some());
    assert_eq!(shop.index, TagIndex::default());
}

#[test]
fn what_cannot_be_read_is_no_tag_and_confuses_nobody() {
    let mut objects = Objects::new(1);
    objects.act(1, "vase", &tag("shop:colour", "red")).unwrap();
    let mut wrong = Objects::new(2).store;
    for path in [
        ["vase", "T", "shop:colour"],
        ["vase", "T", "colour"],
        ["\0schema", "M", "x:y"],
    ] {
        let nonsense = Write::Append(Payload::from(*b"nonsense"));
        wrong.record(Micros(1), &Path::of(path), nonsense).unwrap();
    }
    let report = objects.store.apply_full(&wrong.full_state()).unwrap();
    objects.index.note_merge(&objects.store, &report);
    assert_eq!(objects.find(&colour("red")), ["vase"]);
    assert_eq!(objects.index, TagIndex::build(&objects.store));
    // The fact goes and the nonsense stays: no path vanishes.
    let mut other = Objects::of(objects.store.clone());
    let name = name("shop:colour");
    let path = Path::of(["vase", "T", name.as_str()]);
    let mut third = Objects::new(3);
    third.store.apply_full(&objects.store.full_state()).unwrap();
    let fact = third
        .store
        .live_at(&path)
        .find(|live| live.payload.len() > 12)
        .unwrap()
        .dot;
    let mut removal = third
        .store
        .record(Micros(2), &path, Write::Remove)
        .unwrap()
        .unwrap();
    removal.kills = fact.into();
    third.store = Objects::new(3).store;
    third.store.apply_full(&objects.store.full_state()).unwrap();
    third.store.redo(&removal).unwrap();
    let delta = third.store.delta_since(other.store.context()).unwrap();
    let report = other.store.apply(&delta).unwrap();
    other.index.note_merge(&other.store, &report);
    assert_eq!(other.find(&colour("red")), [""; 0]);
    assert_eq!(other.index, TagIndex::build(&other.store));
}
