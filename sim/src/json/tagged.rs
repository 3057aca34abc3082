//! Enums that are JSON objects with a field that names the variant, and errors that know the field.
//!
//! Serde's own internally tagged enums read the whole object into a buffer before they know the
//! variant, and an error then no longer knows in which field it arose. Here the tag is taken out
//! of the tree first, and what is left is read with its path.

use serde::ser::{Error as _, SerializeMap as _};
use serde::{Deserializer, Serializer};
use serde_json::{Map, Value};

use super::{FieldError, Reader};

/// An enum with a tag. Its variants are read and written as serde's externally tagged ones.
pub(crate) trait Tagged: Sized {
    /// The field that names the variant.
    const TAG: &'static str;
    /// The variants that have nothing but the tag.
    const WITHOUT_FIELDS: &'static [&'static str] = &[];

    /// Reads `{"variant": {…}}`, or the variant alone.
    fn deserialize_variant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Writes the same.
    fn serialize_variant<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Reads a tagged enum.
pub(crate) fn read<T: Tagged>(value: Value) -> Result<T, FieldError> {
    let mut fields = super::object(value)?;
    let name = match fields.remove(T::TAG) {
        Some(Value::String(name)) => name,
        Some(_) => return Err(FieldError::at(T::TAG, &"expected a string")),
        None => return Err(FieldError::here(format!("missing field `{}`", T::TAG))),
    };
    let variant = if T::WITHOUT_FIELDS.contains(&name.as_str()) {
        if let Some(field) = fields.keys().next() {
            let what = format!(
                "unknown field `{field}`, there are no fields beside `{}`",
                T::TAG
            );
            return Err(FieldError::at(field, &what));
        }
        Value::String(name)
    } else {
        Value::Object(Map::from_iter([(name, Value::Object(fields))]))
    };
    T::deserialize_variant(Reader::of(variant)).map_err(|error| {
        // The first step leads into the variant, which the reader of the file knows as a tag.
        let FieldError { path, what } = error;
        let path = path.split_once('.').map_or("", |(_, field)| field);
        let unknown = what.starts_with("unknown variant");
        FieldError::at(if unknown { T::TAG } else { path }, &what)
    })
}

/// The variant's name, and its fields.
fn write<T: Tagged>(of: &T) -> Result<(String, Map<String, Value>), serde_json::Error> {
    let (name, fields) = match of.serialize_variant(serde_json::value::Serializer)? {
        Value::Object(variant) => variant.into_iter().next().unwrap_or_default(),
        Value::String(name) => (name, Value::Null),
        _ => Default::default(),
    };
    match fields {
        Value::Object(fields) => Ok((name, fields)),
        _ => Ok((name, Map::new())),
    }
}

/// Writes a tagged enum as an object: first what it stands beside, then the tag, then its fields.
pub(crate) fn serialize<T: Tagged, S: Serializer>(
    beside: Option<(&str, u64)>,
    of: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let (name, fields) = write(of).map_err(S::Error::custom)?;
    let mut object = serializer.serialize_map(None)?;
    if let Some((key, value)) = beside {
        object.serialize_entry(key, &value)?;
    }
    object.serialize_entry(T::TAG, &name)?;
    for (key, value) in &fields {
        object.serialize_entry(key, value)?;
    }
    object.end()
}
