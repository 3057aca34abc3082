//! What has to come out the same natively, in Node and in a browser.

use super::{changing, figures, test};

/// What the first histories of `changing` come to.
const DIGEST: u64 = 0x7539_466f_b452_f9d7;

/// Twenty histories of groups that change.
#[test]
pub fn the_digest_of_changing_groups_is_the_same_everywhere() {
    let digest = changing::digest();
    assert_eq!(digest, DIGEST, "{digest:#x}");
}

/// Every follower of Figure 7 ends with the leader's log.
#[test]
pub fn figure_7_all_followers_converge_to_the_leader() {
    figures::figure_7();
}

/// An entry of an old term is not committed by being on a majority.
#[test]
pub fn figure_8_d_an_entry_of_an_old_term_on_a_majority_is_overwritten() {
    figures::figure_8_d();
}

/// It is by an entry of the current term above it.
#[test]
pub fn figure_8_e_an_entry_of_the_current_term_commits_what_came_before() {
    figures::figure_8_e();
}
