//! The safety properties of the paper (Figure 3) and of durability, after every step.
//!
//! Logs are compared by their prefix hashes, so a step costs what it changed and not the length
//! of the logs.

use std::collections::BTreeMap;

use quorate::NodeId;
use quorate::raft::{Body, Effects, Message, Raft, Role, Standing, Verdict};

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
    /// What was committed when a read was asked for, by its name.
    asked: BTreeMap<u64, u64>,
    /// The reads that the last step served: what they must and what they do see.
    served: Vec<(u64, u64)>,
    reads_served: u64,
}

/// A node after its last step.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// What it was to its group; a witness applies even its own removal by itself.
    standing: Standing,
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

    /// A read is asked for, under this name.
    pub(crate) fn asked(&mut self, id: u64) {
        self.asked.insert(id, self.committed_index());
    }

    /// How many reads were served.
    pub(crate) fn reads_served(&self) -> u64 {
        self.reads_served
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
            standing: raft.standing(),
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
        // A snapshot stands for everything before it, and a witness applies nothing.
        let persist = effects.persist.as_ref();
        let installed = persist.and_then(|persist| persist.snapshot.as_ref());
        let handed = installed.map_or(0, |snapshot| snapshot.position.index);
        assert!(
            effects.committed.start == before.handed_index.max(handed) + 1
                || [before.standing, raft.standing()].contains(&Standing::Witness),
            "{id}: a gap in what to apply"
        );
        let handed_index = effects.committed.end - 1;
        assert!(
            effects.committed.is_empty()
                || handed_index <= raft.commit_index().min(raft.stable_index())
        );

        self.check_log(raft, before.last);
        let stable = raft.stable_index();
        let stable_hash = raft.log().prefix_hash_at(stable);
        assert!(
            disk.prefix_hash_at(stable) == stable_hash || stable < raft.log().boundary().index,
            "{id}: {stable} is not stable"
        );
        if raft.role() == Role::Leader {
            self.check_leader(raft);
        }
        for message in &effects.send {
            self.check_promise(message, raft, disk);
        }
        for read in &effects.reads {
            assert!(read.index <= raft.applied_index(), "{id} serves too early");
            let floor = self.asked.get(&read.id).copied().unwrap_or_default();
            self.served.push((floor, read.index));
            self.reads_served += 1;
        }
        let last_index = raft.last_index();
        let last = (last_index, raft.log().prefix_hash_at(last_index).unwrap());
        let (term, commit_index) = (raft.term(), raft.commit_index());
        self.seen.insert(
            id,
            Seen {
                standing: raft.standing(),
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
        for (index, entry) in raft.log().range(start..u64::MAX) {
            let (place, hash) = ((index, entry.term()), entry.prefix_hash());
            let known = self.prefixes.entry(place).or_insert(hash);
            assert_eq!(*known, hash, "Log Matching at {index}");
            assert!(entry.term() <= raft.term());
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
            let is_compacted = *index < raft.log().boundary().index;
            assert!(
                own == Some(*hash) || is_compacted,
                "Leader Completeness at {index} on {id}"
            );
        }
        for peer in raft.membership().members() {
            let progress = raft.progress(peer).unwrap();
            assert!(progress.match_index < progress.next_index);
            assert!(progress.next_index <= raft.last_index() + 1);
            assert!(progress.inflight.appends() <= raft.config().max_inflight_appends);
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
                assert!(
                    promised == durable || match_index < raft.log().boundary().index,
                    "{from} could forget what it accepted"
                );
            }
            _ => {}
        }
    }

    /// State Machine Safety and the legality of commits: what a node has committed is the same
    /// everywhere, and a leader commits only what is on a majority of disks.
    pub(crate) fn committed(&mut self, host: &Host, hosts: &BTreeMap<NodeId, Host>) {
        let raft = host.raft.as_ref().unwrap();
        let commit_index = raft.commit_index();
        let hash = raft.log().prefix_hash_at(commit_index);
        let known = self.committed_index();
        if commit_index > known {
            let stores = |voter: &&NodeId| hosts[*voter].disk.prefix_hash_at(commit_index) == hash;
            let is_majority = |voters: &[NodeId]| {
                voters.is_empty() || 2 * voters.iter().filter(stores).count() > voters.len()
            };
            let group = raft.membership();
            assert!(
                raft.role() != Role::Leader
                    || is_majority(group.incoming()) && is_majority(group.outgoing()),
                "{} commits {commit_index} without a quorum of disks",
                raft.id()
            );
            for (index, entry) in raft.log().range(known + 1..commit_index + 1) {
                self.committed
                    .insert(index, (entry.prefix_hash(), raft.term()));
            }
        }
        if let Some((first, _)) = self.committed.get(&commit_index) {
            assert_eq!(Some(*first), hash, "State Machine Safety at {commit_index}");
        }
        for read in &self.served {
            assert!(
                read.1 >= read.0,
                "a read that misses {} to {}",
                read.1,
                read.0
            );
        }
        self.served.clear();
    }
}
