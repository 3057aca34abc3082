//! Which step a breach gets.
//!
//! Bounds are relative to the threshold. Above it a band includes its lower bound, below it its
//! upper bound: the end that is nearer to the threshold. That way a metric *at* a bound gets the
//! stronger step on both sides, and at the threshold the weakest.

use alloc::vec::Vec;
use core::fmt;

/// One band and its step. Bounds are thousandths of the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct StepAdjustment {
    /// `MetricIntervalLowerBound`; `None` is negative infinity.
    #[cfg_attr(feature = "serde", serde(default))]
    pub lower_bound: Option<i64>,
    /// `MetricIntervalUpperBound`; `None` is positive infinity.
    #[cfg_attr(feature = "serde", serde(default))]
    pub upper_bound: Option<i64>,
    /// `ScalingAdjustment`.
    pub adjustment: i64,
}

/// Bands without gaps and overlaps, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<StepAdjustment>", into = "Vec<StepAdjustment>")
)]
pub struct Bands {
    /// Each begins where the one before it ends. At most [`Bands::MAX`]; at least one.
    bands: Vec<StepAdjustment>,
}

impl Bands {
    /// The most bands of a policy.
    pub const MAX: usize = 20;

    /// These bands, in any order, checked by the rules of the API reference.
    pub fn new(mut bands: Vec<StepAdjustment>) -> Result<Self, BandError> {
        if bands.is_empty() {
            return Err(BandError::None);
        }
        if bands.len() > Self::MAX {
            return Err(BandError::TooMany(bands.len()));
        }
        // `None`, the negative infinity, sorts before every number.
        bands.sort_by_key(|band| band.lower_bound);
        for band in &bands {
            match (band.lower_bound, band.upper_bound) {
                (None, None) => return Err(BandError::Unbounded),
                (Some(lower), Some(upper)) if lower >= upper => {
                    return Err(BandError::Empty { lower, upper });
                }
                _ => {}
            }
        }
        for pair in bands.windows(2) {
            if pair[0].upper_bound.is_none() || pair[0].upper_bound != pair[1].lower_bound {
                return Err(BandError::NotAdjacent {
                    upper: pair[0].upper_bound,
                    lower: pair[1].lower_bound,
                });
            }
        }
        if bands[0].lower_bound.is_some_and(|lower| lower < 0) {
            return Err(BandError::OpenBelow);
        }
        if bands[bands.len() - 1]
            .upper_bound
            .is_some_and(|upper| upper > 0)
        {
            return Err(BandError::OpenAbove);
        }
        Ok(Self { bands })
    }

    /// The bands in ascending order.
    pub fn as_slice(&self) -> &[StepAdjustment] {
        &self.bands
    }

    /// The number of the band into which a metric falls that lies `breach` above the threshold
    /// (negative: below). O(bands).
    ///
    /// Exactly at the threshold both neighbours apply; the upper one is taken.
    pub fn find(&self, breach: i64) -> Option<usize> {
        let above = |band: &StepAdjustment| {
            band.lower_bound.is_none_or(|lower| breach >= lower)
                && band.upper_bound.is_none_or(|upper| breach < upper)
        };
        let below = |band: &StepAdjustment| {
            band.lower_bound.is_none_or(|lower| breach > lower)
                && band.upper_bound.is_none_or(|upper| breach <= upper)
        };
        let found = (breach >= 0).then(|| self.bands.iter().position(above));
        match found.flatten() {
            None if breach <= 0 => self.bands.iter().position(below),
            found => found,
        }
    }
}

impl TryFrom<Vec<StepAdjustment>> for Bands {
    type Error = BandError;
    fn try_from(bands: Vec<StepAdjustment>) -> Result<Self, BandError> {
        Self::new(bands)
    }
}

impl From<Bands> for Vec<StepAdjustment> {
    fn from(bands: Bands) -> Self {
        bands.bands
    }
}

/// Why bands are not those of one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandError {
    /// There is no band.
    None,
    /// There are more than [`Bands::MAX`].
    TooMany(usize),
    /// A band has no bound at all.
    Unbounded,
    /// A band ends before it begins.
    Empty {
        /// Its lower bound.
        lower: i64,
        /// Its upper bound.
        upper: i64,
    },
    /// Two bands overlap, or there is a gap between them.
    NotAdjacent {
        /// The upper bound of the first.
        upper: Option<i64>,
        /// The lower bound of the second.
        lower: Option<i64>,
    },
    /// There are bands below the threshold and none without a lower bound.
    OpenBelow,
    /// There are bands above the threshold and none without an upper bound.
    OpenAbove,
}

impl fmt::Display for BandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("a step policy needs at least one band"),
            Self::TooMany(count) => write!(f, "{count} bands, at most {} are allowed", Bands::MAX),
            Self::Unbounded => f.write_str("a band needs a lower or an upper bound"),
            Self::Empty { lower, upper } => write!(f, "the band from {lower} to {upper} is empty"),
            Self::NotAdjacent { upper, lower } => {
                write!(
                    f,
                    "a band ends at {upper:?} and the next one begins at {lower:?}"
                )
            }
            Self::OpenBelow => {
                f.write_str("with a negative lower bound, one band must have no lower bound")
            }
            Self::OpenAbove => {
                f.write_str("with a positive upper bound, one band must have no upper bound")
            }
        }
    }
}

impl core::error::Error for BandError {}
