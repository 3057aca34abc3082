//! The safety properties of the paper (Figure 3) and of durability, after every step.
//!
//! Logs are compared by their prefix hashes, so a step costs what it changed and not the length
//! of the logs.

use std::collections::BTreeMap;

use quorate::NodeId;
use quorate::raft::{Body, Effects, Message, Raft, Role, Verdict};

use super::network::{Disk, Host};

/// What everybody did so far, as only an observer outside can know it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observer {
    /// Who ever led a term.
    leaders: BTreeMap<u64, NodeId>,
    /// Whom a node ever voted for in a term, in a message that left it.
    votes: BTreeMap<(NodeId, u64), NodeId>,
    /// The highest term in any message that left a node.
    terms_shown: BTreeMap<NodeId, u64>,
    /// The hash of the log at every index and term that was ever seen anywhere.
    prefixes: BTreeMap<(u64, u64), u128>,
    /// Every committed index: the hash of the log there, and the term it was committed in.
    committed: BTreeMap<u64, (u128, u64)>,
    /// What every node was after its last step.
    seen: BTreeMap<NodeId, Seen>,
}

/// A node after its last step.
#[derive(Clone, Copy, Debug)]
struct Seen {
    term: u64,
    commit_index: u64,
    handed_index: u64,
    /// The end of its log, and the hash there.
    last: (u64, u128),
}

impl Observer {
    /// The highest index that was ever committed anywhere.
    pub(crate) fn committed_index(&self) -> u64 {
        self.committed
            .keys()
            .next_back()
            .copied()
            .unwrap_or_default()
    }

    /// How many terms ever had a leader.
    pub(crate) fn terms_led(&self) -> usize {
        self.leaders.len()
    }

    /// A node starts with what its disk has.
    pub(crate) fn started(&mut self, id: NodeId, raft: &Raft) {
        let shown = self.terms_shown.get(&id).copied().unwrap_or_default();
        assert!(
            raft.term() >= shown,
            "{id} forgot term {shown}, which it had shown"
        );
        let seen = Seen {
            term: raft.term(),
            commit_index: 0,
            handed_index: raft.applied_index(),
            last: (
                raft.log().boundary().index,
                raft.log().boundary().prefix_hash,
            ),
        };
        self.seen.insert(id, seen);
    }

    /// A node has taken a step.
    pub(crate) fn stepped(&mut self, raft: &Raft, effects: &Effects, disk: &Disk) {
        let id = raft.id();
        let before = self.seen[&id];
        assert!(raft.term() >= before.term, "{id}: the term fell");
        assert!(
            raft.commit_index() >= before.commit_index,
            "{id}: the commit index fell"
        );
        assert!(
            raft.commit_index() <= raft.last_index(),
            "{id} commits beyond its log"
        );
        assert!(
            raft.applied_index() <= raft.commit_index(),
            "{id} applies the uncommitted"
        );
        assert_eq!(
            effects.committed.start,
            before.handed_index + 1,
            "{id}: a gap in what to apply"
        );
        let handed_index = effects.committed.end - 1;
        assert!(handed_index <= raft.commit_index().min(raft.stable_index()));

        self.check_log(raft, before.last);
        let stable = raft.stable_index();
        let stable_hash = raft.log().prefix_hash_at(stable);
        assert_eq!(
            disk.prefix_hash_at(stable),
            stable_hash,
            "{id}: {stable} is not stable"
        );
        if raft.role() == Role::Leader {
            self.check_leader(raft);
        }
        for message in &effects.send {
            self.check_promise(message, raft, disk);
        }
        let last_index = raft.last_index();
        let last = (last_index, raft.log().prefix_hash_at(last_index).unwrap());
        let (term, commit_index) = (raft.term(), raft.commit_index());
        self.seen.insert(
            id,
            Seen {
                term,
                commit_index,
                handed_index,
                last,
            },
        );
    }

    /// Log Matching: where index and term agree anywhere, all before agrees.
    fn check_log(&mut self, raft: &Raft, (checked, hash): (u64, u128)) {
        let unchanged = raft.log().prefix_hash_at(checked) == Some(hash);
        let start = if unchanged { checked + 1 } else { 0 };
        for entry in raft.log().slice(start..u64::MAX) {
            let place = (entry.index, entry.term);
            let known = self.prefixes.entry(place).or_insert(entry.prefix_hash);
            assert_eq!(*known, entry.prefix_hash, "Log Matching at {}", entry.index);
            assert!(entry.term <= raft.term());
        }
    }

    /// Election Safety and Leader Completeness, and the order of a leader's indices.
    fn check_leader(&mut self, raft: &Raft) {
        let (id, term) = (raft.id(), raft.term());
        let first = *self.leaders.entry(term).or_insert(id);
        assert_eq!(first, id, "Election Safety in term {term}");
        let earlier = self
            .committed
            .iter()
            .rev()
            .find(|(_, (_, committed))| *committed < term);
        if let Some((index, (hash, _))) = earlier {
            let own = raft.log().prefix_hash_at(*index);
            assert_eq!(own, Some(*hash), "Leader Completeness at {index} on {id}");
        }
        for peer in raft.config().voters.iter().filter(|peer| **peer != id) {
            let progress = raft.progress(*peer).unwrap();
            assert!(progress.match_index < progress.next_index);
            assert!(progress.next_index <= raft.last_index() + 1);
            assert!(progress.inflight.len() <= raft.config().max_inflight_appends);
        }
    }

    /// What leaves a node is true of its disk.
    fn check_promise(&mut self, message: &Message, raft: &Raft, disk: &Disk) {
        let Message { from, to, term, .. } = *message;
        assert!(
            disk.hard_state.term >= term,
            "{from} shows a term it could forget"
        );
        self.terms_shown.insert(from, term);
        match message.body {
            Body::VoteReply {
                verdict: Verdict::Granted,
            } => {
                assert_eq!(
                    disk.hard_state.vote,
                    Some(to),
                    "{from} could forget its vote"
                );
                let first = *self.votes.entry((from, term)).or_insert(to);
                assert_eq!(first, to, "{from} voted twice in term {term}");
            }
            Body::AppendAccepted { match_index } => {
                let promised = raft.log().prefix_hash_at(match_index);
                let durable = disk.prefix_hash_at(match_index);
                assert_eq!(promised, durable, "{from} could forget what it accepted");
            }
            _ => {}
        }
    }

    /// State Machine Safety and the legality of commits: what a node has committed is the same
    /// everywhere, and a leader commits only what is on a majority of disks.
    pub(crate) fn committed<'a>(&mut self, host: &Host, disks: impl Iterator<Item = &'a Disk>) {
        let raft = host.raft.as_ref().unwrap();
        let commit_index = raft.commit_index();
        let hash = raft.log().prefix_hash_at(commit_index);
        let known = self.committed_index();
        if commit_index > known {
            let stored: Vec<bool> = disks
                .map(|disk| disk.prefix_hash_at(commit_index) == hash)
                .collect();
            let count = stored.iter().filter(|stored| **stored).count();
            let majority = 2 * count > stored.len();
            assert!(
                raft.role() != Role::Leader || majority,
                "{} on {count} disks",
                raft.id()
            );
            for entry in raft.log().slice(known + 1..commit_index + 1) {
                self.committed
                    .insert(entry.index, (entry.prefix_hash, raft.term()));
            }
        }
        if let Some((first, _)) = self.committed.get(&commit_index) {
            assert_eq!(Some(*first), hash, "State Machine Safety at {commit_index}");
        }
    }
}
