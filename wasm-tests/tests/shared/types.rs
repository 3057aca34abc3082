//! The types against their oracles, and the named histories that break types made the obvious way.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/types/counterexamples.rs"]
pub mod counterexamples;
#[path = "../../../core/tests/types/subjects/mod.rs"]
pub mod subjects;
#[path = "../../../core/tests/types/world.rs"]
pub mod world;
