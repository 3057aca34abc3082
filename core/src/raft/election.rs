//! Elections: timers, pre-votes, votes.
//!
//! A node that lost its network and calls elections on its own comes back with a high term and
//! deposes a healthy leader. So it first asks whether it *would* win ([`Body::PreVote`]), which
//! changes nobody's term or vote. With check-quorum, nobody even answers a request for a vote
//! while it hears a leader: a leader that nobody can hear steps down by itself, so waiting for it
//! never blocks a majority that can talk.
//!
//! A pre-vote granted does not restart the timer of the granter: otherwise a node that can
//! never win could keep those that could from trying.
//!
//! Who may stand: a full voter, by the membership it has applied, that has no committed change of
//! membership left to apply and no snapshot half installed. Who may vote: anybody who is asked. A
//! node cannot know whether it was made a voter by entries it does not have yet; whether its vote
//! counts is for the candidate to know.

use alloc::vec::Vec;

use super::config::ReadPolicy;
use super::effects::{Role, RoleChangeReason};
use super::error::StepError;
use super::membership::{Membership, Standing};
use super::message::{Body, Cause, Verdict};
use super::quorum::Tally;
use super::rules::Rule;
use super::{Raft, RoleState};
use crate::{Micros, NodeId, Random};

/// How long a node waits for a leader before it tries to become one.
#[derive(Clone, Copy, Debug)]
pub(super) struct ElectionTimer {
    /// When the wait began.
    pub(super) started: Micros,
    /// How long it lasts, drawn anew for every election.
    pub(super) timeout: Micros,
}

impl ElectionTimer {
    /// A new wait, of a length drawn from `election_timeout..2 * election_timeout`.
    pub(super) fn drawn(now: Micros, election_timeout: Micros, random: &mut Random) -> Self {
        let timeout = election_timeout + Micros(random.below(election_timeout.0));
        Self {
            started: now,
            timeout,
        }
    }

    /// When the wait ends.
    pub(super) fn deadline(&self) -> Micros {
        self.started + self.timeout
    }
}

/// The answers to a request for votes. A grant is a promise and stays; a refusal may have been meant
/// for an earlier request, and gives way to a grant.
#[derive(Clone, Debug, Default)]
pub(super) struct Votes {
    answers: Vec<(NodeId, Verdict)>,
}

impl Votes {
    fn record(&mut self, voter: NodeId, verdict: Verdict) {
        match self.answers.iter_mut().find(|(known, _)| *known == voter) {
            None => self.answers.push((voter, verdict)),
            Some((_, Verdict::Granted)) => {}
            Some((_, known)) => *known = verdict,
        }
    }

    fn answer(&self, voter: NodeId) -> Option<bool> {
        let given = self.answers.iter().find(|(known, _)| *known == voter);
        given.map(|(_, verdict)| *verdict == Verdict::Granted)
    }

    /// How many voters said yes.
    pub(super) fn granted(&self, membership: &Membership) -> usize {
        let answers = self.answers.iter();
        answers
            .filter(|(node, verdict)| *verdict == Verdict::Granted && membership.is_voter(*node))
            .count()
    }

    fn tally(&self, membership: &Membership) -> Tally {
        membership.tally(|voter| self.answer(voter))
    }
}

impl Raft {
    /// Whether this node could lead.
    pub(super) fn is_electable(&self) -> bool {
        self.standing() == Standing::Voter && !self.storage.is_installing()
    }

    /// Whether this node may call an election now, when it was asked to.
    pub(super) fn admit_campaign(&self, now: Micros) -> Result<(), StepError> {
        if self.role() == Role::Leader {
            return Ok(());
        }
        if !self.is_electable() {
            return Err(StepError::NotElectable);
        }
        if let Some(index) = self.unapplied_change()
            && self.keeps(Rule::CampaignAfterChange)
        {
            return Err(StepError::ChangeUnapplied { index });
        }
        self.admit_lack_of_leader(now)
    }

