//! The named histories that break a replicated set, and the laws of a join on fixed histories.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/crdt/counterexamples.rs"]
pub mod counterexamples;
#[path = "../../../core/tests/crdt/histories.rs"]
pub mod histories;
#[path = "../../../core/tests/crdt/values.rs"]
pub mod values;
