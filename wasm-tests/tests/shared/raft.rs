//! Raft: the scenario scripts, Figures 7 and 8 of the paper, and histories of changing groups, with the
//! safety properties checked after every step.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/raft/changing.rs"]
#[allow(dead_code, reason = "the digest needs a part of it")]
mod changing;
#[path = "../../../core/tests/raft/faults.rs"]
mod faults;
#[path = "../../../core/tests/raft/figures.rs"]
mod figures;
#[path = "../../../core/tests/raft/network.rs"]
#[allow(dead_code, reason = "the figures need a part of it")]
mod network;
#[path = "../../../core/tests/raft/observer.rs"]
#[allow(dead_code, reason = "the figures need a part of it")]
mod observer;
#[path = "../../../core/tests/raft/platforms.rs"]
pub mod platforms;
#[path = "../../../core/tests/raft/script/mod.rs"]
mod script;
#[path = "../../../core/tests/raft/scripts.rs"]
pub mod scripts;
