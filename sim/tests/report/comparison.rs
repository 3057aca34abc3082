//! Policies side by side: the scores, the series, the moments, and one decision explained.

use std::collections::BTreeSet;

use quorate::Micros;
use quorate_sim::load::Refinement;
use quorate_sim::replay::comparison::{
    Comparing, Comparison, ComparisonError, ComparisonOptions, Progress, Recording, compare,
    explain, explain_each,
};
use quorate_sim::replay::{Model, PolicyScaler, Replay, Scaler, Tick};

use crate::support::{compared, contender, contenders, flash_day};

/// Keeps every tick that a policy saw: what a comparison is a summary of.
struct Kept(PolicyScaler, Vec<Tick>);

impl Scaler for Kept {
    fn decide(&mut self, tick: &Tick) -> u32 {
        self.1.push(*tick);
        self.0.decide(tick)
    }
}

fn ticks(recording: &Recording<'_>, model: Model, index: usize) -> (Replay, Vec<Tick>) {
    let interval = recording.interval();
    let mut replay = Replay::new(model, recording.peak_milli(), interval).unwrap();
    let scaler = PolicyScaler::new(&contenders()[index].policy, interval).unwrap();
    let mut kept = Kept(scaler, Vec::new());
    for count in recording.counts() {
        replay.step(count, &mut kept);
    }
    (replay, kept.1)
}

fn demanded(tick: &Tick) -> u32 {
    let nodes = (tick.load * 1_000).div_ceil(tick.node_capacity * 800);
    u32::try_from(nodes.max(1)).unwrap()
}

#[test]
fn the_scores_are_those_of_a_replay() {
    let trace = flash_day("flash_day.csv");
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    // So slow that orders are given up before they are ready.
    let model = Model {
        start_up: Micros::from_secs(3_600),
        ..Model::default()
    };
    let options = ComparisonOptions {
        model,
        ..ComparisonOptions::default()
    };
    let found = compared(&trace, options);
    assert_eq!(found.ticks, 288);
    for (index, run) in found.policies.iter().enumerate() {
        let (replay, ticks) = ticks(&recording, model, index);
        let score = replay.score();
        assert_eq!(run.score.under_provisioned, score.under_provisioned);
        assert_eq!(run.score.minutes, score.minutes());
        assert_eq!(run.score.node_hours, score.node_hours());
        assert_eq!(
            (run.score.flips, run.score.actions),
            (score.flips, score.actions)
        );
        assert_eq!(run.score.regret, score.regret());
        assert_eq!(
            Some(run.score.largest_fleet),
            ticks.iter().map(|tick| tick.ready).max()
        );
        assert_eq!(found.oracle.node_hours, score.oracle_node_hours());
    }
}

/// With any number of buckets, the least and the most of each are those of its ticks.
#[test]
fn no_peak_is_lost_in_a_bucket() {
    let trace = flash_day("flash_day.csv");
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    for points in [1, 7, 100, 287, 288, 4_096] {
        let options = ComparisonOptions {
            points,
            ..ComparisonOptions::default()
        };
        let found = compared(&trace, options);
        assert!(found.buckets() <= points && found.buckets() <= 288);
        let width = usize::try_from(found.bucket_ticks).unwrap();
        let (_, ticks) = ticks(&recording, Model::default(), 1);
        let series = &found.policies[1].series;
        for (bucket, ticks) in ticks.chunks(width).enumerate() {
            let most = |of: fn(&Tick) -> u32| ticks.iter().map(of).max().unwrap();
            let least = |of: fn(&Tick) -> u32| ticks.iter().map(of).min().unwrap();
            assert_eq!(found.demand.max[bucket], most(demanded));
            assert_eq!(found.demand.min[bucket], least(demanded));
            assert_eq!(series.ready_max[bucket], most(|tick| tick.ready));
            assert_eq!(series.ready_min[bucket], least(|tick| tick.ready));
            assert_eq!(series.ordered_max[bucket], most(|tick| tick.nodes));
            let short = ticks.iter().filter(|tick| tick.ready < demanded(tick));
            assert_eq!(series.short_ticks[bucket] as usize, short.count());
            let queue = ticks.iter().map(Tick::queue_milli).max().unwrap();
            assert_eq!(series.queue_max_milli[bucket], queue);
        }
        let flips: u64 = series.flips.iter().map(|&flips| u64::from(flips)).sum();
        assert_eq!(flips, found.policies[1].score.flips);
    }
}

