//! A fleet that is nothing but a table: provider and executor at once.
//!
//! For tests, examples and dry runs. Nodes take a while to start and a while to drain, the load is
//! shared evenly by those that are ready, and it can be told to fail.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use super::{MetricProvider, OrderId, ScalingExecutor};
use crate::autoscale::{Metric, NodeSample, NodeState, Observation};
use crate::{Micros, NodeId};

/// A table of nodes. Clones are handles of the same fleet.
#[derive(Clone, Debug)]
pub struct InMemoryFleet(Rc<RefCell<Table>>);

#[derive(Debug)]
struct Table {
    nodes: BTreeMap<NodeId, Node>,
    /// The largest id there has ever been.
    last_id: u64,
    start_up: Micros,
    drain: Micros,
    /// The load of the whole fleet, in thousandths of a node.
    load: i64,
    /// The provider fails so many times.
    unseen: u32,
    /// The executor fails so many times.
    failures: u32,
    /// The latest order that was carried out; older terms are refused.
    latest: Option<OrderId>,
    /// Orders that were carried out.
    carried_out: Vec<OrderId>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    ready_at: Micros,
    /// The last order that asked it to drain, and when it has.
    drain: Option<(OrderId, Micros)>,
}

impl InMemoryFleet {
    /// `size` ready nodes without load. New ones take `start_up` to be ready, and `drain` to finish
    /// their work.
    pub fn new(size: u32, start_up: Micros, drain: Micros) -> Self {
        let ready = Node {
            ready_at: Micros::ZERO,
            drain: None,
        };
        let last_id = u64::from(size);
        Self(Rc::new(RefCell::new(Table {
            nodes: (1..=last_id).map(|id| (NodeId(id), ready)).collect(),
            last_id,
            start_up,
            drain,
            load: 0,
            unseen: 0,
            failures: 0,
            latest: None,
            carried_out: Vec::new(),
        })))
    }

    /// From now on the fleet has so much load, in thousandths of a node.
    pub fn set_load(&self, load: i64) {
        self.0.borrow_mut().load = load;
    }

    /// The next `times` observations fail.
    pub fn hide(&self, times: u32) {
        self.0.borrow_mut().unseen = times;
    }

    /// The next `times` orders fail.
    pub fn fail(&self, times: u32) {
        self.0.borrow_mut().failures = times;
    }

    /// The orders that were carried out, each once.
    pub fn carried_out(&self) -> Vec<OrderId> {
        self.0.borrow().carried_out.clone()
    }
}

impl MetricProvider for InMemoryFleet {
    type Error = ProviderError;

    fn observe(&mut self, now: Micros) -> Result<Observation, ProviderError> {
        let mut table = self.0.borrow_mut();
        if table.unseen > 0 {
            table.unseen -= 1;
            return Err(ProviderError);
        }
        let state = |node: &Node| match node.drain {
            Some(_) => NodeState::Draining,
            None if now < node.ready_at => NodeState::Starting,
            None => NodeState::Ready,
        };
        let ready = table.nodes.values().map(state);
        let ready = ready.filter(|state| *state == NodeState::Ready).count();
        let share = i64::try_from(ready)
            .ok()
            .and_then(|ready| table.load.checked_div(ready));
        let samples = table.nodes.iter().map(|(&id, node)| {
            let state = state(node);
            let cpu = match share {
                Some(share) if state == NodeState::Ready => Metric::Fresh(share.min(1_000)),
                _ => Metric::Absent,
            };
            NodeSample {
                sampled_at: Some(now),
                cpu,
                memory: cpu.map(|_| 0),
                queue: cpu.map(|_| 0),
                ..NodeSample::unmeasured(id, state)
            }
        });
        Ok(Observation::new(samples.collect()).expect("every node has a key of its own"))
    }
}

impl ScalingExecutor for InMemoryFleet {
    type Error = ExecutorError;

    fn current(&self) -> u32 {
        let table = self.0.borrow();
        let staying = table.nodes.values().filter(|node| node.drain.is_none());
        u32::try_from(staying.count()).unwrap_or(u32::MAX)
    }

    fn scale_to(
        &mut self,
        now: Micros,
        order: OrderId,
        to: u32,
        remove: &[NodeId],
    ) -> Result<(), ExecutorError> {
        let mut table = self.0.borrow_mut();
        table.admit(order)?;
        if table.latest == Some(order) {
            return Ok(());
        }
        for node in remove {
            table.nodes.remove(node);
        }
        let ready_at = now + table.start_up;
        while table.nodes.len() < usize::try_from(to).unwrap_or(usize::MAX) {
            table.last_id += 1;
            let id = NodeId(table.last_id);
            table.nodes.insert(
                id,
                Node {
                    ready_at,
                    drain: None,
                },
            );
        }
        table.latest = Some(order);
        table.carried_out.push(order);
        Ok(())
    }

    fn drain(
        &mut self,
        now: Micros,
        order: OrderId,
        nodes: &[NodeId],
    ) -> Result<(), ExecutorError> {
        let mut table = self.0.borrow_mut();
        table.admit(order)?;
        let drained_at = now + table.drain;
        for node in nodes {
            if let Some(node) = table.nodes.get_mut(node) {
                // Who drains already goes on, now for this order.
                let (_, at) = node.drain.unwrap_or((order, drained_at));
                node.drain = Some((order, at));
            }
        }
        Ok(())
    }

    fn cancel_drain(&mut self, _: Micros, order: OrderId, nodes: &[NodeId]) {
        let mut table = self.0.borrow_mut();
        for node in nodes {
            if let Some(node) = table.nodes.get_mut(node) {
                node.drain = node.drain.filter(|(by, _)| *by != order);
            }
        }
    }

    fn is_drained(&self, now: Micros, node: NodeId) -> bool {
        let table = self.0.borrow();
        let node = table.nodes.get(&node);
        node.is_none_or(|node| node.drain.is_some_and(|(_, at)| at <= now))
    }
}

impl Table {
    /// Lets an order in, unless it shall fail or comes from the past.
    fn admit(&mut self, order: OrderId) -> Result<(), ExecutorError> {
        if let Some(latest) = self.latest.filter(|latest| order < *latest) {
            return Err(ExecutorError::Fenced { order, latest });
        }
        if self.failures > 0 {
            self.failures -= 1;
            return Err(ExecutorError::Told);
        }
        Ok(())
    }
}

/// The fleet cannot be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderError;

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the fleet was told to hide")
    }
}

impl core::error::Error for ProviderError {}

/// Why an in-memory fleet did not carry out an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutorError {
    /// It was told to fail.
    Told,
    /// It has carried out a later order.
    Fenced {
        /// The order.
        order: OrderId,
        /// The later one.
        latest: OrderId,
    },
}

impl fmt::Display for ExecutorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told => f.write_str("the fleet was told to fail"),
            Self::Fenced { order, latest } => {
                write!(f, "{order} comes after {latest}")
            }
        }
    }
}

impl core::error::Error for ExecutorError {}
