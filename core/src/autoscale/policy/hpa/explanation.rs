//! The record of an HPA in words.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

use super::limit::{LimitReason, Limited};
use super::proposal::{Basis, Usage};
use super::reconcile::Course;
use super::record::{HpaRecord, HpaRule, MetricRecord, Outcome};
use super::settings::HpaMetric;
use crate::autoscale::explanation::join;
use crate::autoscale::{Step, StepName};

impl HpaRecord {
    /// Proposals, winner, stabilization and limits, in words.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(4);
        if !self.metrics.is_empty() {
            steps.push((StepName::Proposals, self.proposals_step()));
        }
        steps.push((StepName::Winner, self.winner_step()));
        if let Course::ByMetrics {
            desired,
            stabilized,
            limited,
            ..
        } = self.course
        {
            steps.push((StepName::Stabilized, stabilized_step(desired, stabilized)));
            steps.push((StepName::RateLimited, limited_step(limited)));
        }
        let binding = self.binding_step();
        steps
            .into_iter()
            .map(|(name, (detail, value))| Step {
                name,
                detail,
                value,
                binding: name == binding,
            })
            .collect()
    }

    /// The metric that won, or why none did.
    pub fn evidence(&self) -> String {
        match self.course {
            Course::ByMetrics { metric, .. } => self
                .metric(metric)
                .map(ToString::to_string)
                .unwrap_or_default(),
            Course::Failed => {
                let failed = self
                    .metrics
                    .iter()
                    .filter(|record| matches!(record.outcome, Outcome::Failed(_)));
                join(failed.map(ToString::to_string), ", ")
            }
            Course::Disabled | Course::AboveMaximum { .. } | Course::BelowMinimum { .. } => {
                self.short_cut()
            }
        }
    }

    fn binding_step(&self) -> StepName {
        match self.rule() {
            HpaRule::ScaleUpWindow | HpaRule::ScaleDownWindow => StepName::Stabilized,
            HpaRule::ScaleUpLimit | HpaRule::ScaleDownLimit => StepName::RateLimited,
            HpaRule::Minimum | HpaRule::Maximum
                if matches!(self.course, Course::ByMetrics { .. }) =>
            {
                StepName::RateLimited
            }
            HpaRule::IncompleteMetric => StepName::Proposals,
            HpaRule::FailedMetric if !self.metrics.is_empty() => StepName::Proposals,
            _ => StepName::Winner,
        }
    }

    fn proposals_step(&self) -> (String, String) {
        let nodes = |record: &MetricRecord| match record.outcome {
            Outcome::Proposed { replicas, .. } => replicas.to_string(),
            Outcome::Failed(_) => String::from("none"),
        };
        let detail = self
            .metrics
            .iter()
            .map(|record| format!("{record} → {}", nodes(record)));
        (
            join(detail, " · "),
            join(self.metrics.iter().map(nodes), " · "),
        )
    }

    fn winner_step(&self) -> (String, String) {
        let Course::ByMetrics {
            metric, desired, ..
        } = self.course
        else {
            return (self.short_cut(), self.nodes.to_string());
        };
        let detail = match self.basis(metric) {
            Some(Basis::Tolerated) => "within the tolerance: no change",
            Some(Basis::FilledInHolds) => "nodes without a usable sample speak against a change",
            Some(Basis::FilledIn) => "in proportion, with nodes without a usable sample filled in",
            Some(Basis::Total) => "the total over the target",
            Some(Basis::Proportional) | None => "in proportion to the target",
        };
        let detail = if self.metrics.len() > 1 {
            format!("the largest proposal, of metric {metric}: {detail}")
        } else {
            String::from(detail)
        };
        (detail, desired.to_string())
    }

    /// Why no metric decided.
    fn short_cut(&self) -> String {
        match self.course {
            Course::Disabled => String::from("no nodes, and a minimum above zero: switched off"),
            Course::AboveMaximum { max } => format!("above the maximum of {max}"),
            Course::BelowMinimum { min } => format!("below the minimum of {min}"),
            Course::Failed | Course::ByMetrics { .. } => {
                String::from("a metric failed that might want more: no change")
            }
        }
    }
}

fn stabilized_step(desired: i32, stabilized: i32) -> (String, String) {
    let detail = match stabilized.cmp(&desired) {
        Ordering::Greater => "recent recommendations were higher",
        Ordering::Less => "recent recommendations were lower",
        Ordering::Equal => "no recent recommendation holds it back",
    };
    (String::from(detail), stabilized.to_string())
}

fn limited_step(limited: Limited) -> (String, String) {
    let detail = match (limited.reason, limited.rate_limit) {
        (LimitReason::ScaleUpLimit | LimitReason::ScaleDownLimit, Some(limit)) => {
            format!("{}: not beyond {limit}", limited.reason.message())
        }
        (reason, _) => String::from(reason.message()),
    };
    (detail, limited.replicas.to_string())
}

impl fmt::Display for MetricRecord {
    /// What was measured against what is wanted: `cpu 91 % of 80 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.metric {
            HpaMetric::Utilization { resource, .. }
            | HpaMetric::ResourceAverage { resource, .. } => f.write_str(resource.as_str())?,
            HpaMetric::NodeAverage { name, .. }
            | HpaMetric::FleetValue { name, .. }
            | HpaMetric::FleetAverage { name, .. } => name.fmt(f)?,
        }
        let target = self.metric.target();
        match self.outcome {
            Outcome::Failed(error) => return write!(f, ": {error}"),
            Outcome::Proposed { usage, .. } => match usage {
                Usage::Utilization { percent, .. } => write!(f, " {percent} % of {target} %")?,
                Usage::Average(average) => {
                    write!(f, " {} of {} per node", Milli(average), Milli(target))?;
                }
                Usage::Total(total) => write!(f, " {} of {}", Milli(total), Milli(target))?,
            },
        }
        for (nodes, what) in [
            (self.pods.unready, "unready"),
            (self.pods.missing, "missing"),
        ] {
            if nodes > 0 {
                write!(f, ", {nodes} {what}")?;
            }
        }
        Ok(())
    }
}

/// Thousandths as a decimal number, without zeros at the end: `2.5`.
struct Milli(i64);

impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{rest:03}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}
