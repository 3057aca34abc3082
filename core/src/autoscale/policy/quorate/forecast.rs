//! The load when a node that is ordered now is ready, and how wrong such forecasts were.
//!
//! Sizing for the load of this minute is sizing for the past: a node ordered now serves its first
//! request a start-up time later. Sizing for a fixed margin on top fits one trace and no other.
//! Here level and trend are smoothed (Holt 1957, with weights that follow from the interval), the
//! forecast looks exactly one start-up time ahead, and every forecast is kept until it can be
//! compared with what came: the mean absolute error is the margin that this load deserves.

use alloc::collections::VecDeque;

use super::QuorateSettings;
use super::arithmetic::{MICROS_PER_MINUTE, scaled, signed, smoothed};
use crate::Micros;

/// The most forecasts that wait for their time.
const MAX_OUTSTANDING: u64 = 64;

/// Level, trend and error of the demand. Everything in micro-nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub(super) struct Forecaster {
    /// The smoothed demand; `None` before the first one.
    level: Option<i64>,
    /// Change of the level per minute.
    trend: i64,
    /// The mean absolute error of past forecasts.
    usual_error: i64,
    /// Forecasts whose time has not come, ascending by `due`; at most [`MAX_OUTSTANDING`].
    outstanding: VecDeque<Outstanding>,
}

/// A forecast that waits for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Outstanding {
    due: Micros,
    demand: i64,
}

/// What one evaluation forecasts, in micro-nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Forecast {
    /// The smoothed demand now.
    pub level: i64,
    /// Its change per minute.
    pub trend: i64,
    /// How far ahead is looked: the start-up time, in whole intervals.
    pub horizon: Micros,
    /// The demand then.
    pub demand: i64,
    /// What had been forecast for now, if anything had.
    pub expected: Option<i64>,
    /// The mean absolute error of such forecasts, this one included.
    pub usual_error: i64,
}

impl Forecaster {
    /// Takes in the demand of the interval that ends at `now`. O(1) amortised.
    pub(super) fn observe(
        &mut self,
        settings: &QuorateSettings,
        demand: i64,
        interval: Micros,
        now: Micros,
    ) -> Forecast {
        let horizon = horizon(settings.start_up, interval);
        let expected = self.take_due(interval, now);
        if let Some(expected) = expected {
            self.score(
                settings,
                demand.abs_diff(expected),
                interval.max(spacing(horizon)),
            );
        }
        let dt = signed(interval);
        let before = self.level.unwrap_or(demand);
        let predicted = before
            .saturating_add(scaled(self.trend, dt, MICROS_PER_MINUTE))
            .max(0);
        let level = smoothed(predicted, demand, signed(settings.level_time), dt);
        let slope = scaled(level.saturating_sub(before), MICROS_PER_MINUTE, dt);
        self.trend = smoothed(self.trend, slope, signed(settings.trend_time), dt);
        self.level = Some(level);
        let forecast = level.saturating_add(rise(self.trend, horizon));
        self.remember(forecast, horizon, now);
        Forecast {
            level,
            trend: self.trend,
            horizon,
            demand: forecast,
            expected,
            usual_error: self.usual_error,
        }
    }

    /// The newest forecast whose time came during this interval. Older ones are dropped: after a
    /// pause of the autoscaler there is nothing to compare them with.
    fn take_due(&mut self, interval: Micros, now: Micros) -> Option<i64> {
        let mut newest = None;
        while let Some(first) = self.outstanding.front().filter(|first| first.due <= now) {
            newest = (now.since(first.due) < interval).then_some(first.demand);
            self.outstanding.pop_front();
        }
        newest
    }

    fn score(&mut self, settings: &QuorateSettings, error: u64, interval: Micros) {
        let error = i64::try_from(error).unwrap_or(i64::MAX);
        self.usual_error = smoothed(
            self.usual_error,
            error,
            signed(settings.error_time),
            signed(interval),
        );
    }

    /// Keeps a forecast until `now + horizon`, unless one is kept for almost that time.
    fn remember(&mut self, demand: i64, horizon: Micros, now: Micros) {
        let due = now + horizon;
        let is_apart = self
            .outstanding
            .back()
            .is_none_or(|last| due > last.due && due.since(last.due) >= spacing(horizon));
        if !is_apart {
            return;
        }
        while self.outstanding.len() as u64 >= MAX_OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back(Outstanding { due, demand });
    }
}

/// The start-up time in whole intervals, at least one: the first evaluation at which a node
/// ordered now can be seen working.
fn horizon(start_up: Micros, interval: Micros) -> Micros {
    let intervals = start_up.0.div_ceil(interval.0).max(1);
    interval.times(intervals)
}

/// The least time between two forecasts that are kept. Longer than the interval only where more
/// than [`MAX_OUTSTANDING`] intervals fit into the horizon.
const fn spacing(horizon: Micros) -> Micros {
    Micros(horizon.0.div_ceil(MAX_OUTSTANDING))
}

/// What a trend adds until the horizon. A fall is never extrapolated: a forecast below the level
/// would give up nodes that are needed if the fall ends, and saves at most one start-up time.
fn rise(trend: i64, horizon: Micros) -> i64 {
    scaled(trend.max(0), signed(horizon), MICROS_PER_MINUTE)
}
