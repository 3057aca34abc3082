//! Raft, as a function of what happened.
//!
//! A group of voters agrees on a log: one of them is elected to lead a *term*, appends entries,
//! and an entry is *committed* once a majority has it on disk. Any two majorities share a voter,
//! so a later leader always knows what an earlier one committed. Ongaro and Ousterhout, "In
//! Search of an Understandable Consensus Algorithm" (2014), and Ongaro's dissertation (2014).
//!
//! The usual implementation is a thread with a clock, a disk and sockets, whose behaviour depends
//! on how they interleave; it can hardly be tested and never replayed. [`Raft`] has none of them.
//! It has one door, [`Raft::step`]: an [`Input`] and the time go in, [`Effects`] come out. The
//! host writes, sends, applies, and reports back with further inputs:
//!
//! ```text
//!            Tick, Receive, Propose, Campaign
//!   host ───────────────────────────────────────▶ step ──▶ send       ──▶ network
//!    ▲                                                 ──▶ persist io ──▶ disk ──▶ Persisted { io }
//!    │                                                 ──▶ committed  ──▶ state machine
//!    └──── one timer ◀──────────── next_deadline ◀─────┘                       ──▶ Applied { index }
//! ```
//!
//! # Rules of the house
//!
//! - A refused input changes nothing. All checks are in `door`, before the first change.
//! - A promise leaves the node only when it is durable. The node keeps it back itself, until the
//!   host reports the write it rests on (`storage`).
//! - An own vote and an own entry count like anybody else's: once durable.
//! - A leader commits by counting only what is of its own term (`leader`).
//! - A vote is forgotten only by moving to a higher term (`election`).
//!
//! # Layout
//!
//! Pure mathematics apart: `quorum`, `progress`, `entry`, `log`. One file per concern of the
//! state machine: `door`, `receive`, `election`, `leader`, `follower`, `storage`. What crosses the door:
//! `config`, `effects`, `message`, `error`.

mod config;
mod door;
mod effects;
mod election;
mod entry;
mod error;
mod follower;
mod leader;
mod log;
mod message;
mod progress;
pub mod quorum;
mod receive;
mod storage;

pub use config::{Config, MAX_VOTERS};
pub use effects::{
    Effects, HardState, Input, Persist, Restored, Role, RoleChange, RoleChangeReason,
};
pub use entry::{Entry, EntryKind};
pub use error::{ConfigError, StepError};
pub use log::{Boundary, Log};
pub use message::{Body, Message, Verdict};
pub use progress::{Progress, ProgressState};

use self::election::{ElectionTimer, Votes};
use self::leader::Leadership;
use self::storage::Storage;
use crate::{Micros, NodeId, Random};

/// Terms and indices from outside stay below this, so that counting on from them never overflows.
const COUNT_LIMIT: u64 = 1 << 62;

/// One voter of a group.
///
/// Cloning it clones the log's entries but shares their payloads.
#[derive(Clone, Debug)]
pub struct Raft {
    config: Config,
    random: Random,
    /// The latest term seen.
    term: u64,
    /// Whom this node voted for in `term`. Never cleared within a term.
    vote: Option<NodeId>,
    role_state: RoleState,
    /// Who is followed at the moment, possibly this node itself.
    leader: Option<NodeId>,
    /// Who is known to lead or have led `term`, followed or not: nobody else ever can.
    term_leader: Option<NodeId>,
    /// How long to wait for a leader; idle while leading.
    election_timer: ElectionTimer,
    log: Log,
    /// `boundary <= applied_index <= handed_index <= commit_index <= last_index`.
    commit_index: u64,
    /// What was handed out to be applied: committed, and durable here.
    handed_index: u64,
    applied_index: u64,
    storage: Storage,
    effects: Effects,
}

/// A role and what belongs to it alone.
#[derive(Clone, Debug)]
enum RoleState {
    Follower,
    PreCandidate(Votes),
    Candidate(Votes),
    Leader(Leadership),
}

impl Raft {
    /// A node with an empty disk or with what it finds there. It starts as a follower.
    ///
    /// Call [`Raft::step`] with [`Input::Tick`] at once: the effects say what is to be applied
    /// again and when the first deadline is. The log is hashed once, O(its bytes).
    pub fn new(config: Config, restored: Restored, now: Micros) -> Result<Self, ConfigError> {
        let config = config.checked()?;
        let Restored {
            hard_state,
            boundary,
            entries,
            applied_index,
        } = restored;
        in_range(boundary.index)?;
        let log = Log::restore(boundary, entries)?;
        // Entries become durable before the hard state of their write. If a crash came between,
        // they are of a term that the hard state does not know, in which this node never voted.
        let term = hard_state.term.max(log.last_term());
        let vote = hard_state.vote.filter(|_| term == hard_state.term);
        in_range(term)?;
        let (last_index, boundary_index) = (log.last_index(), boundary.index);
        let commit_index = hard_state
            .commit_index
            .max(applied_index)
            .max(boundary_index);
        if commit_index > last_index {
            return Err(ConfigError::IndexBeyondLog {
                index: commit_index,
                last_index,
            });
        }
        let applied_index = applied_index.max(boundary.index);
        let mut random = Random::new(config.seed);
        Ok(Self {
            election_timer: ElectionTimer::drawn(now, config.election_timeout, &mut random),
            config,
            random,
            term,
            vote,
            role_state: RoleState::Follower,
            leader: None,
            term_leader: None,
            storage: Storage::restored(&hard_state, log.last_index()),
            log,
            commit_index,
            handed_index: applied_index,
            applied_index,
            effects: Effects::default(),
        })
    }

