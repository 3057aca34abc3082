//! Values that come in, parsed into what the kernel takes.
//!
//! The generated glue trusts its caller: a string where bytes are declared becomes zeros, a
//! negative number a huge one. So nothing is declared but *any value*, and everything is looked at
//! here.

use js_sys::{Array, ArrayBuffer, JsString, Map, Number, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::QuorateError;

/// The largest whole number below which every whole number is exact in JavaScript: 2^53 − 1.
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The longest piece of a refused text that is shown, in characters.
const SHOWN: usize = 40;

/// A whole number from 0 to [`MAX_SAFE_INTEGER`].
pub(crate) fn whole(value: &JsValue, name: &str) -> Result<u64, QuorateError> {
    let number = value.as_f64().filter(|number| *number >= 0.0);
    match number {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is neither negative nor beyond 2^53 − 1 nor between two whole numbers"
        )]
        Some(number) if Number::is_safe_integer(value) => Ok(number as u64),
        _ => Err(QuorateError::bad_argument(format!(
            "{name} must be a whole number from 0 to {MAX_SAFE_INTEGER}, not {}",
            shown(value)
        ))),
    }
}

/// A whole number, unless it is left out.
pub(crate) fn optional_whole(value: &JsValue, name: &str) -> Result<Option<u64>, QuorateError> {
    (!value.is_undefined())
        .then(|| whole(value, name))
        .transpose()
}

/// A text that has one form as bytes.
pub(crate) fn text(value: &JsValue, name: &str) -> Result<String, QuorateError> {
    let wanted = format!("{name} must be a string");
    let Some(string) = value.dyn_ref::<JsString>() else {
        return Err(QuorateError::bad_argument(format!(
            "{wanted}, not {}",
            shown(value)
        )));
    };
    if !string.is_valid_utf16() {
        let what = format!("{wanted} of whole characters, and this one has half a surrogate pair");
        return Err(QuorateError::bad_argument(what));
    }
    Ok(String::from(string))
}

/// Bytes: a `Uint8Array`, or another view of a buffer such as Node's `Buffer`.
///
/// Not by `instanceof`, which fails for arrays from another realm, such as a test runner's.
pub(crate) fn bytes(value: &JsValue, name: &str) -> Result<Vec<u8>, QuorateError> {
    if !ArrayBuffer::is_view(value) {
        let what = format!("{name} must be a Uint8Array, not {}", shown(value));
        return Err(QuorateError::bad_argument(what));
    }
    let view = value.unchecked_ref::<Uint8Array>();
    let (offset, length) = (view.byte_offset(), view.byte_length());
    let bytes = Uint8Array::new_with_byte_offset_and_length(&view.buffer(), offset, length);
    Ok(bytes.to_vec())
}

/// A plain object whose fields all have names that are known.
///
/// A misspelled option that is ignored makes a call that looks right and does something else.
pub(crate) struct Fields<'a> {
    object: &'a JsValue,
    name: &'static str,
}

impl<'a> Fields<'a> {
    /// Takes an object with at most the `known` fields.
    pub(crate) fn of(
        object: &'a JsValue,
        name: &'static str,
        known: &[&str],
    ) -> Result<Self, QuorateError> {
        for key in keys(object, name)? {
            if !known.contains(&key.as_str()) {
                let known = known.join(", ");
                let what = format!("{name} has no field `{key}`; there are {known}");
                return Err(QuorateError::bad_argument(what));
            }
        }
        Ok(Self { object, name })
    }

    /// A field; `undefined` if it is left out.
    pub(crate) fn get(&self, key: &str) -> Result<JsValue, QuorateError> {
        property(self.object, self.name, key)
    }
}

/// The names of an object's own fields.
pub(crate) fn keys(object: &JsValue, name: &str) -> Result<Vec<String>, QuorateError> {
    let refuse = || {
        let what = format!("{name} must be a plain object, not {}", shown(object));
        QuorateError::bad_argument(what)
    };
    // A `Map` has entries and no fields: it would look empty.
    if !object.is_object() || object.is_instance_of::<Map>() || Array::is_array(object) {
        return Err(refuse());
    }
    let keys = Reflect::own_keys(object).map_err(|_| refuse())?;
    Ok(keys.iter().filter_map(|key| key.as_string()).collect())
}

/// A field of an object; `undefined` if there is none.
pub(crate) fn property(object: &JsValue, name: &str, key: &str) -> Result<JsValue, QuorateError> {
    Reflect::get(object, &key.into()).map_err(|thrown| {
        let what = format!("{name}.{key} cannot be read: {}", shown(&thrown));
        QuorateError::bad_argument(what)
    })
}

/// A value in a few words, for an error.
pub(crate) fn shown(value: &JsValue) -> String {
    if let Some(text) = value.as_string() {
        let is_long = text.chars().count() > SHOWN;
        let start: String = text.chars().take(SHOWN).collect();
        return format!("{start:?}{}", if is_long { "…" } else { "" });
    }
    if Array::is_array(value) {
        return "an array".into();
    }
    match value.js_typeof().as_string().as_deref() {
        Some("object") if !value.is_null() => "an object".into(),
        Some("function") => "a function".into(),
        Some("symbol") => "a symbol".into(),
        _ => string_of(value),
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = String)]
    fn string_of(value: &JsValue) -> String;
}
