//! Three replicas on a network that may do anything, as a system to explore.
//!
//! A state is four small numbers: the replica states, the set of all messages ever sent, what is
//! left of the bounds, and what a crash would bring back. Messages stay in the set for ever: each
//! may be delivered to anyone, any number of times, at any time, or never.
//!
//! # Crashes
//!
//! At most one replica at a time has something that is not durable. It persists for the last time,
//! goes on, and starts again from there. That is every history with one crash: what was persisted
//! before the last time does not matter.

use super::fault::Fault;
use super::kernel::{Body, Kernel, MessageId, NOTHING, SnapshotId};
use super::ledger::{EventSet, Mutation};
use super::search::{System, Violation};
use super::table::Interner;

/// What may happen, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// What replicas may ask for.
    pub(crate) vocabulary: &'static [Mutation],
    /// Events made.
    pub(crate) operations: u8,
    /// Messages sent; deliveries are not limited.
    pub(crate) messages: u8,
    /// Times a replica forgets records.
    pub(crate) prunes: u8,
    /// Crashes.
    pub(crate) crashes: u8,
    /// Who a replica is after a crash.
    pub(crate) restart: Restart,
    /// A rule that is broken on purpose.
    pub(crate) fault: Option<Fault>,
}

/// Who a replica is after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// The same one: nothing leaves that is not durable.
    SameReplica,
    /// A new incarnation: anything may have left.
    NextIncarnation,
}

/// One moment of the cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// The number of the three replica states.
    replicas: u32,
    /// The number of the set of messages sent.
    sent: u32,
    /// The state that the next crash brings back, and 1; 0 if everything is durable.
    durable: u32,
    left: Left,
}

/// What is left of the bounds.
#[derive(Clone, Copy, Debug)]
struct Left {
    operations: u8,
    messages: u8,
    prunes: u8,
    crashes: u8,
}

/// What happens. Replicas are counted from zero here, and from one in words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    /// A replica makes an event.
    Mutate(usize, Mutation),
    /// A replica forgets records.
    Prune(usize, SnapshotId),
    /// A replica sends a message.
    Send(usize, MessageId),
    /// A message arrives.
    Deliver(MessageId, usize),
    /// A replica persists its state, for the last time before it crashes.
    Persist(usize),
    /// A replica crashes and starts again.
    Crash(usize),
}

/// The system.
#[derive(Debug)]
pub(crate) struct Cluster {
    kernel: Kernel,
    bounds: Bounds,
    /// Triples of replica states.
    triples: Interner,
    /// Whether the triple was healed and found right.
    healed: Vec<bool>,
    /// Sorted sets of messages.
    sets: Interner,
}

const REPLICAS: usize = 3;

/// As many messages as fit into a key.
const MESSAGES: usize = 4;

type Replicas = [SnapshotId; REPLICAS];

impl Cluster {
    /// Empty replicas, and the state they are in.
    pub(crate) fn new(bounds: Bounds) -> Result<(Self, State), Violation> {
        assert!(usize::from(bounds.messages) <= MESSAGES, "a set has to fit");
        let mut cluster = Self {
            kernel: Kernel::new(bounds.vocabulary, bounds.fault),
            bounds,
            triples: Interner::new(),
            healed: Vec::new(),
            sets: Interner::new(),
        };
        let mut replicas = Replicas::default();
        for (node, replica) in (1..).zip(&mut replicas) {
            *replica = cluster.kernel.empty(node)?;
        }
        let state = State {
            replicas: cluster.number_of(replicas),
            sent: cluster.sets.number(pack(&[NOTHING; MESSAGES])).0,
            durable: 0,
            left: Left {
                operations: bounds.operations,
                messages: bounds.messages,
                prunes: bounds.prunes,
                crashes: bounds.crashes,
            },
        };
        Ok((cluster, state))
    }

    /// How many replica states, messages and deliveries were judged one by one.
    pub(crate) fn judged(&self) -> [usize; 3] {
        self.kernel.extent()
    }

    fn number_of(&mut self, replicas: Replicas) -> u32 {
        let (number, new) = self.triples.number(pack(&replicas));
        if new {
            self.healed.push(false);
        }
        number
    }

