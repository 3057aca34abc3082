//! The links between nodes.
//!
//! A message has its fate drawn when it leaves: how long it takes, whether it is lost, whether it
//! arrives twice. A cut is looked at when it would arrive, so a partition also catches what is
//! under way. Lost messages stay in the picture until they would have arrived.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use quorate::crdt::{Entry, Epoch, SyncMessage};
use quorate::raft::{Body, Message, Verdict};
use quorate::{Micros, NodeId, Random};

use crate::clients::{Answer, Ask, Request};
use crate::reports::{Duty, Report};
use crate::scenario::NetworkSpec;
use crate::snapshot::{FlightKind, LinkState, LinkView};

/// What nodes send each other.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    Raft(Message),
    Sync(SyncMessage),
    Report(Box<Report>),
    /// A leader's word to a worker.
    Duty {
        term: u64,
        duty: Duty,
    },
    /// Entries of the membership log, for a worker that does not read the log itself.
    Admissions(Vec<(Epoch, Arc<Entry>)>),
    /// An entry that a replica wants in the membership log, on its way to a voter.
    Admission(Box<Entry>),
    Request(Request),
    Answer {
        request: u64,
        answer: Answer,
    },
}

/// A message under way.
#[derive(Clone, Debug)]
pub(crate) struct Flight {
    pub(crate) id: u64,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) sent: Micros,
    pub(crate) arrives: Micros,
    pub(crate) lost: bool,
    pub(crate) parcel: Parcel,
}

/// All links, and what is on them.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    spec: NetworkSpec,
    random: Random,
    cut: BTreeSet<(NodeId, NodeId)>,
    lossy: BTreeMap<(NodeId, NodeId), u32>,
    /// Messages under way by slot; a free slot is `None` and listed in `free`.
    slots: Vec<Option<Flight>>,
    free: Vec<u32>,
    sent: u64,
}

impl Network {
    /// Whole links.
    pub(crate) fn new(spec: NetworkSpec, seed: u64) -> Self {
        Self {
            spec,
            random: Random::new(seed),
            cut: BTreeSet::new(),
            lossy: BTreeMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            sent: 0,
        }
    }

    /// Sends a message; the slots to deliver, with their times. Two if it is duplicated.
    pub(crate) fn send(
        &mut self,
        now: Micros,
        from: NodeId,
        to: NodeId,
        parcel: Parcel,
    ) -> [Option<(Micros, u32)>; 2] {
        let second = self
            .random
            .chance(self.spec.duplicate_permille)
            .then(|| parcel.clone());
        let first = self.launch(now, from, to, parcel);
        [
            Some(first),
            second.map(|parcel| self.launch(now, from, to, parcel)),
        ]
    }

    /// Takes a message off the net when its time has come.
    pub(crate) fn take(&mut self, slot: u32) -> Option<Flight> {
        let flight = self.slots[slot as usize].take();
        if flight.is_some() {
            self.free.push(slot);
        }
        flight
    }

    /// The message in a slot.
    pub(crate) fn peek(&self, slot: u32) -> Option<&Flight> {
        self.slots[slot as usize].as_ref()
    }

    /// Whether nothing passes between two nodes.
    pub(crate) fn is_cut(&self, a: NodeId, b: NodeId) -> bool {
        self.cut.contains(&pair(a, b))
    }

    /// Cuts a link, both ways.
    pub(crate) fn cut(&mut self, a: NodeId, b: NodeId) {
        self.cut.insert(pair(a, b));
    }

    /// Makes a link whole again.
    pub(crate) fn mend(&mut self, a: NodeId, b: NodeId) {
        self.cut.remove(&pair(a, b));
        self.lossy.remove(&pair(a, b));
    }

    /// Makes a link lose messages.
    pub(crate) fn make_lossy(&mut self, a: NodeId, b: NodeId, permille: u32) {
        self.lossy.insert(pair(a, b), permille);
    }

    /// Makes every link whole again.
    pub(crate) fn heal(&mut self) {
        self.cut.clear();
        self.lossy.clear();
    }

    /// About how many bytes a copy takes.
    pub(crate) fn footprint(&self) -> usize {
        self.slots.len() * std::mem::size_of::<Option<Flight>>()
    }

    /// Messages under way, in the order they were sent.
    pub(crate) fn flights(&self) -> Vec<&Flight> {
        let mut flights: Vec<&Flight> = self.slots.iter().flatten().collect();
        flights.sort_unstable_by_key(|flight| flight.id);
        flights
    }

    /// Links that are not whole.
    pub(crate) fn broken_links(&self) -> Vec<LinkView> {
        let cut = self.cut.iter().map(|&(a, b)| LinkView {
            a,
            b,
            state: LinkState::Cut,
        });
        let lossy = self
            .lossy
            .iter()
            .filter(|(link, _)| !self.cut.contains(link));
        cut.chain(lossy.map(|(&(a, b), &permille)| LinkView {
            a,
            b,
            state: LinkState::Lossy(permille),
        }))
        .collect()
    }

    fn launch(&mut self, now: Micros, from: NodeId, to: NodeId, parcel: Parcel) -> (Micros, u32) {
        let latency = self
            .random
            .span(self.spec.latency_min, self.spec.latency_max);
        let link_loss = self.lossy.get(&pair(from, to)).copied().unwrap_or(0);
        let lost = self.random.chance(self.spec.loss_permille.max(link_loss));
        self.sent += 1;
        let flight = Flight {
            id: self.sent,
            from,
            to,
            sent: now,
            arrives: now + latency,
            lost: lost || self.is_cut(from, to),
            parcel,
        };
        let arrives = flight.arrives;
        (arrives, self.store(flight))
    }

