//! The policy of this project: its steps by hand, a second plain implementation, laws, extremes.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod demand;
mod hostile;
mod laws;
mod reference;
mod scale_in;
mod season;
mod settings;
mod steps;
mod words;

use quorate::Micros;
use quorate::autoscale::quorate::{Quorate, QuorateRecord, QuorateSettings, QuorateState, Tick};

const MINUTE: Micros = Micros::from_secs(60);

/// A policy that is asked once a minute and whose answers are carried out.
struct Asked {
    policy: Quorate,
    state: QuorateState,
    minute: u64,
}

impl Asked {
    fn with(settings: QuorateSettings) -> Self {
        Self {
            policy: Quorate::new(settings).unwrap(),
            state: QuorateState::default(),
            minute: 0,
        }
    }

    fn new() -> Self {
        Self::with(QuorateSettings::default())
    }

    /// One minute in which `served` milli-nodes were served by `nodes` ready nodes.
    fn tick(&mut self, served: i64, queue: i64, nodes: u32) -> QuorateRecord {
        let tick = Tick {
            served_milli: served,
            queue_milli: Some(queue),
            ready: nodes,
            current: nodes,
            interval: MINUTE,
        };
        let now = Micros::from_secs(60 * self.minute);
        self.minute += 1;
        self.policy.tick(&mut self.state, &tick, now)
    }
}
