//! One tick of the autoscaler: two averages in, a number of pods out.
//!
//! The order of the steps matters and is Knative's: rate limits first, then the activation scale,
//! which may exceed them; the panic threshold is tested on the *unlimited* count, or a low rate
//! limit would hide every surge; the burst capacity uses the fast average only.

use core::fmt;

use super::DelayWindow;
use crate::Micros;
use crate::autoscale::policy::rounding::{ceil, floor, from_i64, to_i32};

/// What a decider works with; plain numbers, unchecked (Knative's `DeciderSpec`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeciderSpec {
    /// The load that one pod should carry.
    pub target: f64,
    /// The load that one pod can carry.
    pub total_per_pod: f64,
    /// Spare capacity to keep for bursts, in units of load; -1 for unlimited.
    pub target_burst_capacity: f64,
    /// How many times the ready pods must be needed to panic.
    pub panic_threshold: f64,
    /// By which factor the pods may grow in one tick.
    pub max_scale_up_rate: f64,
    /// By which factor they may shrink in one tick.
    pub max_scale_down_rate: f64,
    /// How long the load must be back to normal before a panic ends.
    pub stable_window: Micros,
    /// How long fewer pods must have been enough before they are fewer. Counts when the
    /// [`State`] is made.
    pub scale_down_delay: Micros,
    /// Whether requests can still arrive. Without, the way down is not limited.
    pub reachable: bool,
    /// The fewest pods unless there are none.
    pub activation_scale: u32,
}

/// A [`DeciderSpec`] whose numbers make sense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decider {
    /// All numbers finite; `target`, the rates and the threshold positive.
    spec: DeciderSpec,
}

/// What one tick sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Pods that serve.
    pub ready_pods: u32,
    /// The load of the whole fleet, averaged over the stable window.
    pub stable: f64,
    /// The same over the panic window.
    pub panic: f64,
}

/// What a decider remembers between two ticks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct State {
    /// When the panic began or was last extended.
    panic_since: Option<Micros>,
    /// The most pods that this panic asked for; none are removed while it lasts.
    max_panic_pods: u32,
    /// `None` without a scale-down delay.
    delay: Option<DelayWindow>,
}

impl State {
    /// The state of a decider that is created at `now` while `ready_pods` are ready.
    ///
    /// With more than one pod it starts in panic: a restarted autoscaler has lost its averages,
    /// and must not remove anything until it has new ones.
    pub fn created(spec: &DeciderSpec, ready_pods: u32, now: Micros) -> Self {
        Self {
            panic_since: (ready_pods > 1).then_some(now),
            max_panic_pods: ready_pods,
            delay: DelayWindow::new(spec.scale_down_delay),
        }
    }

    /// The same state in a panic that began at `since` and has asked for `max_pods`.
    #[must_use]
    pub fn in_panic(self, since: Micros, max_pods: u32) -> Self {
        Self {
            panic_since: Some(since),
            max_panic_pods: max_pods,
            ..self
        }
    }

    /// Whether it panics.
    pub const fn mode(&self) -> Mode {
        match self.panic_since {
            Some(_) => Mode::Panic,
            None => Mode::Stable,
        }
    }

    /// When the panic began or was last extended.
    pub const fn panic_since(&self) -> Option<Micros> {
        self.panic_since
    }

    /// The most pods that the panic asked for.
    pub const fn max_panic_pods(&self) -> u32 {
        self.max_panic_pods
    }

    /// Begins, extends or ends the panic. It ends only *after* a whole stable window.
    fn panic_or_calm(&mut self, over_threshold: bool, stable_window: Micros, now: Micros) {
        if over_threshold {
            self.panic_since = Some(now);
        } else if self.panic_since.is_some_and(|at| at + stable_window < now) {
            self.panic_since = None;
            self.max_panic_pods = 0;
        }
    }
}

/// Whether removals are off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Mode {
    /// The slow average decides.
    #[default]
    Stable,
    /// The larger of both decides, and nothing is removed.
    Panic,
}

/// Every number of one tick, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Tick {
    /// Pods that serve.
    pub ready_pods: u32,
    /// The pods that the stable load needs, before any limit.
    pub stable_needed: u32,
    /// The pods that the panic load needs, before any limit.
    pub panic_needed: u32,
    /// The most pods that the rate allows.
    pub max_scale_up: u32,
    /// The fewest pods that the rate allows.
    pub max_scale_down: u32,
    /// `stable_needed` within the rates, and not below the activation scale unless zero.
    pub stable: u32,
    /// `panic_needed` within the rates, and not below the activation scale unless zero.
    pub panic: u32,
    /// Whether `panic_needed` is at least the threshold times the ready pods.
    pub over_panic_threshold: bool,
    /// The mode that this tick was decided in.
    pub mode: Mode,
    /// The answer before the scale-down delay.
    pub undelayed: u32,
    /// The answer.
    pub desired: u32,
    /// The capacity that is left beside the load and the wanted burst. Negative: requests should
    /// go through a buffer. 0 if no burst is wanted, -1 if an unlimited one is.
    pub excess_burst: i32,
}

