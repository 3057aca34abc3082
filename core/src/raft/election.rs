//! Elections: timers, pre-votes, votes.
//!
//! A node that lost its network and calls elections on its own comes back with a high term and
//! deposes a healthy leader. So it first asks whether it *would* win ([`Body::PreVote`]), which
//! changes nobody's term or vote and is refused by everybody who hears a leader. Real votes are
//! refused, too, while a leader is heard: with check-quorum, a leader that nobody can hear steps
//! down by itself, so waiting for it never blocks a majority that can talk.
//!
//! A pre-vote granted does not restart the timer of the granter: otherwise a node that can
//! never win could keep those that could from trying.

use alloc::vec::Vec;

use super::effects::{Role, RoleChangeReason};
use super::message::{Body, Message, Verdict};
use super::quorum::{Tally, tally};
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

/// The answers to a request for votes. The first answer of a voter counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Votes {
    answers: Vec<(NodeId, Verdict)>,
}

impl Votes {
    fn record(&mut self, voter: NodeId, verdict: Verdict) {
        if self.answers.iter().all(|(known, _)| *known != voter) {
            self.answers.push((voter, verdict));
        }
    }

    /// How many said yes.
    pub(super) fn granted(&self) -> usize {
        let granted = |(_, verdict): &&(NodeId, Verdict)| *verdict == Verdict::Granted;
        self.answers.iter().filter(granted).count()
    }

    fn tally(&self, voters: usize) -> Tally {
        let granted = self.granted();
        tally(voters, granted, self.answers.len() - granted)
    }
}

impl Raft {
    /// Asks everybody whether an election in the next term would succeed.
    pub(super) fn campaign(&mut self, now: Micros, reason: RoleChangeReason) {
        if self.role() == Role::Leader {
            return;
        }
        let mut votes = Votes::default();
        votes.record(self.config.id, Verdict::Granted);
        self.leader = None;
        self.change_role(RoleState::PreCandidate(votes), reason);
        self.election_timer = self.draw_election_timer(now);
        let (last_index, last_term) = (self.log.last_index(), self.log.last_term());
        self.broadcast(&Body::PreVote {
            last_index,
            last_term,
        });
        self.conclude_election(now);
    }

    /// Stands for election in the next term. The own vote counts once it is durable, and the
    /// requests leave then, too: a candidate that forgot its term in a crash could stand in it
    /// again, with a shorter log, and count the votes it got for the longer one.
    fn become_candidate(&mut self, now: Micros) {
        self.enter_term(self.term + 1);
        self.vote = Some(self.config.id);
        self.change_role(
            RoleState::Candidate(Votes::default()),
            RoleChangeReason::PreVoteWon,
        );
        self.election_timer = self.draw_election_timer(now);
        let (last_index, last_term) = (self.log.last_index(), self.log.last_term());
        self.broadcast(&Body::Vote {
            last_index,
            last_term,
        });
    }

    /// A candidate counts its own vote if that has become durable.
    pub(super) fn count_own_vote(&mut self, now: Micros) {
        if let RoleState::Candidate(votes) = &mut self.role_state
            && self.storage.is_ballot_durable()
        {
            votes.record(self.config.id, Verdict::Granted);
            self.conclude_election(now);
        }
    }

    /// Acts on the answers so far.
    fn conclude_election(&mut self, now: Micros) {
        let (RoleState::PreCandidate(votes) | RoleState::Candidate(votes)) = &self.role_state
        else {
            return;
        };
        match (votes.tally(self.config.voters.len()), self.role()) {
            (Tally::Open, _) => {}
            (Tally::Won, Role::PreCandidate) => self.become_candidate(now),
            (Tally::Won, _) => self.become_leader(now),
            (Tally::Lost, _) => self.step_down(now, RoleChangeReason::ElectionLost),
        }
    }

