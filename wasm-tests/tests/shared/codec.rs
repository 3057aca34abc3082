//! The committed bytes, and every damage to them.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/codec/corpus.rs"]
pub mod corpus;
