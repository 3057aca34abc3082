//! What came of a comparison: the data behind a page and a report.
//!
//! Everything is a whole number. Node-time is in seconds, shares are in ten thousandths of the
//! whole, work is in thousandths of what a node does in a tick: a reader in JavaScript, whose
//! numbers end at 53 bits, gets what was computed and not its neighbour.

use quorate::Micros;
use quorate::autoscale::{Bounds, Policy};
use serde::{Deserialize, Serialize};

use super::super::arithmetic::narrow;
use super::super::{Model, Score, Timing};
use super::moments::Moments;
use crate::load::Trace;

/// Several policies over one recorded load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The recording.
    pub trace: TraceFacts,
    /// The length of a tick.
    #[serde(rename = "interval_micros")]
    pub interval: Micros,
    /// How many ticks were played.
    pub ticks: u64,
    /// The largest count of a tick, in thousandths of a request.
    pub peak_milli: u64,
    /// What was assumed about the nodes.
    #[serde(with = "ModelFields")]
    pub model: Model,
    /// How many ticks one bucket of a series spans; the last one may span fewer.
    pub bucket_ticks: u64,
    /// What was needed, the same for every policy.
    pub demand: DemandSeries,
    /// The best that could have been done.
    pub oracle: OracleRow,
    /// The policies, in the order in which they were given.
    pub policies: Vec<PolicyRun>,
}

impl Comparison {
    /// How many buckets every series has; at least one.
    pub fn buckets(&self) -> usize {
        self.demand.max.len()
    }

    /// How long the load was played.
    pub fn duration(&self) -> Micros {
        Micros(self.interval.0.saturating_mul(self.ticks))
    }
}

/// Which recording it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceFacts {
    /// What people call the file.
    pub name: String,
    /// The date and time of the first row, as `1998-04-30T21:30:00`.
    pub start: String,
    /// How many rows the file has.
    pub rows: u64,
    /// The distance of two rows.
    #[serde(rename = "step_micros")]
    pub step: Micros,
    /// Rows that are missing between others.
    pub missing_rows: u64,
    /// The hash of the content.
    pub hash: String,
}

impl TraceFacts {
    /// What is known of `trace`.
    pub fn of(trace: &Trace) -> Self {
        Self {
            name: trace.name().to_owned(),
            start: trace.start().to_string(),
            rows: trace.rows().len() as u64,
            step: trace.step(),
            missing_rows: trace.gaps().missing_rows,
            hash: trace.hash().to_string(),
        }
    }
}

/// What was needed, bucket by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandSeries {
    /// The largest count of a tick, in thousandths of a request.
    pub load_max_milli: Vec<u64>,
    /// The fewest nodes that met the service level, at the least.
    pub min: Vec<u32>,
    /// The same, at the most.
    pub max: Vec<u32>,
}

/// What one policy made of it, bucket by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Ready nodes, at the least.
    pub ready_min: Vec<u32>,
    /// Ready nodes, at the most.
    pub ready_max: Vec<u32>,
    /// Ready and starting nodes, at the most.
    pub ordered_max: Vec<u32>,
    /// Ticks in which fewer nodes were ready than needed.
    pub short_ticks: Vec<u32>,
    /// The most nodes that were missing in one tick.
    pub missing_max: Vec<u32>,
    /// Changes against the direction of the one before, within the flip window of the model.
    pub flips: Vec<u32>,
    /// The most work that waited at the end of a tick, in thousandths of what a node does in one.
    pub queue_max_milli: Vec<u64>,
}

/// One policy and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyRun {
    /// What people call it. Unique within a comparison.
    pub name: String,
    /// Its strategy: `quorate`.
    pub strategy: String,
    /// The policy itself, so that the run can be repeated.
    pub policy: Policy,
    /// Its score.
    pub score: ScoreRow,
    /// Where it was good and where not.
    pub series: Series,
    /// What it did, as far as it is worth a question.
    pub moments: Moments,
}

