//! The JSON forms: fixtures read and written field for field, and input that means harm.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quorate::crdt::seed::json::{
    JsonLimits, SeedGCounter, SeedJsonError, SeedLwwRegister, SeedPnCounter, SeedSyncBatch,
    SeedSyncItem,
};
use quorate::crdt::seed::{Timestamp, TombstoneOrSet, TombstonePruneOptions, tag_of};
use quorate::crdt::{PruneOptions, PruneTrigger};
use serde_json::Value;

use super::morning;

const G_COUNTER: &[u8] = include_bytes!("fixtures/g_counter.json");
const PN_COUNTER: &[u8] = include_bytes!("fixtures/pn_counter.json");
const LWW_REGISTER: &[u8] = include_bytes!("fixtures/lww_register.json");
/// Plus signs escaped, as the seed's writer does.
const OR_SET: &[u8] = include_bytes!("fixtures/or_set.json");
const WITHOUT_TIMES: &[u8] = include_bytes!("fixtures/or_set_without_times.json");
const NULL_TIMES: &[u8] = include_bytes!("fixtures/or_set_null_times.json");
const UNREADABLE_TIMES: &[u8] = include_bytes!("fixtures/or_set_unreadable_times.json");
const OTHER_TIMES: &[u8] = include_bytes!("fixtures/or_set_times_of_another_shape.json");
const SYNC_BATCH: &[u8] = include_bytes!("fixtures/sync_batch.json");

fn limits() -> JsonLimits {
    JsonLimits::default()
}

fn read_set(document: &[u8]) -> TombstoneOrSet {
    TombstoneOrSet::from_json(document, &limits()).unwrap()
}

fn tree(document: &[u8]) -> Value {
    serde_json::from_slice(document).unwrap()
}

fn counts(entries: &[(&str, i64)]) -> BTreeMap<String, i64> {
    let entries = entries.iter().map(|&(node, n)| (node.to_owned(), n));
    entries.collect()
}

#[test]
fn a_grow_only_counter_is_a_bare_object() {
    let counter = SeedGCounter::from_json(G_COUNTER, &limits()).unwrap();
    assert_eq!(counter.counts, counts(&[("node-a", 5), ("node-b", 12)]));
    assert_eq!(counter.value(), 17);
    assert_eq!(counter.to_json(), G_COUNTER);
    let mut merged = SeedGCounter {
        counts: counts(&[("node-a", 7), ("node-b", 2), ("node-c", -1)]),
    };
    merged.merge(&counter);
    let highest = counts(&[("node-a", 7), ("node-b", 12), ("node-c", -1)]);
    assert_eq!(merged.counts, highest);
    let most = SeedGCounter {
        counts: counts(&[("node-a", i64::MAX), ("node-b", i64::MAX)]),
    };
    assert_eq!(most.value(), 2 * i128::from(i64::MAX));
}

#[test]
fn a_counter_both_ways_is_json_in_base64_in_json() {
    let counter = SeedPnCounter::from_json(PN_COUNTER, &limits()).unwrap();
    assert_eq!(counter.positive.to_json(), G_COUNTER);
    assert_eq!(counter.negative.counts, counts(&[("node-b", 20)]));
    assert_eq!(counter.value(), -3);
    assert_eq!(counter.to_json(), PN_COUNTER);
    let mut merged = SeedPnCounter::default();
    merged.merge(&counter);
    assert_eq!(merged, counter);
}

#[test]
fn a_register_is_a_value_an_instant_and_a_node() {
    let register = SeedLwwRegister::from_json(LWW_REGISTER, &limits()).unwrap();
    assert_eq!(register.value, b"hello");
    assert_eq!(register.node_id, "node-a");
    assert_eq!(
        register.timestamp.to_string(),
        "2026-03-05T12:34:56.1200000+00:00"
    );
    assert_eq!(register.to_json(), LWW_REGISTER);
}

