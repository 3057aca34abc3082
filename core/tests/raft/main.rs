//! The Raft kernel against the paper, against crashes, and against strangers.
//!
//! Everything runs on a network of a few dozen lines (`network`) with an observer (`observer`)
//! that checks the safety properties after every step of every test, whatever the test is about.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

mod door;
mod durability;
mod elections;
mod figures;
mod network;
mod observer;
mod random;
mod replication;
mod restoring;

#[test]
fn figure_7_all_followers_converge_to_the_leader() {
    figures::figure_7();
}

#[test]
fn figure_8_d_an_entry_of_an_old_term_on_a_majority_is_overwritten() {
    figures::figure_8_d();
}

#[test]
fn figure_8_e_an_entry_of_the_current_term_commits_what_came_before() {
    figures::figure_8_e();
}
