//! Which replica one is, and what time it is there.

use js_sys::Uint8Array;
use quorate::crdt::ReplicaId;
use quorate::{Micros, NodeId};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument::{Fields, MAX_SAFE_INTEGER, optional_whole, whole};
use crate::error::QuorateError;

/// The replica that a new set or counter is.
pub(super) fn replica(options: &JsValue) -> Result<ReplicaId, QuorateError> {
    let options = Fields::of(options, "options", &["node", "incarnation"])?;
    let node = NodeId(whole(&options.get("node")?, "options.node")?);
    let incarnation = optional_whole(&options.get("incarnation")?, "options.incarnation")?;
    Ok(ReplicaId {
        node,
        incarnation: incarnation.unwrap_or_else(fresh_incarnation),
    })
}

/// The time in microseconds; the clock of the page or process if it is left out.
///
/// The kernel has no clock. Time only says how old a removal is when it is pruned, so one that is
/// wrong, or jumps, costs bytes and never an element.
pub(super) fn moment(value: &JsValue) -> Result<Micros, QuorateError> {
    let given = optional_whole(value, "now")?;
    Ok(given.map_or_else(clock, Micros))
}

/// A random incarnation of 53 bits: nobody has to remember the ones that were.
fn fresh_incarnation() -> u64 {
    let bytes = Uint8Array::new_with_length(8);
    fill_with_random(&bytes);
    let mut random = [0; 8];
    bytes.copy_to(&mut random);
    // Zero is the first incarnation, which hosts that count them give by hand.
    (u64::from_le_bytes(random) & MAX_SAFE_INTEGER).max(1)
}

fn clock() -> Micros {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole milliseconds since 1970"
    )]
    Micros::from_millis(js_sys::Date::now() as u64)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(bytes: &Uint8Array);
}
