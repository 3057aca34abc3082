//! The add-wins set of strings, for JavaScript.

use quorate::crdt::{self, Dot, Path, Replicated};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::prune::{self, PruneReport};
use super::replica::{self, moment};
use super::update::{Outgoing, Update};
use super::version::{self, Version, check_numbers};
use crate::argument;
use crate::error::QuorateError;
use crate::plain::plain;

/// A set of strings in which an add wins over a concurrent removal.
///
/// Replicas exchange updates in any order, late, twice or not at all; those that have seen the
/// same events have the same elements. A removed element leaves no trace but a record that makes
/// updates small, and `prune` may forget it at any time.
#[wasm_bindgen]
#[derive(Debug)]
pub struct OrSet {
    set: crdt::OrSet<String>,
}

#[wasm_bindgen]
impl OrSet {
    /// An empty set at which the given replica adds and removes.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "ReplicaOptions")] options: &JsValue,
    ) -> Result<OrSet, QuorateError> {
        let replica = replica::replica(options)?;
        Ok(Self {
            set: crdt::OrSet::new(replica),
        })
    }

    /// Adds an element and returns the dot of the event, such as `n1·5`.
    ///
    /// Adding what is there renews it: a removal elsewhere that has not seen this add will not
    /// take it away. `now` is the time in microseconds, by default that of `Date.now()`.
    pub fn add(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "string")] element: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] now: &JsValue,
    ) -> Result<String, QuorateError> {
        let element = argument::text(element, "element")?;
        let event = self.set.add(moment(now)?, &element)?;
        Ok(event.dot.to_string())
    }

    /// Removes an element and returns the dot of the event; `undefined` if it was not there.
    #[wasm_bindgen(unchecked_return_type = "string | undefined")]
    pub fn remove(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "string")] element: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] now: &JsValue,
    ) -> Result<Option<String>, QuorateError> {
        let element = argument::text(element, "element")?;
        let event = self.set.remove(moment(now)?, &element)?;
        Ok(event.map(|event| event.dot.to_string()))
    }

    /// Removes every element that is here, in one event, and returns its dot; `undefined` if there
    /// was none.
    #[wasm_bindgen(unchecked_return_type = "string | undefined")]
    pub fn clear(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] now: &JsValue,
    ) -> Result<Option<String>, QuorateError> {
        let event = self.set.clear(moment(now)?)?;
        Ok(event.map(|event| event.dot.to_string()))
    }

    /// Whether the element is here.
    pub fn has(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] element: &JsValue,
    ) -> Result<bool, QuorateError> {
        Ok(self.set.contains(&argument::text(element, "element")?))
    }

    /// The elements, in the order of their UTF-8 bytes.
    pub fn values(&self) -> Vec<String> {
        self.set.iter().collect()
    }

    /// How many elements there are.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> usize {
        self.set.len()
    }

    /// The replica that adds and removes here, such as `n1` or `n1~2`.
    #[wasm_bindgen(getter)]
    pub fn replica(&self) -> String {
        self.set.store().replica().to_string()
    }

    /// The dots that keep the element alive: one, unless it was added concurrently.
    pub fn dots(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] element: &JsValue,
    ) -> Result<Vec<String>, QuorateError> {
        let element = argument::text(element, "element")?;
        Ok(self.set.dots(&element).map(|dot| dot.to_string()).collect())
    }

    /// Everything seen so far: what to ask others with.
    #[wasm_bindgen(unchecked_return_type = "Version")]
    pub fn version(&self) -> Result<JsValue, QuorateError> {
        plain(&Version(self.set.context()))
    }

    /// What a replica whose version is `since` lacks; everything if `since` is left out.
    ///
    /// Save what `encode` returns before you send it, or take a new incarnation in every session.
    #[wasm_bindgen(js_name = deltaSince, unchecked_return_type = "Update")]
    pub fn delta_since(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "Version")] since: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        plain(&Outgoing::since(
            self.set.store(),
            &version::parse_or_empty(since)?,
        ))
    }

    /// Joins what `deltaSince` of another replica returned.
    ///
    /// A delta that builds on events that were not seen here is refused with the code `gap`:
    /// ask again with `version()`.
    #[wasm_bindgen(unchecked_return_type = "MergeReport")]
    pub fn apply(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        let update = Update::decode(&argument::bytes(bytes, "bytes")?)?;
        let report = update.join(&mut self.set)?;
        plain(&MergeReport::from(report))
    }

    /// Forgets removals. The elements do not change, here or anywhere.
    #[wasm_bindgen(unchecked_return_type = "PruneReport")]
    pub fn prune(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "PruneOptions")] options: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        let (now, options) = prune::options(options)?;
        plain(&PruneReport::from(self.set.prune(now, &options)))
    }

    /// The whole set with its replica id, to be stored and read again with `decode`.
    pub fn encode(&self) -> Vec<u8> {
        self.set.encode()
    }

    /// Reads what `encode` returned; the set goes on as the same replica.
    pub fn decode(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
    ) -> Result<OrSet, QuorateError> {
        let bytes = argument::bytes(bytes, "bytes")?;
        let set = crdt::OrSet::decode(&bytes)?;
        check_numbers(set.context())?;
        Ok(Self { set })
    }
}

/// What a merge did to a set, with JavaScript's names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MergeReport {
    added: Vec<String>,
    removed: Vec<String>,
    inserted: Vec<String>,
    killed: Vec<String>,
    new_events: u64,
    records_pruned: usize,
}

impl From<crdt::MergeReport> for MergeReport {
    fn from(report: crdt::MergeReport) -> Self {
        Self {
            added: elements(&report.added),
            removed: elements(&report.removed),
            inserted: dots(&report.inserted),
            killed: dots(&report.killed),
            new_events: report.new_events,
            records_pruned: report.records_pruned,
        }
    }
}

/// Dots as text: `n3·17`.
fn dots<'a>(dots: impl IntoIterator<Item = &'a Dot>) -> Vec<String> {
    dots.into_iter().map(Dot::to_string).collect()
}

/// The elements at these paths, sorted. The door has let in no path that is not one element.
fn elements(paths: &[Path]) -> Vec<String> {
    let element = |path: &Path| String::from_utf8(path.last()?).ok();
    let mut elements: Vec<String> = paths.iter().filter_map(element).collect();
    elements.sort_unstable();
    elements
}
