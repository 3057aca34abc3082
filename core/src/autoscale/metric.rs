//! What is known about one quantity of one node.
//!
//! The naive metric is a number, with zero standing in for "no answer". Then a node whose
//! exporter died looks idle and the fleet shrinks under full load. Absent, stale and zero are
//! therefore different variants, and only a fresh value takes part in a decision.

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
        value: u64,
        /// How old the report is.
        age: Micros,
    },
    /// A report that is young enough. Zero here means zero.
    Fresh(u64),
}

impl Metric {
    /// A report of `value` that is `age` old: stale once it is older than `max_age`.
    pub const fn reported(value: u64, age: Micros, max_age: Micros) -> Self {
        if age.0 > max_age.0 {
            Self::Stale { value, age }
        } else {
            Self::Fresh(value)
        }
    }

    /// The value if it may be acted on.
    pub const fn fresh(self) -> Option<u64> {
        match self {
            Self::Fresh(value) => Some(value),
            Self::Absent | Self::Stale { .. } => None,
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
    /// Requests that wait on a node.
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
    pub(super) const fn amount(self, value: u64) -> Amount {
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
    value: u64,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.resource {
            Resource::Cpu | Resource::Memory => {
                write!(f, "{}.{} %", self.value / 10, self.value % 10)
            }
            Resource::Queue => write!(f, "{}", self.value),
        }
    }
}
