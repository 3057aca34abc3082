//! How all measurements here are taken and shown, whatever is measured.
//!
//! Two programs that each timed and rounded in their own way would give figures that cannot be
//! laid side by side. So both take their samples through [`sample`], put them down in [`figure`],
//! and are shown by [`table`] with the [`machine`] they ran on.

pub mod figure;
pub mod machine;
pub mod sample;
pub mod table;
