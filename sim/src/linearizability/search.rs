//! The search for an order of the operations on one key.
//!
//! Depth first over the answered operations (Wing and Gong 1993), never twice from one configuration
//! (Lowe 2017), with an explicit stack: a history may be longer than a call stack is deep. Two things
//! keep it small:
//!
//! - an answered operation that fits and only reads is taken at once and never taken back: whatever
//!   order there is, it may as well come here;
//! - operations of unknown outcome are used only where the answered ones alone lead nowhere, as few
//!   as possible beyond those that were needed to come so far, and where the search came
//!   furthest first. Depth first over them too would try all 2^n subsets of n of them;
//! - where a state can only grow (appends), the next read tells what it must grow into, and any other
//!   is a dead end. Otherwise no two orders of appends ever lead to the same state, and none is
//!   given up before that read.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::explored::{self, Explored, Ordered, Used};
use super::partition::{Ended, Partition};
use super::specification::Specification;

/// What became of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An order: its last step.
    Order { last: u32 },
    /// There is none.
    Nothing,
    /// The budget ran out.
    OutOfSteps,
}

/// What a search gives up on early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pruning {
    /// States that cannot grow into what is read next: for a verdict.
    DeadEnds,
    /// Nothing, so that every order comes as far as it can: for a witness.
    Nothing,
}

/// How far any order came.
#[derive(Clone, Debug, Default)]
pub(super) struct Furthest {
    /// The position of the first answer that no order explains.
    pub(super) position: u64,
    /// The states in which that answer was impossible.
    pub(super) states: BTreeSet<u32>,
    /// The last step of the first order that came so far.
    pub(super) last: u32,
}

/// One operation put in its place, and what it led to.
#[derive(Clone, Copy, Debug)]
struct Step {
    before: u32,
    operation: u32,
    state: u32,
}

/// A configuration from which operations of unknown outcome have not been tried yet.
#[derive(Clone, Debug)]
struct Open {
    ordered: Ordered,
    used: Used,
    limit: u64,
    step: u32,
}

/// What is tried first: few operations of unknown outcome beyond what was needed, then a late limit,
/// then what came first.
type Urgency = (u32, Reverse<u64>, u64);

/// A configuration on the stack, with what is still to be tried from it.
#[derive(Debug)]
struct Frame {
    state: u32,
    step: u32,
    /// What was in order before this configuration was entered.
    before: Mark,
    /// Its candidates are from here to the end of the frame above, the next one last.
    candidates: usize,
}

/// What was in order at some moment, to come back to.
#[derive(Clone, Copy, Debug)]
struct Mark {
    lifted: usize,
    first_missing: usize,
    last_word: usize,
}

/// The step before the first.
const NO_STEP: u32 = u32::MAX;

/// A search under way.
#[derive(Debug)]
pub(super) struct Search<'a, S: Specification> {
    specification: &'a S,
    partition: &'a Partition<'a, S::Call, S::Answer>,
    states: Vec<S::State>,
    state_ids: BTreeMap<S::State, u32>,
    steps: Vec<Step>,
    /// Answered operations that are in order; those before `first_missing` are, whatever it says.
    in_order: Vec<u64>,
    first_missing: usize,
    /// No word of `in_order` after this one has anything.
    last_word: usize,
    /// In the order in which they were put in order since the search began here, to be taken back.
    lifted: Vec<u32>,
    frames: Vec<Frame>,
    /// What is still to be tried of all frames.
    candidates: Vec<u32>,
    used: Used,
    explored: Explored,
    open: BTreeMap<Urgency, Open>,
    /// How many operations of unknown outcome were used when each limit was first reached.
    needed: BTreeMap<u64, u32>,
    furthest: Furthest,
    spent: u64,
    budget: u64,
    /// Whether there is anything to give up on.
    looks_ahead: bool,
    /// The first call without an answer that may do more than grow.
    first_unbounded: u64,
}