#[test]
fn a_set_is_two_maps_of_tags_and_one_of_times() {
    let set = read_set(OR_SET);
    assert!(set.iter().eq(["milk"]));
    assert_eq!(set.tombstones(), 3);
    let dead = tag_of("node-b", 0x0123_4567_89ab_cdef_0011_2233_4455_6677);
    assert!(set.remove_tags("milk").eq([dead.as_str()]));
    let at = "2026-03-05T12:34:56.1234567+00:00".parse().unwrap();
    assert_eq!(set.removed_at("milk", &dead), at);
    assert_eq!(set.undated_tombstones(), 0);
    // The same fields and values; the times keep their offsets.
    assert_eq!(tree(&set.to_json()), tree(OR_SET));
    assert_eq!(read_set(&set.to_json()), set);
}

#[test]
fn a_set_without_removals_writes_null_for_the_times() {
    let mut set = TombstoneOrSet::new();
    set.add("x", "n", 1);
    let written = String::from_utf8(set.to_json()).unwrap();
    let tag = tag_of("n", 1);
    assert_eq!(
        written,
        format!(r#"{{"addSet":{{"x":["{tag}"]}},"removeSet":{{}},"removeTimestamps":null}}"#)
    );
}

#[test]
fn missing_times_and_those_of_another_shape_mean_oldest() {
    for document in [WITHOUT_TIMES, NULL_TIMES, OTHER_TIMES] {
        let set = read_set(document);
        assert!(set.iter().eq(["milk"]));
        assert_eq!((set.tombstones(), set.undated_tombstones()), (3, 3));
        for element in ["bread", "milk", "straße: 5"] {
            for tag in set.remove_tags(element) {
                assert_eq!(set.removed_at(element, tag), Timestamp::MIN);
            }
        }
        assert_eq!(tree(&set.to_json())["removeTimestamps"], Value::Null);
    }
}

#[test]
fn single_unreadable_times_mean_oldest_and_the_others_stay() {
    let set = read_set(UNREADABLE_TIMES);
    assert_eq!((set.tombstones(), set.undated_tombstones()), (3, 2));
    let removed_at = |element| {
        let tag = set.remove_tags(element).next().unwrap();
        set.removed_at(element, tag)
    };
    assert_eq!(removed_at("milk"), Timestamp::MIN);
    assert_eq!(removed_at("bread"), Timestamp::MIN);
    assert_eq!(
        removed_at("straße: 5").to_string(),
        "2026-03-06T00:00:00.0000000+01:00"
    );
}

#[test]
fn a_removed_tag_that_nobody_added_has_no_say_in_pruning() {
    let (added, stray) = (tag_of("n1", 1), tag_of("n1", 2));
    let document = format!(
        r#"{{"addSet":{{"x":["{added}"]}},"removeSet":{{"x":["{added}","{stray}"]}},
            "removeTimestamps":{{"x:{stray}":"{}"}}}}"#,
        morning()
    );
    let mut set = read_set(document.as_bytes());
    let options = TombstonePruneOptions::of(&PruneOptions::default(), PruneTrigger::Explicit);
    let report = set.prune(morning(), &options, None);
    assert_eq!((report.tags_removed, report.uncovered), (3, 2));
    assert_eq!(set, TombstoneOrSet::new());
}

#[test]
fn a_batch_is_a_list_of_values_in_base64() {
    let batch = SeedSyncBatch::from_json(SYNC_BATCH, &limits()).unwrap();
    let [counter, cart] = &batch.items[..] else {
        unreachable!("the fixture has two items")
    };
    assert_eq!(counter.key, "counter:visits");
    assert_eq!(counter.clock, counts(&[("node-a", 3), ("node-b", 1)]));
    assert_eq!(counter.value, PN_COUNTER);
    assert_eq!(
        counter.last_modified.to_string(),
        "2026-03-05T12:35:00.5000000+00:00"
    );
    assert_eq!(read_set(&cart.value), read_set(OR_SET));
    assert_eq!(batch.to_json(), SYNC_BATCH);
}

