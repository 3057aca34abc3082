//! What a simulation is given: scenarios, traces, actions.
//!
//! Objects take the way of the files, through their JSON, so that there is one reader with one set
//! of rules, and an object that is taken here is a file that the command line takes.

use std::sync::Arc;

use js_sys::{Array, JSON};
use quorate_sim::load::{LoadSpec, Trace, TraceSpec};
use quorate_sim::{Action, Focus, Scenario, ScenarioError, presets};
use wasm_bindgen::JsValue;

use crate::argument::{self, Fields, shown};
use crate::error::{Code, QuorateError};

/// A scenario: an object, its JSON, or the name of a preset.
pub(super) fn scenario(value: &JsValue) -> Result<Scenario, QuorateError> {
    if !value.is_string() {
        let json = stringify(value, "scenario")
            .map_err(|what| QuorateError::new(Code::BadScenario, what))?;
        return Scenario::parse(&json).map_err(|error| match error {
            // A place in a text that nobody wrote would help nobody.
            ScenarioError::Json { what, .. } => QuorateError::new(Code::BadScenario, what),
            error => error.into(),
        });
    }
    let text = argument::text(value, "scenario")?;
    if text.trim_start().starts_with('{') {
        return Ok(Scenario::parse(&text)?);
    }
    let presets = presets::all();
    let known: Vec<&str> = presets.iter().map(|preset| preset.slug).collect();
    let preset = presets.iter().find(|preset| preset.slug == text);
    preset.map(|preset| preset.scenario.clone()).ok_or_else(|| {
        let (text, known) = (shown(value), known.join(", "));
        let what = format!("{text} is neither JSON nor a preset; presets are {known}");
        QuorateError::new(Code::BadScenario, what)
    })
}

/// Reads a trace and makes it the scenario's load.
pub(super) fn trace(value: &JsValue, scenario: &mut Scenario) -> Result<Arc<Trace>, QuorateError> {
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

/// What a snapshot should contain.
pub(super) fn focus(value: &JsValue) -> Result<Focus, QuorateError> {
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

/// Something to be done to the cluster.
pub(super) fn action(value: &JsValue) -> Result<Action, QuorateError> {
    let refuse = |what: String| QuorateError::new(Code::BadAction, what);
    let json = stringify(value, "action").map_err(refuse)?;
    serde_json::from_str(&json).map_err(|error| refuse(without_position(&error)))
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

/// The message without its position in a text that nobody wrote.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text[..end].into()
}