impl<'a, S: Specification> Search<'a, S> {
    pub(super) fn new(
        specification: &'a S,
        partition: &'a Partition<'a, S::Call, S::Answer>,
        budget: u64,
        pruning: Pruning,
    ) -> Self {
        let grows = |call: &S::Call| specification.only_grows(call);
        let calls = || partition.operations.iter().map(|operation| &operation.call);
        let unbounded = partition.unknown.iter().find(|unknown| {
            let operation = partition.operations[unknown.operation as usize];
            !grows(&operation.call)
        });
        let words = partition.answered.len().div_ceil(64) + 1;
        Self {
            specification,
            partition,
            states: Vec::new(),
            state_ids: BTreeMap::new(),
            steps: Vec::new(),
            in_order: vec![0; words],
            first_missing: 0,
            last_word: 0,
            lifted: Vec::new(),
            frames: Vec::new(),
            candidates: Vec::new(),
            used: Rc::from([]),
            explored: Explored::default(),
            open: BTreeMap::new(),
            needed: BTreeMap::new(),
            furthest: Furthest::default(),
            spent: 0,
            budget,
            looks_ahead: pruning == Pruning::DeadEnds && calls().any(grows),
            first_unbounded: unbounded.map_or(u64::MAX, |unknown| unknown.called_at),
        }
    }

    /// Searches until there is an order, or none, or no budget.
    pub(super) fn run(&mut self) -> Found {
        let initial = self.intern(self.specification.initial());
        let mut found = self.descend(initial, NO_STEP);
        while found == Found::Nothing {
            let Some((_, open)) = self.open.pop_first() else {
                break;
            };
            found = self.use_one_more(&open);
        }
        found
    }

    /// How many configurations it took; long ones count for several.
    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// How far any order came.
    pub(super) fn furthest(&self) -> &Furthest {
        &self.furthest
    }

    /// A state by its number.
    pub(super) fn state(&self, id: u32) -> &S::State {
        &self.states[id as usize]
    }

    /// The order that ends with a step: places of operations, and the state after each.
    pub(super) fn order(&self, last: u32) -> Vec<(u32, u32)> {
        let mut order = Vec::new();
        let mut at = last;
        while at != NO_STEP {
            let step = self.steps[at as usize];
            order.push((step.operation, step.state));
            at = step.before;
        }
        order.reverse();
        order
    }

    /// From a configuration, tries every operation of unknown outcome.
    fn use_one_more(&mut self, open: &Open) -> Found {
        let before = state_of(&open.ordered);
        for place in 0..self.partition.unknown.len() {
            let unknown = self.partition.unknown[place];
            if unknown.called_at > open.limit {
                break;
            }
            let is_used = |place: usize| explored::contains(&open.used, place);
            if is_used(place) || unknown.twin.is_some_and(|twin| !is_used(twin)) {
                continue;
            }
            let Some(state) = self.apply(before, unknown.operation) else {
                continue;
            };
            // Using it up for nothing leaves fewer choices than not using it.
            if state == before {
                continue;
            }
            self.restore(&open.ordered);
            self.used = explored::with(&open.used, place);
            let step = self.push_step(open.step, unknown.operation, state);
            let found = self.descend(state, step);
            if found != Found::Nothing {
                return found;
            }
            self.forget(&open.ordered);
        }
        Found::Nothing
    }

    /// Depth first over the answered operations, from the configuration that is set up.
    fn descend(&mut self, state: u32, step: u32) -> Found {
        let mut entered = self.enter(state, step, self.mark());
        loop {
            match entered {
                Entered::Complete(last) => return Found::Order { last },
                Entered::OutOfSteps => return Found::OutOfSteps,
                Entered::Frame | Entered::Pointless => {}
            }
            let Some(frame) = self.frames.last() else {
                return Found::Nothing;
            };
            let (state, step, start) = (frame.state, frame.step, frame.candidates);
            if self.candidates.len() == start {
                let frame = self.frames.pop().expect("it was there a moment ago");
                self.take_back(frame.before);
                entered = Entered::Pointless;
                continue;
            }
            let place = self
                .candidates
                .pop()
                .expect("there are more than at the start");
            let operation = self.partition.answered[place as usize].operation;
            entered = match self.apply(state, operation) {
                None => Entered::Pointless,
                Some(next) => {
                    let before = self.mark();
                    self.lift(place);
                    let step = self.push_step(step, operation, next);
                    self.enter(next, step, before)
                }
            };
        }
    }

