//! What is on the disks, and whether nodes keep what they promised.
//!
//! A node that grants a vote and forgets it in a crash votes twice; one that acknowledges an entry
//! before it is durable makes a leader commit what a crash takes back. Neither shows until the
//! crash comes. Here it is seen when the message leaves: what it promises must be on the disk by
//! then.

use quorate::NodeId;
use quorate::raft::{Body, Message, PersistPart, Raft, Verdict};

use super::mirror::{Durable, Write};
use super::{Consensus, Finding, Ledger, Link, Tail};
use crate::observer::Invariant;

impl Consensus {
    /// A node's writes up to `io` are on its disk. To be called before the node is told.
    pub fn synced(&mut self, ledger: &mut Ledger, id: NodeId, io: u64) {
        let host = self.host_mut(id);
        let mut done = Vec::new();
        while host.writes.front().is_some_and(|write| write.io <= io) {
            done.extend(host.writes.pop_front());
        }
        for write in done {
            self.take_over(ledger, id, &write);
        }
    }

    /// A crash tore a node's oldest write: these parts of it are on the disk, and so many of its
    /// entries. To be called before [`Consensus::crashed`].
    pub fn torn(&mut self, ledger: &mut Ledger, id: NodeId, parts: &[PersistPart], entries: usize) {
        let Some(mut write) = self.host_mut(id).writes.pop_front() else {
            return;
        };
        let is_there = |part| parts.contains(&part);
        if !is_there(PersistPart::Snapshot) {
            write.installs = None;
        }
        if !is_there(PersistPart::Truncation) {
            write.truncate_from = None;
        }
        let entries = if is_there(PersistPart::Entries) {
            entries
        } else {
            0
        };
        write.links.truncate(entries);
        if !is_there(PersistPart::HardState) {
            write.hard_state = self.host(id).durable.hard_state;
        }
        self.take_over(ledger, id, &write);
    }

