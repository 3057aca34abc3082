//! The best that could have been done, knowing the future.
//!
//! An oracle for which starting a node is free only follows the demand, and nobody could do that.
//! This one pays: a node that will be needed again before another could be started keeps running,
//! every other start costs a start-up time. It never misses a demand, so it is a bound on the
//! cost of zero under-provisioned minutes, and a scaler that misses some may cost less.

use quorate::Micros;

use super::arithmetic::wide_product;

/// The cost of following the demand exactly.
#[derive(Clone, Debug)]
pub(super) struct Oracle {
    start_up: Micros,
    demanded: u32,
    /// For every node level above the demand: when it was last needed. Levels that never were
    /// are missing at the end.
    idle_since: Vec<Micros>,
    /// Node-microseconds that were demanded.
    pub(super) node_time: u128,
    /// Node-microseconds that are paid: demanded, kept running and starting.
    pub(super) billed_time: u128,
}

impl Oracle {
    /// An oracle whose first `demanded` nodes are running already.
    pub(super) fn starting_with(demanded: u32, start_up: Micros) -> Self {
        Self {
            start_up,
            demanded,
            idle_since: vec![Micros::ZERO; demanded as usize],
            node_time: 0,
            billed_time: 0,
        }
    }

    /// `demanded` nodes are needed from `at` for one `interval`.
    pub(super) fn follow(&mut self, demanded: u32, at: Micros, interval: Micros) {
        for level in self.demanded..demanded {
            let paid = match self.idle_since.get(level as usize) {
                Some(&since) => at.since(since).min(self.start_up),
                None => self.start_up,
            };
            self.billed_time += u128::from(paid.0);
        }
        if demanded as usize > self.idle_since.len() {
            self.idle_since.resize(demanded as usize, Micros::ZERO);
        }
        if demanded < self.demanded {
            self.idle_since[demanded as usize..self.demanded as usize].fill(at);
        }
        self.demanded = demanded;
        let time = wide_product(interval.0, demanded);
        self.node_time += time;
        self.billed_time += time;
    }
}
