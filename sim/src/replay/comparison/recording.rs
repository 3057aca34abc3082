//! A trace, cut into ticks and ready to be played any number of times.
//!
//! Every policy, every point of a search and every later question about one tick must meet the
//! same counts against the same peak; whoever cuts the trace a second time with another option
//! compares two loads.

use quorate::Micros;

use crate::load::{Refinement, RefinementError, Ticks, Trace};

/// The counts of a trace, tick by tick, and the largest of them.
#[derive(Clone, Debug)]
pub struct Recording<'a> {
    trace: &'a Trace,
    counts: Ticks<'a>,
    /// How many there are.
    length: u64,
    peak_milli: u64,
}

impl<'a> Recording<'a> {
    /// The trace, cut as `refinement` says. O(ticks): it looks for the peak.
    pub fn new(trace: &'a Trace, refinement: Refinement) -> Result<Self, RefinementError> {
        let counts = trace.ticks(refinement)?;
        let (mut length, mut peak_milli) = (0, 0);
        for count in counts.clone() {
            length += 1;
            peak_milli = count.max(peak_milli);
        }
        Ok(Self {
            trace,
            counts,
            length,
            peak_milli,
        })
    }

    /// What was recorded.
    pub const fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// The length of a tick.
    pub const fn interval(&self) -> Micros {
        self.counts.interval()
    }

    /// How many ticks there are; at least two.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The largest count, in thousandths of a request per tick.
    pub const fn peak_milli(&self) -> u64 {
        self.peak_milli
    }

    /// The counts from the first tick on, in thousandths of a request.
    pub fn counts(&self) -> Ticks<'a> {
        self.counts.clone()
    }
}
