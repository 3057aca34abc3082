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
//! - `crdt`: sets and counters, and what they tell each other.
//! - `simulation`: a whole simulated cluster.
//! - `argument`: values that come in; `plain`: values that go out.
//! - `*.js`, `*.d.ts` beside this file: the entries of the package, and the types of the data.
//!
//! The two features are two WebAssembly modules of one package: whoever wants a set should not
//! download a simulator, which is four times as large.

mod argument;
mod error;
mod plain;

#[cfg(feature = "crdt")]
mod crdt;
#[cfg(feature = "simulation")]
mod simulation;

use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "crdt")]
pub use crdt::{GCounter, OrSet};
pub use error::{Code, QuorateError};
#[cfg(feature = "simulation")]
pub use simulation::Simulation;

/// What runs when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    // A panic is a mistake of ours. The module is not usable afterwards, so at least say why.
    console_error_panic_hook::set_once();
}
