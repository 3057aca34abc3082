//! The search itself, one run after the other.

use std::collections::BTreeSet;

use quorate::autoscale::Policy;
use serde_json::Value;

use super::super::comparison::{Progress, Recording, TraceFacts};
use super::super::{Model, PolicyScaler, Replay};
use super::data::{Axes, Point, RefusedPoint, SplitFacts, Sweep};
use super::error::SweepError;
use super::front::pareto_front;
use super::search::{Refusals, Search, Split, SweepOptions, chosen, grid_size, values_at};
use super::setting::Setting;

/// How many refused points are reported one by one.
const MAX_REPORTED: usize = 16;

/// Plays `recording` against `base` with every chosen combination of `settings`. `progress` counts
/// ticks and is called after every run; what is to be played grows once the front is known.
///
/// O(points · ticks) time, O(points) memory.
pub fn sweep(
    recording: &Recording<'_>,
    base: &Policy,
    settings: &[Setting],
    options: SweepOptions,
    mut progress: impl FnMut(Progress),
) -> Result<Sweep, SweepError> {
    let mut sweeping = Sweeping::new(recording, base, settings, options)?;
    while sweeping.advance() {
        progress(sweeping.progress());
    }
    Ok(sweeping.finish())
}

/// A search in progress: for a page that draws between two runs.
#[derive(Clone, Debug)]
pub struct Sweeping<'a> {
    recording: Recording<'a>,
    model: Model,
    facts: Facts,
    /// Ticks of the part on which points are chosen.
    training_ticks: u64,
    /// The first one is the policy as it was.
    candidates: Vec<Candidate>,
    /// How many of them were played on that part.
    trained: usize,
    /// Which ones are played on the test part: empty before all are played on the training part,
    /// and without a split.
    to_test: Vec<usize>,
    /// How many of these were.
    tested: usize,
}

/// What is known before the first run.
#[derive(Clone, Debug)]
struct Facts {
    base: Policy,
    paths: Vec<String>,
    search: Search,
    grid_points: u64,
    split: Option<SplitFacts>,
    refused_count: u64,
    refused: Vec<RefusedPoint>,
}

#[derive(Clone, Debug)]
struct Candidate {
    values: Vec<Value>,
    /// Can be asked once per tick.
    policy: Policy,
    training: Option<Axes>,
    test: Option<Axes>,
}

