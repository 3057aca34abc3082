//! What happened in a run, as far as it can be drawn: reigns, faults, roles, marks, messages.
//!
//! Kept outside of the world, so that the world stays small enough to copy. Going back in time
//! does not erase it; only acting in the past does, from there on. What grows with the run and is
//! only of interest nearby (messages, event rows) is kept for the recent past alone.

mod faults;

use std::collections::{BTreeMap, VecDeque};

use quorate::raft::{Role, RoleChangeReason};
use quorate::{Micros, NodeId};

use crate::notice::{Notice, NoticeKind};
use crate::scenario::Scenario;
use crate::snapshot::FlightKind;

pub use faults::FaultBand;

/// The history of one branch of a run.
#[derive(Clone, Debug)]
pub struct History {
    end: Micros,
    /// Notices of events up to this one are known already.
    last_event: u64,
    reigns: Vec<Reign>,
    faults: Vec<FaultBand>,
    marks: Vec<Mark>,
    roles: BTreeMap<NodeId, Vec<RoleSpan>>,
    messages: VecDeque<MessageTrace>,
    rows: VecDeque<EventRow>,
}

/// A leader and its term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reign {
    /// The leader.
    pub node: NodeId,
    /// Its term.
    pub term: u64,
    /// From its election.
    pub from: Micros,
    /// To its end; `None` if it still leads.
    pub to: Option<Micros>,
}

/// Something worth a mark on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Micros,
    /// In which event.
    pub event: u64,
    /// What.
    pub kind: MarkKind,
    /// At which node.
    pub node: Option<NodeId>,
    /// In words.
    pub text: String,
}

/// The kinds of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// A leader was elected.
    Election,
    /// A candidate's time ran out without a majority.
    SplitVote,
    /// The commit index rose.
    Commit,
    /// A replica merged something.
    Merge,
    /// A replica forgot removals.
    Prune,
    /// The fleet grows.
    ScaleOut,
    /// The fleet shrinks.
    ScaleIn,
    /// An invariant broke.
    Violation,
    /// Something was done from outside.
    Action,
}

/// What a node's lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneRole {
    /// A follower.
    Follower,
    /// Asks whether it could win.
    PreCandidate,
    /// Asks for votes.
    Candidate,
    /// Leads.
    Leader,
    /// A worker: no vote.
    Worker,
    /// Does not run.
    Off,
}

/// A node's role over a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSpan {
    /// From.
    pub from: Micros,
    /// To; `None` if it lasts.
    pub to: Option<Micros>,
    /// The role.
    pub role: LaneRole,
    /// The term; zero for a worker.
    pub term: u64,
}

/// A message, as a line of the space-time diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageTrace {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// When it left.
    pub sent: Micros,
    /// When it arrived, or would have.
    pub arrives: Micros,
    /// What it is.
    pub kind: FlightKind,
    /// Its term.
    pub term: u64,
    /// It did not arrive.
    pub lost: bool,
}

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// When.
    pub at: Micros,
    /// Its number.
    pub event: u64,
    /// Its kind, in one word.
    pub kind: &'static str,
    /// At which node.
    pub node: Option<NodeId>,
    /// In words.
    pub text: String,
}

/// Messages that are kept.
const MESSAGES: usize = 60_000;
/// Event rows that are kept.
const ROWS: usize = 4_000;
/// Commit and merge marks that are kept; the rarer ones are all kept.
const FREQUENT_MARKS: usize = 20_000;

impl History {
    /// Nothing yet: the voters follow, the workers do not exist.
    pub fn new(scenario: &Scenario) -> Self {
        let lane = |id: NodeId| {
            let voter = id.0 <= u64::from(scenario.voters);
            let role = if voter {
                LaneRole::Follower
            } else {
                LaneRole::Off
            };
            (
                id,
                vec![RoleSpan {
                    from: Micros::ZERO,
                    to: None,
                    role,
                    term: 0,
                }],
            )
        };
        Self {
            end: Micros::ZERO,
            last_event: 0,
            reigns: Vec::new(),
            faults: Vec::new(),
            marks: Vec::new(),
            roles: scenario.node_ids().map(lane).collect(),
            messages: VecDeque::new(),
            rows: VecDeque::new(),
        }
    }

