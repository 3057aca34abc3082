//! Changes of membership.
//!
//! The rules are those of etcd's configuration changes: a change that touches more than one voter
//! goes through a joint configuration, a voter that is demoted within one stays a voter of the old
//! half until it is left, and leaving is a change of its own.
//!
//! A witness has no state to serve. So it is added as one and removed as one, and never becomes
//! anything else on the way. A node that was a witness comes back with an empty disk: its log says
//! that entries were applied, and no state machine has applied them.

use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use super::{Membership, Standing, has, insert, remove};
use crate::NodeId;
use crate::raft::config::MAX_VOTERS;

/// What happens to one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum MemberChange {
    /// It votes from now on; a learner is promoted.
    AddVoter(NodeId),
    /// It gets the log and does not vote; a voter is demoted.
    AddLearner(NodeId),
    /// It votes and stores the log, and does nothing else. Once removed, its host must empty its
    /// disk before it is added as anything but a witness: there is no state behind its log.
    AddWitness(NodeId),
    /// It leaves the group.
    Remove(NodeId),
}

impl MemberChange {
    /// The node in question.
    pub fn node(self) -> NodeId {
        match self {
            Self::AddVoter(node)
            | Self::AddLearner(node)
            | Self::AddWitness(node)
            | Self::Remove(node) => node,
        }
    }
}

/// How a change is gone about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Transition {
    /// One step for a single change, a joint configuration that the leader leaves by itself for
    /// several.
    #[default]
    Auto,
    /// A joint configuration that the leader leaves by itself.
    Implicit,
    /// A joint configuration that lasts until [`MembershipChange::leave`] is proposed.
    Explicit,
}

/// A change of membership, as it is proposed and as it stands in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MembershipChange {
    /// How it is gone about.
    pub transition: Transition,
    /// What happens, in this order. Nothing at all, with [`Transition::Auto`], leaves a joint
    /// configuration.
    pub changes: Vec<MemberChange>,
}

impl MembershipChange {
    /// A change of one node, in one step.
    pub fn one(change: MemberChange) -> Self {
        Self {
            transition: Transition::Auto,
            changes: Vec::from([change]),
        }
    }

    /// Leaves the joint configuration.
    pub fn leave() -> Self {
        Self::default()
    }

    /// Whether this leaves a joint configuration.
    pub fn is_leave(&self) -> bool {
        self.changes.is_empty() && self.transition == Transition::Auto
    }

    /// Whether this enters a joint configuration.
    fn is_joint(&self) -> bool {
        self.transition != Transition::Auto || self.changes.len() > 1
    }
}

impl Membership {
    /// The membership after `change`.
    ///
    /// # Errors
    ///
    /// If the change does not fit: it enters a joint configuration within one, leaves one that is
    /// not there, moves more than one voter in one step, leaves nobody who can lead, or makes
    /// a witness anything else.
    pub fn changed(&self, change: &MembershipChange) -> Result<Self, MembershipError> {
        match (change.is_leave(), self.is_joint()) {
            (true, true) => self.left().checked(),
            (true, false) => Err(MembershipError::NotJoint),
            (false, true) => Err(MembershipError::AlreadyJoint),
            (false, false) if change.is_joint() => self.entered(change)?.checked(),
            (false, false) => self.stepped(change)?.checked(),
        }
    }

    /// Enters a joint configuration.
    fn entered(&self, change: &MembershipChange) -> Result<Self, MembershipError> {
        let mut joint = self.clone();
        joint.outgoing.clone_from(&self.incoming);
        joint.auto_leave = change.transition != Transition::Explicit;
        for change in &change.changes {
            joint.apply(*change)?;
        }
        Ok(joint)
    }

    /// Leaves the joint configuration.
    fn left(&self) -> Self {
        let mut left = self.clone();
        for learner in left.learners_next.drain(..) {
            insert(&mut left.learners, learner);
        }
        left.outgoing.clear();
        left.auto_leave = false;
        left.witnesses
            .retain(|witness| has(&left.incoming, *witness));
        left
    }

    /// Changes one member in one step.
    fn stepped(&self, change: &MembershipChange) -> Result<Self, MembershipError> {
        let mut next = self.clone();
        for change in &change.changes {
            next.apply(*change)?;
        }
        next.witnesses
            .retain(|witness| has(&next.incoming, *witness));
        Ok(next)
    }

    fn apply(&mut self, change: MemberChange) -> Result<(), MembershipError> {
        let node = change.node();
        let standing = self.standing(node);
        match change {
            MemberChange::Remove(_) => self.take_out(node),
            MemberChange::AddWitness(_) => match standing {
                Standing::Outsider => {
                    insert(&mut self.incoming, node);
                    insert(&mut self.witnesses, node);
                }
                Standing::Witness if has(&self.incoming, node) => {}
                _ => return Err(MembershipError::WitnessIsFixed { node }),
            },
            _ if standing == Standing::Witness => {
                return Err(MembershipError::WitnessIsFixed { node });
            }
            MemberChange::AddVoter(_) => {
                self.take_out(node);
                insert(&mut self.incoming, node);
            }
            MemberChange::AddLearner(_) => {
                self.take_out(node);
                if has(&self.outgoing, node) {
                    insert(&mut self.learners_next, node);
                } else {
                    insert(&mut self.learners, node);
                }
            }
        }
        Ok(())
    }

    /// Takes a node out of everything but the outgoing half. One that is not in there either is no
    /// witness any more: it may come back as something else in the same change.
    fn take_out(&mut self, node: NodeId) {
        remove(&mut self.incoming, node);
        remove(&mut self.learners, node);
        remove(&mut self.learners_next, node);
        if !has(&self.outgoing, node) {
            remove(&mut self.witnesses, node);
        }
    }
}

/// Why a membership or a change of it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipError {
    /// A node is listed twice.
    ListedTwice {
        /// The node.
        node: NodeId,
    },
    /// Nobody would be left who votes and can lead.
    NoFullVoter,
    /// More than [`MAX_VOTERS`] would vote.
    TooManyVoters {
        /// How many.
        voters: usize,
    },
    /// The group is in a joint configuration, which has to be left first.
    AlreadyJoint,
    /// There is no joint configuration to leave.
    NotJoint,
    /// A witness can only be added as one, and removed.
    WitnessIsFixed {
        /// The node.
        node: NodeId,
    },
}

impl fmt::Display for MembershipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListedTwice { node } => write!(f, "node {node} is listed twice"),
            Self::NoFullVoter => write!(f, "no voter would be left that can lead"),
            Self::TooManyVoters { voters } => {
                write!(
                    f,
                    "{voters} voters, where at most {MAX_VOTERS} are possible"
                )
            }
            Self::AlreadyJoint => {
                write!(
                    f,
                    "the group is in a joint configuration, which has to be left first"
                )
            }
            Self::NotJoint => write!(f, "the group is in no joint configuration to leave"),
            Self::WitnessIsFixed { node } => write!(
                f,
                "node {node} cannot become or cease to be a witness: remove it, then add it anew"
            ),
        }
    }
}

impl Error for MembershipError {}
