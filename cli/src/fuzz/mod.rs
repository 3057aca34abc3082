//! `quorate fuzz`: random scenarios on all cores, until something breaks or the seeds are through.
//!
//! A failure is on the disk before the next seed is reported, so whatever ends the program, nothing
//! that was found is lost; and the folder says which seeds are done, so the same command goes on
//! where it was. What is found does not depend on how many threads look for it.

mod folder;
mod seeds;
mod workers;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use quorate_sim::Mutant;
use quorate_sim::fuzz::{Campaign, LossTally, Model, swarm_of};
use quorate_sim::shrink::{DEFAULT_RUNS, story};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::mutant::{self, Named};
use crate::{interrupt, shrink};
use folder::Folder;
use seeds::Seeds;

/// Which seeds, and what becomes of failures.
#[derive(Debug, Args)]
pub(crate) struct FuzzArguments {
    /// The seeds: from the first up to, and without, the second.
    #[arg(long, value_name = "A..B", default_value = "0..1000")]
    seeds: Seeds,
    /// How many threads; as many as there are cores, if nobody says so.
    #[arg(long, value_name = "N")]
    jobs: Option<std::num::NonZero<usize>>,
    /// A bug that the program is to have.
    #[arg(long, value_name = "NAME")]
    mutant: Option<Named>,
    /// Draw faults outside of the fault model, too: disks that lie or are lost, clocks that jump. What
    /// breaks because of them is counted as an expected loss, and is no failure.
    #[arg(long)]
    outside: bool,
    /// A folder for failures, one scenario each, and for what is done; taken up again if it is there.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The most runs for making a failure smaller; zero: leave it as it is.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RUNS)]
    shrink_runs: u64,
    /// Print one JSON object in place of words.
    #[arg(long)]
    json: bool,
}

/// The most lines of a story.
const STORY: usize = 24;

/// Runs the seeds, makes what fails smaller, and says what was found.
pub(crate) fn run(arguments: &FuzzArguments) -> Result<ExitCode, Failure> {
    let mutant = mutant::chosen(arguments.mutant);
    let model = if arguments.outside {
        Model::Outside
    } else {
        Model::Inside
    };
    let mut folder = match &arguments.out {
        Some(path) => Some(Folder::open(path)?),
        None => None,
    };
    let mut campaign = match &mut folder {
        Some(folder) => folder.campaign(mutant, model)?,
        None => Campaign::new(&mutant.name(), model),
    };
    interrupt::listen();
    let started = Instant::now();
    let before = campaign.done.len();
    let jobs = arguments
        .jobs
        .map_or_else(workers::cores, std::num::NonZero::get);
    shrink::quiet_panics(|| {
        workers::run_all(
            arguments.seeds,
            jobs,
            mutant,
            &mut campaign,
            folder.as_mut(),
        )
    })?;
    let took = started.elapsed();
    let ran = campaign.done.len() - before;
    let found = shrink_all(arguments, mutant, &campaign, folder.as_ref())?;
    if arguments.json {
        println!("{}", to_json(arguments, &campaign, ran, took, &found));
    } else {
        print(arguments, &campaign, ran, took, &found);
    }
    Ok(ExitCode::from(u8::from(!campaign.failures.is_empty())))
}

/// A distinct failure: as an object, and in words.
struct Found {
    object: Value,
    words: String,
}

/// Makes every distinct failure smaller, in order of their seeds.
fn shrink_all(
    arguments: &FuzzArguments,
    mutant: Mutant,
    campaign: &Campaign,
    folder: Option<&Folder>,
) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::new();
    for (signature, failure) in campaign.by_seed() {
        let mut object = json!({
            "id": signature.id(),
            "seed": failure.seed,
            "runs": failure.runs,
            "violation": failure.violation,
        });
        let mut words = format!(
            "seed {}, and {} more runs like it: {}\n",
            failure.seed,
            failure.runs - 1,
            failure.violation
        );
        if arguments.shrink_runs > 0 && !interrupt::happened() {
            let scenario = swarm_of(campaign.model, failure.seed);
            let small = shrink::smallest(&scenario, mutant, arguments.shrink_runs)
                .map_err(|what| Failure::Options(what.to_string()))?;
            if let Some(folder) = folder {
                folder.write_shrunk(&signature, &small.scenario)?;
            }
            let story = shrink::quiet_panics(|| story(&small.scenario, mutant, STORY));
            let story = story.map_err(Failure::SetUp)?;
            object["shrunk"] = shrink::to_json(&small, &story);
            words += &shrink::in_words(&small, &story);
        }
        all.push(Found { object, words });
    }
    Ok(all)
}

fn print(
    arguments: &FuzzArguments,
    campaign: &Campaign,
    ran: u64,
    took: Duration,
    found: &[Found],
) {
    let seconds = took.as_secs_f64().max(1e-9);
    println!(
        "seeds      {}, of which {} are done",
        arguments.seeds, campaign.done
    );
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let rate = ran as f64 / seconds;
    println!("now        {ran} runs in {seconds:.1} s, {rate:.1} seeds per second");
    println!(
        "in all     {} events in {} s of simulated time, {} runs failed in {} ways",
        campaign.events,
        campaign.simulated,
        campaign.failed,
        campaign.failures.len()
    );
    for LossTally {
        assumption,
        invariant,
        seed,
        runs,
    } in &campaign.losses
    {
        println!(
            "expected   {runs} runs lost {invariant}, since the assumption that {assumption} was \
             broken; the first is seed {seed}"
        );
    }
    for found in found {
        print!("\n{}", found.words);
    }
}

fn to_json(
    arguments: &FuzzArguments,
    campaign: &Campaign,
    ran: u64,
    took: Duration,
    found: &[Found],
) -> Value {
    json!({
        "seeds": [arguments.seeds.first, arguments.seeds.end],
        "mutant": campaign.mutant,
        "done": campaign.done.len(),
        "ran": ran,
        "wall_s": took.as_secs_f64(),
        "events": campaign.events,
        "simulated_micros": campaign.simulated.0,
        "failed": campaign.failed,
        "model": campaign.model,
        "lost": campaign.lost,
        "losses": campaign.losses,
        "interrupted": interrupt::happened(),
        "failures": found.iter().map(|found| found.object.clone()).collect::<Vec<_>>(),
    })
}
