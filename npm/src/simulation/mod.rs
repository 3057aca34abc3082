//! A whole simulated cluster, for JavaScript.
//!
//! What is also a file format (scenarios, actions) or is made of one (snapshots) keeps its names
//! here, so that a scenario of the page, of the command line and of a script are the same text.

mod input;
mod refusal;

use quorate::Micros;
use quorate_sim::{Lab, Scenario, presets};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument;
use crate::error::QuorateError;
use crate::plain::plain;

/// The types of the data are written by hand and travel with the package.
#[wasm_bindgen(typescript_custom_section)]
const IMPORTED_TYPES: &str = r#"
import type {
  Action, Focus, Preset, Progress, Scenario, Snapshot, TraceFile,
} from "./simulation-types.js";
"#;

/// A cluster of the real kernel over a simulated network, disks and load.
///
/// The same scenario gives the same run, event by event and digest by digest, here, in the
/// browser and natively.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Simulation {
    lab: Lab,
}

#[wasm_bindgen]
impl Simulation {
    /// A run at its beginning.
    ///
    /// The scenario is an object, its JSON, or the name of a preset. A trace takes the place of
    /// the scenario's load; a scenario that was recorded with a trace takes that one and no other.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Scenario | string")] scenario: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "TraceFile")] trace: &JsValue,
    ) -> Result<Simulation, QuorateError> {
        let mut scenario = input::scenario(scenario)?;
        let trace = (!trace.is_undefined())
            .then(|| input::trace(trace, &mut scenario))
            .transpose()?;
        let lab = Lab::new(scenario, trace.as_ref())?;
        Ok(Self { lab })
    }

    /// Runs up to a moment of simulated time, in microseconds; at most `maxEvents` events, so that
    /// a page stays alive.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub fn run(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "number")] until: &JsValue,
        #[wasm_bindgen(js_name = maxEvents, unchecked_optional_param_type = "number")]
        max_events: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        let until = Micros(argument::whole(until, "until")?);
        let max_events = argument::optional_whole(max_events, "maxEvents")?.unwrap_or(u64::MAX);
        let status = self.lab.advance(until, max_events).into();
        plain(&Progress {
            status,
            now: self.lab.now(),
            events: self.lab.events(),
        })
    }

    /// Does something to the cluster, now. It becomes a part of the scenario.
    pub fn act(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Action")] action: &JsValue,
    ) -> Result<(), QuorateError> {
        Ok(self.lab.act(input::action(action)?)?)
    }

    /// The picture at this moment.
    #[wasm_bindgen(unchecked_return_type = "Snapshot")]
    pub fn snapshot(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "Focus")] focus: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        plain(&self.lab.snapshot(&input::focus(focus)?))
    }

    /// Simulated time, in microseconds.
    #[wasm_bindgen(getter, unchecked_return_type = "number")]
    pub fn now(&self) -> Result<JsValue, QuorateError> {
        plain(&self.lab.now())
    }

    /// Events processed so far.
    #[wasm_bindgen(getter, unchecked_return_type = "number")]
    pub fn events(&self) -> Result<JsValue, QuorateError> {
        plain(&self.lab.events())
    }

    /// The digest of all of them, as 16 hexadecimal digits: equal digests mean equal runs.
    #[wasm_bindgen(getter)]
    pub fn digest(&self) -> String {
        format!("{:016x}", self.lab.digest())
    }

    /// What is run, with everything that was done to it so far.
    #[wasm_bindgen(unchecked_return_type = "Scenario")]
    pub fn scenario(&self) -> Result<JsValue, QuorateError> {
        plain(self.lab.scenario())
    }

    /// Scenarios to start from.
    #[wasm_bindgen(unchecked_return_type = "Preset[]")]
    pub fn presets() -> Result<JsValue, QuorateError> {
        let presets: Vec<Preset> = presets::all().into_iter().map(Preset::from).collect();
        plain(&presets)
    }
}

/// How far a run came.
#[derive(Serialize)]
struct Progress {
    status: Status,
    now: Micros,
    events: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Reached,
    Paused,
    Violated,
    Finished,
}

impl From<quorate_sim::Progress> for Status {
    fn from(progress: quorate_sim::Progress) -> Self {
        match progress {
            quorate_sim::Progress::Reached => Self::Reached,
            quorate_sim::Progress::Paused => Self::Paused,
            quorate_sim::Progress::Violated => Self::Violated,
            quorate_sim::Progress::Finished => Self::Finished,
        }
    }
}

#[derive(Serialize)]
struct Preset {
    slug: &'static str,
    title: &'static str,
    about: &'static str,
    scenario: Scenario,
}

impl From<presets::Preset> for Preset {
    fn from(preset: presets::Preset) -> Self {
        let presets::Preset {
            slug,
            title,
            about,
            scenario,
        } = preset;
        Self {
            slug,
            title,
            about,
            scenario,
        }
    }
}
