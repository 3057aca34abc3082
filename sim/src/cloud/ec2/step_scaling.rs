//! The policy that copies EC2 comes out as it is.

use quorate::autoscale::step_scaling::{
    AdjustmentType, Comparison, StepPolicy as Settings, StepScalingSettings,
};

use super::document::{MetricAlarm, StepAdjustment, StepPolicy};
use super::{Note, Source, Unitless, Writer};

impl Writer<'_> {
    /// One policy and one alarm for each of the settings.
    pub(super) fn step_scaling(&mut self, settings: &StepScalingSettings, notes: &mut Vec<Note>) {
        if settings.cooldown.as_secs() > 0 {
            notes.push(Note::new(
                "strategy.cooldown_micros",
                "step policies have no cooldown; it stands as the group's DefaultCooldown, which they \
                 ignore",
            ));
        }
        self.document.auto_scaling_group.default_cooldown = settings.cooldown.as_secs();
        for (index, policy) in settings.policies.iter().enumerate() {
            let path = format!("strategy.policies[{index}].signal");
            let source = Source::of(&policy.signal, &path, notes);
            let name = format!("{}-{index}-{}", self.group, source.name());
            let alarm = self.alarm(&name, policy, &source);
            self.document.scaling_policies.push(StepPolicy {
                auto_scaling_group_name: self.group.to_owned(),
                policy_name: name,
                policy_type: "StepScaling",
                adjustment_type: match policy.adjustment_type {
                    AdjustmentType::ChangeInCapacity => "ChangeInCapacity",
                    AdjustmentType::ExactCapacity => "ExactCapacity",
                    AdjustmentType::PercentChangeInCapacity => "PercentChangeInCapacity",
                },
                min_adjustment_magnitude: (policy.min_adjustment_magnitude > 0)
                    .then_some(policy.min_adjustment_magnitude),
                metric_aggregation_type: "Average",
                estimated_instance_warmup: settings.instance_warmup.as_secs(),
                step_adjustments: steps(policy, &Unitless::of(&source)),
            });
            self.document.metric_alarms.push(alarm);
        }
    }

    fn alarm(&self, name: &str, policy: &Settings, source: &Source) -> MetricAlarm {
        MetricAlarm {
            alarm_name: name.to_owned(),
            alarm_description: format!("starts the policy {name}"),
            comparison_operator: match policy.alarm.comparison {
                Comparison::AtOrAbove => "GreaterThanOrEqualToThreshold",
                Comparison::Above => "GreaterThanThreshold",
                Comparison::AtOrBelow => "LessThanOrEqualToThreshold",
                Comparison::Below => "LessThanThreshold",
            },
            threshold: Unitless::of(source).value(policy.alarm.threshold),
            evaluation_periods: u64::from(policy.alarm.evaluation_periods.max(1)),
            treat_missing_data: "missing",
            metrics: vec![self.query(source, true)],
        }
    }
}

fn steps(policy: &Settings, unit: &Unitless) -> Vec<StepAdjustment> {
    let bands = policy.bands.as_slice().iter();
    bands
        .map(|band| StepAdjustment {
            metric_interval_lower_bound: band.lower_bound.map(|bound| unit.value(bound)),
            metric_interval_upper_bound: band.upper_bound.map(|bound| unit.value(bound)),
            scaling_adjustment: band.adjustment,
        })
        .collect()
}
