//! Tags where a collection made the usual way fails: a set of names, a map of values and a version
//! vector per object, with modes in the configuration.

use quorate::crdt::keyspace::{MergeMode, Operation, TagScope, TagValue};
use quorate::crdt::{MergeReport, Replicated};

use super::replica::{Objects, name, tag};
use super::test;

/// Replicas that said something of `thing` without knowing of each other, and the default mode.
fn divided(mode: MergeMode, values: &[TagValue]) -> Vec<Objects> {
    let mut first = Objects::new(1);
    first.set_mode(1, &TagScope::Default, Some(mode));
    let say = |(node, value): (u64, &TagValue)| {
        let mut replica = if node == 1 {
            first.clone()
        } else {
            Objects::new(node)
        };
        replica.merge(&first).unwrap();
        replica
            .act(10 * node, "thing", &tag("a:b", value.clone()))
            .unwrap();
        replica
    };
    (1..).zip(values).map(say).collect()
}

fn shown(replica: &Objects) -> Vec<TagValue> {
    replica.values("thing", "a:b")
}

/// Joins the others to a replica in the given order.
fn joined(replicas: &[Objects], order: &[usize]) -> Objects {
    let mut result = replicas[order[0]].clone();
    for &at in order {
        if at != order[0] {
            result.merge(&replicas[at]).unwrap();
        }
    }
    result
}

#[test]
fn joining_several_values_again_repeats_none_of_them() {
    let values = [
        TagValue::from("x"),
        TagValue::from("y"),
        TagValue::from("x"),
    ];
    let replicas = divided(MergeMode::MultiValue, &values);
    let once = joined(&replicas, &[0, 1, 2]);
    assert_eq!(shown(&once), [TagValue::from("x"), TagValue::from("y")]);
    let mut again = once.clone();
    for replica in &replicas {
        assert_eq!(again.merge(replica), Ok(MergeReport::default()));
        again.apply_full(&replica.full_state()).unwrap();
    }
    assert_eq!(again, once);
    assert_eq!(shown(&again), shown(&once));
}

#[test]
fn several_values_do_not_depend_on_the_order_of_joins() {
    let values = ["p", "r", "q"].map(TagValue::from);
    for mode in MergeMode::ALL {
        let replicas = divided(mode, &values);
        let expected = joined(&replicas, &[0, 1, 2]).tag("thing", "a:b");
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(
                joined(&replicas, &order).tag("thing", "a:b"),
                expected,
                "{mode}"
            );
        }
        let mut pair = joined(&replicas, &[1, 2]);
        pair.merge(&replicas[0]).unwrap();
        assert_eq!(pair.tag("thing", "a:b"), expected, "{mode} is associative");
    }
}

#[test]
fn a_union_is_the_same_list_from_both_sides() {
    let values = [
        TagValue::list(["red", "blue"]),
        TagValue::list(["green", "red"]),
    ];
    let replicas = divided(MergeMode::Union, &values);
    let united = [TagValue::list(["blue", "green", "red"])];
    assert_eq!(shown(&joined(&replicas, &[0, 1])), united);
    assert_eq!(shown(&joined(&replicas, &[1, 0])), united);
    // A list that is alone is as somebody made it.
    assert_eq!(shown(&replicas[0]), [TagValue::list(["red", "blue"])]);
}

#[test]
fn a_union_of_what_is_no_list_is_the_last_value() {
    let values = [TagValue::list(["red", "blue"]), TagValue::from("green")];
    let replicas = divided(MergeMode::Union, &values);
    assert_eq!(
        shown(&joined(&replicas, &[0, 1])),
        [TagValue::from("green")]
    );
    assert_eq!(
        shown(&joined(&replicas, &[1, 0])),
        [TagValue::from("green")]
    );
}

