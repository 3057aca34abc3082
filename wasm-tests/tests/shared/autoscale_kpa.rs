//! Knative's tables.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/autoscale_kpa/vectors.rs"]
mod vectors;
