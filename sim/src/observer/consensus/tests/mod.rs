//! The checkers of the log against real nodes: healthy ones under faults, and ones that lie.

mod cluster;
mod faults;
mod histories;
mod lies;
#[cfg(feature = "mutants")]
mod mutants;
mod naive;
mod reach;
