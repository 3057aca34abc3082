//! The replicated log, held against the properties of Raft.
//!
//! Figure 3 of the paper (Ongaro and Ousterhout 2014) has five properties; what breaks real systems
//! are the promises below them: a vote on disk before it is told, a commit counted by the disks of
//! the right voters. A checker that compares all nodes after every event finds both and costs the
//! square of the cluster; this one is told of every step and looks at what changed.
//!
//! What the observer knows it computed itself: hashes of logs, images of disks, memberships. From
//! a node it takes only what the node claims: role, term, indices, messages.

mod commits;
mod durability;
mod elections;
mod liveness;
mod logs;
mod membership;
mod messages;
mod mirror;
mod order;
mod reach;
mod reads;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate::raft::{Effects, Membership, Persist, Raft, Role};
use quorate::{Micros, NodeId};

use self::commits::Reign;
use self::elections::Churn;
use self::mirror::{Host, Link, Tail, Write};
use self::reach::Led;
use super::chunks::Chunks;
use super::{Finding, Ledger};

pub use self::elections::Disturbance;
pub use self::reach::Reach;
pub use self::reads::Confirmation;

/// What has been seen of elections, logs, commits and disks.
#[derive(Clone, Debug)]
pub struct Consensus {
    /// The nodes that take part, at the place of their id.
    hosts: Vec<Option<Box<Host>>>,
    /// Who led a term, and how far it committed.
    reigns: BTreeMap<u64, Reign>,
    /// Votes that were told, per term and candidate.
    ballots: BTreeMap<(u64, NodeId), Vec<NodeId>>,
    /// Entries that were seen in some log and are not committed, by index and term.
    ///
    /// If equal keys always have equal hashes, two logs that share an entry share all before it.
    open: BTreeMap<(u64, u64), u64>,
    /// What is committed.
    committed: Chunks<Committed>,
    /// The digest of the state machine after each applied index.
    digests: Chunks<u64>,
    /// Every committed membership, with the index since which it holds.
    memberships: Vec<(u64, Arc<Membership>)>,
    /// The membership by which the last entry was committed.
    committed_by: Arc<Membership>,
    /// Reads that were asked for, by node and name, and what was committed then.
    reads: BTreeMap<(NodeId, u64), u64>,
    churn: Churn,
    led: Led,
    /// Who is to lead since a leader was asked to hand over, until it does.
    transfer: Option<(Micros, NodeId)>,
}

/// A committed entry.
#[derive(Clone, Copy, Debug)]
struct Committed {
    link: Link,
    /// The lowest term in which somebody is known to have committed it. Never falls from one index
    /// to the next: who commits an entry commits all before it.
    in_term: u64,
}

impl Consensus {
    /// A group that has not begun. Without any fault no term is to last shorter than `patience`
    /// after the last disturbance; `None` if the network is never quiet.
    pub fn new(group: Membership, patience: Option<Micros>) -> Self {
        let group = Arc::new(group);
        Self {
            hosts: Vec::new(),
            reigns: BTreeMap::new(),
            ballots: BTreeMap::new(),
            open: BTreeMap::new(),
            committed: Chunks::default(),
            digests: Chunks::default(),
            memberships: vec![(0, Arc::clone(&group))],
            committed_by: group,
            reads: BTreeMap::new(),
            churn: Churn::new(patience),
            led: Led::default(),
            transfer: None,
        }
    }

