//! What a node is told once: who it is, who votes, and how patient it is.
//!
//! Every setting that could make the protocol unsafe or silent is refused here, once, so that no
//! other file has to wonder about an empty voter list or a heartbeat slower than an election.

use alloc::vec::Vec;

use super::error::ConfigError;
use crate::{Micros, NodeId};

/// The most voters a group may have: beyond nine, each further vote costs more than it protects.
pub const MAX_VOTERS: usize = 9;

/// The settings of one node. Pre-vote and check-quorum are always on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// This node. It must be one of the voters.
    pub id: NodeId,
    /// All voters, this node included: one to [`MAX_VOTERS`], in any order, none twice.
    pub voters: Vec<NodeId>,
    /// How long a follower waits for its leader. Each election draws its own timeout from
    /// `election_timeout..2 * election_timeout`, so that split votes do not repeat. It is also
    /// how long a leader goes on without hearing from a majority.
    pub election_timeout: Micros,
    /// How often a leader speaks when it has nothing to say. Below the election timeout.
    pub heartbeat_interval: Micros,
    /// The most entries in one append, at least one.
    pub max_entries_per_append: usize,
    /// The most appends on their way to one follower before the leader waits, at least one.
    pub max_inflight_appends: usize,
    /// The seed of the election timeouts. The same seed and inputs give the same run; the nodes
    /// of a group should have different ones.
    pub seed: u64,
}

impl Config {
    /// The same settings with the voters in order, or what is wrong with them.
    pub(super) fn checked(mut self) -> Result<Self, ConfigError> {
        self.voters.sort_unstable();
        if self.voters.is_empty() || self.voters.len() > MAX_VOTERS {
            return Err(ConfigError::VoterCount {
                voters: self.voters.len(),
            });
        }
        if let Some(pair) = self.voters.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ConfigError::DuplicateVoter { voter: pair[0] });
        }
        if !self.is_voter(self.id) {
            return Err(ConfigError::NotAVoter { id: self.id });
        }
        if self.heartbeat_interval == Micros::ZERO
            || self.heartbeat_interval >= self.election_timeout
        {
            return Err(ConfigError::HeartbeatInterval {
                heartbeat_interval: self.heartbeat_interval,
                election_timeout: self.election_timeout,
            });
        }
        if self.max_entries_per_append == 0 {
            return Err(ConfigError::NoEntriesPerAppend);
        }
        if self.max_inflight_appends == 0 {
            return Err(ConfigError::NoInflightAppends);
        }
        Ok(self)
    }

    /// Whether `node` votes. The voters are in order once checked.
    pub(super) fn is_voter(&self, node: NodeId) -> bool {
        self.voters.binary_search(&node).is_ok()
    }
}
