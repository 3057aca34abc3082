//! Every number of one evaluation, and the words for them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Mode, Tick, ZeroDecision};
use crate::Micros;
use crate::autoscale::explanation::{Nodes, Span};
use crate::autoscale::policy::signal::{Milli, Seen};
use crate::autoscale::{Step, StepName};

/// One evaluation of a [`Kpa`](super::Kpa).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KpaRecord {
    /// The size before.
    pub current: u32,
    /// The load as it was seen.
    pub seen: Option<Seen>,
    /// The averages and the tick; `None` if there was no load in the whole stable window.
    pub reading: Option<Reading>,
    /// What became of a wish for no nodes, where that is allowed.
    pub sleep: Option<Sleep>,
    /// The size that it wants.
    pub nodes: u32,
}

/// The two averages and what came of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reading {
    /// The load over the stable window, in thousandths, rounded down.
    pub stable: i64,
    /// The load over the panic window, in thousandths, rounded down.
    pub panic: i64,
    /// Every number of the tick.
    pub tick: Tick,
}

/// What became of a wish for no nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sleep {
    /// What was decided.
    pub decision: ZeroDecision,
}

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum KpaRule {
    /// The load over the stable window.
    StableWindow,
    /// The load over the panic window, which was larger.
    PanicWindow,
    /// A panic removes nothing.
    Panic,
    /// One step up may not be larger.
    MaxScaleUpRate,
    /// One step down may not be larger.
    MaxScaleDownRate,
    /// If there are any nodes, there are this many.
    ActivationScale,
    /// More nodes were needed within the delay.
    ScaleDownDelay,
    /// The way from one node to none.
    ScaleToZero,
    /// There was no load to be seen in the whole stable window.
    MissingData,
}

impl fmt::Display for KpaRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StableWindow => "the stable window",
            Self::PanicWindow => "the panic window",
            Self::Panic => "the panic, which removes nothing",
            Self::MaxScaleUpRate => "the largest rate of growth",
            Self::MaxScaleDownRate => "the largest rate of shrinking",
            Self::ActivationScale => "the activation scale",
            Self::ScaleDownDelay => "the scale-down delay",
            Self::ScaleToZero => "the way to zero",
            Self::MissingData => "missing data",
        })
    }
}

impl KpaRecord {
    /// The answer before the guards.
    pub const fn nodes(&self) -> u32 {
        self.nodes
    }

    /// The rule that bound.
    pub fn rule(&self) -> KpaRule {
        match (&self.reading, &self.sleep) {
            (None, _) => KpaRule::MissingData,
            (Some(_), Some(_)) => KpaRule::ScaleToZero,
            (Some(reading), None) => reading.tick.rule(),
        }
    }

    /// The load, the two needs, the mode, the rates and the delay, in words.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::with_capacity(6);
        steps.push((StepName::Demand, self.demand_step()));
        if let Some(Reading { tick, .. }) = &self.reading {
            steps.push((StepName::Proposals, needs_step(tick)));
            steps.push((StepName::RateLimited, rates_step(tick)));
            steps.push((StepName::Mode, mode_step(tick)));
            steps.push((StepName::Stabilized, delay_step(tick)));
        }
        if let Some(sleep) = self.sleep {
            let words = (sleep.to_string(), self.nodes.to_string());
            steps.push((StepName::Winner, words));
        }
        let binding = binding_step(self.rule());
        steps
            .into_iter()
            .map(|(name, (detail, value))| Step {
                name,
                detail,
                value,
                binding: name == binding,
            })
            .collect()
    }

    /// The averages and what they need: `load 7.412 (60 s) and 9 (6 s) need 11 and 13 nodes`.
    pub fn evidence(&self) -> String {
        match &self.reading {
            None => String::from("no load was seen in the stable window"),
            Some(Reading {
                stable,
                panic,
                tick,
            }) => format!(
                "load {} needs {}, lately {} {}",
                Milli(*stable),
                Nodes(u64::from(tick.stable_needed)),
                Milli(*panic),
                tick.panic_needed
            ),
        }
    }

    fn demand_step(&self) -> (String, String) {
        let now = match self.seen {
            None => String::from("no sample now"),
            Some(seen) if seen.is_complete => format!("{} now", Milli(seen.total)),
            Some(seen) => format!("{} now, from some of the nodes", Milli(seen.total)),
        };
        match &self.reading {
            None => (now, String::from("unknown")),
            Some(reading) => (
                format!(
                    "{now}; {} over the stable and {} over the panic window",
                    Milli(reading.stable),
                    Milli(reading.panic)
                ),
                Milli(reading.stable).to_string(),
            ),
        }
    }
}

