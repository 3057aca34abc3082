//! The workers there should be, as the log says.
//!
//! A worker is ordered, serves, drains, and leaves; the books know how far each is, so that whoever
//! leads next goes on where the last leader stopped. An order has a number and is booked once, however
//! often a controller asks for it.

use std::collections::BTreeMap;

use quorate::NodeId;
use quorate::autoscale::controller::{Effect, OrderId};
use quorate::codec::{DecodeError, Reader, put_varint};

/// What is to become of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Employment {
    /// It works, or boots to do so.
    Employed,
    /// It takes no new work, finishes what it has, and may be called back.
    Draining {
        /// For this order.
        order: OrderId,
    },
    /// It hands over everything and is switched off.
    Leaving {
        /// By this order.
        order: OrderId,
    },
}

/// A change of the size, by an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizing {
    pub(crate) order: OrderId,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fleet {
    workers: BTreeMap<NodeId, Employment>,
    /// The last order that changed the size.
    last_order: Option<OrderId>,
}

impl Fleet {
    /// Books an order. If it changes the size and was not booked before: how, and the workers to boot
    /// for it. `free` are the nodes there could be.
    pub(crate) fn book(
        &mut self,
        effect: &Effect,
        free: impl Iterator<Item = NodeId>,
    ) -> Option<(Sizing, Vec<NodeId>)> {
        match effect {
            Effect::Drain { order, nodes } => {
                self.change(nodes, |employment| match employment {
                    Employment::Employed => Employment::Draining { order: *order },
                    other => other,
                });
            }
            Effect::CancelDrain { nodes, .. } => {
                self.change(nodes, |employment| match employment {
                    Employment::Draining { .. } => Employment::Employed,
                    other => other,
                });
            }
            Effect::ScaleTo {
                order,
                from,
                to,
                remove,
            } if self.last_order.is_none_or(|last| last < *order) => {
                self.last_order = Some(*order);
                self.change(remove, |_| Employment::Leaving { order: *order });
                let hired = self.hire(to.saturating_sub(*from), free);
                let (order, from, to) = (*order, *from, *to);
                return Some((Sizing { order, from, to }, hired));
            }
            Effect::ScaleTo { .. } => {}
        }
        None
    }

    /// A worker is switched off; `false` if it was not leaving.
    pub(crate) fn dismiss(&mut self, worker: NodeId) -> bool {
        let leaves = matches!(self.workers.get(&worker), Some(Employment::Leaving { .. }));
        if leaves {
            self.workers.remove(&worker);
        }
        leaves
    }

    /// The workers, in order.
    pub(crate) fn workers(&self) -> impl Iterator<Item = (NodeId, Employment)> + '_ {
        self.workers.iter().map(|(&worker, &state)| (worker, state))
    }

    /// What is to become of a worker; `None` if there should be no such worker.
    pub(crate) fn employment(&self, worker: NodeId) -> Option<Employment> {
        self.workers.get(&worker).copied()
    }

    /// Whether an order changed the size, and nobody that it removes is left.
    pub(crate) fn is_carried_out(&self, order: OrderId) -> bool {
        let leaves = |employment: &Employment| *employment == Employment::Leaving { order };
        self.last_order == Some(order) && !self.workers.values().any(leaves)
    }

    /// Puts the books into a snapshot.
    pub(crate) fn encode_into(&self, out: &mut Vec<u8>) {
        put_order(out, self.last_order);
        put_varint(out, self.workers.len() as u64);
        for (worker, employment) in &self.workers {
            put_varint(out, worker.0);
            let (tag, order) = match *employment {
                Employment::Employed => (0, None),
                Employment::Draining { order } => (1, Some(order)),
                Employment::Leaving { order } => (2, Some(order)),
            };
            put_varint(out, tag);
            put_order(out, order);
        }
    }

    /// Takes them out of it.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let last_order = read_order(reader)?;
        let mut workers = BTreeMap::new();
        for _ in 0..reader.count(3)? {
            let worker = NodeId(reader.varint()?);
            let offset = reader.offset();
            let employment = match (reader.varint()?, read_order(reader)?) {
                (0, None) => Employment::Employed,
                (1, Some(order)) => Employment::Draining { order },
                (2, Some(order)) => Employment::Leaving { order },
                _ => return Err(Reader::bad_value(offset, "the employment of a worker")),
            };
            workers.insert(worker, employment);
        }
        Ok(Self {
            workers,
            last_order,
        })
    }

    fn change(&mut self, workers: &[NodeId], to: impl Fn(Employment) -> Employment) {
        for worker in workers {
            if let Some(employment) = self.workers.get_mut(worker) {
                *employment = to(*employment);
            }
        }
    }

    fn hire(&mut self, missing: u32, free: impl Iterator<Item = NodeId>) -> Vec<NodeId> {
        let hired: Vec<NodeId> = free
            .filter(|node| !self.workers.contains_key(node))
            .take(missing as usize)
            .collect();
        let employed = hired.iter().map(|&node| (node, Employment::Employed));
        self.workers.extend(employed);
        hired
    }
}

fn put_order(out: &mut Vec<u8>, order: Option<OrderId>) {
    put_varint(out, u64::from(order.is_some()));
    if let Some(order) = order {
        put_varint(out, order.term);
        put_varint(out, order.number);
    }
}

fn read_order(reader: &mut Reader<'_>) -> Result<Option<OrderId>, DecodeError> {
    let offset = reader.offset();
    match reader.varint()? {
        0 => Ok(None),
        1 => Ok(Some(OrderId {
            term: reader.varint()?,
            number: reader.varint()?,
        })),
        _ => Err(Reader::bad_value(offset, "an order or none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: [NodeId; 3] = [NodeId(6), NodeId(7), NodeId(8)];

    fn scale(number: u64, from: u32, to: u32, remove: &[NodeId]) -> Effect {
        Effect::ScaleTo {
            order: OrderId { term: 1, number },
            from,
            to,
            remove: remove.to_vec(),
        }
    }

    #[test]
    fn an_order_is_booked_once() {
        let mut fleet = Fleet::default();
        let order = scale(1, 5, 7, &[]);
        let (_, hired) = fleet.book(&order, FREE.into_iter()).unwrap();
        assert_eq!(hired, [NodeId(6), NodeId(7)]);
        assert_eq!(fleet.book(&order, FREE.into_iter()), None);
        assert_eq!(fleet.workers().count(), 2);
    }

    #[test]
    fn who_leaves_is_not_called_back() {
        let mut fleet = Fleet::default();
        fleet.book(&scale(1, 5, 6, &[]), FREE.into_iter());
        let (order, nodes) = (OrderId { term: 1, number: 2 }, vec![NodeId(6)]);
        let drain = Effect::Drain {
            order,
            nodes: nodes.clone(),
        };
        fleet.book(&drain, FREE.into_iter());
        fleet.book(&scale(2, 6, 5, &nodes), FREE.into_iter());
        fleet.book(&Effect::CancelDrain { order, nodes }, FREE.into_iter());
        assert_eq!(
            fleet.employment(NodeId(6)),
            Some(Employment::Leaving { order })
        );
        assert!(!fleet.is_carried_out(order));
        assert!(fleet.dismiss(NodeId(6)) && fleet.is_carried_out(order));
        assert!(!fleet.dismiss(NodeId(6)));
    }
}