    /// The furthest time reached on this branch.
    pub fn end(&self) -> Micros {
        self.end
    }

    /// Leaders by term, in order of time.
    pub fn reigns(&self) -> &[Reign] {
        &self.reigns
    }

    /// Faults, in order of their beginning.
    pub fn faults(&self) -> &[FaultBand] {
        &self.faults
    }

    /// Marks, in order of time.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// A node's roles, in order of time, without gaps.
    pub fn roles(&self, node: NodeId) -> &[RoleSpan] {
        self.roles.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The nodes that have a lane.
    pub fn lanes(&self) -> impl Iterator<Item = NodeId> + '_ {
        let ran = |spans: &[RoleSpan]| spans.iter().any(|span| span.role != LaneRole::Off);
        self.roles
            .iter()
            .filter(move |(_, spans)| ran(spans))
            .map(|(&node, _)| node)
    }

    /// Messages that were under way between two times, of those that are kept.
    pub fn messages_between(
        &self,
        from: Micros,
        to: Micros,
    ) -> impl Iterator<Item = &MessageTrace> + '_ {
        let first = self
            .messages
            .partition_point(|message| message.sent.0 + LONGEST.0 < from.0);
        let last = self.messages.partition_point(|message| message.sent <= to);
        self.messages
            .range(first.min(last)..last)
            .filter(move |message| message.arrives >= from)
    }

    /// Events in words, oldest first, of those that are kept.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &EventRow> + '_ {
        self.rows.iter()
    }

    /// What a person would want to know at an event: the last thing that was worth telling.
    pub(crate) fn status_at(&self, event: u64) -> String {
        let until = self.marks.partition_point(|mark| mark.event <= event);
        let telling = |mark: &&Mark| {
            !matches!(
                mark.kind,
                MarkKind::Commit | MarkKind::Merge | MarkKind::Prune
            )
        };
        let last = self.marks[..until].iter().rev().find(telling);
        last.map_or_else(
            || "Waiting for the first election.".into(),
            |mark| format!("{} s: {}.", mark.at, mark.text),
        )
    }

    /// Forgets everything after an event.
    pub(crate) fn truncate(&mut self, now: Micros, event: u64) {
        self.end = now;
        self.last_event = event;
        self.marks.retain(|mark| mark.event <= event);
        self.rows.retain(|row| row.event <= event);
        self.messages.retain(|message| message.sent <= now);
        self.reigns.retain(|reign| reign.from <= now);
        self.faults.retain(|fault| fault.from <= now);
        let reopen = |to: &mut Option<Micros>| {
            if to.is_some_and(|to| to > now) {
                *to = None;
            }
        };
        self.reigns
            .iter_mut()
            .for_each(|reign| reopen(&mut reign.to));
        self.faults
            .iter_mut()
            .for_each(|fault| reopen(&mut fault.to));
        for spans in self.roles.values_mut() {
            spans.retain(|span| span.from <= now);
            for span in spans {
                reopen(&mut span.to);
            }
        }
    }

    /// Up to which event everything is known.
    pub(crate) fn last_event(&self) -> u64 {
        self.last_event
    }

    /// Says how far the run has come.
    pub(crate) fn reached(&mut self, now: Micros, event: u64) {
        self.end = self.end.max(now);
        self.last_event = self.last_event.max(event);
    }

    /// Takes a notice, unless its event was taken before.
    pub(crate) fn record(&mut self, notice: &Notice) {
        if notice.event <= self.last_event {
            return;
        }
        match &notice.kind {
            NoticeKind::Sent {
                to,
                arrives,
                kind,
                term,
                lost,
            } => {
                self.sent(notice, *to, *arrives, *kind, *term, *lost);
            }
            NoticeKind::Caught { from, kind } => self.caught(notice, *from, *kind),
            NoticeKind::Role {
                from,
                to,
                term,
                reason,
            } => {
                self.role_changed(notice, *from, *to, *term, *reason);
            }
            NoticeKind::Term { term } => self.lane_of_term(notice, *term),
            NoticeKind::Committed {
                index,
                term,
                command,
            } => {
                let text = format!("commits {index} in term {term}: {command}");
                self.mark(notice, MarkKind::Commit, text);
            }
            NoticeKind::SetChanged { text } => self.row(notice, "set", text.clone()),
            NoticeKind::Merged {
                from,
                added,
                removed,
                events,
            } => {
                let events = if *events == 1 {
                    "1 event".into()
                } else {
                    format!("{events} events")
                };
                let text = format!("merges {events} of {from}: +{added} −{removed}");
                self.mark(notice, MarkKind::Merge, text);
            }
            NoticeKind::Pruned { records, bytes } => {
                let text = format!("prunes {records} records, {bytes} B");
                self.mark(notice, MarkKind::Prune, text);
            }
            NoticeKind::Decided {
                current,
                target,
                reason,
            } => {
                let kind = if target > current {
                    MarkKind::ScaleOut
                } else {
                    MarkKind::ScaleIn
                };
                self.mark(notice, kind, reason.clone());
            }
            // Its end says all of it.
            NoticeKind::Invoked { .. } => {}
            NoticeKind::Returned { performed } => {
                self.row(notice, "client", performed.to_string());
            }
            NoticeKind::Ordered => self.row(notice, "fleet", "is ordered and boots".into()),
            NoticeKind::Ready => {
                self.lane(notice, LaneRole::Worker, 0);
                self.row(notice, "fleet", "is ready".into());
            }
            NoticeKind::Draining => self.row(notice, "fleet", "drains".into()),
            NoticeKind::Stopped => {
                self.lane(notice, LaneRole::Off, 0);
                self.row(notice, "fleet", "is switched off".into());
            }
            NoticeKind::Acted { action } => self.acted(notice, action),
            NoticeKind::Impossible { text } => self.row(notice, "action", text.clone()),
            NoticeKind::Refused { text } => self.row(notice, "refused", text.clone()),
            NoticeKind::Violated { invariant, witness } => {
                self.mark(
                    notice,
                    MarkKind::Violation,
                    format!("{invariant} is broken: {witness}"),
                );
            }
        }
    }

    fn sent(
        &mut self,
        notice: &Notice,
        to: NodeId,
        arrives: Micros,
        kind: FlightKind,
        term: u64,
        lost: bool,
    ) {
        let Some(from) = notice.node else { return };
        if self.messages.len() == MESSAGES {
            self.messages.pop_front();
        }
        let sent = notice.at;
        self.messages.push_back(MessageTrace {
            from,
            to,
            sent,
            arrives,
            kind,
            term,
            lost,
        });
    }

    /// A message that was sent before a cut and arrives after it is lost after all.
    fn caught(&mut self, notice: &Notice, from: NodeId, kind: FlightKind) {
        let caught = |message: &&mut MessageTrace| {
            message.from == from
                && Some(message.to) == notice.node
                && message.arrives == notice.at
                && message.kind == kind
        };
        if let Some(message) = self.messages.iter_mut().rev().find(caught) {
            message.lost = true;
        }
    }

    fn role_changed(
        &mut self,
        notice: &Notice,
        from: Role,
        to: Role,
        term: u64,
        reason: RoleChangeReason,
    ) {
        let Some(node) = notice.node else { return };
        self.lane(notice, lane_role(to), term);
        if from == Role::Leader {
            self.end_reign(node, notice.at);
        }
        if from == Role::Candidate && reason == RoleChangeReason::ElectionTimeout {
            let text = format!("{node} found no majority in term {term}");
            self.mark(notice, MarkKind::SplitVote, text);
        }
        match to {
            Role::Leader => {
                self.reigns.push(Reign {
                    node,
                    term,
                    from: notice.at,
                    to: None,
                });
                self.mark(
                    notice,
                    MarkKind::Election,
                    format!("{node} leads term {term}"),
                );
            }
            Role::Follower => {
                self.row(
                    notice,
                    "role",
                    format!("follows in term {term}: {}", why(reason)),
                );
            }
            Role::PreCandidate => self.row(notice, "role", "asks whether it could win".into()),
            Role::Candidate => self.row(notice, "role", format!("asks for votes in term {term}")),
        }
    }

    fn mark(&mut self, notice: &Notice, kind: MarkKind, text: String) {
        self.row(notice, row_kind(kind), text.clone());
        let mark = Mark {
            at: notice.at,
            event: notice.event,
            kind,
            node: notice.node,
            text,
        };
        self.marks.push(mark);
        if self.marks.len() > 2 * FREQUENT_MARKS {
            self.thin_marks();
        }
    }

    /// Drops the older half of the frequent marks.
    fn thin_marks(&mut self) {
        let frequent = |mark: &Mark| matches!(mark.kind, MarkKind::Commit | MarkKind::Merge);
        let mut surplus = self
            .marks
            .iter()
            .filter(|mark| frequent(mark))
            .count()
            .saturating_sub(FREQUENT_MARKS);
        self.marks.retain(|mark| {
            let drop = surplus > 0 && frequent(mark);
            surplus -= usize::from(drop);
            !drop
        });
    }

    fn row(&mut self, notice: &Notice, kind: &'static str, text: String) {
        if self.rows.len() == ROWS {
            self.rows.pop_front();
        }
        let (at, event, node) = (notice.at, notice.event, notice.node);
        self.rows.push_back(EventRow {
            at,
            event,
            kind,
            node,
            text,
        });
    }

    fn lane(&mut self, notice: &Notice, role: LaneRole, term: u64) {
        let spans = notice.node.and_then(|node| self.roles.get_mut(&node));
        let Some(spans) = spans else { return };
        if let Some(last) = spans.last_mut() {
            last.to = Some(notice.at);
        }
        spans.push(RoleSpan {
            from: notice.at,
            to: None,
            role,
            term,
        });
    }

    /// The same role in a later term.
    fn lane_of_term(&mut self, notice: &Notice, term: u64) {
        let last = notice.node.and_then(|node| self.roles(node).last());
        if let Some(role) = last.map(|span| span.role) {
            self.lane(notice, role, term);
        }
    }

    fn end_reign(&mut self, node: NodeId, at: Micros) {
        let open = |reign: &&mut Reign| reign.node == node && reign.to.is_none();
        if let Some(reign) = self.reigns.iter_mut().rev().find(open) {
            reign.to = Some(at);
        }
    }
}

