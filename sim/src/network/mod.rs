//! The links between nodes.
//!
//! A link has two directions, and everything can be wrong with one of them alone: that is what
//! networks do, and what protocols that were only tried on whole and cut links do not survive. A
//! message has its fate drawn when it leaves: how long it takes, whether it is lost, whether it
//! arrives twice, whether it overtakes. A cut is looked at when it leaves and when it would
//! arrive, so a partition also catches what is under way. Lost messages stay in the picture until
//! they would have arrived.
//!
//! Every message draws the same two random words for its fate, whatever the settings are. So a
//! run with a little more loss is the same run with a few more messages lost, and not another one.

mod cuts;
mod parcel;
mod traffic;

use std::collections::BTreeMap;

use quorate::{Micros, NodeId, Random};

use crate::action::LinkChange;
use crate::delay;
use crate::scenario::NetworkSpec;
use crate::snapshot::{LinkState, LinkView};
use cuts::Cuts;
use traffic::Traffic;

pub(crate) use parcel::Parcel;

/// A message under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) id: u64,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) sent: Micros,
    pub(crate) arrives: Micros,
    pub(crate) lost: bool,
    pub(crate) parcel: Parcel,
}

/// All links, and what is on them.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// What a link is like that nobody has changed.
    spec: NetworkSpec,
    /// The links that are not like that, by direction.
    changed: BTreeMap<(NodeId, NodeId), NetworkSpec>,
    cuts: Cuts,
    traffic: Traffic,
    random: Random,
    /// Messages under way by slot; a free slot is `None` and listed in `free`.
    slots: Vec<Option<Flight>>,
    free: Vec<u32>,
    sent: u64,
}

/// What a message has drawn: four numbers of sixteen bits.
#[derive(Clone, Copy, Debug)]
struct Fate(u64);

/// What its fate makes of a message.
#[derive(Clone, Copy, Debug)]
struct Passage {
    arrives: Micros,
    lost: bool,
}

impl Network {
    /// Whole links between the nodes from 1 to `fleet`, and to whoever else there is.
    pub(crate) fn new(spec: NetworkSpec, fleet: u32, seed: u64) -> Self {
        Self {
            spec,
            changed: BTreeMap::new(),
            cuts: Cuts::none(fleet),
            traffic: Traffic::default(),
            random: Random::new(seed),
            slots: Vec::new(),
            free: Vec::new(),
            sent: 0,
        }
    }

    /// Sends a message; the slots to deliver, with their times. Two if it is duplicated.
    pub(crate) fn send(
        &mut self,
        now: Micros,
        from: NodeId,
        to: NodeId,
        parcel: Parcel,
    ) -> [Option<(Micros, u32)>; 2] {
        let way = (from, to);
        let fate = Fate(self.random.next_u64());
        let first = self.launch(now, way, fate, &parcel);
        if !fate.is_doubled(self.link(from, to)) {
            return [Some(self.store(now, way, first, parcel)), None];
        }
        let first = self.store(now, way, first, parcel.clone());
        let fate = Fate(self.random.next_u64());
        let second = self.launch(now, way, fate, &parcel);
        [Some(first), Some(self.store(now, way, second, parcel))]
    }

    /// Takes a message off the net when its time has come.
    #[inline]
    pub(crate) fn take(&mut self, slot: u32) -> Option<Flight> {
        let flight = self.slots[slot as usize].take();
        if flight.is_some() {
            self.free.push(slot);
        }
        flight
    }

    /// The message in a slot.
    pub(crate) fn peek(&self, slot: u32) -> Option<&Flight> {
        self.slots[slot as usize].as_ref()
    }

