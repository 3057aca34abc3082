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
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Raft;
use super::effects::{HardState, Persist};
use super::entry::Entries;
use super::message::{Body, Message};
use super::rules::Rule;
use super::snapshot::Snapshot;
use crate::NodeId;

/// What is on disk, what is on its way there, and what waits for it.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    /// The number of the last write asked for.
    issued_io: u64,
    /// The last write that is durable, and all before it.
    persisted_io: u64,
    /// The last write that changed the term or the vote.
    ballot_io: u64,
    /// The last write that installs a snapshot.
    snapshot_io: u64,
    /// Term and vote as of the last write asked for.
    issued_ballot: (u64, Option<NodeId>),
    /// The last entry that some write has asked to store, after truncations.
    issued_index: u64,
    /// The log equals the disk up to here, come what may of the writes in flight.
    stable_index: u64,
    /// Entries from here on are void, and no write has said so yet.
    truncate_from: Option<u64>,
    /// A snapshot to start over from, which no write has named yet.
    snapshot: Option<Arc<Snapshot>>,
    /// Something but the end of the log may have changed that no write has named yet: looked at
    /// by every step, so that the others need not compare all of it.
    may_owe_write: bool,
    /// Writes asked for and not yet durable, oldest first.
    in_flight: VecDeque<Write>,
    /// Messages that wait, in the order in which they were said, and so of what they wait for.
    held: Vec<Message>,
    /// What they wait for: one item for every step that held some.
    waits: VecDeque<Wait>,
    /// The messages held by the present step, whose write has no number yet.
    fresh: Fresh,
    /// Breaks [`Rule::StaleWriteProvesNothing`].
    pub(super) trusts_stale_writes: bool,
}

/// A write on its way to the disk.
#[derive(Clone, Copy, Debug)]
struct Write {
    io: u64,
    /// The log equals the disk up to here once the write is durable.
    proves_index: u64,
}

/// So many of the held messages, and the write that sets them free.
#[derive(Clone, Copy, Debug)]
struct Wait {
    io: u64,
    messages: usize,
}

/// What the present step has held.
#[derive(Clone, Copy, Debug, Default)]
struct Fresh {
    messages: usize,
    /// Whether any of them rests on the log.
    on_log: bool,
}

/// What a message rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rests {
    /// The sender's term and vote.
    Ballot,
    /// Everything written so far.
    Log,
    /// Nothing. No message of a node that keeps the rules.
    Nothing,
}

