//! Replicas that exist twice: once as each set, changed and merged in step.

use std::collections::BTreeMap;

use crdts::{CmRDT, CvRDT, Orswot};
use quorate::crdt::{Dot, OrSet, PruneOptions, ReplicaId, Replicated};
use quorate::{Micros, NodeId};

/// How many elements there are: few, so that histories meet at them.
pub(crate) const ELEMENTS: u32 = 3;

/// One step of a history, with indices of replicas.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// A replica adds an element.
    Add(usize, u32),
    /// A replica removes an element, whether it is there or not.
    Remove(usize, u32),
    /// A replica removes everything it sees.
    Clear(usize),
    /// The second joins the state of the first.
    Merge(usize, usize),
    /// As a merge, but of ours only what the second lacks is sent.
    Delta(usize, usize),
    /// Ours forgets every removal. That must not show, so the other set has no such step.
    Prune(usize),
}

/// One replica, as both.
#[derive(Clone, Debug)]
pub(crate) struct Twin {
    pub(crate) ours: OrSet<u32>,
    pub(crate) theirs: Orswot<u32, u64>,
}

/// A few replicas.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) twins: Vec<Twin>,
    /// Which add of its replica each of our adds is. Our removals are events, too, and spend a
    /// number; theirs do not.
    adds: BTreeMap<Dot, u64>,
    clock: u64,
}

impl World {
    /// So many empty replicas.
    pub(crate) fn new(replicas: u64) -> Self {
        let twin = |node| Twin {
            ours: OrSet::new(ReplicaId::first(NodeId(node))),
            theirs: Orswot::new(),
        };
        Self {
            twins: (1..=replicas).map(twin).collect(),
            adds: BTreeMap::new(),
            clock: 0,
        }
    }

    /// Does a step in both sets.
    pub(crate) fn step(&mut self, step: Step) {
        self.clock += 1;
        let now = Micros(self.clock);
        match step {
            Step::Add(at, element) => self.add(at, now, element),
            Step::Remove(at, element) => {
                let Twin { ours, theirs } = &mut self.twins[at];
                ours.remove(now, &element).unwrap();
                let context = theirs.contains(&element).derive_rm_ctx();
                theirs.apply(theirs.rm(element, context));
            }
            Step::Clear(at) => {
                let Twin { ours, theirs } = &mut self.twins[at];
                ours.clear(now).unwrap();
                let context = theirs.read_ctx().derive_rm_ctx();
                theirs.apply(theirs.rm_all(0..ELEMENTS, context));
            }
            Step::Merge(from, to) => {
                let full = self.twins[from].ours.full_state();
                self.twins[to].ours.apply_full(&full).unwrap();
                self.merge_theirs(from, to);
            }
            Step::Delta(from, to) => {
                let source = self.twins[from].ours.clone();
                self.twins[to].ours.merge(&source).unwrap();
                self.merge_theirs(from, to);
            }
            Step::Prune(at) => {
                let everything = PruneOptions {
                    max_tombstones: 0,
                    ..PruneOptions::default()
                };
                self.twins[at].ours.prune(now, &everything);
            }
        }
    }

    /// Everybody merges with everybody, until there is nothing left to merge.
    pub(crate) fn heal(&mut self) {
        let all = 0..self.twins.len();
        for _ in 0..2 {
            for (from, to) in all
                .clone()
                .flat_map(|from| all.clone().map(move |to| (from, to)))
            {
                self.step(Step::Merge(from, to));
            }
        }
    }

    /// What is wrong with the replicas, if anything is.
    pub(crate) fn difference(&self) -> Option<String> {
        self.twins
            .iter()
            .find_map(|twin| (0..ELEMENTS).find_map(|element| self.difference_at(twin, element)))
    }

    fn difference_at(&self, twin: &Twin, element: u32) -> Option<String> {
        let Twin { ours, theirs } = twin;
        let read = theirs.contains(&element);
        let mut dots = ours.dots(&element);
        let is_here = dots.len() > 0;
        if is_here != read.val || ours.contains(&element) != is_here {
            let replica = ours.store().replica();
            return Some(format!(
                "{replica} shows {element}: {is_here}, {}",
                read.val
            ));
        }
        let unknown = dots.find(|dot| read.rm_clock.get(&dot.replica.node.0) != self.adds[dot]);
        unknown.map(|dot| format!("{dot} keeps {element} alive here, but not there"))
    }

    fn add(&mut self, at: usize, now: Micros, element: u32) {
        let Twin { ours, theirs } = &mut self.twins[at];
        let event = ours.add(now, &element).unwrap();
        let actor = event.dot.replica.node.0;
        let context = theirs.read_ctx().derive_add_ctx(actor);
        self.adds.insert(event.dot, context.dot.counter);
        theirs.apply(theirs.add(element, context));
    }

    fn merge_theirs(&mut self, from: usize, to: usize) {
        let source = self.twins[from].theirs.clone();
        self.twins[to].theirs.merge(source);
    }
}
