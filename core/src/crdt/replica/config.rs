//! How a replica behaves.

use alloc::vec::Vec;

use crate::Micros;
#[cfg(feature = "mutants")]
use crate::crdt::Rule;
use crate::crdt::keyspace::Registry;
use crate::crdt::{PruneOptions, ReplicaId, Store};

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
    /// The one rule this replica breaks, if any. A host lets its image of the state break it, too.
    #[cfg(feature = "mutants")]
    pub broken_rule: Option<Rule>,
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
            #[cfg(feature = "mutants")]
            broken_rule: None,
        }
    }
}

impl ReplicaConfig {
    /// The state that a replica begins with: what is durable, unless a rule is broken.
    #[cfg(feature = "mutants")]
    pub(super) fn started(&self, durable: Store) -> Store {
        let Some(rule) = self.broken_rule else {
            return durable;
        };
        let mut store = durable.breaking(rule);
        if rule == Rule::CounterOutlivesEvents {
            store.count_on_from_live();
        }
        store
    }

    /// The state that a replica begins with: what is durable.
    #[cfg(not(feature = "mutants"))]
    #[expect(
        clippy::unused_self,
        reason = "with the feature `mutants` it depends on the configuration"
    )]
    pub(super) const fn started(&self, durable: Store) -> Store {
        durable
    }
}
