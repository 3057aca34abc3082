//! What holds for every load.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::quorate::{Quorate, QuorateRecord, QuorateState, Tick};

const MINUTE: Micros = Micros::from_secs(60);

fn tick(served_milli: i64, queue_milli: i64, nodes: u32) -> Tick {
    Tick {
        served_milli,
        queue_milli: Some(queue_milli),
        ready: nodes,
        current: nodes,
        interval: MINUTE,
    }
}

/// A state that has seen `loads`, and the time of the next tick.
fn after(loads: &[i64]) -> (QuorateState, Micros) {
    let mut state = QuorateState::default();
    let mut now = Micros::ZERO;
    for &load in loads {
        Quorate::default().tick(&mut state, &tick(load, 0, 40), now);
        now = now + MINUTE;
    }
    (state, now)
}

proptest! {
    #[test]
    fn more_load_never_means_fewer_nodes(
        past in prop::collection::vec(0_i64..40_000, 0..40),
        low in 0_i64..60_000,
        more in 0_i64..60_000,
        nodes in 1_u32..60,
    ) {
        let (state, now) = after(&past);
        let answer = |served| {
            let mut state = state.clone();
            Quorate::default().evaluate(&mut state, &tick(served, 0, nodes), now).nodes
        };
        // The more a forecast was missed from below, the more headroom; from above it may shrink.
        // So only loads above every forecast are compared.
        let low = low + 60_000;
        prop_assert!(answer(low) <= answer(low + more));
    }

    #[test]
    fn a_longer_queue_never_means_fewer_nodes(
        past in prop::collection::vec(0_i64..40_000, 0..40),
        low in 60_000_i64..90_000,
        more in 0_i64..60_000,
        nodes in 1_u32..60,
    ) {
        let (state, now) = after(&past);
        let answer = |queue| {
            let mut state = state.clone();
            Quorate::default().evaluate(&mut state, &tick(40_000, queue, nodes), now).nodes
        };
        prop_assert!(answer(low) <= answer(low + more));
    }

    #[test]
    fn the_answer_holds_what_arrives_and_never_shrinks_below_the_need(
        loads in prop::collection::vec(0_i64..90_000, 1..80),
        nodes in 1_u32..100,
    ) {
        let mut state = QuorateState::default();
        for (minute, load) in (0..).zip(loads) {
            let now = Micros::from_secs(60 * minute);
            let record = Quorate::default().tick(&mut state, &tick(load, 0, nodes), now);
            prop_assert!(record.nodes >= record.need.max(1));
            prop_assert!(i64::from(record.nodes) * 800 >= load);
            prop_assert!(record.nodes <= record.need.max(nodes));
            prop_assert!(record.penalty >= 0);
        }
    }

    #[test]
    fn a_decision_does_not_depend_on_what_comes_later(
        loads in prop::collection::vec(0_i64..90_000, 2..40),
        cut in 1_usize..40,
    ) {
        let cut = cut.min(loads.len());
        let records = |loads: &[i64]| -> Vec<QuorateRecord> {
            let mut state = QuorateState::default();
            (0..)
                .zip(loads)
                .map(|(minute, &load)| {
                    let now = Micros::from_secs(60 * minute);
                    Quorate::default().tick(&mut state, &tick(load, 0, 30), now)
                })
                .collect()
        };
        prop_assert_eq!(&records(&loads)[..cut], &records(&loads[..cut])[..]);
    }
}