impl Decider {
    /// A decider with these numbers.
    pub fn new(spec: DeciderSpec) -> Result<Self, SpecError> {
        let positive = [
            (SpecField::Target, spec.target),
            (SpecField::PanicThreshold, spec.panic_threshold),
            (SpecField::MaxScaleUpRate, spec.max_scale_up_rate),
            (SpecField::MaxScaleDownRate, spec.max_scale_down_rate),
        ];
        if let Some(&(field, _)) = positive
            .iter()
            .find(|(_, value)| !(value.is_finite() && *value > 0.0))
        {
            return Err(SpecError::NotPositive(field));
        }
        if !(spec.total_per_pod.is_finite() && spec.total_per_pod >= 0.0) {
            return Err(SpecError::Negative(SpecField::TotalPerPod));
        }
        let burst = spec.target_burst_capacity;
        if !(burst.is_finite() && (burst >= 0.0 || is_unlimited(burst))) {
            return Err(SpecError::Negative(SpecField::TargetBurstCapacity));
        }
        Ok(Self { spec })
    }

    /// The numbers.
    pub const fn spec(&self) -> &DeciderSpec {
        &self.spec
    }

    /// One tick. O(1) amortized; `state` is unchanged by a load that is refused.
    pub fn tick(&self, state: &mut State, load: &Load, now: Micros) -> Result<Tick, NotFinite> {
        if !(load.stable.is_finite() && load.panic.is_finite()) {
            return Err(NotFinite);
        }
        let spec = &self.spec;
        // Rates are relative to what is there, and nothing could ever grow from zero.
        let ready = from_i64(i64::from(load.ready_pods.max(1)));
        let max_scale_up = ceil(spec.max_scale_up_rate * ready);
        let max_scale_down = if spec.reachable {
            floor(ready / spec.max_scale_down_rate)
        } else {
            0.0
        };
        let stable_needed = ceil(load.stable / spec.target);
        let panic_needed = ceil(load.panic / spec.target);
        let limited = |needed: f64| pods(needed.max(max_scale_down).min(max_scale_up));
        let stable = self.activated(stable_needed, limited(stable_needed));
        let panic = self.activated(panic_needed, limited(panic_needed));

        let over_panic_threshold = panic_needed / ready >= spec.panic_threshold;
        state.panic_or_calm(over_panic_threshold, spec.stable_window, now);
        let mode = state.mode();
        let undelayed = match mode {
            Mode::Stable => stable,
            Mode::Panic => {
                state.max_panic_pods = state.max_panic_pods.max(stable.max(panic));
                state.max_panic_pods
            }
        };
        let desired = match &mut state.delay {
            Some(delay) => delay.record(now, undelayed),
            None => undelayed,
        };
        Ok(Tick {
            ready_pods: load.ready_pods,
            stable_needed: pods(stable_needed),
            panic_needed: pods(panic_needed),
            max_scale_up: pods(max_scale_up),
            max_scale_down: pods(max_scale_down),
            stable,
            panic,
            over_panic_threshold,
            mode,
            undelayed,
            desired,
            excess_burst: self.excess_burst(load),
        })
    }

    /// Lifts a need that is not zero to the activation scale, whatever the rates say.
    fn activated(&self, needed: f64, limited: u32) -> u32 {
        if self.spec.activation_scale > 1 && needed > 0.0 {
            limited.max(self.spec.activation_scale)
        } else {
            limited
        }
    }

    fn excess_burst(&self, load: &Load) -> i32 {
        let burst = self.spec.target_burst_capacity;
        if burst > 0.0 {
            let capacity = from_i64(i64::from(load.ready_pods)) * self.spec.total_per_pod;
            to_i32(floor(capacity - burst - load.panic))
        } else if is_unlimited(burst) {
            -1
        } else {
            0
        }
    }
}

/// Knative counts pods in 32 bits with a sign.
fn pods(count: f64) -> u32 {
    to_i32(count).max(0).unsigned_abs()
}

/// True for -1, the only negative burst capacity.
fn is_unlimited(burst: f64) -> bool {
    to_i32(burst) == -1 && floor(burst) >= burst
}

/// A number of a [`DeciderSpec`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecField {
    /// `target`.
    Target,
    /// `total_per_pod`.
    TotalPerPod,
    /// `target_burst_capacity`.
    TargetBurstCapacity,
    /// `panic_threshold`.
    PanicThreshold,
    /// `max_scale_up_rate`.
    MaxScaleUpRate,
    /// `max_scale_down_rate`.
    MaxScaleDownRate,
}

impl fmt::Display for SpecField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "target",
            Self::TotalPerPod => "total_per_pod",
            Self::TargetBurstCapacity => "target_burst_capacity",
            Self::PanicThreshold => "panic_threshold",
            Self::MaxScaleUpRate => "max_scale_up_rate",
            Self::MaxScaleDownRate => "max_scale_down_rate",
        })
    }
}

/// Why a [`DeciderSpec`] makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// Must be a finite number above zero.
    NotPositive(SpecField),
    /// Must be a finite number and not below zero; the burst capacity may be -1, too.
    Negative(SpecField),
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositive(field) => write!(f, "{field} must be a number above 0"),
            Self::Negative(field) => write!(f, "{field} must be a number and not negative"),
        }
    }
}

impl core::error::Error for SpecError {}

/// A load is infinite or not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite;

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the load is not a finite number")
    }
}

impl core::error::Error for NotFinite {}
