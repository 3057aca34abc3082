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
//!            Tick, Receive, Propose, Read, …
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
//! - A leader commits by counting only what is of its own term (`leader::commit`).
//! - A vote is forgotten only by moving to a higher term (`election`).
//! - A change of membership takes effect when it is applied, and who has one to apply does not
//!   campaign (`applied`).
//!
//! # Layout
//!
//! Pure mathematics apart: `quorum`, `membership`, `progress`, `entry`, `log`. One file per concern
//! of the state machine: `door`, `receive`, `election`, `follower`, `applied`, `storage`, `snapshot`,
//! `reads`, `quiesce`, and a room for the leader (`leader`). What crosses the door: `config`,
//! `effects`, `message`, `error`, and as bytes `encoding`. Beside it: `sessions`, for state machines.
//!
//! Every entry takes a dozen steps in a group of three, and most of them do little more than a call
//! costs. So what all of them do, and what those of replication do, is compiled into the door;
//! whatever is rare is kept out of it.

#![expect(
    clippy::inline_always,
    reason = "a fourth of the instructions per entry went into calls within a step"
)]

mod applied;
mod config;
mod door;
mod effects;
mod election;
mod encoding;
mod entry;
mod error;
mod follower;
mod leader;
mod log;
mod membership;
mod message;
mod progress;
mod quiesce;
pub mod quorum;
mod reads;
mod receive;
mod rules;
pub mod sessions;
mod snapshot;
mod storage;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

pub use config::{
    Config, Forwarding, MAX_BATCH, MAX_VOTERS, ReadPolicy, RemovalPolicy, Validation,
};
pub use effects::{
    Effects, HardState, Input, Persist, PersistPart, Read, Restored, Role, RoleChange,
    RoleChangeReason,
};
pub use encoding::{OutOfPlace, Record};
pub use entry::{Entries, Entry, EntryKind};
pub use error::{ConfigError, StepError};
pub use log::{Boundary, Log};
pub use membership::{
    MemberChange, Membership, MembershipChange, MembershipError, Standing, Transition,
};
pub use message::{Body, Cause, Message, Verdict};
pub use progress::{Inflight, Progress, ProgressState};
pub use rules::Rule;
pub use snapshot::{Snapshot, SnapshotContent, SnapshotOutcome};

use self::applied::Memberships;
use self::election::{ElectionTimer, Votes};
use self::leader::Leadership;
use self::reads::FollowerReads;
use self::storage::Storage;
use crate::{Micros, NodeId, Random};

/// Terms and indices from outside stay below this, so that counting on from them never overflows
/// and a term leaves room for the kind of an entry.
const COUNT_LIMIT: u64 = 1 << 61;

