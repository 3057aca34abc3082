//! The bodies of the calls, field by field as in the API references.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub(super) auto_scaling_group: Group,
    pub(super) scaling_policies: Vec<StepPolicy>,
    pub(super) metric_alarms: Vec<MetricAlarm>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Group {
    pub(super) auto_scaling_group_name: String,
    pub(super) min_size: u32,
    pub(super) max_size: u32,
    pub(super) default_cooldown: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StepPolicy {
    pub(super) auto_scaling_group_name: String,
    pub(super) policy_name: String,
    pub(super) policy_type: &'static str,
    pub(super) adjustment_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_adjustment_magnitude: Option<u32>,
    pub(super) metric_aggregation_type: &'static str,
    pub(super) estimated_instance_warmup: u64,
    pub(super) step_adjustments: Vec<StepAdjustment>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StepAdjustment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metric_interval_lower_bound: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metric_interval_upper_bound: Option<f64>,
    pub(super) scaling_adjustment: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricAlarm {
    pub(super) alarm_name: String,
    pub(super) alarm_description: String,
    pub(super) comparison_operator: &'static str,
    pub(super) threshold: f64,
    pub(super) evaluation_periods: u64,
    pub(super) treat_missing_data: &'static str,
    pub(super) metrics: Vec<MetricQuery>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricQuery {
    pub(super) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metric_stat: Option<MetricStat>,
    pub(super) return_data: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricStat {
    pub(super) metric: PublishedMetric,
    pub(super) period: u32,
    pub(super) stat: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PublishedMetric {
    pub(super) namespace: &'static str,
    pub(super) metric_name: String,
    pub(super) dimensions: Vec<Dimension>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Dimension {
    pub(super) name: &'static str,
    pub(super) value: String,
}
