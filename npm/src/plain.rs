//! Values that go out: plain objects that can be cloned into a worker, or written as JSON.

use quorate::crdt::{Dot, Path};
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

/// Dots as text: `n3·17`.
pub(crate) fn dots<'a>(dots: impl IntoIterator<Item = &'a Dot>) -> Vec<String> {
    dots.into_iter().map(Dot::to_string).collect()
}

/// The elements at these paths. The door has let in no path that is not one element.
pub(crate) fn elements(paths: &[Path]) -> Vec<String> {
    let element = |path: &Path| String::from_utf8(path.last()?).ok();
    paths.iter().filter_map(element).collect()
}
