//! The Raft kernel against the paper, against crashes, and against strangers.
//!
//! Everything runs on a network of a few dozen lines (`network`) with an observer (`observer`)
//! that checks the safety properties after every step of every test, whatever the test is about.
//! The scripts (`scripts`) also run in WebAssembly, where `test` is another attribute.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of tests may panic like the tests"
)]

pub use std::prelude::v1::test;

mod changing;
mod door;
mod durability;
mod elections;
mod faults;
mod figures;
mod network;
mod observer;
pub mod platforms;
mod random;
mod replication;
mod restoring;
mod script;
mod scripts;
