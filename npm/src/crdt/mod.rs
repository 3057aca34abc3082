//! Sets and counters, and what their replicas tell each other.
//!
//! - `or_set`, `g_counter`: the classes.
//! - `replica`: which replica one is; `version`: what it has seen; `update`: what it sends.
//! - `prune`: forgetting removals.

mod g_counter;
mod or_set;
mod prune;
mod refusal;
mod replica;
mod update;
mod version;

use wasm_bindgen::prelude::wasm_bindgen;

pub use g_counter::GCounter;
pub use or_set::OrSet;

/// The types of the data are written by hand and travel with the package.
#[wasm_bindgen(typescript_custom_section)]
const IMPORTED_TYPES: &str = r#"
import type {
  CounterMergeReport, MergeReport, PruneOptions, PruneReport, ReplicaOptions, Update, Version,
} from "./types.js";
"#;
