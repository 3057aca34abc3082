//! Who belongs to the group, and how that changes.
//!
//! If every node switched from one set of voters to another at its own moment, two disjoint
//! majorities could exist at once. So either the sets differ by one voter, when any two majorities
//! still share one (dissertation, section 4.1), or the group passes through a *joint*
//! configuration, in which nothing is decided without a majority of both (paper, section 6).
//!
//! A [`Membership`] is a value, and a change is a function from one to the next: pure mathematics,
//! like `quorum`. When a change takes effect is the business of the state machine: once its entry
//! is *applied*, on every node.

mod change;
mod encoding;

use alloc::vec::Vec;

pub use change::{MemberChange, MembershipChange, MembershipError, Transition};

use super::config::MAX_VOTERS;
use super::quorum::{Tally, tally, tally_both};
use crate::NodeId;

/// The members of a group at one point of its log. All lists are in order and without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Membership {
    /// The voters; in a joint configuration, those of the new half. At most [`MAX_VOTERS`].
    incoming: Vec<NodeId>,
    /// In a joint configuration, the voters of the old half; otherwise empty.
    outgoing: Vec<NodeId>,
    /// Members that get the log and do not vote. Disjoint from both halves.
    learners: Vec<NodeId>,
    /// Voters of the outgoing half that become learners when the joint configuration is left.
    learners_next: Vec<NodeId>,
    /// The voters, of either half, that are witnesses.
    witnesses: Vec<NodeId>,
    /// Whether the leader leaves the joint configuration by itself.
    auto_leave: bool,
}

/// What a node is to its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Standing {
    /// It votes, in one half or both, and may lead.
    Voter,
    /// It votes and stores the log, but runs no state machine and never campaigns.
    Witness,
    /// It gets the log and does not vote.
    Learner,
    /// It does not belong to the group, not any more or not yet.
    Outsider,
}

impl Membership {
    /// A group of these voters.
    ///
    /// # Errors
    ///
    /// If there are none, or more than [`MAX_VOTERS`], or one is listed twice.
    pub fn of_voters(voters: impl IntoIterator<Item = NodeId>) -> Result<Self, MembershipError> {
        Self::new(voters, [], [])
    }

    /// A group of these voters (full ones and witnesses) and learners.
    ///
    /// # Errors
    ///
    /// If there is no full voter, or more than [`MAX_VOTERS`] voters, or a node is listed twice.
    pub fn new(
        voters: impl IntoIterator<Item = NodeId>,
        witnesses: impl IntoIterator<Item = NodeId>,
        learners: impl IntoIterator<Item = NodeId>,
    ) -> Result<Self, MembershipError> {
        let mut membership = Self::default();
        for voter in voters {
            membership.add_once(voter, |group| &mut group.incoming)?;
        }
        for witness in witnesses {
            membership.add_once(witness, |group| &mut group.incoming)?;
            insert(&mut membership.witnesses, witness);
        }
        for learner in learners {
            membership.add_once(learner, |group| &mut group.learners)?;
        }
        membership.checked()
    }

    /// The voters; in a joint configuration, those of the new half.
    pub fn incoming(&self) -> &[NodeId] {
        &self.incoming
    }

    /// In a joint configuration, the voters of the old half; otherwise empty.
    pub fn outgoing(&self) -> &[NodeId] {
        &self.outgoing
    }

    /// The members that get the log and do not vote.
    pub fn learners(&self) -> &[NodeId] {
        &self.learners
    }

    /// The voters that become learners when the joint configuration is left.
    pub fn learners_next(&self) -> &[NodeId] {
        &self.learners_next
    }

    /// The voters that are witnesses.
    pub fn witnesses(&self) -> &[NodeId] {
        &self.witnesses
    }

    /// Whether the leader leaves the joint configuration by itself.
    pub fn auto_leave(&self) -> bool {
        self.auto_leave
    }

    /// Whether two sets of voters have to agree.
    pub fn is_joint(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// What `node` is to the group.
    pub fn standing(&self, node: NodeId) -> Standing {
        if has(&self.incoming, node) || has(&self.outgoing, node) {
            if has(&self.witnesses, node) {
                Standing::Witness
            } else {
                Standing::Voter
            }
        } else if has(&self.learners, node) {
            Standing::Learner
        } else {
            Standing::Outsider
        }
    }

    /// Whether `node` votes in either half.
    pub fn is_voter(&self, node: NodeId) -> bool {
        matches!(self.standing(node), Standing::Voter | Standing::Witness)
    }

    /// Everybody, in order and once.
    pub fn members(&self) -> Vec<NodeId> {
        let mut members = [&self.incoming[..], &self.outgoing, &self.learners].concat();
        members.sort_unstable();
        members.dedup();
        members
    }

    /// Everybody who votes, in order and once.
    pub fn voters(&self) -> Vec<NodeId> {
        let mut voters = [&self.incoming[..], &self.outgoing].concat();
        voters.sort_unstable();
        voters.dedup();
        voters
    }

    /// Where an election stands, by what each voter has answered so far.
    pub(super) fn tally(&self, answer: impl Fn(NodeId) -> Option<bool>) -> Tally {
        let half = |voters: &[NodeId]| {
            let answers = || voters.iter().filter_map(|voter| answer(*voter));
            let granted = answers().filter(|granted| *granted).count();
            tally(voters.len(), granted, answers().count() - granted)
        };
        if self.is_joint() {
            tally_both(half(&self.incoming), half(&self.outgoing))
        } else {
            half(&self.incoming)
        }
    }

    /// Adds a node to a list, unless it is a member already.
    fn add_once(
        &mut self,
        node: NodeId,
        list: impl FnOnce(&mut Self) -> &mut Vec<NodeId>,
    ) -> Result<(), MembershipError> {
        if self.standing(node) != Standing::Outsider {
            return Err(MembershipError::ListedTwice { node });
        }
        insert(list(self), node);
        Ok(())
    }

    /// The same, if it can decide anything.
    fn checked(self) -> Result<Self, MembershipError> {
        let full = |voters: &[NodeId]| voters.iter().any(|voter| !has(&self.witnesses, *voter));
        if !full(&self.incoming) {
            return Err(MembershipError::NoFullVoter);
        }
        let voters = self.incoming.len().max(self.outgoing.len());
        if voters > MAX_VOTERS {
            return Err(MembershipError::TooManyVoters { voters });
        }
        Ok(self)
    }
}

/// Whether a sorted list has `node`.
fn has(list: &[NodeId], node: NodeId) -> bool {
    list.binary_search(&node).is_ok()
}

/// Adds `node` to a sorted list.
fn insert(list: &mut Vec<NodeId>, node: NodeId) {
    if let Err(place) = list.binary_search(&node) {
        list.insert(place, node);
    }
}

/// Takes `node` out of a sorted list.
fn remove(list: &mut Vec<NodeId>, node: NodeId) {
    if let Ok(place) = list.binary_search(&node) {
        list.remove(place);
    }
}