#[test]
fn what_the_seed_leaves_out_is_empty_and_what_it_adds_is_skipped() {
    for document in [
        "null",
        "{}",
        r#"{"addSet":null,"removeSet":null,"more":[{}]}"#,
    ] {
        let document = document.as_bytes();
        assert_eq!(read_set(document), TombstoneOrSet::new());
    }
    for document in [&b"null"[..], b"{}", br#"{"p":null,"later":1.5e3}"#] {
        let counter = SeedPnCounter::from_json(document, &limits()).unwrap();
        assert_eq!(counter, SeedPnCounter::default());
        let register = SeedLwwRegister::from_json(document, &limits()).unwrap();
        assert_eq!(register.timestamp, Timestamp::MIN);
        assert_eq!(register, SeedLwwRegister::default());
    }
    let batch = SeedSyncBatch::from_json(br#"[{"clock":null}]"#, &limits()).unwrap();
    assert_eq!(batch.items, [SeedSyncItem::default()]);
    let none = SeedSyncBatch::from_json(b"null", &limits()).unwrap();
    assert_eq!(none, SeedSyncBatch::default());
    let empty = br#"{"addSet":{"x":[]},"removeSet":{"x":[]}}"#;
    assert_eq!(read_set(empty), TombstoneOrSet::new());
}

#[test]
fn a_refusal_says_where() {
    let says = |refused: SeedJsonError, what: &str| {
        let text = refused.to_string();
        assert!(text.contains(what), "{text}");
    };
    let register = |text: &str| SeedLwwRegister::from_json(text.as_bytes(), &limits()).unwrap_err();
    says(register(r#"{"value":"a"}"#), "`value` is not base64");
    says(
        register(r#"{"timestamp":"2026-13-01T00:00:00Z"}"#),
        "`timestamp`: the instant is unreadable at byte 5",
    );
    says(register("{\"value\":\n 7}"), "line 2 column 2");

    // `p` holds the base64 of `{"a":1.5}`: the column is that of the inner document.
    let refused = SeedPnCounter::from_json(br#"{"p":"eyJhIjoxLjV9"}"#, &limits()).unwrap_err();
    says(
        refused,
        "within `p`: invalid type: floating point `1.5`, expected i64 at line 1",
    );
    let refused = SeedPnCounter::from_json(br#"{"n":"*"}"#, &limits()).unwrap_err();
    says(refused, "`n` is not base64");

    let batch = |text: &str| SeedSyncBatch::from_json(text.as_bytes(), &limits()).unwrap_err();
    says(
        batch(r#"[{},{"value":"?"}]"#),
        "item 1: `value` is not base64",
    );
    says(
        batch(r#"[{"lastModified":"now"}]"#),
        "item 0: `lastModified`",
    );
    says(batch("[{}] []"), "trailing characters at line 1 column 6");
    says(batch("{}"), "a list of at most 100000 items");
    let refused = TombstoneOrSet::from_json(br#"{"addSet":{"x":[1]}}"#, &limits()).unwrap_err();
    says(refused, "line 1 column");
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let few = JsonLimits {
        bytes: SYNC_BATCH.len(),
        items: 1,
    };
    let refused = SeedSyncBatch::from_json(SYNC_BATCH, &few).unwrap_err();
    assert!(refused.to_string().contains("at most 1 items"), "{refused}");
    let short = JsonLimits {
        bytes: OR_SET.len() - 1,
        ..limits()
    };
    let refused = TombstoneOrSet::from_json(OR_SET, &short).unwrap_err();
    assert!(matches!(refused, SeedJsonError::TooLarge { bytes, limit } if bytes == limit + 1));
    // A tower of brackets is refused, wherever it stands, and does not use up the stack.
    let tower = "[".repeat(1 << 20);
    for document in [tower.clone(), format!(r#"{{"removeTimestamps":{tower}"#)] {
        assert!(TombstoneOrSet::from_json(document.as_bytes(), &limits()).is_err());
        assert!(SeedSyncBatch::from_json(document.as_bytes(), &limits()).is_err());
    }
}

/// Reads a document as everything it could be. What comes out must survive being written.
fn read_as_everything(document: &[u8]) -> usize {
    let mut accepted = 0;
    if let Ok(counter) = SeedGCounter::from_json(document, &limits()) {
        let again = SeedGCounter::from_json(&counter.to_json(), &limits()).unwrap();
        assert_eq!(again, counter);
        accepted += 1;
    }
    if let Ok(counter) = SeedPnCounter::from_json(document, &limits()) {
        let again = SeedPnCounter::from_json(&counter.to_json(), &limits()).unwrap();
        assert_eq!(again, counter);
        accepted += 1;
    }
    if let Ok(register) = SeedLwwRegister::from_json(document, &limits()) {
        let again = SeedLwwRegister::from_json(&register.to_json(), &limits()).unwrap();
        assert_eq!(again, register);
        accepted += 1;
    }
    if let Ok(set) = TombstoneOrSet::from_json(document, &limits()) {
        assert_eq!(set.to_json().len(), set.size().total());
        assert_eq!(read_set(&set.to_json()), set);
        accepted += 1;
    }
    if let Ok(batch) = SeedSyncBatch::from_json(document, &limits()) {
        let again = SeedSyncBatch::from_json(&batch.to_json(), &limits()).unwrap();
        assert_eq!(again, batch);
        accepted += 1;
    }
    accepted
}

#[test]
fn every_truncation_is_refused_and_no_flipped_bit_does_harm() {
    let corpus = [
        G_COUNTER,
        PN_COUNTER,
        LWW_REGISTER,
        OR_SET,
        WITHOUT_TIMES,
        UNREADABLE_TIMES,
        SYNC_BATCH,
    ];
    for document in corpus {
        assert!(read_as_everything(document) > 0);
        for end in 0..document.len() {
            assert_eq!(read_as_everything(&document[..end]), 0);
        }
        for bit in 0..document.len() * 8 {
            let mut flipped = document.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            read_as_everything(&flipped);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sets_come_back_and_sizes_are_exact_whatever_the_elements(
        elements in prop::collection::vec((any::<String>(), any::<u128>(), 0..3_u8), 0..12)
    ) {
        let mut set = TombstoneOrSet::new();
        for (element, unique, fate) in &elements {
            let element = &format!("{element}\u{1}\u{8}\t\n\u{c}\r\u{1f}\\");
            set.add(element, "knoten-ä\u{7f}\"", *unique);
            if *fate == 0 {
                set.remove(element, morning());
            }
        }
        let written = set.to_json();
        prop_assert_eq!(set.size().total(), written.len());
        prop_assert_eq!(read_set(&written), set);
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        read_as_everything(&bytes);
    }
}

#[cfg(feature = "hmac")]
mod authenticated {
    use quorate::codec::seal::SealError;

    use super::*;

    const SECRET: &[u8] = b"a secret of the cluster";
    /// Made by another implementation.
    const MAC: &[u8] = include_bytes!("fixtures/sync_batch.hmac");

    fn message() -> Vec<u8> {
        [SYNC_BATCH, MAC].concat()
    }

    fn open(message: &[u8], secret: &[u8]) -> Result<SeedSyncBatch, SeedJsonError> {
        SeedSyncBatch::open(message, secret, &limits())
    }

    #[test]
    fn a_code_of_thirty_two_bytes_follows_the_list() {
        let batch = open(&message(), SECRET).unwrap();
        let plain = SeedSyncBatch::from_json(SYNC_BATCH, &limits()).unwrap();
        assert_eq!(batch, plain);
        assert_eq!(batch.seal(SECRET).unwrap(), message());
    }

    #[test]
    fn nothing_is_read_that_is_not_authentic() {
        let refused = open(&message(), b"another secret").unwrap_err();
        assert!(matches!(refused, SeedJsonError::Seal(SealError::Wrong)));
        for bit in 0..message().len() * 8 {
            let mut flipped = message();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let refused = open(&flipped, SECRET).unwrap_err();
            assert!(
                matches!(refused, SeedJsonError::Seal(SealError::Wrong)),
                "bit {bit}"
            );
        }
        for end in 0..message().len() {
            let refused = open(&message()[..end], SECRET).unwrap_err();
            match refused {
                SeedJsonError::Seal(SealError::Missing { bytes }) => assert!(bytes < 32),
                SeedJsonError::Seal(SealError::Wrong) => assert!(end >= 32),
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn an_empty_secret_authenticates_nobody() {
        let refused = open(&message(), b"").unwrap_err();
        assert!(matches!(
            refused,
            SeedJsonError::Seal(SealError::EmptySecret)
        ));
        let refused = SeedSyncBatch::default().seal(b"").unwrap_err();
        assert!(matches!(
            refused,
            SeedJsonError::Seal(SealError::EmptySecret)
        ));
    }
}