    /// Somebody asks whether to call an election in the term after theirs.
    pub(super) fn receive_pre_vote(
        &mut self,
        now: Micros,
        from: NodeId,
        term: u64,
        (last_index, last_term): (u64, u64),
    ) {
        let granted = term >= self.term
            && !self.hears_leader(now)
            && self.log.is_covered_by(last_index, last_term);
        let verdict = if granted {
            Verdict::Granted
        } else {
            Verdict::Refused
        };
        self.reply(
            from,
            Body::PreVoteReply {
                verdict,
                proposed_term: term + 1,
            },
        );
    }

    /// Somebody answers a pre-vote. A refusal may come from a lower term.
    pub(super) fn receive_pre_vote_reply(
        &mut self,
        now: Micros,
        from: NodeId,
        verdict: Verdict,
        proposed_term: u64,
    ) {
        if let RoleState::PreCandidate(votes) = &mut self.role_state
            && proposed_term == self.term + 1
        {
            votes.record(from, verdict);
            self.conclude_election(now);
        }
    }

    /// Somebody asks for the vote of the current term.
    pub(super) fn receive_vote(
        &mut self,
        now: Micros,
        from: NodeId,
        (last_index, last_term): (u64, u64),
    ) {
        let free = self.vote.is_none() && self.term_leader.is_none();
        let granted =
            (free || self.vote == Some(from)) && self.log.is_covered_by(last_index, last_term);
        if granted {
            self.vote = Some(from);
            self.election_timer.started = now;
        }
        let verdict = if granted {
            Verdict::Granted
        } else {
            Verdict::Refused
        };
        self.reply(from, Body::VoteReply { verdict });
    }

    /// Somebody answers a request for a vote of the current term.
    pub(super) fn receive_vote_reply(&mut self, now: Micros, from: NodeId, verdict: Verdict) {
        if let RoleState::Candidate(votes) = &mut self.role_state {
            votes.record(from, verdict);
            self.conclude_election(now);
        }
    }

    /// Whether a leader was heard within the election timeout. A leader hears itself.
    pub(super) fn hears_leader(&self, now: Micros) -> bool {
        match self.leader {
            None => false,
            Some(leader) => {
                leader == self.config.id
                    || now.since(self.election_timer.started) < self.config.election_timeout
            }
        }
    }

    /// Moves to a higher term, in which nobody was voted for and nobody leads yet.
    pub(super) fn enter_term(&mut self, term: u64) {
        debug_assert!(term > self.term, "terms only rise");
        self.term = term;
        self.vote = None;
        self.leader = None;
        self.term_leader = None;
        self.storage.drop_held();
    }

    /// Becomes a follower of nobody in the current term. The vote stays: a node that forgot it
    /// could vote twice in one term.
    pub(super) fn step_down(&mut self, now: Micros, reason: RoleChangeReason) {
        self.leader = None;
        if self.role() != Role::Follower {
            self.change_role(RoleState::Follower, reason);
            self.election_timer = self.draw_election_timer(now);
        }
    }

    /// Follows `leader`, who has just spoken in the current term.
    pub(super) fn follow(&mut self, now: Micros, leader: NodeId) {
        if self.role() != Role::Follower {
            self.step_down(now, RoleChangeReason::LeaderHeard);
        }
        self.leader = Some(leader);
        self.term_leader = Some(leader);
        self.election_timer.started = now;
    }

    fn draw_election_timer(&mut self, now: Micros) -> ElectionTimer {
        ElectionTimer::drawn(now, self.config.election_timeout, &mut self.random)
    }

    /// Says the same to every other voter.
    fn broadcast(&mut self, body: &Body) {
        for to in self
            .config
            .voters
            .iter()
            .copied()
            .filter(|to| *to != self.config.id)
        {
            let message = Message {
                from: self.config.id,
                to,
                term: self.term,
                body: body.clone(),
            };
            self.storage.post(message);
        }
    }

    /// Says something to one node.
    pub(super) fn reply(&mut self, to: NodeId, body: Body) {
        let message = Message {
            from: self.config.id,
            to,
            term: self.term,
            body,
        };
        self.storage.post(message);
    }
}
