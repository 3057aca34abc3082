//! What is said of an object, beside whatever it holds.
//!
//! The usual collection of tags has a set of names, a map of values and a version vector, for every
//! object. Names and values then merge apart, so that a name can be there without its value; the
//! vectors cost tens of times the tags; and where two values meet, each side asks its own
//! configuration what becomes of them, so that the two sides can differ for ever.
//!
//! Here a tag is one event at one path, in the one store of everything:
//!
//! - **Present is having a value.** Both are the same live dot.
//! - **A join resolves nothing.** Concurrent facts about one name all stay, until somebody who has
//!   seen them writes another. What they amount to is decided when they are read, as a function of
//!   the facts alone: [`MergeMode`]. So joining again changes nothing, and no order of joins matters.
//! - **The mode is data.** Which mode a name has is in the same store ([`Schema`]). Replicas with
//!   equal contexts resolve alike.
//!
//! There is no mode that is a function of the program's own. A function cannot be replicated: two
//! replicas with two versions of the program would resolve one conflict in two ways.

mod fact;
mod name;
mod number;
mod ordered;
mod resolve;
mod scalar;
mod schema;
mod value;

use super::error::KeyspaceError;
use super::layout::tag_path;
use crate::Micros;
use crate::crdt::types::lww_register;
use crate::crdt::{Event, HybridClock, Store, StoreError, Write};

pub use fact::Fact;
pub use name::{TagName, TagNameError};
pub use number::{Number, NumberError};
pub use resolve::{MergeMode, Tag};
pub use scalar::Scalar;
pub use schema::{Schema, TagScope, clear_merge_mode, set_merge_mode};
pub use value::TagValue;

pub(super) use fact::is_fact;
pub(super) use resolve::resolve;
pub(super) use schema::{is_mode, is_mode_path};

/// Says something of an object, in place of all facts seen under the name.
pub(super) fn write(
    store: &mut Store,
    clock: &mut HybridClock,
    now: Micros,
    key: &[u8],
    name: &TagName,
    value: &TagValue,
    source: &str,
) -> Result<Event, KeyspaceError> {
    let path = tag_path(key, name);
    let superseded = store.live_at(&path).filter_map(Fact::of);
    let bytes = fact::succeed(superseded, now, value, source).ok_or_else(|| {
        let (key, name) = (key.to_vec(), name.clone());
        KeyspaceError::VersionExhausted { key, name }
    })?;
    Ok(lww_register::write(store, clock, now, &path, &bytes)?)
}

/// Takes a tag away, as far as it was seen; `None` if it was not there.
pub(super) fn remove(
    store: &mut Store,
    now: Micros,
    key: &[u8],
    name: &TagName,
) -> Result<Option<Event>, StoreError> {
    store.record(now, &tag_path(key, name), Write::Remove)
}
