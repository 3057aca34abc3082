//! The window of needs that a scale-in must cover, and how regret lengthens it.
//!
//! A cooldown after every action stops the scale-out that a burst needs. A fixed window before
//! a scale-in is too short where traffic flaps and too long where it does not. Here nothing ever
//! delays a scale-out, and the window learns: each scale-in that had to be taken back lengthens
//! it, and that is forgotten within hours.

use alloc::collections::VecDeque;

use super::QuorateSettings;
use super::arithmetic::{per_mille, scaled, signed};
use crate::Micros;

/// The most needs that are remembered.
const MAX_NEEDS: u64 = 240;
/// Needs closer together than this are one.
const LEAST_BUCKET: Micros = Micros::from_secs(15);
/// What one regretted scale-in adds to the penalty.
const REGRET: i64 = 1_000;

/// The needs of the last hour that could still matter.
///
/// Only a need that is larger than every later one can ever be the largest of a window that ends
/// now. So needs are strictly descending, and the largest of *any* window is its oldest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub(super) struct Needs {
    /// Ascending by time, strictly descending by nodes, at most [`MAX_NEEDS`] and one.
    needs: VecDeque<Need>,
}

/// The size that was needed at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Need {
    /// When.
    pub at: Micros,
    /// How many nodes.
    pub nodes: u32,
}

impl Needs {
    /// Remembers that `nodes` are needed at `now`; forgets what is older than `limit`.
    /// O(1) amortised.
    pub(super) fn push(&mut self, nodes: u32, now: Micros, limit: Micros) {
        while self.needs.back().is_some_and(|last| last.nodes <= nodes) {
            self.needs.pop_back();
        }
        let bucket = Micros(limit.0.div_ceil(MAX_NEEDS)).max(LEAST_BUCKET);
        match self.needs.back_mut() {
            // The larger need of the same bucket stands for both, and lives as long as the later.
            Some(last) if now.0 / bucket.0 <= last.at.0 / bucket.0 => last.at = last.at.max(now),
            _ => self.needs.push_back(Need { at: now, nodes }),
        }
        while self.is_first_useless(now, limit) {
            self.needs.pop_front();
        }
    }

    /// The largest need that is younger than `hold`, with its time.
    pub(super) fn largest(&self, hold: Micros, now: Micros) -> Option<Need> {
        self.needs
            .iter()
            .rev()
            .take_while(|need| now.since(need.at) < hold)
            .last()
            .copied()
    }

    fn is_first_useless(&self, now: Micros, limit: Micros) -> bool {
        let is_too_many = self.needs.len() as u64 > MAX_NEEDS + 1;
        is_too_many
            || self
                .needs
                .front()
                .is_some_and(|first| now.since(first.at) >= limit)
    }
}

/// How long a scale-in waits now, given what past ones cost.
///
/// The extension is counted in whole seconds.
pub(super) fn hold(settings: &QuorateSettings, penalty: i64) -> Micros {
    let base = i64::try_from(settings.hold.as_secs()).unwrap_or(i64::MAX);
    let extension = per_mille(per_mille(base, penalty), i64::from(settings.damping));
    let extension = Micros::from_secs(u64::try_from(extension).unwrap_or(0));
    (settings.hold + extension).min(settings.hold_limit)
}

/// The penalty one interval later. A rest below `1 + tau / dt` is too small to fade in whole
/// numbers and stays: some seconds of hold, for good.
pub(super) fn faded(settings: &QuorateSettings, penalty: i64, interval: Micros) -> i64 {
    let dt = signed(interval);
    let tau = signed(settings.damping_time);
    penalty - scaled(penalty, dt, tau.saturating_add(dt))
}

/// The penalty after a scale-in was regretted.
pub(super) const fn regretted(penalty: i64) -> i64 {
    penalty.saturating_add(REGRET)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Micros = Micros::from_secs(3_600);

    #[test]
    fn the_largest_need_of_a_window_is_found_for_every_window() {
        let mut random = crate::Random::new(5);
        let mut needs = Needs::default();
        let mut all: alloc::vec::Vec<Need> = alloc::vec::Vec::new();
        for tick in 0..2_000 {
            let at = Micros::from_secs(tick * 15);
            let nodes = u32::try_from(random.below(40)).unwrap();
            needs.push(nodes, at, HOUR);
            all.push(Need { at, nodes });
            let hold = Micros::from_secs(1 + random.below(3_600));
            let expected = all
                .iter()
                .filter(|need| at.since(need.at) < hold)
                .map(|need| need.nodes)
                .max();
            assert_eq!(
                needs.largest(hold, at).map(|need| need.nodes),
                expected,
                "{tick}"
            );
            assert!(needs.needs.len() as u64 <= MAX_NEEDS + 1);
        }
    }

    #[test]
    fn memory_is_bounded_however_often_and_however_long() {
        for (step, limit) in [(1, HOUR), (1_000_000, Micros::from_secs(366 * 86_400))] {
            let mut needs = Needs::default();
            for tick in 0..200_000_u32 {
                needs.push(
                    u32::MAX - tick,
                    Micros::from_millis(u64::from(tick) * step),
                    limit,
                );
                assert!(needs.needs.len() as u64 <= MAX_NEEDS + 2);
            }
        }
    }
}
