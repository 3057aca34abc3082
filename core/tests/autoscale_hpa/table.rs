//! Reading the rows of the tables in `vectors/`.
//!
//! The rows state facts about the behaviour of Kubernetes (Apache-2.0); each file names the
//! repository, path and commit that they were taken from.

use quorate::Micros;
use quorate::autoscale::hpa::{
    Behavior, ConditionStatus, EventLog, Phase, Pod, Readiness, Recommendation, RecommendationLog,
    ReplicaBounds, Sample, ScaleEvent, ScalingPolicy, ScalingPolicyKind, ScalingRules,
    SelectPolicy, Tolerance,
};
use serde_json::Value;

/// Late enough that every age in the tables lies in the past.
pub(crate) const NOW: Micros = Micros::from_secs(1_000_000);

/// Runs `check` on the input and the expectation of every row of `table`.
pub(crate) fn for_each_row(table: &str, check: impl Fn(&Row<'_>, &Row<'_>)) {
    let table: Value = serde_json::from_str(table).unwrap();
    let cases = table["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let name = format!("{} {}", case["id"], case["name"]);
        let row = |value| Row { name: &name, value };
        check(&row(&case["input"]), &row(&case["expect"]));
    }
}

/// A part of a row, with the name of the row for messages.
pub(crate) struct Row<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a Value,
}

impl<'a> Row<'a> {
    pub(crate) fn at(&self, key: &str) -> Row<'a> {
        Row {
            name: self.name,
            value: &self.value[key],
        }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'a>> + use<'a, '_> {
        let items = self.value.as_array().map_or(&[][..], Vec::as_slice);
        items.iter().map(|value| Row {
            name: self.name,
            value,
        })
    }

    pub(crate) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(crate) fn integer(&self) -> Option<i64> {
        self.value.as_i64()
    }

    pub(crate) fn count(&self) -> i32 {
        let count = self.integer().and_then(|count| i32::try_from(count).ok());
        count.unwrap_or_else(|| panic!("{}: not a count: {}", self.name, self.value))
    }

    pub(crate) fn float(&self) -> f64 {
        let float = self.value.as_f64();
        float.unwrap_or_else(|| panic!("{}: not a number: {}", self.name, self.value))
    }

    pub(crate) fn text(&self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    pub(crate) fn flag(&self) -> bool {
        self.value.as_bool().unwrap_or_default()
    }

    pub(crate) fn span(&self) -> Micros {
        Micros::from_secs(u64::try_from(self.integer().unwrap()).unwrap())
    }

    /// The moment that is as long ago as this says; the start of time if it says nothing.
    pub(crate) fn ago(&self) -> Micros {
        self.integer()
            .map_or(Micros::ZERO, |_| NOW.since(self.span()))
    }

    pub(crate) fn tolerance(&self) -> Tolerance {
        let down = self.at("tolerance_down").float();
        Tolerance::new(down, self.at("tolerance_up").float()).unwrap()
    }

    pub(crate) fn bounds(&self) -> ReplicaBounds {
        ReplicaBounds {
            min: self.at("min").count(),
            max: self.at("max").count(),
        }
    }

    fn phase(&self) -> Phase {
        match self.at("phase").text() {
            "Pending" => Phase::Pending,
            "Succeeded" => Phase::Succeeded,
            "Failed" => Phase::Failed,
            _ => Phase::Running,
        }
    }

    /// A pod of the classification table: its times are stated.
    pub(crate) fn timed_pod(&self) -> Pod {
        let status = match self.at("ready").value {
            Value::Bool(true) => Some(ConditionStatus::True),
            Value::Bool(false) => Some(ConditionStatus::False),
            _ => None,
        };
        let metric = self.at("metric");
        Pod {
            phase: self.phase(),
            deleting: self.at("deleting").flag(),
            started_at: self.at("age_s").integer().map(|_| self.at("age_s").ago()),
            readiness: status.map(|status| Readiness {
                status,
                changed_at: self.at("ready_changed_age_s").ago(),
            }),
            request: None,
            sample: (!metric.is_null()).then(|| Sample {
                value: metric.at("value").integer().unwrap(),
                at: metric.at("age_s").ago(),
                window: metric.at("window_s").span(),
            }),
        }
    }

    /// A pod of the other tables: whether it is young and ready is stated, its times follow.
    pub(crate) fn plain_pod(&self) -> Pod {
        let young = self.at("young").flag();
        let started_at = NOW.since(Micros::from_secs(if young { 60 } else { 3600 }));
        let usage = ["usage_m", "value_m"].map(|key| self.at(key).integer());
        Pod {
            phase: self.phase(),
            deleting: self.at("deleting").flag(),
            started_at: Some(started_at),
            readiness: Some(Readiness {
                status: if self.at("ready").flag() {
                    ConditionStatus::True
                } else {
                    ConditionStatus::False
                },
                changed_at: started_at,
            }),
            request: self.at("request_m").integer(),
            sample: usage[0].or(usage[1]).map(|value| Sample {
                value,
                at: NOW,
                // A young pod was not yet ready at the start of its window.
                window: Micros::from_secs(if young { 120 } else { 30 }),
            }),
        }
    }

    pub(crate) fn rules(&self) -> ScalingRules {
        ScalingRules {
            stabilization_window: if self.at("stabilization_s").is_null() {
                Micros::from_secs(300)
            } else {
                self.at("stabilization_s").span()
            },
            select: match self.at("select").text() {
                "Max" => SelectPolicy::Max,
                "Min" => SelectPolicy::Min,
                "Disabled" => SelectPolicy::Disabled,
                other => panic!("{}: {other}", self.name),
            },
            policies: self.at("policies").rows().map(|row| row.policy()).collect(),
        }
    }

    fn policy(&self) -> ScalingPolicy {
        ScalingPolicy {
            kind: match self.at("type").text() {
                "Pods" => ScalingPolicyKind::Pods,
                "Percent" => ScalingPolicyKind::Percent,
                other => panic!("{}: {other}", self.name),
            },
            value: self.at("value").count(),
            period: self.at("period_s").span(),
        }
    }

    pub(crate) fn behavior(&self) -> Behavior {
        Behavior {
            scale_up: self.at("up_rules").rules(),
            scale_down: self.at("down_rules").rules(),
        }
    }

    pub(crate) fn events(&self) -> EventLog {
        let event = |row: Row<'_>| ScaleEvent {
            change: row.at("change").count(),
            at: row.at("age_s").ago(),
            outdated: row.at("outdated").flag(),
        };
        EventLog::new(self.rows().map(event).collect())
    }

    pub(crate) fn recommendations(&self) -> RecommendationLog {
        let entry = |row: Row<'_>| Recommendation {
            replicas: row.at("replicas").count(),
            at: row.at("age_s").ago(),
        };
        RecommendationLog::new(self.rows().map(entry).collect())
    }
}
