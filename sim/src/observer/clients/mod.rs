//! What clients are told, held against the log.
//!
//! Deciding whether a history is linearizable is hard in general, because nobody knows in which
//! order the operations took effect. Here somebody does: the index of the log is the order. So it
//! is enough that every operation's index lies between the highest index that any client had been
//! told of when it was called and the time of its answer, and that the answer is what the log says
//! at that index. Each of these is a comparison.

mod linearizability;
mod sessions;

pub use linearizability::{Answer, OperationId, Registers};
pub use sessions::Executions;

/// What clients saw, and what their commands did.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// The registers as the log makes them.
    pub registers: Registers,
    /// The commands of sessions.
    pub executions: Executions,
}