#[test]
fn moments_are_bounded_and_the_worst_are_kept() {
    let trace = flash_day("flash_day.csv");
    let many = compared(
        &trace,
        ComparisonOptions {
            kept: 1_000,
            ..ComparisonOptions::default()
        },
    );
    let few = compared(
        &trace,
        ComparisonOptions {
            kept: 2,
            ..ComparisonOptions::default()
        },
    );
    for (many, few) in many.policies.iter().zip(&few.policies) {
        let all = &many.moments;
        assert_eq!(all.first.len() as u64, many.score.actions);
        assert_eq!(all.flips.len() as u64, many.score.flips);
        assert_eq!(all.breaches.len() as u64, all.breach_count);
        let short: u64 = all.breaches.iter().map(|breach| breach.ticks).sum();
        assert_eq!(Micros(short * 300_000_000), many.score.under_provisioned);

        let kept = &few.moments;
        assert_eq!(kept.breach_count, all.breach_count);
        assert_eq!(kept.first, all.first[..2]);
        assert_eq!(kept.last, all.first[all.first.len() - 2..]);
        let mut worst: Vec<_> = all.breaches.clone();
        worst.sort_by_key(|breach| std::cmp::Reverse(breach.missing_node_ticks));
        worst.truncate(2);
        worst.sort_by_key(|breach| breach.tick);
        assert_eq!(kept.breaches, worst);
    }
}

#[test]
fn slices_of_work_make_no_difference() {
    let trace = flash_day("flash_day.csv");
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    let options = ComparisonOptions::default();
    let mut comparing = Comparing::new(&recording, &contenders(), options).unwrap();
    let total = 288;
    assert_eq!(comparing.advance(100), Progress { done: 100, total });
    assert_eq!(comparing.advance(1_000), Progress { done: 288, total });
    let mut seen = Vec::new();
    let found = compare(&recording, &contenders(), options, |it| seen.push(it)).unwrap();
    assert_eq!(comparing.finish(), found);
    assert_eq!(seen.last(), Some(&Progress { done: 288, total }));
}

#[test]
fn a_decision_is_explained_as_it_was_made() {
    let trace = flash_day("flash_day.csv");
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    let found = compared(&trace, ComparisonOptions::default());
    for (contender, run) in contenders().iter().zip(&found.policies) {
        let wanted: BTreeSet<u64> = run.moments.first.iter().map(|it| it.tick).collect();
        let each = explain_each(&recording, Model::default(), contender, &wanted).unwrap();
        for moment in &run.moments.first {
            let decision = &each[&moment.tick];
            assert_eq!(
                (decision.current, decision.target),
                (moment.from, moment.to)
            );
            let alone = explain(&recording, Model::default(), contender, moment.tick).unwrap();
            assert_eq!(alone, *decision);
        }
    }
    let error = explain(&recording, Model::default(), &contenders()[0], 288).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no tick 288: the recording has 288, from 0 on"
    );
}

#[test]
fn moments_get_the_words_of_their_decisions() {
    let trace = flash_day("flash_day.csv");
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    let mut found = compared(&trace, ComparisonOptions::default());
    assert!(found.policies[0].moments.first[0].words.is_none());
    found.give_words(&recording, |_| ()).unwrap();
    for run in &found.policies {
        for moment in run.moments.first.iter().chain(&run.moments.last) {
            let words = moment.words.as_ref().unwrap();
            let change = format!("{} -> {} node", moment.from, moment.to);
            assert!(words.reason.starts_with(&change), "{}", words.reason);
            assert!(words.reason.contains("bound by"), "{}", words.reason);
        }
        let breaches = &run.moments.breaches;
        assert!(breaches.iter().all(|breach| breach.words.is_some()));
    }
}

#[test]
fn a_comparison_survives_json() {
    let trace = flash_day("flash_day.csv");
    let found = compared(&trace, ComparisonOptions::default());
    let json = serde_json::to_string(&found).unwrap();
    let back: Comparison = serde_json::from_str(&json).unwrap();
    assert_eq!(back, found);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    for pointer in [
        "/trace/hash",
        "/interval_micros",
        "/model/start_up_micros",
        "/bucket_ticks",
        "/demand/max/0",
        "/oracle/node_hours",
        "/policies/0/strategy",
        "/policies/0/policy/strategy/kind",
        "/policies/0/score/under_provisioned_micros",
        "/policies/0/series/ready_max/0",
        "/policies/1/moments/first/0/at_micros",
        "/policies/1/moments/breaches/0/missing_node_ticks",
    ] {
        assert!(value.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn a_comparison_that_makes_no_sense_is_refused() {
    let trace = flash_day("flash_day.csv");
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    let options = ComparisonOptions::default();
    let refused =
        |contenders: &[_], options| compare(&recording, contenders, options, |_| ()).unwrap_err();
    assert_eq!(refused(&[], options), ComparisonError::Policies(0));
    let same = [contender("A", "quorate"), contender("A", "hpa")];
    assert_eq!(
        refused(&same, options).to_string(),
        "two policies are called \"A\""
    );
    let unnamed = [contender("", "quorate")];
    assert_eq!(
        refused(&unnamed, options).to_string(),
        "a policy needs a name"
    );
    for (points, kept) in [(0, 1), (5_000, 1), (1, 5_000)] {
        let options = ComparisonOptions {
            points,
            kept,
            ..options
        };
        let error = refused(&contenders(), options);
        assert!(matches!(
            error,
            ComparisonError::Points(_) | ComparisonError::Kept(_)
        ));
    }
}