#[test]
fn the_mode_is_not_a_replicas_own() {
    let values = ["x", "y"].map(TagValue::from);
    let mut replicas = divided(MergeMode::LastWriterWins, &values);
    // One prefers several values, the other says so of this name only, and knows nothing of it.
    replicas[0].set_mode(30, &TagScope::Default, Some(MergeMode::MultiValue));
    let scope = TagScope::Name(name("a:b"));
    replicas[1].set_mode(20, &scope, Some(MergeMode::Union));
    let (left, right) = (joined(&replicas, &[0, 1]), joined(&replicas, &[1, 0]));
    let modes = |replica: &Objects| {
        replica.look(|keyspace| {
            let schema = keyspace.schema();
            (schema.default_mode(), schema.names().collect::<Vec<_>>())
        })
    };
    assert_eq!(
        modes(&left),
        (MergeMode::MultiValue, vec![(name("a:b"), MergeMode::Union)])
    );
    assert_eq!(modes(&left), modes(&right));
    assert_eq!(left.tag("thing", "a:b"), right.tag("thing", "a:b"));
    assert_eq!(
        shown(&left),
        [TagValue::from("y")],
        "that of the name, not the default"
    );
    // Without a mode of its own the name has the default, for the facts that are there.
    let mut left = left;
    left.set_mode(40, &scope, None);
    assert_eq!(shown(&left), ["x", "y"].map(TagValue::from));
    assert_eq!(left.set_mode(41, &scope, None), None);
}

#[test]
fn a_tag_that_is_present_has_a_value() {
    let mut left = Objects::new(1);
    left.act(1, "thing", &tag("a:b", "old")).unwrap();
    let mut right = Objects::new(2);
    right.merge(&left).unwrap();
    // One takes it away, the other says it anew: name and value stay together, in any order.
    left.act(2, "thing", &Operation::Untag { name: name("a:b") })
        .unwrap();
    right.act(2, "thing", &tag("a:b", "new")).unwrap();
    for order in [[0, 1], [1, 0]] {
        let joined = joined(&[left.clone(), right.clone()], &order);
        let names: Vec<_> = joined.look(|keyspace| keyspace.tags("thing").collect());
        assert_eq!(names.len(), 1);
        assert_eq!(names[0].1.value(), Some(&TagValue::from("new")));
    }
}

#[test]
fn joining_does_not_count_versions_up() {
    let values = ["x", "y"].map(TagValue::from);
    let replicas = divided(MergeMode::LastWriterWins, &values);
    let mut joined = joined(&replicas, &[0, 1]);
    let before = joined.tag("thing", "a:b").unwrap();
    assert_eq!((before.version, before.facts), (1, 2));
    for replica in replicas.iter().chain(&replicas) {
        joined.merge(replica).unwrap();
        joined.apply_full(&replica.full_state()).unwrap();
    }
    assert_eq!(joined.tag("thing", "a:b").unwrap(), before);
}

#[test]
fn a_version_is_above_all_that_it_replaced_and_keeps_when_it_began() {
    let values = ["x", "y"].map(TagValue::from);
    let replicas = divided(MergeMode::LastWriterWins, &values);
    let mut ahead = replicas[0].clone();
    for (now, version) in [(30, 2), (31, 3)] {
        ahead.act(now, "thing", &tag("a:b", "z")).unwrap();
        assert_eq!(ahead.tag("thing", "a:b").unwrap().version, version);
    }
    ahead.merge(&replicas[1]).unwrap();
    let both = ahead.tag("thing", "a:b").unwrap();
    assert_eq!((both.version, both.facts), (3, 2));
    assert_eq!((both.created.0, both.modified.0), (10, 31));
    ahead.act(40, "thing", &tag("a:b", "w")).unwrap();
    let facts = ahead.look(|keyspace| keyspace.facts("thing", &name("a:b")));
    assert_eq!(facts.len(), 1);
    let fact = &facts[0];
    assert_eq!((fact.version, fact.created.0, fact.modified.0), (4, 10, 40));
    assert_eq!(fact.source, "test");
    ahead
        .act(50, "thing", &Operation::Untag { name: name("a:b") })
        .unwrap();
    ahead.act(60, "thing", &tag("a:b", "v")).unwrap();
    let anew = ahead.tag("thing", "a:b").unwrap();
    assert_eq!((anew.version, anew.created.0), (1, 60));
}

#[test]
fn a_clock_that_is_behind_does_not_lose_what_it_replaces() {
    let values = ["x", "y"].map(TagValue::from);
    let replicas = divided(MergeMode::LastWriterWins, &values);
    let mut joined = joined(&replicas, &[0, 1]);
    joined.act(3, "thing", &tag("a:b", "z")).unwrap();
    let tag = joined.tag("thing", "a:b").unwrap();
    assert_eq!(tag.value(), Some(&TagValue::from("z")));
    assert_eq!((tag.created.0, tag.modified.0, tag.version), (3, 3, 2));
}
