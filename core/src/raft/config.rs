//! What a node is told once: who it is, how patient it is, and how much it takes at a time.
//!
//! Who else belongs to the group is not a setting: it is part of the log, and changes with it.
//! Every setting that could make the protocol unsafe or silent is refused here, once, so that no
//! other file has to wonder about a heartbeat slower than an election.

use super::error::ConfigError;
use super::progress::InflightLimit;
#[cfg(feature = "mutants")]
use super::rules::Rule;
use crate::{Micros, NodeId};

/// The most voters a group may have, and the most either half of a joint configuration may:
/// beyond nine, each further vote costs more than it protects.
pub const MAX_VOTERS: usize = 9;

/// The most entries one append or batch of proposals may carry.
pub const MAX_BATCH: usize = 1 << 20;

/// The settings of one node. [`Config::new`] gives those that suit a group in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// This node.
    pub id: NodeId,
    /// How long a follower waits for its leader. Each election draws its own timeout from
    /// `election_timeout..2 * election_timeout`, so that split votes do not repeat. It is also
    /// how long a leader goes on without hearing from a quorum, how long a transfer of leadership
    /// may take, and what a lease is made of.
    pub election_timeout: Micros,
    /// How often a leader speaks when it has nothing to say. Below the election timeout.
    pub heartbeat_interval: Micros,
    /// The most entries in one append, from one to [`MAX_BATCH`].
    pub max_append_entries: usize,
    /// The most payload bytes in one append, except that a single entry always fits.
    pub max_append_bytes: u64,
    /// The most appends on their way to one follower before the leader waits, at least one.
    pub max_inflight_appends: usize,
    /// The most payload bytes on their way to one follower; one append may go beyond it.
    pub max_inflight_bytes: u64,
    /// The most payload bytes that a leader holds uncommitted; one proposal may go beyond it. It
    /// also bounds what is kept back while leadership is being transferred.
    pub max_uncommitted_bytes: u64,
    /// Ask whether an election would succeed before calling it (dissertation, section 9.6).
    pub pre_vote: bool,
    /// A leader that hears no quorum for an election timeout steps down, and nobody votes while
    /// it hears a leader (dissertation, section 6.2).
    pub check_quorum: bool,
    /// How reads are confirmed.
    pub reads: ReadPolicy,
    /// What a follower does with proposals.
    pub forwarding: Forwarding,
    /// What a leader does when it is no longer a voter.
    pub removal: RemovalPolicy,
    /// Whether changes of membership are checked when they are proposed.
    pub validation: Validation,
    /// The seed of the election timeouts. The same seed and inputs give the same run; the nodes
    /// of a group should have different ones.
    pub seed: u64,
    /// The one rule this node breaks, if any.
    #[cfg(feature = "mutants")]
    pub broken_rule: Option<Rule>,
}

/// How a leader makes sure that it still leads before it answers a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadPolicy {
    /// It asks a quorum (dissertation, section 6.4).
    #[default]
    Quorum,
    /// It trusts the promise its followers give with every answer to a heartbeat: not to vote for
    /// an election timeout (section 6.4.1). The promise counts from when the heartbeat was
    /// *sent*, and is shortened by the drift of both clocks. Needs check-quorum.
    ///
    /// A follower that restarts does not know what it promised. So with this policy it does not
    /// vote for an election timeout after a restart.
    Lease {
        /// How fast the clock of any node may run fast or slow, in millionths: below 500,000.
        /// With a clock that drifts more, reads can be stale.
        max_drift_ppm: u32,
    },
}

/// What a node that does not lead does with proposals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forwarding {
    /// It sends them to the leader it knows.
    #[default]
    ToLeader,
    /// It refuses them.
    Off,
}

/// What a leader does once a change of membership made it a learner or removed it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RemovalPolicy {
    /// It takes nothing more, and steps down as soon as a voter has all it has, so that the voters
    /// elect one of their own.
    #[default]
    StepDown,
    /// It goes on, without counting itself, until somebody else is elected.
    KeepLeading,
}

/// Whether a leader checks changes of membership when they are proposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Validation {
    /// One at a time, and only what fits the membership there is.
    #[default]
    Enforced,
    /// Anything is appended, for tests. What does not fit when it is applied changes nothing.
    Off,
}

impl Config {
    /// Settings for node `id` among machines a few milliseconds apart: heartbeats every 50 ms,
    /// elections after 150 to 300 ms of silence, pre-vote and check-quorum on.
    pub fn new(id: NodeId) -> Self {
        Self {
            id,
            election_timeout: Micros::from_millis(150),
            heartbeat_interval: Micros::from_millis(50),
            max_append_entries: 1024,
            max_append_bytes: 1 << 20,
            max_inflight_appends: 256,
            max_inflight_bytes: 16 << 20,
            max_uncommitted_bytes: 64 << 20,
            pre_vote: true,
            check_quorum: true,
            reads: ReadPolicy::Quorum,
            forwarding: Forwarding::ToLeader,
            removal: RemovalPolicy::StepDown,
            validation: Validation::Enforced,
            seed: id.0,
            #[cfg(feature = "mutants")]
            broken_rule: None,
        }
    }

    /// The same settings, or what is wrong with them.
    pub(super) fn checked(self) -> Result<Self, ConfigError> {
        if self.heartbeat_interval == Micros::ZERO
            || self.heartbeat_interval >= self.election_timeout
        {
            return Err(ConfigError::HeartbeatInterval {
                heartbeat_interval: self.heartbeat_interval,
                election_timeout: self.election_timeout,
            });
        }
        if !(1..=MAX_BATCH).contains(&self.max_append_entries) {
            return Err(ConfigError::AppendEntries {
                max_append_entries: self.max_append_entries,
            });
        }
        if self.max_inflight_appends == 0 || self.max_inflight_bytes == 0 {
            return Err(ConfigError::NothingInFlight);
        }
        if let ReadPolicy::Lease { max_drift_ppm } = self.reads
            && (!self.check_quorum || max_drift_ppm >= 500_000)
        {
            return Err(ConfigError::Lease { max_drift_ppm });
        }
        Ok(self)
    }

    pub(super) fn inflight_limit(&self) -> InflightLimit {
        InflightLimit {
            appends: self.max_inflight_appends,
            bytes: self.max_inflight_bytes,
        }
    }

    /// How long a lease lasts by the leader's clock, counted from the sending of the heartbeat: a
    /// follower with the fastest clock must not be done waiting before a leader with the slowest
    /// one. `None` if reads do not use leases.
    pub(super) fn lease(&self) -> Option<Micros> {
        let ReadPolicy::Lease { max_drift_ppm } = self.reads else {
            return None;
        };
        let (slow, fast) = (1_000_000 - max_drift_ppm, 1_000_000 + max_drift_ppm);
        let scaled = u128::from(self.election_timeout.0) * u128::from(slow) / u128::from(fast);
        Some(Micros(u64::try_from(scaled).unwrap_or(u64::MAX)))
    }
}
