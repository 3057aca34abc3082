//! Messages that no node of the script sends: from strangers, from the future, from liars.

use std::sync::Arc;

use quorate::Micros;
use quorate::raft::{
    Body, Boundary, Cause, Entries, EntryKind, Membership, Message, Snapshot, SnapshotContent,
    Verdict,
};

use super::Stop;
use super::wire::link;
use super::words::{Words, senseless};

/// `n9->n1 heartbeat term 7 commit 3`: what is not said is zero, or what is usual.
/// `prefix_hash_at` is the hash of the log at a position that is meant.
pub(super) fn message(
    words: &mut Words<'_>,
    prefix_hash_at: impl Fn((u64, u64)) -> u128,
) -> Result<Message, Stop> {
    let (from, to) = link(words.word("a link")?)?;
    let kind = words.word("a kind of message")?;
    let mut said = Said::parse(words)?;
    said.prefix_hash = prefix_hash_at(said.position);
    Ok(Message {
        from,
        to,
        term: said.term,
        body: said.body(kind)?,
    })
}

/// What is said of the message.
#[derive(Debug, Default)]
struct Said {
    term: u64,
    commit: u64,
    index: u64,
    round: u64,
    position: (u64, u64),
    prefix_hash: u128,
    is_refused: bool,
}

impl Said {
    fn parse(words: &mut Words<'_>) -> Result<Self, Stop> {
        let mut said = Self::default();
        while let Some(word) = words.next() {
            match word {
                "term" => said.term = words.number("a term")?,
                "commit" => said.commit = words.number("an index")?,
                "index" | "match" => said.index = words.number("an index")?,
                "round" => said.round = words.number("a round")?,
                "last" | "after" | "at" | "hint" => said.position = words.position()?,
                "refused" => said.is_refused = true,
                other => return Err(senseless("a part of a message", other)),
            }
        }
        Ok(said)
    }

    fn body(&self, kind: &str) -> Result<Body, Stop> {
        let (position_index, position_term) = self.position;
        let verdict = if self.is_refused {
            Verdict::Refused
        } else {
            Verdict::Granted
        };
        Ok(match kind {
            "pre-vote" => Body::PreVote {
                last_index: position_index,
                last_term: position_term,
            },
            "pre-vote-reply" => Body::PreVoteReply {
                verdict,
                proposed_term: self.index,
            },
            "vote" => Body::Vote {
                last_index: position_index,
                last_term: position_term,
                cause: Cause::Election,
            },
            "vote-reply" => Body::VoteReply { verdict },
            "append" => Body::Append {
                previous_index: position_index,
                previous_term: position_term,
                entries: Entries::none(self.prefix_hash),
                commit_index: self.commit,
            },
            "accepted" => Body::AppendAccepted {
                match_index: self.index,
            },
            "rejected" => Body::AppendRejected {
                rejected_index: self.index,
                hint_index: position_index,
                hint_term: position_term,
            },
            "heartbeat" => Body::Heartbeat {
                commit_index: self.commit,
                round: self.round,
                sent_at: Micros::ZERO,
            },
            "heartbeat-reply" => Body::HeartbeatReply {
                round: self.round,
                sent_at: Micros::ZERO,
            },
            "snapshot" => self.snapshot(),
            "propose" => Body::Propose {
                kind: EntryKind::Command,
                payload: Arc::from(&b"strange"[..]),
            },
            "propose-no-op" => Body::Propose {
                kind: EntryKind::NoOp,
                payload: Arc::default(),
            },
            "propose-broken-change" => Body::Propose {
                kind: EntryKind::Membership,
                payload: Arc::from(&b"\xff"[..]),
            },
            "read" => Body::Read { id: self.index },
            "timeout-now" => Body::TimeoutNow,
            "quiesce" => Body::Quiesce {
                commit_index: self.commit,
            },
            other => return Err(senseless("a kind of message", other)),
        })
    }

    /// A snapshot of a group that has nobody in it.
    fn snapshot(&self) -> Body {
        let (index, term) = self.position;
        let position = Boundary {
            index,
            term,
            prefix_hash: 1,
        };
        Body::Snapshot {
            snapshot: Arc::new(Snapshot {
                position,
                membership: Membership::default(),
            }),
            content: SnapshotContent::State,
        }
    }
}
