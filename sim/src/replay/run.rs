//! The replay itself, one tick after the other.

use quorate::Micros;

use super::arithmetic::product;
use super::fleet::Fleet;
use super::oracle::Oracle;
use super::tally::{Sizes, Tally};
use super::{Model, ModelError, Scaler, Score, Tick, Timing};

/// A replay in progress.
///
/// Its size does not depend on how long it runs.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Checked.
    model: Model,
    /// Not zero.
    interval: Micros,
    /// What one node does in a tick; at least one.
    capacity: u64,
    /// When the next tick begins.
    at: Micros,
    /// Work that waits.
    queue: u64,
    tally: Tally,
    /// `None` before the first tick, which says how large they begin.
    running: Option<Running>,
}

/// What begins with the first tick.
#[derive(Clone, Debug)]
struct Running {
    fleet: Fleet,
    oracle: Oracle,
}

impl Replay {
    /// A replay of counts of which `peak_milli` is the largest, in thousandths of a request, one
    /// every `interval`.
    ///
    /// The peak fixes what a node can do; a part of a recording can be played with the peak of
    /// the whole.
    pub fn new(model: Model, peak_milli: u64, interval: Micros) -> Result<Self, ModelError> {
        model.check()?;
        if interval == Micros::ZERO {
            return Err(ModelError::NoInterval);
        }
        Ok(Self {
            model,
            interval,
            capacity: peak_milli.max(1),
            at: Micros::ZERO,
            queue: 0,
            tally: Tally::default(),
            running: None,
        })
    }

    /// Plays one tick in which `count_milli` thousandths of a request arrive.
    pub fn step(&mut self, count_milli: u64, scaler: &mut (impl Scaler + ?Sized)) {
        let model = &self.model;
        let load = product(count_milli, model.peak_nodes);
        let demanded = model.demanded(load, self.capacity);
        let Running { fleet, oracle } = self.running.get_or_insert_with(|| Running {
            fleet: Fleet::ready_with(demanded),
            oracle: Oracle::starting_with(demanded, model.start_up),
        });
        fleet.advance(self.at);
        let (ready, nodes) = (fleet.ready(), fleet.nodes());
        oracle.follow(demanded, self.at, self.interval);
        let sizes = Sizes {
            demanded,
            ready,
            nodes,
        };
        self.tally.count(sizes, self.interval);

        let work = load.saturating_add(self.queue);
        let served = work.min(product(self.capacity, ready));
        self.queue = work - served;
        let next = self.at + self.interval;
        let decided_at = match model.timing {
            Timing::Prompt => self.at,
            Timing::Strict => next,
        };
        let tick = Tick {
            at: decided_at,
            interval: self.interval,
            nodes,
            ready,
            load,
            served,
            queue: self.queue,
            node_capacity: self.capacity,
            work_per_request: u64::from(model.peak_nodes),
        };
        let wanted = model.bounds.clamp(scaler.decide(&tick));
        self.tally.act(nodes, wanted, decided_at, model.flip_window);
        fleet.resize(wanted, decided_at + model.start_up);
        self.at = next;
    }

    /// What came of the ticks so far.
    pub fn score(&self) -> Score {
        let (ideal, billed_ideal) = self.running.as_ref().map_or((0, 0), |running| {
            (running.oracle.node_time, running.oracle.billed_time)
        });
        Score::of(&self.tally, self.interval, ideal, billed_ideal)
    }
}

/// Plays `counts`, of which `peak_milli` is the largest, against `scaler`.
pub fn replay(
    model: Model,
    peak_milli: u64,
    interval: Micros,
    counts: impl IntoIterator<Item = u64>,
    scaler: &mut (impl Scaler + ?Sized),
) -> Result<Score, ModelError> {
    let mut replay = Replay::new(model, peak_milli, interval)?;
    for count in counts {
        replay.step(count, scaler);
    }
    Ok(replay.score())
}