    fn take_over(&mut self, ledger: &mut Ledger, id: NodeId, write: &Write) {
        let before = self.host(id).durable.hard_state;
        let (term, vote) = (write.hard_state.term, write.hard_state.vote);
        let changed = term == before.term && before.vote.is_some() && vote != before.vote;
        let broken = (term < before.term || changed).then(|| {
            let words = format!(
                "the disk of {id} goes from term {} to term {term}, or to another vote in it",
                before.term
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::Monotonicity, broken);
        let place = super::place(id);
        let host = self.hosts[place]
            .as_deref_mut()
            .expect("it has just been seen");
        let Durable { hard_state, log } = &mut host.durable;
        *hard_state = write.hard_state;
        if let Some(index) = write.installs {
            *log = Tail::at(index);
        }
        if let Some(from) = write.truncate_from {
            log.truncate(from);
        }
        for &link in &write.links {
            log.push(link);
        }
        log.fold(host.commit_index, &self.committed);
    }

    /// A process died: what was not synced is gone.
    pub fn crashed(&mut self, ledger: &mut Ledger, id: NodeId) {
        if self.known(id).is_none() {
            return;
        }
        let host = self.host_mut(id);
        host.is_up = false;
        // A torn write may have cut the log, or started it over, and nothing more: what was accepted
        // from a leader that is overtaken need not be there any more.
        let overtakes = |write: &Write, index: u64| {
            write.installs.is_some() || write.truncate_from.is_some_and(|from| from <= index)
        };
        let accepted = host.promises.accepted;
        let is_overtaken =
            accepted.is_some_and(|(index, _)| host.writes.iter().any(|it| overtakes(it, index)));
        if is_overtaken {
            host.promises.accepted = None;
        }
        host.writes.clear();
        self.reads.retain(|(node, _), _| *node != id);
        self.check_quorum_durability(ledger, id);
    }

    /// A node's disk is empty from now on. What it promised is forgotten with it: the assumption is
    /// broken, and whoever breaks it has said so.
    pub fn disk_lost(&mut self, ledger: &mut Ledger, id: NodeId) {
        if self.known(id).is_none() {
            return;
        }
        let host = self.host_mut(id);
        host.durable = Durable::default();
        host.writes.clear();
        host.compacted = 0;
        self.check_quorum_durability(ledger, id);
    }

    /// A node's disk has no entries up to an index any more: nobody will ask for them.
    pub fn compacted(&mut self, id: NodeId, index: u64) {
        let host = self.host_mut(id);
        host.compacted = host.compacted.max(index);
        self.collect_garbage();
    }

    /// A process starts with what it found on its disk, before its first step. O(its log), as is
    /// the start itself.
    pub fn started(&mut self, ledger: &mut Ledger, raft: &Raft) {
        let id = raft.id();
        self.host_or_absent(id);
        let log = self.restored_log(raft);
        self.check_kept(ledger, raft, &log);
        let changes = super::membership::unapplied(raft);
        let executed_index = raft.applied_index();
        let commit_index = raft.commit_index();
        let term = raft.term();
        let host = self.host_mut(id);
        host.is_up = true;
        host.role = raft.role();
        host.term = term;
        host.commit_index = commit_index;
        host.applied_index = executed_index;
        host.executed_index = executed_index;
        host.changes = changes;
        host.writes.clear();
        // A torn write has left what it has left; and a term may be known by its entries alone, if a
        // crash came before the hard state.
        host.durable.hard_state.term = term;
        host.durable.hard_state.vote = raft.vote();
        host.durable.log = log.clone();
        host.log = log;
        host.must_have = (0, 0);
        self.check_quorum_durability(ledger, id);
    }

    /// A node cannot start with what a crash has left on its disk.
    pub fn start_refused(&mut self, ledger: &mut Ledger, id: NodeId, why: &str) {
        let words = format!("{id} cannot start with what a crash has left: {why}");
        ledger.check(Invariant::StateOrdering, Some(Finding::of(id, words)));
    }

    /// The log as the node found it, by the observer's own hashes.
    fn restored_log(&self, raft: &Raft) -> Tail {
        let boundary = raft.log().boundary();
        let known = self.committed.get(boundary.index).map(|entry| entry.link);
        let mut previous = known.unwrap_or(Link {
            term: boundary.term,
            hash: 0,
        });
        let mut log = Tail::at(boundary.index);
        for (_, entry) in raft.log().range(boundary.index + 1..raft.last_index() + 1) {
            previous = previous.then(entry);
            log.push(previous);
        }
        // From the end: if it agrees at an index, it agrees on all before.
        let end = log.last_index().min(self.committed.last_index());
        let mut agreed = end;
        while agreed > log.base() && !log.agrees(agreed, &self.committed) {
            agreed -= 1;
        }
        log.fold(agreed, &self.committed);
        log
    }

    /// What was promised before a restart must still be there.
    fn check_kept(&self, ledger: &mut Ledger, raft: &Raft, log: &Tail) {
        let (id, promises) = (raft.id(), &self.host(raft.id()).promises);
        let forgotten = (raft.term() < promises.term).then(|| {
            let words = format!(
                "{id} is back in term {} and had told others of term {}",
                raft.term(),
                promises.term
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::DurablePromises, forgotten);
        if let Some((term, candidate)) = promises.vote {
            let lost = term == raft.term() && raft.vote() != Some(candidate);
            let broken = lost.then(|| {
                let words = format!(
                    "{id} is back and has forgotten its vote in term {term} for {candidate}"
                );
                Finding::about([id, candidate], words)
            });
            ledger.check(Invariant::DurablePromises, broken);
        }
        if let Some((index, link)) = promises.accepted {
            let found = log.link(index, &self.committed);
            let is_gone = found != Some(link) && index > self.committed.forgotten();
            let broken = is_gone.then(|| {
                let words = format!(
                    "{id} is back without the entry of term {} at index {index}, which it had \
                     accepted",
                    link.term
                );
                Finding::of(id, words)
            });
            ledger.check(Invariant::DurablePromises, broken);
        }
    }

    /// A message leaves: what it promises must be durable.
    pub(super) fn check_promise(&mut self, ledger: &mut Ledger, message: &Message) {
        let Message { from, to, term, .. } = *message;
        let durable = self.host(from).durable.hard_state;
        let forgettable = (durable.term < term).then(|| {
            let words = format!(
                "{from} speaks in term {term} to {to}, and its disk knows of term {}",
                durable.term
            );
            Finding::about([from, to], words)
        });
        ledger.check(Invariant::DurablePromises, forgettable);
        let promises = &mut self.host_mut(from).promises;
        promises.term = promises.term.max(term);
        match message.body {
            Body::VoteReply {
                verdict: Verdict::Granted,
            } => self.check_vote(ledger, from, term, to),
            Body::Vote { .. } => self.check_vote(ledger, from, term, from),
            Body::AppendAccepted { match_index } => {
                self.check_accepted(ledger, from, to, term, match_index);
            }
            _ => {}
        }
    }

    fn check_vote(&mut self, ledger: &mut Ledger, id: NodeId, term: u64, candidate: NodeId) {
        let durable = self.host(id).durable.hard_state;
        let is_durable = durable.term == term && durable.vote == Some(candidate);
        let broken = (!is_durable).then(|| {
            let words = format!(
                "{id} tells its vote in term {term} for {candidate}, and a crash would make it \
                 forget"
            );
            Finding::about([id, candidate], words)
        });
        ledger.check(Invariant::DurablePromises, broken);
        self.voted(ledger, id, term, candidate);
    }

    /// Who leads has told its vote, or needs none but its own: that is durable, too.
    pub(super) fn check_own_ballot(&self, ledger: &mut Ledger, id: NodeId, term: u64) {
        let durable = self.host(id).durable.hard_state;
        let broken = (durable.term != term || durable.vote != Some(id)).then(|| {
            let words = format!("{id} leads term {term}, and its own vote is not on its disk");
            Finding::of(id, words)
        });
        ledger.check(Invariant::DurablePromises, broken);
    }

    fn check_accepted(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        to: NodeId,
        term: u64,
        index: u64,
    ) {
        let host = self.host(id);
        let own = host.log.link(index, &self.committed);
        let on_disk = host.durable.log.link(index, &self.committed);
        let is_forgotten = index <= self.committed.forgotten();
        let broken = ((own.is_none() || own != on_disk) && !is_forgotten).then(|| {
            let words = format!(
                "{id} tells {to} that it has everything up to index {index}, and its disk has not"
            );
            Finding::about([id, to], words)
        });
        ledger.check(Invariant::DurablePromises, broken);
        let Some(link) = own else { return };
        let promises = &mut self.host_mut(id).promises;
        if promises.accepted.is_none_or(|(highest, _)| highest < index) {
            promises.accepted = Some((index, link));
        }
        let (accepted_in, highest) = promises.accepted_in_term;
        let before = if accepted_in == term { highest } else { 0 };
        promises.accepted_in_term = (term, before.max(index));
    }

    /// A log is cut: within a term nothing that was accepted in it may go.
    pub(super) fn check_cut(&mut self, ledger: &mut Ledger, id: NodeId, from: u64) {
        let host = self.host(id);
        let (term, accepted) = host.promises.accepted_in_term;
        let broken = (term == host.term && from <= accepted).then(|| {
            let words = format!(
                "{id} cuts its log at {from} in term {term}, in which it had accepted everything \
                 up to {accepted}"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::DurablePromises, broken);
        let before = host.log.link(from.saturating_sub(1), &self.committed);
        let promises = &mut self.host_mut(id).promises;
        if promises.accepted.is_some_and(|(index, _)| index >= from) {
            promises.accepted = before.map(|link| (from - 1, link));
        }
    }
}
