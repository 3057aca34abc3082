//! What can be seen of a node, its disk and a message, as scripts name it.
//!
//! A fact is a key and its value: `term 2`, `log 1-3@1 4@2`, or the key alone: `leader`. What a
//! script expects has to be among the facts.

mod messages;

use std::fmt::{Display, Write};
use std::ops::Deref;

use quorate::NodeId;
use quorate::raft::{Entry, Membership, Progress, ProgressState, Role, RoleChangeReason, Standing};

pub(super) use messages::of_message;

use super::disk::Disk;
use super::world::Host;

/// Everything that can be seen of a thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts(Vec<String>);

impl Facts {
    fn word(&mut self, word: &str) -> &mut Self {
        self.0.push(word.to_owned());
        self
    }

    fn value(&mut self, key: &str, value: impl Display) -> &mut Self {
        self.0.push(format!("{key} {value}"));
        self
    }
}

impl Deref for Facts {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

/// Every word that begins a fact; what follows up to the next is its value.
pub(super) const KEYS: [&str; 77] = [
    "leader",
    "follower",
    "pre-candidate",
    "candidate",
    "down",
    "term",
    "vote",
    "follows",
    "commit",
    "applied",
    "last",
    "first",
    "stable",
    "snapshot",
    "granted",
    "log",
    "state",
    "reads",
    "abandoned",
    "because",
    "quiesced",
    "awake",
    "voter",
    "learner",
    "witness",
    "outsider",
    "transferring",
    "writes",
    "probe",
    "replicate",
    "match",
    "next",
    "inflight",
    "bytes",
    "pending",
    "active",
    "inactive",
    "probing",
    "idle",
    "pre-vote",
    "pre-vote-reply",
    "vote-reply",
    "append",
    "accepted",
    "rejected",
    "heartbeat",
    "heartbeat-reply",
    "propose",
    "read",
    "read-reply",
    "transfer",
    "timeout-now",
    "quiesce",
    "at",
    "after",
    "entries",
    "cause",
    "hint",
    "index",
    "round",
    "id",
    "to",
    "refused",
    "with-state",
    "without-state",
    "command",
    "change",
    "voters",
    "outgoing",
    "learners",
    "learners-next",
    "witnesses",
    "auto-leave",
    "for",
    "nothing",
    "outcome",
    "sessions",
];

/// What can be seen of a node.
pub(super) fn of_host(host: &Host) -> Facts {
    let mut facts = Facts::default();
    let Some(raft) = &host.raft else {
        facts.word("down");
        return facts;
    };
    facts.word(role(raft.role()));
    facts
        .value("term", raft.term())
        .value("vote", or_none(raft.vote()));
    facts.value("follows", or_none(raft.leader()));
    facts
        .value("commit", raft.commit_index())
        .value("applied", raft.applied_index());
    facts
        .value("first", raft.log().first_index())
        .value("last", raft.last_index());
    facts.value("stable", raft.stable_index());
    facts.value("snapshot", raft.snapshot().position.index);
    if let Some(granted) = raft.votes_granted() {
        facts.value("granted", granted);
    }
    facts.value("transferring", or_none(raft.transferring_to()));
    facts.word(if raft.is_quiesced() {
        "quiesced"
    } else {
        "awake"
    });
    facts.word(standing(raft.standing()));
    facts.value("writes", host.writes.len());
    facts.value("log", log(raft.log().range(0..u64::MAX)));
    let state = host.state();
    facts
        .value("state", list(&state.commands))
        .value("sessions", state.sessions.len());
    facts.value("outcome", &state.outcome);
    let reads = host
        .seen
        .reads
        .iter()
        .map(|read| format!("{}@{}", read.id, read.index));
    facts.value("reads", list(reads));
    facts.value("abandoned", list(&host.seen.abandoned));
    facts.value("because", host.seen.because.map_or("nothing", reason));
    facts
}

/// What a leader believes of a member.
pub(super) fn of_progress(progress: &Progress) -> Facts {
    let mut facts = Facts::default();
    facts.word(match progress.state {
        ProgressState::Probe => "probe",
        ProgressState::Replicate => "replicate",
        ProgressState::Snapshot => "snapshot",
    });
    facts
        .value("match", progress.match_index)
        .value("next", progress.next_index);
    facts.value("inflight", progress.inflight.appends());
    facts.value("bytes", progress.inflight.bytes());
    facts.value("pending", progress.pending_snapshot);
    facts.word(if progress.is_active {
        "active"
    } else {
        "inactive"
    });
    facts.word(if progress.probe_sent {
        "probing"
    } else {
        "idle"
    });
    facts
}

/// What is durable.
pub(super) fn of_disk(disk: &Disk) -> Facts {
    let mut facts = Facts::default();
    facts
        .value("term", disk.hard_state.term)
        .value("vote", or_none(disk.hard_state.vote));
    facts
        .value("commit", disk.hard_state.commit_index)
        .value("last", disk.last_index());
    facts.value("snapshot", disk.snapshot.position.index);
    facts.value("log", log((disk.boundary.index + 1..).zip(&disk.entries)));
    facts
}

/// Who belongs to the group.
pub(super) fn of_membership(membership: &Membership) -> Facts {
    let mut facts = Facts::default();
    facts.value("voters", list(membership.incoming()));
    facts.value("outgoing", list(membership.outgoing()));
    facts.value("learners", list(membership.learners()));
    facts.value("learners-next", list(membership.learners_next()));
    facts.value("witnesses", list(membership.witnesses()));
    facts.value(
        "auto-leave",
        if membership.auto_leave() { "on" } else { "off" },
    );
    facts
}

/// Runs of one term: `1-3@1 4@2`.
fn log<'a>(entries: impl Iterator<Item = (u64, &'a Entry)>) -> String {
    let mut runs: Vec<(u64, u64, u64)> = Vec::new();
    for (index, entry) in entries {
        match runs.last_mut() {
            Some((_, last, term)) if *term == entry.term() => *last = index,
            _ => runs.push((index, index, entry.term())),
        }
    }
    list(runs.into_iter().map(|(first, last, term)| {
        if first == last {
            format!("{first}@{term}")
        } else {
            format!("{first}-{last}@{term}")
        }
    }))
}

fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut text = String::new();
    for item in items {
        let separator = if text.is_empty() { "" } else { " " };
        write!(text, "{separator}{item}").unwrap();
    }
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}

fn or_none(node: Option<NodeId>) -> String {
    node.map_or("none".to_owned(), |node| node.to_string())
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Follower => "follower",
        Role::PreCandidate => "pre-candidate",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Voter => "voter",
        Standing::Witness => "witness",
        Standing::Learner => "learner",
        Standing::Outsider => "outsider",
    }
}

fn reason(reason: RoleChangeReason) -> &'static str {
    match reason {
        RoleChangeReason::ElectionTimeout => "election-timeout",
        RoleChangeReason::CampaignRequested => "campaign-requested",
        RoleChangeReason::PreVoteWon => "pre-vote-won",
        RoleChangeReason::ElectionWon => "election-won",
        RoleChangeReason::ElectionLost => "election-lost",
        RoleChangeReason::HigherTermSeen => "higher-term-seen",
        RoleChangeReason::LeaderHeard => "leader-heard",
        RoleChangeReason::QuorumLost => "quorum-lost",
        RoleChangeReason::LeadershipOffered => "leadership-offered",
        RoleChangeReason::Removed => "removed",
    }
}