    /// The state with another replica state at one place.
    fn with(&mut self, state: State, at: usize, replica: SnapshotId) -> State {
        let mut replicas: Replicas = unpack(self.triples.key(state.replicas));
        replicas[at] = replica;
        State {
            replicas: self.number_of(replicas),
            ..state
        }
    }

    fn local_steps(
        &mut self,
        state: State,
        at: usize,
        next: &mut Vec<(Action, State)>,
    ) -> Result<(), (Action, Violation)> {
        let replicas: Replicas = unpack(self.triples.key(state.replicas));
        if let Some(operations) = state.left.operations.checked_sub(1) {
            let mutated = self.kernel.mutate(replicas[at]);
            let mutated = mutated
                .map_err(|(mutation, violation)| (Action::Mutate(at, mutation), violation))?;
            for &(mutation, replica) in mutated.iter() {
                let mut after = self.with(state, at, replica);
                after.left.operations = operations;
                next.push((Action::Mutate(at, mutation), after));
            }
        }
        if let Some(prunes) = state.left.prunes.checked_sub(1) {
            let pruned = self.kernel.prune(replicas[at]);
            let pruned =
                pruned.map_err(|violation| (Action::Prune(at, replicas[at]), violation))?;
            for &replica in pruned.iter().filter(|&&replica| replica != replicas[at]) {
                let mut after = self.with(state, at, replica);
                after.left.prunes = prunes;
                next.push((Action::Prune(at, replica), after));
            }
        }
        Ok(())
    }

    fn send_steps(
        &mut self,
        state: State,
        at: usize,
        next: &mut Vec<(Action, State)>,
    ) -> Result<(), (Action, Violation)> {
        let Some(messages) = state.left.messages.checked_sub(1) else {
            return Ok(());
        };
        if self.silent(state) == Some(at) {
            return Ok(());
        }
        let replicas: Replicas = unpack(self.triples.key(state.replicas));
        let sendable = self.kernel.sendable(replicas[at]);
        let sendable = sendable.map_err(|violation| (Action::Send(at, NOTHING), violation))?;
        let sent: [MessageId; MESSAGES] = unpack(self.sets.key(state.sent));
        for &message in sendable.iter().filter(|message| !sent.contains(message)) {
            let mut more = sent;
            more[0] = message;
            more.sort_unstable();
            let mut after = state;
            after.sent = self.sets.number(pack(&more)).0;
            after.left.messages = messages;
            next.push((Action::Send(at, message), after));
        }
        Ok(())
    }

    fn delivery_steps(
        &mut self,
        state: State,
        next: &mut Vec<(Action, State)>,
    ) -> Result<(), (Action, Violation)> {
        let replicas: Replicas = unpack(self.triples.key(state.replicas));
        let sent: [MessageId; MESSAGES] = unpack(self.sets.key(state.sent));
        for message in sent.into_iter().filter(|&message| message != NOTHING) {
            for (at, &replica) in replicas.iter().enumerate() {
                let action = Action::Deliver(message, at);
                let delivered = self.kernel.deliver(message, replica);
                let delivered = delivered.map_err(|violation| (action, violation))?;
                next.push((action, self.with(state, at, delivered)));
            }
        }
        Ok(())
    }

    fn crash_steps(
        &mut self,
        state: State,
        next: &mut Vec<(Action, State)>,
    ) -> Result<(), (Action, Violation)> {
        let replicas: Replicas = unpack(self.triples.key(state.replicas));
        let Some(at) = self.unsynced(state) else {
            if let Some(crashes) = state.left.crashes.checked_sub(1) {
                for (at, replica) in replicas.into_iter().enumerate() {
                    let mut after = state;
                    after.durable = replica + 1;
                    after.left.crashes = crashes;
                    next.push((Action::Persist(at), after));
                }
            }
            return Ok(());
        };
        let mut restarted = state.durable - 1;
        if self.bounds.restart == Restart::NextIncarnation {
            let reborn = self.kernel.reincarnate(restarted);
            restarted = reborn.map_err(|violation| (Action::Crash(at), violation))?;
        }
        let mut after = self.with(state, at, restarted);
        after.durable = 0;
        next.push((Action::Crash(at), after));
        Ok(())
    }

