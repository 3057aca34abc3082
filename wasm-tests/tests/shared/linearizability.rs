//! The judge of histories: the same verdicts for the same steps as natively.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../sim/tests/linearizability/verdicts.rs"]
pub mod verdicts;
