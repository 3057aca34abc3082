//! Delta debugging: ever smaller blocks of a list are left out.

use crate::action::TimedAction;
use crate::scenario::Scenario;

use super::trial::Trial;

/// Leaves out actions until no single one can be: blocks of half of them first, then of a quarter,
/// and so on.
pub(super) fn fewer_actions(trial: &mut Trial<'_>) -> bool {
    let mut helped = false;
    let mut block = trial.best.actions.len().max(1);
    while block > 0 && !trial.is_over() {
        let mut at = 0;
        while at < trial.best.actions.len() && !trial.is_over() {
            let end = (at + block).min(trial.best.actions.len());
            let left_out = without(&trial.best, |place, _| (at..end).contains(&place));
            if trial.accept(&left_out) {
                // What came behind it has moved up to here.
                helped = true;
            } else {
                at = end;
            }
        }
        block /= 2;
    }
    helped
}

/// The scenario without some of its actions.
pub(super) fn without(
    scenario: &Scenario,
    leave_out: impl Fn(usize, &TimedAction) -> bool,
) -> Scenario {
    let mut smaller = scenario.clone();
    let mut place = 0;
    smaller.actions.retain(|timed| {
        place += 1;
        !leave_out(place - 1, timed)
    });
    smaller
}