    /// The door: something happened at `now`, and this is what the host has to do.
    ///
    /// `now` should not run backwards; if it does, deadlines come later. On an error nothing has
    /// changed. The effects are valid until the next step.
    pub fn step(&mut self, now: Micros, input: Input) -> Result<&Effects, StepError> {
        let fit = self.admit(&input)?;
        self.effects.clear();
        match input {
            Input::Tick => self.tick(now),
            Input::Receive(message) => self.receive(now, message, fit),
            Input::Propose { payload } => match self.leader {
                Some(leader) if leader != self.config.id => {
                    self.reply(leader, Body::Propose { payload });
                }
                _ => self.append_as_leader(EntryKind::Command, payload),
            },
            Input::Campaign => self.campaign(now, RoleChangeReason::CampaignRequested),
            Input::Persisted { io } => self.persisted(io, now),
            Input::Applied { index } => self.applied_index = index,
        }
        self.finish();
        Ok(&self.effects)
    }

    /// The settings. The voters are in order.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The name of this node.
    pub fn id(&self) -> NodeId {
        self.config.id
    }

    /// What the node is at the moment.
    pub fn role(&self) -> Role {
        match self.role_state {
            RoleState::Follower => Role::Follower,
            RoleState::PreCandidate(_) => Role::PreCandidate,
            RoleState::Candidate(_) => Role::Candidate,
            RoleState::Leader(_) => Role::Leader,
        }
    }

    /// The latest term seen. It may not be durable yet.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// Whom the node voted for in its term. It may not be durable yet.
    pub fn vote(&self) -> Option<NodeId> {
        self.vote
    }

    /// Whom the node follows, itself if it leads.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// How many voters have granted what the node campaigns for; `None` if it does not campaign.
    pub fn votes_granted(&self) -> Option<usize> {
        match &self.role_state {
            RoleState::PreCandidate(votes) | RoleState::Candidate(votes) => Some(votes.granted()),
            RoleState::Follower | RoleState::Leader(_) => None,
        }
    }

    /// Everything up to here is committed, as far as this node knows.
    pub fn commit_index(&self) -> u64 {
        self.commit_index
    }

    /// Everything up to here was reported as applied.
    pub fn applied_index(&self) -> u64 {
        self.applied_index
    }

    /// Where the log ends.
    pub fn last_index(&self) -> u64 {
        self.log.last_index()
    }

    /// The log equals the disk up to here.
    pub fn stable_index(&self) -> u64 {
        self.storage.stable_index()
    }

    /// The log, durable or not.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// What this node, as a leader, knows about another voter. `None` if it does not lead.
    pub fn progress(&self, peer: NodeId) -> Option<&Progress> {
        self.peer_progress(peer)
    }

    /// When the current wait for a leader began. `None` if this node leads.
    pub fn election_started(&self) -> Option<Micros> {
        (self.role() != Role::Leader).then_some(self.election_timer.started)
    }

    /// When the node will call an election unless it hears a leader. `None` if it leads.
    pub fn election_deadline(&self) -> Option<Micros> {
        (self.role() != Role::Leader).then(|| self.election_timer.deadline())
    }

    /// Sets the length of the current wait for a leader, for tests and lessons that need a
    /// certain node to be first. The next election draws its own again.
    pub fn set_randomized_election_timeout(&mut self, timeout: Micros) {
        self.election_timer.timeout = timeout;
    }

    /// When the node wants its next tick.
    pub fn next_deadline(&self) -> Micros {
        match &self.role_state {
            RoleState::Leader(leadership) => {
                leadership.heartbeat_deadline.min(self.quorum_deadline())
            }
            _ => self.election_timer.deadline(),
        }
    }

    fn tick(&mut self, now: Micros) {
        if let RoleState::Leader(_) = self.role_state {
            self.tick_as_leader(now);
        } else if now >= self.election_timer.deadline() {
            self.campaign(now, RoleChangeReason::ElectionTimeout);
        }
    }

    /// Changes the role and tells it.
    fn change_role(&mut self, role_state: RoleState, reason: RoleChangeReason) {
        let before = self.effects.role.map_or(self.role(), |change| change.from);
        self.role_state = role_state;
        let (to, term) = (self.role(), self.term);
        let change = RoleChange {
            from: before,
            to,
            term,
            reason,
        };
        self.effects.role = (before != to).then_some(change);
    }

    /// Ends a step: what is to be written, sent, applied, and when to come back.
    fn finish(&mut self) {
        let hard_state = HardState {
            term: self.term,
            vote: self.vote,
            commit_index: self.commit_index,
        };
        self.storage
            .finish(hard_state, &self.log, &mut self.effects);
        let ready = self
            .commit_index
            .min(self.storage.stable_index())
            .max(self.handed_index);
        self.effects.committed = self.handed_index + 1..ready + 1;
        self.handed_index = ready;
        self.effects.next_deadline = self.next_deadline();
    }
}

/// Refuses a restored term or index from which counting on could overflow.
fn in_range(value: u64) -> Result<(), ConfigError> {
    if value >= COUNT_LIMIT {
        return Err(ConfigError::OutOfRange { value });
    }
    Ok(())
}
