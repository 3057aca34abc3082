//! Kubernetes' tables.

pub use wasm_bindgen_test::wasm_bindgen_test as test;

#[path = "../../../core/tests/autoscale_hpa/logs.rs"]
mod logs;
#[path = "../../../core/tests/autoscale_hpa/proposals.rs"]
mod proposals;
#[path = "../../../core/tests/autoscale_hpa/reconciles.rs"]
mod reconciles;
#[path = "../../../core/tests/autoscale_hpa/table.rs"]
mod table;
