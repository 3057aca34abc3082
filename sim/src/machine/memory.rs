//! What the autoscaler of a leader remembers, as the log carries it.
//!
//! Every node has to keep it and only the next leader has to understand it. Read by everybody at once,
//! the decisions in it took more time than the rest of the log. So it stays the text that it is, and
//! is read by who takes over.

use std::sync::Arc;

use quorate::autoscale::controller::ControllerState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// The state of a controller as JSON. A copy shares the text.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Arc<RawValue>);

impl Memory {
    /// The memory of a controller.
    pub(crate) fn of(state: &ControllerState) -> Self {
        let text = to_raw_value(state).expect("plain data has a JSON form");
        Self(text.into())
    }

    /// What it says.
    pub(crate) fn read(&self) -> Result<ControllerState, serde_json::Error> {
        serde_json::from_str(self.0.get())
    }

    /// The text.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.get().as_bytes()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::of(&ControllerState::default())
    }
}

impl PartialEq for Memory {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for Memory {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Memory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_read_again_and_nothing_else() {
        let state = ControllerState::default();
        let memory = Memory::of(&state);
        assert_eq!(memory.read().unwrap(), state);
        let text = std::str::from_utf8(memory.as_bytes()).unwrap();
        assert_eq!(serde_json::from_str::<Memory>(text).unwrap(), memory);
        let other: Memory = serde_json::from_str(r#"{"orders": "many"}"#).unwrap();
        assert!(other.read().is_err());
    }
}
