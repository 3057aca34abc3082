//! The outcome as one JSON object. Its field names are stable.

use quorate::Micros;
use quorate::autoscale::Policy;
use quorate_sim::load::{GapRule, Interpolation};
use quorate_sim::replay::Timing;
use quorate_sim::replay::comparison::{OracleRow, PolicyRun};
use quorate_sim::replay::sweep::Sweep;
use serde::Serialize;

use super::Outcome;

/// The object as text.
pub(super) fn of(outcome: &Outcome<'_>) -> String {
    let comparison = &outcome.comparison;
    let policies = comparison.policies.iter();
    let json = Json {
        trace: TraceFacts::of(outcome),
        replay: ReplayFacts::of(outcome),
        oracle: OracleFacts::of(&comparison.oracle),
        policies: policies.map(ScoreFacts::of).collect(),
        sweep: outcome.sweep.as_ref(),
    };
    serde_json::to_string(&json).expect("plain data has a JSON form")
}

#[derive(Serialize)]
struct Json<'a> {
    trace: TraceFacts<'a>,
    replay: ReplayFacts,
    oracle: OracleFacts,
    policies: Vec<ScoreFacts<'a>>,
    sweep: Option<&'a Sweep>,
}

#[derive(Serialize)]
struct TraceFacts<'a> {
    name: &'a str,
    rows: usize,
    start: String,
    step_s: f64,
    gaps: u64,
    missing_rows: u64,
    early_rows: u64,
    repeats: u64,
    absent: u64,
    skipped: u64,
    first_skipped: Vec<String>,
    series: &'a [String],
    partial: u64,
    hash: String,
}

impl<'a> TraceFacts<'a> {
    fn of(outcome: &Outcome<'a>) -> Self {
        let (trace, read, gaps) = (outcome.trace, outcome.read, outcome.trace.gaps());
        let skipped = read.first_skipped.iter();
        Self {
            name: trace.name(),
            rows: trace.rows().len(),
            start: trace.start().to_string(),
            step_s: seconds(trace.step()),
            gaps: gaps.count,
            missing_rows: gaps.missing_rows,
            early_rows: gaps.early_rows,
            repeats: read.repeats,
            absent: read.absent,
            skipped: read.skipped,
            first_skipped: skipped.map(ToString::to_string).collect(),
            series: &read.series,
            partial: read.partial,
            hash: trace.hash().to_string(),
        }
    }
}

#[derive(Serialize)]
struct ReplayFacts {
    ticks: u64,
    interval_s: f64,
    interpolation: &'static str,
    seed: Option<u64>,
    gaps: &'static str,
    peak_nodes: u32,
    slo_percent: u32,
    start_up_s: f64,
    min_nodes: u32,
    max_nodes: u32,
    timing: &'static str,
    flip_window_s: f64,
}

impl ReplayFacts {
    fn of(outcome: &Outcome<'_>) -> Self {
        let (comparison, refinement) = (&outcome.comparison, outcome.refinement);
        let model = &comparison.model;
        Self {
            ticks: comparison.ticks,
            interval_s: seconds(comparison.interval),
            interpolation: spread(refinement.within),
            seed: match refinement.within {
                Interpolation::Poisson { seed } => Some(seed),
                _ => None,
            },
            gaps: gap_rule(refinement.gaps),
            peak_nodes: model.peak_nodes,
            slo_percent: model.slo_utilization / 10,
            start_up_s: seconds(model.start_up),
            min_nodes: model.bounds.min_nodes(),
            max_nodes: model.bounds.max_nodes(),
            timing: match model.timing {
                Timing::Strict => "strict",
                _ => "prompt",
            },
            flip_window_s: seconds(model.flip_window),
        }
    }
}

#[derive(Serialize)]
struct OracleFacts {
    node_hours: f64,
    billed_node_hours: f64,
    largest_fleet: u32,
}

impl OracleFacts {
    fn of(oracle: &OracleRow) -> Self {
        Self {
            node_hours: hours(oracle.node_seconds),
            billed_node_hours: hours(oracle.billed_node_seconds),
            largest_fleet: oracle.largest_fleet,
        }
    }
}

#[derive(Serialize)]
struct ScoreFacts<'a> {
    name: &'a str,
    strategy: &'a str,
    under_provisioned_min: f64,
    node_hours: f64,
    billed_node_hours: f64,
    flips: u64,
    actions: u64,
    largest_fleet: u32,
    theta_under_percent: f64,
    theta_over_percent: f64,
    tau_under_percent: f64,
    tau_over_percent: f64,
    instability_percent: f64,
    deviation_percent: f64,
    regret_percent: f64,
    policy: &'a Policy,
}

impl<'a> ScoreFacts<'a> {
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    fn of(run: &'a PolicyRun) -> Self {
        let score = &run.score;
        let percent = |share: u64| share as f64 / 100.0;
        Self {
            name: &run.name,
            strategy: &run.strategy,
            under_provisioned_min: seconds(score.under_provisioned) / 60.0,
            node_hours: hours(score.node_seconds),
            billed_node_hours: hours(score.billed_node_seconds),
            flips: score.flips,
            actions: score.actions,
            largest_fleet: score.largest_fleet,
            theta_under_percent: percent(score.theta_under),
            theta_over_percent: percent(score.theta_over),
            tau_under_percent: percent(score.tau_under),
            tau_over_percent: percent(score.tau_over),
            instability_percent: percent(score.instability),
            deviation_percent: percent(score.deviation),
            regret_percent: score.regret as f64 / 100.0,
            policy: &run.policy,
        }
    }
}

pub(super) const fn spread(within: Interpolation) -> &'static str {
    match within {
        Interpolation::None => "none",
        Interpolation::Hold => "hold",
        Interpolation::Linear => "linear",
        Interpolation::Poisson { .. } => "poisson",
    }
}

pub(super) const fn gap_rule(rule: GapRule) -> &'static str {
    match rule {
        GapRule::Skip => "skip",
        GapRule::Hold => "hold",
        GapRule::Linear => "linear",
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "for people, and 53 bits of microseconds are 285 years"
)]
pub(super) fn seconds(time: Micros) -> f64 {
    time.0 as f64 / 1e6
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn hours(node_seconds: u64) -> f64 {
    node_seconds as f64 / 3_600.0
}
