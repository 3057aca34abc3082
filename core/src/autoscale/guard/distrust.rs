//! When metrics are not believed.
//!
//! The naive autoscaler believes what it reads. Exporters die, caches serve the last answer for ever,
//! and two pipelines count the same requests differently; each of these has emptied a fleet under
//! full load. The guard has three doubts, and while it has one it lets no node go (or, if told to,
//! changes nothing).
//!
//! * **Stale**: too few of the ready nodes have fresh values.
//! * **Frozen**: no reading of any ready node has changed by a single unit for a long time, though
//!   the fleet is under load. Real load is never that steady.
//! * **Disagreeing**: the sum of a quantity over the nodes and the same quantity measured for the
//!   fleet as a whole differ by more than a share of the larger one.

use alloc::vec::Vec;
use core::fmt;

use super::{Answer, GuardNumbers, GuardReason, GuardVerdict};
use crate::Micros;
use crate::autoscale::rules::Rules;
use crate::autoscale::{Metric, MetricName, NodeSample, NodeState, Observation, Resource, Rule};

/// More pairs than this are refused: each evaluation adds all of them up.
const MAX_DISAGREEMENTS: usize = 16;

/// What makes metrics doubtful, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct DistrustSettings {
    /// What is held while there is a doubt.
    pub hold: DistrustHold,
    /// Stale if a smaller share of the ready nodes, per mille, has fresh values. A node has if one of
    /// its values is fresh and none is stale. `None` turns the doubt off.
    pub min_fresh_permille: Option<u32>,
    /// Frozen if nothing has changed for so long. `None` turns the doubt off.
    #[cfg_attr(feature = "serde", serde(rename = "frozen_after_micros"))]
    pub frozen_after: Option<Micros>,
    /// The fleet is under load if a request waits or a ready node's CPU is at least this, in
    /// thousandths of a node. An idle fleet may well read the same for hours.
    pub loaded_from: i64,
    /// Quantities of which there are two sources.
    pub disagreements: Vec<Disagreement>,
}

impl Default for DistrustSettings {
    /// Holds removals if less than half of the ready nodes have fresh values, or if nothing has
    /// changed for ten minutes at 5 % CPU or more.
    fn default() -> Self {
        Self {
            hold: DistrustHold::Removals,
            min_fresh_permille: Some(500),
            frozen_after: Some(Micros::from_secs(600)),
            loaded_from: 50,
            disagreements: Vec::new(),
        }
    }
}

/// What is held while metrics are doubtful.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum DistrustHold {
    /// No node is removed: a mistake then costs money only.
    #[default]
    Removals,
    /// The size stays.
    Both,
}

/// One quantity, measured twice.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Disagreement {
    /// Added up over the ready nodes with fresh values.
    pub sum_of: SummedMetric,
    /// Compared with this metric of the fleet as a whole, if that is fresh.
    pub against: MetricName,
    /// They disagree if they differ by more than this share, per mille, of the larger one.
    pub permille: u32,
}

/// A metric of the nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum SummedMetric {
    /// One that every node has.
    Resource(Resource),
    /// One of the host's own.
    Custom(MetricName),
}

impl SummedMetric {
    fn of(&self, sample: &NodeSample) -> Metric {
        match self {
            Self::Resource(resource) => sample.metric(*resource),
            Self::Custom(name) => sample.custom(name.as_str()),
        }
    }
}

/// When metrics are not believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "DistrustSettings", into = "DistrustSettings")
)]
pub struct Distrust {
    /// At least one doubt is possible, and shares are at most 1,000.
    settings: DistrustSettings,
}

impl Distrust {
    /// Distrust with these settings.
    pub fn new(settings: DistrustSettings) -> Result<Self, DistrustError> {
        let pairs = &settings.disagreements;
        if settings.min_fresh_permille.is_none()
            && settings.frozen_after.is_none()
            && pairs.is_empty()
        {
            return Err(DistrustError::NoDoubt);
        }
        if pairs.len() > MAX_DISAGREEMENTS {
            return Err(DistrustError::Disagreements { given: pairs.len() });
        }
        let shares = pairs.iter().map(|pair| pair.permille);
        match settings
            .min_fresh_permille
            .into_iter()
            .chain(shares)
            .find(|share| *share > 1_000)
        {
            Some(permille) => Err(DistrustError::Share { permille }),
            None if settings.frozen_after == Some(Micros::ZERO) => Err(DistrustError::NoTime),
            None => Ok(Self { settings }),
        }
    }

