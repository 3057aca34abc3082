//! Conflict-free replicated data types over one store of events.
//!
//! # The idea
//!
//! Every mutation that changes something is an [`Event`] with a [`Dot`] of its own: the replica
//! that made it and a counter that has no gaps. An event names exactly the dots it *kills*: what
//! was live under its path when it was made. The state is then a function of the set of events a
//! replica has seen,
//!
//! ```text
//! live(C) = { x in C : x has a payload, and no k in C has x among its kills }        (F)
//! ```
//!
//! and the set of events seen is a prefix per replica, so a plain [`VersionVector`] says which
//! set it is. Equal contexts mean equal states; a join is a union of contexts.
//!
//! # Why the naive way fails
//!
//! The classic observed-remove set keeps removed tags for ever, or prunes them by age and brings
//! removed elements back to life as soon as a replica returns that was away for longer. Here a
//! removal's record in the journal exists only to make deltas small. Correctness rests on the
//! version vector, which is never pruned, so pruning the journal can change nothing but who has
//! to be sent a full state: see [`Store::prune`].
//!
//! # The rooms
//!
//! - [`Dot`], [`ReplicaId`], [`VersionVector`], [`Path`], [`Event`]: the vocabulary.
//! - [`Store`]: the state, with local events, deltas, full states and pruning.
//! - [`OrSet`], [`OrMap`], [`GCounter`], [`PnCounter`], [`LwwRegister`], [`MvRegister`], [`EwFlag`]:
//!   types that a program uses; thin views over a store. What they share is [`Replicated`] and
//!   [`Layout`]; a [`HybridClock`] stamps what the last writer wins.
//! - [`keyspace`]: named values of all types, and tags on them, over one store.
//! - [`Replica`]: a store that takes part in a cluster: one door, numbered persists, messages
//!   that leave only when what they cover is durable.
//! - [`Rule`]: what all of them rest on, and what a test may break.
//! - [`Table`], [`Entry`], [`Acks`], [`PruneCertificate`]: who takes part, as a function of a log;
//!   what everybody is known to hold, and what may be forgotten therefore.
//!
//! Theory: Almeida, Shoker, Baquero, *Delta state replicated data types* (2018); Bieniusa et
//! al., *An optimized conflict-free replicated set* (2012).

pub mod keyspace;
pub mod seed;

mod delta;
mod dot;
mod encoding;
mod event;
mod membership;
mod path;
mod replica;
mod replicated;
mod report;
mod rules;
mod stability;
mod store;
mod types;
mod version_vector;

pub use delta::{ApplyError, Delta, FullState, LiveEvent};
pub use dot::{Dot, ReplicaId};
pub use encoding::{EncodingError, Session, SessionError};
pub use event::{Event, Kills, Payload, Record, Write};
pub use membership::{Entry, EntryRefused, Epoch, Expiry, Member, Table};
pub use path::{Path, PathError, PathRef};
pub use replica::{
    Change, Digest, Effects, Envelope, Input, Mutation, Persist, Replica, ReplicaConfig,
    ReplicaError, SyncMessage,
};
pub use replicated::Replicated;
pub use report::MergeReport;
pub use rules::Rule;
pub use stability::{Acks, CertificateError, NotClosable, PruneCertificate};
pub use store::{
    Compaction, EnterError, Entered, Explanation, Live, PruneOptions, PruneReport, PruneTrigger,
    ReadmitError, Removal, SizeReport, Store, StoreError,
};
pub use types::{
    AsElement, ClockExhausted, CounterError, Element, EwFlag, ForeignEvent, GCounter, HybridClock,
    Kind, Layout, LoadError, LwwRegister, MapMut, MapRef, MvRegister, OrMap, OrSet, PnCounter,
    SetMut, SetRef, Sibling, Stamp, Winner, WriteError, newest_stamp,
};
pub use version_vector::VersionVector;
