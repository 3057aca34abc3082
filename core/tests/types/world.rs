//! Some replicas of one type, the messages they ever sent, and what every one of them did.
//!
//! The oracle of a type is a function of the operations that a replica has seen, with what each of
//! them had seen itself: not of payloads, kills or records, which are what is tested.

use std::fmt::Debug;

use quorate::crdt::{
    ApplyError, Delta, Dot, FullState, PruneOptions, ReplicaId, Replicated, VersionVector,
};
use quorate::{Micros, NodeId, Random};

/// A type under test.
pub trait Subject: Replicated + Clone + PartialEq + Debug {
    /// Something that can be done to it.
    type Op: Clone + Debug;

    /// A value that nothing was done to.
    fn start(replica: ReplicaId) -> Self;
    /// Any operation.
    fn draw(random: &mut Random) -> Self::Op;
    /// Does it. `None` if that was no event; otherwise the event, and the operation with what
    /// became of it.
    fn perform(&mut self, now: Micros, op: Self::Op) -> Option<(Dot, Self::Op)>;
    /// Compares what shows with what the operations seen say.
    fn check(&self, seen: &Seen<'_, Self::Op>);
    /// The value as it is after it was saved and read.
    #[must_use]
    fn reload(&self) -> Self;
}

/// An operation that was an event.
#[derive(Clone, Debug)]
pub struct Done<O> {
    /// The event.
    pub dot: Dot,
    /// What its replica had seen by then.
    pub past: VersionVector,
    /// What it was.
    pub op: O,
}

/// The operations that a replica has seen.
#[derive(Debug)]
pub struct Seen<'a, O>(Vec<&'a Done<O>>);

impl<O> Seen<'_, O> {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Done<O>> {
        self.0.iter().copied()
    }

    /// Those that no other one took away: `takes(killer, victim)` says which take which, if they
    /// have seen them.
    pub fn survivors(&self, takes: impl Fn(&O, &O) -> bool) -> Vec<&Done<O>> {
        let is_taken = |victim: &Done<O>| {
            self.iter()
                .any(|killer| killer.past.contains(victim.dot) && takes(&killer.op, &victim.op))
        };
        self.iter().filter(|done| !is_taken(done)).collect()
    }
}

/// One step of a history. Numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A replica does the operation that the number stands for.
    Act(usize, u64),
    /// The first sends what the second lacks. Nobody gets it yet, or ever.
    Send(usize, usize),
    /// A replica sends its whole state.
    SendAll(usize),
    /// A message arrives at a replica: early, late, again, or at the wrong one.
    Deliver(usize, usize),
    /// A replica forgets all but the given number of records.
    Prune(usize, usize),
    /// A replica is saved and read again.
    Reload(usize),
}

#[derive(Clone, Debug)]
enum Message {
    Delta(Delta),
    Full(FullState),
}

/// Replicas of a type.
#[derive(Debug)]
pub struct World<T: Subject> {
    /// The replicas.
    pub replicas: Vec<T>,
    sent: Vec<Message>,
    done: Vec<Done<T::Op>>,
    steps: u64,
}

impl<T: Subject> World<T> {
    /// That many replicas.
    pub fn new(replicas: u64) -> Self {
        let start = |node| T::start(ReplicaId::first(NodeId(node)));
        Self {
            replicas: (1..=replicas).map(start).collect(),
            sent: Vec::new(),
            done: Vec::new(),
            steps: 0,
        }
    }

    /// Does one step, and checks the replica that it changed.
    pub fn step(&mut self, step: Step) {
        self.steps += 1;
        let count = self.replicas.len();
        match step {
            Step::Act(at, code) => self.act(at % count, code),
            Step::Send(from, to) => {
                let since = self.replicas[to % count].context().clone();
                let message = match self.replicas[from % count].delta_since(&since) {
                    Some(delta) => Message::Delta(delta),
                    None => Message::Full(self.replicas[from % count].full_state()),
                };
                self.sent.push(message);
            }
            Step::SendAll(from) => {
                let full = self.replicas[from % count].full_state();
                self.sent.push(Message::Full(full));
            }
            Step::Deliver(message, to) => {
                if !self.sent.is_empty() {
                    self.deliver(message % self.sent.len(), to % count);
                }
            }
            Step::Prune(at, max_tombstones) => {
                let options = PruneOptions {
                    max_tombstones,
                    ..PruneOptions::default()
                };
                self.replicas[at % count].prune(Micros(self.steps), &options);
                self.check(at % count);
            }
            Step::Reload(at) => {
                let before = &self.replicas[at % count];
                let after = before.reload();
                assert_eq!(&after, before, "not what was saved");
                self.replicas[at % count] = after;
                self.check(at % count);
            }
        }
    }