    /// With leases, whether this node has not promised to wait for its leader.
    pub(super) fn admit_lack_of_leader(&self, now: Micros) -> Result<(), StepError> {
        if let ReadPolicy::Lease { .. } = self.config.reads
            && let Some(until) = self.hears_leader_until(now)
        {
            return Err(StepError::LeaseHeld { until });
        }
        Ok(())
    }

    /// Calls an election, or asks everybody whether one would succeed.
    pub(super) fn campaign(&mut self, reason: RoleChangeReason) {
        if self.role() == Role::Leader {
            return;
        }
        if !self.config.pre_vote {
            self.become_candidate(Cause::Election, reason);
            return;
        }
        let mut votes = Votes::default();
        votes.record(self.config.id, Verdict::Granted);
        self.unfollow();
        self.change_role(RoleState::PreCandidate(votes), reason);
        self.election_timer = self.draw_election_timer();
        let (last_index, last_term) = (self.log.last_index(), self.log.last_term());
        self.ask_voters(&Body::PreVote {
            last_index,
            last_term,
        });
        self.conclude_election();
    }

    /// Stands for election because the leader wants it, without asking whether it would succeed:
    /// everybody still hears the leader.
    pub(super) fn receive_timeout_now(&mut self) {
        let may_stand = self.is_electable() && self.unapplied_change().is_none();
        if !may_stand || self.role() != Role::Follower {
            return;
        }
        if self.keeps(Rule::TransferSkipsPreVote) {
            self.become_candidate(Cause::Transfer, RoleChangeReason::LeadershipOffered);
        } else {
            self.campaign(RoleChangeReason::LeadershipOffered);
        }
    }

    /// Stands for election in the next term. The own vote counts once it is durable, and the
    /// requests leave then, too: a candidate that forgot its term in a crash could stand in it
    /// again, with a shorter log, and count the votes it got for the longer one.
    fn become_candidate(&mut self, cause: Cause, reason: RoleChangeReason) {
        self.enter_term(self.term + 1);
        self.vote = Some(self.config.id);
        self.storage.ballot_changed();
        self.change_role(RoleState::Candidate(Votes::default()), reason);
        self.election_timer = self.draw_election_timer();
        let (last_index, last_term) = (self.log.last_index(), self.log.last_term());
        self.ask_voters(&Body::Vote {
            last_index,
            last_term,
            cause,
        });
        if !self.keeps(Rule::VoteIsDurable) {
            self.count_own_vote();
        }
    }

    /// A candidate counts its own vote if that has become durable.
    pub(super) fn count_own_vote(&mut self) {
        let counts = self.is_vote_counted();
        if let RoleState::Candidate(votes) = &mut self.role_state
            && counts
        {
            votes.record(self.config.id, Verdict::Granted);
            self.conclude_election();
        }
    }

    /// Acts on the answers so far.
    fn conclude_election(&mut self) {
        let (RoleState::PreCandidate(votes) | RoleState::Candidate(votes)) = &self.role_state
        else {
            return;
        };
        match (votes.tally(self.membership()), self.role()) {
            (Tally::Open, _) => {}
            (Tally::Won, Role::PreCandidate) => {
                self.become_candidate(Cause::Election, RoleChangeReason::PreVoteWon);
            }
            (Tally::Won, _) => self.become_leader(),
            (Tally::Lost, _) => self.step_down(RoleChangeReason::ElectionLost),
        }
    }

    /// Somebody asks whether to call an election in the term after theirs.
    pub(super) fn receive_pre_vote(
        &mut self,
        from: NodeId,
        term: u64,
        (last_index, last_term): (u64, u64),
    ) {
        let is_covered = self.log.is_covered_by(last_index, last_term);
        let granted = term >= self.term && (is_covered || !self.keeps(Rule::PreVoteChecksLog));
        self.reply(
            from,
            Body::PreVoteReply {
                verdict: granted.into(),
                proposed_term: term + 1,
            },
        );
    }

    /// Somebody answers a pre-vote. A refusal may come from a lower term.
    pub(super) fn receive_pre_vote_reply(
        &mut self,
        from: NodeId,
        verdict: Verdict,
        proposed_term: u64,
    ) {
        if let RoleState::PreCandidate(votes) = &mut self.role_state
            && proposed_term == self.term + 1
        {
            votes.record(from, verdict);
            self.conclude_election();
        }
    }

