//! How long to wait: after the last change, and after a watermark was crossed.
//!
//! One cooldown for both directions makes a removal block the next emergency. Here each direction
//! has its own window, which any change starts, and its own delay, for which the metric must have
//! been outside without a break.

use core::cmp::Ordering;

use super::watermark::Outside;
use crate::Micros;

/// Forbidden windows and delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Patience {
    /// No way up for this long after any change.
    #[cfg_attr(feature = "serde", serde(rename = "upscale_forbidden_window_micros"))]
    pub upscale_forbidden_window: Micros,
    /// No way down for this long after any change.
    #[cfg_attr(feature = "serde", serde(rename = "downscale_forbidden_window_micros"))]
    pub downscale_forbidden_window: Micros,
    /// How long a metric must be above its high watermark; zero for not at all. Whole seconds.
    #[cfg_attr(feature = "serde", serde(rename = "upscale_delay_micros"))]
    pub upscale_delay: Micros,
    /// How long a metric must be below its low watermark; zero for not at all. Whole seconds.
    #[cfg_attr(feature = "serde", serde(rename = "downscale_delay_micros"))]
    pub downscale_delay: Micros,
}

impl Default for Patience {
    /// A minute for the way up, five for the way down, no delays.
    fn default() -> Self {
        Self {
            upscale_forbidden_window: Micros::from_secs(60),
            downscale_forbidden_window: Micros::from_secs(300),
            upscale_delay: Micros::ZERO,
            downscale_delay: Micros::ZERO,
        }
    }
}

/// What is remembered between two evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Status {
    /// When the count was last changed.
    #[cfg_attr(feature = "serde", serde(rename = "last_scale_micros"))]
    pub last_scale: Option<Micros>,
    /// Since when some metric is above its high watermark; `None` if none is.
    #[cfg_attr(feature = "serde", serde(rename = "above_since_micros"))]
    pub above_since: Option<Micros>,
    /// Since when some metric is below its low watermark; `None` if none is.
    #[cfg_attr(feature = "serde", serde(rename = "below_since_micros"))]
    pub below_since: Option<Micros>,
}

impl Status {
    /// Notes where the metrics are at `now`. A break starts the time anew.
    pub fn observe(&mut self, outside: Outside, now: Micros) {
        self.above_since = outside.above.then(|| self.above_since.unwrap_or(now));
        self.below_since = outside.below.then(|| self.below_since.unwrap_or(now));
    }
}

/// Whether the metrics ask for the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Regime {
    /// All are within their watermarks; a change only converges, and is not delayed.
    Stable,
    /// Some metric is outside.
    Unstable,
}

/// How long each direction is still forbidden by the last change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Countdown {
    /// The way up.
    pub up: Micros,
    /// The way down.
    pub down: Micros,
}

/// Whether a change may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Permission {
    /// It may.
    Granted,
    /// There is no change.
    NoChange,
    /// The last change is too recent.
    ForbiddenWindow {
        /// For how long still.
        remaining: Micros,
    },
    /// The metric has not been outside for long enough.
    Delayed {
        /// For how long still; `None` if it is not outside at all.
        remaining: Option<Micros>,
    },
}

impl Patience {
    /// How long each direction is still forbidden.
    pub fn countdown(&self, status: &Status, now: Micros) -> Countdown {
        let Some(last) = status.last_scale else {
            return Countdown::default();
        };
        let since = now.since(last);
        Countdown {
            up: self.upscale_forbidden_window.since(since),
            down: self.downscale_forbidden_window.since(since),
        }
    }

    /// Whether the count may go from `current` to `desired` at `now`.
    ///
    /// The very first change is always allowed, as in the original, delays or not.
    pub fn permission(
        &self,
        status: &Status,
        (current, desired): (u32, u32),
        regime: Regime,
        now: Micros,
    ) -> Permission {
        if status.last_scale.is_none() {
            return Permission::Granted;
        }
        let countdown = self.countdown(status, now);
        let (forbidden, delay, outside_since) = match desired.cmp(&current) {
            Ordering::Greater => (countdown.up, self.upscale_delay, status.above_since),
            Ordering::Less => (countdown.down, self.downscale_delay, status.below_since),
            Ordering::Equal => return Permission::NoChange,
        };
        if delay > Micros::ZERO && regime == Regime::Unstable {
            // Whole seconds are compared, so 59.9 s are 59.
            let outside = outside_since.map(|at| Micros::from_secs(now.since(at).as_secs()));
            let remaining = outside.map(|outside| delay.since(outside));
            if remaining != Some(Micros::ZERO) {
                return Permission::Delayed { remaining };
            }
        }
        if forbidden > Micros::ZERO {
            return Permission::ForbiddenWindow {
                remaining: forbidden,
            };
        }
        Permission::Granted
    }
}
