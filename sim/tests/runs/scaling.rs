//! The fleet follows the load through the log, and nothing is lost when it shrinks.

use quorate::Micros;
use quorate_sim::{Recording, World, presets};

#[test]
fn a_flash_crowd_is_met_with_workers_that_are_drained_afterwards() {
    let preset = presets::find("flash-crowd").unwrap();
    let mut world = World::new(preset.scenario, None, Recording::Off).unwrap();
    let mut most = 0;
    while world.step() {
        most = most.max(world.running());
    }
    assert!(most >= 9, "at most {most} nodes ran under a load for nine");
    let scalings = world.scalings();
    assert!(scalings.out >= 4 && scalings.stopped >= 2, "{scalings:?}");
    assert!(scalings.stopped <= scalings.draining && scalings.draining <= scalings.out);
    assert!(!world.is_violated());
}

#[test]
fn voters_are_never_scaled_away() {
    let mut scenario = presets::find("diurnal").unwrap().scenario;
    scenario.until = Micros::from_secs(300);
    let mut world = World::new(scenario, None, Recording::Off).unwrap();
    while world.step() {
        assert!(world.running() >= 5);
    }
}

/// A decision that a deposed leader made must not come true: it is void under another term.
#[test]
fn scaling_goes_on_across_a_change_of_leader() {
    use quorate::NodeId;
    use quorate_sim::{Action, TimedAction};
    let mut scenario = presets::find("flash-crowd").unwrap().scenario;
    let crash = |at, node| {
        let node = NodeId(node);
        [
            TimedAction {
                at: Micros::from_secs(at),
                action: Action::Crash { node },
            },
            TimedAction {
                at: Micros::from_secs(at + 30),
                action: Action::Restart { node },
            },
        ]
    };
    scenario.actions = (1..=5)
        .flat_map(|node| crash(60 + 40 * node, node))
        .collect();
    let mut world = World::new(scenario, None, Recording::Off).unwrap();
    while world.step() {}
    assert!(!world.is_violated());
    assert!(world.scalings().out >= 4);
}
