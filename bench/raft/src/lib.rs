//! The Raft kernel beside the `raft` crate: the same commands through the same network, in one run.
//!
//! What a Raft library costs is hidden as soon as a disk or a socket takes part: either waits a
//! thousand times longer. So here a whole group runs in one thread and in memory, messages arrive at
//! once and in order, writes are durable at once, and what is left is the library.
//!
//! - [`command`]: what is replicated and applied; [`subject`]: by whom; [`workload`]: what is measured.
//! - [`arguments`]: the command line; [`counted`]: the program that counts allocations.

pub mod arguments;
pub mod command;
pub mod counted;
pub mod subject;
pub mod workload;
