//! Plain data out of JSON, with errors that name the field.
//!
//! A text becomes a tree first. A typed value is read out of the tree then, and what is wrong with
//! it knows its path. One reader for all of them: each type is compiled once, and only for what JSON
//! has, while `serde_json` prepares every struct to come as a list too, and every field name to come
//! as bytes. In the modules that browsers download this was a tenth of the code.

mod field_error;
mod reader;
pub(crate) mod tagged;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use field_error::FieldError;
pub(crate) use reader::Reader;

/// The tree of a text.
pub(crate) fn tree(text: &str) -> Result<Value, FieldError> {
    serde_json::from_str(text).map_err(|error| FieldError::at("", &error))
}

/// Reads a value out of a tree.
pub(crate) fn read<T: DeserializeOwned>(tree: Value) -> Result<T, FieldError> {
    T::deserialize(Reader::of(tree))
}

/// The fields of an object.
pub(crate) fn object(tree: Value) -> Result<Map<String, Value>, FieldError> {
    match tree {
        Value::Object(fields) => Ok(fields),
        _ => Err(FieldError::here("expected an object")),
    }
}

#[cfg(test)]
mod tests;
