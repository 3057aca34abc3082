//! The four safety properties of Raft (Ongaro and Ousterhout 2014, figure 3), in the form of
//! checks that cost as much as what changed.

use std::collections::BTreeMap;

use quorate::NodeId;
use quorate::raft::{Entry, Log};
use xxhash_rust::xxh3::xxh3_64;

use super::{Invariant, Ledger};

/// What has been seen of elections, logs and commits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Consensus {
    /// The leader of every term that had one.
    leaders: BTreeMap<u64, NodeId>,
    /// What is known of the entry with an index and a term, wherever it was first seen.
    ///
    /// If equal keys always have equal content and an equal term before them, then by induction
    /// two logs that share an entry share everything before it.
    entries: BTreeMap<(u64, u64), Link>,
    /// The committed entries, by index from 1.
    committed: Vec<Committed>,
    /// The digest of the state machine after each applied index, from 1.
    digests: Vec<Option<u64>>,
}

/// An entry's content and the term of the entry before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    content: u64,
    previous_term: u64,
}

/// A committed entry.
#[derive(Clone, Copy, Debug)]
struct Committed {
    term: u64,
    content: u64,
    /// The lowest term in which somebody is known to have committed it.
    in_term: u64,
}

impl Consensus {
    /// A node became leader.
    pub(crate) fn elected(&mut self, ledger: &mut Ledger, node: NodeId, term: u64, log: &Log) {
        let first = *self.leaders.entry(term).or_insert(node);
        let broken = (first != node)
            .then(|| format!("term {term} has two leaders: {first} was elected first, now {node}"));
        ledger.check(Invariant::ElectionSafety, broken);
        self.check_complete(ledger, node, term, log);
    }

    /// A leader spoke for its term.
    pub(crate) fn spoke_as_leader(&self, ledger: &mut Ledger, node: NodeId, term: u64) {
        let elected = self.leaders.get(&term).copied();
        let broken = (elected != Some(node)).then(|| match elected {
            Some(leader) => format!("{node} acts as leader of term {term}, which {leader} leads"),
            None => format!("{node} acts as leader of term {term} without having been elected"),
        });
        ledger.check(Invariant::ElectionSafety, broken);
    }

    /// Entries were put into a node's log.
    pub(crate) fn appended(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        first_index: u64,
        entries: &[Entry],
        log: &Log,
    ) {
        for (index, entry) in (first_index..).zip(entries) {
            let previous_term = log.term_at(index - 1).unwrap_or(0);
            let term = entry.term();
            let link = Link {
                content: content(entry),
                previous_term,
            };
            let first = *self.entries.entry((index, term)).or_insert(link);
            let broken = (first != link).then(|| {
                format!(
                    "{node} has another entry at index {index} of term {term} than was seen first"
                )
            });
            ledger.check(Invariant::LogMatching, broken);
        }
    }

    /// A node in `term` learnt that an entry is committed.
    pub(crate) fn committed(
        &mut self,
        ledger: &mut Ledger,
        node: NodeId,
        term: u64,
        (index, entry): (u64, &Entry),
    ) {
        let now = Committed {
            term: entry.term(),
            content: content(entry),
            in_term: term,
        };
        let (at, known) = (slot(index), self.committed.len());
        let broken = match self.committed.get_mut(at) {
            None if at == known => {
                self.committed.push(now);
                None
            }
            None => Some(format!(
                "{node} commits index {index} while {known} is the highest known to be committed"
            )),
            Some(first) => {
                first.in_term = first.in_term.min(term);
                let differs = first.term != now.term || first.content != now.content;
                differs.then(|| {
                    format!(
                        "{node} commits an entry of term {} at index {index}, where one of term {} \
                         is committed",
                        now.term, first.term
                    )
                })
            }
        };
        ledger.check(Invariant::StateMachineSafety, broken);
    }

    /// A leader must hold what was committed before its term. Asked at its election, and again of
    /// every live leader when something is committed late in an older term.
    pub(crate) fn check_complete(&self, ledger: &mut Ledger, node: NodeId, term: u64, log: &Log) {
        let earlier = self.committed.partition_point(|entry| entry.in_term < term);
        let broken = self.committed[..earlier].last().and_then(|entry| {
            let index = earlier as u64;
            (log.term_at(index) != Some(entry.term)).then(|| {
                format!(
                    "{node} leads term {term} without the entry of term {} that was committed at \
                     index {index}",
                    entry.term
                )
            })
        });
        ledger.check(Invariant::LeaderCompleteness, broken);
    }

    /// A node applied the entry at an index and its state machine has this digest since.
    pub(crate) fn applied(&mut self, ledger: &mut Ledger, node: NodeId, index: u64, digest: u64) {
        let at = slot(index);
        if self.digests.len() <= at {
            self.digests.resize(at + 1, None);
        }
        let first = *self.digests[at].get_or_insert(digest);
        let broken = (first != digest)
            .then(|| format!("{node} is in another state after index {index} than others were"));
        ledger.check(Invariant::StateMachineSafety, broken);
    }

