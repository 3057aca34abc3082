//! Finding objects by their tags.
//!
//! - [`expression`]: what can be asked.
//! - [`scan`]: the answer by looking at every object: the meaning of a query.
//! - [`index`]: the same answer from sorted lists that follow the store.
//! - [`selection`]: sets of objects that may be all but a few.

mod expression;
mod index;
mod scan;
mod selection;

pub use expression::{Query, ValueRange};
pub use index::TagIndex;

pub(super) use scan::matches;
