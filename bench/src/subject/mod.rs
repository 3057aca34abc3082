//! The libraries under measurement, behind one interface.
//!
//! Every library has its own idea of how replicas meet: some join whole states in memory, some
//! only exchange bytes. The interface has both ways, and what a library cannot do is a gap in the
//! table and never a detour that nobody would write.

mod automerge;
mod crdt_kit;
mod crdts;
mod crdts_operations;
mod loro;
mod quorate;
mod quorate_in_session;
#[cfg(test)]
mod tests;
mod yrs;

pub use self::automerge::Automerge;
pub use self::crdt_kit::{CompactedKit, Kit};
pub use self::crdts::Orswot;
pub use self::crdts_operations::OrswotOperations;
pub use self::loro::Loro;
pub use self::quorate::Quorate;
pub use self::quorate_in_session::QuorateInSession;
pub use self::yrs::Yrs;

use bincode::Options;
use clap::ValueEnum;

use crate::elements::Operation;

/// A replica of a set of strings, made with one library.
pub trait Subject: Sized {
    /// What a sender must know of a receiver to send only what it lacks.
    type Version;

    /// How it is called in tables.
    const NAME: &'static str;

    /// Whether two replicas in one process can join without going through bytes.
    const JOINS_IN_MEMORY: bool = true;

    /// An empty replica.
    fn new(replica: u64) -> Self;

    /// A copy, to be changed and thrown away.
    #[must_use]
    fn copy(&self) -> Self;

    /// Does the operations, one by one, with whatever batching the library offers around them.
    fn operate(&mut self, operations: &[Operation<'_>]);

    /// The elements, sorted.
    fn elements(&self) -> Vec<String>;

    /// What this replica has seen.
    fn version(&mut self) -> Self::Version;

    /// The bytes that bring a replica of this version up to date.
    fn message(&mut self, receiver: &Self::Version) -> Vec<u8>;

    /// Does operations and returns the bytes that tell a receiver which has seen all before them.
    fn announce(&mut self, operations: &[Operation<'_>], receiver: &Self::Version) -> Vec<u8> {
        self.operate(operations);
        self.message(receiver)
    }

    /// Decodes such bytes and joins them.
    fn receive(&mut self, message: &[u8]);

    /// The whole state as bytes, to join.
    fn full_message(&mut self) -> Vec<u8>;

    /// Decodes a whole state and joins it.
    fn receive_full(&mut self, message: &[u8]);

    /// Catches up with another replica in this process, in the cheapest way there is.
    fn catch_up(&mut self, other: &mut Self) {
        let version = self.version();
        let message = other.message(&version);
        self.receive(&message);
    }

    /// Joins the whole state of another replica in this process; only asked of those that
    /// [`JOINS_IN_MEMORY`](Self::JOINS_IN_MEMORY).
    fn join(&mut self, other: &mut Self) {
        self.catch_up(other);
    }

    /// What the library advises to do after a sync. Part of the time of the sync.
    fn settle(&mut self) {}

    /// The sizes of the state as it would be stored, by form.
    fn state_sizes(&mut self) -> Vec<(&'static str, usize)>;
}

/// The libraries by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Name {
    /// This project.
    Quorate,
    /// This project between two replicas that keep a session. For `add` alone: the other workloads
    /// are no conversation of two.
    QuorateInSession,
    /// crdts `Orswot`, joining states.
    Crdts,
    /// crdts `Orswot`, sending operations.
    CrdtsOperations,
    /// crdt-kit `ORSet` as it is: tombstones stay. Minutes for one churn.
    CrdtKit,
    /// crdt-kit `ORSet`, its tombstones compacted after every sync.
    CrdtKitCompacted,
    /// A yrs map.
    Yrs,
    /// A Loro map.
    Loro,
    /// An Automerge map.
    Automerge,
}

impl Name {
    /// All but the one that takes minutes.
    pub const USUAL: [Self; 8] = [
        Self::Quorate,
        Self::QuorateInSession,
        Self::Crdts,
        Self::CrdtsOperations,
        Self::CrdtKitCompacted,
        Self::Yrs,
        Self::Loro,
        Self::Automerge,
    ];
}

/// Something that is done with any subject.
pub trait Visitor {
    /// Does it.
    fn visit<S: Subject>(&mut self);
}

impl Name {
    /// How it is called in tables.
    pub fn title(self) -> &'static str {
        struct Title(&'static str);
        impl Visitor for Title {
            fn visit<S: Subject>(&mut self) {
                self.0 = S::NAME;
            }
        }
        let mut title = Title("");
        self.accept(&mut title);
        title.0
    }

    /// Shows the subject of this name to a visitor.
    pub fn accept(self, visitor: &mut impl Visitor) {
        match self {
            Self::Quorate => visitor.visit::<Quorate>(),
            Self::QuorateInSession => visitor.visit::<QuorateInSession>(),
            Self::Crdts => visitor.visit::<Orswot>(),
            Self::CrdtsOperations => visitor.visit::<OrswotOperations>(),
            Self::CrdtKit => visitor.visit::<Kit>(),
            Self::CrdtKitCompacted => visitor.visit::<CompactedKit>(),
            Self::Yrs => visitor.visit::<Yrs>(),
            Self::Loro => visitor.visit::<Loro>(),
            Self::Automerge => visitor.visit::<Automerge>(),
        }
    }
}

/// The bytes of a value whose library has serde and no format of its own: bincode with variable
/// widths, which makes smaller messages than its default.
fn to_bytes(value: &impl serde::Serialize) -> Vec<u8> {
    variable_widths()
        .serialize(value)
        .expect("a set of strings in memory can be written")
}

fn from_bytes<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> T {
    variable_widths()
        .deserialize(bytes)
        .expect("these bytes were written by this program")
}

/// The sizes of such a value, by bincode's default and with variable widths.
fn serde_sizes(value: &impl serde::Serialize) -> Vec<(&'static str, usize)> {
    let fixed = bincode::serialized_size(value).expect("a set in memory can be written");
    let fixed = usize::try_from(fixed).expect("it is in memory");
    vec![
        ("state", fixed),
        ("state, smallest form", to_bytes(value).len()),
    ]
}

fn variable_widths() -> impl Options {
    bincode::DefaultOptions::new().with_varint_encoding()
}
