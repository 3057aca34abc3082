//! Snapshots: a prefix of the log replaced by what it led to.
//!
//! The kernel never sees the data of a state machine. It knows where a snapshot stands in the log
//! and who belonged to the group there; the host keeps the data, ships it beside the message
//! that announces it, and installs it when the write that names it is to become durable.
//!
//! Taking a snapshot and dropping entries are two steps. A follower that is a little behind is
//! served from the entries that were kept, at a fraction of the cost of the state.

use super::Raft;
use super::applied::Memberships;
use super::error::StepError;
use super::log::{Boundary, Log};
use super::membership::{Membership, Standing};
use super::message::Body;
use super::rules::Rule;
use crate::NodeId;
use alloc::sync::Arc;

/// Where a snapshot stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The last entry it covers, with its term and the hash of the log up to it. All zero before
    /// the first snapshot.
    pub position: Boundary,
    /// Who belongs to the group after that entry.
    pub membership: Membership,
}

/// How the sending of a snapshot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotOutcome {
    /// It has arrived; whether it was installed, the follower's next answer will tell.
    Arrived,
    /// It got lost, or the follower refused it.
    Failed,
}

/// Whether a snapshot comes with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotContent {
    /// The host ships the state beside the message.
    State,
    /// The receiver is a witness: there is no state to ship.
    PositionOnly,
}

impl Raft {
    /// The state machine as of `index` is a durable snapshot.
    pub(super) fn snapshot_taken(&mut self, index: u64) {
        let Some(position) = self.log.position(index) else {
            return;
        };
        let membership = self.memberships.forget_before(index);
        self.snapshot = Arc::new(Snapshot {
            position,
            membership,
        });
    }

    /// Whether the state machine can have been snapshot at `index`.
    pub(super) fn admit_snapshot(&self, index: u64) -> Result<(), StepError> {
        let oldest = self.snapshot.position.index.max(self.log.boundary().index);
        if (oldest..=self.applied_index).contains(&index) {
            return Ok(());
        }
        Err(StepError::SnapshotOutOfRange {
            index,
            oldest,
            applied_index: self.applied_index,
        })
    }

    /// Whether the log can be compacted up to `index`.
    pub(super) fn admit_compaction(&self, index: u64) -> Result<(), StepError> {
        let snapshot_index = self.snapshot.position.index;
        if index > snapshot_index {
            return Err(StepError::CompactsBeyondSnapshot {
                index,
                snapshot_index,
            });
        }
        Ok(())
    }

    /// Drops the entries up to `index`.
    pub(super) fn compact(&mut self, index: u64) {
        self.recent = None;
        self.log.compact(index);
    }

    /// A leader offers a snapshot because it no longer has what comes before.
    pub(super) fn receive_snapshot(&mut self, from: NodeId, snapshot: Arc<Snapshot>) {
        let position = snapshot.position;
        let knows_us = snapshot.membership.standing(self.config.id) != Standing::Outsider;
        let is_welcome = knows_us || self.keeps(Rule::SnapshotFromBeforeJoining);
        let is_blank = self.is_blank();
        if (position.index > self.commit_index || is_blank) && is_welcome {
            if self.log.term_at(position.index) == Some(position.term) && !is_blank {
                self.commit_index = position.index;
            } else {
                self.install(snapshot);
            }
        }
        let match_index = self.commit_index;
        self.reply(from, Body::AppendAccepted { match_index });
    }

    /// Whether this node knows of no group at all, since it waits to be added to one. It needs a
    /// snapshot, if only that of the start: replaying the changes since then on top of nobody, it
    /// would come out as a voter of a smaller group, and could lead that.
    pub(super) fn is_blank(&self) -> bool {
        self.membership().incoming().is_empty()
    }

    /// Starts over from `snapshot`: everything in the log is void.
    fn install(&mut self, snapshot: Arc<Snapshot>) {
        let position = snapshot.position;
        self.recent = None;
        self.log = Log::after(position);
        self.storage.install(Arc::clone(&snapshot));
        self.commit_index = position.index;
        self.handed_index = position.index;
        self.pending_changes.clear();
        self.memberships = Memberships::since(&snapshot);
        self.standing = self.memberships.standing(self.config.id);
        self.snapshot = snapshot;
    }

    /// The installed snapshot is durable.
    pub(super) fn snapshot_installed(&mut self) {
        self.applied_index = self.applied_index.max(self.snapshot.position.index);
        self.release_reads();
    }
}
