//! Who takes part, as a function of a log.
//!
//! # The idea
//!
//! Replicas come and go, and every one that ever made an event has an entry in every version
//! vector. The entry of a retired replica is not forgotten, it is *agreed*: everybody in an
//! epoch has seen exactly the first `n` of its events, so nobody needs to write `n` down but the
//! [`Table`]. Leaving it out of vectors is lossless compression; joins stay plain joins, and all
//! safety lies in making the agreement true.
//!
//! # Why the naive way fails
//!
//! Dropping the entry of a replica that was away for long makes two histories look alike: one in
//! which its last add never arrived and must be kept, and one in which it arrived, was removed
//! and must stay removed. Taking "all I have seen" as the agreement loses what only somebody else
//! had. So a table changes only by an [`Entry`] of a linearizable log, in two steps. A *fence*
//! stops the replica: nothing of it enters the group any more, whose members go on exchanging
//! what they hold of it. A *close* follows when all of them reported, durably and from within
//! the current epoch, the same number: [`Acks::closable`](super::Acks::closable).
//!
//! A replica that returns is *readmitted*: closed replicas of which it holds more are reopened
//! where they were closed, and the events travel under their own dots.
//!
//! A table says nothing about who votes in a consensus group; that is another configuration.

pub(super) mod encoding;
mod entry;
mod member;
mod table;

pub use entry::{Entry, EntryRefused};
pub use member::{Expiry, Member};
pub use table::{Epoch, Table};
