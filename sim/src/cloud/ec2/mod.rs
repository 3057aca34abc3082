//! Step policies of EC2 Auto Scaling.
//!
//! The document has the bodies of three calls: `update-auto-scaling-group`, `put-scaling-policy`
//! once per policy and `put-metric-alarm` once per alarm. An alarm starts a policy by an ARN that
//! is known only after the policy was made, so the alarms come without actions, and each names its
//! policy.
//!
//! Source: the API references of Amazon EC2 Auto Scaling (`PutScalingPolicy`, `StepAdjustment`)
//! and of Amazon `CloudWatch` (`PutMetricAlarm`).

mod document;
mod step_scaling;

use quorate::Micros;
use quorate::autoscale::{Policy, Strategy};

use self::document::{
    Dimension, Document, Group, MetricAlarm, MetricQuery, MetricStat, PublishedMetric,
    StepAdjustment, StepPolicy,
};
use super::sketch::{Band, Ladder, Signal, Sketch, Source, Unit};
use super::{Exported, Note, guards};

/// The namespace under which metrics are looked for that are not Amazon's own.
const NAMESPACE: &str = "Quorate";

/// The step policies that act most like `policy`, for the group `group` whose instances take
/// `warm_up` to serve.
pub fn export(policy: &Policy, group: &str, warm_up: Micros) -> Exported {
    let mut writer = Writer {
        group,
        warm_up,
        document: Document {
            auto_scaling_group: Group {
                auto_scaling_group_name: group.to_owned(),
                min_size: policy.bounds().min_nodes(),
                max_size: policy.bounds().max_nodes(),
                default_cooldown: 0,
            },
            scaling_policies: Vec::new(),
            metric_alarms: Vec::new(),
        },
    };
    let mut notes = if let Strategy::StepScaling(steps) = policy.strategy() {
        let mut notes = guards::beyond_bounds(policy.guards());
        writer.step_scaling(steps.settings(), &mut notes);
        notes
    } else {
        let mut sketch = Sketch::of(policy);
        let mut notes = std::mem::take(&mut sketch.notes);
        writer.document.auto_scaling_group.default_cooldown = sketch.down_pause.as_secs();
        writer.additions(&sketch);
        writer.removals(&sketch, &mut notes);
        notes
    };
    writer.sources(&mut notes);
    notes.push(Note::new(
        "MetricAlarms",
        "add the ARN of the policy that each alarm names to its AlarmActions",
    ));
    let text = serde_json::to_string_pretty(&writer.document).expect("plain data has a JSON form");
    Exported { text, notes }
}

struct Writer<'a> {
    group: &'a str,
    warm_up: Micros,
    document: Document,
}

