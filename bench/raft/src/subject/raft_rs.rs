//! The `raft` crate, led as its own example leads it, with its own `MemStorage` as the disk.
//!
//! A `Ready` costs more than a message. So a node is given everything that has arrived before its
//! `Ready` is done, which is the cheapest way to use the crate: done after every message, an
//! entry in a batch of 128 costs two thirds more.

use std::fmt::{self, Debug};
use std::mem;
use std::ops::Range;

use raft::eraftpb::{Entry, Message, MessageType};
use raft::storage::MemStorage;
use raft::{Config, GetEntriesContext, RawNode, StateRole, Storage};
use slog::{Discard, Logger, o};

use super::Group;
use crate::command::{Machine, command};

/// Whether entries for the same follower travel in one message: `batch_append`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appends {
    EachByItself,
    Batched,
}

/// How the commands of a batch are proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proposals {
    /// By `RawNode::propose`, as the documentation says.
    EachByItself,
    /// In one `MsgPropose`, which the interface allows.
    Together,
}

/// A group in memory.
pub(super) struct RaftRs {
    nodes: Vec<Node>,
    proposals: Proposals,
    /// Messages on their way, oldest first.
    sent: Vec<Message>,
    /// Messages being delivered; empty in between.
    arriving: Vec<Message>,
}

struct Node {
    raw: RawNode<MemStorage>,
    machine: Machine,
    /// Whether a message arrived since its last `Ready`: asking all nodes costs, too.
    has_news: bool,
}

/// Where the leader stands.
const LEADER: usize = 0;

impl RaftRs {
    /// A group of so many nodes, which has elected its first.
    pub(super) fn elected(nodes: u64, appends: Appends, proposals: Proposals) -> Self {
        let voters: Vec<u64> = (1..=nodes).collect();
        let node = |&id: &u64| {
            let storage = MemStorage::new_with_conf_state((voters.clone(), Vec::new()));
            let logger = Logger::root(Discard, o!());
            Node {
                raw: RawNode::new(&config(id, appends), storage, &logger)
                    .expect("the settings are those of its documentation"),
                machine: Machine::default(),
                has_news: false,
            }
        };
        let mut group = Self {
            nodes: voters.iter().map(node).collect(),
            proposals,
            sent: Vec::new(),
            arriving: Vec::new(),
        };
        let leader = &mut group.nodes[LEADER];
        leader.raw.campaign().expect("a follower may campaign");
        leader.settle(&mut group.sent);
        group.settle();
        assert_eq!(group.nodes[LEADER].raw.raft.state, StateRole::Leader);
        group
    }

    /// Delivers messages in the order in which they were sent, until none is on its way.
    fn settle(&mut self) {
        while !self.sent.is_empty() {
            let mut arriving = mem::replace(&mut self.sent, mem::take(&mut self.arriving));
            for message in arriving.drain(..) {
                let node = &mut self.nodes[place(message.to)];
                node.raw.step(message).expect("every message is in order");
                node.has_news = true;
            }
            self.arriving = arriving;
            for node in &mut self.nodes {
                if mem::take(&mut node.has_news) {
                    node.settle(&mut self.sent);
                }
            }
        }
    }
}

/// The same limits as ours has, pre-vote and check-quorum on as there, everything else by default.
fn config(id: u64, appends: Appends) -> Config {
    Config {
        id,
        max_size_per_msg: 1 << 20,
        max_inflight_msgs: 256,
        check_quorum: true,
        pre_vote: true,
        batch_append: appends == Appends::Batched,
        ..Config::default()
    }
}

impl Node {
    /// Does what the node has ready, until there is nothing.
    fn settle(&mut self, sent: &mut Vec<Message>) {
        while self.raw.has_ready() {
            let mut ready = self.raw.ready();
            sent.append(&mut ready.take_messages());
            self.apply(&ready.take_committed_entries());
            {
                let mut storage = self.raw.store().wl();
                if !ready.entries().is_empty() {
                    storage
                        .append(ready.entries())
                        .expect("entries without a gap");
                }
                if let Some(hard_state) = ready.hs() {
                    storage.set_hardstate(hard_state.clone());
                }
            }
            sent.append(&mut ready.take_persisted_messages());
            let mut light = self.raw.advance(ready);
            if let Some(commit) = light.commit_index() {
                self.raw.store().wl().mut_hard_state().commit = commit;
            }
            sent.append(&mut light.take_messages());
            self.apply(&light.take_committed_entries());
            self.raw.advance_apply();
        }
    }

    fn apply(&mut self, committed: &[Entry]) {
        for entry in committed {
            // The entry of a new leader is empty.
            if !entry.data.is_empty() {
                self.machine.apply(&entry.data);
            }
        }
    }
}

impl Group for RaftRs {
    fn replicate(&mut self, numbers: Range<u64>) {
        let leader = &mut self.nodes[LEADER];
        match self.proposals {
            Proposals::EachByItself => {
                for number in numbers {
                    leader
                        .raw
                        .propose(Vec::new(), command(number).to_vec())
                        .expect("a leader takes proposals");
                }
            }
            Proposals::Together => {
                let entry = |number| Entry {
                    data: command(number).to_vec().into(),
                    ..Entry::default()
                };
                let mut proposal = Message {
                    from: leader.raw.raft.id,
                    entries: numbers.map(entry).collect::<Vec<_>>().into(),
                    ..Message::default()
                };
                proposal.set_msg_type(MessageType::MsgPropose);
                leader.raw.step(proposal).expect("a leader takes proposals");
            }
        }
        leader.settle(&mut self.sent);
        self.settle();
    }

    fn heartbeat(&mut self) {
        let leader = &mut self.nodes[LEADER];
        while self.sent.is_empty() {
            leader.raw.tick();
            leader.settle(&mut self.sent);
        }
        self.settle();
    }

    fn machines(&self) -> Vec<Machine> {
        self.nodes.iter().map(|node| node.machine).collect()
    }

    fn logs(&self) -> Vec<Vec<Vec<u8>>> {
        let commands = |node: &Node| {
            let storage = node.raw.store();
            let (first, last) = (storage.first_index(), storage.last_index());
            let range = first.and_then(|first| Ok((first, last? + 1)));
            let (first, end) = range.expect("memory can be read");
            let entries = storage.entries(first, end, None, GetEntriesContext::empty(false));
            let entries = entries.expect("memory can be read");
            let commands = entries.iter().filter(|entry| !entry.data.is_empty());
            commands.map(|entry| entry.data.to_vec()).collect()
        };
        self.nodes.iter().map(commands).collect()
    }
}

impl Debug for RaftRs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RaftRs")
            .field("proposals", &self.proposals)
            .field("machines", &self.machines())
            .finish_non_exhaustive()
    }
}

fn place(node: u64) -> usize {
    usize::try_from(node - 1).expect("a group is small")
}
