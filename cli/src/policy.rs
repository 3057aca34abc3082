//! Policies by name or from a file.

use std::fs;
use std::path::Path;

use quorate::autoscale::{Guards, Policy, Strategy};
use quorate_sim::cloud::hpa::{self, NodeSize};

use crate::failure::Failure;

/// A policy, and what to call it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// The name of the strategy, or that of the file.
    pub(crate) name: String,
    pub(crate) policy: Policy,
    /// What of the file is not in the policy.
    pub(crate) notes: Vec<String>,
}

/// The policy that `text` names: a strategy with its default settings within the default bounds, or
/// a file with a policy (JSON) or a manifest of
/// Kubernetes (YAML).
pub(crate) fn find(text: &str) -> Result<Named, Failure> {
    if let Some(strategy) = Strategy::of_kind(text) {
        let policy = Policy::new(strategy, Guards::default())
            .map_err(|error| Failure::Options(format!("{text}: {error}")))?;
        return Ok(Named {
            name: text.to_owned(),
            policy,
            notes: Vec::new(),
        });
    }
    let path = Path::new(text);
    if !path.exists() {
        return Err(Failure::UnknownPolicy(text.to_owned()));
    }
    let content =
        fs::read_to_string(path).map_err(|error| Failure::Unreadable(path.into(), error))?;
    let name = path
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into());
    read(path, &content, name)
}

fn read(path: &Path, content: &str, name: String) -> Result<Named, Failure> {
    let is_json = content.trim_start().starts_with('{');
    // `kubectl get hpa -o json` is JSON, too; no policy has an `apiVersion`.
    if !is_json || content.contains("\"apiVersion\"") {
        let (policy, notes) = of_manifest(path, content, NodeSize::default())?;
        return Ok(Named {
            name,
            policy,
            notes,
        });
    }
    let policy = serde_json::from_str(content)
        .map_err(|error| Failure::Policy(path.into(), crate::input::json_error(&error)))?;
    Ok(Named {
        name,
        policy,
        notes: Vec::new(),
    })
}

/// The policy of a manifest, and what of it is lost.
pub(crate) fn of_manifest(
    path: &Path,
    content: &str,
    size: NodeSize,
) -> Result<(Policy, Vec<String>), Failure> {
    let imported =
        hpa::import(content, size).map_err(|error| Failure::Manifest(path.into(), error))?;
    let policy = imported
        .policy()
        .map_err(|error| Failure::Policy(path.into(), error.to_string()))?;
    let notes = imported.notes.iter().map(ToString::to_string).collect();
    Ok((policy, notes))
}
