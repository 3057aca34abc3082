//! Objects by name: every replicated type, and tags on all of them, over one store.
//!
//! # The idea
//!
//! A program has many values, and the obvious keyspace is a table of them: key to counter, key to
//! set, each with a state and a merge of its own. Then a table of a thousand million small objects is
//! as many version vectors, a removed key has to be remembered so that it does not come back, and two
//! keys that were written together arrive apart. Here the keyspace is one [`Store`](super::Store), with
//! one context, one journal and one floor; an object is what is live under its key, and costs about
//! one dot for each thing that is known about it.
//!
//! # The rooms
//!
//! - [`Registry`], [`KeyKind`]: which key holds which type.
//! - [`Operation`], [`apply`], [`KeyspaceError`]: what can be done, the one way to do it, and why not.
//! - [`Keyspace`], [`Value`]: looking at it, with types or as a whole.
//! - [`TagName`], [`TagValue`], [`Fact`], [`Tag`]: what is said of objects, beside whatever they hold;
//!   [`Schema`], [`MergeMode`]: what becomes of it where replicas disagree.
//! - [`Query`], [`TagIndex`]: finding objects by their tags, by a walk or by an index.
//!
//! Registers and tags carry stamps of one clock for the whole keyspace: [`clock_of`], [`observe`],
//! [`is_stamped`].

mod apply;
mod encoding;
mod error;
mod layout;
mod operation;
mod query;
mod read;
mod registry;
mod tags;
mod value;

pub use apply::apply;
pub use error::KeyspaceError;
pub use layout::{clock_of, is_stamped, observe, value_path};
pub use operation::{Operation, OperationName};
pub use query::{Query, TagIndex, ValueRange};
pub use read::Keyspace;
pub use registry::{KeyKind, Registry, RegistryError};
pub use tags::{
    Fact, MergeMode, Number, NumberError, Scalar, Schema, Tag, TagName, TagNameError, TagScope,
    TagValue, clear_merge_mode, set_merge_mode,
};
pub use value::Value;