    fn store(&mut self, flight: Flight) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(flight);
            return slot;
        }
        self.slots.push(Some(flight));
        u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 messages are under way at once")
    }
}

impl Parcel {
    /// What it is, as far as its picture goes.
    pub(crate) fn kind(&self) -> FlightKind {
        match self {
            Self::Raft(message) => match &message.body {
                Body::PreVote { .. } | Body::PreVoteReply { .. } => FlightKind::PreVote,
                Body::Vote { .. } | Body::VoteReply { .. } | Body::TimeoutNow => FlightKind::Vote,
                Body::Append { entries, .. } => FlightKind::Append {
                    entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
                },
                Body::AppendAccepted { .. }
                | Body::AppendRejected { .. }
                | Body::HeartbeatReply { .. } => FlightKind::Reply,
                Body::Commit { .. } | Body::Snapshot { .. } => FlightKind::Append { entries: 0 },
                Body::Heartbeat { .. } | Body::Quiesce { .. } => FlightKind::Heartbeat,
                Body::Propose { .. }
                | Body::Read { .. }
                | Body::ReadReply { .. }
                | Body::TransferLeadership { .. } => FlightKind::Proposal,
            },
            Self::Sync(
                SyncMessage::Ack { .. } | SyncMessage::Digest(_) | SyncMessage::Readmit { .. },
            ) => FlightKind::SetAck,
            Self::Sync(
                SyncMessage::Delta(_) | SyncMessage::Full(_) | SyncMessage::Admission { .. },
            ) => FlightKind::SetDelta,
            Self::Report(_)
            | Self::Duty { .. }
            | Self::Admissions(_)
            | Self::Admission(_)
            | Self::Request(_)
            | Self::Answer { .. } => FlightKind::Control,
        }
    }

    /// Its term; zero if it has none.
    pub(crate) fn term(&self) -> u64 {
        match self {
            Self::Raft(message) => message.term,
            Self::Duty { term, .. } => *term,
            _ => 0,
        }
    }

    /// A few words about it.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Raft(message) => match &message.body {
                Body::PreVote { .. } => "pre-vote?".into(),
                Body::PreVoteReply { verdict, .. } => format!("pre-vote {}", word(*verdict)),
                Body::Vote { .. } => format!("vote in term {}?", message.term),
                Body::VoteReply { verdict } => format!("vote {}", word(*verdict)),
                Body::Append {
                    previous_index,
                    entries,
                    ..
                } => match entries.len() as u64 {
                    0 => format!("probe {previous_index}"),
                    1 => format!("append {}", previous_index + 1),
                    n => format!("append {}–{}", previous_index + 1, previous_index + n),
                },
                Body::AppendAccepted { match_index } => format!("ok, match {match_index}"),
                Body::AppendRejected { rejected_index, .. } => {
                    format!("no match at {rejected_index}")
                }
                Body::Commit { commit_index } => format!("commit {commit_index}"),
                Body::Snapshot { snapshot, .. } => {
                    format!("snapshot to {}", snapshot.position.index)
                }
                Body::Heartbeat { commit_index, .. } => format!("heartbeat, commit {commit_index}"),
                Body::HeartbeatReply { .. } => "alive".into(),
                Body::Quiesce { .. } => "sleep".into(),
                Body::Propose { .. } => "proposal".into(),
                Body::Read { .. } => "read?".into(),
                Body::ReadReply { index, .. } => format!("read at {index}"),
                Body::TransferLeadership { to } => format!("let {to} lead"),
                Body::TimeoutNow => "stand for election".into(),
            },
            Self::Sync(SyncMessage::Ack { .. }) => "set ack".into(),
            Self::Sync(SyncMessage::Digest(_)) => "set digest".into(),
            Self::Sync(SyncMessage::Readmit { .. }) => "readmit?".into(),
            Self::Sync(SyncMessage::Delta(delta)) => {
                format!("set delta, {} B", delta.encoded_len())
            }
            Self::Sync(SyncMessage::Full(full) | SyncMessage::Admission { full, .. }) => {
                format!("full set, {} B", full.encoded_len())
            }
            Self::Report(_) => "metrics".into(),
            Self::Duty {
                duty: Duty::Drain, ..
            } => "drain".into(),
            Self::Duty {
                duty: Duty::Serve, ..
            } => "serve".into(),
            Self::Admissions(entries) => format!("{} changes of the sets' members", entries.len()),
            Self::Admission(_) => "a change of the sets' members".into(),
            Self::Request(request) => match request.ask {
                Ask::Open => "open a session".into(),
                Ask::Call { operation, .. } => operation.to_string(),
                Ask::Get { key } => format!("get k{key}"),
            },
            Self::Answer { answer, .. } => match answer {
                Answer::Opened { .. } => "session".into(),
                Answer::Done { index, .. } => format!("done at {index}"),
                Answer::Unavailable => "ask somebody else".into(),
                Answer::Expired => "no such session".into(),
            },
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Granted => "granted",
        Verdict::Refused => "refused",
    }
}

fn pair(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    (a.min(b), a.max(b))
}
