//! One of everything, as committed bytes: what is written today is what was written then, on every
//! platform; and no damage to it is taken for something else.

use quorate::codec::{Kind, Sink, frame};
use quorate::raft::sessions::Sessions;
use quorate::raft::{Message, Record};

use super::samples::{messages, records, sessions};
use super::test;

/// Something that was encoded.
struct Sample {
    name: &'static str,
    kind: Kind,
    bytes: Vec<u8>,
    /// Reads bytes, and writes what they say.
    again: fn(&[u8]) -> Option<Vec<u8>>,
}

fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (name, message) in messages() {
        samples.push(Sample {
            name,
            kind: Kind::Raft,
            bytes: message.encode(),
            again: |bytes| Some(Message::decode(bytes).ok()?.encode()),
        });
    }
    for (name, record) in records() {
        samples.push(Sample {
            name,
            kind: Kind::RaftRecord,
            bytes: record.encode(),
            again: |bytes| Some(Record::decode(bytes).ok()?.encode()),
        });
    }
    samples.push(Sample {
        name: "sessions",
        kind: Kind::RaftSessions,
        bytes: sessions().encode(),
        again: |bytes| Some(Sessions::decode(bytes).ok()?.encode()),
    });
    samples
}

/// As it was encoded when the format was made.
const COMMITTED: &[(&str, &str)] = &[
    ("pre-vote", "51520d0101ac020700ac0204c6c7e749"),
    ("pre-vote reply", "51520d0101ac0207010108d663e8ba"),
    ("vote", "51520d0101ac020702ac020401400bc2ef"),
    ("vote reply", "51520d0101ac02070300bf09f817"),
    (
        "empty append",
        "51520d0101ac02070480010209000000000000000000000000000000007f6963a808",
    ),
    (
        "append of one",
        "51520d0101ac02070480010209000000000000000000000000000000010201010178ab7ab928c1d3\
         54e17f1454434e",
    ),
    (
        "append",
        "51520d0101ac0207048001021032547698badcfeefcdab896745230105030102030201c8010001c8\
         01010107736574207820310005000101ac0200820107070707070707070707070707070707070707\
         07070707070707070707070707070707070707070707070707070707070707070707070707070707\
         07070707070707070707070707070707070707070707070707070707070707070707070707070707\
         070707070707070707070707070707070707070707070707070707070707074d906fdde77eff7f7f\
         73920712",
    ),
    ("append accepted", "51520d0101ac020705ac02afd50a7f"),
    ("append rejected", "51520d0101ac020706ac02c80103d02ce004"),
    ("commit", "51520d0101ac0207077f7b9493d1"),
    (
        "heartbeat",
        "51520d0101ac0207087f058080f9c0c1c48203ee04d005",
    ),
    (
        "heartbeat reply",
        "51520d0101ac020709058080f9c0c1c482035fdc4c6c",
    ),
    (
        "snapshot",
        "51520d0101ac02070ae80704010000000000000000000000efbeadde04010406ac0204010204ac02\
         0105010201040101c7bfdbe9",
    ),
    ("propose", "51520d0101ac02070b01077365742079203243b6a04c"),
    ("read", "51520d0101ac02070cffffffffffffffffff01e6c46620"),
    (
        "read reply",
        "51520d0101ac02070dffffffffffffffffff017ecd1f07e8",
    ),
    ("transfer leadership", "51520d0101ac02070e03ca7f722b"),
    ("timeout now", "51520d0101ac02070f063ed68e"),
    ("quiesce", "51520d0101ac0207108101ddacaa73"),
    (
        "snapshot record",
        "51520e012700e80704010000000000000000000000efbeadde04010406ac0204010204ac02010501\
         02010401d03564b6",
    ),
    (
        "blank record",
        "51520e0119000000000000000000000000000000000000000000000000009e167a85",
    ),
    ("truncation record", "51520e01030182019d2fa294"),
    (
        "entries record",
        "51520e01be010281011032547698badcfeefcdab896745230105030102030201c8010001c8010101\
         07736574207820310005000101ac0200820107070707070707070707070707070707070707070707\
         07070707070707070707070707070707070707070707070707070707070707070707070707070707\
         07070707070707070707070707070707070707070707070707070707070707070707070707070707\
         070707070707070707070707070707070707070707070707070707074d906fdde77eff7fa2278c5d",
    ),
    ("hard state record", "51520e01060307ac0201038cde51e9"),
    ("voteless record", "51520e01050307ac02004feadd9f"),
    (
        "compaction record",
        "51520e011404e80704010000000000000000000000efbeadde71c20fd9",
    ),
    (
        "sessions",
        "51520f01808004408080046a0265050103057265706c79057265706c79057265706c796600000071\
         c401c5",
    ),
];

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Byte for byte, on every platform.
#[test]
pub fn what_is_written_is_what_was_written() {
    let samples = samples();
    let written: Vec<_> = samples
        .iter()
        .map(|it| (it.name, hexadecimal(&it.bytes)))
        .collect();
    let committed = COMMITTED
        .iter()
        .map(|(name, bytes)| (*name, String::from(*bytes)));
    assert_eq!(written, committed.collect::<Vec<_>>());
    for sample in samples {
        let again = (sample.again)(&sample.bytes);
        assert_eq!(again, Some(sample.bytes), "{}", sample.name);
    }
}

/// At every byte.
#[test]
pub fn every_truncation_is_refused() {
    for sample in samples() {
        for length in 0..sample.bytes.len() {
            let again = (sample.again)(&sample.bytes[..length]);
            assert_eq!(again, None, "{} cut to {length}", sample.name);
        }
    }
}

/// At every byte.
#[test]
pub fn every_flipped_bit_is_refused() {
    for sample in samples() {
        for bit in 0..sample.bytes.len() * 8 {
            let mut bad = sample.bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!((sample.again)(&bad), None, "{}, bit {bit}", sample.name);
        }
    }
}

/// With a checksum that fits, damaged bytes are refused, or say something of which they are the
/// only encoding.
#[test]
pub fn no_value_has_two_encodings() {
    for sample in samples() {
        for bit in 32..(sample.bytes.len() - 4) * 8 {
            let mut bad = sample.bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let bad = frame(sample.kind, |out| out.put(&bad[4..bad.len() - 4]));
            if let Some(again) = (sample.again)(&bad) {
                assert_eq!(again, bad, "{}, bit {bit}", sample.name);
            }
        }
    }
}

/// Whatever is put behind it.
#[test]
pub fn nothing_follows() {
    for sample in samples() {
        let body = &sample.bytes[4..sample.bytes.len() - 4];
        let longer = frame(sample.kind, |out| {
            out.put(body);
            out.put(&[0]);
        });
        assert_eq!((sample.again)(&longer), None, "{}", sample.name);
        let followed = [&sample.bytes[..], &[0]].concat();
        assert_eq!((sample.again)(&followed), None, "{}", sample.name);
    }
}
