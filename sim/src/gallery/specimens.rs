//! The mutants, what each does wrong, and to whom it belongs.

use super::scenes::{
    BEHIND, CLOSINGS, CROWDS, DEAF_LEADER, DUELS, FENCES, GROWTH, HANDOVER, LEASES, NEWCOMERS,
    OVERTAKEN, RETURNS, SLOW_DISKS, SWARM, Scene,
};
use crate::mutant::Mutant;
use crate::observer::Invariant;

/// A mutant on show.
#[derive(Clone, Copy, Debug)]
pub struct Specimen {
    /// The mutant.
    pub mutant: Mutant,
    /// What it does wrong, in one sentence.
    pub bug: &'static str,
    /// The invariant that must notice.
    pub owner: Invariant,
    /// What it is put through.
    pub scene: Scene,
}

/// A row of the catalogue: the name of a rule, who owns it, where it shows, what is done wrong.
type Row = (&'static str, Invariant, Scene, &'static str);

/// Every kind of scene.
pub fn scenes() -> [Scene; 14] {
    [
        SWARM,
        DUELS,
        SLOW_DISKS,
        OVERTAKEN,
        GROWTH,
        NEWCOMERS,
        DEAF_LEADER,
        BEHIND,
        HANDOVER,
        LEASES,
        FENCES,
        CLOSINGS,
        RETURNS,
        CROWDS,
    ]
}

/// Every mutant of this build; none without the feature `mutants`.
pub fn specimens() -> Vec<Specimen> {
    let rows = CONSENSUS.iter().chain(&SETS).chain(&SCALING);
    let specimen = |&(name, owner, scene, bug): &Row| {
        Some(Specimen {
            mutant: Mutant::find(name)?,
            bug,
            owner,
            scene,
        })
    };
    rows.filter_map(specimen).collect()
}

/// The seventeen bugs of Raft that real systems had.
const CONSENSUS: [Row; 17] = [
    (
        "commits_own_term_only",
        Invariant::CommitLegality,
        SWARM,
        "a leader commits an entry of an earlier term by counting copies",
    ),
    (
        "vote_outlives_role",
        Invariant::VoteUniqueness,
        DUELS,
        "a candidate that steps down within its term forgets whom it voted for",
    ),
    (
        "vote_is_durable",
        Invariant::DurablePromises,
        SWARM,
        "a vote is told before it is on disk",
    ),
    (
        "ack_is_durable",
        Invariant::DurablePromises,
        SWARM,
        "an entry is acknowledged before it is on disk",
    ),
    (
        "commit_needs_quorum",
        Invariant::CommitLegality,
        SWARM,
        "a leader commits what it alone has",
    ),
    (
        "change_after_own_commit",
        Invariant::MembershipSafety,
        GROWTH,
        "a new leader changes the membership before anything of its term is committed",
    ),
    (
        "campaign_after_change",
        Invariant::MembershipSafety,
        GROWTH,
        "a voter stands for election with a committed change of membership that it has not applied",
    ),
    (
        "stale_write_proves_nothing",
        Invariant::CommitLegality,
        OVERTAKEN,
        "a write that another has replaced meanwhile counts when it is done",
    ),
    (
        "cut_only_conflicts",
        Invariant::DurablePromises,
        SWARM,
        "an old append cuts off what came after it",
    ),
    (
        "commit_within_match",
        Invariant::StateMachineSafety,
        OVERTAKEN,
        "a follower commits its whole log, beyond what its leader has compared",
    ),
    (
        "entries_before_hard_state",
        Invariant::StateOrdering,
        SLOW_DISKS,
        "the commit index reaches the disk before the entries that it commits",
    ),
    (
        "pre_vote_checks_log",
        Invariant::BoundedChurn,
        BEHIND,
        "a pre-vote is granted to a log that cannot win",
    ),
    (
        "leader_checks_quorum",
        Invariant::Liveness,
        DEAF_LEADER,
        "a leader that hears nobody goes on leading",
    ),
    (
        "snapshot_from_before_joining",
        Invariant::Liveness,
        NEWCOMERS,
        "a new member refuses every snapshot in which it does not occur",
    ),
    (
        "transfer_skips_pre_vote",
        Invariant::Liveness,
        HANDOVER,
        "who is handed the leadership asks for pre-votes, and is refused by all who hear the leader",
    ),
    (
        "lease_allows_for_drift",
        Invariant::LeaseSafety,
        LEASES,
        "a lease lasts as long as an election timeout by the leader's own clock",
    ),
    (
        "sessions_apply_once",
        Invariant::ExactlyOnce,
        SWARM,
        "a command that a client repeats is executed again",
    ),
];

