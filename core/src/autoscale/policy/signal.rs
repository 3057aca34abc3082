//! Which quantity of a fleet a strategy follows, and what is known of it.
//!
//! The systems that are copied here follow whatever a query returns. A query can divide by the
//! wrong number of nodes, or answer zero for a source that is down. A signal is named once, is
//! always known together with the nodes that it speaks for, and is missing rather than zero.

use core::fmt;

use super::Input;
use crate::autoscale::{Fleet, Level, Metric, MetricName, NodeState, Observation, Resource};

/// The fleet's metric of the work that was served.
const SERVED: &str = "served";
/// The fleet's metric of the work that waits.
const BACKLOG: &str = "backlog";

/// A quantity, in thousandths of its unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Signal {
    /// Processor time in use; 1,000 is one node.
    #[default]
    Cpu,
    /// Memory in use; 1,000 is one node.
    Memory,
    /// Requests that wait.
    Queue,
    /// Work that is served and work that waits, in nodes: the fleet's metrics `served` and
    /// `backlog`. Where nobody measures `served`, processor time takes its place.
    Work,
    /// A quantity that every node reports.
    Node(MetricName),
    /// A quantity of the fleet as a whole.
    Fleet(MetricName),
}

impl Signal {
    /// True if only nodes know it.
    pub const fn needs_a_node(&self) -> bool {
        !matches!(self, Self::Fleet(_) | Self::Work)
    }

    /// True if a fleet without nodes could be woken by it: somebody measures it elsewhere.
    pub(in crate::autoscale) fn outlives_nodes(&self, observation: &Observation) -> bool {
        let is_measured = |name| observation.metric(name) != Metric::Absent;
        match self {
            Self::Fleet(name) => is_measured(name.as_str()),
            Self::Work => is_measured(SERVED) || is_measured(BACKLOG),
            _ => false,
        }
    }

    /// What a query for it would return: a quantity of the fleet as it is, any other per ready node.
    pub(in crate::autoscale) const fn measured(&self, seen: &Seen) -> i64 {
        match self {
            Self::Fleet(_) => seen.total,
            _ => seen.average,
        }
    }

    /// What is known of it; `None` if nothing is. O(1), O(n) for a quantity that nodes report.
    pub(in crate::autoscale) fn read(&self, input: &Input<'_>) -> Option<Seen> {
        let fleet = input.fleet;
        match self {
            Self::Cpu => average(fleet.cpu, fleet),
            Self::Memory => average(fleet.memory, fleet),
            Self::Queue => {
                let nodes = i64::from(fleet.queue_nodes.max(1));
                average(
                    fleet.queue_total.map(|total| total.div_euclid(nodes)),
                    fleet,
                )
            }
            Self::Work => work(input),
            Self::Node(name) => reported(input, name),
            Self::Fleet(name) => whole(input.observation.metric(name.as_str()), fleet),
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => Resource::Cpu.fmt(f),
            Self::Memory => Resource::Memory.fmt(f),
            Self::Queue => Resource::Queue.fmt(f),
            Self::Work => f.write_str("work"),
            Self::Node(name) | Self::Fleet(name) => name.fmt(f),
        }
    }
}

/// What is known of a signal, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Seen {
    /// Per ready node.
    pub average: i64,
    /// Of all ready nodes; those that are silent are taken for their like.
    pub total: i64,
    /// False if some ready nodes are silent.
    pub is_complete: bool,
}

fn average(level: Level, fleet: &Fleet) -> Option<Seen> {
    let average = level.value()?;
    Some(Seen {
        average,
        total: average.saturating_mul(i64::from(fleet.ready)),
        is_complete: matches!(level, Level::Complete(_)),
    })
}

fn whole(metric: Metric, fleet: &Fleet) -> Option<Seen> {
    let total = metric.fresh()?;
    Some(Seen {
        average: total.div_euclid(i64::from(fleet.ready.max(1))),
        total,
        is_complete: true,
    })
}

fn work(input: &Input<'_>) -> Option<Seen> {
    let fleet = input.fleet;
    let backlog = input.observation.metric(BACKLOG).fresh();
    let served = whole(input.observation.metric(SERVED), fleet)
        .or_else(|| average(fleet.cpu, fleet))
        // Where nobody serves, nothing is served, and what waits is all there is.
        .or_else(|| {
            whole(Metric::Fresh(0), fleet).filter(|_| fleet.ready == 0 && backlog.is_some())
        })?;
    let total = served.total.saturating_add(backlog.unwrap_or(0));
    Some(Seen {
        average: total.div_euclid(i64::from(fleet.ready.max(1))),
        total,
        is_complete: served.is_complete,
    })
}

fn reported(input: &Input<'_>, name: &MetricName) -> Option<Seen> {
    let (mut total, mut nodes) = (0_i128, 0_u32);
    for sample in input.observation.nodes() {
        if sample.state == NodeState::Ready
            && let Some(value) = sample.custom(name.as_str()).fresh()
        {
            total += i128::from(value) * i128::from(sample.count);
            nodes = nodes.saturating_add(sample.count);
        }
    }
    if nodes == 0 {
        return None;
    }
    // The mean of numbers of 64 bits has 64 bits.
    let mean = match i64::try_from(total) {
        Ok(total) => total.div_euclid(i64::from(nodes)),
        Err(_) => i64::try_from(total.div_euclid(i128::from(nodes))).unwrap_or(i64::MAX),
    };
    let level = if nodes == input.fleet.ready {
        Level::Complete(mean)
    } else {
        Level::Partial(mean)
    };
    average(level, input.fleet)
}

/// Thousandths as a decimal number, without zeros at its end: `7.412`, `0.5`, `3`.
pub(in crate::autoscale) struct Milli(pub(in crate::autoscale) i64);

impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1_000, self.0.unsigned_abs() % 1_000);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            rest if rest % 100 == 0 => write!(f, "{sign}{whole}.{}", rest / 100),
            rest if rest % 10 == 0 => write!(f, "{sign}{whole}.{:02}", rest / 10),
            rest => write!(f, "{sign}{whole}.{rest:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::Milli;

    #[test]
    fn thousandths_are_written_without_zeros_at_the_end() {
        let written = [
            (0, "0"),
            (7_412, "7.412"),
            (500, "0.5"),
            (-20, "-0.02"),
            (3_000, "3"),
            (i64::MIN, "-9223372036854775.808"),
        ];
        for (milli, expected) in written {
            assert_eq!(Milli(milli).to_string(), expected);
        }
    }
}
