//! The load on the simulated service: a real trace or a synthetic curve.
//!
//! A scenario says *which* load it wants as a small [`LoadSpec`]; [`LoadCurve::build`] turns it
//! into a curve that answers one question, the rate of requests at a time. A trace does not
//! travel inside a scenario, only its name, row count and hash: a run that silently used another
//! file than the one it was recorded with would be worse than one that asks for the file.
//!
//! Everything is integer arithmetic, so that the curve is the same natively and in a browser.
//! Rates are thousandths of a request per second.
//!
//! A small trace of this project's own, `data/flash_day.csv`, is one invented day in steps of
//! five minutes. It was not measured: with `t` the seconds since midnight and `i` the row, its
//! counts are `300 · (d(t) + f(t)) + 7919·i mod 97`, where `d` is [`LoadSpec::Diurnal`] between 2
//! and 8 requests per second over 86,400 s and `f` is [`LoadSpec::FlashCrowd`] from 0 to 30
//! requests per second at 46,800 s (rise 900 s, hold 1,800 s, fall 5,400 s).

mod curve;
mod spec;
mod synthetic;
mod trace;

pub use curve::{LoadCurve, LoadError, MAX_REQUESTS_PER_SECOND, TraceLoad};
pub use spec::{LoadSpec, TraceSpec};
pub use synthetic::{Diurnal, FlashCrowd};
pub use trace::{
    BadRows, Column, Combine, FieldFault, GapRule, Gaps, Interpolation, Limits, MAX_PARTS,
    MAX_REPORTED, MAX_TICKS, Numbers, ReadOptions, ReadReport, Reading, Refinement,
    RefinementError, Row, SeriesChoice, Ticks, Trace, TraceError, TraceHash,
};
