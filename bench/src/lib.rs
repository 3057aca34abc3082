//! Quorate beside its peers: time, bytes and memory of the same work, in one run.
//!
//! A figure from another machine, another day or another schedule proves nothing. Here every
//! library is compiled with the same settings into one program and led through the same operations,
//! and what is said of it is a ratio to ours, measured minutes apart.
//!
//! - [`elements`]: what is done; [`subject`]: who does it; [`workload`]: how it is put together.
//! - [`sample`]: repeating and timing; [`figure`]: what came out; [`table`] and [`plot`]: showing it.

pub mod arguments;
pub mod elements;
pub mod plot;
pub mod subject;
pub mod table;
pub mod workload;

pub use quorate_bench_measure::{figure, machine, sample};
