//! What came of a search.

use quorate::Micros;
use quorate::autoscale::Policy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::Score;
use super::super::comparison::{ScoreRow, TraceFacts};
use super::error::SweepError;
use super::run::assemble;
use super::search::Search;

/// Every point of a search with its three axes, and the fronts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// The recording.
    pub trace: TraceFacts,
    /// The length of a tick.
    #[serde(rename = "interval_micros")]
    pub interval: Micros,
    /// How many ticks the recording has.
    pub ticks: u64,
    /// The policy that was turned.
    pub base: Policy,
    /// Which settings were turned: JSON pointers into the policy.
    pub paths: Vec<String>,
    /// Which points were tried.
    pub search: Search,
    /// How many points the grid has.
    pub grid_points: u64,
    /// How the recording was split, if it was.
    pub split: Option<SplitFacts>,
    /// The points: first the policy as it was, then the others in the order of the grid.
    pub points: Vec<Point>,
    /// The points that nothing beats in node-time and under-provisioned time, by node-time:
    /// places in `points`.
    pub front: Vec<usize>,
    /// The points that nothing beats in node-time, under-provisioned time and flips, by
    /// node-time: places in `points`.
    pub front_with_flips: Vec<usize>,
    /// How many points were left out because they are no policy.
    pub refused_count: u64,
    /// The first of them.
    pub refused: Vec<RefusedPoint>,
}

/// How a recording was split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitFacts {
    /// The share that was asked for, per mille.
    pub training_permille: u32,
    /// Ticks on which points were chosen: the first ones.
    pub training_ticks: u64,
    /// Ticks on which what was chosen was tried: the others.
    pub test_ticks: u64,
}

/// A point of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The values, one per path.
    pub values: Vec<Value>,
    /// What came of them: on the training part, if there is one, otherwise on the whole.
    pub axes: Axes,
    /// What came of them on the test part: only for the policy as it was and for the fronts, so that
    /// nothing can be chosen by it.
    pub test: Option<Axes>,
}

/// The three axes, never one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axes {
    /// The time in which fewer nodes were ready than needed.
    #[serde(rename = "under_provisioned_micros")]
    pub under_provisioned: Micros,
    /// The same in minutes, rounded down.
    pub minutes: u64,
    /// Ready nodes over time, in node-seconds, rounded down.
    pub node_seconds: u64,
    /// The same in node-hours, rounded to the nearest, halves to the even one.
    pub node_hours: u64,
    /// Changes against the direction of the one before, within the flip window.
    pub flips: u64,
    /// Changes of the fleet.
    pub actions: u64,
}

impl Axes {
    /// The axes of a score.
    pub fn new(score: &Score) -> Self {
        let row = ScoreRow::new(score, 0);
        Self {
            under_provisioned: row.under_provisioned,
            minutes: row.minutes,
            node_seconds: row.node_seconds,
            node_hours: row.node_hours,
            flips: row.flips,
            actions: row.actions,
        }
    }
}

/// A point that is no policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedPoint {
    /// The values, one per path.
    pub values: Vec<Value>,
    /// Why.
    pub reason: String,
}

impl Sweep {
    /// The policy of a point; `None` if there is no such point.
    pub fn policy(&self, point: usize) -> Option<Result<Policy, SweepError>> {
        let point = self.points.get(point)?;
        let base = serde_json::to_value(&self.base).expect("a policy has a JSON form");
        Some(assemble(&base, &self.paths, &point.values))
    }

    /// Every point as a row of CSV (RFC 4180), with a header. The columns are `point` (its place),
    /// `front` and `front_with_flips` (1 or 0), one per path, the axes, and with a split the axes
    /// on the test part as `test_…`, empty where it was not played.
    pub fn to_csv(&self) -> String {
        const AXES: [&str; 6] = [
            "under_provisioned_micros",
            "minutes",
            "node_seconds",
            "node_hours",
            "flips",
            "actions",
        ];
        let mut rows = vec![
            ["point", "front", "front_with_flips"]
                .map(str::to_owned)
                .to_vec(),
        ];
        rows[0].extend(self.paths.iter().cloned());
        rows[0].extend(AXES.map(str::to_owned));
        if self.split.is_some() {
            rows[0].extend(AXES.map(|axis| format!("test_{axis}")));
        }
        for (place, point) in self.points.iter().enumerate() {
            let on = |front: &[usize]| u8::from(front.contains(&place)).to_string();
            let mut row = vec![
                place.to_string(),
                on(&self.front),
                on(&self.front_with_flips),
            ];
            row.extend(point.values.iter().map(plain));
            row.extend(cells(Some(&point.axes)));
            if self.split.is_some() {
                row.extend(cells(point.test.as_ref()));
            }
            rows.push(row);
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer
                .write_record(row)
                .expect("memory takes rows, and all are of one length");
        }
        let bytes = writer.into_inner().expect("memory takes bytes");
        String::from_utf8(bytes).expect("text in, text out")
    }
}

/// A value as people write it: words without quotes.
pub(in super::super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn cells(axes: Option<&Axes>) -> [String; 6] {
    axes.map_or_else(Default::default, |axes| {
        [
            axes.under_provisioned.0,
            axes.minutes,
            axes.node_seconds,
            axes.node_hours,
            axes.flips,
            axes.actions,
        ]
        .map(|number| number.to_string())
    })
}
