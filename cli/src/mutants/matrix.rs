//! The kill matrix, in words and as JSON.

use std::fmt::Write as _;

use quorate_sim::gallery::{Hunt, Specimen};
use quorate_sim::observer::Invariant;
use serde_json::{Value, json};

use super::hunts::{FalseAlarm, Found};

/// The matrix: a row per mutant, a column per invariant that noticed any of them.
pub(super) fn in_words(found: &Found) -> String {
    let rows = &found.rows;
    let mut columns: Vec<Invariant> = rows
        .iter()
        .flat_map(|(specimen, hunt)| {
            let noticed = hunt.noticed.iter().map(|(invariant, _)| *invariant);
            noticed.chain([specimen.owner])
        })
        .collect();
    columns.sort_unstable();
    columns.dedup();
    let mut text = String::from(
        "K: killed by the invariant it belongs to; +: noticed by another; -: survived.\n\n",
    );
    for (number, invariant) in (1..).zip(&columns) {
        let _ = writeln!(text, "{number:>4}  {invariant}");
    }
    let _ = write!(text, "\n{:<33}", "mutant");
    for number in 1..=columns.len() {
        let _ = write!(text, "{number:>3}");
    }
    text += "  seeds  simulated  scene\n";
    for (specimen, hunt) in rows {
        let _ = write!(text, "{:<33}", specimen.mutant.name());
        for invariant in &columns {
            let _ = write!(text, "{:>3}", mark(specimen, hunt, *invariant));
        }
        let _ = writeln!(
            text,
            "{:>7}{:>9} s  {}",
            hunt.seeds,
            hunt.simulated.as_secs(),
            specimen.scene.name
        );
    }
    let killed = rows.iter().filter(|(_, hunt)| hunt.kill.is_some()).count();
    let _ = writeln!(text, "\n{killed} of {} mutants killed", rows.len());
    for (specimen, hunt) in rows {
        if hunt.kill.is_none() {
            let _ = writeln!(text, "alive: {}, {}", specimen.mutant, specimen.bug);
        }
    }
    for FalseAlarm { scene, seed, words } in &found.alarms {
        let _ = writeln!(text, "without any bug, {scene} {seed}: {words}");
    }
    text
}

fn mark(specimen: &Specimen, hunt: &Hunt, invariant: Invariant) -> &'static str {
    let is_own = invariant == specimen.owner;
    let noticed = hunt.noticed.iter().any(|(name, _)| *name == invariant);
    match (is_own, noticed) {
        (true, true) => "K",
        (true, false) => "-",
        (false, true) => "+",
        (false, false) => "·",
    }
}

/// The same as an object.
pub(super) fn to_json(found: &Found) -> Value {
    let rows = &found.rows;
    let row = |(specimen, hunt): &(Specimen, Hunt)| {
        let noticed: Vec<Value> = hunt
            .noticed
            .iter()
            .map(|(invariant, seed)| json!({"invariant": invariant.name(), "seed": seed}))
            .collect();
        json!({
            "mutant": specimen.mutant.name(),
            "bug": specimen.bug,
            "owner": specimen.owner.name(),
            "scene": specimen.scene.name,
            "killed": hunt.kill.is_some(),
            "witness": hunt.kill.as_ref().map(|kill| &kill.violation.words),
            "seeds": hunt.seeds,
            "events": hunt.events,
            "simulated_micros": hunt.simulated.0,
            "noticed": noticed,
        })
    };
    let alarm = |alarm: &FalseAlarm| json!({"scene": alarm.scene, "seed": alarm.seed, "witness": alarm.words});
    json!({
        "mutants": rows.iter().map(row).collect::<Vec<_>>(),
        "killed": rows.iter().filter(|(_, hunt)| hunt.kill.is_some()).count(),
        "interrupted": found.is_interrupted,
        "false_alarms": found.alarms.iter().map(alarm).collect::<Vec<_>>(),
    })
}
