//! Policies in and out of the clouds that carry them out.
//!
//! What was tried on a recorded load is worth something only if it can be put where the fleet is,
//! and what is there now is the natural first row of a comparison. [`hpa`] reads and writes the
//! `HorizontalPodAutoscaler` of Kubernetes; [`ec2`] and [`vmss`] write step policies for EC2 Auto
//! Scaling and rules for Azure's scale sets.
//!
//! No two systems mean the same by the same settings. Everything that has no equivalent on the other
//! side is a [`Note`] with its path; nothing is dropped in silence, and nothing is refused that the
//! system itself would take.

pub mod ec2;
pub mod hpa;
pub mod vmss;

mod error;
mod guards;
mod note;
mod quantity;
mod sketch;
mod yaml;

pub use error::{CloudError, CloudFault};
pub use note::Note;
pub use quantity::{Quantity, QuantityError};
pub use yaml::{Place, YamlFault};

/// A policy in the form of another system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The document.
    pub text: String,
    /// What of the policy is not in it, or only in a similar way.
    pub notes: Vec<Note>,
}
