//! Tables, entries and certificates as bytes: one form each, and nothing else is taken.

use proptest::prelude::*;
use quorate::codec::{DecodeError, Kind, Sink, frame, put_varint};
use quorate::crdt::{Acks, Entry, Epoch, Expiry, PruneCertificate, Table};

use super::log::{draft, four, propose, vector};
use super::{id, seen};

/// Tables with every standing in them, and both kinds without any.
fn tables() -> Vec<Table> {
    let entries = [
        Entry::Fence { replica: id('A') },
        Entry::Close {
            replica: id('A'),
            at: 300,
            epoch: Epoch(1),
        },
        Entry::Fence { replica: id('B') },
        Entry::Close {
            replica: id('B'),
            at: 0,
            epoch: Epoch(3),
        },
        Entry::Expire {
            replica: id('B'),
            expiry: Expiry::Discarded,
        },
        Entry::Fence { replica: id('C') },
    ];
    let mut tables = vec![Table::unmanaged(), Table::initial([]), four()];
    for (index, entry) in (1..).map(Epoch).zip(&entries) {
        let next = tables[tables.len() - 1].apply(index, entry).unwrap();
        tables.push(next);
    }
    tables
}

fn entries() -> Vec<Entry> {
    let replica = id('C');
    vec![
        Entry::Fence { replica },
        Entry::Close {
            replica,
            at: u64::MAX,
            epoch: Epoch(7),
        },
        Entry::Readmit {
            replica,
            seen: seen(&[('A', 1), ('B', 200)]),
        },
        Entry::Expire {
            replica,
            expiry: Expiry::Drained,
        },
    ]
}

fn certificate() -> PruneCertificate {
    let mut acks = Acks::of(&four());
    for letter in "ABCD".chars() {
        acks.record(id(letter), Epoch(0), &seen(&[('A', 5), ('B', 2)]));
    }
    let after = seen(&[('A', 8), ('B', 1)]);
    PruneCertificate::of(&acks, &four(), &seen(&[]), &after)
}

#[test]
fn everything_comes_back_as_it_was() {
    for table in tables() {
        assert_eq!(Table::decode(&table.encode()), Ok(table));
    }
    for entry in entries() {
        assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
    }
    let certificate = certificate();
    let bytes = certificate.encode();
    assert_eq!(PruneCertificate::decode(&bytes), Ok(certificate));
}

/// Body bytes of a frame under a checksum that fits, after `change`.
fn altered(kind: Kind, encoded: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut body = encoded[4..encoded.len() - 4].to_vec();
    change(&mut body);
    frame(kind, |out| out.put(&body))
}

/// Every truncation and every flipped bit of every body, with a checksum made to fit: whatever
/// is taken has exactly these bytes. Returns how many were taken.
fn mutilate(kind: Kind, encoded: &[u8], reencode: impl Fn(&[u8]) -> Option<Vec<u8>>) -> usize {
    let len = encoded.len() - 8;
    let mut taken = 0;
    for cut in 0..len {
        let bytes = altered(kind, encoded, |body| body.truncate(cut));
        assert_eq!(reencode(&bytes), None, "cut to {cut} bytes");
    }
    for bit in 0..len * 8 {
        let bytes = altered(kind, encoded, |body| body[bit / 8] ^= 1 << (bit % 8));
        if let Some(again) = reencode(&bytes) {
            assert_eq!(again, bytes, "bit {bit} gives a second form");
            taken += 1;
        }
    }
    let longer = altered(kind, encoded, |body| body.push(0));
    assert_eq!(reencode(&longer), None, "a byte more");
    taken
}

#[test]
fn damaged_bytes_are_refused_or_mean_what_they_say() {
    let mut taken = 0;
    for table in tables() {
        let reencode = |bytes: &[u8]| Some(Table::decode(bytes).ok()?.encode());
        taken += mutilate(Kind::Table, &table.encode(), reencode);
    }
    for entry in entries() {
        let reencode = |bytes: &[u8]| Some(Entry::decode(bytes).ok()?.encode());
        taken += mutilate(Kind::MembershipEntry, &entry.encode(), reencode);
    }
    let reencode = |bytes: &[u8]| Some(PruneCertificate::decode(bytes).ok()?.encode());
    taken += mutilate(Kind::Certificate, &certificate().encode(), reencode);
    assert!(taken > 0, "a flipped bit of a counter is another counter");
}

