//! The Quorate kernel and simulator for JavaScript.
//!
//! Bindings that hand structs back and forth tend to leak: of memory, because every object must
//! be freed, and of meaning, because a wrong argument becomes a crash deep inside. So only what
//! has state is a class here ([`OrSet`], [`GCounter`], [`Simulation`]); everything else is plain
//! data that can be cloned into a worker; and every argument is parsed at the door into what the
//! kernel takes, or refused with a [`QuorateError`] that says what was wrong.
//!
//! # Layout
//!
//! - `or_set`, `g_counter`, `simulation`: the classes.
//! - `argument`: values that come in; `plain`: values that go out.
//! - `version`, `update`: what replicas tell each other.
//! - `*.js`, `*.d.ts` beside this file: the entries of the package, and the types of the data.

mod argument;
mod error;
mod g_counter;
mod or_set;
mod plain;
mod prune;
mod simulation;
mod update;
mod version;

use wasm_bindgen::prelude::wasm_bindgen;

pub use error::{Code, QuorateError};
pub use g_counter::GCounter;
pub use or_set::OrSet;
pub use simulation::Simulation;

/// The types of the data are written by hand beside this file and travel with the package.
#[wasm_bindgen(typescript_custom_section)]
const IMPORTED_TYPES: &str = r#"
import type {
  Action, CounterMergeReport, Focus, MergeReport, Preset, Progress, PruneOptions, PruneReport,
  ReplicaOptions, Scenario, Snapshot, TraceFile, Update, Version,
} from "./types.js";
"#;

/// What runs when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    // A panic is a mistake of ours. The module is not usable afterwards, so at least say why.
    console_error_panic_hook::set_once();
}
