//! Messages, records and sessions of Raft, byte for byte.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/raft_wire/corpus.rs"]
pub mod corpus;
#[path = "../../../core/tests/raft_wire/samples.rs"]
pub mod samples;
