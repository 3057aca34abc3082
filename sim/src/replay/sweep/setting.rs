//! A setting by its name, and the values that are tried.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most values of one setting.
pub(super) const MAX_VALUES: u64 = 10_000;

/// A setting of a policy and the values that are tried.
///
/// As text: `/strategy/cover=500,1000,2000`, `/strategy/cover=500..2000/250` (from, to, step) or
/// `/strategy/metrics/0/resource=cpu,memory`; a list that needs commas within its values is a JSON array.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// A JSON pointer into the policy: `/strategy/cover`.
    pub path: String,
    /// What is tried.
    pub values: Values,
}

/// The values that are tried for one setting, in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// These.
    List(Vec<Value>),
    /// Whole numbers in equal steps.
    Range {
        /// The first one.
        from: i64,
        /// None is larger.
        to: i64,
        /// From one to the next; more than zero.
        step: i64,
    },
}

impl Values {
    /// How many there are; zero if a range has no step or is the wrong way round.
    pub fn count(&self) -> u64 {
        match *self {
            Self::List(ref values) => values.len() as u64,
            Self::Range { from, to, step } if step > 0 && from <= to => {
                to.abs_diff(from) / step.unsigned_abs() + 1
            }
            Self::Range { .. } => 0,
        }
    }

    /// The value at `index`, which is below [`Values::count`].
    pub(super) fn get(&self, index: u64) -> Value {
        match *self {
            Self::List(ref values) => {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                values.get(index).cloned().unwrap_or(Value::Null)
            }
            Self::Range { from, step, .. } => {
                Value::from(from.saturating_add_unsigned(index.saturating_mul(step.unsigned_abs())))
            }
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.values {
            Values::List(values) => write!(f, "{}={}", self.path, Value::from(values.clone())),
            Values::Range { from, to, step } => write!(f, "{}={from}..{to}/{step}", self.path),
        }
    }
}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let fault = |expected| SettingError {
            text: text.to_owned(),
            expected,
        };
        let (path, values) = text
            .split_once('=')
            .ok_or_else(|| fault("PATH=VALUES, such as /strategy/cover=500,1000"))?;
        if !path.starts_with('/') {
            return Err(fault("a path that begins with /, such as /strategy/cover"));
        }
        let values = match range(values) {
            Some(range) => range.map_err(fault)?,
            None if values.starts_with('[') => Values::List(
                serde_json::from_str(values).map_err(|_| fault("a list of values in JSON"))?,
            ),
            None => Values::List(values.split(',').map(value).collect()),
        };
        let path = path.to_owned();
        Ok(Self { path, values })
    }
}

/// `None` if it is no range at all; what is expected if it is a bad one.
fn range(text: &str) -> Option<Result<Values, &'static str>> {
    let (from, rest) = text.split_once("..")?;
    let (to, step) = rest.split_once('/').unwrap_or((rest, "1"));
    let number = |text: &str| {
        let number = text.trim().parse::<i64>();
        number.map_err(|_| "FROM..TO/STEP in whole numbers")
    };
    let range = || {
        Ok(Values::Range {
            from: number(from)?,
            to: number(to)?,
            step: number(step)?,
        })
    };
    Some(range())
}

/// JSON where it is JSON, otherwise a word.
fn value(text: &str) -> Value {
    let text = text.trim();
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
}

/// A text that names no setting and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    text: String,
    expected: &'static str,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.text, self.expected)
    }
}

impl std::error::Error for SettingError {}
