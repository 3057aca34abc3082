//! The rules that make Raft right, each of which can be broken on purpose.
//!
//! A checker that has never seen a violation may be checking nothing. So every rule that some
//! system once got wrong has a name here, and under the feature `mutants` a node can be told to
//! break one. Without the feature no rule can be broken, and the questions cost nothing.

use super::Raft;

/// A rule of Raft or of its practice, named by what holds. The order is that of the gallery of
/// bugs in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Rule {
    /// Only an entry of the current term commits by being counted (Figure 8 of the paper).
    CommitsOwnTermOnly,
    /// Who steps down within a term remembers whom it voted for.
    VoteOutlivesRole,
    /// A vote is durable before it is told or counted.
    VoteIsDurable,
    /// An entry is durable before it is acknowledged or counted.
    AckIsDurable,
    /// A commit needs a quorum, of both halves if there are two.
    CommitNeedsQuorum,
    /// A leader changes the membership only once an entry of its term is committed, and one
    /// change at a time (the single-server bug of 2015).
    ChangeAfterOwnCommit,
    /// Who has not applied a committed change of membership does not campaign.
    CampaignAfterChange,
    /// A write that was overtaken proves nothing (the ABA race of asynchronous storage).
    StaleWriteProvesNothing,
    /// An append cuts the log only where it contradicts it.
    CutOnlyConflicts,
    /// A follower commits no further than it is known to match.
    CommitWithinMatch,
    /// Entries become durable before the hard state that commits them.
    EntriesBeforeHardState,
    /// A pre-vote is granted only to a log that is up to date.
    PreVoteChecksLog,
    /// A leader that hears no quorum steps down, since nobody votes while it is heard.
    LeaderChecksQuorum,
    /// A node accepts a snapshot that does not know it yet.
    SnapshotFromBeforeJoining,
    /// A transfer of leadership does not ask by pre-vote.
    TransferSkipsPreVote,
    /// A lease is shortened by the drift of clocks, and counts from the sending.
    LeaseAllowsForDrift,
    /// A command that was repeated is applied once.
    SessionsApplyOnce,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 17] = [
        Self::CommitsOwnTermOnly,
        Self::VoteOutlivesRole,
        Self::VoteIsDurable,
        Self::AckIsDurable,
        Self::CommitNeedsQuorum,
        Self::ChangeAfterOwnCommit,
        Self::CampaignAfterChange,
        Self::StaleWriteProvesNothing,
        Self::CutOnlyConflicts,
        Self::CommitWithinMatch,
        Self::EntriesBeforeHardState,
        Self::PreVoteChecksLog,
        Self::LeaderChecksQuorum,
        Self::SnapshotFromBeforeJoining,
        Self::TransferSkipsPreVote,
        Self::LeaseAllowsForDrift,
        Self::SessionsApplyOnce,
    ];
}

impl Raft {
    /// Whether this node keeps a rule.
    #[cfg(feature = "mutants")]
    pub(super) fn keeps(&self, rule: Rule) -> bool {
        self.config.broken_rule != Some(rule)
    }

    /// Whether this node keeps a rule: always.
    #[cfg(not(feature = "mutants"))]
    #[expect(
        clippy::unused_self,
        reason = "with the feature `mutants` it depends on the node"
    )]
    pub(super) const fn keeps(&self, _: Rule) -> bool {
        true
    }
}
