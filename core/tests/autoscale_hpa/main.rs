//! The Horizontal Pod Autoscaler, held against the tables of the original, against laws that hold
//! for every input, and against numbers that nobody expects.
#![cfg(feature = "serde")]

mod hostile;
mod laws;
mod logs;
mod proposals;
mod reconciles;
mod table;
