//! Which load drives the cluster, as far as the page lets its user choose.

use std::sync::Arc;

use quorate_sim::load::Trace;
use quorate_sim::{LoadSpec, Scenario};

/// The time-lapse of a dropped trace: a day of minutes in 24 of them.
pub const TRACE_SPEED: u32 = 60;

/// A kind of load, as on the buttons of the Scaling panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    /// A wave per day.
    Diurnal,
    /// Calm, a steep rise, calm.
    FlashCrowd,
    /// A file.
    Trace,
}

impl LoadKind {
    /// What drives `scenario`; `None` if it is none of the kinds.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        match scenario.load {
            LoadSpec::None => None,
            LoadSpec::Diurnal => Some(Self::Diurnal),
            LoadSpec::FlashCrowd => Some(Self::FlashCrowd),
            LoadSpec::Trace { .. } => Some(Self::Trace),
        }
    }
}

/// The same scenario under a diurnal wave.
pub fn diurnal(scenario: &Scenario) -> Scenario {
    Scenario { load: LoadSpec::Diurnal, ..scenario.clone() }
}

/// The same scenario under a flash crowd.
pub fn flash_crowd(scenario: &Scenario) -> Scenario {
    Scenario { load: LoadSpec::FlashCrowd, ..scenario.clone() }
}

/// The same scenario under a trace from its beginning.
pub fn traced(scenario: &Scenario, trace: &Arc<Trace>) -> Scenario {
    let load = LoadSpec::Trace { name: trace.name.clone(), load_speed: TRACE_SPEED };
    Scenario { load, ..scenario.clone() }
}

/// The file a scenario cannot run without, by name.
pub fn wanted_trace(scenario: &Scenario) -> Option<&str> {
    match &scenario.load {
        LoadSpec::Trace { name, .. } => Some(name),
        _ => None,
    }
}