/// One member of a group.
///
/// Cloning it clones the log's entries but shares their payloads.
#[derive(Clone, Debug)]
pub struct Raft {
    config: Config,
    random: Random,
    /// The latest time that any step was told.
    now: Micros,
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
    /// With leases, a node that restarts votes for nobody before this.
    promised_until: Micros,
    /// No timer runs until something happens.
    is_quiesced: bool,
    log: Log,
    /// The entries of the last batch and the index of the first, to be shared.
    recent: Option<(u64, Entries)>,
    /// `boundary <= applied_index <= handed_index <= commit_index <= last_index`, except that a
    /// snapshot being installed is not applied yet.
    commit_index: u64,
    /// What was handed out to be applied: committed, and durable here.
    handed_index: u64,
    applied_index: u64,
    /// The last snapshot. `boundary <= snapshot <= handed_index`.
    snapshot: Arc<Snapshot>,
    /// The membership as of the applied index, and how it came about since the snapshot.
    memberships: Memberships,
    /// What this node is to that membership.
    standing: Standing,
    /// Entries above the applied index that change the membership, in order.
    pending_changes: VecDeque<u64>,
    reads: FollowerReads,
    /// Proposals kept back while leadership is being transferred, and their bytes.
    kept: Vec<(EntryKind, Arc<[u8]>)>,
    kept_bytes: u64,
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
    /// A node with what it finds on its disk. It starts as a follower.
    ///
    /// Call [`Raft::step`] with [`Input::Tick`] at once: the effects say what is to be applied
    /// again and when the first deadline is. The log is hashed once, O(its bytes).
    ///
    /// # Errors
    ///
    /// If a setting makes no sense, or what was found is not what a node that kept the rules of
    /// [`Persist`] can have left.
    pub fn new(config: Config, restored: Restored, now: Micros) -> Result<Self, ConfigError> {
        let config = config.checked()?;
        let Restored {
            hard_state,
            snapshot,
            boundary,
            entries,
            applied_index,
        } = restored;
        in_range(boundary.index)?;
        let log = Log::restore(boundary, entries)?;
        in_place(&snapshot, &log)?;
        // Entries become durable before the hard state of their write. If a crash came between,
        // they are of a term that the hard state does not know, in which this node never voted.
        let term = hard_state.term.max(log.last_term());
        let vote = hard_state.vote.filter(|_| term == hard_state.term);
        in_range(term)?;
        let applied_index = applied_index.max(snapshot.position.index);
        let commit_index = hard_state.commit_index.max(applied_index);
        if commit_index > log.last_index() {
            return Err(ConfigError::IndexBeyondLog {
                index: commit_index,
                last_index: log.last_index(),
            });
        }
        let mut random = Random::new(config.seed);
        let has_been_here = hard_state != HardState::default() || log.last_index() > 0;
        let promised_until = match config.reads {
            ReadPolicy::Lease { .. } if has_been_here => now + config.election_timeout,
            _ => now,
        };
        let mut raft = Self {
            election_timer: ElectionTimer::drawn(now, config.election_timeout, &mut random),
            config,
            random,
            now,
            term,
            vote,
            role_state: RoleState::Follower,
            leader: None,
            term_leader: None,
            promised_until,
            is_quiesced: false,
            storage: Storage::restored(&hard_state, log.last_index()),
            recent: None,
            commit_index,
            handed_index: applied_index,
            applied_index: snapshot.position.index,
            standing: Standing::Outsider,
            memberships: Memberships::since(&snapshot),
            snapshot: Arc::new(snapshot),
            pending_changes: VecDeque::new(),
            reads: FollowerReads::default(),
            kept: Vec::new(),
            kept_bytes: 0,
            log,
            effects: Effects::default(),
        };
        #[cfg(feature = "mutants")]
        {
            raft.storage.trusts_stale_writes = !raft.keeps(rules::Rule::StaleWriteProvesNothing);
        }
        raft.restore_changes(applied_index)?;
        Ok(raft)
    }

    /// The door: something happened at `now`, and this is what the host has to do.
    ///
    /// `now` should not run backwards; if it does, it stands still. The effects are the host's to
    /// take from, until the next step.
    ///
    /// # Errors
    ///
    /// If the input is refused. Nothing has changed then.
    // Not copied into its callers: they would copy the whole input in before they look at it.
    #[inline(never)]
    pub fn step(&mut self, now: Micros, input: Input) -> Result<&mut Effects, StepError> {
        match input {
            Input::Receive(message) => self.receive(now, message)?,
            Input::Persisted { io } => {
                self.admit_persisted(io)?;
                self.begin(now);
                self.persisted(io);
            }
            Input::Applied { index } => {
                self.admit_applied(index)?;
                self.begin(now);
                self.applied(index);
            }
            Input::Propose { payload } => {
                self.admit_commands(payload.len() as u64)?;
                self.begin(now);
                self.wake();
                self.propose(EntryKind::Command, payload);
            }
            input => self.act(now, input)?,
        }
        self.finish();
        Ok(&mut self.effects)
    }

    /// What the last step asked for, but for what the host has taken since.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }

    /// The same, for the host to take from.
    pub fn effects_mut(&mut self) -> &mut Effects {
        &mut self.effects
    }

    /// Begins a step that will not be refused.
    #[inline(always)]
    fn begin(&mut self, now: Micros) {
        self.now = self.now.max(now);
        self.effects.clear();
    }

