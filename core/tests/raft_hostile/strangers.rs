//! Messages that make no sense, to nodes in every role.

use std::sync::Arc;

use quorate::raft::{
    Body, Boundary, Cause, Entries, Entry, EntryKind, Input, MemberChange, Membership,
    MembershipChange, Message, Raft, Snapshot, SnapshotContent, Verdict,
};
use quorate::{Micros, NodeId, Random};

use super::roles::{self, Posed};

/// Draws what somebody could send to a node that wants to harm it, or does not know better.
struct Stranger<'a> {
    random: &'a mut Random,
    raft: &'a Raft,
    /// Somebody else's log, that of the leader, if there is one to tell the truth from.
    log: &'a Raft,
}

impl Stranger<'_> {
    fn message(&mut self) -> Message {
        let to = if self.random.chance(20) {
            9
        } else {
            self.raft.id().0
        };
        let term = self.term();
        Message {
            from: NodeId(1 + self.random.below(8)),
            to: NodeId(to),
            term,
            body: self.body(term),
        }
    }

    fn term(&mut self) -> u64 {
        let term = self.raft.term();
        match self.random.below(40) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << 61,
            3 => (1 << 61) - 1,
            4..=8 => term.saturating_sub(1),
            9..=12 => term + 1,
            _ => term,
        }
    }

    fn index(&mut self) -> u64 {
        let raft = self.raft;
        let near = match self.random.below(5) {
            0 => raft.commit_index(),
            1 => raft.log().boundary().index,
            2 => self.log.last_index(),
            3 => raft.applied_index(),
            _ => raft.last_index(),
        };
        match self.random.below(24) {
            0 => 0,
            1 => u64::MAX,
            2 => (1 << 61) - 1,
            3..=7 => near + self.random.below(4),
            8..=12 => near.saturating_sub(self.random.below(4)),
            _ => near,
        }
    }

    /// The term that stands at an index, as a rule.
    fn term_at(&mut self, index: u64) -> u64 {
        let known = self
            .raft
            .log()
            .term_at(index)
            .or(self.log.log().term_at(index));
        match known {
            Some(term) if self.random.chance(850) => term,
            _ => self.term(),
        }
    }

    fn position(&mut self) -> (u64, u64) {
        let index = self.index();
        (index, self.term_at(index))
    }

    fn verdict(&mut self) -> Verdict {
        self.random.chance(600).into()
    }

    fn payload(&mut self) -> (EntryKind, Arc<[u8]>) {
        let node = NodeId(1 + self.random.below(7));
        match self.random.below(6) {
            0 => (EntryKind::NoOp, Arc::default()),
            1 => (EntryKind::Membership, [9, 9].as_slice().into()),
            2 => {
                let change = match self.random.below(4) {
                    0 => MemberChange::Remove(node),
                    1 => MemberChange::AddVoter(node),
                    2 => MemberChange::AddWitness(node),
                    _ => MemberChange::AddLearner(node),
                };
                (
                    EntryKind::Membership,
                    MembershipChange::one(change).encode(),
                )
            }
            _ => (EntryKind::Command, [7].as_slice().into()),
        }
    }

    fn entries(&mut self, previous_index: u64) -> Entries {
        let log = if self.random.chance(500) {
            self.log
        } else {
            self.raft
        }
        .log();
        let hash = log.prefix_hash_at(previous_index);
        let mut hash = hash.filter(|_| self.random.chance(950)).unwrap_or(7);
        let previous_hash = hash;
        let mut entries = Vec::new();
        for index in (0..self.random.below(4)).map(|at| previous_index.saturating_add(1 + at)) {
            let entry = match log.entry(index) {
                Some(entry) if self.random.chance(700) => {
                    (entry.term(), entry.kind(), Arc::clone(entry.payload()))
                }
                _ => {
                    let (kind, payload) = self.payload();
                    (self.term() % (1 << 61), kind, payload)
                }
            };
            let entry = Entry::new(hash, entry.0, entry.1, entry.2);
            hash = entry.prefix_hash();
            entries.push(entry);
        }
        Entries::new(previous_hash, entries).unwrap()
    }

    fn body(&mut self, term: u64) -> Body {
        match self.random.below(17) {
            0..=3 => self.ballot(term),
            4..=7 => self.append(),
            8 => Body::Commit {
                commit_index: self.index(),
            },
            9 => Body::Heartbeat {
                commit_index: self.index(),
                round: self.random.below(9),
                sent_at: Micros(self.random.below(3_000_000)),
            },
            10 => Body::HeartbeatReply {
                round: self.random.below(9),
                sent_at: Micros(self.random.below(3_000_000)),
            },
            11 => self.snapshot(),
            12 => {
                let (kind, payload) = self.payload();
                Body::Propose { kind, payload }
            }
            13 => Body::Read {
                id: self.random.below(4),
            },
            14 => Body::ReadReply {
                id: self.random.below(4),
                index: self.index(),
            },
            15 => Body::TransferLeadership {
                to: NodeId(1 + self.random.below(7)),
            },
            _ if self.random.chance(500) => Body::TimeoutNow,
            _ => Body::Quiesce {
                commit_index: self.index(),
            },
        }
    }

    fn ballot(&mut self, term: u64) -> Body {
        let (last_index, last_term) = self.position();
        let verdict = self.verdict();
        match self.random.below(4) {
            0 => Body::PreVote {
                last_index,
                last_term,
            },
            1 => Body::PreVoteReply {
                verdict,
                proposed_term: term.saturating_add(self.random.below(2)),
            },
            2 => Body::Vote {
                last_index,
                last_term,
                cause: if self.random.chance(500) {
                    Cause::Transfer
                } else {
                    Cause::Election
                },
            },
            _ => Body::VoteReply { verdict },
        }
    }

    fn append(&mut self) -> Body {
        let (index, term) = self.position();
        match self.random.below(4) {
            0 => Body::AppendAccepted { match_index: index },
            1 => {
                let rejected_index = self.index();
                Body::AppendRejected {
                    rejected_index,
                    hint_index: index,
                    hint_term: term,
                }
            }
            _ => Body::Append {
                previous_index: index,
                previous_term: term,
                entries: self.entries(index),
                commit_index: self.index(),
            },
        }
    }

    fn snapshot(&mut self) -> Body {
        let (index, term) = self.position();
        let known = self.log.log().prefix_hash_at(index);
        let prefix_hash = known.filter(|_| self.random.chance(900)).unwrap_or(3);
        let membership = match self.random.below(4) {
            0 => Membership::default(),
            1 => Membership::of_voters([NodeId(1), NodeId(7)]).unwrap(),
            _ => self.raft.membership().clone(),
        };
        Body::Snapshot {
            snapshot: Arc::new(Snapshot {
                position: Boundary {
                    index,
                    term,
                    prefix_hash,
                },
                membership,
            }),
            content: SnapshotContent::State,
        }
    }
}

