//! Random histories: the twins are compared after every step, and after everybody met everybody.

use quorate::Random;
use quorate::crdt::Replicated;

use super::twins::{ELEMENTS, Step, World};

/// Histories per test; there are four tests.
const HISTORIES: u64 = 26_000;

/// How often each kind of step is drawn, out of the sum.
#[derive(Clone, Copy, Debug)]
struct Mix {
    add: u64,
    remove: u64,
    clear: u64,
    merge: u64,
    delta: u64,
    prune: u64,
}

impl Mix {
    /// Nothing but what a state-based set has.
    const STATES: Self = Self {
        add: 5,
        remove: 3,
        clear: 1,
        merge: 7,
        delta: 0,
        prune: 0,
    };
    /// Everything that ours has besides.
    const EVERYTHING: Self = Self {
        add: 5,
        remove: 3,
        clear: 1,
        merge: 3,
        delta: 4,
        prune: 1,
    };

    fn draw(self, random: &mut Random, replicas: usize) -> Step {
        let at = random.index(replicas);
        let element = u32::try_from(random.below(u64::from(ELEMENTS))).unwrap();
        // Another one: to merge with oneself is nothing.
        let to = (at + 1 + random.index(replicas - 1)) % replicas;
        let steps = [
            (self.add, Step::Add(at, element)),
            (self.remove, Step::Remove(at, element)),
            (self.clear, Step::Clear(at)),
            (self.merge, Step::Merge(at, to)),
            (self.delta, Step::Delta(at, to)),
            (self.prune, Step::Prune(at)),
        ];
        let mut left = random.below(steps.iter().map(|(weight, _)| weight).sum());
        for (weight, step) in steps {
            if left < weight {
                return step;
            }
            left -= weight;
        }
        unreachable!("a number below the sum of the weights")
    }
}

/// The histories of a range of seeds, 12 to 30 steps each.
fn check(first_seed: u64, replicas: u64, mix: Mix) {
    for seed in first_seed..first_seed + HISTORIES {
        let mut random = Random::new(seed);
        let mut world = World::new(replicas);
        let mut steps = Vec::new();
        for _ in 0..12 + random.index(19) {
            steps.push(mix.draw(&mut random, world.twins.len()));
            world.step(*steps.last().unwrap());
            if let Some(difference) = world.difference() {
                panic!("seed {seed}: {difference}, after {steps:?}");
            }
        }
        world.heal();
        if let Some(difference) = world.difference() {
            panic!("seed {seed}: {difference}, after all met, after {steps:?}");
        }
        let first = world.twins[0].ours.store().encode_state();
        for twin in &world.twins {
            let state = twin.ours.store().encode_state();
            assert_eq!(state, first, "seed {seed}: not converged after {steps:?}");
        }
    }
}

#[test]
fn three_replicas_by_states() {
    check(0, 3, Mix::STATES);
}

#[test]
fn four_replicas_by_states() {
    check(1_000_000, 4, Mix::STATES);
}

#[test]
fn three_replicas_by_everything() {
    check(2_000_000, 3, Mix::EVERYTHING);
}

#[test]
fn four_replicas_by_everything() {
    check(3_000_000, 4, Mix::EVERYTHING);
}
