//! The properties of Raft, looked at after every step of every script.
//!
//! The observer stands outside: it remembers what was ever led, voted, shown, acknowledged and
//! committed, which no node can know. Logs are compared by the hashes of their prefixes, so a step
//! costs what it changed. A violation is told by the name of the property.

use std::collections::BTreeMap;

use quorate::NodeId;
use quorate::raft::{Body, Effects, Message, Raft, Role, SnapshotContent, Standing, Verdict};

use super::disk::Disk;

/// What everybody did so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Observer {
    /// Who ever led a term.
    leaders: BTreeMap<u64, NodeId>,
    /// Whom a node ever voted for in a term, in a message that left it.
    votes: BTreeMap<(NodeId, u64), NodeId>,
    /// The highest term in any message that left a node.
    terms_shown: BTreeMap<NodeId, u64>,
    /// The last acknowledgement that left a node: term, index, and hash of the log there.
    acked: BTreeMap<NodeId, (u64, u64, u128)>,
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
    role: Role,
    is_witness: bool,
    commit_index: u64,
    /// The last index that was handed out to be applied.
    handed_index: u64,
    /// The end of its log, and the hash there.
    last: (u64, u128),
}

/// Whether a property holds, and if not, which one.
type Finding = Result<(), String>;

fn holds(holds: bool, property: impl FnOnce() -> String) -> Finding {
    if holds { Ok(()) } else { Err(property()) }
}

impl Observer {
    /// The highest index that was ever committed anywhere.
    pub(super) fn committed_index(&self) -> u64 {
        self.committed
            .keys()
            .next_back()
            .copied()
            .unwrap_or_default()
    }

    /// The hash of the log at a position that was seen somewhere, or zero.
    pub(super) fn prefix_hash_at(&self, position: (u64, u64)) -> u128 {
        self.prefixes.get(&position).copied().unwrap_or_default()
    }

    /// A node starts with what its disk has.
    pub(super) fn started(&mut self, raft: &Raft) -> Finding {
        let id = raft.id();
        let shown = self.terms_shown.get(&id).copied().unwrap_or_default();
        holds(raft.term() >= shown, || {
            format!("Durability: {id} forgot term {shown}")
        })?;
        if let Some((term, index, hash)) = self.acked.get(&id)
            && raft.term() == *term
        {
            holds(has_prefix(raft, *index, *hash), || {
                format!("Durability: {id} forgot entry {index}, which it had acknowledged")
            })?;
        }
        let boundary = raft.log().boundary();
        let seen = Seen {
            term: raft.term(),
            role: Role::Follower,
            is_witness: raft.standing() == Standing::Witness,
            commit_index: 0,
            handed_index: raft.applied_index(),
            last: (boundary.index, boundary.prefix_hash),
        };
        self.seen.insert(id, seen);
        Ok(())
    }

