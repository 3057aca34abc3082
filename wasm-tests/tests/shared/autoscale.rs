//! The autoscaler: the decisions of the system that the threshold rule copies, and the digest of fixed
//! runs of every strategy.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/vectors/seed_threshold.rs"]
mod seed_threshold;

#[path = "../../../core/tests/autoscale_every/digest.rs"]
mod digest;
#[path = "../../../core/tests/autoscale_every/fleets.rs"]
mod fleets;
#[path = "../../../core/tests/autoscale_every/policies.rs"]
mod policies;

/// The rule gives the same answers here as natively.
#[test]
pub fn every_vector_of_the_seed_gives_the_same_target() {
    assert_eq!(seed_threshold::CASES.len(), 14);
    for case in &seed_threshold::CASES {
        case.check();
    }
}
