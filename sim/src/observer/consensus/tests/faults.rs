//! What happens to a cluster by chance.

use quorate::raft::{Input, MemberChange, MembershipChange, Message, Transition};
use quorate::{Micros, NodeId, Random};

use super::cluster::Cluster;

/// One thing happens, chosen at random.
pub(super) fn act(cluster: &mut Cluster, random: &mut Random) {
    let ids = cluster.ids();
    let id = ids[random.index(ids.len())];
    let up = cluster.raft(id).is_some();
    match random.below(1_000) {
        0..540 => {
            if let Some(message) = take(cluster, random) {
                cluster.deliver(message);
            }
        }
        540..560 => drop(take(cluster, random)),
        560..580 => {
            if let Some(message) = take(cluster, random) {
                cluster.wire.push_back(message.clone());
                cluster.deliver(message);
            }
        }
        580..720 => cluster.sync_one(id),
        720..800 => cluster.apply_all(id),
        800..900 => {
            cluster.now = cluster.now + Micros::from_millis(random.below(20));
            cluster.input(id, Input::Tick);
        }
        900..950 if up => cluster.propose(id, &random.below(1_000).to_string()),
        950..958 if up => drop(cluster.input(id, Input::Campaign)),
        958..964 if up => {
            let torn = usize::try_from(random.below(4)).unwrap();
            cluster.crash(id, torn.checked_sub(1));
        }
        964..974 if !up => cluster.restart(id),
        974..978 => {
            let other = ids[random.index(ids.len())];
            cluster.cut.insert((id, other));
        }
        978..981 => cluster.cut.clear(),
        981..985 => cluster.snapshot(id),
        985..990 => change(cluster, random),
        990..995 => cluster.read(id),
        995..998 => {
            let to = ids[random.index(ids.len())];
            cluster.input(id, Input::TransferLeadership { to });
        }
        _ => {}
    }
}

/// The leader is asked for a change of the group, in one step or through a joint one.
fn change(cluster: &mut Cluster, random: &mut Random) {
    let Some(leader) = cluster.leader() else {
        return;
    };
    let ids = cluster.ids();
    let mut one = || {
        let node = ids[random.index(ids.len())];
        match random.below(3) {
            0 => MemberChange::AddVoter(node),
            1 => MemberChange::AddLearner(node),
            _ => MemberChange::Remove(node),
        }
    };
    let (first, second) = (one(), one());
    let change = if first.node() == second.node() {
        MembershipChange::one(first)
    } else {
        MembershipChange {
            transition: Transition::Auto,
            changes: vec![first, second],
        }
    };
    cluster.input(leader, Input::ProposeMembership { change });
}

fn take(cluster: &mut Cluster, random: &mut Random) -> Option<Message> {
    let at = random.index(cluster.wire.len().max(1));
    cluster.wire.remove(at)
}

/// All faults end; there is time for everything.
pub(super) fn heal(cluster: &mut Cluster) {
    cluster.cut.clear();
    for id in cluster.ids() {
        if cluster.raft(id).is_none() {
            cluster.restart(id);
        }
    }
    cluster.run(Micros::from_secs(5));
    if let Some(leader) = cluster.leader() {
        cluster.propose(leader, "served");
    }
    cluster.run(Micros::from_secs(1));
}

/// A node by its number.
pub(super) fn n(number: u64) -> NodeId {
    NodeId(number)
}