    /// Enters a configuration: takes what fits and only reads, and if it is a new configuration,
    /// puts it on the stack with its candidates. Otherwise everything is as before.
    fn enter(&mut self, state: u32, step: u32, before: Mark) -> Entered {
        let start = self.candidates.len();
        let steps = self.steps.len();
        let (step, limit) = self.take_what_only_reads(state, step);
        if limit == u64::MAX {
            return Entered::Complete(step);
        }
        self.note_how_far(limit, state, step);
        let ordered = self.configuration(state);
        self.spent += 1 + ordered.len() as u64 / 8;
        if self.spent > self.budget {
            return Entered::OutOfSteps;
        }
        let new = if self.is_dead_end(state) {
            None
        } else {
            self.explored.insert(&ordered, &self.used)
        };
        let Some(ordered) = new else {
            self.candidates.truncate(start);
            self.steps.truncate(steps);
            self.take_back(before);
            return Entered::Pointless;
        };
        if !self.partition.unknown.is_empty() {
            self.put_off(ordered, limit, step);
        }
        // The one with the earliest answer is tried first, so it comes last.
        let answered = &self.partition.answered;
        self.candidates[start..]
            .sort_unstable_by_key(|&at| Reverse(answered[at as usize].answered_at));
        self.frames.push(Frame {
            state,
            step,
            before,
            candidates: start,
        });
        Entered::Frame
    }

    /// Whether the state cannot become what is read next, because until then it can only grow.
    fn is_dead_end(&self, state: u32) -> bool {
        if !self.looks_ahead {
            return false;
        }
        let mut read = None;
        let missing = (self.first_missing..self.partition.answered.len())
            .filter(|&place| !self.is_in_order(place))
            .map(|place| self.partition.answered[place]);
        for next in missing {
            if read.is_some_and(|read: Ended| next.called_at > read.answered_at) {
                break;
            }
            let call = &self.partition.operations[next.operation as usize].call;
            if self.only_reads(next.operation) {
                read.get_or_insert(next);
            } else if !self.specification.only_grows(call) {
                return false;
            }
        }
        let Some(read) = read.filter(|read| read.answered_at < self.first_unbounded) else {
            return false;
        };
        let operation = self.partition.operations[read.operation as usize];
        let before = &self.states[state as usize];
        operation.answer().is_some_and(|(_, answer)| {
            !self.specification.leads_to(before, &operation.call, answer)
        })
    }

    /// Remembers that operations of unknown outcome can be tried from here.
    fn put_off(&mut self, ordered: Ordered, limit: u64, step: u32) {
        let used: u32 = self.used.iter().map(|word| word.count_ones()).sum();
        let needed = *self.needed.entry(limit).or_insert(used);
        let urgency = (used.saturating_sub(needed), Reverse(limit), self.spent);
        let open = Open {
            ordered,
            used: Rc::clone(&self.used),
            limit,
            step,
        };
        self.open.insert(urgency, open);
    }

    /// Puts in order what can come next and only reads, until nothing does. Leaves the candidates of
    /// the end on their stack; returns the last step, and the position of the first answer that is
    /// missing, `u64::MAX` if none is.
    fn take_what_only_reads(&mut self, state: u32, mut step: u32) -> (u32, u64) {
        let start = self.candidates.len();
        loop {
            let limit = self.push_candidates();
            let mut took = false;
            for at in start..self.candidates.len() {
                let place = self.candidates[at];
                let operation = self.partition.answered[place as usize].operation;
                if self.only_reads(operation) && self.apply(state, operation) == Some(state) {
                    self.lift(place);
                    step = self.push_step(step, operation, state);
                    took = true;
                }
            }
            if !took {
                return (step, limit);
            }
            self.candidates.truncate(start);
        }
    }

    /// Pushes the missing operations that were called before the first missing answer; returns the
    /// position of that answer.
    fn push_candidates(&mut self) -> u64 {
        let mut limit = u64::MAX;
        let answered = &self.partition.answered;
        let mut word_at = self.first_missing / 64;
        let mut missing = !self.in_order[word_at] & !below(self.first_missing);
        loop {
            while missing != 0 {
                let place = word_at * 64 + missing.trailing_zeros() as usize;
                missing &= missing - 1;
                let Some(operation) = answered.get(place).filter(|next| next.called_at < limit)
                else {
                    return limit;
                };
                limit = limit.min(operation.answered_at);
                self.candidates.push(small(place));
            }
            word_at += 1;
            let Some(word) = self.in_order.get(word_at) else {
                return limit;
            };
            missing = !word;
        }
    }

