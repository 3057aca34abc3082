//! From a fleet of nodes to proposals and a step.

use alloc::vec::Vec;

use super::record::{MetricRecord, Outcome, WpaRecord};
use super::{
    Availability, Outside, Position, Regime, Scale, Status, Usage, Wpa, WpaMetric, reconcile,
};
use crate::autoscale::policy::Input;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Executed, Rule};

/// What a [`Wpa`] remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct WpaState {
    status: Status,
}

impl WpaState {
    /// When it last scaled, and since when metrics are outside.
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// Notes that a decision was carried out. Every change counts, in both directions.
    pub(in crate::autoscale) const fn executed(&mut self, change: Executed) {
        self.status.last_scale = Some(change.at);
    }
}

impl Wpa {
    /// Asks every metric, takes the largest proposal and sees whether it is time. O(m + n) for m
    /// metrics and n samples.
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut WpaState,
        input: &Input<'_>,
    ) -> WpaRecord {
        let fleet = input.fleet;
        let availability = Availability {
            ready: fleet.ready,
            pods: input.current,
            current: input.current,
        };
        let available = availability.check(self.settings().min_available_replica_percentage);
        let ready = available.unwrap_or(if input.rules.keep(Rule::WpaWaitsForReadiness) {
            0
        } else {
            fleet.ready
        });
        let metrics: Vec<MetricRecord> = self
            .settings()
            .metrics
            .iter()
            .map(|metric| metric.record(ready, input))
            .collect();
        let mut record = WpaRecord {
            current: input.current,
            ready,
            metrics,
            outcome: Outcome::MissingData,
            nodes: input.current,
        };
        if let Err(reason) = available
            && input.rules.keep(Rule::WpaWaitsForReadiness)
        {
            record.outcome = Outcome::NotAvailable(reason);
            return record;
        }
        let Some((proposed, outside)) = record.combined(input.rules) else {
            return record;
        };
        state.status.observe(outside, input.now);
        let regime = if outside == Outside::default() {
            Regime::Stable
        } else {
            Regime::Unstable
        };
        let scale = Scale {
            ordered: input.current,
            current: input.current,
            ready,
            proposed,
        };
        let limits = self.limits(input.bounds);
        let patience = &self.settings().patience;
        let step = reconcile(&limits, patience, &state.status, &scale, regime, input.now);
        record.nodes = step.desired;
        record.outcome = Outcome::Reconciled {
            proposed,
            regime,
            step,
            countdown: patience.countdown(&state.status, input.now),
        };
        record
    }
}

impl WpaMetric {
    fn record(&self, ready: u32, input: &Input<'_>) -> MetricRecord {
        let seen = self.signal.read(input);
        let sum = seen.as_ref().map(|seen| match self.watermarks.algorithm {
            super::Algorithm::Absolute => self.signal.measured(seen),
            super::Algorithm::Average => seen.total,
        });
        let proposal = sum.filter(|_| ready > 0).map(|sum| {
            self.watermarks.propose(&Usage {
                sum,
                ready,
                current: input.current,
                min: input.bounds.min_nodes(),
                max: input.bounds.max_nodes(),
            })
        });
        MetricRecord { sum, proposal }
    }
}

impl WpaRecord {
    /// The largest proposal; `None` if any metric is missing.
    fn combined(&self, rules: Rules) -> Option<(u32, Outside)> {
        let (mut replicas, mut outside) = (0, Outside::default());
        for metric in &self.metrics {
            if metric.proposal.is_none() && !rules.keep(Rule::WpaMissingMetricHolds) {
                continue;
            }
            let proposal = metric.proposal?;
            replicas = replicas.max(proposal.replicas);
            outside.above |= proposal.position == Position::Above;
            outside.below |= proposal.position == Position::Below;
        }
        Some((replicas, outside))
    }
}
