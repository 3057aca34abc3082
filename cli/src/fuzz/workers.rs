//! Threads that run seeds, and one that takes in what comes of them.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use quorate_sim::Mutant;
use quorate_sim::fuzz::{Campaign, Model, News, Outcome, Ranges, run_with, swarm_of};

use super::folder::Folder;
use super::seeds::Seeds;
use crate::failure::Failure;
use crate::interrupt;

/// How many threads can run at once.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Runs all seeds that are not done, and writes down what is found when it is found.
pub(super) fn run_all(
    seeds: Seeds,
    jobs: usize,
    mutant: Mutant,
    campaign: &mut Campaign,
    mut folder: Option<&mut Folder>,
) -> Result<(), Failure> {
    let progress = progress_bar(seeds);
    let (model, done) = (campaign.model, campaign.done.clone());
    let next = AtomicU64::new(seeds.first);
    let mut outcome = Ok(());
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..jobs {
            let (sender, next, done) = (sender.clone(), &next, &done);
            scope.spawn(move || run_some(seeds, next, done, (mutant, model), &sender));
        }
        drop(sender);
        for (seed, found) in receiver {
            let news = campaign.record(seed, &found);
            let written = match (&mut folder, &found.violation, news) {
                (Some(folder), Some(violation), News::Failure) => {
                    folder.write_failure(seed, &violation.signature(), campaign)
                }
                (Some(folder), _, _) => folder.write_now_and_then(campaign),
                _ => Ok(()),
            };
            if written.is_err() {
                // Who cannot write what is found should not go on looking for it.
                next.store(seeds.end, Ordering::Relaxed);
                outcome = written;
                break;
            }
            progress.inc(1);
            progress.set_message(format!(
                "{} failed in {} ways",
                campaign.failed,
                campaign.failures.len()
            ));
        }
    });
    progress.finish_and_clear();
    outcome?;
    folder.map_or(Ok(()), |folder| folder.write(campaign))
}

/// Takes the next seed until there is none, or somebody says stop.
fn run_some(
    seeds: Seeds,
    next: &AtomicU64,
    done: &Ranges,
    (mutant, model): (Mutant, Model),
    sender: &Sender<(u64, Outcome)>,
) {
    while !interrupt::happened() {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= seeds.end {
            return;
        }
        if done.contains(seed) {
            continue;
        }
        let outcome = run_with(&swarm_of(model, seed), mutant);
        let outcome = outcome.expect("a swarm's scenario is a possible one");
        if sender.send((seed, outcome)).is_err() {
            return;
        }
    }
}

fn progress_bar(seeds: Seeds) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:32} {pos}/{len} seeds, {per_sec}  {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is written here");
    let bar = ProgressBar::new(seeds.end - seeds.first).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
