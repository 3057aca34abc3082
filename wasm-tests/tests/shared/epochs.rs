//! Membership by epochs: the named histories, and random ones with crashes, closes and readmissions.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/epochs/cluster.rs"]
pub mod cluster;
#[path = "../../../core/tests/epochs/counterexamples.rs"]
pub mod counterexamples;
#[path = "../../../core/tests/epochs/heal.rs"]
pub mod heal;
#[path = "../../../core/tests/epochs/histories.rs"]
pub mod histories;
#[path = "../../../core/tests/epochs/ledger.rs"]
pub mod ledger;
#[path = "../../../core/tests/epochs/lives.rs"]
pub mod lives;
#[path = "../../../core/tests/epochs/returns.rs"]
pub mod returns;
