//! How many pods are ready enough to be believed.
//!
//! With half of the pods gone the usage per ready pod says nothing about the load, so below a
//! share of ready pods nothing is done at all (`minAvailableReplicaPercentage`).

use core::fmt;

/// The pods of one evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability {
    /// Pods that count as ready.
    pub ready: u32,
    /// All pods that are looked at.
    pub pods: u32,
    /// Pods that were ordered.
    pub current: u32,
}

impl Availability {
    /// The pods to compute with: as many as are ready, but not more than were ordered (some may
    /// belong to somebody else).
    ///
    /// `min_percentage` is the smallest share of ready pods, in whole percent; the share is
    /// rounded down before it is compared.
    pub fn check(&self, min_percentage: u32) -> Result<u32, NotAvailable> {
        if self.pods == 0 {
            return Err(NotAvailable::NoPods);
        }
        if self.ready == 0 {
            return Err(NotAvailable::NoneReady);
        }
        let ready = self.ready.min(self.current);
        let percentage = u64::from(ready) * 100 / u64::from(self.pods);
        if percentage < u64::from(min_percentage) {
            return Err(NotAvailable::TooFewReady {
                // A share of a hundred times a 32-bit number of one pod fits.
                percentage: u32::try_from(percentage).unwrap_or(u32::MAX),
                min_percentage,
            });
        }
        Ok(ready)
    }
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum NotAvailable {
    /// There are no pods.
    NoPods,
    /// No pod is ready.
    NoneReady,
    /// The share of ready pods is too small.
    TooFewReady {
        /// The share, in whole percent.
        percentage: u32,
        /// The smallest share.
        min_percentage: u32,
    },
}

impl fmt::Display for NotAvailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPods => f.write_str("there are no pods"),
            Self::NoneReady => f.write_str("no pod is ready"),
            Self::TooFewReady {
                percentage,
                min_percentage,
            } => write!(
                f,
                "{percentage} % of the pods are ready, {min_percentage} % are needed"
            ),
        }
    }
}

impl core::error::Error for NotAvailable {}
