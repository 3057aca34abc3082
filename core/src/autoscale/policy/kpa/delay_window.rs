//! The scale-down delay: the largest answer of the last while is the answer.
//!
//! Remembering every answer of five minutes and taking the maximum each time is quadratic. An
//! answer that is smaller than a later one can never be the maximum again, so only a falling
//! sequence is kept, oldest and largest first ("ascending minima", R. Harter): O(1) amortized.
//! Time is cut into buckets of one tick of 2 s, as in Knative's `max.TimeWindow`, so an answer
//! leaves the window up to one tick earlier than the delay says.

use alloc::collections::VecDeque;

use crate::Micros;

/// The time between two ticks of Knative's autoscaler, and the width of a bucket.
pub const TICK_INTERVAL: Micros = Micros::from_secs(2);

/// The maximum over a sliding window of time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DelayWindow {
    /// How many buckets the window has; at least one.
    buckets: u64,
    /// Bucket and pods: buckets ascending, pods descending, at most one entry per bucket.
    maxima: VecDeque<(u64, u32)>,
}

impl DelayWindow {
    /// A window of this length; `None` without a delay. A window of one bucket would not be the
    /// same as none: of two answers in one bucket it takes the larger, not the later.
    pub fn new(delay: Micros) -> Option<Self> {
        (delay > Micros::ZERO).then(|| Self {
            buckets: delay.0.div_ceil(TICK_INTERVAL.0),
            maxima: VecDeque::new(),
        })
    }

    /// Adds the answer of `now` and returns the largest of the window.
    ///
    /// A clock that goes backwards stays in the newest bucket.
    pub fn record(&mut self, now: Micros, pods: u32) -> u32 {
        let newest = self.maxima.back().map_or(0, |&(bucket, _)| bucket);
        let bucket = (now.0 / TICK_INTERVAL.0).max(newest);
        while self.maxima.back().is_some_and(|&(_, older)| older <= pods) {
            self.maxima.pop_back();
        }
        while let Some(&(oldest, _)) = self.maxima.front() {
            if bucket.saturating_sub(oldest) < self.buckets {
                break;
            }
            self.maxima.pop_front();
        }
        if self.maxima.back().is_none_or(|&(last, _)| last != bucket) {
            self.maxima.push_back((bucket, pods));
        }
        self.maxima.front().map_or(pods, |&(_, largest)| largest)
    }
}

#[cfg(test)]
mod tests {
    use super::{DelayWindow, TICK_INTERVAL};
    use crate::Micros;

    #[test]
    fn no_delay_is_no_window() {
        assert_eq!(DelayWindow::new(Micros::ZERO), None);
    }

    #[test]
    fn an_answer_leaves_with_its_bucket() {
        let mut window = DelayWindow::new(Micros::from_secs(5)).expect("a delay");
        assert_eq!(window.record(Micros::from_secs(2), 9), 9);
        assert_eq!(
            window.record(Micros::from_secs(7), 3),
            9,
            "bucket 1 to 3 are three"
        );
        assert_eq!(
            window.record(Micros::from_secs(8), 1),
            3,
            "bucket 4: bucket 1 is out"
        );
    }

    #[test]
    fn of_two_answers_in_one_bucket_the_larger_counts() {
        let mut window = DelayWindow::new(TICK_INTERVAL).expect("a delay");
        assert_eq!(window.record(Micros::from_secs(4), 7), 7);
        assert_eq!(window.record(Micros::from_secs(5), 2), 7);
        assert_eq!(window.record(Micros::from_secs(6), 2), 2);
    }

    #[test]
    fn a_clock_that_goes_backwards_forgets_nothing() {
        let mut window = DelayWindow::new(Micros::from_secs(4)).expect("a delay");
        window.record(Micros::from_secs(100), 5);
        assert_eq!(window.record(Micros::ZERO, 1), 5);
        assert_eq!(window.record(Micros::ZERO, 9), 9);
        assert_eq!(window.record(Micros::from_secs(102), 1), 9);
        assert_eq!(window.record(Micros::MAX, 1), 1);
    }
}