    fn note_how_far(&mut self, limit: u64, state: u32, step: u32) {
        if limit > self.furthest.position {
            self.furthest = Furthest {
                position: limit,
                states: BTreeSet::new(),
                last: step,
            };
        }
        if limit == self.furthest.position {
            self.furthest.states.insert(state);
        }
    }

    fn lift(&mut self, place: u32) {
        self.lifted.push(place);
        let place = place as usize;
        self.in_order[place / 64] |= 1 << (place % 64);
        self.last_word = self.last_word.max(place / 64);
        while self.is_in_order(self.first_missing) {
            self.first_missing += 1;
        }
    }

    fn is_in_order(&self, place: usize) -> bool {
        self.in_order[place / 64] >> (place % 64) & 1 == 1
    }

    fn mark(&self) -> Mark {
        Mark {
            lifted: self.lifted.len(),
            first_missing: self.first_missing,
            last_word: self.last_word,
        }
    }

    fn take_back(&mut self, to: Mark) {
        for place in self.lifted.drain(to.lifted..) {
            let place = place as usize;
            self.in_order[place / 64] &= !(1 << (place % 64));
        }
        self.first_missing = to.first_missing;
        self.last_word = to.last_word;
    }

    /// The set of operations in order, and the state.
    fn configuration(&self, state: u32) -> Vec<u64> {
        let from = self.first_missing / 64;
        let to = self.last_word.max(from);
        let mut words = Vec::with_capacity(3 + to - from);
        words.extend([self.first_missing as u64, u64::from(state)]);
        words.push(self.in_order[from] & !below(self.first_missing));
        words.extend(&self.in_order[from + 1..=to]);
        let used = words.iter().rposition(|&word| word != 0);
        words.truncate(used.map_or(2, |at| at + 1).max(2));
        words
    }

    /// Sets up a configuration; nothing is in order before.
    fn restore(&mut self, ordered: &[u64]) {
        self.first_missing = usize::try_from(ordered[0]).expect("it was a usize");
        let from = self.first_missing / 64;
        let words = ordered.len() - 2;
        self.in_order[from..from + words].copy_from_slice(&ordered[2..]);
        self.last_word = (from + words).saturating_sub(1).max(from);
    }

    /// Takes back what [`restore`](Self::restore) set up.
    fn forget(&mut self, ordered: &[u64]) {
        let from = self.first_missing / 64;
        self.in_order[from..from + ordered.len() - 2].fill(0);
        self.last_word = 0;
    }

    fn push_step(&mut self, before: u32, operation: u32, state: u32) -> u32 {
        let step = small(self.steps.len());
        self.steps.push(Step {
            before,
            operation,
            state,
        });
        step
    }

    fn apply(&mut self, state: u32, operation: u32) -> Option<u32> {
        let operation = self.partition.operations[operation as usize];
        let answer = operation.answer().map(|(_, answer)| answer);
        let before = &self.states[state as usize];
        let after = self.specification.apply(before, &operation.call, answer)?;
        if after == *before {
            return Some(state);
        }
        Some(self.intern(after))
    }

    fn only_reads(&self, operation: u32) -> bool {
        let operation = self.partition.operations[operation as usize];
        let answer = operation.answer();
        answer.is_some_and(|(_, answer)| self.specification.only_reads(&operation.call, answer))
    }

    fn intern(&mut self, state: S::State) -> u32 {
        if let Some(&id) = self.state_ids.get(&state) {
            return id;
        }
        let id = small(self.states.len());
        self.states.push(state.clone());
        self.state_ids.insert(state, id);
        id
    }
}

/// What came of entering a configuration.
#[derive(Clone, Copy, Debug)]
enum Entered {
    /// Everything is in order: the last step.
    Complete(u32),
    /// It is on the stack.
    Frame,
    /// It leads nowhere that was not seen.
    Pointless,
    /// The budget ran out.
    OutOfSteps,
}

fn state_of(ordered: &[u64]) -> u32 {
    u32::try_from(ordered[1]).expect("it was a state")
}

/// The bits of a word below a place.
fn below(place: usize) -> u64 {
    (1 << (place % 64)) - 1
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("a history of less than 2^32 events, searched with a budget")
}
