//! A trace in ticks of another length: nothing is lost, and what is invented is what was asked for.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use proptest::prelude::*;
use quorate::Micros;
use quorate_sim::load::{GapRule, Interpolation, Refinement, Trace};

const FLASH_DAY: &[u8] = include_bytes!("../data/flash_day.csv");

fn trace(text: &str) -> Trace {
    Trace::parse("test.csv", text.as_bytes()).unwrap()
}

fn asking(tick_s: u64, within: Interpolation, gaps: GapRule) -> Refinement {
    Refinement {
        tick: Some(Micros::from_secs(tick_s)),
        within,
        gaps,
    }
}

fn ticks(trace: &Trace, refinement: Refinement) -> Vec<u64> {
    let ticks = trace.ticks(refinement).unwrap();
    let (length, _) = ticks.size_hint();
    let counts: Vec<u64> = ticks.collect();
    assert_eq!(counts.len(), length);
    counts
}

/// Steps of a minute; two rows are missing after the second.
const GAP: &str = "0,4\n60,8\n240,2\n300,0\n";

#[test]
fn without_a_wish_the_rows_are_the_ticks() {
    let trace = trace(GAP);
    assert_eq!(
        ticks(&trace, Refinement::default()),
        [4_000, 8_000, 2_000, 0]
    );
    assert_eq!(
        trace.ticks(Refinement::default()).unwrap().interval(),
        trace.step()
    );
}

#[test]
fn gaps_are_played_as_asked() {
    let gaps = |gaps| ticks(&trace(GAP), asking(60, Interpolation::None, gaps));
    assert_eq!(gaps(GapRule::Skip), [4_000, 8_000, 2_000, 0]);
    assert_eq!(gaps(GapRule::Hold), [4_000, 8_000, 8_000, 8_000, 2_000, 0]);
    assert_eq!(
        gaps(GapRule::Linear),
        [4_000, 8_000, 6_000, 4_000, 2_000, 0]
    );
}

#[test]
fn shorter_ticks_share_a_row() {
    let share = |within| {
        ticks(
            &trace("0,6\n60,12\n120,6\n"),
            asking(20, within, GapRule::Skip),
        )
    };
    assert_eq!(
        share(Interpolation::Hold),
        [
            2_000, 2_000, 2_000, 4_000, 4_000, 4_000, 2_000, 2_000, 2_000
        ]
    );
    // The middles of the thirds are at 1/6, 1/2 and 5/6 of a step: 6, 6 and 8 in the first.
    assert_eq!(
        share(Interpolation::Linear),
        [
            1_800, 1_800, 2_400, 3_750, 4_500, 3_750, 2_400, 1_800, 1_800
        ]
    );
}

/// A gap is not the neighbour of anything.
#[test]
fn a_line_does_not_reach_over_a_gap_that_is_not_played() {
    let halves = ticks(
        &trace(GAP),
        asking(30, Interpolation::Linear, GapRule::Skip),
    );
    assert_eq!(
        halves[3], 4_267,
        "the second row falls back to its own count"
    );
    assert_eq!(halves[4], 1_142, "the third row begins at its own count");
}

#[test]
fn longer_ticks_add_up() {
    let trace = trace("0,1\n60,2\n120,3\n180,4\n240,5\n");
    let bins = ticks(&trace, asking(120, Interpolation::None, GapRule::Skip));
    assert_eq!(bins, [3_000, 7_000], "the rest at the end is left out");
}

#[test]
fn chance_is_seeded_and_about_even() {
    let trace = trace("0,120000\n60,120000\n120,0.5\n");
    let poisson = |seed| {
        ticks(
            &trace,
            asking(1, Interpolation::Poisson { seed }, GapRule::Skip),
        )
    };
    let counts = poisson(1);
    assert_eq!(counts, poisson(1));
    assert_ne!(counts, poisson(2));
    let (minute, rest) = counts.split_at(120);
    assert_eq!(minute.iter().sum::<u64>(), 240_000_000);
    // 2,000 a second, give or take 45: five standard deviations.
    assert!(
        minute
            .iter()
            .all(|count| count.abs_diff(2_000_000) < 225_000),
        "{minute:?}"
    );
    let variance: u64 = minute
        .iter()
        .map(|count| (count / 1_000).abs_diff(2_000).pow(2))
        .sum::<u64>()
        / 120;
    assert!((1_200..3_000).contains(&variance), "{variance}");
    assert_eq!(
        rest.iter().filter(|count| **count > 0).collect::<Vec<_>>(),
        [&500]
    );
}

#[test]
fn what_cannot_be_cut_is_refused() {
    let trace = trace(GAP);
    let refused = |refinement| trace.ticks(refinement).unwrap_err().to_string();
    assert_eq!(
        refused(asking(30, Interpolation::None, GapRule::Skip)),
        "ticks of 30.000 s are shorter than the trace's steps of 60.000 s: say how the counts are \
         spread (hold, linear or poisson)"
    );
    for tick in [0, 7, 61, 90] {
        assert!(
            refused(asking(tick, Interpolation::Hold, GapRule::Skip)).contains("do not go into")
        );
    }
    assert!(refused(asking(240, Interpolation::Hold, GapRule::Skip)).contains("at least two"));
    let fine = Refinement {
        tick: Some(Micros(1_000)),
        within: Interpolation::Hold,
        gaps: GapRule::Skip,
    };
    assert!(refused(fine).contains("60000 ticks in a step"));
    let years = self::trace("0,1\n1,1\n2000000000,1\n");
    let filled = years.ticks(asking(1, Interpolation::None, GapRule::Hold));
    assert!(
        filled
            .unwrap_err()
            .to_string()
            .contains("the limit is 134217728")
    );
    assert_eq!(ticks(&years, Refinement::default()).len(), 3);
}

#[test]
fn a_whole_day_keeps_its_requests() {
    let trace = Trace::parse("flash_day.csv", FLASH_DAY).unwrap();
    for within in [
        Interpolation::Hold,
        Interpolation::Linear,
        Interpolation::Poisson { seed: 42 },
    ] {
        let counts = ticks(&trace, asking(15, within, GapRule::Skip));
        assert_eq!(counts.len(), 288 * 20);
        let rows = counts.chunks(20).map(|row| row.iter().sum::<u64>());
        assert!(
            rows.eq(trace.rows().iter().map(|row| row.count_milli)),
            "{within:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_is_the_sum_of_its_ticks(
        counts in prop::collection::vec(prop_oneof![0..2_000_u64, 0..=1_000_000_000_000_000_u64], 2..8),
        parts in prop::sample::select(vec![1_u64, 2, 3, 7, 60, 10_000]),
        seed in any::<u64>(),
        kind in 0..3,
    ) {
        let text: Vec<_> = counts
            .iter()
            .enumerate()
            .map(|(row, count)| format!("{},{}e-3", row * 4_200, count))
            .collect();
        let trace = trace(&text.join("\n"));
        let refinement = Refinement {
            tick: Some(Micros(4_200_000_000 / parts)),
            within: match kind {
                0 => Interpolation::Hold,
                1 => Interpolation::Linear,
                _ => Interpolation::Poisson { seed },
            },
            gaps: GapRule::Skip,
        };
        let ticks = ticks(&trace, refinement);
        let sums = ticks.chunks(usize::try_from(parts).unwrap()).map(|row| row.iter().sum::<u64>());
        prop_assert!(sums.eq(counts));
    }
}
