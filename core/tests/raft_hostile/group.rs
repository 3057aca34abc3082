//! A few nodes, their disks as journals, and the messages between them as bytes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use quorate::raft::{
    Config, Effects, Input, Membership, Message, Persist, Raft, Read, Record, Restored, Role,
    StepError,
};
use quorate::{Micros, NodeId};

/// A node and its disk.
pub(crate) struct Host {
    raft: Raft,
    journal: Vec<u8>,
    restored: Restored,
}

/// Nodes that have written, applied and been told of everything, and messages on their way.
pub(crate) struct Group {
    pub(crate) now: Micros,
    hosts: BTreeMap<NodeId, Host>,
    pub(crate) wire: Vec<Vec<u8>>,
    /// The reads that may be served.
    pub(crate) reads: Vec<Read>,
    /// The hash of the log up to every index that anybody applied.
    applied: BTreeMap<u64, u128>,
    /// Who led which term.
    leaders: BTreeMap<u64, NodeId>,
}

impl Group {
    /// Nodes of these settings, which start with this membership; who is not in it waits to be
    /// added.
    pub(crate) fn new(membership: &Membership, configs: impl IntoIterator<Item = Config>) -> Self {
        let hosts = configs.into_iter().map(|config| {
            let id = config.id;
            let restored = if membership.members().contains(&id) {
                Restored::fresh(membership.clone())
            } else {
                Restored::default()
            };
            let host = Host {
                raft: Raft::new(config, restored.clone(), Micros::ZERO).unwrap(),
                journal: Vec::new(),
                restored,
            };
            (id, host)
        });
        Self {
            now: Micros::ZERO,
            hosts: hosts.collect(),
            wire: Vec::new(),
            reads: Vec::new(),
            applied: BTreeMap::new(),
            leaders: BTreeMap::new(),
        }
    }

    pub(crate) fn raft(&self, id: u64) -> &Raft {
        &self.hosts[&NodeId(id)].raft
    }

    /// One step, after which everything that was asked for is done.
    pub(crate) fn input(&mut self, id: u64, input: Input) -> Result<(), StepError> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let host = self.hosts.get_mut(&NodeId(id)).unwrap();
            let effects = host.raft.step(self.now, input)?.clone();
            self.wire.extend(effects.send.iter().map(Message::encode));
            self.reads.extend(&effects.reads);
            inputs.extend(self.done(id, &effects));
        }
        let raft = &self.hosts[&NodeId(id)].raft;
        if raft.role() == Role::Leader {
            let leader = self.leaders.entry(raft.term()).or_insert(raft.id());
            assert_eq!(*leader, raft.id(), "two leaders of term {}", raft.term());
        }
        Ok(())
    }

    /// Writes and applies; returns what to report.
    fn done(&mut self, id: u64, effects: &Effects) -> Vec<Input> {
        let host = self.hosts.get_mut(&NodeId(id)).unwrap();
        let mut reports = Vec::new();
        if !effects.committed.is_empty() {
            for index in effects.committed.clone() {
                let hash = host.raft.log().prefix_hash_at(index).unwrap();
                let known = self.applied.entry(index).or_insert(hash);
                assert_eq!(*known, hash, "two entries applied at {index}");
            }
            reports.push(Input::Applied {
                index: effects.committed.end - 1,
            });
        }
        if let Some(write) = &effects.persist {
            host.store(write);
            reports.push(Input::Persisted { io: write.io });
        }
        reports
    }

    /// The state machine of a node is a snapshot, and the entries it covers go.
    pub(crate) fn compact(&mut self, id: u64) {
        let index = self.raft(id).applied_index();
        self.input(id, Input::SnapshotTaken { index }).unwrap();
        self.input(id, Input::Compact { index }).unwrap();
        let host = self.hosts.get_mut(&NodeId(id)).unwrap();
        let snapshot = host.raft.snapshot();
        let position = snapshot.position;
        host.write(&Record::Snapshot(Arc::unwrap_or_clone(Arc::clone(
            snapshot,
        ))));
        host.write(&Record::Compaction(position));
    }

    /// A node dies and comes back with what its journal says.
    pub(crate) fn restart(&mut self, id: u64) {
        let now = self.now;
        let host = self.hosts.get_mut(&NodeId(id)).unwrap();
        let mut restored = host.restored.clone();
        let mut rest = &host.journal[..];
        while let Ok((record, bytes)) = Record::decode_first(rest) {
            restored.apply(record).unwrap();
            rest = &rest[bytes..];
        }
        assert!(rest.is_empty(), "everything was written whole");
        host.raft = Raft::new(host.raft.config().clone(), restored, now).unwrap();
        self.input(id, Input::Tick).unwrap();
    }

    /// Takes a message off the wire.
    pub(crate) fn take(&mut self, at: usize) -> Message {
        Message::decode(&self.wire.swap_remove(at)).unwrap()
    }

    /// Delivers everything on the wire, and what that causes, in order.
    pub(crate) fn settle(&mut self) {
        let mut rounds = 0;
        while !self.wire.is_empty() {
            let message = Message::decode(&self.wire.remove(0)).unwrap();
            let to = message.to;
            if let Err(error) = self.input(to.0, Input::Receive(message)) {
                assert!(is_fair(&error), "refused from a correct node: {error}");
            }
            rounds += 1;
            assert!(rounds < 100_000, "the network does not come to rest");
        }
    }

    /// Lets time pass; every node ticks when it wants to, and messages take none.
    pub(crate) fn run(&mut self, span: Micros) {
        let end = self.now + span;
        loop {
            self.settle();
            let due = self.hosts.iter().filter_map(|(id, host)| {
                let deadline = host.raft.next_deadline()?;
                Some((deadline, id.0))
            });
            match due.min() {
                Some((deadline, id)) if deadline <= end => {
                    self.now = self.now.max(deadline);
                    self.input(id, Input::Tick).unwrap();
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// Makes `id` the leader.
    pub(crate) fn elect(&mut self, id: u64) {
        self.now = self.now + Micros::from_secs(1);
        self.input(id, Input::Campaign).unwrap();
        self.settle();
        assert_eq!(self.raft(id).role(), Role::Leader, "{id} was to be elected");
    }

    /// Proposes commands at `id`, one after the other.
    pub(crate) fn propose(&mut self, id: u64, commands: u64) {
        for command in 0..commands {
            let payload = command.to_le_bytes().as_slice().into();
            self.input(id, Input::Propose { payload }).unwrap();
            self.settle();
        }
    }

    /// The leader of the highest term.
    pub(crate) fn leader(&self) -> Option<&Raft> {
        let rafts = self.hosts.values().map(|host| &host.raft);
        let leaders = rafts.filter(|raft| raft.role() == Role::Leader);
        leaders.max_by_key(|raft| raft.term())
    }
}

/// Whether a correct node can be told this: it was removed while its answer was under way, or
/// forwards what cannot be done.
pub(crate) fn is_fair(error: &StepError) -> bool {
    matches!(
        error,
        StepError::UnknownSender { .. }
            | StepError::MembershipPending { .. }
            | StepError::Membership(_)
            | StepError::NotTransferable { .. }
            | StepError::Removed
    )
}

impl Host {
    fn store(&mut self, write: &Persist) {
        for record in write.records() {
            self.write(&record);
        }
    }

    fn write(&mut self, record: &Record) {
        record.encode_into(&mut self.journal);
    }
}
