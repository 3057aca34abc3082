//! Numbered writes, and the messages that wait for them.
//!
//! Raft's promises ("I voted for you", "I have your entry") are worth what a crash leaves of
//! them, so a promise may only leave the node once it is on disk. The usual interface hands the
//! host two lists and a ritual ("persist these, then send those, then call advance"), and hosts
//! get the order wrong. Here the node keeps its promises back itself: every write has a number,
//! every waiting message the number it waits for, and [`Input::Persisted`](super::Input) sets
//! them free.
//!
//! What waits for what:
//!
//! - votes, accepted and rejected appends wait for every write asked for so far. Rejections
//!   promise nothing, but they describe a log that a crash could take back (etcd's raft holds
//!   them, too);
//! - everything else waits for the sender's term, so that no message carries a term that its
//!   sender could forget. A leader's term is always durable, so its appends never wait, not even
//!   for its own disk;
//! - what still waits when the node moves to a higher term is dropped: its addressee is behind.
//!
//! A write that was overtaken must not count: if entry 5 of an old leader is being written while
//! a new leader replaces it, "the old write is durable" says nothing about the new entry 5. So a
//! truncation lowers what every write in flight can prove.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::Raft;
use super::effects::{Effects, HardState, Persist};
use super::log::Log;
use super::message::{Body, Message};
use crate::{Micros, NodeId};

/// What is on disk, what is on its way there, and what waits for it.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    /// The number of the last write asked for.
    issued_io: u64,
    /// The last write that is durable, and all before it.
    persisted_io: u64,
    /// The last write that changed the term or the vote.
    ballot_io: u64,
    /// Term and vote as of the last write asked for.
    issued_ballot: (u64, Option<NodeId>),
    /// The last entry that some write has asked to store, after truncations.
    issued_index: u64,
    /// The log equals the disk up to here, come what may of the writes in flight.
    stable_index: u64,
    /// Entries from here on are void, and no write has said so yet.
    truncate_from: Option<u64>,
    /// Writes asked for and not yet durable, oldest first.
    in_flight: VecDeque<Write>,
    /// Messages that wait, in the order in which they were said.
    held: Vec<Held>,
    /// Messages of this step that were not yet told apart.
    outbox: Vec<Message>,
}

/// A write on its way to the disk.
#[derive(Clone, Copy, Debug)]
struct Write {
    io: u64,
    /// The log equals the disk up to here once the write is durable.
    proves_index: u64,
}

/// A message and the write that sets it free.
#[derive(Clone, Debug)]
struct Held {
    io: u64,
    message: Message,
}

impl Storage {
    /// The storage of a node that found `hard_state` and a log up to `last_index`.
    pub(super) fn restored(hard_state: &HardState, last_index: u64) -> Self {
        Self {
            issued_io: 0,
            persisted_io: 0,
            ballot_io: 0,
            issued_ballot: (hard_state.term, hard_state.vote),
            issued_index: last_index,
            stable_index: last_index,
            truncate_from: None,
            in_flight: VecDeque::new(),
            held: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// The number of the last write asked for.
    pub(super) fn issued_io(&self) -> u64 {
        self.issued_io
    }

    /// The log equals the disk up to here.
    pub(super) fn stable_index(&self) -> u64 {
        self.stable_index
    }

    /// Whether the current term and vote are durable, given that they were asked to be.
    pub(super) fn is_ballot_durable(&self) -> bool {
        self.ballot_io <= self.persisted_io
    }

    /// Says a message, now or when what it rests on is durable.
    pub(super) fn post(&mut self, message: Message) {
        self.outbox.push(message);
    }

    /// The log is being cut: entries from `index` on no longer equal what is or will be on disk.
    pub(super) fn truncate(&mut self, index: u64) {
        let kept = index - 1;
        if index <= self.issued_index {
            self.issued_index = kept;
            self.truncate_from = Some(self.truncate_from.map_or(index, |from| from.min(index)));
        }
        self.stable_index = self.stable_index.min(kept);
        for write in &mut self.in_flight {
            write.proves_index = write.proves_index.min(kept);
        }
    }

    /// The term has moved on: nobody waits for what was held.
    pub(super) fn drop_held(&mut self) {
        self.held.clear();
    }

    /// The writes up to `io` are durable: sets free what waited for them.
    pub(super) fn persisted(&mut self, io: u64, send: &mut Vec<Message>) {
        self.persisted_io = self.persisted_io.max(io);
        while let Some(write) = self.in_flight.front()
            && write.io <= io
        {
            self.stable_index = self.stable_index.max(write.proves_index);
            self.in_flight.pop_front();
        }
        send.extend(
            self.held
                .extract_if(.., |held| held.io <= io)
                .map(|held| held.message),
        );
    }

    /// Ends a step: asks for the write it needs, and sends or holds what it said.
    pub(super) fn finish(&mut self, hard_state: HardState, log: &Log, effects: &mut Effects) {
        let ballot = (hard_state.term, hard_state.vote);
        let last_index = log.last_index();
        if ballot != self.issued_ballot
            || last_index > self.issued_index
            || self.truncate_from.is_some()
        {
            self.issued_io += 1;
            if ballot != self.issued_ballot {
                self.issued_ballot = ballot;
                self.ballot_io = self.issued_io;
            }
            effects.persist = Some(Persist {
                io: self.issued_io,
                hard_state,
                truncate_from: self.truncate_from.take(),
                entries: log.slice(self.issued_index + 1..last_index + 1).to_vec(),
            });
            self.issued_index = last_index;
            self.in_flight.push_back(Write {
                io: self.issued_io,
                proves_index: last_index,
            });
        }
        for message in self.outbox.drain(..) {
            let io = match message.body {
                Body::VoteReply { .. }
                | Body::AppendAccepted { .. }
                | Body::AppendRejected { .. } => self.issued_io,
                _ => self.ballot_io,
            };
            if io <= self.persisted_io {
                effects.send.push(message);
            } else {
                self.held.push(Held { io, message });
            }
        }
    }
}

impl Raft {
    /// The host reports a write as durable.
    pub(super) fn persisted(&mut self, io: u64, now: Micros) {
        self.storage.persisted(io, &mut self.effects.send);
        self.count_own_vote(now);
        self.advance_commit();
    }
}
