//! Scores in a table or as JSON.

use std::fmt;

use quorate::Micros;
use quorate::autoscale::Policy;
use quorate_sim::load::{GapRule, Interpolation, ReadReport, Refinement, Trace};
use quorate_sim::replay::{Model, Score, Share, Timing};
use serde::Serialize;

/// Everything that came out.
pub(super) struct Output<'a> {
    pub(super) trace: &'a Trace,
    pub(super) report: &'a ReadReport,
    pub(super) refinement: Refinement,
    pub(super) interval: Micros,
    /// How many ticks were played.
    pub(super) length: usize,
    pub(super) model: Model,
    pub(super) contenders: Vec<Contender<'a>>,
}

/// A policy and its score.
pub(super) struct Contender<'a> {
    pub(super) name: &'a str,
    pub(super) policy: &'a Policy,
    pub(super) score: Score,
}

/// The headings of the table, with the width of each column.
const COLUMNS: [(&str, usize); 11] = [
    ("minutes", 8),
    ("node-h", 9),
    ("flips", 7),
    ("actions", 8),
    ("billed-h", 9),
    ("regret %", 9),
    ("θU %", 8),
    ("θO %", 8),
    ("τU %", 7),
    ("τO %", 7),
    ("υ %", 7),
];

impl fmt::Display for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        let names = self.contenders.iter().map(|each| each.name.chars().count());
        let width = names.max().unwrap_or(0).max("policy".len());
        write!(f, "{:width$}", "policy")?;
        for (heading, column) in COLUMNS {
            write!(f, " {heading:>column$}")?;
        }
        writeln!(f)?;
        if let Some(Contender { score, .. }) = self.contenders.first() {
            let (own, billed) = (
                hours(score.oracle_node_time),
                hours(score.oracle_billed_time),
            );
            write!(f, "{:width$}", "oracle")?;
            let cells = [
                "0", &own, "", "", &billed, "0.0", "0.00", "0.00", "0.00", "0.00", "0.00",
            ];
            row(f, &cells)?;
        }
        for Contender { name, score, .. } in &self.contenders {
            write!(f, "{name:width$}")?;
            let elasticity = &score.elasticity;
            let cells = [
                score.minutes().to_string(),
                hours(score.node_time),
                score.flips.to_string(),
                score.actions.to_string(),
                hours(score.billed_time),
                regret(score),
                elasticity.theta_under.to_string(),
                elasticity.theta_over.to_string(),
                elasticity.tau_under.to_string(),
                elasticity.tau_over.to_string(),
                elasticity.instability.to_string(),
            ];
            row(f, &cells)?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, cells: &[impl AsRef<str>; 11]) -> fmt::Result {
    for (cell, (_, column)) in cells.iter().zip(COLUMNS) {
        write!(f, " {:>column$}", cell.as_ref())?;
    }
    writeln!(f)
}

