//! What a scaler sees of a tick.

use quorate::Micros;

use super::arithmetic::{product, scaled};

/// Something that decides how many nodes there should be.
pub trait Scaler {
    /// The size of the fleet that it wants after `tick`; brought into the bounds of the model
    /// afterwards.
    fn decide(&mut self, tick: &Tick) -> u32;
}

/// One tick, as seen when it is over.
///
/// Work is counted in such units that one node can do `node_capacity` of it in a tick, and so
/// that every number here is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// When the decision is taken. The first tick begins at zero.
    pub at: Micros,
    /// How long a tick lasts.
    pub interval: Micros,
    /// Nodes that are ordered: ready and starting.
    pub nodes: u32,
    /// Nodes that served in this tick.
    pub ready: u32,
    /// The work that arrived.
    pub load: u64,
    /// The work that was done.
    pub served: u64,
    /// The work that waits.
    pub queue: u64,
    /// The work that one node can do in a tick: the peak of the recording, in thousandths of a
    /// request.
    pub node_capacity: u64,
    /// Units of work per thousandth of a request.
    pub work_per_request: u64,
}

impl Tick {
    /// The work that was done, in thousandths of what one node can do; rounded down.
    pub fn served_milli(&self) -> u64 {
        self.milli(self.served)
    }

    /// The work that waits, in thousandths of what one node can do; rounded down.
    pub fn queue_milli(&self) -> u64 {
        self.milli(self.queue)
    }

    /// The work that all ready nodes could have done.
    pub fn capacity(&self) -> u64 {
        product(self.node_capacity, self.ready)
    }

    /// Nodes that are ordered and not ready.
    pub fn starting(&self) -> u32 {
        self.nodes - self.ready
    }

    fn milli(&self, work: u64) -> u64 {
        scaled(work, 1_000, self.node_capacity)
    }
}