    /// A node has taken a step.
    pub(super) fn stepped<'a>(
        &mut self,
        raft: &Raft,
        effects: &Effects,
        disks: impl Fn(NodeId) -> Option<&'a Disk>,
    ) -> Finding {
        let id = raft.id();
        let before = self.seen[&id];
        let disk = disks(id).ok_or("a node without a disk")?;
        check_order(raft, &before)?;
        check_stable(raft, disk)?;
        self.check_log(raft, &before)?;
        self.check_commit(raft, &before, disks)?;
        let handed_index = check_handed(raft, effects, &before)?;
        self.check_candidate(raft)?;
        if raft.role() == Role::Leader {
            self.check_leader(raft)?;
        }
        for message in &effects.send {
            self.check_promise(message, raft, disk)?;
        }
        let last = raft.log().last_index();
        let seen = Seen {
            term: raft.term(),
            role: raft.role(),
            is_witness: raft.standing() == Standing::Witness,
            commit_index: raft.commit_index(),
            handed_index,
            last: (last, raft.log().last_prefix_hash()),
        };
        self.seen.insert(id, seen);
        Ok(())
    }

    /// Log Matching: where index and term agree anywhere, all before agrees. A leader only
    /// appends. What was acknowledged stays while the term lasts.
    fn check_log(&mut self, raft: &Raft, before: &Seen) -> Finding {
        let (id, log) = (raft.id(), raft.log());
        let (checked, hash) = before.last;
        let is_unchanged = log.prefix_hash_at(checked) == Some(hash);
        let was_leader = before.role == Role::Leader && raft.role() == Role::Leader;
        holds(
            is_unchanged || checked < log.boundary().index || !was_leader,
            || format!("Leader Append-Only: {id} changed its log at {checked}"),
        )?;
        let start = if is_unchanged { checked + 1 } else { 0 };
        for (index, entry) in log.range(start..u64::MAX) {
            let (term, hash) = (entry.term(), entry.prefix_hash());
            let known = *self.prefixes.entry((index, term)).or_insert(hash);
            holds(known == hash, || {
                format!("Log Matching at {index}@{term} on {id}")
            })?;
            holds(term <= raft.term(), || {
                format!("Log Matching: {id} has an entry of term {term}")
            })?;
        }
        if let Some((term, index, hash)) = self.acked.get(&id)
            && *term == raft.term()
        {
            holds(has_prefix(raft, *index, *hash), || {
                format!("Durability: {id} took back entry {index}, which it had acknowledged")
            })?;
        }
        Ok(())
    }

    /// State Machine Safety, and the legality of commits: what a node has committed is the same
    /// everywhere and for ever, and a leader commits only what is durable on a quorum.
    fn check_commit<'a>(
        &mut self,
        raft: &Raft,
        before: &Seen,
        disks: impl Fn(NodeId) -> Option<&'a Disk>,
    ) -> Finding {
        let (id, commit_index) = (raft.id(), raft.commit_index());
        let is_news = commit_index > before.commit_index;
        if is_news && raft.role() == Role::Leader {
            let hash = raft.log().prefix_hash_at(commit_index);
            let has = |voter: &NodeId| {
                disks(*voter).is_some_and(|disk| {
                    disk.boundary.index > commit_index || disk.prefix_hash_at(commit_index) == hash
                })
            };
            let agrees = |half: &[NodeId]| {
                half.is_empty() || 2 * half.iter().filter(|voter| has(voter)).count() > half.len()
            };
            let membership = raft.membership();
            holds(
                agrees(membership.incoming()) && agrees(membership.outgoing()),
                || format!("Commit Legality: {id} commits {commit_index} without a durable quorum"),
            )?;
        }
        if is_news {
            for (index, entry) in raft.log().range(before.commit_index..commit_index + 1) {
                let known = self.committed.entry(index);
                let known = known.or_insert((entry.prefix_hash(), raft.term()));
                holds(known.0 == entry.prefix_hash(), || {
                    format!("State Machine Safety: {id} commits another entry {index}")
                })?;
            }
        }
        let committed = self.committed.get(&commit_index);
        holds(
            committed.is_none_or(|(hash, _)| has_prefix(raft, commit_index, *hash)),
            || format!("State Machine Safety: {id} lost the committed entry {commit_index}"),
        )
    }

    /// Who campaigns has applied every committed change of membership.
    fn check_candidate(&self, raft: &Raft) -> Finding {
        let id = raft.id();
        let started = self.seen[&id].role;
        if raft.role() != Role::Candidate || started == Role::Candidate {
            return Ok(());
        }
        let unapplied = raft.applied_index() + 1..raft.commit_index() + 1;
        let is_change = |(_, entry): &(u64, &quorate::raft::Entry)| {
            entry.kind() == quorate::raft::EntryKind::Membership
        };
        let change = raft.log().range(unapplied).find(is_change);
        holds(change.is_none(), || {
            format!("Membership Safety: {id} campaigns with a change to apply")
        })
    }

    /// Election Safety and Leader Completeness, and what a leader believes of its members.
    fn check_leader(&mut self, raft: &Raft) -> Finding {
        let (id, term) = (raft.id(), raft.term());
        let first = *self.leaders.entry(term).or_insert(id);
        holds(first == id, || {
            format!("Election Safety: {first} and {id} lead term {term}")
        })?;
        let is_earlier = |(_, (_, committed_in)): &(&u64, &(u128, u64))| *committed_in < term;
        let earlier = self.committed.iter().rev().find(is_earlier);
        if let Some((index, (hash, _))) = earlier {
            holds(has_prefix(raft, *index, *hash), || {
                format!("Leader Completeness: {id} lacks the committed entry {index}")
            })?;
        }
        for peer in raft.membership().members() {
            let Some(progress) = raft.progress(peer) else {
                return Err(format!("Progress: {id} has lost sight of {peer}"));
            };
            let is_sane = progress.match_index < progress.next_index
                && (progress.next_index <= raft.last_index() + 1);
            holds(is_sane, || {
                format!("Progress of {peer} on {id}: {progress:?}")
            })?;
        }
        Ok(())
    }

    /// What leaves a node is true of its disk.
    fn check_promise(&mut self, message: &Message, raft: &Raft, disk: &Disk) -> Finding {
        let Message { from, to, term, .. } = *message;
        let is_durable = disk.hard_state.term.max(last_term(disk)) >= term;
        holds(is_durable, || {
            format!("Durability: {from} shows term {term}, not yet on disk")
        })?;
        let shown = self.terms_shown.entry(from).or_default();
        *shown = term.max(*shown);
        match &message.body {
            Body::VoteReply {
                verdict: Verdict::Granted,
            } => {
                holds(disk.hard_state.vote == Some(to), || {
                    format!("Durability: {from} could forget its vote for {to}")
                })?;
                self.voted(from, term, to)?;
            }
            Body::Vote { .. } => self.voted(from, term, from)?,
            Body::AppendAccepted { match_index } => {
                let hash = raft.log().prefix_hash_at(*match_index);
                let is_durable =
                    disk.prefix_hash_at(*match_index) == hash || *match_index < disk.boundary.index;
                holds(is_durable, || {
                    format!("Durability: {from} could forget {match_index}")
                })?;
                if let Some(hash) = hash {
                    self.acked.insert(from, (term, *match_index, hash));
                }
            }
            Body::Append { .. } | Body::Heartbeat { .. } => {
                holds(self.leaders.get(&term) == Some(&from), || {
                    format!("Election Safety: {from} speaks for term {term}, which it never led")
                })?;
            }
            Body::Snapshot { content, .. } => {
                let is_witness = raft.membership().standing(to) == Standing::Witness;
                holds(
                    is_witness == (*content == SnapshotContent::PositionOnly),
                    || format!("Witness: {from} sends {to} the wrong kind of snapshot"),
                )?;
            }
            _ => {}
        }
        Ok(())
    }

    fn voted(&mut self, voter: NodeId, term: u64, candidate: NodeId) -> Finding {
        let first = *self.votes.entry((voter, term)).or_insert(candidate);
        holds(first == candidate, || {
            format!("Vote Uniqueness: {voter} voted for {first} and {candidate} in term {term}")
        })
    }
}

