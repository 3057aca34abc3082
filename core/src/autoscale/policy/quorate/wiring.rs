//! From an observation of a fleet to what the policy looks at.
//!
//! The policy thinks in work, a fleet reports utilizations and queue lengths. Work that was
//! served is the sum of the utilizations, or the fleet's own metric `served` where somebody
//! measures it; work that waits is the metric `backlog`, or the queues divided by what a node
//! does. Guessing the second from the first would make demand out of nothing, so without either
//! the queue is unknown and said to be.

use super::arithmetic::{scaled, signed};
use super::{Quorate, QuorateRecord, QuorateState, Tick};
use crate::Micros;
use crate::autoscale::policy::Input;
use crate::autoscale::{Executed, Fleet, Level, Observation, Rule};

/// The metric of the fleet with the work that was served in the interval, in milli-nodes: 1,000 is
/// what one node can do in the interval.
pub const SERVED: &str = "served";
/// The metric of the fleet with the work that waits, in milli-nodes.
pub const BACKLOG: &str = "backlog";

impl Quorate {
    /// Steps 1 to 11 for a fleet as it was seen. O(1) beyond what counting the fleet costs.
    pub(in crate::autoscale) fn evaluate_input(
        &self,
        state: &mut QuorateState,
        input: &Input<'_>,
    ) -> QuorateRecord {
        let fleet = input.fleet;
        let Some(served) = served(input.observation, fleet) else {
            return QuorateRecord::unseen(input.current, fleet.ready, input.now);
        };
        let tick = Tick {
            served_milli: served.milli,
            queue_milli: self
                .waiting(input.observation, fleet, input.interval)
                .filter(|_| input.rules.keep(Rule::QuorateQueueIsDemand)),
            ready: fleet.ready,
            current: input.current,
            interval: input.interval,
        };
        let mut record = self.evaluate_by(input.rules, state, &tick, input.now);
        if !input.rules.keep(Rule::QuorateRegretsWhatWasDone) {
            let change = Executed {
                from: input.current,
                to: record.nodes,
                at: input.now,
            };
            self.executed(state, change);
        }
        if !served.is_complete && input.rules.keep(Rule::QuorateSilenceRemovesNothing) {
            record.distrust();
        }
        record
    }

    /// The work that waits, in milli-nodes, if it is known of the whole fleet.
    fn waiting(&self, observation: &Observation, fleet: &Fleet, interval: Micros) -> Option<i64> {
        if let Some(backlog) = observation.metric(BACKLOG).fresh() {
            return Some(backlog);
        }
        let (Level::Complete(requests_milli), Some(per_second)) =
            (fleet.queue_total, self.settings().node_throughput)
        else {
            return None;
        };
        let per_interval = signed(interval)
            .saturating_mul(i64::from(per_second))
            .max(1);
        Some(scaled(requests_milli, 1_000_000, per_interval))
    }
}

/// Work that was served, in milli-nodes.
#[derive(Clone, Copy)]
struct Served {
    milli: i64,
    /// False if some ready nodes did not say how busy they were.
    is_complete: bool,
}

/// What the fleet served, if anybody said. Nodes that say nothing are taken for their like.
fn served(observation: &Observation, fleet: &Fleet) -> Option<Served> {
    if let Some(milli) = observation.metric(SERVED).fresh() {
        return Some(Served {
            milli,
            is_complete: true,
        });
    }
    match fleet.cpu_total {
        Level::Complete(milli) => Some(Served {
            milli,
            is_complete: true,
        }),
        Level::Partial(_) => Some(Served {
            milli: fleet.cpu.value()?.saturating_mul(i64::from(fleet.ready)),
            is_complete: false,
        }),
        Level::Unknown => None,
    }
}
