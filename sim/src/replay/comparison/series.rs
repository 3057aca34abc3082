//! Ticks folded into a fixed number of buckets, least and most of each.
//!
//! The number of ticks is known before the first one, so the width of a bucket is, too, and no
//! bucket is ever split or merged again.

use super::data::{DemandSeries, Series};

/// How many ticks go into a bucket, and which one is filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Width {
    /// At least one.
    pub(super) ticks: u64,
    /// How many buckets there are.
    pub(super) buckets: usize,
}

impl Width {
    /// `length` ticks in at most `points` buckets, all but the last one alike.
    pub(super) fn of(length: u64, points: usize) -> Self {
        let ticks = length.div_ceil(points.max(1) as u64).max(1);
        let buckets = usize::try_from(length.div_ceil(ticks)).unwrap_or(points);
        Self { ticks, buckets }
    }

    /// The bucket of a tick. Beyond the last one it is the last one.
    fn bucket(self, tick: u64) -> usize {
        let index = usize::try_from(tick / self.ticks).unwrap_or(usize::MAX);
        index.min(self.buckets.saturating_sub(1))
    }
}

/// What one policy had in one tick.
#[derive(Clone, Copy, Debug)]
pub(super) struct Had {
    pub(super) demanded: u32,
    pub(super) ready: u32,
    /// Ready and starting.
    pub(super) nodes: u32,
    pub(super) queue_milli: u64,
    pub(super) flipped: u32,
}

/// A [`Series`] that is being filled.
#[derive(Clone, Debug)]
pub(super) struct SeriesBuilder {
    width: Width,
    series: Series,
}

impl SeriesBuilder {
    pub(super) fn new(width: Width) -> Self {
        let buckets = width.buckets;
        Self {
            width,
            series: Series {
                ready_min: vec![u32::MAX; buckets],
                ready_max: vec![0; buckets],
                ordered_max: vec![0; buckets],
                short_ticks: vec![0; buckets],
                missing_max: vec![0; buckets],
                flips: vec![0; buckets],
                queue_max_milli: vec![0; buckets],
            },
        }
    }

    pub(super) fn add(&mut self, tick: u64, had: Had) {
        let bucket = self.width.bucket(tick);
        let Series {
            ready_min,
            ready_max,
            ordered_max,
            short_ticks,
            missing_max,
            flips,
            queue_max_milli,
        } = &mut self.series;
        let missing = had.demanded.saturating_sub(had.ready);
        ready_min[bucket] = ready_min[bucket].min(had.ready);
        ready_max[bucket] = ready_max[bucket].max(had.ready);
        ordered_max[bucket] = ordered_max[bucket].max(had.nodes);
        short_ticks[bucket] += u32::from(missing > 0);
        missing_max[bucket] = missing_max[bucket].max(missing);
        flips[bucket] += had.flipped;
        queue_max_milli[bucket] = queue_max_milli[bucket].max(had.queue_milli);
    }

    pub(super) fn finish(self) -> Series {
        self.series
    }
}

/// A [`DemandSeries`] that is being filled.
#[derive(Clone, Debug)]
pub(super) struct DemandBuilder {
    width: Width,
    series: DemandSeries,
}

impl DemandBuilder {
    pub(super) fn new(width: Width) -> Self {
        let buckets = width.buckets;
        Self {
            width,
            series: DemandSeries {
                load_max_milli: vec![0; buckets],
                min: vec![u32::MAX; buckets],
                max: vec![0; buckets],
            },
        }
    }

    pub(super) fn add(&mut self, tick: u64, count_milli: u64, demanded: u32) {
        let bucket = self.width.bucket(tick);
        let DemandSeries {
            load_max_milli,
            min,
            max,
        } = &mut self.series;
        load_max_milli[bucket] = load_max_milli[bucket].max(count_milli);
        min[bucket] = min[bucket].min(demanded);
        max[bucket] = max[bucket].max(demanded);
    }

    pub(super) fn finish(self) -> DemandSeries {
        self.series
    }
}