    /// The settings.
    pub const fn settings(&self) -> &DistrustSettings {
        &self.settings
    }

    /// Holds the size, or removals, while there is a doubt.
    pub(super) fn judge(
        &self,
        readings: &Readings,
        observation: &Observation,
        answer: Answer,
        now: Micros,
    ) -> GuardVerdict {
        let doubt = self.doubt(readings, observation, now, answer.rules);
        let held = match self.settings.hold {
            DistrustHold::Removals => answer.without_removal(),
            DistrustHold::Both => answer.current,
        };
        GuardVerdict {
            reason: doubt.map_or(GuardReason::Passed, Doubt::reason),
            before: answer.target,
            after: doubt.map_or(answer.target, |_| held),
            frees_at: None,
            numbers: GuardNumbers::Distrust { doubt },
        }
    }

    /// The first doubt, in the order of the file's head.
    fn doubt(
        &self,
        readings: &Readings,
        observation: &Observation,
        now: Micros,
        rules: Rules,
    ) -> Option<Doubt> {
        self.stale(observation, rules)
            .or_else(|| self.frozen(readings, observation, now, rules))
            .or_else(|| self.disagreeing(observation))
    }

    /// A fleet without a ready node is not doubted: nothing could be fresh.
    fn stale(&self, observation: &Observation, rules: Rules) -> Option<Doubt> {
        let permille = self.settings.min_fresh_permille?;
        let (mut ready, mut fresh) = (0_u32, 0_u32);
        for sample in ready_nodes(observation) {
            ready = ready.saturating_add(sample.count);
            if has_fresh_values(sample, rules) {
                fresh = fresh.saturating_add(sample.count);
            }
        }
        (u64::from(fresh) * 1_000 < u64::from(permille) * u64::from(ready)).then_some(
            Doubt::Stale {
                fresh,
                ready,
                permille,
            },
        )
    }

    fn frozen(
        &self,
        readings: &Readings,
        observation: &Observation,
        now: Micros,
        rules: Rules,
    ) -> Option<Doubt> {
        let unchanged_for = now.since(readings.since);
        let loaded = || {
            ready_nodes(observation).any(|sample| {
                sample
                    .cpu
                    .fresh()
                    .is_some_and(|cpu| cpu >= self.settings.loaded_from)
                    || sample.queue.fresh().is_some_and(|queue| queue > 0)
            })
        };
        (unchanged_for >= self.settings.frozen_after?
            && (loaded() || !rules.keep(Rule::IdleIsNotFrozen)))
        .then_some(Doubt::Frozen { unchanged_for })
    }

    fn disagreeing(&self, observation: &Observation) -> Option<Doubt> {
        (0..)
            .zip(&self.settings.disagreements)
            .find_map(|(pair, each)| {
                let reported = i128::from(observation.metric(each.against.as_str()).fresh()?);
                let sum = sum(observation, &each.sum_of)?;
                let larger = sum.unsigned_abs().max(reported.unsigned_abs());
                let differ = sum.abs_diff(reported) * 1_000 > larger * u128::from(each.permille);
                differ.then_some(Doubt::Disagreeing {
                    pair,
                    sum: saturated(sum),
                    reported: saturated(reported),
                })
            })
    }
}

impl TryFrom<DistrustSettings> for Distrust {
    type Error = DistrustError;
    fn try_from(settings: DistrustSettings) -> Result<Self, DistrustError> {
        Self::new(settings)
    }
}

impl From<Distrust> for DistrustSettings {
    fn from(distrust: Distrust) -> Self {
        distrust.settings
    }
}

fn ready_nodes(observation: &Observation) -> impl Iterator<Item = &NodeSample> {
    observation
        .nodes()
        .iter()
        .filter(|sample| sample.state == NodeState::Ready)
}

fn values(sample: &NodeSample) -> impl Iterator<Item = Metric> {
    Resource::ALL
        .into_iter()
        .map(|resource| sample.metric(resource))
        .chain(sample.custom.values().copied())
}

fn has_fresh_values(sample: &NodeSample, rules: Rules) -> bool {
    let is_silent = !values(sample).any(|value| value.fresh().is_some());
    if is_silent && rules.keep(Rule::AbsentIsNotFresh) {
        return false;
    }
    !values(sample).any(|value| matches!(value, Metric::Stale { .. }))
}

