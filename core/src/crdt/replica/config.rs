//! How a replica behaves.

use alloc::vec::Vec;

use crate::Micros;
use crate::crdt::keyspace::Registry;
use crate::crdt::{PruneOptions, ReplicaId};

/// How a replica behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaConfig {
    /// Which key holds which type. The same at every replica, or each shows something else.
    pub registry: Registry,
    /// How often it tells others what it has. Each round is drawn from half to one and a half of
    /// it, so that replicas do not move in step.
    pub sync_interval: Micros,
    /// How many peers it tells per round, and how many it sends a fresh local event.
    pub fanout: usize,
    /// About how many events one delta carries at most.
    pub batch_events: usize,
    /// How many events wait for others that they build on. They are dropped, oldest first, when there
    /// are more: nothing is lost by it, as nothing of them was acknowledged.
    pub pending_events: usize,
    /// How many bytes of metadata it may hold: beyond, records are forgotten and then writes refused.
    /// See [`SizeReport::metadata`](crate::crdt::SizeReport::metadata).
    pub metadata_budget: Option<usize>,
    /// How far ahead of the own clock a register's stamp may be before its message is refused.
    pub max_clock_skew: Micros,
    /// What it prunes, and when.
    pub prune: PruneOptions,
    /// Whom a newcomer asks to be admitted. A member knows the others by its table.
    pub contacts: Vec<ReplicaId>,
    /// Seeds its choice of peers.
    pub seed: u64,
}

impl Default for ReplicaConfig {
    /// Every key a register, a round every 200 ms to two peers, 4,096 events a batch, as many waiting,
    /// no budget, an hour of skew.
    fn default() -> Self {
        Self {
            registry: Registry::new(),
            sync_interval: Micros::from_millis(200),
            fanout: 2,
            batch_events: 4_096,
            pending_events: 4_096,
            metadata_budget: None,
            max_clock_skew: Micros::from_secs(60 * 60),
            prune: PruneOptions::default(),
            contacts: Vec::new(),
            seed: 0,
        }
    }
}
