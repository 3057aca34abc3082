//! Repeating, timing, and what is said of the samples.
//!
//! A mean hides one bad run and a single run hides everything. A figure here is the median, with the
//! tenth and the ninetieth percentile beside it, and how many samples there were.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

/// How hard to try.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Samples to take, if time allows.
    pub repetitions: usize,
    /// When to stop taking more: the slowest peers need minutes for one.
    pub patience: Duration,
}

impl Effort {
    /// Takes samples until there are enough or time is up, and one in any case.
    pub fn repeat(self, mut sample: impl FnMut()) {
        let start = Instant::now();
        for _ in 0..self.repetitions.max(1) {
            sample();
            if start.elapsed() >= self.patience {
                break;
            }
        }
    }

    /// The same patience for work of microseconds, of which more samples cost nothing.
    #[must_use]
    pub fn of_small_work(self) -> Self {
        Self {
            repetitions: self.repetitions * 100,
            ..self
        }
    }
}

/// Runs the work and adds how long it took, in nanoseconds, to the samples.
///
/// Everything that is measured runs under this function or [`timed_on_processor`], and nothing else
/// does. They are never inlined, so that an instruction counter can be switched on by
/// the beginning of their names.
#[inline(never)]
pub fn timed<T>(samples: &mut Samples, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = std::hint::black_box(work());
    let took = start.elapsed();
    samples.push(nanoseconds(took));
    result
}

/// The same for work of one thread, in nanoseconds of the processor: what else runs on the machine
/// does not count, except that it takes the caches.
#[inline(never)]
pub fn timed_on_processor<T>(samples: &mut Samples, work: impl FnOnce() -> T) -> T {
    let start = ThreadTime::now();
    let result = std::hint::black_box(work());
    let took = start.elapsed();
    samples.push(nanoseconds(took));
    result
}

/// Values of one figure.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// A figure that is the same every time.
    pub fn exactly(value: usize) -> Self {
        let mut samples = Self::default();
        samples.push_count(value);
        samples
    }

    /// Adds a value.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds a number of bytes or of things.
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts stay far below 2^52 here"
    )]
    pub fn push_count(&mut self, value: usize) {
        self.push(value as f64);
    }

    /// All of them together: the parts of one sample.
    pub fn sum(&self) -> f64 {
        self.0.iter().sum()
    }

    /// What comes out of each value.
    #[must_use]
    pub fn map(&self, convert: impl FnMut(f64) -> f64) -> Self {
        Self(self.0.iter().copied().map(convert).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value below which a share of the samples lies, by nearest rank.
    pub fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (percent * sorted.len()).div_ceil(100).max(1);
        sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
    }

    /// The middle.
    pub fn median(&self) -> f64 {
        self.percentile(50)
    }
}

fn nanoseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e9
}

#[cfg(test)]
mod tests {
    use super::{Effort, Samples};
    use std::time::Duration;

    #[test]
    fn percentiles_are_samples() {
        let mut samples = Samples::default();
        for value in [5.0, 1.0, 4.0, 2.0, 3.0] {
            samples.push(value);
        }
        let percentiles = [10, 50, 90].map(|percent| samples.percentile(percent));
        assert_eq!(
            percentiles.map(f64::to_bits),
            [1.0, 3.0, 5.0].map(f64::to_bits)
        );
    }

    #[test]
    fn one_sample_is_taken_whatever_the_patience() {
        let mut taken = 0;
        let impatient = Effort {
            repetitions: 5,
            patience: Duration::ZERO,
        };
        impatient.repeat(|| taken += 1);
        assert_eq!(taken, 1);
    }
}
