//! The counts of a trace, tick by tick.
//!
//! A pipeline of two stages, neither of which holds more than one step: the rows with their gaps
//! filled or not, and each step taken apart or several added up.

use quorate::{Micros, Random};

use super::refinement::{
    GapRule, Interpolation, MAX_PARTS, MAX_TICKS, Refinement, RefinementError,
};
use super::spread::{Slope, spread, throw};
use super::{Row, Trace};

impl Trace {
    /// The trace as counts per tick, in thousandths of a request, from its first row to its last.
    ///
    /// An iterator, so that seconds of years need no memory; clone it to go twice.
    pub fn ticks(&self, refinement: Refinement) -> Result<Ticks<'_>, RefinementError> {
        let step = self.step();
        let tick = refinement.tick.unwrap_or(step);
        let cut = Cut::of(step, tick, refinement.within)?;
        let steps = self.rows().len() as u64
            + match refinement.gaps {
                GapRule::Skip => 0,
                GapRule::Hold | GapRule::Linear => self.gaps().missing_rows,
            };
        let length = match cut {
            Cut::Parts(parts) => steps.saturating_mul(parts),
            Cut::Bins(bin) => steps / bin,
        };
        if length > MAX_TICKS {
            return Err(RefinementError::TooManyTicks(length));
        }
        if length < 2 {
            return Err(RefinementError::TooFewTicks(length));
        }
        let mut steps = Steps {
            rows: self.rows(),
            step,
            rule: refinement.gaps,
            filled: 0,
            after_gap: false,
        };
        let seed = match refinement.within {
            Interpolation::Poisson { seed } => seed,
            _ => 0,
        };
        Ok(Ticks {
            interval: tick,
            length,
            cut,
            within: refinement.within,
            before: None,
            ahead: steps.next(),
            steps,
            random: Random::new(seed),
            ready: Vec::new(),
        })
    }
}

/// How a tick and a step go into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// So many ticks in a step.
    Parts(u64),
    /// So many steps in a tick.
    Bins(u64),
}

impl Cut {
    fn of(step: Micros, tick: Micros, within: Interpolation) -> Result<Self, RefinementError> {
        let wrong = || RefinementError::NoWholeNumber { tick, step };
        if tick == Micros::ZERO {
            return Err(wrong());
        }
        if tick >= step {
            let whole = tick.0.is_multiple_of(step.0);
            return whole
                .then_some(Self::Bins(tick.0 / step.0))
                .ok_or_else(wrong);
        }
        if !step.0.is_multiple_of(tick.0) {
            return Err(wrong());
        }
        let parts = step.0 / tick.0;
        match within {
            Interpolation::None => Err(RefinementError::NoInterpolation { tick, step }),
            _ if parts > MAX_PARTS => Err(RefinementError::TooFine(parts)),
            _ => Ok(Self::Parts(parts)),
        }
    }
}

/// The counts of a trace, tick by tick.
#[derive(Clone, Debug)]
pub struct Ticks<'a> {
    interval: Micros,
    /// How many ticks are left.
    length: u64,
    cut: Cut,
    within: Interpolation,
    steps: Steps<'a>,
    /// The count of the step before the next one, if it ends where that begins.
    before: Option<u64>,
    /// The next step.
    ahead: Option<Step>,
    random: Random,
    /// Ticks of the step that is being played, the last one first.
    ready: Vec<u64>,
}

impl Ticks<'_> {
    /// The length of a tick.
    pub const fn interval(&self) -> Micros {
        self.interval
    }

    /// Takes the next step apart.
    fn refill(&mut self, parts: u64) -> Option<()> {
        let step = self.ahead?;
        self.ahead = self.steps.next();
        let before = self
            .before
            .filter(|_| !step.after_gap)
            .unwrap_or(step.count);
        let after = self
            .ahead
            .filter(|next| !next.after_gap)
            .map_or(step.count, |next| next.count);
        self.before = Some(step.count);
        self.ready.clear();
        match self.within {
            Interpolation::None | Interpolation::Hold => {
                spread(step.count, parts, |_| 1, &mut self.ready);
            }
            Interpolation::Linear => {
                let slope = Slope {
                    before,
                    own: step.count,
                    after,
                    parts,
                };
                spread(
                    step.count,
                    parts,
                    |part| slope.weight(part),
                    &mut self.ready,
                );
            }
            Interpolation::Poisson { .. } => {
                throw(step.count, parts, &mut self.random, &mut self.ready);
            }
        }
        self.ready.reverse();
        Some(())
    }
}

impl Iterator for Ticks<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.length = self.length.checked_sub(1)?;
        match self.cut {
            Cut::Parts(parts) => {
                if self.ready.is_empty() {
                    self.refill(parts)?;
                }
                self.ready.pop()
            }
            Cut::Bins(steps) => {
                let mut sum: u64 = 0;
                for _ in 0..steps {
                    let step = self.ahead?;
                    self.ahead = self.steps.next();
                    sum = sum.saturating_add(step.count);
                }
                Some(sum)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = usize::try_from(self.length).ok();
        (length.unwrap_or(usize::MAX), length)
    }
}

/// A count that lasts one step.
#[derive(Clone, Copy, Debug)]
struct Step {
    count: u64,
    /// Rows are missing before it, and nothing is played there.
    after_gap: bool,
}

/// The rows, with the gaps filled as the rule says.
#[derive(Clone, Debug)]
struct Steps<'a> {
    /// What is left, from the row that is being played on.
    rows: &'a [Row],
    step: Micros,
    rule: GapRule,
    /// How many steps were played of the first row and of the gap after it.
    filled: u64,
    /// A gap that is not played lies before the first row.
    after_gap: bool,
}

impl Iterator for Steps<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let (row, rest) = self.rows.split_first()?;
        let after = rest.first();
        let missing = after.map_or(0, |after| {
            (after.offset - row.offset).0.saturating_sub(1) / self.step.0
        });
        let count = match (self.rule, after) {
            (GapRule::Linear, Some(after)) => {
                between(row.count_milli, after.count_milli, self.filled, missing + 1)
            }
            _ => row.count_milli,
        };
        let after_gap = std::mem::take(&mut self.after_gap);
        self.filled += 1;
        if self.rule == GapRule::Skip || self.filled > missing {
            self.filled = 0;
            self.rows = rest;
            self.after_gap = self.rule == GapRule::Skip && missing > 0;
        }
        Some(Step { count, after_gap })
    }
}

/// The point after `part` of `parts` on the way from `from` to `to`, rounded down.
fn between(from: u64, to: u64, part: u64, parts: u64) -> u64 {
    let (part, parts) = (u128::from(part), u128::from(parts));
    let sum = u128::from(from) * (parts - part) + u128::from(to) * part;
    u64::try_from(sum / parts).expect("between two numbers of 64 bits")
}
