//! The comparison itself, as many ticks at a time as the caller has time for.

use std::collections::BTreeSet;

use quorate::Micros;
use quorate::autoscale::Policy;

use super::super::tally::Tally;
use super::super::{Model, PolicyScaler, Replay, Scaler, Tick};
use super::data::{Comparison, OracleRow, PolicyRun, ScoreRow, TraceFacts};
use super::error::{ComparisonError, MAX_KEPT, MAX_NAME, MAX_POINTS, MAX_POLICIES};
use super::explain::words;
use super::moments::{Moment, MomentsBuilder};
use super::recording::Recording;
use super::series::{DemandBuilder, Had, SeriesBuilder, Width};
use crate::load::Ticks;

/// How many ticks pass between two reports of progress.
const SLICE: u64 = 8_192;

/// A policy and what people call it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contender {
    /// Not empty, at most 128 bytes, unique within a comparison.
    pub name: String,
    /// What it does. It is asked once per tick, whatever interval it would like.
    pub policy: Policy,
}

/// On which fleet policies are compared, and how much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparisonOptions {
    /// The nodes.
    pub model: Model,
    /// The most buckets of a series: from 1 to 4,096.
    pub points: usize,
    /// The most moments of each kind: at most 1,024.
    pub kept: usize,
}

impl Default for ComparisonOptions {
    /// The default model, 720 buckets, 24 moments of each kind.
    fn default() -> Self {
        Self {
            model: Model::default(),
            points: 720,
            kept: 24,
        }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Ticks that were played.
    pub done: u64,
    /// Ticks that are to be played.
    pub total: u64,
}

/// Plays `recording` against every contender. `progress` is called now and then, and at the end.
///
/// Words are not given to the moments: see [`Comparison::give_words`].
pub fn compare(
    recording: &Recording<'_>,
    contenders: &[Contender],
    options: ComparisonOptions,
    mut progress: impl FnMut(Progress),
) -> Result<Comparison, ComparisonError> {
    let mut comparing = Comparing::new(recording, contenders, options)?;
    loop {
        let now = comparing.advance(SLICE);
        progress(now);
        if now.done == now.total {
            return Ok(comparing.finish());
        }
    }
}

/// A comparison in progress: for a page that draws between two slices of work.
///
/// Its size depends on the options and on the number of policies, not on the length of the
/// recording.
#[derive(Clone, Debug)]
pub struct Comparing<'a> {
    facts: TraceFacts,
    model: Model,
    interval: Micros,
    peak_milli: u64,
    counts: Ticks<'a>,
    progress: Progress,
    width: Width,
    demand: DemandBuilder,
    /// The most nodes that were needed at once.
    demanded_max: u32,
    /// At least one.
    runs: Vec<Run>,
}

#[derive(Clone, Debug)]
struct Run {
    contender: Contender,
    replay: Replay,
    watched: Watched,
}

impl<'a> Comparing<'a> {
    /// Nothing played yet.
    pub fn new(
        recording: &Recording<'a>,
        contenders: &[Contender],
        options: ComparisonOptions,
    ) -> Result<Self, ComparisonError> {
        check(contenders, options)?;
        let (model, interval) = (options.model, recording.interval());
        let width = Width::of(recording.length(), options.points);
        let run = |contender: &Contender| {
            Ok(Run {
                contender: contender.clone(),
                replay: Replay::new(model, recording.peak_milli(), interval)?,
                watched: Watched::new(
                    scaler(contender, interval)?,
                    Watch {
                        model,
                        width,
                        kept: options.kept,
                    },
                ),
            })
        };
        let runs = contenders
            .iter()
            .map(run)
            .collect::<Result<Vec<_>, ComparisonError>>()?;
        Ok(Self {
            facts: TraceFacts::of(recording.trace()),
            model,
            interval,
            peak_milli: recording.peak_milli(),
            counts: recording.counts(),
            progress: Progress {
                done: 0,
                total: recording.length(),
            },
            width,
            demand: DemandBuilder::new(width),
            demanded_max: 0,
            runs,
        })
    }

    /// Plays at most `ticks` more.
    pub fn advance(&mut self, ticks: u64) -> Progress {
        let end = self.progress.done.saturating_add(ticks);
        while self.progress.done < end.min(self.progress.total) {
            let Some(count) = self.counts.next() else {
                self.progress.total = self.progress.done;
                break;
            };
            for Run {
                replay, watched, ..
            } in &mut self.runs
            {
                replay.step(count, watched);
            }
            if let Some(Run { watched, .. }) = self.runs.first() {
                let demanded = watched.demanded;
                self.demanded_max = self.demanded_max.max(demanded);
                self.demand.add(self.progress.done, count, demanded);
            }
            self.progress.done += 1;
        }
        self.progress
    }