/// Terms and commits only rise, and boundary, applied, commit and end of the log are in order.
fn check_order(raft: &Raft, before: &Seen) -> Finding {
    let id = raft.id();
    holds(raft.term() >= before.term, || {
        format!("Monotonic: the term of {id} fell")
    })?;
    holds(raft.commit_index() >= before.commit_index, || {
        format!("Monotonic: the commit index of {id} fell")
    })?;
    let (applied_index, commit_index) = (raft.applied_index(), raft.commit_index());
    holds(
        applied_index <= commit_index && commit_index <= raft.last_index(),
        || {
            format!(
                "State Ordering: {id} has applied {applied_index}, committed {commit_index} of {}",
                raft.last_index()
            )
        },
    )
}

/// Entries are handed out to be applied once, in order, committed and durable.
fn check_handed(raft: &Raft, effects: &Effects, before: &Seen) -> Result<u64, String> {
    let id = raft.id();
    if effects
        .persist
        .as_ref()
        .is_some_and(|write| write.snapshot.is_some())
    {
        return Ok(raft.snapshot().position.index);
    }
    if before.is_witness {
        holds(effects.committed.is_empty(), || {
            format!("Applied Order: {id} is a witness")
        })?;
        return Ok(effects.committed.end - 1);
    }
    let handed_index = effects.committed.end - 1;
    holds(effects.committed.start == before.handed_index + 1, || {
        format!(
            "Applied Order: {id} has a gap after {}",
            before.handed_index
        )
    })?;
    let limit = raft
        .commit_index()
        .min(raft.stable_index())
        .max(before.handed_index);
    holds(handed_index <= limit, || {
        format!("Applied Order: {id} is handed {handed_index}, which is not settled")
    })?;
    Ok(handed_index)
}

/// What a node takes for durable is.
fn check_stable(raft: &Raft, disk: &Disk) -> Finding {
    let stable = raft.stable_index();
    let is_stable = stable < raft.log().boundary().index
        || disk.prefix_hash_at(stable) == raft.log().prefix_hash_at(stable);
    holds(is_stable, || {
        format!("Durability: {} takes {stable} for durable", raft.id())
    })
}

/// Whether the log has, or had before it was compacted, this prefix.
fn has_prefix(raft: &Raft, index: u64, hash: u128) -> bool {
    index < raft.log().boundary().index || raft.log().prefix_hash_at(index) == Some(hash)
}

fn last_term(disk: &Disk) -> u64 {
    disk.entries
        .back()
        .map_or(disk.boundary.term, quorate::raft::Entry::term)
}
