//! Yesterday as a forecast, for load that has a day.
//!
//! A trend sees a rise after it has begun. Most of the load of people has a daily shape, so the
//! rise of this morning was seen yesterday at the same time. But a copy of yesterday is wrong on
//! the first Saturday, on the day of a campaign, and for ever on load without a day. So the season
//! is optional, it only ever adds to what the rest of the policy wants, and it is followed only
//! while it was right.
//!
//! The published rule is one sentence: *5-minute maxima of the last 24 h; at t take the next
//! buckets times clamp(today/yesterday, 0.5, 2), plus base; use max; only while the 4 h error of
//! that forecast is below 10 %.* It is read like this:
//!
//! - **Buckets** are five minutes of the clock that the policy is given, counted from its zero; a
//!   bucket keeps the largest demand of the evaluations in it. An interval that is longer than a
//!   bucket counts for every bucket that it fills.
//! - The **next buckets** are yesterday's of the time from now until a node that is ordered now
//!   is ready, the one in which now falls included. Their largest maximum is taken.
//! - **Today over yesterday** is the sum of the maxima of the last hour's closed buckets over the
//!   sum of the same ones a day before, from 500 to 2,000 per mille.
//! - **Plus base**: the headroom for every load (step 5), of this forecast. The headroom for
//!   errors belongs to the other forecast: here the gate stands for it.
//! - **Use max**: step 6 takes the largest of forecast with headroom, season with base, demand.
//! - The **4 h error**: when a bucket begins, what is expected of it is written down; the error is
//!   the sum of what the last 48 closed buckets missed, over the sum of what came. All of
//!   them must have been seen and expected, so nothing is followed before the 29th hour, nor
//!   within four hours of a pause.

mod day;

pub(super) use day::Day;

use super::arithmetic::per_mille;
use crate::Micros;

/// How much of the daily season is believed. In JSON every field may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct SeasonSettings {
    /// Yesterday is followed while it was wrong by less than this in the last four hours, per
    /// mille of what came.
    pub error_limit: u32,
}

impl Default for SeasonSettings {
    /// One tenth.
    fn default() -> Self {
        Self { error_limit: 100 }
    }
}

/// What yesterday says of the time at which a node that is ordered now is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Season {
    /// Nothing: the same time yesterday was not seen, or nothing of the last hour was.
    Unknown,
    /// Something, but it was not right, or not asked, for four hours. It changes nothing.
    Distrusted(Seasonal),
    /// Something that is followed.
    Trusted(Seasonal),
}

/// A forecast that was made of yesterday. Work in micro-nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Seasonal {
    /// The largest demand at this time yesterday.
    pub yesterday: i64,
    /// The last hour over the same hour yesterday, per mille, from 500 to 2,000.
    pub ratio: u32,
    /// The product of both: the demand that is expected.
    pub demand: i64,
    /// How wrong the last four hours were, per mille of what came; `None` if not all of their
    /// buckets were seen and expected.
    pub error: Option<u32>,
}

impl Season {
    /// Takes in the demand of the interval that ends at `now`, and looks `horizon` ahead.
    ///
    /// O(1): at most a day's buckets are looked at.
    pub(super) fn observe(
        settings: SeasonSettings,
        day: &mut Day,
        demand: i64,
        span: Span,
    ) -> Self {
        day.enter(demand, span.interval, span.now);
        let Some((yesterday, ratio)) = day.ahead(span.horizon, span.now).zip(day.ratio()) else {
            return Self::Unknown;
        };
        let error = day.error();
        let seasonal = Seasonal {
            yesterday,
            ratio,
            demand: per_mille(yesterday, i64::from(ratio)),
            error,
        };
        if error.is_some_and(|error| error < settings.error_limit) {
            Self::Trusted(seasonal)
        } else {
            Self::Distrusted(seasonal)
        }
    }

    /// The demand that has to be provided for, if there is one.
    pub(super) const fn trusted(self) -> Option<i64> {
        match self {
            Self::Trusted(seasonal) => Some(seasonal.demand),
            Self::Unknown | Self::Distrusted(_) => None,
        }
    }

    /// The same, believed whatever it was worth: what a broken policy does.
    pub(super) const fn believed(self) -> Self {
        match self {
            Self::Distrusted(seasonal) => Self::Trusted(seasonal),
            Self::Unknown | Self::Trusted(_) => self,
        }
    }
}

/// The interval that was seen and the time that is looked ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Not zero.
    pub(super) interval: Micros,
    pub(super) horizon: Micros,
    pub(super) now: Micros,
}
