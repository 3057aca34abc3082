//! New settings for one link or one node's disks: only what changes is named.

use quorate::{Micros, NodeId};
use serde::{Deserialize, Serialize};

use crate::scenario::{DiskSpec, NetworkSpec};

/// New settings of one direction of a link. What is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkChange {
    /// The sending end: a node, or a client.
    pub from: NodeId,
    /// The receiving end.
    pub to: NodeId,
    /// See [`NetworkSpec::latency_min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_min: Option<Micros>,
    /// See [`NetworkSpec::latency_max`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_max: Option<Micros>,
    /// See [`NetworkSpec::tail_permille`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail_permille: Option<u32>,
    /// See [`NetworkSpec::tail_mean`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail_mean: Option<Micros>,
    /// See [`NetworkSpec::loss_permille`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_permille: Option<u32>,
    /// See [`NetworkSpec::duplicate_permille`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_permille: Option<u32>,
    /// See [`NetworkSpec::overtake_permille`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overtake_permille: Option<u32>,
    /// See [`NetworkSpec::bytes_per_second`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
}

/// New settings of one node's disks. What is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiskChange {
    /// The node.
    pub node: NodeId,
    /// See [`DiskSpec::sync_min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_min: Option<Micros>,
    /// See [`DiskSpec::sync_max`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_max: Option<Micros>,
    /// See [`DiskSpec::torn_permille`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn_permille: Option<u32>,
    /// See [`DiskSpec::lying_permille`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lying_permille: Option<u32>,
}

impl LinkChange {
    /// A change of the direction between two ends that changes nothing yet.
    pub const fn between(from: NodeId, to: NodeId) -> Self {
        Self {
            from,
            to,
            latency_min: None,
            latency_max: None,
            tail_permille: None,
            tail_mean: None,
            loss_permille: None,
            duplicate_permille: None,
            overtake_permille: None,
            bytes_per_second: None,
        }
    }

    /// The settings after the change of a link that has these.
    pub(crate) fn applied_to(&self, link: &NetworkSpec) -> NetworkSpec {
        NetworkSpec {
            latency_min: self.latency_min.unwrap_or(link.latency_min),
            latency_max: self.latency_max.unwrap_or(link.latency_max),
            tail_permille: self.tail_permille.unwrap_or(link.tail_permille),
            tail_mean: self.tail_mean.unwrap_or(link.tail_mean),
            loss_permille: self.loss_permille.unwrap_or(link.loss_permille),
            duplicate_permille: self.duplicate_permille.unwrap_or(link.duplicate_permille),
            overtake_permille: self.overtake_permille.unwrap_or(link.overtake_permille),
            bytes_per_second: self.bytes_per_second.unwrap_or(link.bytes_per_second),
        }
    }
}

impl DiskChange {
    /// A change of a node's disks that changes nothing yet.
    pub const fn of(node: NodeId) -> Self {
        Self {
            node,
            sync_min: None,
            sync_max: None,
            torn_permille: None,
            lying_permille: None,
        }
    }

    /// The settings after the change of disks that have these.
    pub(crate) fn applied_to(&self, disk: &DiskSpec) -> DiskSpec {
        DiskSpec {
            sync_min: self.sync_min.unwrap_or(disk.sync_min),
            sync_max: self.sync_max.unwrap_or(disk.sync_max),
            torn_permille: self.torn_permille.unwrap_or(disk.torn_permille),
            lying_permille: self.lying_permille.unwrap_or(disk.lying_permille),
        }
    }
}
