//! The keyspace: every operation, tags in conflict, queries, and random histories against its oracle.

pub use super::types::world;
pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/keyspace/flaws.rs"]
pub mod flaws;
#[path = "../../../core/tests/keyspace/footprint.rs"]
pub mod footprint;
#[path = "../../../core/tests/keyspace/histories.rs"]
pub mod histories;
#[path = "../../../core/tests/keyspace/operations.rs"]
pub mod operations;
#[path = "../../../core/tests/keyspace/oracle.rs"]
pub mod oracle;
#[path = "../../../core/tests/keyspace/queries.rs"]
pub mod queries;
#[path = "../../../core/tests/keyspace/registry.rs"]
pub mod registry;
#[path = "../../../core/tests/keyspace/replica.rs"]
pub mod replica;
