//! Three replicas on a network that may do anything, as a system to explore.
//!
//! A state is four small numbers: the replica states, what is outside of them, what a crash would
//! bring back, and what is left of the bounds. Outside are the messages ever sent and the membership
//! log. Messages stay for ever: each may be delivered to anyone, any number of times, at any time,
//! or never.
//!
//! # Crashes
//!
//! At most one replica at a time has something that is not durable. It persists for the last time,
//! goes on, and starts again from there. That is every history with one crash: what was persisted
//! before the last time does not matter.

use quorate::NodeId;
use quorate::crdt::{Entry, Table};

use super::fault::Fault;
use super::kernel::{Body, Kernel, MessageId, NOTHING, SnapshotId};
use super::ledger::Mutation;
use super::log::{LogId, Logs, ReportsId};
use super::search::{System, Violation};
use super::table::Interner;

/// What may happen, and how often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// What replicas may ask for.
    pub(crate) vocabulary: &'static [Mutation],
    /// How often the rest may happen.
    pub(crate) left: Left,
    /// Who a replica is after a crash.
    pub(crate) restart: Restart,
    /// Whether there is a membership table.
    pub(crate) membership: Membership,
    /// In how many messages a delta may travel.
    pub(crate) pieces: Pieces,
    /// A rule that is broken on purpose.
    pub(crate) fault: Option<Fault>,
}

/// How often things may happen; at most 15 times each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left {
    /// Events made.
    pub(crate) operations: u8,
    /// Messages sent; deliveries are not limited.
    pub(crate) messages: u8,
    /// Replicas getting what another has, reliably and at once.
    pub(crate) syncs: u8,
    /// Replicas forgetting records.
    pub(crate) prunes: u8,
    /// Crashes.
    pub(crate) crashes: u8,
    /// Replicas being fenced.
    pub(crate) fences: u8,
    /// Requests to be readmitted.
    pub(crate) returns: u8,
    /// Closed replicas being given up.
    pub(crate) expiries: u8,
}

/// Who a replica is after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// The same one: nothing leaves that is not durable.
    SameReplica,
    /// A new incarnation: anything may have left.
    NextIncarnation,
}

/// Whether there is a membership table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// Everybody takes part for ever.
    Unmanaged,
    /// All three take part at first.
    Managed,
}

/// In how many messages a delta may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// In one.
    Whole,
    /// Also in batches of any size, of which only the first is sent.
    Batches,
}

/// One moment of the cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// The number of the three replica states.
    replicas: u32,
    /// The number of what is outside of them.
    outside: u32,
    /// The state that the next crash brings back, and 1; 0 if everything is durable.
    pub(crate) durable: u32,
    pub(crate) left: Left,
}

/// What is outside of the replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    /// The number of the set of messages sent.
    pub(crate) sent: u32,
    /// The membership log.
    pub(crate) log: LogId,
    /// What was reported under its last table.
    pub(crate) reports: ReportsId,
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
    /// The first gets what the second has.
    Sync(usize, usize),
    /// A replica persists its state, for the last time before it crashes.
    Persist(usize),
    /// A replica crashes and starts again.
    Crash(usize),
    /// A replica reads the next entry of the membership log.
    Read(usize),
    /// A replica reports what it has durably seen.
    Report(usize),
    /// The membership log gets an entry.
    Append(LogId),
    /// A replica forgets everything and takes the next incarnation.
    StartAnew(usize),
}

/// The system.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) kernel: Kernel,
    pub(crate) bounds: Bounds,
    /// Triples of replica states.
    triples: Interner,
    /// Sorted sets of messages.
    sets: Interner,
    outsides: Interner,
    /// Triples and logs that were healed and found right.
    healed: super::table::Table<()>,
}

/// How many replicas there are.
pub(crate) const REPLICAS: usize = 3;

/// As many messages as fit into a key.
const MESSAGES: usize = 4;

/// One state of each replica.
pub(crate) type Replicas = [SnapshotId; REPLICAS];

/// What can happen next.
pub(crate) type Next = Vec<(Action, State)>;

/// Nothing, or the step that broke a rule.
pub(crate) type Stepped = Result<(), (Action, Violation)>;

