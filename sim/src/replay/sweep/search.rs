//! Which points of the grid are tried, and in which order.

use std::collections::BTreeSet;

use quorate::Random;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::Model;
use super::error::SweepError;
use super::setting::{MAX_VALUES, Setting};

/// The most points of a search.
const MAX_POINTS: u64 = 100_000;

/// How a policy is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweepOptions {
    /// The nodes.
    pub model: Model,
    /// Which points are tried.
    pub search: Search,
    /// More points than this are refused; at most 100,000.
    pub limit: u64,
    /// What becomes of points that are no policy.
    pub refusals: Refusals,
    /// Whether a part of the recording is kept back.
    pub split: Option<Split>,
}

impl Default for SweepOptions {
    /// The default model, the whole grid if it has at most 1,000 points, no refused point, no split.
    fn default() -> Self {
        Self {
            model: Model::default(),
            search: Search::Grid,
            limit: 1_000,
            refusals: Refusals::Stop,
            split: None,
        }
    }
}

/// Which points are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Search {
    /// All of them. The last setting changes fastest.
    Grid,
    /// Some of them, each as likely as any other and none twice, in the order of the grid.
    Random {
        /// How many; all of them if there are fewer.
        points: u64,
        /// The seed of the choice.
        seed: u64,
    },
}

/// What becomes of points that are no policy, such as a lower bound above the upper one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refusals {
    /// The first one ends the search before anything is played.
    #[default]
    Stop,
    /// They are left out, counted, and the first ones reported.
    Skip,
}

/// A recording in two parts: points are chosen on the first one and tried on the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    /// The first part's share of the ticks, per mille: from 1 to 999.
    pub training_permille: u32,
}

/// The size of the grid.
pub(super) fn grid_size(settings: &[Setting]) -> Result<u64, SweepError> {
    if settings.is_empty() {
        return Err(SweepError::NoSettings);
    }
    let mut size: u64 = 1;
    for (index, Setting { path, values }) in settings.iter().enumerate() {
        if settings[..index].iter().any(|before| before.path == *path) {
            return Err(SweepError::PathTwice(path.clone()));
        }
        let count = values.count();
        if count == 0 || count > MAX_VALUES {
            let path = path.clone();
            return Err(SweepError::Values { path, count });
        }
        size = size.saturating_mul(count);
    }
    Ok(size)
}

/// The points that are tried, as places in the grid, ascending.
pub(super) fn chosen(search: Search, size: u64, limit: u64) -> Result<Vec<u64>, SweepError> {
    let points = match search {
        Search::Grid => size,
        Search::Random { points, .. } => points.min(size),
    };
    let limit = limit.min(MAX_POINTS);
    if points == 0 || points > limit {
        return Err(SweepError::Points { points, limit });
    }
    Ok(match search {
        Search::Random { seed, .. } if points < size => sample(points, size, seed),
        _ => (0..size).collect(),
    })
}

/// `points` different numbers below `size`, every set of them as likely as any other (Floyd, in
/// Bentley's *Programming Pearls*, 1987).
fn sample(points: u64, size: u64, seed: u64) -> Vec<u64> {
    let mut random = Random::new(seed);
    let mut drawn = BTreeSet::new();
    for last in size - points..size {
        let place = random.below(last.saturating_add(1));
        if !drawn.insert(place) {
            drawn.insert(last);
        }
    }
    drawn.into_iter().collect()
}

/// The values at a place of the grid, one per setting.
pub(super) fn values_at(settings: &[Setting], mut place: u64) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::with_capacity(settings.len());
    for setting in settings.iter().rev() {
        let count = setting.values.count().max(1);
        values.push(setting.values.get(place % count));
        place /= count;
    }
    values.reverse();
    values
}
