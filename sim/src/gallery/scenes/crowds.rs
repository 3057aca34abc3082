//! A load that comes and goes, and a fleet that follows it.

use quorate::autoscale::guard::{ChangeBudget, ChangeLimit, ChangeWindow, GuardSettings};
use quorate::autoscale::{Bounds, Guards, Policy, Strategy, Threshold, ThresholdSettings};
use quorate::{Micros, NodeId};

use super::{Meddling, SECOND, Scene, at, busy, random};
use crate::action::Action;
use crate::load::LoadSpec;
use crate::scenario::Scenario;

/// A crowd comes and goes.
pub(in crate::gallery) const CROWDS: Scene = Scene {
    name: "crowds",
    about: "the load rises and falls, and leaders fall while the fleet is scaled",
    draw: crowds,
    meddling: Meddling::None,
};

/// The seed's thresholds with a short cooldown, within bounds and budgets.
pub(super) fn crowd_policy(min_nodes: u32, max_nodes: u32, windows: Vec<ChangeWindow>) -> Policy {
    let settings = ThresholdSettings {
        cooldown: Micros::from_secs(20),
        ..ThresholdSettings::default()
    };
    let bounds = Bounds::new(min_nodes, max_nodes).expect("the caller orders them");
    let guards = GuardSettings {
        bounds,
        change_budget: (!windows.is_empty())
            .then(|| ChangeBudget::new(windows).expect("a window with a limit")),
        ..GuardSettings::default()
    };
    let threshold = Threshold::new(settings).expect("possible thresholds");
    let guards = Guards::new(guards).expect("possible guards");
    Policy::with_interval(Strategy::Threshold(threshold), guards, Micros::from_secs(3))
        .expect("a possible policy")
}

/// A budget of so many nodes a minute, each way, and of half the fleet.
fn budget() -> ChangeWindow {
    let limit = ChangeLimit {
        nodes: Some(3),
        permille: Some(500),
    };
    ChangeWindow {
        window: Micros::from_secs(60),
        added: limit,
        removed: limit,
    }
}

fn crowds(seed: u64) -> Scenario {
    let random = &mut random(seed);
    let mut scenario = busy(3, random);
    scenario.until = Micros::from_secs(180);
    let is_short_of_money = seed.is_multiple_of(2);
    scenario.autoscale = if is_short_of_money {
        crowd_policy(3, 12, vec![budget()])
    } else {
        crowd_policy(3, 7, Vec::new())
    };
    scenario.load = LoadSpec::FlashCrowd {
        base: 60,
        peak: 1_500,
        at_s: 10 + random.below(40),
        rise_s: 2,
        hold_s: [3, 30][random.index(2)],
        fall_s: 2,
    };
    scenario.service.startup = Micros::from_secs([1, 5][random.index(2)]);
    scenario.service.report_interval = Micros::from_secs(1);
    scenario.sets.fence_after = Micros::ZERO;
    scenario.workload.set_operations_per_second_milli = 8_000;
    for _ in 0..5 {
        let start = 10 * SECOND + random.below(120 * SECOND);
        let node = NodeId(1 + random.below(3));
        let action = match random.below(2) {
            0 => Action::Transfer { node },
            _ => Action::Isolate { node },
        };
        // While a voter is away, a worker that drains cannot hand over.
        let back = start + [3, 25][random.index(2)] * SECOND;
        scenario.actions.push(at(start, action));
        scenario.actions.push(at(back, Action::Heal));
    }
    scenario.actions.sort_by_key(|timed| timed.at);
    scenario
}