fn table_of(body: &[u64]) -> Result<Table, DecodeError> {
    Table::decode(&frame(Kind::Table, |out| {
        for &value in body {
            put_varint(out, value);
        }
    }))
}

#[test]
fn tables_that_no_log_leads_to_are_refused() {
    let says = |body: &[u64]| table_of(body).unwrap_err().to_string();
    // A list: epoch, count, then node, incarnation, standing and its number.
    assert!(table_of(&[1, 3, 2, 1, 0, 0, 2, 0, 1, 3]).is_ok());
    assert_eq!(
        says(&[1, 3, 1, 2, 0, 1, 3]),
        "the value at byte 5 is not a table with an active replica"
    );
    assert_eq!(
        says(&[1, 3, 2, 1, 0, 0, 2, 0, 1, 4]),
        "the value at byte 13 is not an epoch up to the table's"
    );
    assert_eq!(
        says(&[1, 3, 2, 1, 0, 0, 2, 0, 1, 0]),
        "the value at byte 13 is not an epoch up to the table's"
    );
    assert_eq!(
        says(&[1, 0, 2, 1, 0, 0, 2, 0, 2, 0]),
        "the value at byte 12 is not an active replica, in epoch zero"
    );
    assert_eq!(
        says(&[1, 3, 2, 2, 0, 0, 1, 0, 0]),
        "the value at byte 10 is not the next replica in order"
    );
    assert_eq!(
        says(&[1, 3, 2, 1, 0, 0, 1, 0, 0]),
        "the value at byte 10 is not the next replica in order"
    );
    assert_eq!(
        says(&[1, 3, 1, 1, 0, 4]),
        "the value at byte 9 is not a standing of a replica"
    );
    assert_eq!(
        says(&[2, 3]),
        "the value at byte 4 is not a list or no list"
    );
    let endless = table_of(&[1, 3, u64::MAX / 8]).unwrap_err();
    assert!(matches!(endless, DecodeError::Truncated { .. }));
}

#[test]
fn a_range_without_counters_is_refused() {
    let mut lie = certificate();
    for (from, upto) in [(0, 5), (4, 3)] {
        lie.pruned[0].1 = from..=upto;
        let refusal = PruneCertificate::decode(&lie.encode()).unwrap_err();
        assert!(
            refusal
                .to_string()
                .ends_with("a range of counters from one")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn equal_tables_have_equal_bytes(
        drafts in prop::collection::vec(draft(), 0..30),
        reports in prop::collection::vec((0..4_usize, vector()), 0..8),
        floor in vector(),
    ) {
        let mut table = four();
        for (index, draft) in (1..).map(Epoch).zip(&drafts) {
            let entry = propose(&table, draft);
            prop_assert_eq!(Entry::decode(&entry.encode()), Ok(entry.clone()));
            table = table.apply(index, &entry).unwrap_or(table);
        }
        let bytes = table.encode();
        let decoded = Table::decode(&bytes).unwrap();
        prop_assert_eq!(&decoded, &table);
        prop_assert_eq!(decoded.encode(), bytes);

        let mut acks = Acks::of(&table);
        let active: Vec<_> = table.active().collect();
        for (at, row) in &reports {
            acks.record(active[at % active.len()], table.epoch(), row);
        }
        let certificate = PruneCertificate::of(&acks, &table, &seen(&[]), &floor);
        let held = |replica| acks.row(replica).cloned();
        prop_assert_eq!(certificate.verify(&table, held), Ok(()));
        let decoded = PruneCertificate::decode(&certificate.encode()).unwrap();
        prop_assert_eq!(decoded, certificate);
    }

    #[test]
    fn arbitrary_bodies_are_refused_or_canonical(body in prop::collection::vec(0..6_u8, 0..40)) {
        let framed = |kind| frame(kind, |out: &mut Vec<u8>| out.put(&body));
        let bytes = framed(Kind::Table);
        if let Ok(table) = Table::decode(&bytes) {
            prop_assert_eq!(table.encode(), bytes);
        }
        let bytes = framed(Kind::MembershipEntry);
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), bytes);
        }
        let bytes = framed(Kind::Certificate);
        if let Ok(certificate) = PruneCertificate::decode(&bytes) {
            prop_assert_eq!(certificate.encode(), bytes);
        }
    }
}
