//! Copies of the world, from which a run goes on to any moment between them.
//!
//! A copy shares with its neighbours what did not change in between, so it is cheap, and yet a long
//! run would fill any memory. So the copies have a budget: when it is used up every other one goes,
//! and from then on they are made half as often. The way from a copy to any moment after it stays a
//! fixed part of the whole run.

use std::sync::Arc;

use crate::action::TimedAction;
use crate::world::World;

/// Copies by number of events; the first is the beginning.
#[derive(Clone, Debug)]
pub(super) struct Checkpoints {
    first: Arc<World>,
    /// Ascending, with what each is reckoned to take, in bytes.
    later: Vec<(Arc<World>, usize)>,
    /// The number of events between two of them.
    spacing: u64,
    /// What all later ones may take together, in bytes.
    budget: usize,
}

/// More copies than this make no way shorter than a blink.
const MOST: usize = 64;
const FIRST_SPACING: u64 = 5_000;

impl Checkpoints {
    /// The beginning of a run.
    pub(super) fn new(world: &World, budget: usize) -> Self {
        Self {
            first: Arc::new(world.clone()),
            later: Vec::new(),
            spacing: FIRST_SPACING,
            budget,
        }
    }

    /// Copies the world, if the last copy is far enough behind.
    pub(super) fn passed(&mut self, world: &World) {
        if world.events() < self.newest().events() + self.spacing {
            return;
        }
        self.later
            .push((Arc::new(world.clone()), world.footprint()));
        while self.later.len() > MOST || self.bytes() > self.budget && self.later.len() > 1 {
            self.thin();
        }
    }

    /// The latest copy for which `is_before` holds; the beginning if there is none. A copy knows no
    /// action that was added by hand after it was made, so it is given the list.
    pub(super) fn latest(
        &self,
        is_before: impl Fn(&World) -> bool,
        actions: &[TimedAction],
    ) -> World {
        let later = self.later.iter().rev().map(|(world, _)| world);
        let latest = later.chain([&self.first]).find(|world| is_before(world));
        let mut world = World::clone(latest.unwrap_or(&self.first));
        world.adopt_actions(actions);
        world
    }

    /// How many events the latest copy has behind it for which `is_before` holds.
    pub(super) fn latest_events(&self, is_before: impl Fn(&World) -> bool) -> u64 {
        let later = self.later.iter().rev().map(|(world, _)| world);
        let latest = later.into_iter().find(|world| is_before(world));
        latest.map_or(0, |world| world.events())
    }

    /// Forgets what lies after an event: it will be otherwise.
    pub(super) fn truncate(&mut self, events: u64) {
        self.later.retain(|(world, _)| world.events() <= events);
    }

    /// What the copies are reckoned to take, in bytes, the beginning left out.
    pub(super) fn bytes(&self) -> usize {
        self.later.iter().map(|(_, bytes)| bytes).sum()
    }

    /// How many there are, the beginning included.
    pub(super) fn len(&self) -> usize {
        1 + self.later.len()
    }

    fn newest(&self) -> &World {
        self.later.last().map_or(&self.first, |(world, _)| world)
    }

    fn thin(&mut self) {
        let mut place = 0;
        self.later.retain(|_| {
            place += 1;
            place % 2 == 0
        });
        self.spacing *= 2;
    }
}
