//! Prints the evaluation of `docs/` as markdown:
//! `cargo run --release -p quorate-sim --example evaluation -- DIRECTORY`, where the directory
//! holds the public recordings. What is missing there is left out.

mod baselines;
mod contenders;
mod seasons;
mod traces;

use std::error::Error;
use std::path::PathBuf;

use contenders::{CONTENDERS, Contender};
use quorate_sim::replay::{Model, Score, replay};
use seasons::SEASONS;
use traces::{Part, Series};

fn main() -> Result<(), Box<dyn Error>> {
    let directory: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or("say in which directory the recordings are")?
        .into();
    let all = traces::all(&directory)?;
    let rows = rows(&all, &CONTENDERS)?;
    println!("Under-provisioned minutes / node-hours / flips:\n");
    let oracle = |score: &Score| score.oracle_node_hours().to_string();
    print_table(&CONTENDERS, &rows, Some(oracle), axes);
    println!("\nθ under, θ over, τ under, τ over (%), actions, billed regret (%):\n");
    print_table(&CONTENDERS, &rows, None, elasticity);
    println!("\nWith and without yesterday, under-provisioned minutes / node-hours / flips:\n");
    print_table(&SEASONS, &self::rows(&all, &SEASONS)?, None, axes);
    Ok(())
}

/// A row of a table: the trace, and a score per contender.
type Row = (String, Vec<Score>);

fn rows(all: &[Series], contenders: &[Contender]) -> Result<Vec<Row>, Box<dyn Error>> {
    all.iter()
        .map(|series| Ok((heading(series), scores(series, contenders)?)))
        .collect()
}

fn scores(series: &Series, contenders: &[Contender]) -> Result<Vec<Score>, Box<dyn Error>> {
    contenders
        .iter()
        .map(|contender| {
            let counts = series.counts.iter().copied();
            let mut scaler = (contender.fresh)(series.service());
            let model = Model::default();
            let (peak, interval) = (series.peak_milli, series.interval);
            Ok(replay(model, peak, interval, counts, &mut *scaler)?)
        })
        .collect()
}

fn heading(series: &Series) -> String {
    let part = match series.part {
        Part::Training => "training",
        Part::Test => "test",
        Part::Whole => "both",
    };
    format!("{} ({part})", series.name)
}

fn print_table(
    contenders: &[Contender],
    rows: &[Row],
    oracle: Option<fn(&Score) -> String>,
    cell: fn(&Score) -> String,
) {
    let names = contenders.iter().map(|contender| contender.name);
    let columns: Vec<&str> = oracle.iter().map(|_| "oracle").chain(names).collect();
    println!("| trace | {} |", columns.join(" | "));
    println!("|---|{}", "---|".repeat(columns.len()));
    for (name, scores) in rows {
        let ideal = oracle.iter().map(|oracle| oracle(&scores[0]));
        let cells: Vec<String> = ideal.chain(scores.iter().map(cell)).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
}

fn axes(score: &Score) -> String {
    format!("{}/{}/{}", score.minutes(), score.node_hours(), score.flips)
}

fn elasticity(score: &Score) -> String {
    let shares = score.elasticity;
    format!(
        "{} {} {} {}, {}, {}",
        shares.theta_under,
        shares.theta_over,
        shares.tau_under,
        shares.tau_over,
        score.actions,
        (score.regret() + score.regret().signum() * 50) / 100
    )
}
