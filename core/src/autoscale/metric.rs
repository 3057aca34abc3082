//! What is known about one quantity of one node.
//!
//! The naive metric is a number, with zero standing in for "no answer". Then a node whose
//! exporter died looks idle and the fleet shrinks under full load. Absent, stale and zero are
//! therefore different variants, and only a fresh value takes part in a decision.
//!
//! Values are whole thousandths (milli-units) in an `i64`. A float would differ between two
//! platforms in its last bit, and an unsigned number cannot hold what some exporters report.

use alloc::borrow::Borrow;
use alloc::string::String;
use core::fmt;

use crate::Micros;

/// One quantity of one node, as known at the time of the observation.
///
/// The unit is that of the [`Resource`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Metric {
    /// The node never reported it.
    #[default]
    Absent,
    /// The last report is too old to act on.
    Stale {
        /// What the node reported then.
        value: i64,
        /// How old the report is.
        age: Micros,
    },
    /// A report that is young enough. Zero here means zero.
    Fresh(i64),
}

impl Metric {
    /// A report of `value` that is `age` old: stale once it is older than `max_age`.
    pub const fn reported(value: i64, age: Micros, max_age: Micros) -> Self {
        if age.0 > max_age.0 {
            Self::Stale { value, age }
        } else {
            Self::Fresh(value)
        }
    }

    /// The value if it may be acted on.
    pub const fn fresh(self) -> Option<i64> {
        match self {
            Self::Fresh(value) => Some(value),
            Self::Absent | Self::Stale { .. } => None,
        }
    }

    /// The same value, too old to act on.
    #[must_use]
    pub(super) const fn distrusted(self) -> Self {
        match self {
            Self::Fresh(value) => Self::Stale {
                value,
                age: Micros::ZERO,
            },
            other => other,
        }
    }

    /// The same quality with another value; what is absent stays absent.
    #[must_use]
    pub fn map(self, change: impl FnOnce(i64) -> i64) -> Self {
        match self {
            Self::Absent => Self::Absent,
            Self::Stale { value, age } => Self::Stale {
                value: change(value),
                age,
            },
            Self::Fresh(value) => Self::Fresh(change(value)),
        }
    }
}

/// The quantities that a node reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Resource {
    /// Processor time in use, per mille of one node.
    Cpu,
    /// Memory in use, per mille of one node.
    Memory,
    /// Requests that wait on a node, in thousandths.
    Queue,
}

impl Resource {
    /// Every resource, in the order in which the rules look at them.
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Memory, Self::Queue];

    /// What a level of this resource measures.
    pub(super) const fn quantity(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Queue => "queue per node",
        }
    }

    /// `value` with the unit of this resource: `91.0 %`, `148`.
    pub(super) const fn amount(self, value: i64) -> Amount {
        Amount {
            resource: self,
            value,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Queue => "queue",
        })
    }
}

/// A value together with the resource that gives it its unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    resource: Resource,
    value: i64,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.resource {
            Resource::Cpu | Resource::Memory => {
                let sign = if self.value < 0 { "-" } else { "" };
                let tenths = self.value.unsigned_abs();
                write!(f, "{sign}{}.{} %", tenths / 10, tenths % 10)
            }
            Resource::Queue => write!(f, "{}", self.value),
        }
    }
}

/// The name of a quantity beyond the three [`Resource`]s: `requests_per_second`, `served`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct MetricName(
    /// Not empty, at most [`MetricName::MAX_LENGTH`] bytes, of letters, digits and `_./-` only.
    String,
);

impl MetricName {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 63;

    /// The name `name`.
    pub fn new(name: impl Into<String>) -> Result<Self, MetricNameError> {
        let name = name.into();
        let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./-".contains(byte);
        if name.is_empty() {
            return Err(MetricNameError::Empty);
        }
        if name.len() > Self::MAX_LENGTH {
            return Err(MetricNameError::TooLong { length: name.len() });
        }
        match name.bytes().position(|byte| !is_allowed(&byte)) {
            Some(at) => Err(MetricNameError::Forbidden { name, at }),
            None => Ok(Self(name)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MetricName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for MetricName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MetricName {
    type Error = MetricNameError;
    fn try_from(name: String) -> Result<Self, MetricNameError> {
        Self::new(name)
    }
}

impl From<MetricName> for String {
    fn from(name: MetricName) -> Self {
        name.0
    }
}

/// Why a text is not the name of a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricNameError {
    /// It has no characters.
    Empty,
    /// It is longer than [`MetricName::MAX_LENGTH`].
    TooLong {
        /// How long it is, in bytes.
        length: usize,
    },
    /// It has a character that names do not have.
    Forbidden {
        /// The text.
        name: String,
        /// Where the character is, in bytes.
        at: usize,
    },
}

impl fmt::Display for MetricNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the name of a metric must not be empty"),
            Self::TooLong { length } => write!(
                f,
                "the name of a metric has {length} bytes, at most {} are allowed",
                MetricName::MAX_LENGTH
            ),
            Self::Forbidden { name, at } => write!(
                f,
                "the name `{name}` of a metric has a character at byte {at} that is none of \
                 letters, digits and `_./-`"
            ),
        }
    }
}

impl core::error::Error for MetricNameError {}
