//! Whole runs under the observer: nothing breaks, and nothing goes unasked.

use quorate::Micros;
use quorate_sim::observer::Invariant;
use quorate_sim::{Recording, World, presets};

/// What a run of a preset comes to: how often each invariant was asked.
fn checks(slug: &str) -> Vec<(&'static str, u64)> {
    let mut scenario = presets::find(slug).expect("the name of a preset").scenario;
    scenario.until = scenario.until.min(Micros::from_secs(240));
    let mut world = World::new(scenario, None, Recording::Off).expect("presets can run");
    while world.step() {}
    let rows = world.invariants();
    for row in &rows {
        assert_eq!(row.witness, None, "{slug}: {}", row.name);
    }
    rows.into_iter().map(|row| (row.name, row.checks)).collect()
}

/// Invariants that need what no run of a preset has: clients that wait for answers, reads, healing, a
/// second run, tables that change, and orders that are told by name.
const SILENT: [Invariant; 11] = [
    Invariant::LeaseSafety,
    Invariant::Liveness,
    Invariant::Determinism,
    Invariant::Linearizability,
    Invariant::ExactlyOnce,
    Invariant::NoLostWrite,
    Invariant::EpochAgreement,
    Invariant::ScaleBudget,
    Invariant::ScaleCooldown,
    Invariant::ScaleFencing,
    Invariant::SafeDrain,
];

#[test]
fn no_preset_breaks_anything_and_together_they_ask_everything() {
    let mut asked: Vec<(&str, u64)> = Vec::new();
    for preset in presets::all() {
        for (at, (name, checks)) in checks(preset.slug).into_iter().enumerate() {
            match asked.get_mut(at) {
                Some(sum) => sum.1 += checks,
                None => asked.push((name, checks)),
            }
        }
    }
    for (invariant, (name, checks)) in Invariant::ALL.into_iter().zip(asked) {
        let may_be_silent = SILENT.contains(&invariant);
        assert!(checks > 0 || may_be_silent, "{name} was never asked");
    }
}
