//! The hunts: every mutant through its scene, and no mutant through all scenes.

use std::io::{IsTerminal, stderr};
use std::ops::ControlFlow;

use indicatif::{ProgressBar, ProgressStyle};
use quorate_sim::Mutant;
use quorate_sim::gallery::{Hunt, Specimen, hunt, observe, scenes, specimens};

use crate::failure::Failure;
use crate::mutant::Named;
use crate::{interrupt, shrink};

/// What came of all hunts.
pub(super) struct Found {
    /// Every mutant, and what came of it.
    pub(super) rows: Vec<(Specimen, Hunt)>,
    /// What the program without a bug violates.
    pub(super) alarms: Vec<FalseAlarm>,
    /// Somebody stopped the hunt.
    pub(super) is_interrupted: bool,
}

/// Something that the program without a bug violates.
pub(super) struct FalseAlarm {
    pub(super) scene: &'static str,
    pub(super) seed: u64,
    pub(super) words: String,
}

impl Found {
    /// Whether all mutants are dead, and nothing else is.
    pub(super) fn is_as_it_should_be(&self) -> bool {
        let all_dead = self.rows.iter().all(|(_, hunt)| hunt.kill.is_some());
        all_dead && self.alarms.is_empty() && !self.is_interrupted
    }
}

/// Hunts the mutants that were named, or all and then none.
pub(super) fn hunt_all(only: &[Named], seeds: u64) -> Result<Found, Failure> {
    let is_chosen = |specimen: &Specimen| {
        let mut names = only.iter();
        only.is_empty() || names.any(|Named(mutant)| *mutant == specimen.mutant)
    };
    let chosen: Vec<Specimen> = specimens().into_iter().filter(is_chosen).collect();
    interrupt::listen();
    let progress = progress(chosen.len());
    let found = shrink::quiet_panics(|| {
        let mut rows = Vec::new();
        for specimen in chosen {
            if interrupt::happened() {
                break;
            }
            progress.set_message(specimen.mutant.name());
            let hunted = hunt(&specimen, seeds, &mut |_| go_on()).map_err(Failure::SetUp)?;
            rows.push((specimen, hunted));
            progress.inc(1);
        }
        progress.set_message("no bug at all");
        let alarms = if only.is_empty() {
            false_alarms(seeds)?
        } else {
            Vec::new()
        };
        Ok(Found {
            rows,
            alarms,
            is_interrupted: interrupt::happened(),
        })
    });
    progress.finish_and_clear();
    found
}

fn go_on() -> ControlFlow<()> {
    if interrupt::happened() {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

fn progress(length: usize) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}

/// What the program without a bug violates in any scene.
fn false_alarms(seeds: u64) -> Result<Vec<FalseAlarm>, Failure> {
    let mut alarms = Vec::new();
    for scene in scenes() {
        for seed in 0..seeds {
            if interrupt::happened() {
                return Ok(alarms);
            }
            let seen = observe(&scene, seed, Mutant::NONE, None).map_err(Failure::SetUp)?;
            let violations = seen.violations.iter();
            let words = violations.map(|it| format!("{}: {}", it.invariant, it.words));
            alarms.extend(words.chain(seen.panic).map(|words| FalseAlarm {
                scene: scene.name,
                seed,
                words,
            }));
        }
    }
    Ok(alarms)
}