/// A [`Score`] as a row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreRow {
    /// The time in which fewer nodes were ready than needed.
    #[serde(rename = "under_provisioned_micros")]
    pub under_provisioned: Micros,
    /// The same in minutes, rounded down.
    pub minutes: u64,
    /// Ready nodes over time, in node-seconds, rounded down.
    pub node_seconds: u64,
    /// The same in node-hours, rounded to the nearest, halves to the even one.
    pub node_hours: u64,
    /// Ready and starting nodes over time, in node-seconds, rounded down.
    pub billed_node_seconds: u64,
    /// Changes of the fleet.
    pub actions: u64,
    /// Changes against the direction of the one before, within the flip window.
    pub flips: u64,
    /// The most nodes that were ready at once.
    pub largest_fleet: u32,
    /// θ under, in ten thousandths.
    pub theta_under: u64,
    /// θ over, in ten thousandths.
    pub theta_over: u64,
    /// τ under, in ten thousandths.
    pub tau_under: u64,
    /// τ over, in ten thousandths.
    pub tau_over: u64,
    /// υ, in ten thousandths.
    pub instability: u64,
    /// σ, in ten thousandths.
    pub deviation: u64,
    /// What was billed beyond the oracle's bill, in ten thousandths of that; negative if less.
    pub regret: i64,
}

impl ScoreRow {
    /// `score`, where `largest_fleet` nodes were ready at once.
    pub fn new(score: &Score, largest_fleet: u32) -> Self {
        let shares = score.elasticity;
        Self {
            under_provisioned: score.under_provisioned,
            minutes: score.minutes(),
            node_seconds: seconds(score.node_time),
            node_hours: score.node_hours(),
            billed_node_seconds: seconds(score.billed_time),
            actions: score.actions,
            flips: score.flips,
            largest_fleet,
            theta_under: shares.theta_under.0,
            theta_over: shares.theta_over.0,
            tau_under: shares.tau_under.0,
            tau_over: shares.tau_over.0,
            instability: shares.instability.0,
            deviation: shares.deviation().0,
            regret: score.regret(),
        }
    }
}

/// What an oracle pays that knows the future: it is never short, and has no flips to count, since
/// it does not react.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleRow {
    /// Needed nodes over time, in node-seconds, rounded down.
    pub node_seconds: u64,
    /// The same in node-hours, rounded to the nearest, halves to the even one.
    pub node_hours: u64,
    /// The same with the starts paid, or running on where that is cheaper; in node-seconds.
    pub billed_node_seconds: u64,
    /// The most nodes that were needed at once.
    pub largest_fleet: u32,
}

impl OracleRow {
    /// The oracle of the replay that `score` is about.
    pub fn new(score: &Score, largest_fleet: u32) -> Self {
        Self {
            node_seconds: seconds(score.oracle_node_time),
            node_hours: score.oracle_node_hours(),
            billed_node_seconds: seconds(score.oracle_billed_time),
            largest_fleet,
        }
    }
}

/// A decision in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The decision with its evidence and the rule that was binding, on one line.
    pub reason: String,
    /// What would have led to another answer.
    pub would_change: String,
}

/// The JSON form of a [`Model`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Model")]
struct ModelFields {
    peak_nodes: u32,
    slo_utilization: u32,
    #[serde(rename = "start_up_micros")]
    start_up: Micros,
    bounds: Bounds,
    #[serde(with = "TimingNames")]
    timing: Timing,
    #[serde(rename = "flip_window_micros")]
    flip_window: Micros,
}

/// The JSON form of a [`Timing`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "Timing", rename_all = "snake_case")]
enum TimingNames {
    Prompt,
    Strict,
}

/// Node-microseconds in node-seconds, rounded down.
fn seconds(node_time: u128) -> u64 {
    narrow(node_time / 1_000_000)
}