    /// Whether the entry contradicts what is committed at its index.
    pub(crate) fn contradicts(&self, index: u64, term: u64) -> bool {
        index > 0
            && self
                .committed
                .get(slot(index))
                .is_some_and(|entry| entry.term != term)
    }
}

fn slot(index: u64) -> usize {
    usize::try_from(index - 1).expect("a simulated log fits into memory")
}

/// A hash of what the entry says, made without the kernel's own.
fn content(entry: &Entry) -> u64 {
    xxh3_64(entry.payload()) ^ entry.kind() as u64
}

#[cfg(test)]
mod tests {
    //! Every checker against a cluster that breaks its property.

    use std::sync::Arc;

    use quorate::Micros;
    use quorate::raft::{Config, EntryKind, HardState, Membership, Raft, Restored};

    use super::*;

    const A: NodeId = NodeId(1);
    const B: NodeId = NodeId(2);

    /// A node whose log has entries of these terms; the payload tells who wrote it.
    fn node(id: NodeId, terms: &[u64], writer: u8) -> Raft {
        let mut entries: Vec<Entry> = Vec::new();
        for &term in terms {
            let previous = entries.last().map_or(0, Entry::prefix_hash);
            let payload: Arc<[u8]> = Arc::from([writer]);
            entries.push(Entry::new(previous, term, EntryKind::Command, payload));
        }
        let group = Membership::of_voters([A, B, NodeId(3)]).unwrap();
        let term = terms.last().copied().unwrap_or(0);
        let hard_state = HardState {
            term,
            ..HardState::default()
        };
        let restored = Restored {
            hard_state,
            entries,
            ..Restored::fresh(group)
        };
        Raft::new(Config::new(id), restored, Micros::ZERO).unwrap()
    }

    fn entries(raft: &Raft) -> Vec<Entry> {
        let entries = raft.log().range(1..raft.last_index() + 1);
        entries.map(|(_, entry)| entry.clone()).collect()
    }

    #[test]
    fn two_leaders_of_one_term_are_seen() {
        let (mut consensus, mut ledger) = (Consensus::default(), Ledger::default());
        let (a, b) = (node(A, &[1], 0), node(B, &[1], 0));
        consensus.elected(&mut ledger, A, 2, a.log());
        consensus.elected(&mut ledger, A, 2, a.log());
        assert!(ledger.broken().is_empty());
        consensus.elected(&mut ledger, B, 2, b.log());
        assert_eq!(ledger.broken(), [Invariant::ElectionSafety]);
        consensus.spoke_as_leader(&mut ledger, B, 3);
        assert_eq!(ledger.broken().len(), 2);
    }

    #[test]
    fn logs_that_agree_on_an_entry_and_not_before_it_are_seen() {
        let (mut consensus, mut ledger) = (Consensus::default(), Ledger::default());
        let (a, b) = (node(A, &[1, 1, 3], 0), node(B, &[1, 2, 3], 0));
        consensus.appended(&mut ledger, A, 1, &entries(&a), a.log());
        consensus.appended(&mut ledger, A, 1, &entries(&a), a.log());
        assert!(ledger.broken().is_empty());
        consensus.appended(&mut ledger, B, 1, &entries(&b), b.log());
        assert_eq!(ledger.broken(), [Invariant::LogMatching]);
    }

    #[test]
    fn another_command_at_the_same_place_is_seen() {
        let (mut consensus, mut ledger) = (Consensus::default(), Ledger::default());
        let (a, b) = (node(A, &[1], 7), node(B, &[1], 8));
        consensus.appended(&mut ledger, A, 1, &entries(&a), a.log());
        consensus.appended(&mut ledger, B, 1, &entries(&b), b.log());
        consensus.committed(&mut ledger, A, 1, (1, &entries(&a)[0]));
        consensus.committed(&mut ledger, B, 1, (1, &entries(&b)[0]));
        let expected = [Invariant::LogMatching, Invariant::StateMachineSafety];
        assert_eq!(ledger.broken(), expected);
    }

    #[test]
    fn a_leader_without_what_was_committed_is_seen() {
        let (mut consensus, mut ledger) = (Consensus::default(), Ledger::default());
        let (a, b) = (node(A, &[1, 2], 0), node(B, &[1], 0));
        for (index, entry) in (1..).zip(&entries(&a)) {
            consensus.committed(&mut ledger, A, 2, (index, entry));
        }
        consensus.elected(&mut ledger, A, 3, a.log());
        assert!(ledger.broken().is_empty());
        consensus.elected(&mut ledger, B, 4, b.log());
        assert_eq!(ledger.broken(), [Invariant::LeaderCompleteness]);
    }

    #[test]
    fn state_machines_that_part_are_seen() {
        let (mut consensus, mut ledger) = (Consensus::default(), Ledger::default());
        consensus.applied(&mut ledger, A, 1, 10);
        consensus.applied(&mut ledger, B, 1, 10);
        assert!(ledger.broken().is_empty());
        consensus.applied(&mut ledger, B, 2, 11);
        consensus.applied(&mut ledger, A, 2, 12);
        assert_eq!(ledger.broken(), [Invariant::StateMachineSafety]);
    }
}
