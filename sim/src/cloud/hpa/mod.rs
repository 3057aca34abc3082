//! The `HorizontalPodAutoscaler` of Kubernetes, `autoscaling/v2`, in and out.
//!
//! Between YAML and the policy stands a [`Manifest`]: what the document says, checked as Kubernetes
//! checks it, and nothing that it does not say. [`import`] makes the policy of it that copies
//! Kubernetes; [`export`] goes back.
//!
//! Where both sides have a word for a thing, the way there and back changes nothing. Where they do
//! not, a note says so. One difference runs through everything: Kubernetes measures cores and
//! bytes, a policy measures shares of a node; [`NodeSize`] says how much a node is.

mod export;
mod import;
mod manifest;
mod nearest;
mod read;
mod write;

pub use manifest::{
    Behavior, Identity, Manifest, MetricIdentifier, MetricSource, MetricSpec, MetricTarget,
    ObjectReference, ScalingPolicy, ScalingPolicyKind, ScalingRules, SelectPolicy,
};

use quorate::autoscale::hpa::{Hpa, HpaSettings, ResourceName};
use quorate::autoscale::{Bounds, Guards, Policy, PolicyError, Strategy};

use super::sketch::Sketch;
use super::{CloudError, Exported, Note, Quantity};

impl Manifest {
    /// Reads the one autoscaler of a YAML or JSON file, which may hold other objects, too. What
    /// is in the file and not in the manifest is noted.
    pub fn parse(text: &str) -> Result<(Self, Vec<Note>), CloudError> {
        read::manifest(text)
    }

    /// The manifest as YAML, with `notes` as comments above it.
    pub fn to_yaml(&self, notes: &[Note]) -> String {
        write::manifest(self, notes)
    }
}

/// What a node has: what a pod requests, where one pod is one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSize {
    /// Cores.
    pub cpu: Quantity,
    /// Bytes.
    pub memory: Quantity,
}

impl Default for NodeSize {
    /// One core and one gibibyte.
    fn default() -> Self {
        Self {
            cpu: Quantity::from_units(1),
            memory: Quantity::from_units(1 << 30),
        }
    }
}

impl NodeSize {
    const fn of(self, resource: ResourceName) -> Quantity {
        match resource {
            ResourceName::Cpu => self.cpu,
            ResourceName::Memory => self.memory,
        }
    }
}

/// A manifest as a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// What is wanted.
    pub hpa: Hpa,
    /// `minReplicas` and `maxReplicas`.
    pub bounds: Bounds,
    /// Whose it is and what it scales, for the way back.
    pub identity: Identity,
    /// What of the file is not in the policy, or only in a similar way.
    pub notes: Vec<Note>,
}

/// Reads a manifest as the policy that copies Kubernetes.
pub fn import(text: &str, size: NodeSize) -> Result<Imported, CloudError> {
    let (manifest, notes) = Manifest::parse(text)?;
    import::policy(manifest, size, notes)
}

impl Imported {
    /// The policy, with no guards but the bounds.
    pub fn policy(&self) -> Result<Policy, PolicyError> {
        Policy::new(Strategy::Hpa(self.hpa.clone()), Guards::within(self.bounds))
    }
}

/// Writes `policy` as a manifest for what `identity` names. The notes are in it as comments, too.
pub fn export(policy: &Policy, identity: Identity, size: NodeSize) -> Exported {
    let (manifest, notes) = match policy.strategy() {
        Strategy::Hpa(hpa) => export::manifest(hpa.settings(), policy.guards(), identity, size),
        _ => nearest(policy, identity, size),
    };
    Exported {
        text: manifest.to_yaml(&notes),
        notes,
    }
}

/// The manifest that acts most like another policy.
fn nearest(policy: &Policy, identity: Identity, size: NodeSize) -> (Manifest, Vec<Note>) {
    let mut sketch = Sketch::of(policy);
    let mut notes = std::mem::take(&mut sketch.notes);
    let settings: HpaSettings = nearest::settings(&sketch, &mut notes);
    // The guards are noted in the sketch already.
    let bounds = Guards::within(policy.bounds());
    let (manifest, own) = export::manifest(&settings, &bounds, identity, size);
    notes.extend(own);
    (manifest, notes)
}
