//! The gallery of bugs: every mutant, what it is put through, and which invariant must notice.
//!
//! An invariant that has never been violated may be checking nothing, and one mutant that is caught
//! by *some* checker proves little: it may have been caught by luck, long after the rule was broken.
//! So every mutant has an owner, the invariant that its rule is there for, and counts as killed only
//! when its owner notices. The unbroken program goes through the same scenes and violates nothing.
//!
//! # Layout
//!
//! - [`specimens`]: the mutants, each with its owner and its scene.
//! - [`Scene`]: kinds of scenarios that bring out a family of bugs.
//! - [`hunt`]: runs a specimen until its owner has noticed; an [`Observed`] run says what broke.
//! - [`Hunt`]: what came of it, a row of the kill matrix.

mod hunt;
mod scenes;
mod specimens;

pub use hunt::{Hunt, Kill, Observed, hunt, observe};
pub use scenes::Scene;
pub use specimens::{Specimen, scenes, specimens};
