//! What a person is told: the line, what could have been there, and what was open.

use quorate_sim::linearizability::{Verdict, Witness};

use super::verdicts::{LOST_APPEND, LOST_UPDATE, READ_BACKWARDS, TWO_EFFECTS, judge};

fn witness(history: &str) -> Witness {
    // The constants begin with an empty line.
    match judge(history.trim_start()).verdict {
        Verdict::NotLinearizable(witness) => *witness,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_read_of_what_was_before_is_told_with_its_line() {
    let witness = witness(READ_BACKWARDS);
    assert_eq!((witness.key.as_str(), witness.position), ("x", 7));
    assert_eq!(witness.possible, ["2"]);
    assert_eq!(
        witness.to_string(),
        "line 7: client 2 read 1, but x could only be 2
  an order of what was done before:
    lines 1–2         client 1 wrote 1 → 1
    lines 3–8         client 1 wrote 2 → 2
    lines 4–5         client 2 read 2 → 2
  what was open and cannot be put behind it:
    lines 6–7         client 2 read 1"
    );
}

#[test]
fn an_effect_that_was_used_up_is_not_possible_again() {
    let witness = witness(TWO_EFFECTS);
    assert_eq!(witness.position, 8);
    assert_eq!(witness.possible, ["2"]);
    assert_eq!(witness.ordered, 3);
}

#[test]
fn every_machine_has_its_words() {
    let update = witness(LOST_UPDATE);
    assert_eq!(update.possible, ["2 of version 8"]);
    assert_eq!(
        update.to_string().lines().next().unwrap(),
        "line 6: client 2 expected version 7 and set 3 (version 9), \
         but x could only be 2 of version 8"
    );
    let append = witness(LOST_APPEND);
    assert_eq!(
        append.to_string().lines().next().unwrap(),
        r#"line 8: client 0 read "2", but a could only be "21""#
    );
}
