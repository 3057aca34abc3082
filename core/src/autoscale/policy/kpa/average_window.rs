//! One average over a sliding window, from samples that arrive one by one.
//!
//! The naive average divides by the length of the window, and a revision that started ten seconds
//! ago looks five sixths idle. Here the average is over the part of the window that was seen:
//! from the first sample on, and up to the last one, for a source that falls silent. What is
//! missing *between* two samples counts as zero. After `TimedFloat64Buckets` and
//! `WeightedFloat64Buckets` of Knative's `pkg/autoscaler/aggregation`.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::NotFinite;
use crate::Micros;
use crate::autoscale::policy::rounding::{floor, from_i64};

/// How the buckets of a window become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Aggregation {
    /// All buckets weigh the same.
    #[default]
    Linear,
    /// Newer buckets weigh more, each a fixed factor more than the one before it.
    WeightedExponential,
}

/// The most buckets of a window: the longest stable window is an hour, of buckets of a second.
const MAX_BUCKETS: u64 = 3_600;

/// Larger samples count as this. 3,600 of them still add up without overflow.
const LARGEST_SAMPLE: f64 = 9_223_372_036_854_775_807.0;

/// The weights of the exponential average add up to at least 1 - 1/10,000.
const NEGLECTED_WEIGHT: f64 = 1.0 - 0.9999;

/// The smallest share of the newest bucket, lest a long window become the plain average.
const SMALLEST_SHARE: f64 = 0.2;

/// A ring of buckets, and what was written into it when.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "StoredWindow", into = "StoredWindow")
)]
pub struct AverageWindow {
    aggregation: Aggregation,
    /// The length of the window.
    window: Micros,
    /// The width of a bucket; not zero.
    granularity: Micros,
    /// What was recorded per bucket, at the number of the bucket modulo their count. At least one.
    buckets: Vec<f64>,
    /// The sum of `buckets`.
    total: f64,
    /// The first and the last bucket that was written, in this order, numbered from the start of
    /// time.
    written: Option<(u64, u64)>,
    /// The share of the newest bucket in the exponential average.
    share: f64,
}

impl AverageWindow {
    /// An empty window in buckets of `granularity`, 1 s in Knative.
    pub fn new(
        window: Micros,
        granularity: Micros,
        aggregation: Aggregation,
    ) -> Result<Self, WindowError> {
        if granularity == Micros::ZERO || window == Micros::ZERO {
            return Err(WindowError::Empty);
        }
        let count = window.0.div_ceil(granularity.0);
        match usize::try_from(count) {
            Ok(length) if count <= MAX_BUCKETS => Ok(Self {
                aggregation,
                window,
                granularity,
                buckets: vec![0.0; length],
                total: 0.0,
                written: None,
                share: newest_share(count),
            }),
            _ => Err(WindowError::TooManyBuckets(count)),
        }
    }

    /// The width of a bucket.
    pub const fn granularity(&self) -> Micros {
        self.granularity
    }

    /// How many buckets there are.
    pub const fn buckets(&self) -> u64 {
        self.buckets.len() as u64
    }

    /// True if it was made with these arguments.
    pub fn is_like(&self, window: Micros, granularity: Micros, aggregation: Aggregation) -> bool {
        (self.window, self.granularity, self.aggregation) == (window, granularity, aggregation)
    }

    /// Adds `value` to the bucket of `at`. O(buckets since the last sample).
    ///
    /// Two values in one bucket add up. A value that is older than the window is dropped.
    pub fn record(&mut self, at: Micros, value: f64) -> Result<(), NotFinite> {
        if !value.is_finite() {
            return Err(NotFinite);
        }
        let bucket = self.bucket(at);
        let Some((first, last)) = self.written else {
            self.restart(bucket);
            self.add(bucket, value);
            return Ok(());
        };
        if bucket > last {
            if self.span(bucket - last) >= self.window {
                self.restart(bucket);
            } else {
                self.clear(last, bucket);
                self.written = Some((first, bucket));
            }
        } else if self.span(last - bucket) < self.window {
            self.written = Some((first.min(bucket), last));
        } else {
            return Ok(());
        }
        self.add(bucket, value);
        Ok(())
    }

    /// True if nothing was recorded within the window before `now`: there is nothing to scale on.
    pub fn is_empty(&self, now: Micros) -> bool {
        self.written
            .is_none_or(|(_, last)| self.span(self.bucket(now).saturating_sub(last)) > self.window)
    }

    /// The average at `now`; zero if there is none.
    pub fn average(&self, now: Micros) -> f64 {
        let Some((first, last)) = self.written else {
            return 0.0;
        };
        let silent = self.bucket(now).saturating_sub(last);
        match self.aggregation {
            Aggregation::Linear => self.linear(first, last, silent),
            Aggregation::WeightedExponential => self.exponential(last, silent),
        }
    }

