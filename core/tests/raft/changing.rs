//! Random histories of a group that changes: members come and go in one step or through joint
//! configurations, logs are compacted and snapshots sent, leadership is transferred, clients read,
//! and the network, the disks and the state machines do what they do in `faults`.

use quorate::raft::{
    Entry, EntryKind, Input, MemberChange, Membership, MembershipChange, ReadPolicy, Role,
    SnapshotOutcome, Standing, Transition,
};
use quorate::{Micros, NodeId, Random};

use super::faults::{act, pick};
use super::network::{Disk, Network, n};

const ACTIONS: u64 = 3_000;
const HOSTS: usize = 7;
const VOTERS: u64 = 3;

/// What a history must have seen, or it tested nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried {
    pub(crate) changes: u64,
    pub(crate) joint: u64,
    pub(crate) snapshots: u64,
    pub(crate) transfers: u64,
    pub(crate) reads: u64,
}

/// Histories of changing groups, the same natively and in a browser, as one number.
pub(crate) fn digest() -> u64 {
    let mut digest = 0_u64;
    let mut absorb =
        |word: u64| digest = (digest.rotate_left(7) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for seed in 0..20 {
        let (network, _) = history(seed, ReadPolicy::Quorum);
        for host in network.hosts.values() {
            let raft = host.raft.as_ref().unwrap();
            let hash = raft.log().last_prefix_hash();
            let ends =
                [hash >> 64, hash & u128::from(u64::MAX)].map(|half| u64::try_from(half).unwrap());
            for word in ends.into_iter().chain([raft.term(), raft.commit_index()]) {
                absorb(word);
            }
        }
    }
    digest
}

/// A history of a group that changes, healed at the end.
pub(crate) fn history(seed: u64, reads: ReadPolicy) -> (Network, Tried) {
    let mut random = Random::new(seed);
    let mut tried = Tried::default();
    let disks = vec![Disk::default(); HOSTS];
    let mut network = Network::with_group(disks, VOTERS, |config| {
        config.reads = reads;
        config.max_append_entries = 3;
    });
    for id in network.ids() {
        network.host(id).slow_disk = true;
        network.host(id).slow_state_machine = id.0.is_multiple_of(2);
    }
    for _ in 0..ACTIONS {
        match random.below(100) {
            0..80 => act(&mut network, &mut random),
            _ => change(&mut network, &mut random, &mut tried),
        }
    }
    heal(&mut network, &format!("seed {seed}"));
    tried.reads = network.observer.reads_served();
    (network, tried)
}

/// One thing happens that only a changing group knows.
fn change(network: &mut Network, random: &mut Random, tried: &mut Tried) {
    let id = *pick(&network.ids(), random).unwrap();
    if network.host(id).raft.is_none() {
        return;
    }
    // Any of these may be refused, and is then as if it had not been asked.
    let _refused = match random.below(10) {
        0..2 => {
            let change = any_change(random);
            let asked = network.input(id, Input::ProposeMembership { change });
            tried.changes += u64::from(asked.is_ok());
            tried.joint += u64::from(network.raft(id).membership().is_joint());
            asked
        }
        2..4 => compact(network, random, id),
        4 => {
            let to = *pick(&network.ids(), random).unwrap();
            let asked = network.input(id, Input::TransferLeadership { to });
            let is_under_way = network.raft(id).transferring_to().is_some();
            tried.transfers += u64::from(is_under_way);
            asked
        }
        5..7 => {
            let read = random.next_u64();
            network.observer.asked(read);
            network.input(id, Input::Read { id: read })
        }
        7 => network.input(id, Input::ForgetLeader),
        8 => {
            let outcomes = [SnapshotOutcome::Arrived, SnapshotOutcome::Failed];
            tried.snapshots += report_snapshots(network, id, |_| *pick(&outcomes, random).unwrap());
            network.input(id, Input::Tick)
        }
        _ => {
            network.apply(id);
            network.input(id, Input::Quiesce)
        }
    };
}

fn any_change(random: &mut Random) -> MembershipChange {
    let transitions = [Transition::Auto, Transition::Implicit, Transition::Explicit];
    let mut member = || {
        let node = NodeId(1 + random.below(HOSTS as u64));
        match random.below(10) {
            0..4 => MemberChange::AddVoter(node),
            4..6 => MemberChange::AddLearner(node),
            6 => MemberChange::AddWitness(node),
            _ => MemberChange::Remove(node),
        }
    };
    let mut changes = vec![member(), member()];
    changes.truncate(usize::try_from(random.below(3)).unwrap());
    MembershipChange {
        transition: *pick(&transitions, random).unwrap(),
        changes,
    }
}

/// A snapshot of what is applied, and the log without most of what it covers. The disk of the host
/// follows.
fn compact(
    network: &mut Network,
    random: &mut Random,
    id: NodeId,
) -> Result<quorate::raft::Effects, quorate::raft::StepError> {
    let index = network.raft(id).applied_index();
    network.input(id, Input::SnapshotTaken { index })?;
    let snapshot = network.raft(id).snapshot().clone();
    let kept = random.below(4);
    let index = index.saturating_sub(kept);
    let before = network.raft(id).log().boundary();
    let effects = network.input(id, Input::Compact { index })?;
    let boundary = network.raft(id).log().boundary();
    let disk = &mut network.host(id).disk;
    disk.snapshot = (*snapshot).clone();
    if disk.boundary == before {
        let dropped = usize::try_from(boundary.index - before.index).unwrap();
        disk.entries.drain(..dropped.min(disk.entries.len()));
        disk.boundary = boundary;
    }
    Ok(effects)
}

/// The host tells how the sending of every snapshot that is under way ended. How many those are.
fn report_snapshots(
    network: &mut Network,
    id: NodeId,
    mut outcome: impl FnMut(NodeId) -> SnapshotOutcome,
) -> u64 {
    let mut reported = 0;
    for to in network.raft(id).membership().members() {
        let progress = network.raft(id).progress(to);
        if progress.is_some_and(|progress| progress.pending_snapshot > 0) {
            let outcome = outcome(to);
            let report = Input::SnapshotSent { to, outcome };
            network.input(id, report).unwrap();
            reported += 1;
        }
    }
    reported
}

/// All faults end. The group must come to rest with one leader of its own, take a command, and
/// bring every member to the same log.
fn heal(network: &mut Network, what: &str) {
    network.cut.clear();
    for id in network.ids() {
        let host = network.host(id);
        (host.slow_disk, host.slow_state_machine) = (false, false);
        if host.raft.is_none() {
            network.restart(id);
        }
        network.sync(id);
        network.apply(id);
        // Whoever sleeps has not noticed what happened to the others.
        let to = n(0);
        network.input(id, Input::TransferLeadership { to }).ok();
    }
    // The hosts tell what became of the snapshots that were under way: nothing.
    for _ in 0..3 {
        network.run(Micros::from_secs(2));
        for id in network.leaders() {
            report_snapshots(network, id, |_| SnapshotOutcome::Failed);
        }
    }
    let group = rest(network, what);
    let leader = serving(network, &group, what);
    network.propose(leader, "served").unwrap();
    network.run(Micros::from_secs(2));
    let last = network.raft(leader).log().last_prefix_hash();
    for id in group.members() {
        let raft = network.raft(id);
        let end = (raft.log().last_prefix_hash(), raft.applied_index());
        assert_eq!(end, (last, raft.last_index()), "{what}: {id} lags");
        assert_eq!(*raft.membership(), group, "{what}: {id} in another group");
    }
    let tail = network.raft(leader).log();
    let served =
        |entry: &Entry| entry.kind() == EntryKind::Command && **entry.payload() == *b"served";
    assert!(tail.entry(tail.last_index()).is_some_and(served), "{what}");
}

/// Leaves the joint configuration that a history may have ended in.
fn rest(network: &mut Network, what: &str) -> Membership {
    for _ in 0..3 {
        let group = newest_group(network);
        let leader = serving(network, &group, what);
        if !network.raft(leader).membership().is_joint() {
            return network.raft(leader).membership().clone();
        }
        let change = MembershipChange::leave();
        // The leader may be about to do so itself.
        network
            .input(leader, Input::ProposeMembership { change })
            .ok();
        network.run(Micros::from_secs(2));
    }
    panic!("{what}: the joint configuration does not end");
}

/// The membership of whoever has applied most.
fn newest_group(network: &Network) -> Membership {
    let ids = network.ids().into_iter();
    let newest = ids.max_by_key(|id| network.raft(*id).applied_index());
    network.raft(newest.unwrap()).membership().clone()
}

/// The one leader that is a voter of the group.
fn serving(network: &Network, group: &Membership, what: &str) -> NodeId {
    let leaders = network.leaders().into_iter();
    let voters = leaders.filter(|id| group.standing(*id) == Standing::Voter);
    let leaders: Vec<_> = voters.collect();
    assert_eq!(leaders.len(), 1, "{what}: leaders {leaders:?} of {group:?}");
    assert_eq!(network.raft(leaders[0]).role(), Role::Leader);
    assert_ne!(leaders[0], n(0));
    leaders[0]
}
