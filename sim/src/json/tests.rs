//! What is read is what `serde_json` reads, and errors know where they arose.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;

/// Of everything that data has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Everything {
    small: u8,
    signed: Option<i64>,
    real: f64,
    nothing: (),
    pairs: Vec<(u32, bool)>,
    named: BTreeMap<Name, Choice>,
    #[serde(default)]
    inner: Option<Box<Everything>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Name(String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Choice {
    Unit,
    One(u16),
    Two(i8, i8),
    Fields { letter: char },
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Unit),
        any::<u16>().prop_map(Choice::One),
        any::<(i8, i8)>().prop_map(|(a, b)| Choice::Two(a, b)),
        any::<char>().prop_map(|letter| Choice::Fields { letter }),
    ]
}

fn flat() -> impl Strategy<Value = Everything> {
    let named = proptest::collection::btree_map("[a-z]{1,3}".prop_map(Name), choice(), 0..3);
    let pairs = proptest::collection::vec(any::<(u32, bool)>(), 0..3);
    (any::<(u8, Option<i64>)>(), -1e9..1e9, pairs, named).prop_map(
        |((small, signed), real, pairs, named)| Everything {
            small,
            signed,
            real,
            nothing: (),
            pairs,
            named,
            inner: None,
        },
    )
}

fn everything() -> impl Strategy<Value = Everything> {
    (flat(), proptest::option::of(flat())).prop_map(|(outer, inner)| Everything {
        inner: inner.map(Box::new),
        ..outer
    })
}

fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-129)),
        Just(json!(70_000)),
        Just(json!(0.5)),
        Just(json!("unit")),
        Just(json!("fields")),
        Just(json!("three")),
        Just(json!([[1, true, 2]])),
        Just(json!({})),
        Just(json!({ "one": 7 })),
        Just(json!({ "unit": 7 })),
        Just(json!({ "fields": { "letter": "ab" } })),
        Just(json!({ "two": [1] })),
        Just(json!({ "small": 1, "large": 2 })),
    ]
}

/// Where each value of a tree is, as the steps to it.
fn places(tree: &Value) -> Vec<String> {
    let below: Vec<(String, &Value)> = match tree {
        Value::Array(items) => (0..).map(|at: u32| at.to_string()).zip(items).collect(),
        Value::Object(fields) => (fields.iter())
            .map(|(name, value)| (name.clone(), value))
            .collect(),
        _ => Vec::new(),
    };
    let deeper = below.into_iter().flat_map(|(step, value)| {
        let prefix = move |place| format!("/{step}{place}");
        places(value).into_iter().map(prefix)
    });
    [String::new()].into_iter().chain(deeper).collect()
}

/// Lists where a struct should be: `serde_json` takes them.
fn reads_a_list_as_a_struct(place: &str, tree: &Value) -> bool {
    let is_struct = place.is_empty() || place.ends_with("/inner") || place.ends_with("/fields");
    is_struct && tree.pointer(place).is_some_and(Value::is_array)
}

proptest! {
    /// Whatever is read, and whatever is refused in which words, is as `serde_json` has it.
    #[test]
    fn it_reads_what_serde_json_reads(
        value in everything(),
        place in any::<prop::sample::Index>(),
        by in proptest::option::of(anything()),
    ) {
        let mut tree = serde_json::to_value(&value).unwrap();
        let places = places(&tree);
        let place = place.get(&places);
        if let Some(by) = by {
            *tree.pointer_mut(place).unwrap() = by;
        }
        prop_assume!(!reads_a_list_as_a_struct(place, &tree));
        let theirs = serde_json::from_value::<Everything>(tree.clone());
        let ours = read::<Everything>(tree);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            // Of an enum, ours goes on to say which.
            (Err(ours), Err(theirs)) => {
                let theirs = theirs.to_string();
                prop_assert!(ours.what.starts_with(&theirs), "{}, not {}", ours.what, theirs);
            }
            (ours, theirs) => prop_assert!(false, "{:?}, not {:?}", ours, theirs),
        }
    }
}

#[test]
fn an_error_names_its_place() {
    let good = json!({
        "small": 1, "signed": -1, "real": 0.5, "nothing": null, "pairs": [[1, true], [2, false]],
        "named": { "a": "unit", "b": { "two": [1, 2] }, "c": { "fields": { "letter": "x" } } },
        "inner": null,
    });
    assert!(read::<Everything>(good.clone()).is_ok());
    let cases = [
        ("/small", json!(256), "small"),
        ("/signed", json!("one"), "signed"),
        ("/nothing", json!(0), "nothing"),
        ("/pairs/1", json!([2, false, 3]), "pairs[1]"),
        ("/pairs/1/0", json!(-2), "pairs[1][0]"),
        ("/pairs/0", json!([1]), "pairs[0]"),
        ("/named/a", json!("three"), "named.a"),
        ("/named/a", json!({ "three": 3 }), "named.a"),
        ("/named/b/two/1", json!(128), "named.b.two[1]"),
        (
            "/named/c/fields",
            json!({ "digit": 1 }),
            "named.c.fields.digit",
        ),
        ("/inner", json!({ "small": 1 }), "inner"),
        ("", json!([]), ""),
    ];
    for (place, by, path) in cases {
        let mut tree = good.clone();
        *tree.pointer_mut(place).unwrap() = by.clone();
        let error = read::<Everything>(tree).unwrap_err();
        assert_eq!(error.path, path, "{place} as {by}: {}", error.what);
    }
}

#[test]
fn a_list_is_no_struct() {
    let error = read::<Choice>(json!({ "fields": ["x"] })).unwrap_err();
    assert_eq!(error.path, "fields");
    assert!(error.what.starts_with("invalid type: sequence"), "{error}");
}
