//! What no cloud has: the guards beyond the bounds.

use quorate::autoscale::Guards;
use quorate::autoscale::guard::GuardSettings;

use super::Note;

/// A note for every guard but the bounds.
pub(super) fn beyond_bounds(guards: &Guards) -> Vec<Note> {
    let GuardSettings {
        bounds: _,
        change_budget,
        cost,
        freeze,
        ready_share,
        distrust,
        flaps,
        utc_at_zero: _,
    } = guards.settings();
    let guards = [
        (
            "change_budget",
            change_budget.is_some(),
            "nodes added and removed per window",
        ),
        ("cost", cost.is_some(), "the cost ceiling"),
        ("freeze", !freeze.is_empty(), "the freeze windows"),
        (
            "ready_share",
            ready_share.is_some(),
            "the share of ready nodes that a removal must leave",
        ),
        ("distrust", distrust.is_some(), "the doubt in metrics"),
        ("flaps", flaps.is_some(), "the flap budget"),
    ];
    guards
        .into_iter()
        .filter(|(_, configured, _)| *configured)
        .map(|(name, _, what)| {
            Note::new(
                format!("guards.{name}"),
                format!("has no equivalent: {what} will not be kept there"),
            )
        })
        .collect()
}
