//! Scenarios to start from.

use quorate::{Micros, NodeId};

use crate::action::{Action, TimedAction};
use crate::load::LoadSpec;
use crate::scenario::{Scenario, threshold_policy};

/// A scenario with a name for a menu and for the command line.
#[derive(Clone, Debug)]
pub struct Preset {
    /// Its name on the command line.
    pub slug: &'static str,
    /// Its name in a menu.
    pub title: &'static str,
    /// What it shows, in one sentence.
    pub about: &'static str,
    /// The scenario.
    pub scenario: Scenario,
}

/// All presets. The first is the one to show first.
pub fn all() -> Vec<Preset> {
    vec![
        preset(
            "five-nodes",
            "Five nodes at work",
            about::FIVE_NODES,
            five_nodes(),
        ),
        preset(
            "leader-cut-off",
            "Leader cut off from its quorum",
            about::CUT,
            leader_cut_off(),
        ),
        preset(
            "three-carts",
            "A partition and three carts",
            about::CARTS,
            three_carts(),
        ),
        preset("flash-crowd", "Flash crowd", about::FLASH, flash_crowd()),
        preset(
            "diurnal",
            "Two days in ten minutes",
            about::DIURNAL,
            diurnal(),
        ),
        preset("bad-network", "A bad network", about::BAD, bad_network()),
        preset("long-day", "A long day", about::LONG_DAY, long_day()),
    ]
}

/// The preset of this name.
pub fn find(slug: &str) -> Option<Preset> {
    all().into_iter().find(|preset| preset.slug == slug)
}

mod about {
    pub(super) const FIVE_NODES: &str = "Elections, a replicated log, sets that merge and are pruned, and a load that scales the fleet.";
    pub(super) const CUT: &str =
        "The leader and one more voter are cut off; the other three elect a new leader.";
    pub(super) const CARTS: &str =
        "Two sides of a partition change one set; after it heals, both show the same.";
    pub(super) const FLASH: &str =
        "The load triples within a minute; workers are ordered through the log.";
    pub(super) const DIURNAL: &str = "Two days of a daily load, five minutes each.";
    pub(super) const LONG_DAY: &str =
        "A fleet of 5 to 50 nodes and a day of load; made for a recorded trace.";
    pub(super) const BAD: &str =
        "A tenth of all messages is lost, some arrive twice, and nodes crash.";
}

fn preset(
    slug: &'static str,
    title: &'static str,
    about: &'static str,
    scenario: Scenario,
) -> Preset {
    let scenario = Scenario {
        name: title.into(),
        ..scenario
    };
    Preset {
        slug,
        title,
        about,
        scenario,
    }
}

fn five_nodes() -> Scenario {
    let crowd = LoadSpec::FlashCrowd {
        base: 200,
        peak: 700,
        at_s: 40,
        rise_s: 20,
        hold_s: 90,
        fall_s: 30,
    };
    let mut scenario = Scenario {
        until: Micros::from_secs(600),
        load: crowd,
        ..Scenario::quiet("", 5)
    };
    scenario.autoscale = threshold_policy(5, 9);
    scenario.sets.prune.stability_threshold = Micros::from_secs(60);
    scenario.sets.prune.interval = Micros::from_secs(20);
    scenario
}

fn leader_cut_off() -> Scenario {
    let mut scenario = Scenario {
        until: Micros::from_secs(60),
        ..Scenario::quiet("", 5)
    };
    scenario.autoscale = threshold_policy(5, 5);
    // With this seed n1 leads until then.
    scenario.actions = vec![
        at(6_000, partition(&[&[3, 4, 5], &[1, 2]])),
        at(18_000, Action::Heal),
        at(30_000, Action::Crash { node: NodeId(4) }),
        at(36_000, Action::Restart { node: NodeId(4) }),
    ];
    scenario
}

fn three_carts() -> Scenario {
    let mut scenario = Scenario {
        until: Micros::from_secs(90),
        ..Scenario::quiet("", 3)
    };
    scenario.autoscale = threshold_policy(3, 3);
    scenario.workload.set_operations_per_second_milli = 0;
    scenario.sets.prune.stability_threshold = Micros::from_secs(20);
    scenario.sets.prune.interval = Micros::from_secs(5);
    let add = |node, element: &str| Action::Add {
        node: NodeId(node),
        element: element.into(),
    };
    let remove = |node, element: &str| Action::Remove {
        node: NodeId(node),
        element: element.into(),
    };
    scenario.actions = vec![
        at(2_000, add(1, "milk")),
        at(2_500, add(2, "bread")),
        at(3_000, add(3, "eggs")),
        at(6_000, partition(&[&[1, 2], &[3]])),
        at(8_000, remove(1, "milk")),
        at(9_000, add(3, "milk")),
        at(10_000, remove(2, "bread")),
        at(11_000, add(3, "tea")),
        at(20_000, Action::Heal),
    ];
    scenario
}

fn flash_crowd() -> Scenario {
    let crowd = LoadSpec::FlashCrowd {
        base: 260,
        peak: 900,
        at_s: 60,
        rise_s: 60,
        hold_s: 180,
        fall_s: 120,
    };
    let mut scenario = Scenario {
        until: Micros::from_secs(900),
        load: crowd,
        ..Scenario::quiet("", 5)
    };
    scenario.autoscale = threshold_policy(5, 14);
    scenario
}

fn diurnal() -> Scenario {
    let day = LoadSpec::Diurnal {
        low: 120,
        high: 800,
        period_s: 300,
    };
    let mut scenario = Scenario {
        until: Micros::from_secs(600),
        load: day,
        ..Scenario::quiet("", 5)
    };
    scenario.autoscale = threshold_policy(5, 14);
    scenario
}

fn long_day() -> Scenario {
    let day = LoadSpec::Diurnal {
        low: 300,
        high: 3_500,
        period_s: 86_400,
    };
    let mut scenario = Scenario {
        until: Micros::from_secs(86_400),
        load: day,
        ..Scenario::quiet("", 5)
    };
    scenario.autoscale = threshold_policy(5, 50);
    scenario.workload.client_operations_per_second_milli = 500;
    scenario.workload.set_operations_per_second_milli = 200;
    scenario.service.startup = Micros::from_secs(60);
    scenario
}

fn bad_network() -> Scenario {
    let mut scenario = Scenario {
        until: Micros::from_secs(120),
        ..Scenario::quiet("", 5)
    };
    scenario.autoscale = threshold_policy(5, 5);
    scenario.network.loss_permille = 100;
    scenario.network.duplicate_permille = 50;
    scenario.network.latency_max = Micros::from_millis(60);
    scenario.actions = (0..10)
        .flat_map(|round| {
            let node = NodeId(1 + round % 5);
            let start = 8_000 + round * 10_000;
            [
                at(start, Action::Crash { node }),
                at(start + 4_000, Action::Restart { node }),
            ]
        })
        .collect();
    scenario
}

fn at(millis: u64, action: Action) -> TimedAction {
    TimedAction {
        at: Micros::from_millis(millis),
        action,
    }
}

fn partition(groups: &[&[u64]]) -> Action {
    let group = |ids: &&[u64]| ids.iter().map(|&id| NodeId(id)).collect();
    Action::Partition {
        groups: groups.iter().map(group).collect(),
    }
}