/// The sum over the ready nodes with fresh values; `None` if there are none. A 64-bit number times a
/// 32-bit count, added up over as many samples as fit into memory, fits into 128 bits.
fn sum(observation: &Observation, metric: &SummedMetric) -> Option<i128> {
    ready_nodes(observation)
        .filter_map(|sample| {
            Some(i128::from(metric.of(sample).fresh()?) * i128::from(sample.count))
        })
        .reduce(|sum, each| sum + each)
}

fn saturated(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// What is wrong with the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Doubt {
    /// Too few nodes have fresh values.
    Stale {
        /// So many have.
        fresh: u32,
        /// Of so many.
        ready: u32,
        /// The share that is needed, per mille.
        permille: u32,
    },
    /// Nothing changes.
    Frozen {
        /// For so long.
        #[cfg_attr(feature = "serde", serde(rename = "unchanged_for_micros"))]
        unchanged_for: Micros,
    },
    /// Two sources differ.
    Disagreeing {
        /// Which pair of the settings.
        pair: u32,
        /// Over the nodes.
        sum: i64,
        /// Of the fleet as a whole.
        reported: i64,
    },
}

impl Doubt {
    const fn reason(self) -> GuardReason {
        match self {
            Self::Stale { .. } => GuardReason::StaleMetrics,
            Self::Frozen { .. } => GuardReason::FrozenMetrics,
            Self::Disagreeing { .. } => GuardReason::DisagreeingMetrics,
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale {
                fresh,
                ready,
                permille,
            } => write!(
                f,
                "{fresh} of {ready} ready nodes have fresh values, {permille} per mille must"
            ),
            Self::Frozen { unchanged_for } => write!(
                f,
                "no reading has changed for {} s under load",
                unchanged_for.as_secs()
            ),
            Self::Disagreeing {
                pair,
                sum,
                reported,
            } => write!(
                f,
                "the sources of pair {pair} disagree: the nodes add up to {sum}, reported is \
                 {reported}"
            ),
        }
    }
}

/// Since when the readings are what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub(super) struct Readings {
    /// All fresh values of the ready nodes and of the fleet, in one number; `None` before the first
    /// observation.
    fingerprint: Option<u64>,
    /// When it last changed.
    #[cfg_attr(feature = "serde", serde(rename = "since_micros"))]
    since: Micros,
}

impl Readings {
    /// Notes the readings of `observation`.
    pub(super) fn observe(&mut self, observation: &Observation, now: Micros) {
        let fingerprint = Some(fingerprint(observation));
        if self.fingerprint != fingerprint {
            *self = Self {
                fingerprint,
                since: now,
            };
        }
    }
}

/// FNV-1a over whole words. Two different observations that happen to have the same number delay the
/// doubt's end by one evaluation.
fn fingerprint(observation: &Observation) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut add = |word: u64| hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    for sample in ready_nodes(observation) {
        add(sample.node.0);
        add(u64::from(sample.count));
        for value in values(sample) {
            add(value
                .fresh()
                .map_or(0, |value| value.cast_unsigned() ^ 1 << 63));
        }
    }
    for value in observation.metrics().values() {
        add(value
            .fresh()
            .map_or(0, |value| value.cast_unsigned() ^ 1 << 63));
    }
    hash
}

/// Why distrust makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistrustError {
    /// Nothing could ever be doubted.
    NoDoubt,
    /// A share is larger than the whole.
    Share {
        /// The share, per mille.
        permille: u32,
    },
    /// Readings that have not changed for no time are all readings.
    NoTime,
    /// Too many pairs.
    Disagreements {
        /// How many.
        given: usize,
    },
}

impl fmt::Display for DistrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDoubt => f.write_str(
                "distrust needs min_fresh_permille, frozen_after_micros or a disagreement",
            ),
            Self::Share { permille } => {
                write!(
                    f,
                    "a share of {permille} per mille in distrust is more than all"
                )
            }
            Self::NoTime => f.write_str("distrust.frozen_after_micros must not be 0"),
            Self::Disagreements { given } => write!(
                f,
                "{given} disagreements are more than the {MAX_DISAGREEMENTS} that are allowed"
            ),
        }
    }
}

impl core::error::Error for DistrustError {}
