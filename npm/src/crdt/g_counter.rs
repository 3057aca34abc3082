//! The grow-only counter, for JavaScript.

use quorate::crdt::{self, Replicated};
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

/// A counter that only grows, and counts every increment once.
#[wasm_bindgen]
#[derive(Debug)]
pub struct GCounter {
    counter: crdt::GCounter,
}

#[wasm_bindgen]
impl GCounter {
    /// A counter at zero that the given replica increments.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "ReplicaOptions")] options: &JsValue,
    ) -> Result<GCounter, QuorateError> {
        let replica = replica::replica(options)?;
        Ok(Self {
            counter: crdt::GCounter::new(replica),
        })
    }

    /// Adds `by`, which is one if it is left out, and returns the dot of the event; `undefined` if
    /// `by` is zero. `now` is the time in microseconds, by default that of `Date.now()`.
    #[wasm_bindgen(unchecked_return_type = "string | undefined")]
    pub fn increment(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] by: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] now: &JsValue,
    ) -> Result<Option<String>, QuorateError> {
        let by = argument::optional_whole(by, "by")?.unwrap_or(1);
        let event = self.counter.increment(moment(now)?, by)?;
        Ok(event.map(|event| event.dot.to_string()))
    }

    /// The sum of all increments seen. A `bigint`: together, replicas can count beyond 2^53.
    #[wasm_bindgen(getter)]
    pub fn value(&self) -> u128 {
        self.counter.value()
    }

    /// The replica that increments here, such as `n1` or `n1~2`.
    #[wasm_bindgen(getter)]
    pub fn replica(&self) -> String {
        self.counter.store().replica().to_string()
    }

    /// Everything seen so far: what to ask others with.
    #[wasm_bindgen(unchecked_return_type = "Version")]
    pub fn version(&self) -> Result<JsValue, QuorateError> {
        plain(&Version(self.counter.context()))
    }

    /// What a replica whose version is `since` lacks; everything if `since` is left out.
    ///
    /// Save what `encode` returns before you send it, or take a new incarnation in every session.
    #[wasm_bindgen(js_name = deltaSince, unchecked_return_type = "Update")]
    pub fn delta_since(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "Version")] since: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        let since = version::parse_or_empty(since)?;
        plain(&Outgoing::since(self.counter.store(), &since))
    }

    /// Joins what `deltaSince` of another replica returned.
    ///
    /// A delta that builds on events that were not seen here is refused with the code `gap`:
    /// ask again with `version()`.
    #[wasm_bindgen(unchecked_return_type = "CounterMergeReport")]
    pub fn apply(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        let update = Update::decode(&argument::bytes(bytes, "bytes")?)?;
        let report = update.join(&mut self.counter)?;
        plain(&CounterMergeReport {
            new_events: report.new_events,
            records_pruned: report.records_pruned,
        })
    }

    /// Forgets the records of rows that were superseded. The value does not change.
    #[wasm_bindgen(unchecked_return_type = "PruneReport")]
    pub fn prune(
        &mut self,
        #[wasm_bindgen(unchecked_optional_param_type = "PruneOptions")] options: &JsValue,
    ) -> Result<JsValue, QuorateError> {
        let (now, options) = prune::options(options)?;
        plain(&PruneReport::from(self.counter.prune(now, &options)))
    }

    /// The whole counter with its replica id, to be stored and read again with `decode`.
    pub fn encode(&self) -> Vec<u8> {
        self.counter.encode()
    }

    /// Reads what `encode` returned; the counter goes on as the same replica.
    pub fn decode(
        #[wasm_bindgen(unchecked_param_type = "Uint8Array")] bytes: &JsValue,
    ) -> Result<GCounter, QuorateError> {
        let bytes = argument::bytes(bytes, "bytes")?;
        let counter = crdt::GCounter::decode(&bytes)?;
        check_numbers(counter.context())?;
        Ok(Self { counter })
    }
}

/// What a merge did to a counter, with JavaScript's names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CounterMergeReport {
    new_events: u64,
    records_pruned: usize,
}
