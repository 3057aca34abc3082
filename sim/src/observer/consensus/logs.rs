//! Leader Append-Only, Log Matching, and what makes a log well-formed.

use quorate::NodeId;
use quorate::raft::{Boundary, EntryKind, Persist, Raft, Role};

use super::{Consensus, Finding, Ledger, Link, Tail};
use crate::observer::Invariant;

impl Consensus {
    /// Entries from an index on are cut from a log in memory.
    pub(super) fn truncated(&mut self, ledger: &mut Ledger, id: NodeId, from: u64, raft: &Raft) {
        let host = self.host(id);
        // Who steps down may cut its log in the same step.
        let leads = (host.role == Role::Leader && raft.role() == Role::Leader).then(|| {
            Finding::of(
                id,
                format!("{id} leads term {} and cuts its log at {from}", host.term),
            )
        });
        ledger.check(Invariant::LeaderAppendOnly, leads);
        let committed = (from <= host.commit_index).then(|| {
            Finding::of(
                id,
                format!(
                    "{id} cuts its log at {from}, having committed up to {}",
                    host.commit_index
                ),
            )
        });
        ledger.check(Invariant::CommittedIsImmutable, committed);
        self.check_cut(ledger, id, from);
        let host = self.host_mut(id);
        host.log.truncate(from);
        while host.changes.back().is_some_and(|change| *change >= from) {
            host.changes.pop_back();
        }
    }

    /// A log starts over from a snapshot.
    pub(super) fn installed(&mut self, ledger: &mut Ledger, id: NodeId, position: Boundary) {
        let Boundary { index, term, .. } = position;
        let known = self.committed.get(index).map(|entry| entry.link.term);
        let is_forgotten = index <= self.committed.forgotten();
        let broken = (known != Some(term) && !is_forgotten).then(|| {
            let words = format!(
                "{id} installs a snapshot of index {index} and term {term}, which nobody committed"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::StateMachineSafety, broken);
        let host = self.host_mut(id);
        host.log = Tail::at(index);
        host.changes.clear();
        host.executed_index = index;
        // What was accepted beyond it is overtaken: a log that has the snapshot's entry is kept.
        let promises = &mut host.promises;
        if promises
            .accepted
            .is_some_and(|(highest, _)| highest > index)
        {
            promises.accepted = None;
        }
    }

    /// Entries are put into a log; their links are added to `links`.
    pub(super) fn appended(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        raft: &Raft,
        persist: &Persist,
        links: &mut Vec<Link>,
    ) {
        if persist.entries.is_empty() {
            return;
        }
        let host = self.host(id);
        let last_index = host.log.last_index();
        let mut previous = host.last(&self.committed);
        let gap = (persist.first_index != last_index + 1).then(|| {
            let first = persist.first_index;
            Finding::of(
                id,
                format!("{id} appends at {first} to a log that ends at {last_index}"),
            )
        });
        ledger.check(Invariant::WellFormedLogs, gap);
        let (term, leads) = (raft.term(), raft.role() == Role::Leader);
        for (index, entry) in (persist.first_index..).zip(persist.entries.iter()) {
            let link = previous.then(entry);
            let disorder = (link.term < previous.term || link.term > term).then(|| {
                let words = format!(
                    "{id}, in term {term}, appends an entry of term {} after one of term {}",
                    link.term, previous.term
                );
                Finding::of(id, words)
            });
            ledger.check(Invariant::WellFormedLogs, disorder);
            if leads {
                let foreign = (link.term != term).then(|| {
                    let words = format!(
                        "{id} leads term {term} and appends an entry of term {}",
                        link.term
                    );
                    Finding::of(id, words)
                });
                ledger.check(Invariant::LeaderAppendOnly, foreign);
            }
            self.check_matching(ledger, id, index, link);
            if entry.kind() == EntryKind::Membership {
                self.change_appended(ledger, id, index, link.term);
            }
            self.host_mut(id).log.push(link);
            links.push(link);
            previous = link;
        }
    }

    /// What is seen of an index and a term must be what was seen of them first.
    fn check_matching(&mut self, ledger: &mut Ledger, id: NodeId, index: u64, link: Link) {
        let committed = self.committed.get(index);
        let first = match committed {
            Some(entry) if entry.link.term == link.term => entry.link.hash,
            // Only what is forgotten has no place among either, and nobody can still append there.
            _ => *self.open.entry((index, link.term)).or_insert(link.hash),
        };
        let broken = (first != link.hash).then(|| {
            let words = format!(
                "{id} has the entry of term {} at index {index}, as others had, after another \
                 content or another log",
                link.term
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::LogMatching, broken);
    }

    /// A log that ends in a term must have everything that was committed before that term, and as
    /// far as it reaches, everything that was committed in it.
    ///
    /// The literature states it of pairs: whoever is at least as up to date as another has
    /// everything that the other knows to be committed. That is not so: a follower that matches
    /// only an entry of an earlier term may learn that it is committed, while somebody cut off
    /// ends in a term between. What elections need is this; it needs no pairs, and it is seen
    /// before there is an election.
    pub(super) fn check_up_to_date(&mut self, ledger: &mut Ledger, id: NodeId) {
        let host = self.host(id);
        let last_index = host.log.last_index();
        let last_term = host.last(&self.committed).term;
        let (must_have, term) = host.must_have;
        let before = if term == last_term {
            must_have
        } else {
            self.committed
                .partition_point(|entry| entry.in_term < last_term)
        };
        let newest = self.committed.last().map_or(0, |entry| entry.in_term);
        let within = if newest <= last_term {
            self.committed.last_index()
        } else {
            self.committed
                .partition_point(|entry| entry.in_term <= last_term)
        };
        let reach = within.min(last_index).max(before);
        let log = &self.host(id).log;
        let broken = (!log.agrees(reach, &self.committed)).then(|| {
            let words = format!(
                "the log of {id} ends at {last_index} in term {last_term} and lacks what is \
                 committed up to {reach}"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::UpToDateIsComplete, broken);
        self.host_mut(id).must_have = (before, last_term);
    }
}
