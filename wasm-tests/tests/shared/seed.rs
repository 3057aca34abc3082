//! The seed's set and its pruner, and the flaws that this kernel must not have.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/seed/exchange.rs"]
pub mod exchange;
#[path = "../../../core/tests/seed/flaws/mod.rs"]
pub mod flaws;
#[path = "../../../core/tests/seed/instants.rs"]
pub mod instants;
#[path = "../../../core/tests/seed/pruning.rs"]
pub mod pruning;
#[path = "../../../core/tests/seed/set.rs"]
pub mod set;

use instants::{DAY, MINUTE, morning};