    /// A node has taken a step. To be called before any of its effects is carried out.
    ///
    /// O(entries and messages of the step), and O(members) for a leader that commits.
    pub fn stepped(&mut self, ledger: &mut Ledger, raft: &Raft, effects: &Effects) {
        let id = raft.id();
        self.check_monotony(ledger, id, raft);
        if self.take_effect(id, raft.applied_index()) {
            self.membership_applied(ledger, id, raft.applied_index(), raft.membership());
        }
        if let Some(persist) = &effects.persist {
            self.wrote(ledger, id, raft, persist);
        }
        if let Some(change) = effects.role {
            self.check_campaign(ledger, id, change.to, raft);
        }
        self.host_mut(id).role = raft.role();
        if effects.role.is_some_and(|change| change.to == Role::Leader) {
            self.elected(ledger, id, raft.term());
        }
        if raft.commit_index() > self.host(id).commit_index {
            self.commit(ledger, id, raft);
        }
        self.check_order(ledger, id, raft);
        let leads = raft.role() == Role::Leader;
        for message in &effects.send {
            if leads {
                self.check_progress(ledger, raft, message.to);
            }
            self.check_message(ledger, message, raft);
            self.check_promise(ledger, message);
        }
        for read in &effects.reads {
            self.read_confirmed(ledger, id, read.id, read.index);
        }
        for read in &effects.abandoned_reads {
            self.reads.remove(&(id, *read));
        }
    }

    /// The log and the hard state change, and will on disk.
    fn wrote(&mut self, ledger: &mut Ledger, id: NodeId, raft: &Raft, persist: &Persist) {
        let mut write = Write {
            io: persist.io,
            hard_state: persist.hard_state,
            installs: None,
            truncate_from: persist.truncate_from,
            links: Vec::with_capacity(persist.entries.len()),
        };
        if let Some(snapshot) = &persist.snapshot {
            write.installs = Some(snapshot.position.index);
            self.installed(ledger, id, snapshot.position);
        }
        if let Some(from) = persist.truncate_from {
            self.truncated(ledger, id, from, raft);
        }
        self.appended(ledger, id, raft, persist, &mut write.links);
        if persist.snapshot.is_some()
            || persist.truncate_from.is_some()
            || !persist.entries.is_empty()
        {
            self.check_up_to_date(ledger, id);
        }
        self.host_mut(id).writes.push_back(write);
    }

    /// A node that has taken a step, to be changed.
    #[inline]
    fn host_mut(&mut self, id: NodeId) -> &mut Host {
        let host = self.hosts.get_mut(place(id)).and_then(Option::as_deref_mut);
        host.expect("a node that does something has started")
    }

    /// The node at its place; one that was never seen is made.
    fn host_or_absent(&mut self, id: NodeId) -> &mut Host {
        let place = place(id);
        if self.hosts.len() <= place {
            self.hosts.resize(place + 1, None);
        }
        self.hosts[place].get_or_insert_with(|| Box::new(Host::absent()))
    }

    /// A node that has taken a step.
    #[inline]
    fn host(&self, id: NodeId) -> &Host {
        self.known(id)
            .expect("a node that does something has started")
    }

    #[inline]
    fn known(&self, id: NodeId) -> Option<&Host> {
        self.hosts.get(place(id))?.as_deref()
    }

    /// The nodes that were ever seen, with their ids.
    fn nodes(&self) -> impl Iterator<Item = (NodeId, &Host)> {
        let hosts = (1..).map(NodeId).zip(&self.hosts);
        hosts.filter_map(|(id, host)| Some((id, host.as_deref()?)))
    }

    /// The highest index that is committed anywhere.
    pub fn committed_index(&self) -> u64 {
        self.committed.last_index()
    }

    /// Whether the entry of this term contradicts what is committed at its index.
    pub fn contradicts(&self, index: u64, term: u64) -> bool {
        let committed = self.committed.get(index);
        committed.is_some_and(|entry| entry.link.term != term)
    }

    /// Forgets what no node can still refer to: what all have compacted away.
    fn collect_garbage(&mut self) {
        let compacted = self.nodes().map(|(_, host)| host.compacted).min();
        let Some(upto) = compacted.and_then(|index| index.checked_sub(1)) else {
            return;
        };
        self.committed.forget(upto);
        self.digests.forget(upto);
        self.open = self.open.split_off(&(upto, 0));
    }
}

fn place(id: NodeId) -> usize {
    usize::try_from(id.0.saturating_sub(1)).expect("node ids are small")
}
