//! Election Safety, votes, and elections that nothing called for.

use quorate::raft::Role;
use quorate::{Micros, NodeId};

use super::commits::{Reign, is_quorum, list};
use super::{Consensus, Finding, Ledger};
use crate::observer::Invariant;

/// So many reigns are kept, at least: nobody stands for a term that every disk has left behind.
const REIGNS: usize = 256;

/// Something that may call for elections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// It is over: a node was restarted, the links are whole again, somebody campaigned.
    Passing,
    /// It lasts until a passing one is told: a node is down, a link is cut or loses messages.
    Lasting,
}

/// The terms of a cluster that nothing disturbs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Churn {
    /// How long the consequences of a disturbance may last; `None` if there is always one.
    patience: Option<Micros>,
    /// When the last disturbance ended; `None` while one lasts.
    quiet_since: Option<Micros>,
    /// The highest term seen.
    term: u64,
}

impl Churn {
    pub(super) fn new(patience: Option<Micros>) -> Self {
        Self {
            patience,
            quiet_since: Some(Micros::ZERO),
            term: 0,
        }
    }

    /// Something has happened that may end a reign, unless something lasts that does.
    pub(super) fn settle_again(&mut self, now: Micros) {
        self.quiet_since = self.quiet_since.map(|since| since.max(now));
    }

    /// The highest term seen.
    pub(super) fn term(&self) -> u64 {
        self.term
    }

    /// How long the consequences of a disturbance may last; `None` if there is always one.
    pub(super) fn patience(&self) -> Option<Micros> {
        self.patience
    }
}

/// The ballots of so many terms before the last election are kept.
const BALLOTS: u64 = 256;

impl Consensus {
    /// A node became leader.
    pub(super) fn elected(&mut self, ledger: &mut Ledger, id: NodeId, term: u64) {
        let commit_index = self.host(id).commit_index;
        let reign = self.reigns.entry(term).or_insert(Reign {
            leader: id,
            commit_index,
            has_committed: false,
        });
        let first = reign.leader;
        let broken = (first != id).then(|| {
            let words =
                format!("term {term} has two leaders: {first} was elected first, now {id} is");
            Finding::about([id, first], words)
        });
        ledger.check(Invariant::ElectionSafety, broken);
        self.transfer.take_if(|(_, to)| *to == id);
        self.check_complete(ledger, id, term);
        self.check_votes(ledger, id, term);
        self.check_own_ballot(ledger, id, term);
        // Votes that a paused node took in late may make it the leader of a term that is long over.
        let oldest = term.saturating_sub(BALLOTS);
        self.ballots = self.ballots.split_off(&(oldest, NodeId(0)));
        self.forget_reigns();
    }

    /// Who wins must have the votes of a quorum of voters; its own counts if it votes.
    fn check_votes(&self, ledger: &mut Ledger, id: NodeId, term: u64) {
        let mut votes = self.ballots.get(&(term, id)).cloned().unwrap_or_default();
        votes.push(id);
        let group = self.membership_at(self.host(id).applied_index);
        let broken = (!is_quorum(group, &votes)).then(|| {
            let words = format!(
                "{id} leads term {term} by the votes of {}, which are no quorum of its voters",
                list(&votes)
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::MembershipSafety, broken);
    }

    /// A leader spoke for its term.
    pub(super) fn spoke_as_leader(&self, ledger: &mut Ledger, id: NodeId, term: u64) {
        let elected = self.reigns.get(&term).map(|reign| reign.leader);
        let broken = (elected != Some(id)).then(|| {
            let words = match elected {
                Some(leader) => format!("{leader} leads that"),
                None => "nobody was elected in that".into(),
            };
            Finding::of(
                id,
                format!("{id} acts as leader of term {term}, and {words}"),
            )
        });
        ledger.check(Invariant::ElectionSafety, broken);
    }

    /// A node told its vote. Its own, too: who stands has voted for itself.
    pub(super) fn voted(&mut self, ledger: &mut Ledger, id: NodeId, term: u64, candidate: NodeId) {
        let before = self.host(id).promises.vote;
        let other = before.filter(|(voted_in, first)| *voted_in == term && *first != candidate);
        let broken = other.map(|(_, first)| {
            let words = format!(
                "{id} granted its vote in term {term} to {candidate}, and had granted it to {first}"
            );
            Finding::about([id, candidate, first], words)
        });
        ledger.check(Invariant::VoteUniqueness, broken);
        if before.is_none_or(|(voted_in, _)| voted_in < term) {
            self.host_mut(id).promises.vote = Some((term, candidate));
        }
        let ballot = self.ballots.entry((term, candidate)).or_default();
        if !ballot.contains(&id) {
            ballot.push(id);
        }
    }

    /// Reigns of terms that every disk has left behind.
    fn forget_reigns(&mut self) {
        if self.reigns.len() <= 2 * REIGNS {
            return;
        }
        let terms = self.nodes().map(|(_, host)| host.durable.hard_state.term);
        let left_behind = terms.min().unwrap_or(0);
        let keep_from = self.reigns.keys().rev().nth(REIGNS).copied().unwrap_or(0);
        self.reigns = self.reigns.split_off(&keep_from.min(left_behind));
    }

    /// Something happens to the cluster that may call for elections.
    pub fn disturbed(&mut self, now: Micros, disturbance: Disturbance) {
        self.churn.quiet_since = match disturbance {
            Disturbance::Passing => Some(now),
            Disturbance::Lasting => None,
        };
    }

    /// A term that grows although nothing has disturbed the cluster for long.
    pub(super) fn check_churn(&mut self, ledger: &mut Ledger, id: NodeId, term: u64) {
        let churn = &mut self.churn;
        if term <= churn.term {
            return;
        }
        let before = std::mem::replace(&mut churn.term, term);
        let (Some(patience), Some(since)) = (churn.patience, churn.quiet_since) else {
            return;
        };
        let quiet = ledger.now().since(since);
        let broken = (quiet > patience).then(|| {
            let words = format!(
                "the term grows from {before} to {term} at {id}, and nothing has disturbed the \
                 cluster for {quiet} s"
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::BoundedChurn, broken);
    }

    /// The node that leads the highest term, among those that run.
    pub fn leader(&self) -> Option<NodeId> {
        let leaders = self
            .nodes()
            .filter(|(_, host)| host.is_up && host.role == Role::Leader);
        leaders.max_by_key(|(_, host)| host.term).map(|(id, _)| id)
    }
}