impl Cluster {
    /// Empty replicas, and the state they are in.
    pub(crate) fn new(bounds: Bounds) -> Result<(Self, State), Violation> {
        assert!(
            usize::from(bounds.left.messages) <= MESSAGES,
            "a set has to fit"
        );
        let nodes = (1_u64..).take(REPLICAS);
        let table = match bounds.membership {
            Membership::Unmanaged => Table::unmanaged(),
            Membership::Managed => {
                let first = |node| quorate::crdt::ReplicaId::first(NodeId(node));
                Table::initial(nodes.clone().map(first))
            }
        };
        let mut cluster = Self {
            kernel: Kernel::new(
                bounds.vocabulary,
                Logs::new(table),
                bounds.pieces,
                bounds.fault,
            ),
            bounds,
            triples: Interner::new(),
            sets: Interner::new(),
            outsides: Interner::new(),
            healed: super::table::Table::new(),
        };
        let mut replicas = Replicas::default();
        for (node, replica) in nodes.zip(&mut replicas) {
            *replica = cluster.kernel.empty(node)?;
        }
        let outside = Outside {
            sent: cluster.sets.number(pack(&[NOTHING; MESSAGES])),
            log: Logs::ROOT,
            reports: 0,
        };
        let state = State {
            replicas: cluster.triples.number(pack(&replicas)),
            outside: cluster.number_of(outside),
            durable: 0,
            left: bounds.left,
        };
        Ok((cluster, state))
    }

    /// How many replica states, messages and deliveries were judged one by one.
    pub(crate) fn judged(&self) -> [usize; 3] {
        self.kernel.extent()
    }

    /// The replica states.
    pub(crate) fn replicas(&self, state: State) -> Replicas {
        unpack(self.triples.key(state.replicas))
    }

    /// The state with another replica state at one place.
    pub(crate) fn with(&mut self, state: State, at: usize, replica: SnapshotId) -> State {
        let mut replicas = self.replicas(state);
        replicas[at] = replica;
        State {
            replicas: self.triples.number(pack(&replicas)),
            ..state
        }
    }

    /// What is outside.
    pub(crate) fn outside(&self, state: State) -> Outside {
        let [sent, log, reports] = unpack(self.outsides.key(state.outside));
        Outside { sent, log, reports }
    }

    /// The state with something else outside.
    pub(crate) fn within(&mut self, state: State, outside: Outside) -> State {
        State {
            outside: self.number_of(outside),
            ..state
        }
    }

    /// The replica that has something which is not durable.
    pub(crate) fn unsynced(&self, state: State) -> Option<usize> {
        let durable = state.durable.checked_sub(1)?;
        let node = self.kernel.snapshot(durable).store.replica().node;
        usize::try_from(node.0 - 1).ok()
    }

    /// The messages sent.
    pub(crate) fn sent(&self, state: State) -> impl Iterator<Item = MessageId> + use<> {
        let sent: [MessageId; MESSAGES] = unpack(self.sets.key(self.outside(state).sent));
        sent.into_iter().filter(|&message| message != NOTHING)
    }

    fn number_of(&mut self, outside: Outside) -> u32 {
        let Outside { sent, log, reports } = outside;
        self.outsides.number(pack(&[sent, log, reports]))
    }

    fn local_steps(&mut self, state: State, at: usize, next: &mut Next) -> Stepped {
        let replica = self.replicas(state)[at];
        if let Some(operations) = state.left.operations.checked_sub(1) {
            let mutated = self.kernel.mutate(replica);
            let mutated = mutated
                .map_err(|(mutation, violation)| (Action::Mutate(at, mutation), violation))?;
            for &(mutation, replica) in mutated.iter() {
                let mut after = self.with(state, at, replica);
                after.left.operations = operations;
                next.push((Action::Mutate(at, mutation), after));
            }
        }
        if let Some(prunes) = state.left.prunes.checked_sub(1) {
            let pruned = self.kernel.prune(replica);
            let pruned = pruned.map_err(|violation| (Action::Prune(at, replica), violation))?;
            for &forgetful in pruned.iter().filter(|&&pruned| pruned != replica) {
                let mut after = self.with(state, at, forgetful);
                after.left.prunes = prunes;
                next.push((Action::Prune(at, forgetful), after));
            }
        }
        Ok(())
    }

    fn send_steps(&mut self, state: State, at: usize, next: &mut Next) -> Stepped {
        let Some(messages) = state.left.messages.checked_sub(1) else {
            return Ok(());
        };
        if self.silent(state) == Some(at) {
            return Ok(());
        }
        let replicas = self.replicas(state);
        let sendable = self.kernel.sendable(replicas[at]);
        let sendable = sendable.map_err(|violation| (Action::Send(at, NOTHING), violation))?;
        let outside = self.outside(state);
        let sent: [MessageId; MESSAGES] = unpack(self.sets.key(outside.sent));
        for &message in sendable.iter().filter(|message| !sent.contains(message)) {
            let mut more = sent;
            more[0] = message;
            more.sort_unstable();
            let sent = self.sets.number(pack(&more));
            let mut after = self.within(state, Outside { sent, ..outside });
            after.left.messages = messages;
            next.push((Action::Send(at, message), after));
        }
        Ok(())
    }

