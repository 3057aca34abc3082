//! A whole simulated cluster, for JavaScript.
//!
//! What is also a file format (scenarios, actions) or is made of one (snapshots) keeps its names
//! here, so that a scenario of the page, of the command line and of a script are the same text.

use std::sync::Arc;

use js_sys::{Array, JSON};
use quorate::Micros;
use quorate_sim::load::{LoadSpec, Trace, TraceSpec};
use quorate_sim::{Action, Focus, Lab, Scenario, ScenarioError, presets};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::argument::{self, Fields, shown};
use crate::error::{Code, QuorateError};
use crate::plain::plain;

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
        let mut scenario = read_scenario(scenario)?;
        let trace = (!trace.is_undefined())
            .then(|| read_trace(trace, &mut scenario))
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
        let json = stringify(action, "action").map_err(|what| refused(Code::BadAction, what))?;
        let action: Action = serde_json::from_str(&json)
            .map_err(|error| refused(Code::BadAction, without_position(&error)))?;
        Ok(self.lab.act(action)?)
    }

    /// The picture at this moment.
    #[wasm_bindgen(unchecked_return_type = "Snapshot")]
    pub fn snapshot(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "Focus")] focus: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        plain(&self.lab.snapshot(&read_focus(focus)?))
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

fn read_scenario(value: &JsValue) -> Result<Scenario, QuorateError> {
    if !value.is_string() {
        let json = stringify(value, "scenario").map_err(|what| refused(Code::BadScenario, what))?;
        return Scenario::parse(&json).map_err(|error| match error {
            // A place in a text that nobody wrote would help nobody.
            ScenarioError::Json { what, .. } => refused(Code::BadScenario, what),
            error => error.into(),
        });
    }
    let text = argument::text(value, "scenario")?;
    if text.trim_start().starts_with('{') {
        return Ok(Scenario::parse(&text)?);
    }
    match presets::find(&text) {
        Some(preset) => Ok(preset.scenario),
        None => {
            let known: Vec<&str> = presets::all().iter().map(|preset| preset.slug).collect();
            let (text, known) = (shown(value), known.join(", "));
            let what = format!("{text} is neither JSON nor a preset; presets are {known}");
            Err(refused(Code::BadScenario, what))
        }
    }
}

/// Reads a trace and makes it the scenario's load.
fn read_trace(value: &JsValue, scenario: &mut Scenario) -> Result<Arc<Trace>, QuorateError> {
    let fields = Fields::of(value, "trace", &["name", "bytes", "from", "speed"])?;
    let name = argument::text(&fields.get("name")?, "trace.name")?;
    let bytes = argument::bytes(&fields.get("bytes")?, "trace.bytes")?;
    let from = fields.get("from")?;
    let speed = argument::optional_whole(&fields.get("speed")?, "trace.speed")?;
    let trace = Trace::parse(&name, &bytes)?;
    let mut spec = match &scenario.load {
        LoadSpec::Trace(wanted) => wanted.clone(),
        _ => TraceSpec::of(&trace),
    };
    if !from.is_undefined() {
        spec.from = Some(argument::text(&from, "trace.from")?);
    }
    if let Some(speed) = speed {
        spec.speed = u32::try_from(speed)
            .map_err(|_| QuorateError::bad_argument("trace.speed must be at most 4294967295"))?;
    }
    scenario.load = LoadSpec::Trace(spec);
    Ok(Arc::new(trace))
}

fn read_focus(value: &JsValue) -> Result<Focus, QuorateError> {
    let mut focus = Focus::default();
    if value.is_undefined() {
        return Ok(focus);
    }
    let fields = Fields::of(value, "focus", &["selectedIndex", "logColumns"])?;
    let selected = fields.get("selectedIndex")?;
    focus.selected_index = argument::optional_whole(&selected, "focus.selectedIndex")?;
    let columns = fields.get("logColumns")?;
    if let Some(columns) = argument::optional_whole(&columns, "focus.logColumns")? {
        focus.log_columns = u32::try_from(columns).unwrap_or(u32::MAX);
    }
    Ok(focus)
}

/// An object as JSON, or why it has none.
fn stringify(value: &JsValue, name: &str) -> Result<String, String> {
    if !value.is_object() || Array::is_array(value) {
        return Err(format!("{name} must be an object, not {}", shown(value)));
    }
    // An object that refers to itself, or holds a `bigint`.
    let json = JSON::stringify(value)
        .map_err(|thrown| format!("{name} has no JSON form: {}", shown(&thrown)))?;
    json.as_string()
        .ok_or_else(|| format!("{name} has no JSON form"))
}

fn refused(code: Code, what: String) -> QuorateError {
    QuorateError::new(code, what)
}

/// The message without its position in a text that nobody wrote.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].into()
}