    /// How far it has come.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// What came of it; what was not played yet is played first.
    pub fn finish(mut self) -> Comparison {
        self.advance(u64::MAX);
        let score = self.runs.first().map(|run| run.replay.score());
        let oracle = OracleRow::new(
            &score.expect("there is at least one policy"),
            self.demanded_max,
        );
        Comparison {
            trace: self.facts,
            interval: self.interval,
            ticks: self.progress.done,
            peak_milli: self.peak_milli,
            model: self.model,
            bucket_ticks: self.width.ticks,
            demand: self.demand.finish(),
            oracle,
            policies: self.runs.into_iter().map(Run::finish).collect(),
        }
    }
}

impl Comparison {
    /// Gives every moment the words of its decision. The load is played once more against each
    /// policy; `progress` counts policies.
    ///
    /// `recording` is the one that was compared: another one gives other words.
    pub fn give_words(
        &mut self,
        recording: &Recording<'_>,
        mut progress: impl FnMut(Progress),
    ) -> Result<(), ComparisonError> {
        let total = self.policies.len() as u64;
        for (done, run) in (1..).zip(&mut self.policies) {
            let ticks: BTreeSet<u64> = run.moments.ticks().collect();
            let contender = Contender {
                name: run.name.clone(),
                policy: run.policy.clone(),
            };
            run.moments
                .give(&words(recording, self.model, &contender, &ticks)?);
            progress(Progress { done, total });
        }
        Ok(())
    }
}

impl Run {
    fn finish(self) -> PolicyRun {
        let Self {
            contender: Contender { name, policy },
            replay,
            watched,
        } = self;
        PolicyRun {
            strategy: policy.strategy().kind().to_owned(),
            name,
            policy,
            score: ScoreRow::new(&replay.score(), watched.largest_fleet),
            series: watched.series.finish(),
            moments: watched.moments.finish(),
        }
    }
}

/// How a scaler is watched.
#[derive(Clone, Copy, Debug)]
struct Watch {
    model: Model,
    width: Width,
    kept: usize,
}

/// A scaler, and what is noted of every tick that it sees.
#[derive(Clone, Debug)]
struct Watched {
    scaler: PolicyScaler,
    model: Model,
    /// Counts flips as the score does.
    tally: Tally,
    series: SeriesBuilder,
    moments: MomentsBuilder,
    /// Of the next tick.
    index: u64,
    /// In the last tick.
    demanded: u32,
    largest_fleet: u32,
}

impl Watched {
    fn new(scaler: PolicyScaler, watch: Watch) -> Self {
        Self {
            scaler,
            model: watch.model,
            tally: Tally::default(),
            series: SeriesBuilder::new(watch.width),
            moments: MomentsBuilder::new(watch.kept),
            index: 0,
            demanded: 0,
            largest_fleet: 0,
        }
    }
}

impl Scaler for Watched {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let target = self.scaler.decide(tick);
        let to = self.model.bounds.clamp(target);
        let demanded = self.model.demanded(tick.load, tick.node_capacity);
        let flips = self.tally.flips;
        self.tally
            .act(tick.nodes, to, tick.at, self.model.flip_window);
        let flipped = self.tally.flips > flips;
        let began = Micros(tick.interval.0.saturating_mul(self.index));
        self.series.add(
            self.index,
            Had {
                demanded,
                ready: tick.ready,
                nodes: tick.nodes,
                queue_milli: tick.queue_milli(),
                flipped: u32::from(flipped),
            },
        );
        let missing = demanded.saturating_sub(tick.ready);
        self.moments.missed(self.index, began, missing);
        if to != tick.nodes {
            let moment = Moment {
                tick: self.index,
                at: began,
                from: tick.nodes,
                to,
                ready: tick.ready,
                demanded,
                words: None,
            };
            self.moments.acted(moment, flipped);
        }
        self.index += 1;
        self.demanded = demanded;
        self.largest_fleet = self.largest_fleet.max(tick.ready);
        target
    }
}

/// A policy in front of a fleet, asked once per tick.
pub(super) fn scaler(
    contender: &Contender,
    interval: Micros,
) -> Result<PolicyScaler, ComparisonError> {
    PolicyScaler::new(&contender.policy, interval).map_err(|error| ComparisonError::Policy {
        name: contender.name.clone(),
        error,
    })
}

fn check(contenders: &[Contender], options: ComparisonOptions) -> Result<(), ComparisonError> {
    if contenders.is_empty() || contenders.len() > MAX_POLICIES {
        return Err(ComparisonError::Policies(contenders.len()));
    }
    let mut names = BTreeSet::new();
    for Contender { name, .. } in contenders {
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(ComparisonError::Name(name.clone()));
        }
        if !names.insert(name) {
            return Err(ComparisonError::NameTwice(name.clone()));
        }
    }
    if options.points == 0 || options.points > MAX_POINTS {
        return Err(ComparisonError::Points(options.points));
    }
    if options.kept > MAX_KEPT {
        return Err(ComparisonError::Kept(options.kept));
    }
    Ok(())
}