    /// The replica that has something which is not durable.
    fn unsynced(&self, state: State) -> Option<usize> {
        let durable = state.durable.checked_sub(1)?;
        let node = self.kernel.snapshot(durable).store.replica().node;
        usize::try_from(node.0 - 1).ok()
    }

    /// The replica that may not send, because what it would send is not durable.
    fn silent(&self, state: State) -> Option<usize> {
        let must_persist = self.bounds.restart == Restart::SameReplica
            && self.bounds.fault != Some(Fault::ExposedBeforeDurable);
        self.unsynced(state).filter(|_| must_persist)
    }

    /// All get everything from all; afterwards all are what the events that anybody held mean.
    ///
    /// That each of them means what it must was judged when it came to be.
    fn heal(&mut self, mut replicas: Replicas) -> Result<(), Violation> {
        let held = replicas.iter().fold(EventSet::default(), |held, &replica| {
            held.union(self.kernel.snapshot(replica).seen.iter())
        });
        for to in 0..REPLICAS {
            for from in (0..REPLICAS).filter(|&from| from != to) {
                replicas[to] = self.kernel.pull(replicas[to], replicas[from])?;
            }
        }
        let [first, others @ ..] = replicas.map(|replica| self.kernel.snapshot(replica));
        if first.seen != held || others.iter().any(|other| other.seen != held) {
            return Err(Violation("somebody did not get everything".to_owned()));
        }
        if others
            .iter()
            .any(|other| other.state_image != first.state_image)
        {
            return Err(Violation("equal contexts, different images".to_owned()));
        }
        Ok(())
    }
}

impl System for Cluster {
    type State = State;
    type Action = Action;

    fn key(&self, state: State) -> u128 {
        let Left {
            operations,
            messages,
            prunes,
            crashes,
        } = state.left;
        let left = u32::from_le_bytes([operations, messages, prunes, crashes]);
        pack(&[state.replicas, state.sent, state.durable, left])
    }

    fn check(&mut self, state: State) -> Result<(), Violation> {
        if !self.healed[state.replicas as usize] {
            let healed = self.heal(unpack(self.triples.key(state.replicas)));
            healed.map_err(|Violation(what)| Violation(format!("when it heals: {what}")))?;
            self.healed[state.replicas as usize] = true;
        }
        Ok(())
    }

    fn successors(
        &mut self,
        state: State,
        next: &mut Vec<(Action, State)>,
    ) -> Result<(), (Action, Violation)> {
        for at in 0..REPLICAS {
            self.local_steps(state, at, next)?;
            self.send_steps(state, at, next)?;
        }
        self.delivery_steps(state, next)?;
        self.crash_steps(state, next)
    }

    fn describe(&self, action: Action) -> String {
        match action {
            Action::Mutate(at, mutation) => format!("n{}: {mutation:?}", at + 1),
            Action::Prune(at, after) => {
                let floor = self.kernel.snapshot(after).store.floor();
                format!("n{} prunes up to {floor}", at + 1)
            }
            Action::Send(at, NOTHING) => format!("n{} looks what it could send", at + 1),
            Action::Send(at, message) => {
                let what = match &self.kernel.message(message).body {
                    Body::Delta(delta) => format!("a delta from {} to {}", delta.since, delta.upto),
                    Body::Full(full) => {
                        format!("a full state, {} above {}", full.context, full.floor)
                    }
                };
                format!("n{} sends message {message}: {what}", at + 1)
            }
            Action::Deliver(message, at) => format!("message {message} reaches n{}", at + 1),
            Action::Persist(at) => format!("n{} persists for the last time", at + 1),
            Action::Crash(at) => format!("n{} crashes and starts again", at + 1),
        }
    }
}

/// Up to four numbers as one key.
fn pack<const N: usize>(numbers: &[u32; N]) -> u128 {
    const { assert!(N <= 4) };
    numbers
        .iter()
        .fold(0, |key, &number| key << 32 | u128::from(number))
}

/// The numbers that were packed.
#[allow(clippy::cast_possible_truncation, reason = "the low 32 bits are meant")]
fn unpack<const N: usize>(mut key: u128) -> [u32; N] {
    let mut numbers = [0; N];
    for number in numbers.iter_mut().rev() {
        *number = key as u32;
        key >>= 32;
    }
    numbers
}
