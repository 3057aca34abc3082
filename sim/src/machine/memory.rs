//! What the autoscaler of a leader remembers, as the log carries it.
//!
//! Every node has to keep it and only the next leader has to understand it. Read by everybody at once,
//! the decisions in it took more time than the rest of the log. So it stays the text that it is, and
//! is read by who takes over.

use std::sync::Arc;

use quorate::autoscale::controller::ControllerState;
use quorate::codec::{DecodeError, Reader};

use crate::json::{self, FieldError};

/// The state of a controller as JSON. A copy shares the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memory(Arc<str>);

impl Memory {
    /// The memory of a controller.
    pub(crate) fn of(state: &ControllerState) -> Self {
        let text = serde_json::to_string(state).expect("plain data has a JSON form");
        Self(text.into())
    }

    /// What it says.
    pub(crate) fn state(&self) -> Result<ControllerState, FieldError> {
        json::read(json::tree(&self.0)?)
    }

    /// The text.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text again, whatever it says.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        let text = str::from_utf8(reader.bytes()?)
            .map_err(|_| Reader::bad_value(offset, "the memory of an autoscaler as text"))?;
        Ok(Self(text.into()))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::of(&ControllerState::default())
    }
}

#[cfg(test)]
mod tests {
    use quorate::Micros;
    use quorate::autoscale::controller::{Controller, ControllerSettings, Driver, InMemoryFleet};
    use quorate::autoscale::{Guards, Policy, Strategy};
    use quorate::codec::put_bytes;

    use super::*;

    fn written_and_read(memory: &Memory) -> Memory {
        let mut bytes = Vec::new();
        put_bytes(&mut bytes, memory.as_bytes());
        Memory::read(&mut Reader::new(&bytes)).unwrap()
    }

    #[test]
    fn what_is_remembered_is_read_again_and_nothing_else() {
        let state = ControllerState::default();
        let memory = Memory::of(&state);
        assert_eq!(written_and_read(&memory), memory);
        assert_eq!(memory.state().unwrap(), state);
        let other = Memory(r#"{"orders": "many"}"#.into());
        assert_eq!(written_and_read(&other), other);
        assert_eq!(other.state().unwrap_err().path, "orders");
    }
    #[test]
    fn whatever_a_strategy_remembers_is_read_again() {
        for kind in Strategy::KINDS {
            let strategy = Strategy::of_kind(kind).unwrap();
            let policy = Policy::new(strategy, Guards::default()).unwrap();
            let controller = Controller::new(policy, ControllerSettings::default()).unwrap();
            let fleet = InMemoryFleet::new(3, Micros::from_secs(20), Micros::from_secs(10));
            let mut driver = Driver::new(controller, fleet.clone(), fleet.clone());
            driver.lead(Micros::ZERO, 1).unwrap();
            for turn in 1..=200 {
                fleet.set_load([2_000, 9_000, 500][turn / 20 % 3]);
                driver.turn(Micros::from_secs(15 * turn as u64)).unwrap();
                let state = driver.controller().save();
                let read = Memory::of(state).state();
                assert_eq!(read.as_ref(), Ok(state), "{kind}, turn {turn}");
            }
        }
    }
}
