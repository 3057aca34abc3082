//! The sums of which a score is made, tick by tick.

use quorate::Micros;

/// A whole, in the unit in which relative deviations are added up.
pub(super) const PARTS: u64 = 1_000_000_000;

/// Running sums of a replay.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) ticks: u64,
    /// Time with fewer ready nodes than demanded.
    pub(super) under: Micros,
    /// Time with more.
    pub(super) over: Micros,
    /// `(demanded - supplied) / demanded`, in billionths, summed over the ticks that lack nodes.
    pub(super) under_parts: u128,
    /// `(supplied - demanded) / demanded`, in billionths, summed over the other ticks.
    pub(super) over_parts: u128,
    /// Ticks after the first in which supply and demand did not change in the same direction.
    pub(super) unstable_ticks: u64,
    /// Ready nodes, summed over ticks.
    pub(super) node_ticks: u128,
    /// Ready and starting nodes, summed over ticks.
    pub(super) billed_ticks: u128,
    pub(super) actions: u64,
    pub(super) flips: u64,
    last: Option<Sizes>,
    last_action: Option<(Micros, Direction)>,
}

/// What a tick needed and had.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// At least one.
    pub(super) demanded: u32,
    pub(super) ready: u32,
    /// Ready and starting.
    pub(super) nodes: u32,
}

/// Of a change of the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Out,
    In,
}

impl Tally {
    /// Adds a tick.
    pub(super) fn count(&mut self, sizes: Sizes, interval: Micros) {
        let Sizes {
            demanded,
            ready,
            nodes,
        } = sizes;
        self.ticks += 1;
        self.node_ticks += u128::from(ready);
        self.billed_ticks += u128::from(nodes);
        let parts = u64::from(demanded.abs_diff(ready)) * PARTS / u64::from(demanded.max(1));
        if ready < demanded {
            self.under = self.under + interval;
            self.under_parts += u128::from(parts);
        } else if ready > demanded {
            self.over = self.over + interval;
            self.over_parts += u128::from(parts);
        }
        if let Some(last) = self.last {
            let moves_apart = ready.cmp(&last.ready) != demanded.cmp(&last.demanded);
            self.unstable_ticks += u64::from(moves_apart);
        }
        self.last = Some(sizes);
    }

    /// Adds a change of the fleet, if there is one.
    pub(super) fn act(&mut self, from: u32, to: u32, now: Micros, flip_window: Micros) {
        if from == to {
            return;
        }
        let direction = if to > from {
            Direction::Out
        } else {
            Direction::In
        };
        let is_flip = self
            .last_action
            .is_some_and(|(at, last)| last != direction && now.since(at) <= flip_window);
        self.actions += 1;
        self.flips += u64::from(is_flip);
        self.last_action = Some((now, direction));
    }
}
