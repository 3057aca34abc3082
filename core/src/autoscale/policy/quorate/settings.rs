//! The numbers of the policy, and what makes sense of them.

use core::fmt;

use super::SeasonSettings;
use crate::Micros;

/// The numbers of a [`Quorate`](super::Quorate), unchecked.
///
/// In JSON every field may be left out, and times are microseconds. Shares are per mille.
///
/// The values were chosen on training traces only, see the evaluation in the documentation; of
/// all of them `cover` alone is meant to be turned by an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct QuorateSettings {
    /// The highest utilization of a node that meets the service level, per mille.
    pub slo_utilization: u32,
    /// The time between the order of a node and its first request. The forecast looks this far.
    #[cfg_attr(feature = "serde", serde(rename = "start_up_micros"))]
    pub start_up: Micros,
    /// The least headroom, first part: thousandths of a node, whatever the load.
    pub base_headroom: u32,
    /// The least headroom, second part: per mille of the forecast.
    pub relative_headroom: u32,
    /// Headroom per usual forecast error, per mille: 1,000 is one mean absolute error.
    pub error_headroom: u32,
    /// The one knob: scales the three kinds of headroom, per mille. 500 is lean, 2,000 is safe.
    pub cover: u32,
    /// Time constant of the level.
    #[cfg_attr(feature = "serde", serde(rename = "level_time_micros"))]
    pub level_time: Micros,
    /// Time constant of the trend.
    #[cfg_attr(feature = "serde", serde(rename = "trend_time_micros"))]
    pub trend_time: Micros,
    /// Time constant of the usual forecast error.
    #[cfg_attr(feature = "serde", serde(rename = "error_time_micros"))]
    pub error_time: Micros,
    /// How much more load a smaller fleet must hold before it is taken, per mille.
    pub hysteresis: u32,
    /// A scale-in must cover every need of this long, when none was regretted lately.
    #[cfg_attr(feature = "serde", serde(rename = "hold_micros"))]
    pub hold: Micros,
    /// `hold` never grows beyond this.
    #[cfg_attr(feature = "serde", serde(rename = "hold_limit_micros"))]
    pub hold_limit: Micros,
    /// How much of `hold` is added for every regretted scale-in, per mille.
    pub damping: u32,
    /// Time constant with which a regret is forgotten.
    #[cfg_attr(feature = "serde", serde(rename = "damping_time_micros"))]
    pub damping_time: Micros,
    /// A scale-out this soon after a scale-in shows that the scale-in was wrong.
    #[cfg_attr(feature = "serde", serde(rename = "regret_window_micros"))]
    pub regret_window: Micros,
    /// Extra load to provide for after the service level was broken, per mille of the forecast.
    pub panic_headroom: u32,
    /// How long after the last breach.
    #[cfg_attr(feature = "serde", serde(rename = "panic_time_micros"))]
    pub panic_time: Micros,
    /// The time in which waiting work should be done.
    #[cfg_attr(feature = "serde", serde(rename = "drain_time_micros"))]
    pub drain_time: Micros,
    /// How many requests a node serves per second at full use. With it queue lengths become work;
    /// without it, and without the metric `backlog`, what waits is unknown.
    pub node_throughput: Option<u32>,
    /// Whether the load of yesterday at the same time counts, and how far it is believed; off
    /// if absent.
    pub season: Option<SeasonSettings>,
}

/// The longest time of a setting: a year. Beyond it a mistake in the unit is likelier.
const MAX_TIME: Micros = Micros::from_secs(366 * 86_400);
/// The largest share or number of milli-nodes: a million times the whole.
const MAX_SHARE: u32 = 1_000_000_000;

impl QuorateSettings {
    /// Few under-provisioned minutes: the default.
    pub const fn balanced() -> Self {
        Self {
            slo_utilization: 800,
            start_up: Micros::from_secs(120),
            base_headroom: 100,
            relative_headroom: 100,
            error_headroom: 1_000,
            cover: 1_000,
            level_time: Micros::from_secs(100),
            trend_time: Micros::from_secs(700),
            error_time: Micros::from_secs(10_800),
            hysteresis: 100,
            hold: Micros::from_secs(180),
            hold_limit: Micros::from_secs(3_600),
            damping: 500,
            damping_time: Micros::from_secs(7_200),
            regret_window: Micros::from_secs(900),
            panic_headroom: 50,
            panic_time: Micros::from_secs(600),
            drain_time: Micros::from_secs(600),
            node_throughput: None,
            season: None,
        }
    }

