//! From a fleet of nodes to the ticks of the decider.
//!
//! Knative scrapes its pods every second and sums the seconds up in buckets. A fleet is looked at
//! once per evaluation, so the buckets are as wide as the evaluations are apart, and a sample
//! stands for the time since the evaluation before it: a tick that comes late or twice changes
//! the average by nothing.

use super::record::{KpaRecord, Reading, Sleep};
use super::{Activity, AverageWindow, Kpa, Load, State, ZeroDecision};
use crate::Micros;
use crate::autoscale::Rule;
use crate::autoscale::policy::Input;
use crate::autoscale::policy::rounding::{floor, from_i64, to_i64};
use crate::autoscale::policy::signal::Seen;

/// The most buckets of a window.
const MAX_BUCKETS: u64 = 3_600;

/// What a [`Kpa`] remembers. Its size depends on the settings alone.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct KpaState {
    /// `None` before the first evaluation.
    decider: Option<State>,
    windows: Option<Windows>,
    /// `None` before the first load.
    activity: Option<Activity>,
}

/// The two averages.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Windows {
    stable: AverageWindow,
    panic: AverageWindow,
    /// Up to when every bucket was looked at, with or without a sample.
    #[cfg_attr(feature = "serde", serde(rename = "covered_micros"))]
    covered: Option<Micros>,
}

impl KpaState {
    /// What the decider remembers, once there was an evaluation.
    pub const fn decider(&self) -> Option<&State> {
        self.decider.as_ref()
    }
}

impl Kpa {
    /// Takes a sample and makes one tick. O(buckets since the last evaluation).
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut KpaState,
        input: &Input<'_>,
    ) -> KpaRecord {
        let now = input.now;
        let windows = self.windows(&mut state.windows, input.interval);
        let seen = self.settings().signal.read(input);
        windows.sample(seen, now);
        let load = windows.load(input.fleet.ready, now);
        let mut record = KpaRecord {
            current: input.current,
            seen,
            reading: None,
            sleep: None,
            nodes: input.current,
        };
        let silence = Load {
            ready_pods: input.fleet.ready,
            stable: 0.0,
            panic: 0.0,
        };
        let Some(load) = load.or((!input.rules.keep(Rule::KpaSilenceHolds)).then_some(silence))
        else {
            return record;
        };
        let known_pods = if input.rules.keep(Rule::KpaStartsInPanic) {
            load.ready_pods
        } else {
            0
        };
        let decider = state
            .decider
            .get_or_insert_with(|| State::created(self.decider.spec(), known_pods, now));
        // The sums of finite samples in a bounded number of buckets are finite.
        let Ok(tick) = self.decider.tick(decider, &load, now) else {
            return record;
        };
        record.nodes = tick.desired;
        record.reading = Some(Reading {
            stable: to_i64(floor(load.stable)),
            panic: to_i64(floor(load.panic)),
            tick,
        });
        // Where one node stays anyway, the guards see to it.
        if input.bounds.min_nodes() == 0 {
            record.sleep = self.sleep(&mut state.activity, &mut record.nodes, input);
        }
        record
    }

    /// The windows of these settings; windows of others are replaced.
    fn windows<'a>(&self, windows: &'a mut Option<Windows>, interval: Micros) -> &'a mut Windows {
        let stable_window = self.settings().stable_window;
        let finest = Micros(stable_window.0.div_ceil(MAX_BUCKETS));
        let granularity = interval.max(finest);
        let panic_window = self.panic_window();
        let aggregation = self.settings().aggregation;
        if windows.as_ref().is_some_and(|windows| {
            !(windows
                .stable
                .is_like(stable_window, granularity, aggregation)
                && windows
                    .panic
                    .is_like(panic_window, granularity, aggregation))
        }) {
            *windows = None;
        }
        windows.get_or_insert_with(|| {
            let window = |length| {
                AverageWindow::new(length, granularity, aggregation)
                    .expect("a window of at least 60 ms has a bucket, and at most 3,600")
            };
            Windows {
                stable: window(stable_window),
                panic: window(panic_window),
                covered: None,
            }
        })
    }

    /// The way to zero and back, where zero is allowed.
    fn sleep(
        &self,
        activity: &mut Option<Activity>,
        nodes: &mut u32,
        input: &Input<'_>,
    ) -> Option<Sleep> {
        let now = input.now;
        let before = *activity.get_or_insert(Activity::Active { since: now });
        *activity = Some(followed(before, *nodes, input.fleet.ready, now));
        if *nodes > 0 {
            return None;
        }
        let settings = self.settings();
        let mut way = settings.scale_to_zero;
        // Nobody would see the load that should wake the fleet again.
        way.enabled &= settings.signal.outlives_nodes(input.observation);
        let current = activity.unwrap_or(before);
        let decision = way.decide(0, current, settings.stable_window, now);
        *nodes = match decision {
            ZeroDecision::Scale(nodes) => nodes,
            ZeroDecision::KeepOne { .. } => 1,
            ZeroDecision::Deactivate => {
                // Whoever buffers requests is told by this very decision.
                *activity = Some(Activity::Inactive {
                    since: now,
                    buffered_since: Some(now),
                });
                input.current
            }
            ZeroDecision::Wait { .. } => input.current,
        };
        Some(Sleep { decision })
    }
}

/// What becomes of the activity when `desired` nodes are wanted and `ready` serve.
const fn followed(before: Activity, desired: u32, ready: u32, now: Micros) -> Activity {
    match (before, desired, ready) {
        (Activity::Inactive { .. }, 0, _) | (Activity::Activating { .. }, _, 0) => before,
        (Activity::Active { .. }, ..) if desired == 0 || ready > 0 => before,
        (_, _, 0) => Activity::Activating { since: now },
        _ => Activity::Active { since: now },
    }
}

impl Windows {
    /// Notes what is seen now, for the time since the last look.
    fn sample(&mut self, seen: Option<Seen>, now: Micros) {
        let granularity = self.stable.granularity();
        let bucket = |at: Micros| at.0 / granularity.0;
        let last = self.covered.map(bucket);
        if last.is_some_and(|last| last >= bucket(now)) {
            return;
        }
        self.covered = Some(now);
        let Some(seen) = seen else {
            return;
        };
        let value = from_i64(seen.total);
        // A gap of a whole window starts a new one, and needs no filling.
        let earliest = bucket(now).saturating_sub(self.stable.buckets());
        let missed = last.map_or(bucket(now), |last| (last + 1).max(earliest));
        for missed in missed..=bucket(now) {
            let at = granularity.times(missed);
            for window in [&mut self.stable, &mut self.panic] {
                // An integer is a finite number.
                let _ = window.record(at, value);
            }
        }
    }

    /// The averages; `None` if there is nothing to scale on.
    fn load(&self, ready_pods: u32, now: Micros) -> Option<Load> {
        (!self.stable.is_empty(now)).then(|| Load {
            ready_pods,
            stable: self.stable.average(now),
            panic: self.panic.average(now),
        })
    }
}