    /// Everybody gets everything; afterwards all states are equal.
    pub fn heal(&mut self) {
        for _ in 0..2 {
            for from in 0..self.replicas.len() {
                for to in 0..self.replicas.len() {
                    let source = self.replicas[from].clone();
                    if from != to {
                        self.replicas[to].merge(&source).unwrap();
                    }
                }
            }
        }
        let healed = self.replicas[0].store().encode_state();
        for (at, replica) in self.replicas.iter().enumerate() {
            assert_eq!(replica.store().encode_state(), healed, "not converged");
            self.check(at);
        }
    }

    /// Commutativity, associativity, idempotence, and delta = state, for the first three states.
    pub fn check_laws(&self) {
        let joined = |order: &[usize]| self.joined(order, Self::merge);
        let by_full_states = |order: &[usize]| self.joined(order, Self::merge_full);
        assert_eq!(joined(&[0, 1]), joined(&[1, 0]), "commutative");
        assert_eq!(joined(&[0, 1, 2]), joined(&[2, 1, 0]), "commutative");
        assert_eq!(joined(&[0, 0, 1, 1, 0]), joined(&[0, 1]), "idempotent");
        let all = joined(&[0, 1, 2]);
        assert_eq!(all, by_full_states(&[0, 1, 2]), "delta = state");
        assert_eq!(all, by_full_states(&[1, 2, 0]), "delta = state");
        let mut left = bystander::<T>(98);
        left.merge(&self.replicas[0]).unwrap();
        let mut right = bystander::<T>(99);
        right.merge(&self.replicas[1]).unwrap();
        right.merge(&self.replicas[2]).unwrap();
        left.merge(&right).unwrap();
        self.check_value(&left);
        assert_eq!(left.store().encode_state(), all, "associative");
    }

    /// The state of a bystander that joins the replicas in the given order.
    fn joined(&self, order: &[usize], join: impl Fn(&mut T, &T)) -> Vec<u8> {
        let mut result = bystander::<T>(97);
        for &at in order {
            join(&mut result, &self.replicas[at]);
        }
        self.check_value(&result);
        result.store().encode_state()
    }

    fn merge(to: &mut T, from: &T) {
        to.merge(from).unwrap();
    }

    fn merge_full(to: &mut T, from: &T) {
        to.apply_full(&from.full_state()).unwrap();
    }

    fn act(&mut self, at: usize, code: u64) {
        let mut random = Random::new(code);
        let op = T::draw(&mut random);
        // A clock that jumps, so that nothing may rest on it.
        let now = Micros(random.below(40));
        let past = self.replicas[at].context().clone();
        if let Some((dot, op)) = self.replicas[at].perform(now, op) {
            assert!(!past.contains(dot), "a dot was spent twice");
            self.done.push(Done { dot, past, op });
        } else {
            assert_eq!(self.replicas[at].context(), &past, "no event, but a dot");
        }
        self.check(at);
    }

    fn deliver(&mut self, message: usize, to: usize) {
        let before = self.replicas[to].clone();
        let joined = match &self.sent[message] {
            Message::Delta(delta) => self.replicas[to].apply(delta),
            Message::Full(full) => self.replicas[to].apply_full(full),
        };
        match joined {
            Ok(_) => self.check(to),
            Err(ApplyError::Gap { .. }) => assert_eq!(self.replicas[to], before, "refused"),
            Err(error) => panic!("{error}"),
        }
    }

    fn check(&self, at: usize) {
        self.check_value(&self.replicas[at]);
    }

    fn check_value(&self, value: &T) {
        let context = value.context();
        let seen = self.done.iter().filter(|done| context.contains(done.dot));
        value.check(&Seen(seen.collect()));
    }
}

/// Somebody who does nothing, so that nobody is shown events of its own.
fn bystander<T: Subject>(node: u64) -> T {
    T::start(ReplicaId::first(NodeId(node)))
}

/// A step drawn from a generator.
pub fn draw(random: &mut Random) -> Step {
    match random.below(16) {
        0..=5 => Step::Act(random.index(4), random.next_u64()),
        6..=8 => Step::Send(random.index(4), random.index(4)),
        9 => Step::SendAll(random.index(4)),
        10..=13 => Step::Deliver(random.index(64), random.index(4)),
        14 => Step::Prune(random.index(4), random.index(3)),
        _ => Step::Reload(random.index(4)),
    }
}

/// A whole history: the steps, the laws of what came out, and a healing.
pub fn run<T: Subject>(replicas: u64, steps: impl IntoIterator<Item = Step>) {
    let mut world = World::<T>::new(replicas);
    for step in steps {
        world.step(step);
    }
    world.check_laws();
    world.heal();
}

/// The history of a seed, the same one on every platform.
pub fn run_seed<T: Subject>(seed: u64) {
    let mut random = Random::new(seed);
    let steps: Vec<Step> = (0..60).map(|_| draw(&mut random)).collect();
    run::<T>(3, steps);
}