    /// Admits an input that is not among the most frequent ones, and acts on it. Out of line, so
    /// that the others do not pay for what it needs.
    #[inline(never)]
    fn act(&mut self, now: Micros, input: Input) -> Result<(), StepError> {
        self.admit(now, &input)?;
        self.begin(now);
        if input.is_news() {
            self.wake();
        }
        match input {
            Input::Tick => self.tick(),
            Input::ProposeBatch { payloads } => self.propose_batch(payloads),
            Input::ProposeMembership { change } => {
                self.propose(EntryKind::Membership, change.encode());
            }
            Input::Read { id } => self.read(id),
            Input::TransferLeadership { to } => self.transfer_leadership(to),
            Input::Campaign => self.campaign(RoleChangeReason::CampaignRequested),
            Input::ForgetLeader => self.forget_leader(),
            Input::Quiesce => self.quiesce(),
            Input::SnapshotTaken { index } => self.snapshot_taken(index),
            Input::Compact { index } => self.compact(index),
            Input::SnapshotSent { to, outcome } => self.snapshot_sent(to, outcome),
            Input::Unreachable { peer } => self.unreachable(peer),
            Input::Receive(_)
            | Input::Persisted { .. }
            | Input::Applied { .. }
            | Input::Propose { .. } => unreachable!("the step acts on these itself"),
        }
        Ok(())
    }

    /// The settings.
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

    /// How many voters, of either half, have granted what the node campaigns for; `None` if it does not campaign.
    pub fn votes_granted(&self) -> Option<usize> {
        match &self.role_state {
            RoleState::PreCandidate(votes) | RoleState::Candidate(votes) => {
                Some(votes.granted(self.membership()))
            }
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

    /// Who belongs to the group, as of the applied index.
    pub fn membership(&self) -> &Membership {
        self.memberships.current()
    }

    /// What this node is to the group.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The last snapshot, taken here or installed.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// Whether no timer runs until something happens.
    pub fn is_quiesced(&self) -> bool {
        self.is_quiesced
    }

    /// When the node wants its next [`Input::Tick`], to be asked after every step: one timer is
    /// all a host needs. `None` if time means nothing to the node: it is quiesced, or can neither
    /// lead nor campaign.
    pub fn next_deadline(&self) -> Option<Micros> {
        if self.is_quiesced {
            return None;
        }
        match &self.role_state {
            RoleState::Leader(leadership) => Some(leadership.next_deadline(&self.config)),
            _ if self.is_electable() => Some(self.election_timer.deadline()),
            _ => None,
        }
    }

    fn tick(&mut self) {
        if self.is_quiesced {
            return;
        }
        if let RoleState::Leader(_) = self.role_state {
            self.tick_as_leader();
        } else if self.now >= self.election_timer.deadline() && self.is_electable() {
            if self.unapplied_change().is_some() {
                self.election_timer = self.draw_election_timer();
            } else {
                self.campaign(RoleChangeReason::ElectionTimeout);
            }
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
    #[inline(always)]
    fn finish(&mut self) {
        self.finish_storage();
        let ready = self
            .commit_index
            .min(self.storage.stable_index())
            .max(self.handed_index);
        self.effects.committed = self.handed_index + 1..ready + 1;
        if ready > self.handed_index {
            self.hand_out(ready);
        }
    }
}

/// Refuses a restored term or index from which counting on could overflow.
fn in_range(value: u64) -> Result<(), ConfigError> {
    if value >= COUNT_LIMIT {
        return Err(ConfigError::OutOfRange { value });
    }
    Ok(())
}

/// Refuses a snapshot that does not lie within the log.
fn in_place(snapshot: &Snapshot, log: &Log) -> Result<(), ConfigError> {
    if log.position(snapshot.position.index) == Some(snapshot.position) {
        return Ok(());
    }
    Err(ConfigError::SnapshotOutOfPlace {
        snapshot_index: snapshot.position.index,
        boundary_index: log.boundary().index,
        last_index: log.last_index(),
    })
}
