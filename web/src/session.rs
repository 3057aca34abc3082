//! Opening runs: from the list of scenarios, from a link, from a file.
//!
//! Whatever comes from outside may be wrong, and a laboratory that answers a bad link with a
//! blank page or, worse, with some other run, has lost its user's trust. Every way in therefore
//! ends in exactly one of two states: the run that was asked for, or the run that was there
//! before and a notice that says what was wrong.

use std::sync::Arc;

use leptos::prelude::*;
use quorate_sim::load::{LoadError, Trace, TraceSpec};
use quorate_sim::{Lab, Scenario, ScenarioError, presets};

use crate::notice::{Notice, Offer};
use crate::panel::Tab;
use crate::state::LabState;
use crate::url;
use crate::{format, load};

/// Opens runs into a page's state. Provided as a context; copy it freely.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    state: LabState,
    /// The trace that was loaded last; runs that are driven by it are reopened with it.
    trace: StoredValue<Option<Arc<Trace>>, LocalStorage>,
    /// A scenario from a link that waits for its trace.
    waiting: StoredValue<Option<Scenario>, LocalStorage>,
}

impl Session {
    /// A session of a page whose state shows the default run.
    pub fn new(state: LabState) -> Self {
        Self {
            state,
            trace: StoredValue::new_local(None),
            waiting: StoredValue::new_local(None),
        }
    }

    /// Opens what the address bar asks for, if it asks for anything. True if the run on the page
    /// is what the user came for, and may start.
    pub fn open_address(&self) -> bool {
        match url::fragment() {
            Some(fragment) => self.open_fragment(&fragment),
            None => true,
        }
    }

    /// Opens the run a link describes, or says what is wrong with the link. True if it opened.
    pub fn open_fragment(&self, fragment: &str) -> bool {
        match Scenario::from_fragment(fragment) {
            Ok(scenario) => self.open(scenario),
            Err(error) => {
                let detail = format!("{error}. The run below is not the one it described.");
                self.notify(Notice::error("This link cannot be opened.", detail));
                false
            }
        }
    }

    /// Opens one of the scenarios that come with the page.
    pub fn open_preset(&self, slug: &str) {
        if let Some(preset) = presets::find(slug) {
            self.open(preset.scenario);
        }
    }

    /// Runs the same scenario, actions by hand included, with another seed.
    pub fn reseed(&self, seed: u64) {
        let scenario = self.state.with_lab(|lab| lab.scenario().clone());
        self.open(Scenario { seed, ..scenario });
    }

    /// Runs the same scenario under another load.
    pub fn reload(&self, change: impl FnOnce(&Scenario) -> Scenario) {
        let scenario = self.state.with_lab(|lab| change(lab.scenario()));
        self.open(scenario);
    }

    /// Runs the same scenario under the trace at hand, from another place or at another speed.
    pub fn replay(&self, from: Option<String>, speed: u32) {
        if let Some(trace) = self.trace.get_value() {
            self.reload(|scenario| load::traced(scenario, &trace, from, speed));
        }
    }

    /// Takes a file: a load trace as CSV, or a scenario as JSON. A bad one changes nothing.
    pub fn open_file(&self, name: &str, bytes: &[u8]) {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let result = if first == Some(&b'{') {
            self.open_scenario_file(bytes)
        } else {
            self.open_trace_file(name, bytes)
        };
        if let Err(reason) = result {
            let notice = Notice::error(format!("{name} was not loaded."), reason);
            self.notify(notice.offering(Offer::ChooseFile));
        }
    }

    fn open_scenario_file(&self, bytes: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let scenario = Scenario::parse(text).map_err(|error| error.to_string())?;
        self.open(scenario);
        Ok(())
    }

    fn open_trace_file(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let trace = Arc::new(Trace::parse(name, bytes).map_err(|error| error.to_string())?);
        let waiting = self.waiting.get_value();
        let scenario = match &waiting {
            Some(scenario) => scenario.clone(),
            None => self
                .state
                .with_lab(|lab| load::traced(lab.scenario(), &trace, None, load::TRACE_SPEED)),
        };
        let lab = Lab::new(scenario, Some(&trace)).map_err(|error| error.to_string())?;
        let detail = format!(
            "{} rows from {}; one node serves {} requests per second. The run starts anew.",
            format::thousands(trace.rows().len() as u64),
            trace.start().to_string().replace('T', " "),
            format::thousands(u64::from(lab.scenario().service.capacity_per_node)),
        );
        self.trace.set_value(Some(trace));
        self.show(lab);
        self.state.tab.set(Tab::Scaling);
        self.state.run();
        self.notify(Notice::info(format!("{name} drives the load."), detail));
        Ok(())
    }

    /// Opens a scenario, or says why not. True if it opened.
    fn open(&self, scenario: Scenario) -> bool {
        let at_hand = self.trace.get_value();
        let wanted = load::wanted_trace(&scenario);
        let trace = at_hand.as_ref().filter(|_| wanted.is_some());
        match Lab::new(scenario.clone(), trace) {
            Ok(lab) => {
                self.show(lab);
                return true;
            }
            Err(ScenarioError::Load(
                LoadError::TraceMissing(wanted) | LoadError::OtherTrace { wanted, .. },
            )) => self.ask_for_trace(&wanted, scenario),
            Err(error) => {
                self.notify(Notice::error("This run cannot start.", error.to_string()));
            }
        }
        false
    }

    fn ask_for_trace(&self, wanted: &TraceSpec, scenario: Scenario) {
        self.waiting.set_value(Some(scenario));
        let title = format!("This run waits for {}.", wanted.name);
        let detail = format!(
            "Its load is that file: {} rows, hash {}. Drop it on the page or choose it; until \
             then the page shows another run.",
            format::thousands(wanted.rows),
            wanted.hash,
        );
        self.notify(Notice::wanted(title, detail, Offer::ChooseFile));
    }

    fn show(&self, lab: Lab) {
        self.waiting.set_value(None);
        self.state.notice.set(None);
        self.state.open(lab);
    }

    fn notify(&self, notice: Notice) {
        self.state.notice.set(Some(notice));
    }
}

/// The run a page shows when it is asked for nothing else: the first of the presets.
pub fn default_run() -> Lab {
    let first = presets::all()
        .into_iter()
        .next()
        .expect("there is at least one preset");
    Lab::new(first.scenario, None).expect("presets are valid and need no file")
}
