//! The last day in five-minute maxima.
//!
//! Keeping the samples of a day would be a memory that grows with how often one asks. A ring of
//! 288 buckets is the same size for ever, and each bucket carries what the questions of the
//! season need: its own maximum, that of the same bucket a day before, and what was expected.

use alloc::collections::VecDeque;

use crate::Micros;
use crate::autoscale::policy::quorate::arithmetic::per_mille;

/// The length of a bucket.
const BUCKET: Micros = Micros::from_secs(300);
/// The buckets of a day.
const BUCKETS: usize = 288;
/// The buckets of the hour in which today is compared with yesterday.
const COMPARED: usize = 12;
/// The buckets of the four hours in which forecasts are scored.
const SCORED: usize = 48;
/// What today may be of yesterday, per mille.
const RATIO: core::ops::RangeInclusive<i128> = 500..=2_000;

/// The buckets of the last 24 hours. Demands are micro-nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub(in crate::autoscale::policy::quorate) struct Day {
    /// The number of the newest bucket, which is still open; the first one after time zero is 0.
    newest: u64,
    /// Ascending by time, one after the other, the last is `newest`; at most [`BUCKETS`]. `None`
    /// where nothing was seen.
    buckets: VecDeque<Option<Bucket>>,
}

/// Five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
struct Bucket {
    /// The largest demand.
    maximum: i64,
    /// That of the same bucket a day before.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    before: Option<i64>,
    /// The maximum that was expected when the bucket began.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    expected: Option<i64>,
}

impl Day {
    /// True if nothing was ever seen.
    #[cfg(feature = "serde")]
    pub(in crate::autoscale::policy::quorate) fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Takes in the demand of the interval that ends at `now`. A clock that goes back by less
    /// than a day is waited for; one that jumps by more begins a new day.
    pub(super) fn enter(&mut self, demand: i64, interval: Micros, now: Micros) {
        let last = number(now);
        if self.newest.abs_diff(last) >= BUCKETS as u64 {
            self.buckets.clear();
        }
        let first = number(now - interval).saturating_add(1).min(last);
        let oldest = last.saturating_sub(BUCKETS as u64 - 1);
        for number in first.max(oldest)..=last {
            self.enter_bucket(number, demand);
        }
    }

    /// The largest maximum of yesterday's buckets from `now` to `now + horizon`.
    pub(super) fn ahead(&self, horizon: Micros, now: Micros) -> Option<i64> {
        if number(now) != self.newest {
            return None;
        }
        let buckets = number(now + horizon) - self.newest;
        let buckets = usize::try_from(buckets).unwrap_or(usize::MAX);
        // Yesterday's bucket of now has made room for today's, which remembers it.
        let current = self.buckets.back().and_then(|bucket| (*bucket)?.before);
        let is_full = self.buckets.len() == BUCKETS;
        let later = self.buckets.iter().take(buckets.min(BUCKETS - 1));
        let later = later.filter(|_| is_full).flatten();
        current
            .into_iter()
            .chain(later.map(|bucket| bucket.maximum))
            .max()
    }

    /// The last hour over the same hour yesterday, per mille, within limits; `None` if nothing of
    /// it was seen on both days.
    pub(super) fn ratio(&self) -> Option<u32> {
        ratio(self.closed())
    }

    /// What the last four hours missed, per mille of what came; `None` if not all of it was seen
    /// and expected, or if nothing came.
    pub(super) fn error(&self) -> Option<u32> {
        let (mut missed, mut came, mut scored) = (0_i128, 0_i128, 0);
        for bucket in self.closed().take(SCORED) {
            let bucket = bucket?;
            missed += i128::from(bucket.expected?.abs_diff(bucket.maximum));
            came += i128::from(bucket.maximum);
            scored += 1;
        }
        if scored < SCORED || came <= 0 {
            return None;
        }
        Some(u32::try_from(missed * 1_000 / came).unwrap_or(u32::MAX))
    }

    fn enter_bucket(&mut self, number: u64, demand: i64) {
        if let Some(open) = self.buckets.back_mut() {
            if number <= self.newest {
                if let (true, Some(open)) = (number == self.newest, open) {
                    open.maximum = open.maximum.max(demand);
                }
                return;
            }
            for _ in self.newest + 1..number {
                self.push(None);
            }
        }
        let before = match self.buckets.front() {
            Some(first) if self.buckets.len() == BUCKETS => first.map(|first| first.maximum),
            _ => None,
        };
        // Nothing is open now: the newest bucket has just been closed.
        let ratio = ratio(self.buckets.iter().rev().copied());
        let expected = before
            .zip(ratio)
            .map(|(before, ratio)| per_mille(before, i64::from(ratio)));
        self.push(Some(Bucket {
            maximum: demand,
            before,
            expected,
        }));
        self.newest = number;
    }

    fn push(&mut self, bucket: Option<Bucket>) {
        while self.buckets.len() >= BUCKETS {
            self.buckets.pop_front();
        }
        self.buckets.push_back(bucket);
    }

    /// The closed buckets, the newest first.
    fn closed(&self) -> impl Iterator<Item = Option<Bucket>> {
        self.buckets.iter().rev().skip(1).copied()
    }
}

/// Today over yesterday in the first buckets of `closed`, the newest of which comes first.
fn ratio(closed: impl Iterator<Item = Option<Bucket>>) -> Option<u32> {
    let mut pairs = closed
        .take(COMPARED)
        .flatten()
        .filter_map(|bucket| Some((i128::from(bucket.maximum), i128::from(bucket.before?))))
        .peekable();
    pairs.peek()?;
    let (today, yesterday) = pairs.fold((0, 0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    let ratio = match yesterday {
        0 if today == 0 => 1_000,
        0 => *RATIO.end(),
        _ => today * 1_000 / yesterday,
    };
    u32::try_from(ratio.clamp(*RATIO.start(), *RATIO.end())).ok()
}

/// The bucket in which a time lies.
const fn number(at: Micros) -> u64 {
    at.0 / BUCKET.0
}
