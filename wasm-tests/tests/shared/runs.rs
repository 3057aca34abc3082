//! The digest of a whole run: one number that is the same natively, in Node and in a browser.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../sim/tests/runs/digest.rs"]
pub mod digest;