/// Node-microseconds in hours, to the tenth.
fn hours(node_time: u128) -> String {
    const TENTH: u128 = 360_000_000;
    let tenths = (node_time + TENTH / 2) / TENTH;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The regret in percent, to the tenth.
fn regret(score: &Score) -> String {
    let sign = if score.regret() < 0 { "-" } else { "" };
    let tenths = (score.regret().unsigned_abs() + 5) / 10;
    format!("{sign}{}.{}", tenths / 10, tenths % 10)
}

impl Output<'_> {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, report, gaps) = (self.trace, self.report, self.trace.gaps());
        writeln!(
            f,
            "load    {}: {} rows every {} s from {}, hash {}",
            trace.name(),
            trace.rows().len(),
            seconds(trace.step()),
            trace.start(),
            trace.hash()
        )?;
        writeln!(
            f,
            "        {} gaps ({} rows missing), {} early rows, {} repeats, {} absent, {} bad rows skipped",
            gaps.count,
            gaps.missing_rows,
            gaps.early_rows,
            report.repeats,
            report.absent,
            report.skipped
        )?;
        if report.series.len() > 1 {
            writeln!(
                f,
                "        the sum of {} series, {} times not in all of them",
                report.series.len(),
                report.partial
            )?;
        } else if let Some(series) = report.series.first() {
            writeln!(f, "        series {series}")?;
        }
        writeln!(
            f,
            "played  {} ticks of {} s, spread {}, gaps {}",
            self.length,
            seconds(self.interval),
            spread(self.refinement.within),
            gap_rule(self.refinement.gaps)
        )?;
        let model = &self.model;
        writeln!(
            f,
            "fleet   {} nodes at the peak, service level at {} % use, {} s to start a node, {}\n",
            model.peak_nodes,
            model.slo_utilization / 10,
            seconds(model.start_up),
            model.bounds
        )
    }

    /// One object. Its field names are stable.
    pub(super) fn to_json(&self) -> String {
        let (trace, report, gaps) = (self.trace, self.report, self.trace.gaps());
        let json = Json {
            trace: TraceFacts {
                name: trace.name(),
                rows: trace.rows().len(),
                start: trace.start().to_string(),
                step_s: float(trace.step()),
                gaps: gaps.count,
                missing_rows: gaps.missing_rows,
                early_rows: gaps.early_rows,
                repeats: report.repeats,
                absent: report.absent,
                skipped: report.skipped,
                first_skipped: report
                    .first_skipped
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                series: &report.series,
                partial: report.partial,
                hash: trace.hash().to_string(),
            },
            replay: ReplayFacts {
                ticks: self.length,
                interval_s: float(self.interval),
                interpolation: spread(self.refinement.within),
                seed: match self.refinement.within {
                    Interpolation::Poisson { seed } => Some(seed),
                    _ => None,
                },
                gaps: gap_rule(self.refinement.gaps),
                peak_nodes: self.model.peak_nodes,
                slo_percent: self.model.slo_utilization / 10,
                start_up_s: float(self.model.start_up),
                min_nodes: self.model.bounds.min_nodes(),
                max_nodes: self.model.bounds.max_nodes(),
                timing: match self.model.timing {
                    Timing::Strict => "strict",
                    _ => "prompt",
                },
                flip_window_s: float(self.model.flip_window),
            },
            policies: self.contenders.iter().map(ScoreFacts::of).collect(),
        };
        serde_json::to_string(&json).expect("plain data has a JSON form")
    }
}

const fn spread(within: Interpolation) -> &'static str {
    match within {
        Interpolation::None => "none",
        Interpolation::Hold => "hold",
        Interpolation::Linear => "linear",
        Interpolation::Poisson { .. } => "poisson",
    }
}

const fn gap_rule(rule: GapRule) -> &'static str {
    match rule {
        GapRule::Skip => "skip",
        GapRule::Hold => "hold",
        GapRule::Linear => "linear",
    }
}

/// `60`, `0.5`: seconds without zeros at the end.
fn seconds(time: Micros) -> String {
    float(time).to_string()
}

#[allow(
    clippy::cast_precision_loss,
    reason = "for people, and 53 bits are 285 years"
)]
fn float(time: Micros) -> f64 {
    time.0 as f64 / 1e6
}

#[derive(Serialize)]
struct Json<'a> {
    trace: TraceFacts<'a>,
    replay: ReplayFacts,
    policies: Vec<ScoreFacts<'a>>,
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

#[derive(Serialize)]
struct ReplayFacts {
    ticks: usize,
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

#[derive(Serialize)]
struct ScoreFacts<'a> {
    name: &'a str,
    strategy: &'static str,
    under_provisioned_min: f64,
    node_hours: f64,
    billed_node_hours: f64,
    flips: u64,
    actions: u64,
    theta_under_percent: f64,
    theta_over_percent: f64,
    tau_under_percent: f64,
    tau_over_percent: f64,
    instability_percent: f64,
    deviation_percent: f64,
    regret_percent: f64,
    oracle_node_hours: f64,
    oracle_billed_node_hours: f64,
    policy: &'a Policy,
}

impl<'a> ScoreFacts<'a> {
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    fn of(contender: &Contender<'a>) -> Self {
        let Contender {
            name,
            policy,
            score,
        } = contender;
        let hours = |node_time: u128| node_time as f64 / 3.6e9;
        let percent = |share: Share| share.0 as f64 / 100.0;
        let elasticity = &score.elasticity;
        Self {
            name,
            strategy: policy.strategy().kind(),
            under_provisioned_min: float(score.under_provisioned) / 60.0,
            node_hours: hours(score.node_time),
            billed_node_hours: hours(score.billed_time),
            flips: score.flips,
            actions: score.actions,
            theta_under_percent: percent(elasticity.theta_under),
            theta_over_percent: percent(elasticity.theta_over),
            tau_under_percent: percent(elasticity.tau_under),
            tau_over_percent: percent(elasticity.tau_over),
            instability_percent: percent(elasticity.instability),
            deviation_percent: percent(elasticity.deviation()),
            regret_percent: score.regret() as f64 / 100.0,
            oracle_node_hours: hours(score.oracle_node_time),
            oracle_billed_node_hours: hours(score.oracle_billed_time),
            policy,
        }
    }
}
