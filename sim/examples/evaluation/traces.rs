//! The recordings of the evaluation, made ready: cut, thinned, clipped, interpolated.

use std::error::Error;
use std::path::Path;

use quorate::{Micros, Random};
use quorate_sim::load::Trace;

use crate::contenders::Service;

/// A load to replay.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: &'static str,
    pub(crate) part: Part,
    pub(crate) interval: Micros,
    /// What one node can do is a share of this, in thousandths of a request per tick.
    pub(crate) peak_milli: u64,
    /// Thousandths of a request per tick.
    pub(crate) counts: Vec<u64>,
}

/// What a series may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Settings may be chosen on it.
    Training,
    /// Nothing may be chosen on it.
    Test,
    /// Holds both.
    Whole,
}

/// The row of the WorldCup98 recording that is the first of the test.
pub(crate) const WORLD_CUP_SPLIT: usize = 62_650;

/// Every series that can be made from the files in `directory`.
pub(crate) fn all(directory: &Path) -> Result<Vec<Series>, Box<dyn Error>> {
    let mut series = Vec::new();
    if let Some(trace) = read(directory, "worldcup98_requests_per_minute.csv")? {
        series.extend(world_cup(&trace));
    }
    if let Some(trace) = read(directory, "nab_Twitter_volume_AAPL.csv")? {
        series.extend(apple(&trace));
    }
    if let Some(trace) = read(directory, "nab_nyc_taxi.csv")? {
        series.push(taxi(&trace));
    }
    if let Some(trace) = read(directory, "nab_elb_request_count_8c0756.csv")? {
        series.push(Series::whole("elb", Part::Test, &trace));
    }
    Ok(series)
}

impl Series {
    /// What a scaler may know beforehand, where the peak takes 40 nodes.
    pub(crate) fn service(&self) -> Service {
        Service {
            interval: self.interval,
            node_requests_milli: self.peak_milli / 40,
        }
    }

    /// A recording as it is.
    pub(crate) fn whole(name: &'static str, part: Part, trace: &Trace) -> Self {
        Self {
            name,
            part,
            interval: trace.step(),
            peak_milli: trace.peak_milli(),
            counts: counts(trace),
        }
    }
}

/// The whole and its two halves, with the peak of the whole.
fn world_cup(trace: &Trace) -> Vec<Series> {
    let whole = Series::whole("WC whole", Part::Whole, trace);
    let (first, second) = whole
        .counts
        .split_at(WORLD_CUP_SPLIT.min(whole.counts.len()));
    let cut = |name, part, counts: &[u64]| Series {
        name,
        part,
        counts: counts.to_vec(),
        ..whole.clone()
    };
    let training = cut("WC-A", Part::Training, first);
    let test = cut("WC-B", Part::Test, second);
    let thin = thinned(&training, 500);
    vec![whole, training, test, thin]
}

/// One request in `one_in`, drawn with a fixed seed: the same shape, with the noise of a small
/// service.
fn thinned(series: &Series, one_in: u64) -> Series {
    let mut random = Random::new(0x7468_696e);
    let mut draw = |milli: u64| {
        let kept = (0..milli / 1_000).filter(|_| random.below(one_in) == 0);
        kept.count() as u64 * 1_000
    };
    Series {
        name: "WC-thin",
        peak_milli: series.peak_milli / (1_000 * one_in) * 1_000,
        counts: series.counts.iter().map(|&milli| draw(milli)).collect(),
        ..series.clone()
    }
}

/// The recording, and one whose bursts fill more than half of the time: nodes do an eighth, and
/// what is above the double of the new peak is cut off.
fn apple(trace: &Trace) -> [Series; 2] {
    let whole = Series::whole("AAPL", Part::Training, trace);
    let peak_milli = whole.peak_milli / 8_000 * 1_000;
    let clipped = Series {
        name: "AAPL8",
        peak_milli,
        counts: whole
            .counts
            .iter()
            .map(|&milli| milli.min(2 * peak_milli))
            .collect(),
        ..whole.clone()
    };
    [whole, clipped]
}

/// Half hours, interpolated to five minutes in whole requests; the last half hour has no end to
/// be interpolated to.
fn taxi(trace: &Trace) -> Series {
    const PARTS: u64 = 6;
    let rows = counts(trace);
    let between = |pair: &[u64]| {
        let (from, to) = (pair[0] / 1_000, pair[1] / 1_000);
        (0..PARTS).map(move |part| (from * (PARTS - part) + to * part) / PARTS * 1_000)
    };
    Series {
        name: "taxi",
        part: Part::Training,
        interval: Micros(trace.step().0 / PARTS),
        peak_milli: trace.peak_milli(),
        counts: rows.windows(2).flat_map(between).collect(),
    }
}

fn counts(trace: &Trace) -> Vec<u64> {
    trace.rows().iter().map(|row| row.count_milli).collect()
}

fn read(directory: &Path, name: &str) -> Result<Option<Trace>, Box<dyn Error>> {
    let path = directory.join(name);
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(Trace::parse(name, &std::fs::read(path)?)?))
}