impl<'a> Sweeping<'a> {
    /// Every point made and checked, nothing played yet.
    pub fn new(
        recording: &Recording<'a>,
        base: &Policy,
        settings: &[Setting],
        options: SweepOptions,
    ) -> Result<Self, SweepError> {
        let interval = recording.interval();
        Replay::new(options.model, recording.peak_milli(), interval)?;
        let split = options
            .split
            .map(|split| split_facts(split, recording.length()))
            .transpose()?;
        let grid_points = grid_size(settings)?;
        let places = chosen(options.search, grid_points, options.limit)?;
        let json = serde_json::to_value(base).expect("a policy has a JSON form");
        let paths: Vec<String> = settings.iter().map(|each| each.path.clone()).collect();
        let own = paths
            .iter()
            .map(|path| json.pointer(path).cloned().ok_or(path))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|path| no_such_path(&json, path))?;
        let mut sweeping = Self {
            recording: recording.clone(),
            model: options.model,
            facts: Facts {
                base: base.clone(),
                paths,
                search: options.search,
                grid_points,
                split,
                refused_count: 0,
                refused: Vec::new(),
            },
            training_ticks: split.map_or(recording.length(), |split| split.training_ticks),
            candidates: Vec::with_capacity(places.len() + 1),
            trained: 0,
            to_test: Vec::new(),
            tested: 0,
        };
        sweeping.add(&json, own.clone(), Refusals::Stop)?;
        for values in places.iter().map(|&place| values_at(settings, place)) {
            if values != own {
                sweeping.add(&json, values, options.refusals)?;
            }
        }
        Ok(sweeping)
    }

    fn add(
        &mut self,
        base: &Value,
        values: Vec<Value>,
        refusals: Refusals,
    ) -> Result<(), SweepError> {
        let interval = self.recording.interval();
        let paths = &self.facts.paths;
        let policy = assemble(base, paths, &values).and_then(|policy| {
            PolicyScaler::new(&policy, interval)
                .map(|_| policy)
                .map_err(|error| refused(paths, &values, error.to_string()))
        });
        match (policy, refusals) {
            (Ok(policy), _) => self.candidates.push(Candidate {
                values,
                policy,
                training: None,
                test: None,
            }),
            (Err(SweepError::Refused { reason, .. }), Refusals::Skip) => {
                self.facts.refused_count += 1;
                if self.facts.refused.len() < MAX_REPORTED {
                    self.facts.refused.push(RefusedPoint { values, reason });
                }
            }
            (Err(error), _) => return Err(error),
        }
        Ok(())
    }

    /// Plays one run; false if there is none left.
    pub fn advance(&mut self) -> bool {
        if self.trained < self.candidates.len() {
            let axes = self.play(self.trained, 0, self.training_ticks);
            self.candidates[self.trained].training = Some(axes);
            self.trained += 1;
            if self.trained == self.candidates.len() && self.facts.split.is_some() {
                self.to_test = self.chosen();
            }
            return true;
        }
        let Some(&next) = self.to_test.get(self.tested) else {
            return false;
        };
        let axes = self.play(next, self.training_ticks, u64::MAX);
        self.candidates[next].test = Some(axes);
        self.tested += 1;
        true
    }

    /// How far it has come, in ticks.
    pub const fn progress(&self) -> Progress {
        let training = self.training_ticks;
        let test = self.recording.length() - training;
        Progress {
            done: self.trained as u64 * training + self.tested as u64 * test,
            total: self.candidates.len() as u64 * training + self.to_test.len() as u64 * test,
        }
    }

    /// What came of it; what was not played yet is played first.
    pub fn finish(mut self) -> Sweep {
        while self.advance() {}
        let (front, front_with_flips) = self.fronts();
        let trace = TraceFacts::of(self.recording.trace());
        let facts = self.facts;
        let point = |candidate: Candidate| Point {
            axes: candidate
                .training
                .expect("every candidate was played before the end"),
            values: candidate.values,
            test: candidate.test,
        };
        Sweep {
            trace,
            interval: self.recording.interval(),
            ticks: self.recording.length(),
            base: facts.base,
            paths: facts.paths,
            search: facts.search,
            grid_points: facts.grid_points,
            split: facts.split,
            points: self.candidates.into_iter().map(point).collect(),
            front,
            front_with_flips,
            refused_count: facts.refused_count,
            refused: facts.refused,
        }
    }

    /// Plays a candidate from its beginning on a part of the recording.
    fn play(&self, candidate: usize, from: u64, ticks: u64) -> Axes {
        let recording = &self.recording;
        let policy = &self.candidates[candidate].policy;
        let mut scaler = PolicyScaler::new(policy, recording.interval())
            .expect("every candidate was asked for a scaler at the door");
        let mut replay = Replay::new(self.model, recording.peak_milli(), recording.interval())
            .expect("the model was checked at the door");
        let places = |ticks| usize::try_from(ticks).unwrap_or(usize::MAX);
        for count in recording.counts().skip(places(from)).take(places(ticks)) {
            replay.step(count, &mut scaler);
        }
        Axes::new(&replay.score())
    }

    fn fronts(&self) -> (Vec<usize>, Vec<usize>) {
        let axes: Vec<Axes> = self
            .candidates
            .iter()
            .filter_map(|it| it.training)
            .collect();
        let two: Vec<[u64; 2]> = axes
            .iter()
            .map(|it| [it.node_seconds, it.under_provisioned.0])
            .collect();
        let three: Vec<[u64; 3]> = axes
            .iter()
            .map(|it| [it.node_seconds, it.under_provisioned.0, it.flips])
            .collect();
        (pareto_front(&two), pareto_front(&three))
    }

    /// The policy as it was, and what is on a front.
    fn chosen(&self) -> Vec<usize> {
        let (front, front_with_flips) = self.fronts();
        let chosen: BTreeSet<usize> = [0]
            .into_iter()
            .chain(front)
            .chain(front_with_flips)
            .collect();
        chosen.into_iter().collect()
    }
}

/// The policy `base` with `values` at `paths`.
pub(super) fn assemble(
    base: &Value,
    paths: &[String],
    values: &[Value],
) -> Result<Policy, SweepError> {
    let mut json = base.clone();
    for (path, value) in paths.iter().zip(values) {
        let place = json
            .pointer_mut(path)
            .ok_or_else(|| no_such_path(base, path))?;
        *place = value.clone();
    }
    serde_json::from_value(json).map_err(|error| refused(paths, values, error.to_string()))
}

fn refused(paths: &[String], values: &[Value], reason: String) -> SweepError {
    SweepError::Refused {
        settings: paths.iter().cloned().zip(values.iter().cloned()).collect(),
        reason,
    }
}

/// Names what there is at the deepest part of `path` that exists.
fn no_such_path(policy: &Value, path: &str) -> SweepError {
    let mut known = path;
    while let Some(end) = known.rfind('/') {
        known = &known[..end];
        if let Some(place) = policy.pointer(known) {
            let keys = place.as_object().into_iter().flatten();
            let instead = keys.map(|(key, _)| format!("{known}/{key}")).collect();
            return SweepError::NoSuchPath {
                path: path.to_owned(),
                instead,
            };
        }
    }
    SweepError::NoSuchPath {
        path: path.to_owned(),
        instead: Vec::new(),
    }
}

fn split_facts(split: Split, ticks: u64) -> Result<SplitFacts, SweepError> {
    let training_permille = split.training_permille;
    let product = u128::from(ticks) * u128::from(training_permille.min(1_000)) / 1_000;
    let training_ticks = u64::try_from(product).unwrap_or(ticks);
    let test_ticks = ticks - training_ticks;
    if training_ticks < 2 || test_ticks < 2 {
        return Err(SweepError::Split {
            training_permille,
            ticks,
        });
    }
    Ok(SplitFacts {
        training_permille,
        training_ticks,
        test_ticks,
    })
}
