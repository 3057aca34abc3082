//! One line of input: what was seen, or what was carried out.

use std::collections::BTreeMap;

use quorate::Micros;
use quorate::autoscale::{Executed, Metric, MetricName, NodeSample, Observation};
use serde::Deserialize;

/// What a line says.
#[derive(Debug)]
pub(super) enum Line {
    /// The fleet as it was seen at a time.
    Observed(Micros, Observation),
    /// A change that was carried out.
    Executed(Executed),
}

/// A line as it comes in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    at_micros: Option<Micros>,
    nodes: Option<Vec<NodeSample>>,
    #[serde(default)]
    metrics: BTreeMap<MetricName, Metric>,
    executed: Option<Executed>,
}

impl Line {
    /// Reads a line; `Err` says what is wrong, with the column if there is one.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let unchecked: Unchecked = serde_json::from_slice(bytes).map_err(|error| {
            let words = error.to_string();
            let what = words
                .rsplit_once(" at line ")
                .map_or(&*words, |(what, _)| what);
            format!("column {}: {what}", error.column())
        })?;
        match unchecked {
            Unchecked {
                at_micros: None,
                nodes: None,
                executed: Some(executed),
                metrics,
            } if metrics.is_empty() => Ok(Self::Executed(executed)),
            Unchecked {
                at_micros: Some(at),
                nodes: Some(nodes),
                executed: None,
                metrics,
            } => Observation::with_metrics(nodes, metrics)
                .map(|observation| Self::Observed(at, observation))
                .map_err(|error| error.to_string()),
            _ => Err("expected either `at_micros` and `nodes`, or `executed` alone".into()),
        }
    }
}