    /// Half of the least headroom: fewer node-hours, more under-provisioned minutes on smooth
    /// traffic.
    pub const fn thrifty() -> Self {
        Self {
            base_headroom: 50,
            relative_headroom: 50,
            ..Self::balanced()
        }
    }

    /// The first thing that makes no sense, if there is one.
    pub(super) fn fault(&self) -> Option<QuorateError> {
        if self.slo_utilization == 0 || self.slo_utilization > 1_000 {
            return Some(QuorateError::SloUtilization(self.slo_utilization));
        }
        if self.node_throughput == Some(0) {
            return Some(QuorateError::NoThroughput);
        }
        if self.hold > self.hold_limit {
            return Some(QuorateError::HoldBeyondLimit {
                hold: self.hold,
                limit: self.hold_limit,
            });
        }
        let long = self.times().into_iter().find(|(_, time)| *time > MAX_TIME);
        if let Some((setting, time)) = long {
            return Some(QuorateError::TooLong { setting, time });
        }
        let large = self
            .shares()
            .into_iter()
            .find(|(_, share)| *share > MAX_SHARE);
        large.map(|(setting, share)| QuorateError::TooLarge { setting, share })
    }

    const fn times(&self) -> [(&'static str, Micros); 10] {
        [
            ("start_up_micros", self.start_up),
            ("level_time_micros", self.level_time),
            ("trend_time_micros", self.trend_time),
            ("error_time_micros", self.error_time),
            ("hold_micros", self.hold),
            ("hold_limit_micros", self.hold_limit),
            ("damping_time_micros", self.damping_time),
            ("regret_window_micros", self.regret_window),
            ("panic_time_micros", self.panic_time),
            ("drain_time_micros", self.drain_time),
        ]
    }

    fn shares(&self) -> [(&'static str, u32); 8] {
        let season_error = self.season.map_or(0, |season| season.error_limit);
        [
            ("base_headroom", self.base_headroom),
            ("relative_headroom", self.relative_headroom),
            ("error_headroom", self.error_headroom),
            ("cover", self.cover),
            ("hysteresis", self.hysteresis),
            ("damping", self.damping),
            ("panic_headroom", self.panic_headroom),
            ("season.error_limit", season_error),
        ]
    }
}

impl Default for QuorateSettings {
    /// [`QuorateSettings::balanced`].
    fn default() -> Self {
        Self::balanced()
    }
}

/// Why settings of a [`Quorate`](super::Quorate) make no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorateError {
    /// A node cannot be used to no part, or to more than the whole of it.
    SloUtilization(u32),
    /// A node that serves nothing would make endless work of the shortest queue.
    NoThroughput,
    /// The hold may grow, but it begins beyond its limit.
    HoldBeyondLimit {
        /// Where it begins.
        hold: Micros,
        /// Its limit.
        limit: Micros,
    },
    /// A time is longer than a year.
    TooLong {
        /// The name of the setting.
        setting: &'static str,
        /// Its value.
        time: Micros,
    },
    /// A share is more than a million times the whole.
    TooLarge {
        /// The name of the setting.
        setting: &'static str,
        /// Its value.
        share: u32,
    },
}

impl fmt::Display for QuorateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SloUtilization(share) => {
                write!(
                    f,
                    "slo_utilization must be from 1 to 1000 per mille, not {share}"
                )
            }
            Self::NoThroughput => f.write_str("node_throughput must not be 0"),
            Self::HoldBeyondLimit { hold, limit } => write!(
                f,
                "hold_micros ({}) must not be beyond hold_limit_micros ({})",
                hold.0, limit.0
            ),
            Self::TooLong { setting, time } => {
                write!(
                    f,
                    "{setting} ({}) must not be longer than {} (a year)",
                    time.0, MAX_TIME.0
                )
            }
            Self::TooLarge { setting, share } => {
                write!(f, "{setting} ({share}) must not be above {MAX_SHARE}")
            }
        }
    }
}

impl core::error::Error for QuorateError {}
