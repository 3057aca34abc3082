//! Scenarios as JSON, and back.
//!
//! A file is read as a tree first and piece by piece then, so that the version is judged before
//! anything else, and every error knows the path of the field it is about: also within a load or
//! an action, whose fields depend on its kind.

use std::fmt;

use quorate::autoscale::Policy;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::{MAX_BYTES, Scenario, ScenarioError, VERSION};
use crate::action::TimedAction;
use crate::json::{self, FieldError, tagged};
use crate::load::LoadSpec;

impl Scenario {
    /// Reads a scenario and checks every setting.
    pub fn parse(json: &str) -> Result<Self, ScenarioError> {
        if json.len() > MAX_BYTES {
            return Err(ScenarioError::TooLarge { bytes: json.len() });
        }
        let document: Document = serde_json::from_str(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = without_position(&error);
            ScenarioError::Json { line, column, what }
        })?;
        let scenario = Self::read(document.0)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// The scenario as JSON, for a file: every setting is named.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data has a JSON form")
    }

    /// The scenario as JSON, for a link: without the settings that are as they are if nothing is
    /// said.
    pub(crate) fn to_short_json(&self) -> String {
        let mut tree = serde_json::to_value(self).expect("plain data has a JSON form");
        let kind = &tree["autoscale"]["strategy"]["kind"];
        let policy = json::read::<Policy>(json!({ "strategy": { "kind": kind } }));
        // Whatever has no short form stays as long as it is.
        let usual = Self {
            autoscale: policy.unwrap_or_else(|_| self.autoscale.clone()),
            ..Self::quiet("", self.voters)
        };
        let usual = serde_json::to_value(usual).expect("plain data has a JSON form");
        if let (Value::Object(fields), Value::Object(usual)) = (&mut tree, &usual) {
            let is_optional = |name: &str| OPTIONAL.contains(&name);
            fields.retain(|name, field| !is_optional(name) || differs(name, field, usual));
        }
        let is_same = |short: &Value| Self::read(short.clone()).is_ok_and(|read| read == *self);
        if is_same(&tree) {
            return tree.to_string();
        }
        serde_json::to_string(self).expect("plain data has a JSON form")
    }

    /// Reads the tree. Loads and actions come first: they know their fields better.
    fn read(tree: Value) -> Result<Self, ScenarioError> {
        let fields = json::object(tree)?;
        match fields.get("version").map(Value::as_u64) {
            Some(Some(found)) if found == u64::from(VERSION) => {}
            Some(Some(found)) => return Err(ScenarioError::Version { found }),
            Some(None) => return Err(FieldError::at("version", &"expected a whole number").into()),
            None => return Err(FieldError::here("missing field `version`").into()),
        }
        if let Some(load) = fields.get("load") {
            tagged::read::<LoadSpec>(load.clone()).map_err(|error| error.within("load"))?;
        }
        if let Some(Value::Array(actions)) = fields.get("actions") {
            for (at, action) in actions.iter().enumerate() {
                let place = format!("actions[{at}]");
                TimedAction::read(action.clone()).map_err(|error| error.within(&place))?;
            }
        }
        Ok(json::read(Value::Object(fields))?)
    }
}

/// What may be left out, in whole or in part.
const OPTIONAL: [&str; 10] = [
    "raft",
    "network",
    "disk",
    "clocks",
    "faults",
    "sets",
    "workload",
    "service",
    "autoscale",
    "actions",
];
/// The fields that name a variant: without them the others mean nothing.
const TAGS: [&str; 2] = ["kind", "type"];

/// Takes out of a field what is as usual; whether anything is left.
fn differs(name: &str, field: &mut Value, usual: &Map<String, Value>) -> bool {
    match (field, usual.get(name)) {
        (Value::Object(fields), Some(Value::Object(usual))) => {
            fields.retain(|name, field| differs(name, field, usual));
            !fields.is_empty()
        }
        (field, Some(usual)) => TAGS.contains(&name) || field != usual,
        (_, None) => true,
    }
}

/// The message without the position that the library appends: it has a place of its own.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ")
        .map_or(text.clone(), |at| text[..at].into())
}

impl From<FieldError> for ScenarioError {
    fn from(error: FieldError) -> Self {
        Self::Setting {
            path: error.path,
            what: error.what,
        }
    }
}

/// A tree in which no field is named twice: of two, one would silently not count.
struct Document(Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree).map(Self)
    }
}

/// Builds the tree.
#[derive(Clone, Copy)]
struct Tree;

impl<'de> DeserializeSeed<'de> for Tree {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format_args!(
                    "field `{name}` is named twice"
                )));
            }
            let value = entries.next_value_seed(Self)?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}
