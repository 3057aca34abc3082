//! From a step to a capacity.

/// How a step is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum AdjustmentType {
    /// Added to the capacity; negative to remove.
    #[default]
    ChangeInCapacity,
    /// The capacity itself.
    ExactCapacity,
    /// A percentage of the capacity, added to it; negative to remove.
    PercentChangeInCapacity,
}

/// A step that can be applied to any capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adjustment {
    /// How `value` is meant.
    pub adjustment_type: AdjustmentType,
    /// The step.
    pub value: i64,
    /// The fewest instances that a percentage other than zero comes to.
    pub min_adjustment_magnitude: u32,
}

/// What an [`Adjustment`] makes of a capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Adjusted {
    /// The change before rounding, in thousandths of an instance.
    pub change_milli: i64,
    /// The change in instances.
    pub change: i64,
    /// The capacity afterwards; not below zero.
    pub capacity: u32,
}

impl Adjustment {
    /// Applies the step to `current`. O(1), saturating.
    pub fn apply(&self, current: u32) -> Adjusted {
        let exact = match self.adjustment_type {
            AdjustmentType::ChangeInCapacity => i128::from(self.value) * 1_000,
            AdjustmentType::ExactCapacity => (i128::from(self.value) - i128::from(current)) * 1_000,
            AdjustmentType::PercentChangeInCapacity => {
                // A hundredth of an instance times a percent: ten thousandths.
                i128::from(self.value) * i128::from(current) * 10
            }
        };
        let change_milli = i64::try_from(exact).unwrap_or(saturated(exact));
        let change = self.at_least(round_change(change_milli));
        let capacity = i64::from(current).saturating_add(change);
        Adjusted {
            change_milli,
            change,
            capacity: u32::try_from(capacity.max(0)).unwrap_or(u32::MAX),
        }
    }

    fn at_least(&self, change: i64) -> i64 {
        let least = i64::from(self.min_adjustment_magnitude);
        match self.adjustment_type {
            AdjustmentType::PercentChangeInCapacity if change.abs() < least => {
                self.value.signum() * least
            }
            _ => change,
        }
    }
}

/// Rounds a change in thousandths of an instance to instances, as documented: above 1 down,
/// between 0 and 1 to 1, and mirrored below zero. So a percentage always does something, and never
/// more than it says.
pub const fn round_change(milli: i64) -> i64 {
    let toward_zero = milli / 1_000;
    if toward_zero == 0 {
        milli.signum()
    } else {
        toward_zero
    }
}

const fn saturated(exact: i128) -> i64 {
    if exact < 0 { i64::MIN } else { i64::MAX }
}
