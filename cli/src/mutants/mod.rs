//! `quorate mutants`: the kill matrix. Every bug of the gallery is built in, one after the other, and
//! the invariant that it belongs to must notice; the program without a bug must violate nothing.
//!
//! A program has bugs to show only if it was built with the feature `mutants`: what everybody runs
//! cannot be told to break a rule.

#[cfg(feature = "mutants")]
mod hunts;
#[cfg(feature = "mutants")]
mod matrix;

use std::process::ExitCode;

use clap::Args;

use crate::failure::Failure;
use crate::mutant::Named;

/// Which mutants, and for how long.
#[derive(Debug, Args)]
pub(crate) struct MutantsArguments {
    /// Only this mutant. Can be given more than once.
    #[arg(long = "mutant", value_name = "NAME")]
    only: Vec<Named>,
    /// How many scenarios a mutant may survive before it counts as alive, and how many of each scene
    /// the program without a bug goes through.
    #[arg(long, value_name = "N", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Print one JSON object in place of words.
    #[arg(long)]
    json: bool,
}

/// Hunts every mutant. Exit code 1: one is alive, or the program without a bug violates something.
#[cfg(feature = "mutants")]
pub(crate) fn run(arguments: &MutantsArguments) -> Result<ExitCode, Failure> {
    let found = hunts::hunt_all(&arguments.only, arguments.seeds)?;
    if arguments.json {
        println!("{}", matrix::to_json(&found));
    } else {
        print!("{}", matrix::in_words(&found));
    }
    Ok(ExitCode::from(u8::from(!found.is_as_it_should_be())))
}

/// Says how to get a program that has mutants.
#[cfg(not(feature = "mutants"))]
pub(crate) fn run(arguments: &MutantsArguments) -> Result<ExitCode, Failure> {
    let MutantsArguments { only, seeds, json } = arguments;
    let _ = (only, seeds, json);
    Err(Failure::Options(crate::mutant::NONE_BUILT.into()))
}