/// No message that is kept was under way for longer.
const LONGEST: Micros = Micros::from_secs(10);

fn lane_role(role: Role) -> LaneRole {
    match role {
        Role::Follower => LaneRole::Follower,
        Role::PreCandidate => LaneRole::PreCandidate,
        Role::Candidate => LaneRole::Candidate,
        Role::Leader => LaneRole::Leader,
    }
}

fn row_kind(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Election => "election",
        MarkKind::SplitVote => "split vote",
        MarkKind::Commit => "commit",
        MarkKind::Merge => "merge",
        MarkKind::Prune => "prune",
        MarkKind::ScaleOut | MarkKind::ScaleIn => "scale",
        MarkKind::Violation => "violation",
        MarkKind::Action => "action",
    }
}

fn why(reason: RoleChangeReason) -> &'static str {
    match reason {
        RoleChangeReason::ElectionTimeout => "its election timed out",
        RoleChangeReason::CampaignRequested => "a campaign was asked for",
        RoleChangeReason::PreVoteWon => "it won the pre-vote",
        RoleChangeReason::ElectionWon => "it was elected",
        RoleChangeReason::ElectionLost => "it lost the election",
        RoleChangeReason::HigherTermSeen => "a higher term was seen",
        RoleChangeReason::LeaderHeard => "a leader was heard",
        RoleChangeReason::QuorumLost => "no quorum was heard",
        RoleChangeReason::LeadershipOffered => "the leader made way for it",
        RoleChangeReason::Removed => "it is no longer a voter",
    }
}
