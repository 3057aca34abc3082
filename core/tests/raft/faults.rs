//! What happens to a group by chance: messages are lost, repeated and reordered, links are cut, nodes
//! crash in the middle of a write and come back.

use quorate::raft::{Input, Message};
use quorate::{Micros, NodeId, Random};

use super::network::Network;

/// One thing happens, chosen at random.
pub(crate) fn act(network: &mut Network, random: &mut Random) {
    let ids = network.ids();
    let id = *pick(&ids, random).unwrap();
    let up = network.host(id).raft.is_some();
    match random.below(1_000) {
        0..550 => {
            if let Some(message) = take_any(network, random) {
                network.deliver(message);
            }
        }
        550..570 => drop(take_any(network, random)),
        570..590 => {
            if let Some(message) = take_any(network, random) {
                network.wire.push_back(message.clone());
                network.deliver(message);
            }
        }
        590..750 => {
            network.sync_one(id);
        }
        750..900 => {
            network.now = network.now + Micros::from_millis(random.below(20));
            if up {
                network.input(id, Input::Tick).unwrap();
            }
        }
        900..970 if up => {
            // Without a leader it is refused, which is as good.
            let _refused = network.propose(id, &random.below(1_000).to_string());
        }
        970..976 if up => {
            // A node with a change of membership to apply would refuse, and says so.
            let _refused = network.input(id, Input::Campaign);
        }
        976..984 if up => crash(network, random, id),
        984..992 if !up => network.restart(id),
        992..995 => {
            let other = *pick(&ids, random).unwrap();
            network.cut.insert((id, other));
        }
        995..998 => network.cut.clear(),
        _ => {}
    }
}

/// A crash in the middle of the oldest write.
fn crash(network: &mut Network, random: &mut Random, id: NodeId) {
    let host = network.host(id);
    if let Some(write) = host.writes.front().cloned() {
        let kept = random.below(write.entries.len() as u64 + 2);
        match usize::try_from(kept).unwrap().checked_sub(1) {
            None => {}
            Some(kept) => host.disk.store_torn(&write, kept),
        }
    }
    network.crash(id);
}

pub(crate) fn pick<'a, T>(items: &'a [T], random: &mut Random) -> Option<&'a T> {
    items.get(usize::try_from(random.below(items.len() as u64)).unwrap())
}

fn take_any(network: &mut Network, random: &mut Random) -> Option<Message> {
    let at = usize::try_from(random.below(network.wire.len() as u64)).unwrap();
    network.wire.remove(at)
}
