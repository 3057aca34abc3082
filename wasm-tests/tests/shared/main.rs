//! Tests of the kernel and the simulator that already run natively, once more in WebAssembly.
//!
//! A second set of tests for wasm would drift from the first, and would not show that both
//! platforms do the same. So these are the very same files: each takes the attribute `test` from
//! the module around it, and here that is the attribute of the wasm runner.
//!
//! Nothing says that it needs a browser, so the runner puts it into Node, and into Chrome when
//! `WASM_BINDGEN_USE_BROWSER` is set. Natively there is nothing to run.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub mod autoscale;
pub mod autoscale_hpa;
pub mod autoscale_kpa;
pub mod codec;
pub mod crdt;
pub mod epochs;
pub mod keyspace;
pub mod linearizability;
pub mod raft;
pub mod raft_wire;
pub mod runs;
pub mod seed;
pub mod types;
