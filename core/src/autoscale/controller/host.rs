//! The two roles that a native host plays for a controller.
//!
//! They are called by a [`Driver`](super::Driver), never by a [`Controller`](super::Controller): who
//! wants to wait for a cloud in a task of its own carries out effects itself and needs neither.

use core::fmt;

use super::OrderId;
use crate::autoscale::Observation;
use crate::{Micros, NodeId};

/// Knows the nodes and their readings.
pub trait MetricProvider {
    /// Why the fleet cannot be seen.
    type Error: fmt::Display;

    /// The fleet as it is at `now`. Readings that are too old are marked as stale by the provider,
    /// which knows when they were made.
    fn observe(&mut self, now: Micros) -> Result<Observation, Self::Error>;
}

/// Adds and removes nodes.
///
/// Everything may be asked for twice under the same [`OrderId`], and is done once. An order of an
/// older term than one that was seen before is refused: its author has been deposed.
pub trait ScalingExecutor {
    /// Why an order cannot be carried out.
    type Error: fmt::Display;

    /// How many nodes there are or are on their way.
    fn current(&self) -> u32;

    /// Brings the fleet to `to` nodes. `remove` names those that go.
    fn scale_to(
        &mut self,
        now: Micros,
        order: OrderId,
        to: u32,
        remove: &[NodeId],
    ) -> Result<(), Self::Error>;

    /// Lets `nodes` finish their work and take no more.
    fn drain(&mut self, now: Micros, order: OrderId, nodes: &[NodeId]) -> Result<(), Self::Error>;

    /// Lets `nodes` serve again, but for those that another order has asked to drain since.
    fn cancel_drain(&mut self, now: Micros, order: OrderId, nodes: &[NodeId]);

    /// Whether `node` has finished its work.
    fn is_drained(&self, now: Micros, node: NodeId) -> bool;
}
