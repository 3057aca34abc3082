//! What can be seen of a message.

use quorate::raft::{
    Body, Boundary, Cause, EntryKind, MemberChange, MembershipChange, Message, Snapshot,
    SnapshotContent, Transition, Verdict,
};

use super::super::wire::kind_of;
use super::{Facts, list, log};

/// What a message says.
pub(in super::super) fn of_message(message: &Message) -> Facts {
    let mut facts = Facts::default();
    facts.word(kind_of(&message.body));
    of_body(&mut facts, &message.body);
    facts.value("term", message.term);
    facts
}

fn of_body(facts: &mut Facts, body: &Body) {
    let at = |index: u64, term: u64| format!("{index}@{term}");
    match body {
        Body::PreVote {
            last_index,
            last_term,
        } => {
            facts.value("last", at(*last_index, *last_term));
        }
        Body::Vote {
            last_index,
            last_term,
            cause,
        } => {
            facts.value("last", at(*last_index, *last_term));
            let cause = if *cause == Cause::Transfer {
                "transferred"
            } else {
                "election"
            };
            facts.value("cause", cause);
        }
        Body::PreVoteReply {
            verdict,
            proposed_term,
        } => {
            facts.word(verdict_of(*verdict)).value("for", proposed_term);
        }
        Body::VoteReply { verdict } => {
            facts.word(verdict_of(*verdict));
        }
        Body::Append {
            previous_index,
            previous_term,
            entries,
            commit_index,
        } => {
            facts.value("after", at(*previous_index, *previous_term));
            facts.value("entries", log((previous_index + 1..).zip(entries.iter())));
            facts.value("commit", commit_index);
        }
        Body::AppendAccepted { match_index } => {
            facts.value("match", match_index);
        }
        Body::AppendRejected {
            rejected_index,
            hint_index,
            hint_term,
        } => {
            facts
                .value("index", rejected_index)
                .value("hint", at(*hint_index, *hint_term));
        }
        Body::Commit { commit_index } | Body::Quiesce { commit_index } => {
            facts.value("commit", commit_index);
        }
        Body::Heartbeat {
            commit_index,
            round,
            ..
        } => {
            facts.value("commit", commit_index).value("round", round);
        }
        Body::HeartbeatReply { round, .. } => {
            facts.value("round", round);
        }
        Body::Snapshot { snapshot, content } => of_snapshot(facts, snapshot, *content),
        Body::Propose { kind, payload } => of_proposal(facts, *kind, payload),
        Body::Read { id } => {
            facts.value("id", id);
        }
        Body::ReadReply { id, index } => {
            facts.value("id", id).value("index", index);
        }
        Body::TransferLeadership { to } => {
            facts.value("to", to);
        }
        Body::TimeoutNow => {}
    }
}

fn of_snapshot(facts: &mut Facts, snapshot: &Snapshot, content: SnapshotContent) {
    let Boundary { index, term, .. } = snapshot.position;
    facts.value("at", format!("{index}@{term}"));
    facts.value("voters", list(snapshot.membership.incoming()));
    facts.value("learners", list(snapshot.membership.learners()));
    facts.word(match content {
        SnapshotContent::State => "with-state",
        SnapshotContent::PositionOnly => "without-state",
    });
}

fn of_proposal(facts: &mut Facts, kind: EntryKind, payload: &[u8]) {
    let key = match kind {
        EntryKind::Membership => "change",
        EntryKind::NoOp | EntryKind::Command => "command",
    };
    facts.value(key, text(kind, payload));
}

/// The payload of an entry, for people.
fn text(kind: EntryKind, payload: &[u8]) -> String {
    if kind == EntryKind::Membership
        && let Ok(change) = MembershipChange::decode(payload)
    {
        return self::change(&change);
    }
    String::from_utf8_lossy(payload).into_owned()
}

/// A change of membership, as a script proposes it.
fn change(change: &MembershipChange) -> String {
    let mut words: Vec<String> = Vec::new();
    for change in &change.changes {
        words.push(match change {
            MemberChange::AddVoter(node) => format!("add-voter {node}"),
            MemberChange::AddLearner(node) => format!("add-learner {node}"),
            MemberChange::AddWitness(node) => format!("add-witness {node}"),
            MemberChange::Remove(node) => format!("remove {node}"),
        });
    }
    words.push(match change.transition {
        Transition::Auto => "auto".to_owned(),
        Transition::Implicit => "implicit".to_owned(),
        Transition::Explicit => "explicit".to_owned(),
    });
    words.join(" ")
}

fn verdict_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Granted => "granted",
        Verdict::Refused => "refused",
    }
}
