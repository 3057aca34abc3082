//! What follows from having applied entries: changes of membership, and what waited for them.
//!
//! A change takes effect when its entry is applied, as in etcd's raft, and not when it is
//! appended. That keeps the membership a function of what is committed, which no truncation takes
//! back; the price is that a node that has a committed change to apply must not campaign, since it
//! would count by the wrong voters.

use alloc::collections::VecDeque;

use super::Raft;
use super::entry::EntryKind;
use super::error::ConfigError;
use super::membership::{Membership, MembershipChange, Standing};
use super::snapshot::Snapshot;
use crate::NodeId;

/// The membership, and since which index it and those before it have been.
#[derive(Clone, Debug)]
pub(super) struct Memberships {
    /// In the order of their indices; the first is that of the last snapshot.
    history: VecDeque<(u64, Membership)>,
    current: Membership,
}

impl Memberships {
    /// The membership of a snapshot.
    pub(super) fn since(snapshot: &Snapshot) -> Self {
        let current = snapshot.membership.clone();
        Self {
            history: VecDeque::from([(snapshot.position.index, current.clone())]),
            current,
        }
    }

    /// The membership as of the applied index.
    pub(super) fn current(&self) -> &Membership {
        &self.current
    }

    /// What `node` is to the group.
    pub(super) fn standing(&self, node: NodeId) -> Standing {
        self.current.standing(node)
    }

    /// The change at `index` was applied.
    fn changed(&mut self, index: u64, membership: Membership) {
        self.history.push_back((index, membership.clone()));
        self.current = membership;
    }

    /// The membership as of `index`; those before it are forgotten.
    pub(super) fn forget_before(&mut self, index: u64) -> Membership {
        while self
            .history
            .get(1)
            .is_some_and(|(since, _)| *since <= index)
        {
            self.history.pop_front();
        }
        self.history[0].1.clone()
    }
}

impl Raft {
    /// The state machine has applied everything up to `index`.
    #[inline(always)]
    pub(super) fn applied(&mut self, index: u64) {
        if self
            .pending_changes
            .front()
            .is_some_and(|change| *change <= index)
        {
            self.apply_changes(index);
        }
        self.applied_index = index;
        if self.membership().is_joint() {
            self.leave_joint_by_itself();
        }
        self.release_reads();
    }

    /// Hands out everything up to `index` to be applied. A witness has nothing to apply it to.
    #[inline(always)]
    pub(super) fn hand_out(&mut self, index: u64) {
        self.handed_index = index;
        if self.standing() == Standing::Witness {
            self.apply_as_witness(index);
        }
    }

    #[inline(never)]
    fn apply_as_witness(&mut self, index: u64) {
        self.effects.committed.start = self.effects.committed.end;
        self.applied(index);
    }

    /// Finds the changes of membership in the restored log, and applies again those that the
    /// state machine had.
    pub(super) fn restore_changes(&mut self, applied_index: u64) -> Result<(), ConfigError> {
        let above = self.snapshot.position.index + 1..self.log.last_index() + 1;
        for (index, entry) in self.log.range(above) {
            if entry.kind() == EntryKind::Membership {
                MembershipChange::decode(entry.payload())
                    .map_err(|_| ConfigError::BrokenChange { index })?;
                self.pending_changes.push_back(index);
            }
        }
        self.standing = self.memberships.standing(self.config.id);
        self.apply_changes(applied_index);
        self.applied_index = applied_index;
        Ok(())
    }

    /// The first change of membership that is committed and not applied, if there is one.
    pub(super) fn unapplied_change(&self) -> Option<u64> {
        let first = self.pending_changes.front().copied();
        first.filter(|index| *index <= self.commit_index)
    }

    #[inline(never)]
    fn apply_changes(&mut self, upto: u64) {
        let mut has_changed = false;
        while let Some(index) = self.pending_changes.front().copied()
            && index <= upto
        {
            self.pending_changes.pop_front();
            let entry = self
                .log
                .entry(index)
                .expect("what is not applied is in the log");
            let change = MembershipChange::decode(entry.payload())
                .expect("the door lets in only changes that can be read");
            // One that does not fit, which only a leader without validation appends, changes
            // nothing on any node.
            if let Ok(membership) = self.membership().changed(&change) {
                self.memberships.changed(index, membership);
                has_changed = true;
            }
        }
        if has_changed {
            self.standing = self.memberships.standing(self.config.id);
            self.membership_changed();
        }
    }

    /// A leader leaves a joint configuration by itself, once it is applied, if that was the wish.
    #[inline(never)]
    fn leave_joint_by_itself(&mut self) {
        let leaves = self.membership().is_joint() && self.membership().auto_leave();
        if leaves
            && self
                .pending_membership_index()
                .is_some_and(|at| at <= self.applied_index)
        {
            let leave = MembershipChange::leave().encode();
            self.append_as_leader(EntryKind::Membership, leave);
        }
    }
}