    fn delivery_steps(&mut self, state: State, next: &mut Next) -> Stepped {
        let replicas = self.replicas(state);
        for message in self.sent(state) {
            for (at, &replica) in replicas.iter().enumerate() {
                let action = Action::Deliver(message, at);
                let delivered = self.kernel.deliver(message, replica);
                let delivered = delivered.map_err(|violation| (action, violation))?;
                next.push((action, self.with(state, at, delivered)));
            }
        }
        Ok(())
    }

    fn sync_steps(&mut self, state: State, next: &mut Next) -> Stepped {
        let Some(syncs) = state.left.syncs.checked_sub(1) else {
            return Ok(());
        };
        let replicas = self.replicas(state);
        let silent = self.silent(state);
        for from in (0..REPLICAS).filter(|&from| silent != Some(from)) {
            for to in (0..REPLICAS).filter(|&to| to != from) {
                let action = Action::Sync(to, from);
                let pulled = self.kernel.pull(replicas[to], replicas[from]);
                let pulled = pulled.map_err(|violation| (action, violation))?;
                if pulled != replicas[to] {
                    let mut after = self.with(state, to, pulled);
                    after.left.syncs = syncs;
                    next.push((action, after));
                }
            }
        }
        Ok(())
    }

    fn crash_steps(&mut self, state: State, next: &mut Next) -> Stepped {
        let Some(at) = self.unsynced(state) else {
            if let Some(crashes) = state.left.crashes.checked_sub(1) {
                for (at, replica) in self.replicas(state).into_iter().enumerate() {
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

    /// The replica that may not send, because what it would send is not durable.
    fn silent(&self, state: State) -> Option<usize> {
        let must_persist = self.bounds.restart == Restart::SameReplica
            && self.bounds.fault != Some(Fault::ExposedBeforeDurable);
        self.unsynced(state).filter(|_| must_persist)
    }
}

impl System for Cluster {
    type State = State;
    type Action = Action;

    fn key(&self, state: State) -> u128 {
        let State {
            replicas,
            outside,
            durable,
            left,
        } = state;
        pack(&[replicas, outside, durable, left.key()])
    }

    fn check(&mut self, state: State) -> Result<(), Violation> {
        let log = self.outside(state).log;
        if self.healed.insert(pack(&[state.replicas, log]), ()) {
            let healed = self.heal(self.replicas(state), log);
            healed.map_err(|Violation(what)| Violation(format!("when it heals: {what}")))?;
        }
        Ok(())
    }

    fn successors(&mut self, state: State, next: &mut Next) -> Stepped {
        for at in 0..REPLICAS {
            self.local_steps(state, at, next)?;
            self.send_steps(state, at, next)?;
        }
        self.delivery_steps(state, next)?;
        self.sync_steps(state, next)?;
        self.crash_steps(state, next)?;
        match self.bounds.membership {
            Membership::Unmanaged => Ok(()),
            Membership::Managed => self.membership_steps(state, next),
        }
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
            Action::Sync(to, from) => format!("n{} gets what n{} has", to + 1, from + 1),
            Action::Persist(at) => format!("n{} persists for the last time", at + 1),
            Action::Crash(at) => format!("n{} crashes and starts again", at + 1),
            Action::Read(at) => format!("n{} reads the next entry", at + 1),
            Action::Report(at) => format!("n{} reports", at + 1),
            Action::StartAnew(at) => format!("n{} forgets everything and starts anew", at + 1),
            Action::Append(log) => {
                let node = self.kernel.logs.node(log);
                let entry = node
                    .entry
                    .as_ref()
                    .map(Entry::to_string)
                    .unwrap_or_default();
                let refused = if node.accepted {
                    ""
                } else {
                    ", which is refused"
                };
                format!("entry {}: {entry}{refused}", node.index)
            }
        }
    }
}

impl Left {
    /// Four bits each.
    fn key(self) -> u32 {
        let counts = [
            self.operations,
            self.messages,
            self.syncs,
            self.prunes,
            self.crashes,
            self.fences,
            self.returns,
            self.expiries,
        ];
        counts
            .iter()
            .fold(0, |key, &count| key << 4 | u32::from(count))
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
