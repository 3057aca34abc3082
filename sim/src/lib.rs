//! A deterministic world for the Quorate kernel.
//!
//! Many nodes of the real kernel run in one thread, over a network, disks and a load that are
//! simulated: an event queue ordered by time, and one seed. The same [`Scenario`] gives the same
//! run, event by event and digest by digest, natively and in the browser. After every event an
//! observer checks what must never break.
//!
//! # Layout
//!
//! - [`Scenario`], [`Action`], [`presets`]: what to run, and what to do to it.
//! - [`load`]: how much work arrives; traces from CSV files and from Prometheus.
//! - [`cloud`]: policies as the manifests of Kubernetes, EC2 and Azure.
//! - [`replay`]: a recorded load against autoscalers, and the scores.
//! - [`World`]: the event loop, the network, the disks and the nodes.
//! - [`observer`]: the invariants.
//! - [`fuzz`], [`shrink`]: random scenarios by the thousand, and the smallest that still fails.
//! - `gallery`, with the feature `mutants`: bugs on purpose, and the invariant that must notice each.
//! - [`linearizability`]: an independent judge of what clients saw.
//! - [`Lab`]: one run with its history, that can be sought, edited and looked at.
//! - [`Snapshot`]: what a view sees.

pub mod cloud;
pub mod fuzz;
#[cfg(feature = "mutants")]
pub mod gallery;
pub mod linearizability;
pub mod load;
pub mod observer;
pub mod presets;
pub mod replay;
pub mod shrink;

mod action;
mod clients;
mod clock;
mod delay;
mod digest;
mod disk;
mod fault_model;
mod fragment;
mod history;
mod json;
mod lab;
mod machine;
mod mutant;
mod network;
mod node;
mod notice;
mod queue;
mod reports;
mod scenario;
mod service;
mod snapshot;
mod standstill;
mod view;
mod world;

pub use action::{Action, DiskChange, LinkChange, TimedAction};
pub use clients::{Operations, Performed};
pub use fault_model::{Assumption, Breach, Loss, Verdict};
pub use fragment::FragmentError;
pub use history::{
    EventRow, FaultBand, History, LaneRole, Mark, MarkKind, MessageTrace, Reign, RoleSpan,
};
pub use lab::{CHECKPOINT_BYTES, Comparison, Difference, Divergence, Happening, Lab, Progress};
pub use machine::{Operation, Reply};
pub use mutant::Mutant;
pub use notice::{Notice, NoticeKind};
pub use scenario::{
    ClockSpec, DiskSpec, FaultSpec, NetworkSpec, PruneSpec, RaftSpec, ReadSpec, Scenario,
    ScenarioError, ServiceSpec, SetSpec, WorkloadSpec,
};
pub use snapshot::*;
pub use view::Focus;
pub use world::{ActionError, Recording, Scalings, World};
