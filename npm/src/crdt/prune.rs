//! Pruning: its options come in, its report goes out.

use quorate::Micros;
use quorate::crdt;
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::replica::moment;
use super::version;
use crate::argument::{Fields, optional_whole};
use crate::error::QuorateError;

/// What a pruning did, with JavaScript's names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PruneReport {
    tags_removed: usize,
    bytes_before: usize,
    bytes_after: usize,
    pruned_at: Micros,
}

impl From<crdt::PruneReport> for PruneReport {
    fn from(report: crdt::PruneReport) -> Self {
        Self {
            tags_removed: report.tags_removed,
            bytes_before: report.bytes_before,
            bytes_after: report.bytes_after,
            pruned_at: report.pruned_at,
        }
    }
}

/// When to prune and what may go; the kernel's defaults for what is left out.
pub(super) fn options(value: &JsValue) -> Result<(Micros, crdt::PruneOptions), QuorateError> {
    let mut options = crdt::PruneOptions::default();
    if value.is_undefined() {
        return Ok((moment(value)?, options));
    }
    let known = ["stabilityThreshold", "maxTombstones", "frontier", "now"];
    let fields = Fields::of(value, "options", &known)?;
    let threshold = fields.get("stabilityThreshold")?;
    if let Some(age) = optional_whole(&threshold, "options.stabilityThreshold")? {
        options.stability_threshold = Micros(age);
    }
    let tombstones = fields.get("maxTombstones")?;
    if let Some(number) = optional_whole(&tombstones, "options.maxTombstones")? {
        options.max_tombstones = usize::try_from(number).unwrap_or(usize::MAX);
    }
    let frontier = fields.get("frontier")?;
    if !frontier.is_undefined() {
        options.frontier = Some(version::parse(&frontier, "options.frontier")?);
    }
    Ok((moment(&fields.get("now")?)?, options))
}
