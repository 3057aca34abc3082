//! This project's policy alone: no guards, no record, no observation of single nodes.
//!
//! A search through thousands of settings needs the numbers and nothing around them. What a
//! fleet would really do, guards and all, is another adapter's business.

use quorate::autoscale::quorate::{Quorate, QuorateState, Tick as QuorateTick};

use super::{Scaler, Tick};

/// A [`Quorate`] policy whose answers are carried out as they are.
#[derive(Clone, Debug, Default)]
pub struct QuorateScaler {
    policy: Quorate,
    state: QuorateState,
}

impl QuorateScaler {
    /// A scaler that has seen nothing yet.
    pub fn new(policy: Quorate) -> Self {
        Self {
            policy,
            state: QuorateState::default(),
        }
    }
}

impl Scaler for QuorateScaler {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let seen = QuorateTick {
            served_milli: signed(tick.served_milli()),
            queue_milli: Some(signed(tick.queue_milli())),
            ready: tick.ready,
            current: tick.nodes,
            interval: tick.interval,
        };
        self.policy.tick(&mut self.state, &seen, tick.at).nodes
    }
}

fn signed(milli: u64) -> i64 {
    i64::try_from(milli).unwrap_or(i64::MAX)
}