impl Tick {
    /// The rule without which the answer would have been another one.
    pub fn rule(&self) -> KpaRule {
        if self.desired != self.undelayed {
            return KpaRule::ScaleDownDelay;
        }
        let (wanted, needed, window) = match self.mode {
            Mode::Panic if self.panic > self.stable => {
                (self.panic, self.panic_needed, KpaRule::PanicWindow)
            }
            Mode::Panic | Mode::Stable => (self.stable, self.stable_needed, KpaRule::StableWindow),
        };
        // The upper rate has the last word, as the rates may be crossed for one pod.
        let limited = needed.max(self.max_scale_down).min(self.max_scale_up);
        if self.undelayed > wanted {
            KpaRule::Panic
        } else if wanted != limited {
            KpaRule::ActivationScale
        } else if limited < needed {
            KpaRule::MaxScaleUpRate
        } else if limited > needed {
            KpaRule::MaxScaleDownRate
        } else {
            window
        }
    }
}

const fn binding_step(rule: KpaRule) -> StepName {
    match rule {
        KpaRule::StableWindow | KpaRule::PanicWindow => StepName::Proposals,
        KpaRule::Panic => StepName::Mode,
        KpaRule::MaxScaleUpRate | KpaRule::MaxScaleDownRate | KpaRule::ActivationScale => {
            StepName::RateLimited
        }
        KpaRule::ScaleDownDelay => StepName::Stabilized,
        KpaRule::ScaleToZero => StepName::Winner,
        KpaRule::MissingData => StepName::Demand,
    }
}

fn needs_step(tick: &Tick) -> (String, String) {
    let (stable, panic) = (tick.stable_needed, tick.panic_needed);
    (
        format!("stable window → {stable} · panic window → {panic}"),
        format!("{stable} · {panic}"),
    )
}

fn rates_step(tick: &Tick) -> (String, String) {
    (
        format!(
            "with {} ready, from {} to {} in one step",
            tick.ready_pods, tick.max_scale_down, tick.max_scale_up
        ),
        format!("{} · {}", tick.stable, tick.panic),
    )
}

fn mode_step(tick: &Tick) -> (String, String) {
    let over = if tick.over_panic_threshold {
        "the panic window needs more than the threshold"
    } else {
        "the panic window is below the threshold"
    };
    let mode = match tick.mode {
        Mode::Stable => "stable: the slow average decides",
        Mode::Panic => "panic: the larger one decides, nothing is removed",
    };
    (format!("{over}; {mode}"), tick.undelayed.to_string())
}

fn delay_step(tick: &Tick) -> (String, String) {
    let detail = if tick.desired == tick.undelayed {
        String::from("no larger answer is held back")
    } else {
        format!("{} were needed within the scale-down delay", tick.desired)
    };
    (detail, tick.desired.to_string())
}

impl fmt::Display for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decision {
            ZeroDecision::Scale(nodes) => write!(f, "no load: {}", Nodes(u64::from(nodes))),
            ZeroDecision::KeepOne { remaining } => write!(
                f,
                "no load: one node stays until the stable window has seen none, {} left",
                Span(remaining)
            ),
            ZeroDecision::Deactivate => {
                f.write_str("no load: requests go through the buffer from now on")
            }
            ZeroDecision::Wait {
                remaining: Some(remaining),
            } => write!(f, "no load: {} of grace left", Span(remaining)),
            ZeroDecision::Wait { remaining: None } => {
                f.write_str("no load: the buffer is not there yet")
            }
        }
    }
}

impl ZeroDecision {
    /// How long nothing changes, if that is known.
    pub const fn remaining(&self) -> Option<Micros> {
        match self {
            Self::KeepOne { remaining } => Some(*remaining),
            Self::Wait { remaining } => *remaining,
            Self::Scale(_) | Self::Deactivate => None,
        }
    }
}
