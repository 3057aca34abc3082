//! The moments of a run that are worth a question, and no more of them than were asked for.
//!
//! All of them would be a second copy of the run: some policies act thousands of times. Kept are
//! the first and the last changes, which show how a policy settles, the flips that moved most
//! nodes, and the shortages that lacked most node-time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use quorate::Micros;
use serde::{Deserialize, Serialize};

use super::data::Words;

/// What a policy did, as far as it is worth a question. Every list is in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// The first changes of the fleet.
    pub first: Vec<Moment>,
    /// The last ones, without those that are among the first already.
    pub last: Vec<Moment>,
    /// The flips that moved most nodes; how many there were in all is in the score.
    pub flips: Vec<Moment>,
    /// The shortages that lacked most node-time.
    pub breaches: Vec<Breach>,
    /// How many shortages there were in all.
    pub breach_count: u64,
}

/// A change of the fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// In which tick, counted from zero.
    pub tick: u64,
    /// When that tick began, played from zero.
    #[serde(rename = "at_micros")]
    pub at: Micros,
    /// Ready and starting nodes before.
    pub from: u32,
    /// And after.
    pub to: u32,
    /// Ready nodes.
    pub ready: u32,
    /// The fewest nodes that would have met the service level.
    pub demanded: u32,
    /// The decision in words, if it was asked for them.
    pub words: Option<Words>,
}

/// Ticks in a row in which fewer nodes were ready than needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// Its first tick, counted from zero.
    pub tick: u64,
    /// When that began, played from zero.
    #[serde(rename = "at_micros")]
    pub at: Micros,
    /// How many ticks it lasted.
    pub ticks: u64,
    /// The most nodes that were missing at once.
    pub missing_max: u32,
    /// Missing nodes, summed over its ticks.
    pub missing_node_ticks: u64,
    /// The decision of its first tick in words, if it was asked for them.
    pub words: Option<Words>,
}

/// [`Moments`] that are being collected.
#[derive(Clone, Debug)]
pub(super) struct MomentsBuilder {
    kept: usize,
    first: Vec<Moment>,
    last: VecDeque<Moment>,
    flips: Largest<Moment>,
    breaches: Largest<Breach>,
    breach_count: u64,
    /// The shortage that goes on.
    open: Option<Breach>,
}

impl MomentsBuilder {
    /// Keeps at most `kept` of each kind.
    pub(super) fn new(kept: usize) -> Self {
        Self {
            kept,
            first: Vec::new(),
            last: VecDeque::new(),
            flips: Largest::new(kept),
            breaches: Largest::new(kept),
            breach_count: 0,
            open: None,
        }
    }

    /// The fleet was changed.
    pub(super) fn acted(&mut self, moment: Moment, flipped: bool) {
        if flipped {
            let size = u64::from(moment.from.abs_diff(moment.to));
            self.flips.offer(size, moment.tick, || moment.clone());
        }
        if self.first.len() < self.kept {
            self.first.push(moment);
            return;
        }
        self.last.push_back(moment);
        if self.last.len() > self.kept {
            self.last.pop_front();
        }
    }

    /// `missing` nodes were missing in the tick that began at `at`.
    pub(super) fn missed(&mut self, tick: u64, at: Micros, missing: u32) {
        if missing == 0 {
            self.close();
            return;
        }
        let breach = self.open.get_or_insert(Breach {
            tick,
            at,
            ticks: 0,
            missing_max: 0,
            missing_node_ticks: 0,
            words: None,
        });
        breach.ticks += 1;
        breach.missing_max = breach.missing_max.max(missing);
        breach.missing_node_ticks += u64::from(missing);
    }

    fn close(&mut self) {
        if let Some(breach) = self.open.take() {
            self.breach_count += 1;
            let size = breach.missing_node_ticks;
            self.breaches.offer(size, breach.tick, || breach);
        }
    }

    pub(super) fn finish(mut self) -> Moments {
        self.close();
        Moments {
            first: self.first,
            last: self.last.into(),
            flips: self.flips.in_order(|moment| moment.tick),
            breaches: self.breaches.in_order(|breach| breach.tick),
            breach_count: self.breach_count,
        }
    }
}

impl Moments {
    /// The ticks of all of them.
    pub(super) fn ticks(&self) -> impl Iterator<Item = u64> {
        let moments = [&self.first, &self.last, &self.flips];
        let moments = moments.into_iter().flatten().map(|moment| moment.tick);
        moments.chain(self.breaches.iter().map(|breach| breach.tick))
    }

    /// Gives each of them the words of its tick, where `words` has any.
    pub(super) fn give(&mut self, words: &BTreeMap<u64, Words>) {
        for moments in [&mut self.first, &mut self.last, &mut self.flips] {
            for moment in moments {
                moment.words = words.get(&moment.tick).cloned();
            }
        }
        for breach in &mut self.breaches {
            breach.words = words.get(&breach.tick).cloned();
        }
    }
}

/// The largest of what was offered; of equal ones the earlier.
#[derive(Clone, Debug)]
struct Largest<T> {
    kept: usize,
    /// By size, then by how late it was not. The first one is the next to go.
    items: BTreeMap<(u64, Reverse<u64>), T>,
}

impl<T> Largest<T> {
    const fn new(kept: usize) -> Self {
        Self {
            kept,
            items: BTreeMap::new(),
        }
    }

    /// Takes the item if it is large enough. O(log kept).
    fn offer(&mut self, size: u64, tick: u64, item: impl FnOnce() -> T) {
        let key = (size, Reverse(tick));
        let full = self.items.len() >= self.kept;
        let least = self.items.first_key_value().map(|(&least, _)| least);
        if full && least.is_none_or(|least| key <= least) {
            return;
        }
        self.items.insert(key, item());
        if full {
            self.items.pop_first();
        }
    }

    fn in_order(self, tick: impl Fn(&T) -> u64) -> Vec<T> {
        let mut items: Vec<T> = self.items.into_values().collect();
        items.sort_by_key(tick);
        items
    }
}
