//! The decisions of the system that the threshold policy copies.

use wasm_bindgen_test::wasm_bindgen_test;

#[path = "../../../core/tests/vectors/seed_threshold.rs"]
mod seed_threshold;

/// The rule gives the same answers here as natively.
#[wasm_bindgen_test]
pub fn every_vector_of_the_seed_gives_the_same_target() {
    assert_eq!(seed_threshold::CASES.len(), 14);
    for case in &seed_threshold::CASES {
        case.check();
    }
}
