//! One decision of a replay, with every number of its chain.
//!
//! Decisions are not kept while a load is played: a chain is some hundred bytes, a trace has a
//! hundred thousand ticks, and nobody reads more than a few. A replay is a pure function, so it is
//! played again up to the tick in question, and decided there with the words and the
//! counterfactual that the replay goes without.

use std::collections::{BTreeMap, BTreeSet};

use quorate::autoscale::{Decision, decide};

use super::super::{Model, PolicyScaler, Replay, Scaler, Tick};
use super::data::Words;
use super::error::ComparisonError;
use super::recording::Recording;
use super::run::{Contender, scaler};

/// The decision of `contender` in one tick, counted from zero. O(tick).
pub fn explain(
    recording: &Recording<'_>,
    model: Model,
    contender: &Contender,
    tick: u64,
) -> Result<Decision, ComparisonError> {
    let mut found = explain_each(recording, model, contender, &BTreeSet::from([tick]))?;
    found.remove(&tick).ok_or(ComparisonError::NoSuchTick {
        tick,
        ticks: recording.length(),
    })
}

/// The decisions of `contender` in `ticks`, in one pass. O(last tick).
pub fn explain_each(
    recording: &Recording<'_>,
    model: Model,
    contender: &Contender,
    ticks: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Decision>, ComparisonError> {
    let Some(&last) = ticks.last() else {
        return Ok(BTreeMap::new());
    };
    if last >= recording.length() {
        return Err(ComparisonError::NoSuchTick {
            tick: last,
            ticks: recording.length(),
        });
    }
    let interval = recording.interval();
    let mut replay = Replay::new(model, recording.peak_milli(), interval)?;
    let mut explained = Explained {
        scaler: scaler(contender, interval)?,
        wanted: ticks,
        index: 0,
        found: BTreeMap::new(),
    };
    for count in recording.counts() {
        if explained.index > last {
            break;
        }
        replay.step(count, &mut explained);
    }
    Ok(explained.found)
}

/// The words for the decisions in `ticks`.
pub(super) fn words(
    recording: &Recording<'_>,
    model: Model,
    contender: &Contender,
    ticks: &BTreeSet<u64>,
) -> Result<BTreeMap<u64, Words>, ComparisonError> {
    let decisions = explain_each(recording, model, contender, ticks)?;
    let in_words = |decision: &Decision| Words {
        reason: decision.to_string(),
        would_change: decision.what_would_change_it(),
    };
    let words = decisions
        .iter()
        .map(|(&tick, decision)| (tick, in_words(decision)));
    Ok(words.collect())
}

/// A scaler that keeps whole decisions of some ticks.
struct Explained<'a> {
    scaler: PolicyScaler,
    wanted: &'a BTreeSet<u64>,
    /// Of the next tick.
    index: u64,
    found: BTreeMap<u64, Decision>,
}

impl Scaler for Explained<'_> {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let is_wanted = self.wanted.contains(&self.index);
        let before = is_wanted.then(|| self.scaler.state().clone());
        let target = self.scaler.decide(tick);
        if let Some(mut state) = before {
            // What the scaler saw of this tick, decided again from what it remembered before.
            let (policy, seen) = (self.scaler.policy(), self.scaler.observation());
            let decision = decide(policy, &mut state, seen, tick.at);
            self.found.insert(self.index, decision);
        }
        self.index += 1;
        target
    }
}
