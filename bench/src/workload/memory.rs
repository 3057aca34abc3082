//! Memory: what a set holds beyond the bytes of its elements.
//!
//! A counting allocator slows every allocation down, and what a process once had resident it rarely
//! gives back. So each set is built by a child process of its own, a second program that counts,
//! and nothing is timed there.

use std::path::PathBuf;
use std::process::Command;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::elements::additions;
use crate::figure::{Figures, Sheet, Unit};
use crate::machine::resident_bytes;
use crate::sample::Samples;
use crate::subject::{Name, Subject, Visitor};

use super::{Plan, progress};

/// The program that counts, beside this one.
pub const COUNTING_PROGRAM: &str = "quorate-bench-counted";

/// What a set holds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Held {
    /// Bytes of all elements.
    pub element_bytes: u64,
    /// Bytes requested from the allocator and not given back.
    pub requested: u64,
    /// Bytes by which the resident set grew, allocator's own included.
    pub resident: u64,
    /// The same as `requested`, for the set as it is after it was sent whole to an empty replica.
    pub received: u64,
}

/// Measures sets of each size with every subject.
pub fn run(plan: &Plan, sizes: &[usize], figures: &mut Figures) -> Result<(), String> {
    let bar = progress("memory", sizes.len() * plan.subjects.len());
    for &size in sizes {
        for &subject in &plan.subjects {
            bar.set_message(subject.title());
            let held = ask(subject, size)?;
            let mut sheet = Sheet {
                figures,
                workload: "memory",
                case: format!("{size} elements"),
                subject: subject.title(),
            };
            for (quantity, bytes) in [
                ("requested per element, beyond it", held.requested),
                ("the same after a full transfer", held.received),
                ("resident per element, beyond it", held.resident),
            ] {
                let mut samples = Samples::default();
                samples.push(held.per_element(bytes, size));
                sheet.put(quantity, Unit::Bytes, &samples);
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

impl Held {
    /// Bytes per element without those of the element itself; negative if the library shares them.
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of one process stay far below 2^52"
    )]
    pub fn per_element(&self, bytes: u64, elements: usize) -> f64 {
        (bytes as f64 - self.element_bytes as f64) / elements as f64
    }
}

/// Has the counting program build a set.
pub fn ask(subject: Name, elements: usize) -> Result<Held, String> {
    let program = counting_program()?;
    let name = subject
        .to_possible_value()
        .expect("no name is hidden")
        .get_name()
        .to_owned();
    let output = Command::new(&program)
        .args([name, elements.to_string()])
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{COUNTING_PROGRAM} {}: {reason}", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn counting_program() -> Result<PathBuf, String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = here.with_file_name(format!(
        "{COUNTING_PROGRAM}{}",
        std::env::consts::EXE_SUFFIX
    ));
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!(
            "{} is missing; build all programs: cargo build --release --manifest-path bench/Cargo.toml",
            program.display()
        ))
    }
}

/// Builds a set in this process. `requested` says how many bytes are allocated now.
pub fn build(subject: Name, elements: usize, requested: fn() -> u64) -> Held {
    let mut build = Build {
        elements,
        requested,
        held: None,
    };
    subject.accept(&mut build);
    build.held.expect("the visitor was led to a subject")
}

struct Build {
    elements: usize,
    requested: fn() -> u64,
    held: Option<Held>,
}

impl Visitor for Build {
    fn visit<S: Subject>(&mut self) {
        let resident_before = resident_bytes().unwrap_or(0);
        let before = (self.requested)();
        let mut sender = S::new(1);
        let element_bytes = additions(0..self.elements, |batch| sender.operate(batch)) as u64;
        let requested = (self.requested)().saturating_sub(before);
        let resident = resident_bytes()
            .unwrap_or(0)
            .saturating_sub(resident_before);

        let message = sender.full_message();
        let before = (self.requested)();
        let mut second = S::new(2);
        second.receive_full(&message);
        // Some libraries put decoding off until somebody looks.
        drop(second.elements());
        let received = (self.requested)().saturating_sub(before);
        drop((message, sender, second));
        self.held = Some(Held {
            element_bytes,
            requested,
            resident,
            received,
        });
    }
}