    /// The mean of the buckets between the first and the last write that are still inside.
    fn linear(&self, first: u64, last: u64, silent: u64) -> f64 {
        if silent > 0 && self.span(silent) >= self.window {
            return 0.0;
        }
        let outdated = (last + 1..=last + silent).map(|bucket| self.value(bucket));
        let total = outdated.fold(self.total, |total, value| total - value);
        let inside = (self.buckets() - silent).min(last - first + 1);
        let digits = 1_000_000.0;
        floor(total / real(inside) * digits) / digits
    }

    /// The newest bucket with `share`, each older one with `1 - share` of the weight of the next.
    fn exponential(&self, last: u64, silent: u64) -> f64 {
        if self.span(silent) > self.window {
            return 0.0;
        }
        let mut weight = self.share * power(1.0 - self.share, silent);
        let mut average = 0.0;
        for age in 0..self.buckets().saturating_sub(silent) {
            let bucket = (last + self.buckets() - age % self.buckets()) % self.buckets();
            average += self.value(bucket) * weight;
            weight *= 1.0 - self.share;
        }
        average
    }

    /// Forgets everything; the window begins with `bucket`.
    fn restart(&mut self, bucket: u64) {
        self.buckets.fill(0.0);
        self.total = 0.0;
        self.written = Some((bucket, bucket));
    }

    /// Empties the buckets after `last` up to `bucket`, whose content is one window old.
    fn clear(&mut self, last: u64, bucket: u64) {
        for outdated in last + 1..=bucket {
            let index = self.index(outdated);
            self.total -= self.buckets[index];
            self.buckets[index] = 0.0;
        }
    }

    fn add(&mut self, bucket: u64, value: f64) {
        let value = value.clamp(-LARGEST_SAMPLE, LARGEST_SAMPLE);
        let index = self.index(bucket);
        self.buckets[index] += value;
        self.total += value;
    }

    fn value(&self, bucket: u64) -> f64 {
        self.buckets[self.index(bucket)]
    }

    fn index(&self, bucket: u64) -> usize {
        // The remainder is smaller than a length, which is a `usize`.
        usize::try_from(bucket % self.buckets()).unwrap_or(0)
    }

    fn bucket(&self, at: Micros) -> u64 {
        at.0 / self.granularity.0
    }

    fn span(&self, buckets: u64) -> Micros {
        self.granularity.times(buckets)
    }
}

/// The share of the newest of `count` buckets: so large that what the oldest would still miss
/// does not matter.
fn newest_share(count: u64) -> f64 {
    let decay = root(NEGLECTED_WEIGHT, count);
    (1.0 - decay).max(SMALLEST_SHARE)
}

/// The `degree`th root of a number between 0 and 1, by halving the interval around it until no
/// double lies inside.
fn root(of: f64, degree: u64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return low;
        }
        if power(middle, degree) <= of {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// `base` to a whole power, squaring from the lowest bit up, as Go's `math.Pow` does it.
fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut product = 1.0;
    while exponent > 0 {
        if exponent & 1 == 1 {
            product *= base;
        }
        base *= base;
        exponent >>= 1;
    }
    product
}

fn real(count: u64) -> f64 {
    from_i64(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Why a window is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowError {
    /// The window or its buckets have no length.
    Empty,
    /// More buckets than an hour has seconds.
    TooManyBuckets(u64),
    /// What was stored of a window contradicts itself.
    Inconsistent,
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a window and its buckets must be longer than 0"),
            Self::TooManyBuckets(count) => {
                write!(f, "a window of {count} buckets; there may be {MAX_BUCKETS}")
            }
            Self::Inconsistent => f.write_str("the stored window contradicts itself"),
        }
    }
}

impl core::error::Error for WindowError {}

/// What is kept of a window. Samples that are whole numbers survive any JSON parser bit for bit.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredWindow {
    aggregation: Aggregation,
    window_micros: Micros,
    granularity_micros: Micros,
    buckets: Vec<f64>,
    total: f64,
    written: Option<(u64, u64)>,
}

#[cfg(feature = "serde")]
impl From<AverageWindow> for StoredWindow {
    fn from(window: AverageWindow) -> Self {
        Self {
            aggregation: window.aggregation,
            window_micros: window.window,
            granularity_micros: window.granularity,
            buckets: window.buckets,
            total: window.total,
            written: window.written,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<StoredWindow> for AverageWindow {
    type Error = WindowError;
    fn try_from(stored: StoredWindow) -> Result<Self, WindowError> {
        let window = Self::new(
            stored.window_micros,
            stored.granularity_micros,
            stored.aggregation,
        )?;
        let fits = stored.buckets.len() == window.buckets.len();
        let ordered = stored.written.is_none_or(|(first, last)| first <= last);
        let inside = |value: &f64| value.abs() <= LARGEST_SAMPLE * real(MAX_BUCKETS);
        let bounded = inside(&stored.total) && stored.buckets.iter().all(inside);
        if !(fits && ordered && bounded) {
            return Err(WindowError::Inconsistent);
        }
        Ok(Self {
            buckets: stored.buckets,
            total: stored.total,
            written: stored.written,
            ..window
        })
    }
}
