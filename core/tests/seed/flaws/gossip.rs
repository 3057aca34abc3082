//! The seed's replication loop: whole values under vector clocks, the latest hundred each second.

use std::collections::BTreeMap;

use quorate::Micros;

use super::register::SeedRegister;

/// How many items a round sends.
pub(super) const BATCH: usize = 100;

type Clock = BTreeMap<String, u64>;

/// A value as it is stored and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) value: SeedRegister,
    pub(super) clock: Clock,
    pub(super) last_modified: Micros,
}

/// A node of the seed: everything in memory.
#[derive(Clone, Debug)]
pub(super) struct SeedNode {
    id: String,
    /// Counts local writes, and never learns from what is received.
    local_clock: Clock,
    pub(super) items: BTreeMap<String, Item>,
    /// How often it reported a conflict.
    pub(super) conflicts: usize,
}

impl SeedNode {
    /// A node that has just been started.
    pub(super) fn started(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            local_clock: Clock::new(),
            items: BTreeMap::new(),
            conflicts: 0,
        }
    }

    pub(super) fn write(&mut self, key: &str, value: &str, now: Micros) {
        *self.local_clock.entry(self.id.clone()).or_default() += 1;
        let item = Item {
            key: key.to_owned(),
            value: SeedRegister::written(value, now, &self.id),
            clock: self.local_clock.clone(),
            last_modified: now,
        };
        self.items.insert(key.to_owned(), item);
    }

    /// What the loop sends: the items that were modified last.
    pub(super) fn round(&self) -> Vec<Item> {
        let mut items: Vec<_> = self.items.values().cloned().collect();
        items.sort_by_key(|item| std::cmp::Reverse(item.last_modified));
        items.truncate(BATCH);
        items
    }

    pub(super) fn receive(&mut self, batch: &[Item], now: Micros) {
        for remote in batch {
            self.receive_item(remote, now);
        }
    }

    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.items.get(key).map(|item| item.value.value.as_str())
    }

    fn receive_item(&mut self, remote: &Item, now: Micros) {
        let received = Item {
            last_modified: now,
            ..remote.clone()
        };
        let Some(local) = self.items.get_mut(&remote.key) else {
            self.items.insert(remote.key.clone(), received);
            return;
        };
        if happens_before(&remote.clock, &local.clock) {
            return;
        }
        if happens_before(&local.clock, &remote.clock) {
            *local = received;
            return;
        }
        // Concurrent, the seed says. Or equal, which it does not ask.
        self.conflicts += 1;
        local.value = local.value.merge(&remote.value, now);
        for (node, &count) in &remote.clock {
            let known = local.clock.entry(node.clone()).or_default();
            *known = count.max(*known);
        }
        local.last_modified = now;
    }
}

/// Nowhere more, somewhere less.
fn happens_before(left: &Clock, right: &Clock) -> bool {
    let count = |clock: &Clock, node| clock.get(node).copied().unwrap_or(0);
    let covered = left.iter().all(|(node, &n)| n <= count(right, node));
    covered && right.iter().any(|(node, &n)| count(left, node) < n)
}
