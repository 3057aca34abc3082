//! Figures 7 and 8 of the Raft paper, with the safety properties checked after every step.

use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../../../core/tests/raft/figures.rs"]
mod figures;
#[path = "../../../core/tests/raft/network.rs"]
#[allow(dead_code, reason = "the figures need a part of it")]
mod network;
#[path = "../../../core/tests/raft/observer.rs"]
#[allow(dead_code, reason = "the figures need a part of it")]
mod observer;

/// Every follower of Figure 7 ends with the leader's log.
#[wasm_bindgen_test]
pub fn figure_7_all_followers_converge_to_the_leader() {
    figures::figure_7();
}

/// An entry of an old term is not committed by being on a majority.
#[wasm_bindgen_test]
pub fn figure_8_d_an_entry_of_an_old_term_on_a_majority_is_overwritten() {
    figures::figure_8_d();
}

/// It is by an entry of the current term above it.
#[wasm_bindgen_test]
pub fn figure_8_e_an_entry_of_the_current_term_commits_what_came_before() {
    figures::figure_8_e();
}
