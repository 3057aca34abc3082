//! The load over the time of the simulation.

use core::fmt;
use std::sync::Arc;

use jiff::civil::DateTime;
use quorate::Micros;

use super::{Diurnal, FlashCrowd, LoadSpec, Trace, TraceSpec};

/// The largest rate that a synthetic load may have: a billion requests per second.
pub const MAX_REQUESTS_PER_SECOND: u64 = 1_000_000_000;

/// A load that is ready to be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadCurve {
    /// Always this many milli-requests per second.
    Constant(u64),
    /// Day and night.
    Diurnal(Diurnal),
    /// A crowd that comes and goes.
    FlashCrowd(FlashCrowd),
    /// A recorded load.
    Trace(TraceLoad),
}

impl LoadCurve {
    /// Builds what `spec` asks for; `trace` is the file at hand, if there is one.
    pub fn build(spec: &LoadSpec, trace: Option<Arc<Trace>>) -> Result<Self, LoadError> {
        match (spec, trace) {
            (LoadSpec::Trace(spec), Some(trace)) => TraceLoad::new(spec, trace).map(Self::Trace),
            (LoadSpec::Trace(spec), None) => Err(LoadError::TraceMissing(Box::new(spec.clone()))),
            (_, Some(trace)) => Err(LoadError::TraceUnused {
                name: trace.name().to_owned(),
            }),
            (synthetic, None) => Self::synthetic(synthetic),
        }
    }

    /// Milli-requests per second at `now`.
    ///
    /// The same for the same `now`, in whatever order one asks. O(log rows) for a trace.
    pub fn rate_at(&self, now: Micros) -> u64 {
        match self {
            Self::Constant(rate) => *rate,
            Self::Diurnal(diurnal) => diurnal.rate_at(now),
            Self::FlashCrowd(crowd) => crowd.rate_at(now),
            Self::Trace(load) => load.trace.rate_at(load.position(now)),
        }
    }

    /// True once the trace is played to its end. From then on the load stays what its last row
    /// says. Synthetic loads never end.
    pub fn ended(&self, now: Micros) -> bool {
        matches!(self, Self::Trace(load) if load.position(now) >= load.trace.duration())
    }

    fn synthetic(spec: &LoadSpec) -> Result<Self, LoadError> {
        match *spec {
            LoadSpec::Constant {
                requests_per_second,
            } => rate("requests_per_second", requests_per_second).map(Self::Constant),
            LoadSpec::Diurnal {
                low,
                high,
                period_s,
            } => {
                let (low, high) = rates(("low", low), ("high", high))?;
                if period_s == 0 {
                    return Err(LoadError::NoPeriod);
                }
                Ok(Self::Diurnal(Diurnal {
                    low,
                    high,
                    period: Micros::from_secs(period_s),
                }))
            }
            LoadSpec::FlashCrowd {
                base,
                peak,
                at_s,
                rise_s,
                hold_s,
                fall_s,
            } => {
                let (base, peak) = rates(("base", base), ("peak", peak))?;
                Ok(Self::FlashCrowd(FlashCrowd {
                    base,
                    peak,
                    at: Micros::from_secs(at_s),
                    rise: Micros::from_secs(rise_s),
                    hold: Micros::from_secs(hold_s),
                    fall: Micros::from_secs(fall_s),
                }))
            }
            LoadSpec::Trace(ref spec) => Err(LoadError::TraceMissing(Box::new(spec.clone()))),
        }
    }
}

/// A trace that is played from somewhere at some speed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLoad {
    trace: Arc<Trace>,
    /// Where the simulation's time zero lies in the trace; within it.
    from: Micros,
    /// Trace seconds per simulated second, at least one.
    speed: u32,
}

impl TraceLoad {
    fn new(spec: &TraceSpec, trace: Arc<Trace>) -> Result<Self, LoadError> {
        if trace.hash() != spec.hash || trace.rows().len() as u64 != spec.rows {
            let (wanted, given) = (Box::new(spec.clone()), Box::new(TraceSpec::of(&trace)));
            return Err(LoadError::OtherTrace { wanted, given });
        }
        if spec.speed == 0 {
            return Err(LoadError::NoSpeed);
        }
        let from = match &spec.from {
            None => Micros::ZERO,
            Some(text) => from_offset(text, &trace)?,
        };
        Ok(Self {
            trace,
            from,
            speed: spec.speed,
        })
    }

