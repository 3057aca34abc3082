//! A kernel for replicated systems: CRDTs with bounded metadata, a Raft step function and an
//! autoscaling policy engine.
//!
//! The kernel has no threads, no clock and no I/O. Time comes in as an argument ([`Micros`]),
//! random numbers come from a seed in the configuration, and everything a state machine wants
//! done comes out as a value. The same calls therefore give the same bytes on every platform,
//! which is what lets the simulator replay a cluster bit for bit.
//!
//! # Layout
//!
//! - [`crdt`]: events, dots, version vectors, sets and counters over one event store, pruning.
//! - [`raft`]: the consensus state machine, with one door: [`raft::Raft::step`].
//! - [`autoscale`]: policies that turn an observation of a fleet into an explained decision.
//! - [`codec`]: the canonical binary format.
//!
//! The three parts do not know each other. What joins them is the host.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod autoscale;
pub mod codec;
pub mod crdt;
pub mod raft;

mod node;
mod random;
mod time;

pub use node::NodeId;
pub use random::Random;
pub use time::Micros;

// The example in the crate's README is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
