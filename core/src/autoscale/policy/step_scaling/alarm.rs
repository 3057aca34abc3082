//! The alarm that invokes a policy: a comparison that must hold for some periods.

/// On which side of the threshold the alarm goes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Comparison {
    /// `GreaterThanOrEqualToThreshold`.
    AtOrAbove,
    /// `GreaterThanThreshold`.
    Above,
    /// `LessThanOrEqualToThreshold`.
    AtOrBelow,
    /// `LessThanThreshold`.
    Below,
}

/// When a policy is invoked. Values are thousandths of the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Alarm {
    /// What the metric is compared with.
    pub threshold: i64,
    /// How.
    pub comparison: Comparison,
    /// How many evaluations in a row must breach; zero counts as one.
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub evaluation_periods: u32,
}

/// What an alarm remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct AlarmState {
    /// How many evaluations in a row have breached; stops counting when it is enough.
    breaches: u32,
}

impl AlarmState {
    /// How many evaluations in a row have breached.
    pub const fn breaches(&self) -> u32 {
        self.breaches
    }
}

impl Alarm {
    /// True if `metric` breaches.
    pub const fn is_breached_by(&self, metric: i64) -> bool {
        match self.comparison {
            Comparison::AtOrAbove => metric >= self.threshold,
            Comparison::Above => metric > self.threshold,
            Comparison::AtOrBelow => metric <= self.threshold,
            Comparison::Below => metric < self.threshold,
        }
    }

    /// How far `metric` lies above the threshold; negative below it.
    pub const fn breach(&self, metric: i64) -> i64 {
        metric.saturating_sub(self.threshold)
    }

    /// Counts one evaluation and returns whether the alarm is on. Without a metric there is not
    /// enough data, and the count begins anew.
    pub fn observe(&self, state: &mut AlarmState, metric: Option<i64>) -> bool {
        let needed = self.evaluation_periods.max(1);
        state.breaches = match metric {
            Some(metric) if self.is_breached_by(metric) => (state.breaches + 1).min(needed),
            _ => 0,
        };
        state.breaches >= needed
    }
}

#[cfg(feature = "serde")]
const fn one() -> u32 {
    1
}