    /// The trace itself.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// How far into the trace the simulation is at `now`.
    pub fn position(&self, now: Micros) -> Micros {
        self.from + Micros(now.0.saturating_mul(u64::from(self.speed)))
    }

    /// The date and time of the trace at `now`; its last row's once it has ended.
    pub fn date_time(&self, now: Micros) -> DateTime {
        self.trace
            .date_time(self.position(now).min(self.trace.last().offset))
    }
}

/// Where `text` lies in the trace.
fn from_offset(text: &str, trace: &Trace) -> Result<Micros, LoadError> {
    let from = super::trace::date_time(text).ok_or_else(|| LoadError::FromUnreadable {
        from: text.to_owned(),
    })?;
    trace.offset(from).ok_or_else(|| LoadError::FromOutside {
        from,
        first: trace.start(),
        last: trace.date_time(trace.last().offset),
    })
}

fn rate(field: &'static str, requests_per_second: u64) -> Result<u64, LoadError> {
    if requests_per_second > MAX_REQUESTS_PER_SECOND {
        return Err(LoadError::RateTooHigh {
            field,
            requests_per_second,
        });
    }
    Ok(requests_per_second * 1_000)
}

fn rates(
    (low_field, low): (&'static str, u64),
    (high_field, high): (&'static str, u64),
) -> Result<(u64, u64), LoadError> {
    if low > high {
        return Err(LoadError::Crossed {
            low_field,
            low,
            high_field,
            high,
        });
    }
    Ok((rate(low_field, low)?, rate(high_field, high)?))
}

/// Why a load cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// A rate is beyond [`MAX_REQUESTS_PER_SECOND`].
    RateTooHigh {
        /// Which field of the specification.
        field: &'static str,
        /// What it says.
        requests_per_second: u64,
    },
    /// The lower rate is the higher one.
    Crossed {
        /// The field of the lower rate.
        low_field: &'static str,
        /// What it says.
        low: u64,
        /// The field of the higher rate.
        high_field: &'static str,
        /// What it says.
        high: u64,
    },
    /// A day has no length.
    NoPeriod,
    /// A trace that is played at speed zero never moves.
    NoSpeed,
    /// A trace is wanted, and no file is at hand.
    TraceMissing(Box<TraceSpec>),
    /// The file at hand is not the one that is wanted.
    OtherTrace {
        /// The one that is wanted.
        wanted: Box<TraceSpec>,
        /// What the file at hand would be called.
        given: Box<TraceSpec>,
    },
    /// A file is at hand, and the load is synthetic.
    TraceUnused {
        /// The name of the file.
        name: String,
    },
    /// `from` is not a date.
    FromUnreadable {
        /// What it says.
        from: String,
    },
    /// `from` is not within the trace.
    FromOutside {
        /// Where the load should begin.
        from: DateTime,
        /// The first row.
        first: DateTime,
        /// The last row.
        last: DateTime,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateTooHigh {
                field,
                requests_per_second,
            } => write!(
                f,
                "load.{field}: {requests_per_second} requests per second are more than \
                 {MAX_REQUESTS_PER_SECOND}"
            ),
            Self::Crossed {
                low_field,
                low,
                high_field,
                high,
            } => {
                write!(
                    f,
                    "load.{low_field} ({low}) is larger than load.{high_field} ({high})"
                )
            }
            Self::NoPeriod => f.write_str("load.period_s must not be 0"),
            Self::NoSpeed => f.write_str("load.speed must be at least 1"),
            Self::TraceMissing(wanted) => write!(f, "the load needs the file {wanted}"),
            Self::OtherTrace { wanted, given } => {
                write!(f, "the load needs the file {wanted}; this is {given}")
            }
            Self::TraceUnused { name } => {
                write!(
                    f,
                    "the file {name} was given, but the load of the scenario is synthetic"
                )
            }
            Self::FromUnreadable { from } => write!(
                f,
                "load_from: `{from}` is not a date like 1998-07-07 or 1998-07-07 18:30:00"
            ),
            Self::FromOutside { from, first, last } => {
                write!(
                    f,
                    "load_from: {from} is outside of the trace, {first} to {last}"
                )
            }
        }
    }
}

impl fmt::Display for TraceSpec {
    /// `worldcup98.csv (125300 rows, hash 0123456789abcdef)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} rows, hash {})", self.name, self.rows, self.hash)
    }
}

impl std::error::Error for LoadError {}
