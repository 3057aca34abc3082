//! Progress under faults: where a quorum is well and connected, somebody must lead it.
//!
//! That a cluster comes right once everything is healed says little: it may have stood still for as
//! long as one link was cut. What Raft promises is more (§5 of the paper; check-quorum and pre-vote
//! are there for it): as long as a quorum of voters runs and each of them reaches each other, one
//! leads whom a quorum hears, whatever the rest does. The longest a leader may be missing is not in
//! the paper; here it is many election timeouts, and is asked only of networks that lose nothing by
//! themselves. For the same reason, a change of who is there leads to a few elections, and not to
//! ever more.

use quorate::raft::{Membership, Role};
use quorate::{Micros, NodeId};

use super::commits::{is_quorum, list};
use super::{Consensus, Finding, Ledger};
use crate::observer::Invariant;

/// Who is well, and who reaches whom.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reach {
    /// The nodes that take steps, in order.
    pub running: Vec<NodeId>,
    /// Those of them whose disks and clocks are as they should be.
    pub well: Vec<NodeId>,
    /// Links on which messages are lost or late, one way or both, by their smaller and their greater
    /// end, in order.
    pub broken: Vec<(NodeId, NodeId)>,
    /// How often processes were started.
    pub starts: u64,
}

/// How long a group has been as it is, and led by somebody.
#[derive(Clone, Debug, Default)]
pub(super) struct Led {
    reach: Reach,
    /// Since when the reach is as it is.
    since: Micros,
    /// The highest term then.
    term: u64,
    /// When a node was last told to stand for election.
    called: Micros,
    /// When somebody last led whom a quorum can hear and answer.
    last: Micros,
}

/// Nobody needs more elections than this to agree on a leader while nothing changes: every second
/// one fails, at worst.
const MOST_ELECTIONS: u64 = 24;

impl Led {
    /// Since when the same nodes have been well and reached each other.
    pub(super) fn unchanged_since(&self) -> Micros {
        self.since
    }
}

impl Reach {
    fn is_linked(&self, one: NodeId, other: NodeId) -> bool {
        let link = (one.min(other), one.max(other));
        self.broken.binary_search(&link).is_err()
    }
}

impl Consensus {
    /// Once in a while, with who reaches whom now. O(voters²), and exponential in the few voters
    /// once nobody has led for long.
    pub fn check_led(&mut self, ledger: &mut Ledger, reach: Reach) {
        let now = ledger.now();
        if reach != self.led.reach {
            self.led.since = now;
            self.led.term = self.churn.term();
            self.led.reach = reach;
        }
        self.check_elections(ledger);
        self.check_transfer(ledger);
        if self.is_led() {
            self.led.last = now;
        }
        let Some(patience) = self.churn.patience() else {
            return;
        };
        let last = self.led.last.max(self.led.called);
        let missing = now.since(self.led.since.max(last));
        let core = (missing > patience).then(|| self.core()).flatten();
        let broken = core.map(|core| {
            let words = format!(
                "{} are well and reach each other, and for {missing} s nobody has led whom a \
                 quorum hears",
                list(&core)
            );
            Finding { nodes: core, words }
        });
        ledger.check(Invariant::Liveness, broken);
    }

    /// A node is told to stand for election, whoever leads.
    pub fn called(&mut self, now: Micros) {
        self.led.called = now;
    }

    /// A change of who is well or connected leads to a few elections, and not to ever more.
    fn check_elections(&self, ledger: &mut Ledger) {
        if self.churn.patience().is_none() {
            return;
        }
        let terms = self.churn.term() - self.led.term;
        let broken = (terms > MOST_ELECTIONS).then(|| Finding {
            nodes: self.led.reach.well.clone(),
            words: format!(
                "the term has grown {terms} times since {} s, and nobody came, went or was cut off",
                self.led.since
            ),
        });
        ledger.check(Invariant::BoundedChurn, broken);
    }

    pub(super) fn group(&self) -> &Membership {
        &self.memberships.last().expect("the first group is known").1
    }

    /// Whether somebody leads who is linked with a quorum of those who run, well or not.
    fn is_led(&self) -> bool {
        let reach = &self.led.reach;
        let leads = |id: &&NodeId| {
            let host = self.known(**id);
            host.is_some_and(|host| host.is_up && host.role == Role::Leader)
        };
        reach.running.iter().filter(leads).any(|&leader| {
            let linked = |id: &NodeId| *id == leader || reach.is_linked(*id, leader);
            let heard: Vec<NodeId> = reach.running.iter().copied().filter(linked).collect();
            is_quorum(self.group(), &heard)
        })
    }

    /// A quorum of voters that are well and all reach each other, if there is one.
    fn core(&self) -> Option<Vec<NodeId>> {
        let reach = &self.led.reach;
        let group = self.group();
        let is_member = |id: &NodeId| group.is_voter(*id);
        let voters: Vec<NodeId> = reach.well.iter().copied().filter(is_member).collect();
        self.grow(&mut Vec::new(), &voters)
    }

    /// Adds candidates to nodes that all reach each other, until they are a quorum.
    fn grow(&self, linked: &mut Vec<NodeId>, candidates: &[NodeId]) -> Option<Vec<NodeId>> {
        if is_quorum(self.group(), linked) {
            return Some(linked.clone());
        }
        let (&next, rest) = candidates.split_first()?;
        let fits = linked
            .iter()
            .all(|&other| self.led.reach.is_linked(next, other));
        if fits {
            linked.push(next);
            let found = self.grow(linked, rest);
            linked.pop();
            if found.is_some() {
                return found;
            }
        }
        self.grow(linked, rest)
    }
}