impl Storage {
    /// The storage of a node that found `hard_state` and a log up to `last_index`.
    pub(super) fn restored(hard_state: &HardState, last_index: u64) -> Self {
        Self {
            issued_io: 0,
            persisted_io: 0,
            ballot_io: 0,
            snapshot_io: 0,
            issued_ballot: (hard_state.term, hard_state.vote),
            issued_index: last_index,
            stable_index: last_index,
            truncate_from: None,
            snapshot: None,
            // The log may know a higher term than the hard state.
            may_owe_write: true,
            in_flight: VecDeque::new(),
            held: Vec::new(),
            waits: VecDeque::new(),
            fresh: Fresh::default(),
            trusts_stale_writes: false,
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

    /// Whether a snapshot is still being installed.
    pub(super) fn is_installing(&self) -> bool {
        self.snapshot.is_some() || self.snapshot_io > self.persisted_io
    }

    /// The log is being cut: entries from `index` on no longer equal what is or will be on disk.
    pub(super) fn truncate(&mut self, index: u64) {
        let kept = index - 1;
        if index <= self.issued_index {
            self.issued_index = kept;
            self.truncate_from = Some(self.truncate_from.map_or(index, |from| from.min(index)));
            self.may_owe_write = true;
        }
        self.lower(kept);
    }

    /// The log starts over from `snapshot`.
    pub(super) fn install(&mut self, snapshot: Arc<Snapshot>) {
        self.issued_index = snapshot.position.index;
        self.truncate_from = None;
        self.snapshot = Some(snapshot);
        self.may_owe_write = true;
        self.lower(0);
    }

    /// Nothing beyond `index` is proven, by whatever write.
    fn lower(&mut self, index: u64) {
        self.stable_index = self.stable_index.min(index);
        if self.trusts_stale_writes {
            return;
        }
        for write in &mut self.in_flight {
            write.proves_index = write.proves_index.min(index);
        }
    }

    /// The node has another term or vote, perhaps.
    pub(super) fn ballot_changed(&mut self) {
        self.may_owe_write = true;
    }

    /// The term has moved on: nobody waits for what was held.
    pub(super) fn drop_held(&mut self) {
        self.held.clear();
        self.waits.clear();
        self.fresh = Fresh::default();
    }

    /// The writes up to `io` are durable: sets free what waited for them.
    fn persisted(&mut self, io: u64, send: &mut Vec<Message>) {
        self.persisted_io = self.persisted_io.max(io);
        while let Some(write) = self.in_flight.front()
            && write.io <= io
        {
            self.stable_index = self.stable_index.max(write.proves_index);
            self.in_flight.pop_front();
        }
        if !self.waits.is_empty() {
            self.release(send);
        }
    }

    /// Sets free what waits for nothing any more.
    #[inline(never)]
    fn release(&mut self, send: &mut Vec<Message>) {
        let mut free = 0;
        while let Some(wait) = self.waits.front()
            && wait.io <= self.persisted_io
        {
            free += wait.messages;
            self.waits.pop_front();
        }
        match free {
            0 => {}
            _ if free < self.held.len() => send.extend(self.held.drain(..free)),
            _ if send.is_empty() => core::mem::swap(send, &mut self.held),
            _ => send.append(&mut self.held),
        }
    }

    /// The messages of this step wait for its write, if one rests on the log, or for the ballot;
    /// and never less than those before them.
    #[inline(always)]
    fn number_held(&mut self, send: &mut Vec<Message>) {
        let fresh = core::mem::take(&mut self.fresh);
        let before = self.waits.back().map_or(0, |wait| wait.io);
        let needed = if fresh.on_log {
            self.issued_io
        } else {
            self.ballot_io
        };
        let io = needed.max(before);
        self.waits.push_back(Wait {
            io,
            messages: fresh.messages,
        });
        if io <= self.persisted_io {
            self.release(send);
        }
    }
}

impl Raft {
    /// The host reports a write as durable.
    #[inline(always)]
    pub(super) fn persisted(&mut self, io: u64) {
        let was_installing = self.storage.is_installing();
        self.storage.persisted(io, &mut self.effects.send);
        if was_installing && !self.storage.is_installing() {
            self.snapshot_installed();
        }
        self.count_own_vote();
        self.count_own_log();
    }

    /// How far this node's own log counts for a commit.
    pub(super) fn counted_index(&self) -> u64 {
        if self.keeps(Rule::AckIsDurable) {
            self.storage.stable_index
        } else {
            self.log.last_index()
        }
    }

    /// Whether this node's own vote counts.
    pub(super) fn is_vote_counted(&self) -> bool {
        self.storage.is_ballot_durable() || !self.keeps(Rule::VoteIsDurable)
    }

    /// Says something to one node, now or when what it rests on is durable.
    #[inline(always)]
    pub(super) fn reply(&mut self, to: NodeId, body: Body) {
        let (from, term) = (self.config.id, self.term);
        let rests = self.rests(&body);
        // A ballot that is changing in this step has no write yet.
        let is_free = match rests {
            Rests::Nothing => true,
            Rests::Log => false,
            Rests::Ballot => {
                self.storage.is_ballot_durable()
                    && self.storage.issued_ballot == (self.term, self.vote)
            }
        };
        let message = Message {
            from,
            to,
            term,
            body,
        };
        if is_free {
            self.effects.send.push(message);
        } else {
            self.storage.fresh.messages += 1;
            self.storage.fresh.on_log |= rests == Rests::Log;
            self.storage.held.push(message);
        }
    }

    /// Says something as the leader, whose term and vote are durable: an election rests on them.
    #[inline(always)]
    pub(super) fn tell(&mut self, to: NodeId, body: Body) {
        let (from, term) = (self.config.id, self.term);
        self.effects.send.push(Message {
            from,
            to,
            term,
            body,
        });
    }

    fn rests(&self, body: &Body) -> Rests {
        let (rests, rule) = match body {
            Body::VoteReply { .. } => (Rests::Log, Some(Rule::VoteIsDurable)),
            Body::AppendAccepted { .. } => (Rests::Log, Some(Rule::AckIsDurable)),
            Body::AppendRejected { .. } => (Rests::Log, None),
            Body::Vote { .. } => (Rests::Ballot, Some(Rule::VoteIsDurable)),
            _ => (Rests::Ballot, None),
        };
        if rule.is_none_or(|rule| self.keeps(rule)) {
            rests
        } else {
            Rests::Nothing
        }
    }

    /// Ends a step: asks for the write it needs, and sends or holds what it said.
    #[inline(always)]
    pub(super) fn finish_storage(&mut self) {
        debug_assert!(
            self.storage.may_owe_write || !self.owes_write(),
            "a change is told"
        );
        if self.log.last_index() > self.storage.issued_index || self.storage.may_owe_write {
            self.write();
        }
        if self.storage.fresh.messages > 0 {
            self.storage.number_held(&mut self.effects.send);
        }
    }

    /// Asks for a write, if one is owed.
    #[inline(never)]
    fn write(&mut self) {
        if self.log.last_index() > self.storage.issued_index || self.owes_write() {
            self.issue();
        }
        self.storage.may_owe_write = false;
    }

    /// Whether something but the end of the log has changed that no write has named.
    fn owes_write(&self) -> bool {
        let storage = &self.storage;
        (self.term, self.vote) != storage.issued_ballot
            || storage.truncate_from.is_some()
            || storage.snapshot.is_some()
    }

    /// Asks for a write of everything that no write has been asked for.
    fn issue(&mut self) {
        let hard_state = HardState {
            term: self.term,
            vote: self.vote,
            commit_index: self.commit_index,
        };
        let first_index = self.storage.issued_index + 1;
        let last_index = self.log.last_index();
        let entries = self.batch_to_store(first_index, last_index);
        #[cfg(feature = "mutants")]
        let hard_state_first = !self.keeps(Rule::EntriesBeforeHardState);
        let storage = &mut self.storage;
        storage.issued_io += 1;
        let io = storage.issued_io;
        let ballot = (hard_state.term, hard_state.vote);
        if ballot != storage.issued_ballot {
            storage.issued_ballot = ballot;
            storage.ballot_io = io;
        }
        let snapshot = storage.snapshot.take();
        if snapshot.is_some() {
            storage.snapshot_io = io;
        }
        storage.issued_index = last_index;
        storage.in_flight.push_back(Write {
            io,
            proves_index: last_index,
        });
        let truncate_from = storage.truncate_from.take();
        self.effects.persist = Some(Persist {
            io,
            hard_state,
            snapshot,
            truncate_from,
            first_index,
            entries,
            #[cfg(feature = "mutants")]
            hard_state_first,
        });
    }

    /// The entries from `first` to `last` for the disk. If they are those of the last append,
    /// nobody will ask for them again: every follower that keeps up was sent them in this step.
    fn batch_to_store(&mut self, first: u64, last: u64) -> Entries {
        let are_same = |(start, recent): &mut (u64, Entries)| {
            *start == first && *start + recent.len() as u64 == last + 1
        };
        match self.recent.take_if(are_same) {
            Some((_, recent)) => recent,
            None => self.batch(first, last),
        }
    }

    /// The entries from `first` to `last`: those of the last append again if they are the same,
    /// since the disk and every follower usually want the same ones.
    pub(super) fn batch(&mut self, first: u64, last: u64) -> Entries {
        if first > last {
            let before = self.log.prefix_hash_at(last);
            return Entries::none(before.unwrap_or_default());
        }
        let length = last + 1 - first;
        if let Some((start, recent)) = &self.recent
            && let Some(skipped) = first.checked_sub(*start)
            && skipped + length <= recent.len() as u64
            && let (Ok(skipped), Ok(length)) = (usize::try_from(skipped), usize::try_from(length))
        {
            return recent.part(skipped, length);
        }
        let entries = self.log.batch(first..last + 1);
        self.recent = Some((first, entries.clone()));
        entries
    }
}