    /// Somebody asks for the vote of the current term.
    pub(super) fn receive_vote(&mut self, from: NodeId, (last_index, last_term): (u64, u64)) {
        let is_free = self.vote.is_none() && self.term_leader.is_none();
        let is_covered = self.log.is_covered_by(last_index, last_term);
        let granted = (is_free || self.vote == Some(from)) && is_covered;
        if granted {
            self.vote = Some(from);
            self.storage.ballot_changed();
            self.election_timer.started = self.now;
        }
        let verdict = granted.into();
        self.reply(from, Body::VoteReply { verdict });
    }

    /// Somebody answers a request for a vote of the current term.
    pub(super) fn receive_vote_reply(&mut self, from: NodeId, verdict: Verdict) {
        if let RoleState::Candidate(votes) = &mut self.role_state {
            votes.record(from, verdict);
            self.conclude_election();
        }
    }

    /// Whether requests for votes are not even looked at: with check-quorum, while a leader is
    /// heard, or may have been before a restart.
    pub(super) fn keeps_quiet(&self) -> bool {
        self.config.check_quorum
            && (self.now < self.promised_until || self.hears_leader_until(self.now).is_some())
    }

    /// Until when this node takes its leader to be there, if it was heard within the election
    /// timeout. A leader hears itself.
    fn hears_leader_until(&self, now: Micros) -> Option<Micros> {
        let leader = self.leader?;
        let since = if leader == self.config.id {
            now
        } else {
            self.election_timer.started
        };
        let until = since + self.config.election_timeout;
        (now < until).then_some(until)
    }

    /// Moves to a higher term, in which nobody was voted for and nobody leads yet.
    pub(super) fn enter_term(&mut self, term: u64) {
        debug_assert!(term > self.term, "terms only rise");
        self.term = term;
        self.vote = None;
        self.storage.ballot_changed();
        self.unfollow();
        self.term_leader = None;
        self.storage.drop_held();
    }

    /// Becomes a follower of nobody in the current term. The vote stays: a node that forgot it
    /// could vote twice in one term.
    pub(super) fn step_down(&mut self, reason: RoleChangeReason) {
        if !self.keeps(Rule::VoteOutlivesRole) && self.role() != Role::Follower {
            self.vote = None;
            self.storage.ballot_changed();
            self.term_leader = None;
        }
        self.unfollow();
        if self.role() != Role::Follower {
            self.change_role(RoleState::Follower, reason);
            self.election_timer = self.draw_election_timer();
        }
    }

    /// Follows `leader`, who has just spoken in the current term.
    #[inline(always)]
    pub(super) fn follow(&mut self, leader: NodeId) {
        if self.leader != Some(leader) || self.role() != Role::Follower {
            self.follow_another(leader);
        }
        self.election_timer.started = self.now;
    }

    #[inline(never)]
    fn follow_another(&mut self, leader: NodeId) {
        if self.role() != Role::Follower {
            self.step_down(RoleChangeReason::LeaderHeard);
        }
        if self.leader != Some(leader) {
            self.leader = Some(leader);
            self.term_leader = Some(leader);
            self.forward_kept();
        }
    }

    /// The host knows that the leader is gone.
    pub(super) fn forget_leader(&mut self) {
        if self.role() == Role::Follower {
            self.unfollow();
        }
    }

    /// Follows nobody, and gives up what was asked of whom it followed.
    fn unfollow(&mut self) {
        self.abandon_waiting_reads();
        if self.leader.take().is_some() {
            self.abandon_reads();
        }
    }

    pub(super) fn draw_election_timer(&mut self) -> ElectionTimer {
        ElectionTimer::drawn(self.now, self.config.election_timeout, &mut self.random)
    }

    /// Asks every voter but this node.
    fn ask_voters(&mut self, body: &Body) {
        for voter in self.membership().voters() {
            if voter != self.config.id {
                self.reply(voter, body.clone());
            }
        }
    }
}