    /// Whether nothing gets from one end to the other.
    pub(crate) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts.contains(from, to)
    }

    /// Cuts one direction.
    pub(crate) fn cut(&mut self, from: NodeId, to: NodeId) {
        self.cuts.insert(from, to);
    }

    /// Cuts between the nodes that share no group, and mends what is cut between others. Links
    /// keep their settings, and clients reach everybody.
    pub(crate) fn partition(&mut self, groups: &[Vec<NodeId>]) {
        self.cuts.partition(groups);
    }

    /// Makes both directions whole again, with the settings of the scenario.
    pub(crate) fn mend(&mut self, a: NodeId, b: NodeId) {
        for (from, to) in [(a, b), (b, a)] {
            self.cuts.remove(from, to);
            self.changed.remove(&(from, to));
        }
    }

    /// Changes one direction; what the change does not name stays as it is.
    pub(crate) fn change(&mut self, from: NodeId, to: NodeId, change: &LinkChange) {
        let changed = change.applied_to(self.link(from, to));
        if changed == self.spec {
            self.changed.remove(&(from, to));
        } else {
            self.changed.insert((from, to), changed);
        }
    }

    /// Makes every link whole again, with the settings of the scenario.
    pub(crate) fn heal(&mut self) {
        self.cuts.clear();
        self.changed.clear();
    }

    /// About how many bytes a copy takes.
    pub(crate) fn footprint(&self) -> usize {
        self.slots.len() * std::mem::size_of::<Option<Flight>>()
    }

    /// Messages under way, in the order they were sent.
    pub(crate) fn flights(&self) -> Vec<&Flight> {
        let mut flights: Vec<&Flight> = self.slots.iter().flatten().collect();
        flights.sort_unstable_by_key(|flight| flight.id);
        flights
    }

    /// When the oldest message under way was sent. O(messages under way).
    pub(crate) fn oldest(&self) -> Option<Micros> {
        self.slots.iter().flatten().map(|flight| flight.sent).min()
    }

    /// Links that are not whole, by their ends.
    pub(crate) fn broken_links(&self) -> Vec<LinkView> {
        let mut ends: Vec<(NodeId, NodeId)> = (self.cuts.iter())
            .chain(self.changed.keys().copied())
            .map(|(a, b)| (a.min(b), a.max(b)))
            .collect();
        ends.sort_unstable();
        ends.dedup();
        let views = ends.into_iter().map(|(a, b)| LinkView {
            a,
            b,
            state: self.state_of(a, b),
        });
        views.collect()
    }

    fn state_of(&self, a: NodeId, b: NodeId) -> LinkState {
        let loss = self
            .link(a, b)
            .loss_permille
            .max(self.link(b, a).loss_permille);
        match (self.is_cut(a, b), self.is_cut(b, a)) {
            (true, true) => LinkState::Cut,
            (true, false) => LinkState::CutForth,
            (false, true) => LinkState::CutBack,
            (false, false) if loss > self.spec.loss_permille => LinkState::Lossy(loss),
            (false, false) => LinkState::Changed,
        }
    }

    /// The settings of one direction.
    fn link(&self, from: NodeId, to: NodeId) -> &NetworkSpec {
        if self.changed.is_empty() {
            return &self.spec;
        }
        self.changed.get(&(from, to)).unwrap_or(&self.spec)
    }

    /// When a message arrives, or would.
    fn launch(
        &mut self,
        now: Micros,
        way: (NodeId, NodeId),
        fate: Fate,
        parcel: &Parcel,
    ) -> Passage {
        // Copied: the way through takes turns with the generator and the queue.
        let link = *self.link(way.0, way.1);
        let left = match link.bytes_per_second {
            0 => Some(now),
            rate => self.traffic.transmit(now, way, parcel.bytes(), rate),
        };
        let mut latency = self.random.span(link.latency_min, link.latency_max);
        if fate.is_late(&link) {
            latency = latency + delay::exponential(&mut self.random, link.tail_mean);
        }
        let mut arrives = left.unwrap_or(now) + latency;
        if !fate.overtakes(&link) {
            arrives = self.traffic.line_up(way, arrives);
        }
        Passage {
            arrives,
            lost: left.is_none() || fate.is_lost(&link) || self.is_cut(way.0, way.1),
        }
    }

    /// Puts a message into a slot, to be taken when it arrives.
    #[inline]
    fn store(
        &mut self,
        now: Micros,
        way: (NodeId, NodeId),
        passage: Passage,
        parcel: Parcel,
    ) -> (Micros, u32) {
        let Passage { arrives, lost } = passage;
        self.sent += 1;
        let flight = Some(Flight {
            id: self.sent,
            from: way.0,
            to: way.1,
            sent: now,
            arrives,
            lost,
            parcel,
        });
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = flight;
            return (arrives, slot);
        }
        self.slots.push(flight);
        let slot = u32::try_from(self.slots.len() - 1);
        (
            arrives,
            slot.expect("fewer than 2^32 messages are under way at once"),
        )
    }
}

impl Fate {
    fn is_doubled(self, link: &NetworkSpec) -> bool {
        self.happens(0, link.duplicate_permille)
    }

    fn is_lost(self, link: &NetworkSpec) -> bool {
        self.happens(16, link.loss_permille)
    }

    fn is_late(self, link: &NetworkSpec) -> bool {
        self.happens(32, link.tail_permille)
    }

    fn overtakes(self, link: &NetworkSpec) -> bool {
        self.happens(48, link.overtake_permille)
    }

    /// Whether one of the numbers lies in the lower `permille` thousandths of its range: never
    /// for zero, always for a thousand.
    fn happens(self, shift: u32, permille: u32) -> bool {
        permille > 0 && ((self.0 >> shift & 0xffff) * 1_000) >> 16 < u64::from(permille)
    }
}

#[cfg(test)]
mod tests;