impl Writer<'_> {
    /// Notes which metrics somebody has to deliver.
    fn sources(&self, notes: &mut Vec<Note>) {
        let queries = self
            .document
            .metric_alarms
            .iter()
            .flat_map(|alarm| &alarm.metrics);
        let mut told = Vec::new();
        for MetricStat { metric, .. } in queries.filter_map(|query| query.metric_stat.as_ref()) {
            let name = metric.metric_name.as_str();
            let words = match metric.namespace {
                NAMESPACE => format!(
                    "must be published as {name} in the namespace {NAMESPACE}, per node if it is one \
                     of nodes"
                ),
                "CWAgent" => "needs the CloudWatch agent".into(),
                _ => continue,
            };
            if !told.contains(&name) {
                told.push(name);
                notes.push(Note::new(format!("metric {name}"), words));
            }
        }
    }

    /// One policy and one alarm per signal: whichever is high adds nodes, the largest answer wins.
    fn additions(&mut self, sketch: &Sketch) {
        for signal in &sketch.signals {
            let Some(ladder) = &signal.up else { continue };
            let name = format!("{}-{}-out", self.group, signal.source.name());
            let unit = Unitless::of(&signal.source);
            let steps = ladder.bands.iter().map(|band| StepAdjustment {
                metric_interval_lower_bound: Some(unit.value(band.from)),
                metric_interval_upper_bound: band.to.map(|to| unit.value(to)),
                scaling_adjustment: i64::from(band.by),
            });
            self.policy(&name, ladder, steps.collect(), self.warm_up);
            let alarm = MetricAlarm {
                alarm_description: format!("starts the policy {name}"),
                alarm_name: name,
                comparison_operator: "GreaterThanOrEqualToThreshold",
                threshold: unit.value(ladder.threshold),
                evaluation_periods: minutes(sketch.up_pause),
                treat_missing_data: "missing",
                metrics: vec![self.query(&signal.source, true)],
            };
            self.document.metric_alarms.push(alarm);
        }
    }

    /// One policy for all signals, since all must be low.
    fn removals(&mut self, sketch: &Sketch, notes: &mut Vec<Note>) {
        let low: Vec<_> = sketch
            .signals
            .iter()
            .filter_map(|signal| Some((signal, signal.down.as_ref()?)))
            .collect();
        let name = format!("{}-in", self.group);
        let (operator, threshold, steps, metrics, ladder) = match low[..] {
            [] => return,
            [(signal, ladder)] => {
                let unit = Unitless::of(&signal.source);
                let steps: Vec<_> = ladder
                    .bands
                    .iter()
                    .map(|band| removal(band, ladder.unit, &unit))
                    .collect();
                let metrics = vec![self.query(&signal.source, true)];
                let threshold = unit.value(ladder.threshold);
                (
                    "LessThanOrEqualToThreshold",
                    threshold,
                    steps,
                    metrics,
                    ladder,
                )
            }
            [(_, ladder), ..] => {
                if low.iter().any(|(_, ladder)| ladder.bands.len() > 1) {
                    notes.push(Note::new(
                        "ScalingPolicies",
                        "with several metrics the removal has one step only, the smallest",
                    ));
                }
                let by = low
                    .iter()
                    .filter_map(|(_, ladder)| Some(ladder.bands.first()?.by))
                    .min();
                let steps = vec![StepAdjustment {
                    metric_interval_lower_bound: Some(0.0),
                    metric_interval_upper_bound: None,
                    scaling_adjustment: ladder.unit.removed(by.unwrap_or(1)),
                }];
                (
                    "GreaterThanOrEqualToThreshold",
                    1.0,
                    steps,
                    self.all_low(&low),
                    ladder,
                )
            }
        };
        self.policy(&name, ladder, steps, Micros::ZERO);
        self.document.metric_alarms.push(MetricAlarm {
            alarm_description: format!("starts the policy {name}"),
            alarm_name: name,
            comparison_operator: operator,
            threshold,
            evaluation_periods: minutes(sketch.down_pause),
            treat_missing_data: "missing",
            metrics,
        });
    }

    /// An expression that is 1 when every signal is low and 0 otherwise.
    fn all_low(&self, low: &[(&Signal, &Ladder)]) -> Vec<MetricQuery> {
        let mut queries: Vec<_> = low
            .iter()
            .map(|(signal, _)| self.query(&signal.source, false))
            .collect();
        let tests: Vec<_> = low
            .iter()
            .zip(&queries)
            .map(|((signal, ladder), query)| {
                let threshold = Unitless::of(&signal.source).value(ladder.threshold);
                format!("{} <= {threshold}", query.id)
            })
            .collect();
        queries.push(MetricQuery {
            id: "all_low".into(),
            expression: Some(format!("IF({}, 1, 0)", tests.join(" AND "))),
            metric_stat: None,
            return_data: true,
        });
        queries
    }

    fn policy(&mut self, name: &str, ladder: &Ladder, steps: Vec<StepAdjustment>, warm_up: Micros) {
        let (adjustment_type, min_adjustment_magnitude) = match ladder.unit {
            Unit::Nodes => ("ChangeInCapacity", None),
            Unit::Percent => ("PercentChangeInCapacity", Some(ladder.at_least)),
            Unit::Exact => ("ExactCapacity", None),
        };
        self.document.scaling_policies.push(StepPolicy {
            auto_scaling_group_name: self.group.to_owned(),
            policy_name: name.to_owned(),
            policy_type: "StepScaling",
            adjustment_type,
            min_adjustment_magnitude,
            metric_aggregation_type: "Average",
            estimated_instance_warmup: warm_up.as_secs(),
            step_adjustments: steps,
        });
    }

    fn query(&self, source: &Source, return_data: bool) -> MetricQuery {
        let (namespace, metric_name) = match source {
            Source::Cpu => ("AWS/EC2", "CPUUtilization"),
            Source::Memory => ("CWAgent", "mem_used_percent"),
            other => (NAMESPACE, other.name()),
        };
        MetricQuery {
            id: identifier(source.name()),
            expression: None,
            metric_stat: Some(MetricStat {
                metric: PublishedMetric {
                    namespace,
                    metric_name: metric_name.to_owned(),
                    dimensions: vec![Dimension {
                        name: "AutoScalingGroupName",
                        value: self.group.to_owned(),
                    }],
                },
                period: 60,
                stat: "Average",
            }),
            return_data,
        }
    }
}

/// A band below a threshold, as distances to it.
fn removal(band: &Band, kind: Unit, unit: &Unitless) -> StepAdjustment {
    StepAdjustment {
        metric_interval_lower_bound: band.to.map(|to| unit.value(-to)),
        metric_interval_upper_bound: Some(unit.value(-band.from)),
        scaling_adjustment: kind.removed(band.by),
    }
}

/// An id in an expression: a small letter, then letters, digits and underscores.
fn identifier(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    format!("m_{}", name.chars().map(plain).collect::<String>())
}

/// How many minutes an alarm must last.
fn minutes(pause: Micros) -> u64 {
    pause.as_secs().div_ceil(60).max(1)
}

/// How thousandths are written in the unit of the metric.
pub(super) struct Unitless {
    per_unit: f64,
}

impl Unitless {
    /// Percent for what is measured per mille of a node, wholes for the rest.
    pub(super) const fn of(source: &Source) -> Self {
        let per_unit = match source {
            Source::Cpu | Source::Memory => 10.0,
            Source::Queue | Source::PerNode(_) | Source::Fleet(_) => 1_000.0,
        };
        Self { per_unit }
    }

    /// `milli` in that unit. Zero has no sign.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a threshold has far fewer than 53 bits"
    )]
    pub(super) fn value(&self, milli: i64) -> f64 {
        milli as f64 / self.per_unit
    }
}
