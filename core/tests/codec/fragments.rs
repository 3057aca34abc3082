//! Messages in fragments: whatever the order, and whoever sends them.

use quorate::Random;
use quorate::codec::{Assembler, FragmentError, Fragments, Limits};

fn message(len: usize) -> Vec<u8> {
    let mut random = Random::new(len as u64);
    (0..len)
        .map(|_| random.next_u64().to_le_bytes()[0])
        .collect()
}

fn cut(number: u64, message: &[u8], fragment_bytes: usize) -> Vec<Vec<u8>> {
    Fragments::new(number, message, fragment_bytes)
        .unwrap()
        .collect()
}

#[test]
fn a_message_comes_back_whatever_the_order_and_how_often() {
    let mut random = Random::new(1);
    for len in [0, 1, 30, 64, 1_000, 10_000] {
        for fragment_bytes in [64, 100, 1_200] {
            let message = message(len);
            let mut fragments = cut(len as u64, &message, fragment_bytes);
            assert!(fragments.iter().all(|it| it.len() <= fragment_bytes));
            for last in (1..fragments.len()).rev() {
                fragments.swap(last, random.index(last + 1));
            }
            let mut assembler = Assembler::new(Limits::default());
            let last = fragments.pop().unwrap();
            for fragment in &fragments {
                assert_eq!(assembler.accept(fragment), Ok(None));
                assert_eq!(assembler.accept(fragment), Ok(None), "again");
            }
            assert_eq!(assembler.accept(&last), Ok(Some(message)));
            assert_eq!(assembler.held_bytes(), 0);
            let number = len as u64;
            assert_eq!(
                assembler.accept(&last),
                Err(FragmentError::Stale { number })
            );
        }
    }
}

#[test]
fn a_newer_message_drives_an_unfinished_one_out() {
    let [old, new] = [cut(1, &message(500), 100), cut(2, &message(300), 100)];
    let mut assembler = Assembler::new(Limits::default());
    assert_eq!(assembler.accept(&old[0]), Ok(None));
    assert_eq!(assembler.accept(&new[0]), Ok(None));
    let stale = Err(FragmentError::Stale { number: 1 });
    assert_eq!(assembler.accept(&old[1]), stale);
    let done: Vec<_> = new[1..].iter().map(|it| assembler.accept(it)).collect();
    assert_eq!(done.last(), Some(&Ok(Some(message(300)))));
    assembler.reset();
    assert_eq!(
        assembler.accept(&old[0]),
        Ok(None),
        "the sender starts anew"
    );
}

#[test]
fn fragments_that_do_not_belong_together_are_dropped() {
    let mut assembler = Assembler::new(Limits::default());
    let mismatch = Err(FragmentError::Mismatch { number: 1 });
    assert_eq!(assembler.accept(&cut(1, &message(500), 100)[0]), Ok(None));
    assert_eq!(assembler.accept(&cut(1, &message(400), 100)[1]), mismatch);
    assert_eq!(assembler.held_bytes(), 0);
    let other = [&[0; 100][..], &message(500)[100..]].concat();
    assert_eq!(assembler.accept(&cut(1, &message(500), 100)[0]), Ok(None));
    assert_eq!(assembler.accept(&cut(1, &other, 100)[0]), mismatch);
}

#[test]
fn limits_hold_before_anything_is_kept() {
    let limits = Limits {
        message_bytes: 400,
        fragments: 5,
    };
    let mut assembler = Assembler::new(limits);
    let long = cut(1, &message(401), 1_000);
    let many = cut(1, &message(400), 64);
    for fragment in [&long[0], &many[0]] {
        let refused = assembler.accept(fragment);
        assert!(matches!(refused, Err(FragmentError::TooLarge { .. })));
    }
    assert_eq!(assembler.held_bytes(), 0);
    let refused = Fragments::new(1, &[], 63).err();
    assert_eq!(
        refused,
        Some(FragmentError::TooSmall { fragment_bytes: 63 })
    );
}
