//! The way of serde through a tree.
//!
//! An error begins where it arises, without a path, and every list and object that it leaves on its
//! way out puts its own step before it: whatever goes well pays nothing for paths.

use std::vec;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, map};

use super::FieldError;

/// Reads one value of a tree.
#[derive(Debug)]
pub(crate) struct Reader(Value);

impl Reader {
    /// The reader of a whole tree.
    pub(crate) fn of(tree: Value) -> Self {
        Self(tree)
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let Value::Array(values) = self.0 else {
            return Err(FieldError::invalid_type(found(&self.0), &visitor));
        };
        let length = values.len();
        let mut items = Items {
            values: values.into_iter(),
            read: 0,
        };
        let list = visitor.visit_seq(&mut items)?;
        match items.values.len() {
            0 => Ok(list),
            _ => Err(FieldError::invalid_length(
                length,
                &"fewer elements in array",
            )),
        }
    }

    fn fields<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        let Value::Object(fields) = self.0 else {
            return Err(FieldError::invalid_type(found(&self.0), &visitor));
        };
        visitor.visit_map(Fields {
            fields: fields.into_iter(),
            next: None,
        })
    }
}

impl<'de> Deserializer<'de> for Reader {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => visitor.visit_u64(value),
                (_, Some(value)) => visitor.visit_i64(value),
                _ => visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.fields(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        self.fields(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.fields(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant {
                name,
                content: None,
            }),
            Value::Object(fields) if fields.len() == 1 => visitor.visit_enum(Variant::only(fields)),
            Value::Object(_) => {
                let expected = "map with a single key";
                Err(FieldError::invalid_value(Unexpected::Map, &expected))
            }
            other => {
                let expected = "string or map";
                Err(FieldError::invalid_type(found(&other), &expected))
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple_struct identifier
    }
}

/// What stands where something else was expected.
fn found(value: &Value) -> Unexpected<'_> {
    match value {
        Value::Null => Unexpected::Unit,
        Value::Bool(value) => Unexpected::Bool(*value),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(value), _) => Unexpected::Unsigned(value),
            (_, Some(value)) => Unexpected::Signed(value),
            _ => Unexpected::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Unexpected::Str(text),
        Value::Array(_) => Unexpected::Seq,
        Value::Object(_) => Unexpected::Map,
    }
}

/// The elements of a list.
struct Items {
    values: vec::IntoIter<Value>,
    /// How many have been read.
    read: usize,
}

impl<'de> SeqAccess<'de> for &mut Items {
    type Error = FieldError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, FieldError> {
        let Some(value) = self.values.next() else {
            return Ok(None);
        };
        let at = self.read;
        self.read += 1;
        let item = seed.deserialize(Reader(value));
        item.map(Some)
            .map_err(|error| error.within(&format!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.values.len())
    }
}

/// The fields of an object.
struct Fields {
    fields: map::IntoIter,
    /// The field whose name has been read, and whose value has not.
    next: Option<(String, Value)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = FieldError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, FieldError> {
        let Some((name, value)) = self.fields.next() else {
            return Ok(None);
        };
        let key = seed.deserialize(Name(&name));
        let key = key.map_err(|error| error.within(&name))?;
        self.next = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, FieldError> {
        let Some((name, value)) = self.next.take() else {
            return Err(FieldError::here("a value was read before its name"));
        };
        let value = seed.deserialize(Reader(value));
        value.map_err(|error| error.within(&name))
    }
}

/// The name of a field or of a variant.
struct Name<'a>(&'a str);

impl<'de> Deserializer<'de> for Name<'_> {
    type Error = FieldError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, FieldError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// A variant of an enum: its name alone, or an object with that one field.
struct Variant {
    name: String,
    content: Option<Value>,
}

impl Variant {
    fn only(fields: Map<String, Value>) -> Self {
        let (name, content) = fields.into_iter().next().unwrap_or_default();
        Self {
            name,
            content: Some(content),
        }
    }
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = FieldError;
    type Variant = Content;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content), FieldError> {
        let variant = seed.deserialize(Name(&self.name))?;
        Ok((variant, Content(self.name, self.content)))
    }
}

/// What a variant holds, and its name.
struct Content(String, Option<Value>);

impl Content {
    fn read<T>(
        self,
        what: &'static str,
        read: impl FnOnce(Reader) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        match self.1 {
            Some(value) => read(Reader(value)).map_err(|error| error.within(&self.0)),
            None => Err(FieldError::invalid_type(Unexpected::UnitVariant, &what)),
        }
    }
}

impl<'de> VariantAccess<'de> for Content {
    type Error = FieldError;

    fn unit_variant(self) -> Result<(), FieldError> {
        match self.1 {
            None | Some(Value::Null) => Ok(()),
            Some(value) => Err(FieldError::invalid_type(found(&value), &"unit variant")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, FieldError> {
        self.read("newtype variant", |content| seed.deserialize(content))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.read("tuple variant", |content| content.list(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, FieldError> {
        self.read("struct variant", |content| content.fields(visitor))
    }
}
