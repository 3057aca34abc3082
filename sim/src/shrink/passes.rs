//! The passes of shrinking, from what removes most to what removes least.

use quorate::{Micros, NodeId};

use super::delta::{fewer_actions, without};
use super::trial::{Control, NotFailing, Trial};
use crate::action::Action;
use crate::fuzz::Violation;
use crate::load::LoadSpec;
use crate::mutant::Mutant;
use crate::scenario::{Scenario, threshold_policy};

/// A budget with which a typical failure is small within a minute.
pub const DEFAULT_RUNS: u64 = 3_000;

/// The smallest failing scenario that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Shrunk {
    /// The scenario. It was run, and it fails.
    pub scenario: Scenario,
    /// What breaks in it.
    pub violation: Violation,
    /// How many runs it took.
    pub runs: u64,
}

/// Makes a failing scenario smaller while the same invariant breaks, within a budget of runs.
///
/// `control` is told of every run and may stop the search; what was reached by then is the result.
pub fn shrink(
    scenario: &Scenario,
    mutant: Mutant,
    runs: u64,
    control: Control<'_>,
) -> Result<Shrunk, NotFailing> {
    let mut trial = Trial::begin(scenario, mutant, runs, control)?;
    trial.cut_off_the_end();
    while !trial.is_over() {
        // Not lazily: each pass makes the next one cheaper.
        let passes = [
            fewer_nodes(&mut trial),
            fewer_actions(&mut trial),
            less_work(&mut trial),
            plainer_settings(&mut trial),
            plainer_times(&mut trial),
        ];
        if !passes.contains(&true) {
            break;
        }
    }
    let mut scenario = trial.best;
    scenario.name = format!("{}, shrunk", trial.violation.invariant);
    Ok(Shrunk {
        scenario,
        violation: trial.violation,
        runs: trial.runs,
    })
}

/// No workers, and three voters if they are enough.
fn fewer_nodes(trial: &mut Trial<'_>) -> bool {
    let mut helped = false;
    for voters in (3..=trial.best.voters).step_by(2) {
        let mut smaller = without(&trial.best, |_, timed| {
            names_beyond(&timed.action, u64::from(voters))
        });
        for timed in &mut smaller.actions {
            if let Action::Partition { groups } = &mut timed.action {
                for group in groups {
                    group.retain(|node| node.0 <= u64::from(voters));
                }
            }
        }
        smaller.voters = voters;
        smaller.autoscale = threshold_policy(voters, voters);
        smaller.load = quiet_load(voters);
        if trial.accept(&smaller) {
            helped = true;
            break;
        }
    }
    helped
}

/// Whether an action is about a node that is not there any more. A partition is not: its groups can
/// do without.
fn names_beyond(action: &Action, nodes: u64) -> bool {
    let beyond = |node: NodeId| node.0 > nodes;
    let ends = match action {
        Action::Cut { a, b } | Action::Mend { a, b } | Action::Lossy { a, b, .. } => {
            [Some(*a), Some(*b)]
        }
        other => [other.node(), None],
    };
    ends.into_iter().flatten().any(beyond)
}

/// Less that users do by themselves.
fn less_work(trial: &mut Trial<'_>) -> bool {
    let mut helped = false;
    let changes: [fn(&mut Scenario); 6] = [
        |scenario| scenario.workload.set_operations_per_second_milli = 0,
        |scenario| scenario.workload.client_operations_per_second_milli = 0,
        |scenario| scenario.workload.set_operations_per_second_milli /= 2,
        |scenario| scenario.workload.client_operations_per_second_milli /= 2,
        |scenario| scenario.workload.elements = 1,
        |scenario| {
            scenario.load = LoadSpec::Constant {
                requests_per_second: 0,
            }
        },
    ];
    for change in changes {
        helped |= trial.accept(&changed(&trial.best, change));
    }
    helped
}

/// Every setting as in a quiet cluster.
fn plainer_settings(trial: &mut Trial<'_>) -> bool {
    let mut helped = false;
    let changes: [fn(&mut Scenario, &Scenario); 10] = [
        |scenario, quiet| {
            scenario.network = quiet.network;
            scenario.raft = quiet.raft.clone();
        },
        |scenario, quiet| scenario.network.loss_permille = quiet.network.loss_permille,
        |scenario, quiet| scenario.network.duplicate_permille = quiet.network.duplicate_permille,
        |scenario, quiet| scenario.raft = quiet.raft.clone(),
        |scenario, quiet| {
            scenario.raft.max_entries_per_append = quiet.raft.max_entries_per_append;
            scenario.raft.max_inflight_appends = quiet.raft.max_inflight_appends;
        },
        |scenario, quiet| scenario.disk = quiet.disk,
        |scenario, quiet| scenario.sets = quiet.sets.clone(),
        |scenario, quiet| scenario.workload = quiet.workload.clone(),
        |scenario, quiet| scenario.service = quiet.service.clone(),
        |scenario, quiet| scenario.autoscale = quiet.autoscale.clone(),
    ];
    for change in changes {
        let quiet = Scenario::quiet("", trial.best.voters);
        helped |= trial.accept(&changed(&trial.best, |scenario| change(scenario, &quiet)));
    }
    helped
}

/// Times that a person can read: whole seconds, or tenths, or hundredths; and no waiting.
fn plainer_times(trial: &mut Trial<'_>) -> bool {
    let mut helped = false;
    for grain in [1_000_000, 100_000, 10_000, 1_000] {
        let all = changed(&trial.best, |scenario| {
            for timed in &mut scenario.actions {
                timed.at = Micros(timed.at.0.next_multiple_of(grain));
            }
        });
        if trial.accept(&all) {
            helped = true;
            break;
        }
    }
    for place in 0..trial.best.actions.len() {
        // A shorter end may have dropped some.
        let Some(timed) = trial.best.actions.get(place) else {
            break;
        };
        let before = place
            .checked_sub(1)
            .map_or(Micros::ZERO, |at| trial.best.actions[at].at);
        let gap = timed.at.since(before);
        if gap < Micros::from_secs(2) {
            continue;
        }
        let sooner = Micros(gap.0 / 2 / 1_000 * 1_000);
        let earlier = changed(&trial.best, |scenario| {
            for timed in &mut scenario.actions[place..] {
                timed.at = Micros(timed.at.0 - sooner.0);
            }
        });
        helped |= trial.accept(&earlier);
    }
    helped
}

fn changed(scenario: &Scenario, change: impl FnOnce(&mut Scenario)) -> Scenario {
    let mut changed = scenario.clone();
    change(&mut changed);
    changed
}

fn quiet_load(voters: u32) -> LoadSpec {
    Scenario::quiet("", voters).load
}
