//! Actions as JSON: `{"at": 6000000, "do": "crash", "node": 3}`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Action, TimedAction};
use crate::json::tagged::{self, Tagged};
use crate::json::{self, FieldError};

impl Tagged for Action {
    const TAG: &'static str = "do";
    const WITHOUT_FIELDS: &'static [&'static str] = &["heal"];

    fn deserialize_variant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    fn serialize_variant<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tagged::serialize(None, self, serializer)
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        tagged::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl TimedAction {
    /// Reads the object; an error says which of its fields is wrong.
    pub(crate) fn read(value: Value) -> Result<Self, FieldError> {
        let mut fields = json::object(value)?;
        let at = fields
            .remove("at")
            .ok_or_else(|| FieldError::here("missing field `at`"))?;
        let at = json::read(at).map_err(|error| error.within("at"))?;
        let action = tagged::read(Value::Object(fields))?;
        Ok(Self { at, action })
    }
}

impl Serialize for TimedAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        tagged::serialize(Some(("at", self.at.0)), &self.action, serializer)
    }
}

impl<'de> Deserialize<'de> for TimedAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