/// The bugs of replicated sets that designs had.
const SETS: [Row; 15] = [
    (
        "superseding_add_is_journalled",
        Invariant::CompleteJournals,
        SWARM,
        "an add that replaces another leaves no record",
    ),
    (
        "delta_attaches",
        Invariant::NoLostRemoval,
        FENCES,
        "a delta is joined though what it builds on is missing",
    ),
    (
        "delta_stays_above_floor",
        Invariant::NoLostRemoval,
        FENCES,
        "who lacks forgotten removals is sent a delta without them",
    ),
    (
        "floor_comes_with_full_state",
        Invariant::CompleteJournals,
        FENCES,
        "who joins a full state claims a journal that it never had",
    ),
    (
        "full_state_is_joined",
        Invariant::NoGaps,
        FENCES,
        "a full state takes the place of what is there",
    ),
    (
        "forgetting_raises_floor",
        Invariant::CompleteJournals,
        FENCES,
        "removals are forgotten by age, as in the classic set, and nothing remembers that",
    ),
    (
        "cut_keeps_killers",
        Invariant::NoLostAdd,
        FENCES,
        "a part of a delta says that an event is dead, and not who killed it",
    ),
    (
        "durable_before_shown",
        Invariant::PersistBeforeExpose,
        SWARM,
        "an event is sent before it is on disk",
    ),
    (
        "counter_outlives_events",
        Invariant::UniqueDots,
        FENCES,
        "a restart counts on from the newest event that is still live",
    ),
    (
        "close_needs_equality",
        Invariant::EpochAgreement,
        CLOSINGS,
        "a fenced replica is closed although some hold more of it than others",
    ),
    (
        "reports_end_with_epoch",
        Invariant::EpochAgreement,
        FENCES,
        "a report from before the replica was fenced counts",
    ),
    (
        "freeze_is_durable",
        Invariant::PersistBeforeExpose,
        FENCES,
        "a crash takes back that a replica was frozen out",
    ),
    (
        "fenced_is_not_heard",
        Invariant::EpochAgreement,
        FENCES,
        "messages of a fenced replica are still taken in",
    ),
    (
        "readmitted_keeps_dots",
        Invariant::NoResurrection,
        RETURNS,
        "a replica that returns makes anew what only it holds",
    ),
    (
        "stamps_are_hybrid",
        Invariant::LastWriterWins,
        FENCES,
        "the last writer is found by local clocks",
    ),
];

/// The bugs of autoscalers that a cluster suffers from.
const SCALING: [Row; 5] = [
    (
        "bounds_hold",
        Invariant::ScaleBounds,
        CROWDS,
        "the fleet grows beyond its bounds",
    ),
    (
        "budget_window_slides",
        Invariant::ScaleBudget,
        CROWDS,
        "the budget of changes is whole again at every turn of its period",
    ),
    (
        "cooldown_holds_both_directions",
        Invariant::ScaleCooldown,
        CROWDS,
        "a removal need not wait for the cooldown of an addition",
    ),
    (
        "one_order_at_a_time",
        Invariant::SingleFlight,
        CROWDS,
        "an order is given while another is under way",
    ),
    (
        "budget_share_is_of_the_start",
        Invariant::ScaleBudget,
        CROWDS,
        "a share of the fleet is one of the fleet as it has grown meanwhile",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutant_is_on_show_once() {
        let mut shown: Vec<Mutant> = specimens().iter().map(|it| it.mutant).collect();
        shown.sort_unstable();
        let mut all = Mutant::all();
        all.sort_unstable();
        assert_eq!(shown, all);
    }
}