/// What a host does in between.
fn own_input(random: &mut Random, raft: &Raft, last_io: u64) -> Input {
    match random.below(12) {
        0 | 1 => Input::Persisted { io: last_io },
        2 => Input::Applied {
            index: raft.commit_index(),
        },
        3 => Input::Propose {
            payload: [1].as_slice().into(),
        },
        4 => Input::Read {
            id: random.below(4),
        },
        5 => Input::Campaign,
        6 => Input::TransferLeadership {
            to: NodeId(1 + random.below(6)),
        },
        7 => Input::SnapshotTaken {
            index: raft.applied_index(),
        },
        8 => Input::Compact {
            index: raft.snapshot().position.index,
        },
        9 => Input::ForgetLeader,
        _ => Input::Tick,
    }
}

/// One input: if it is refused nothing has changed; if it is taken, what was promised still holds.
fn check(posed: &str, raft: &mut Raft, now: Micros, input: Input) -> Option<u64> {
    let before = raft.clone();
    let what = format!("{posed}, {input:?}");
    let result = raft
        .step(now, input)
        .map(|effects| effects.persist.as_ref().map(|it| it.io));
    let io = match result {
        Ok(io) => io,
        Err(error) => {
            assert_eq!(
                format!("{raft:?}"),
                format!("{before:?}"),
                "{what}: {error}"
            );
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    assert!(raft.term() >= before.term(), "{what}");
    assert!(raft.commit_index() >= before.commit_index(), "{what}");
    assert!(raft.applied_index() >= before.applied_index(), "{what}");
    assert!(raft.commit_index() <= raft.last_index(), "{what}");
    assert!(raft.applied_index() <= raft.commit_index(), "{what}");
    assert!(raft.stable_index() <= raft.last_index(), "{what}");
    if raft.term() == before.term() && before.vote().is_some() {
        assert_eq!(raft.vote(), before.vote(), "{what}");
    }
    // What is committed stays, unless a snapshot took its place.
    let committed = before.commit_index();
    let hash = raft.log().prefix_hash_at(committed);
    let is_same = hash == before.log().prefix_hash_at(committed);
    assert!(is_same || raft.log().boundary().index > committed, "{what}");
    io
}

#[test]
fn strangers_do_no_harm_in_any_role() {
    let truth = roles::led_group();
    for (number, Posed { name, raft, now }) in roles::all().into_iter().enumerate() {
        let mut random = Random::new(number as u64);
        let mut taken = 0;
        for _ in 0..150 {
            let (mut raft, mut now, mut last_io) = (raft.clone(), now, 0);
            for _ in 0..40 {
                let input = if random.chance(750) {
                    let mut stranger = Stranger {
                        random: &mut random,
                        raft: &raft,
                        log: truth.raft(1),
                    };
                    Input::Receive(stranger.message())
                } else {
                    now = now + Micros(random.below(60_000));
                    own_input(&mut random, &raft, last_io)
                };
                let term = raft.term();
                last_io = check(name, &mut raft, now, input).unwrap_or(last_io);
                taken += u64::from(raft.term() != term);
                if raft.term() > 1 << 60 {
                    break;
                }
            }
        }
        assert!(taken > 0, "{name} takes something");
    }
}
