//! The nodes of a replay: how many are ready, and how many come when.

use std::collections::VecDeque;

use quorate::Micros;

/// Nodes that were ordered together.
#[derive(Clone, Copy, Debug)]
struct Order {
    due: Micros,
    /// At least one.
    nodes: u32,
}

/// Ready nodes and orders. At most one order per tick of a start-up time, and never more than
/// there are nodes.
#[derive(Clone, Debug)]
pub(super) struct Fleet {
    ready: u32,
    /// Ready and ordered.
    nodes: u32,
    /// Ascending by time.
    orders: VecDeque<Order>,
}

impl Fleet {
    /// A fleet of which every node is ready.
    pub(super) const fn ready_with(nodes: u32) -> Self {
        Self {
            ready: nodes,
            nodes,
            orders: VecDeque::new(),
        }
    }

    /// Nodes that serve.
    pub(super) const fn ready(&self) -> u32 {
        self.ready
    }

    /// Nodes that serve or start.
    pub(super) const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// Nodes whose time has come become ready.
    pub(super) fn advance(&mut self, now: Micros) {
        while let Some(order) = self.orders.front().filter(|order| order.due <= now) {
            self.ready += order.nodes;
            self.orders.pop_front();
        }
    }

    /// Orders what is missing for `nodes`, ready at `due`, or gives up what is too much: the
    /// newest orders first, then ready nodes.
    pub(super) fn resize(&mut self, nodes: u32, due: Micros) {
        if nodes > self.nodes {
            self.orders.push_back(Order {
                due,
                nodes: nodes - self.nodes,
            });
        }
        let mut surplus = self.nodes.saturating_sub(nodes);
        while surplus > 0 {
            let Some(newest) = self.orders.back_mut() else {
                self.ready -= surplus;
                break;
            };
            let cancelled = newest.nodes.min(surplus);
            newest.nodes -= cancelled;
            surplus -= cancelled;
            if newest.nodes == 0 {
                self.orders.pop_back();
            }
        }
        self.nodes = nodes;
    }
}
