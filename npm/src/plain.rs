//! Values that go out: plain objects that can be cloned into a worker, or written as JSON.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::error::{Code, QuorateError};

/// Objects in place of `Map`s, `null` for what is absent, and bytes as a `Uint8Array`.
const SERIALIZER: Serializer = Serializer::json_compatible().serialize_bytes_as_arrays(false);

/// The value as a plain object.
pub(crate) fn plain<T: Serialize>(value: &T) -> Result<JsValue, QuorateError> {
    value
        .serialize(&SERIALIZER)
        .map_err(|error| QuorateError::new(Code::NumberTooLarge, error.to_string()))
}
