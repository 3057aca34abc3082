//! The scenario scripts, a test each; and under the feature `mutants` the proof that they see
//! something: every rule of the gallery is broken once, and some script has to notice.

use super::script::{BrokenRule, play};
use super::test;

/// The scripts of this folder, and a test for each.
macro_rules! scripts {
    ($($name:ident)+) => {
        /// The name and the text of every script.
        #[cfg(feature = "mutants")]
        const SCRIPTS: &[(&str, &str)] =
            &[$((stringify!($name), include_str!(concat!(stringify!($name), ".txt")))),+];

        $(#[test]
        fn $name() {
            passes(stringify!($name), include_str!(concat!(stringify!($name), ".txt")));
        })+
    };
}

/// Plays a script; fails with everything that is not as the script says.
fn passes(name: &str, text: &str) {
    if let Err(failure) = play(name, text, BrokenRule::default()) {
        panic!("{failure}");
    }
}

scripts! {
    async_change_unapplied
    async_leader_commits_first
    async_stale_write
    batches
    bridge
    campaign
    campaign_learner_must_vote
    change_add_remove
    change_refused
    change_remove_leader
    change_remove_leader_keeps_leading
    change_remove_leader_trailing
    change_validation_off
    check_quorum
    commit_within_match
    demote_promote
    duplicated_messages
    figure_7
    figure_8_d
    figure_8_e
    forget_leader
    forget_leader_lease
    forwarding
    heartbeat_recovers
    joining_blank
    joint_auto
    joint_explicit
    joint_implicit
    joint_replace_leader
    joint_replace_leader_step_down
    lagging_commit
    lease
    lease_after_transfer
    lease_drift
    lease_restart
    pre_vote
    pre_vote_check_quorum
    pre_vote_partition_returns
    pre_vote_stale_candidate
    pre_vote_stuck_candidate
    quiesce
    read_abandoned
    read_before_first_commit
    read_index
    removed_node
    reordered_append
    replicate_pause
    replicate_pause_bytes
    replicate_probe
    sessions
    single_node
    single_server_bug
    snapshot_aborted
    snapshot_arrived
    snapshot_behind
    snapshot_by_append_response
    snapshot_failed
    snapshot_from_before_joining
    snapshot_learners
    snapshot_races_appends
    snapshot_slow_follower
    split_vote
    starting_point
    strangers
    torn_write
    transfer
    transfer_kept_proposals
    transfer_lagging
    transfer_refused
    transfer_target_removed
    transfer_times_out
    two_changes_at_once
    uncommitted_limit
    vote_is_durable
    vote_outlives
    witness
    witness_behind_leader
    witness_joint
}

/// A checker that finds nothing may be looking at nothing.
#[test]
fn a_script_that_is_wrong_is_told_so_line_by_line() {
    let finding = |text: &str| {
        let text = format!("group n1 n2 n3\n{text}");
        play("wrong", &text, BrokenRule::default())
            .map_err(|failure| failure.to_string())
            .expect_err("the script is wrong")
    };
    let wrong_term = finding("elect n1\n> n1 leader term 2");
    assert!(wrong_term.starts_with("wrong:3:"), "{wrong_term}");
    assert!(
        wrong_term.contains("actual   n1 leader term 1 vote n1"),
        "{wrong_term}"
    );
    let refused = finding("propose n1 x\nsettle");
    assert_eq!(refused, "wrong:2: > refused: no leader is known\n");
    let not_refused = finding("elect n1\npropose n1 x\n> refused: no leader is known");
    assert!(
        not_refused.contains("actual   > nothing of the sort"),
        "{not_refused}"
    );
    let other_message = finding("campaign n1\n> wire n1->n2 vote");
    assert!(
        other_message.contains("n1->n2 pre-vote last 0@0"),
        "{other_message}"
    );
    let unknown = finding("ponder n1");
    assert_eq!(
        unknown,
        "wrong:2: senseless: expected a command, found ponder\n"
    );
    let unseen = finding("> n1 happy");
    assert_eq!(
        unseen,
        "wrong:2: senseless: expected something that can be seen, found happy\n"
    );
}

/// Breaks one rule after the other on all nodes, shows which scripts notice, and insists that some
/// do.
#[cfg(feature = "mutants")]
#[test]
fn every_broken_rule_is_noticed_by_a_script() {
    use quorate::raft::Rule;

    let mut unnoticed = Vec::new();
    for rule in Rule::ALL {
        // A kernel that breaks its rules may also trip over its own assertions.
        let notices = |(name, text): &(&'static str, &'static str)| {
            let outcome = std::panic::catch_unwind(|| play(name, text, Some(rule)));
            (!matches!(outcome, Ok(Ok(())))).then_some(*name)
        };
        let noticed_by: Vec<&str> = SCRIPTS.iter().filter_map(notices).collect();
        println!("{rule:?}: {} of {}", noticed_by.len(), SCRIPTS.len());
        println!("    {}", noticed_by.join(" "));
        if noticed_by.is_empty() {
            unnoticed.push(rule);
        }
    }
    assert!(
        unnoticed.is_empty(),
        "no script notices that {unnoticed:?} is broken"
    );
}
