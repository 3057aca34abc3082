//! A judge that tries every order, of a whole history at once, and must always say the same.
//!
//! It shares nothing with the search but the specification: no partition by key, no memory, no rule
//! about operations of unknown outcome but that they may come or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use quorate::Random;
use quorate_sim::linearizability::generate::{Appends, Options, linearizable, mutated};
use quorate_sim::linearizability::{
    Answer, Call, History, Operation, Recorder, Register, Specification, Value, Verdict, check,
};

type States = BTreeMap<Arc<str>, Option<Value>>;

/// Whether some order explains every answer.
fn has_order(history: &History<Call, Answer>) -> bool {
    let left: Vec<&Operation<Call, Answer>> = history.operations().iter().collect();
    explains(&left, &States::new())
}

fn explains(left: &[&Operation<Call, Answer>], states: &States) -> bool {
    let answers = left.iter().filter_map(|operation| operation.answer());
    let Some(first_answer) = answers.map(|(at, _)| at).min() else {
        return true;
    };
    (0..left.len()).any(|chosen| {
        let operation = left[chosen];
        if operation.called_at > first_answer {
            return false;
        }
        let state = states.get(&operation.key).cloned().flatten();
        let answer = operation.answer().map(|(_, answer)| answer);
        let Some(after) = Register::default().apply(&state, &operation.call, answer) else {
            return false;
        };
        let mut left = left.to_vec();
        left.remove(chosen);
        let mut states = states.clone();
        states.insert(Arc::clone(&operation.key), after);
        explains(&left, &states)
    })
}

fn says_yes(history: &History<Call, Answer>) -> bool {
    match check(&Register::default(), history, 1_000_000).verdict {
        Verdict::Linearizable => true,
        Verdict::NotLinearizable(_) => false,
        Verdict::Undecided { key } => panic!("a small history is undecided at {key}"),
    }
}

fn options(operations: usize) -> impl Strategy<Value = Options> {
    let appends = prop_oneof![Just(Appends::Never), Just(Appends::Always)];
    (
        1..=operations,
        1..=2_usize,
        1..=5_u64,
        1..=4_u64,
        0..300_u32,
        appends,
    )
        .prop_map(
            |(operations, keys, clients, values, unknown_permille, appends)| Options {
                operations,
                keys,
                clients,
                values,
                unknown_permille,
                appends,
            },
        )
}

/// Events drawn without any register: calls and answers at random.
fn arbitrary_history(seed: u64, operations: u64) -> History<Call, Answer> {
    let mut random = Random::new(seed);
    let mut recorder = Recorder::default();
    let number = |random: &mut Random| Some(Value::Integer(i128::from(random.below(3))));
    for at in 0..operations * 2 {
        let client = random.below(4);
        let Some(open) = recorder.open_operation(client) else {
            let call = match random.below(3) {
                0 => Call::Write(number(&mut random)),
                1 => Call::CompareAndSet {
                    expected: number(&mut random),
                    new: number(&mut random),
                },
                _ => Call::Read,
            };
            recorder.call(at, client, "x".into(), call).unwrap();
            continue;
        };
        let answer = match open.call {
            Call::Read => Answer::Found(number(&mut random)),
            Call::CompareAndSet { .. } if random.chance(500) => Answer::Different,
            _ => Answer::Done,
        };
        if random.chance(150) {
            recorder.give_up(at, client).unwrap();
        } else {
            recorder.answer(at, client, answer).unwrap();
        }
    }
    recorder.finish()
}

#[test]
fn both_judges_agree_on_arbitrary_histories() {
    let (mut yes, mut no) = (0, 0);
    for seed in 0..4_000 {
        let history = arbitrary_history(seed, 7);
        let expected = has_order(&history);
        assert_eq!(says_yes(&history), expected, "seed {seed}");
        *(if expected { &mut yes } else { &mut no }) += 1;
    }
    assert!(yes > 200 && no > 200, "{yes} have an order, {no} have none");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn both_judges_agree_on_a_changed_answer(options in options(8), seed in any::<u64>()) {
        let history = linearizable(&options, seed);
        let mut random = Random::new(seed);
        if let Some(changed) = mutated(&history, options.values, &mut random) {
            prop_assert_eq!(says_yes(&changed), has_order(&changed));
        }
    }

    /// Many operations, of which a few are never answered.
    #[test]
    fn what_a_register_did_has_an_order(options in options(120), seed in any::<u64>()) {
        // Every order of appends leads to another text, so little helps against unknown ones.
        let unknown_permille = match options.appends {
            Appends::Always => options.unknown_permille.min(40),
            Appends::Never => options.unknown_permille.min(20),
        };
        let options = Options { unknown_permille, ..options };
        prop_assert!(says_yes(&linearizable(&options, seed)));
    }
}

/// One client, one key, and a hundred thousand operations: no call stack is that deep.
#[test]
fn a_long_history_needs_no_deep_stack() {
    let options = Options {
        operations: 100_000,
        keys: 1,
        clients: 3,
        values: 5,
        unknown_permille: 0,
        appends: Appends::Never,
    };
    let history = linearizable(&options, 1);
    assert!(says_yes(&history));
}

/// Forty writes that were never answered, of which one is read: all subsets would be 10^12.
#[test]
fn many_unknown_outcomes_are_not_tried_in_all_combinations() {
    let mut recorder = Recorder::default();
    for client in 0..40 {
        let value = Some(Value::Integer(i128::from(client)));
        recorder
            .call(client, client, "x".into(), Call::Write(value))
            .unwrap();
    }
    let mut at = 100;
    for found in [7, 8, 9, 7] {
        recorder.call(at, 100, "x".into(), Call::Read).unwrap();
        let found = Answer::Found(Some(Value::Integer(found)));
        recorder.answer(at + 1, 100, found).unwrap();
        at += 2;
    }
    let report = check(&Register::default(), &recorder.finish(), 100_000);
    assert!(
        matches!(report.verdict, Verdict::NotLinearizable(_)),
        "{:?}",
        report.verdict
    );
    assert!(report.steps < 100_000, "{} steps", report.steps);
}
