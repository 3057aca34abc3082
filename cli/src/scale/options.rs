//! The options of `quorate scale`, and what they mean.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use quorate::Micros;
use quorate::autoscale::{Bounds, Strategy};
use quorate_sim::load::{
    BadRows, Combine, GapRule, Interpolation, Numbers, ReadOptions, Refinement, SeriesChoice,
};
use quorate_sim::replay::sweep::{Refusals, Search, Setting, Split, SweepOptions};
use quorate_sim::replay::{Model, Timing};

use crate::failure::Failure;
use crate::input::{Delay, Span};

/// Which load, against which policies, on which fleet.
#[derive(Debug, Args)]
pub(crate) struct ScaleArguments {
    /// A load trace: CSV, or the JSON answer of Prometheus to a range query.
    pub(crate) trace: PathBuf,
    /// A strategy by name, a policy file (JSON) or a manifest of Kubernetes (YAML); repeatable.
    #[arg(long, value_name = "NAME|FILE")]
    policy: Vec<String>,
    /// The time between the order of a node and its first request.
    #[arg(long, value_name = "TIME", default_value = "120s")]
    start_up: Delay,
    /// How many fully used nodes the largest tick takes.
    #[arg(long, value_name = "N", default_value_t = 40)]
    peak_nodes: u32,
    /// The highest utilization of a node that meets the service level, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 80,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    slo: u32,
    /// The smallest fleet.
    #[arg(long, value_name = "N", default_value_t = 1)]
    min_nodes: u32,
    /// The largest fleet.
    #[arg(long, value_name = "N", default_value_t = 100)]
    max_nodes: u32,
    /// When a decision takes effect: at the beginning of the tick that it saw, or at its end.
    #[arg(long, value_enum, default_value_t = When::Prompt)]
    timing: When,
    /// The length of a tick; the trace's own step, if nobody says so.
    #[arg(long, value_name = "TIME")]
    interval: Option<Span>,
    /// How a row is spread over shorter ticks.
    #[arg(long, value_enum, default_value_t = Spread::None)]
    interpolate: Spread,
    /// The seed of whatever chance decides.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// What is played where rows are missing: nothing, the row before, or a line.
    #[arg(long, value_enum, default_value_t = Gaps::Skip)]
    gaps: Gaps,
    /// What the numbers are; counts in CSV and rates in JSON, if nobody says so.
    #[arg(long, value_enum)]
    numbers: Option<Kind>,
    /// A label that the series of a JSON file must have; repeatable.
    #[arg(long, value_name = "LABEL=VALUE")]
    series: Vec<String>,
    /// Add up the series of a JSON file.
    #[arg(long)]
    sum: bool,
    /// Skip bad rows, and report each.
    #[arg(long)]
    keep_going: bool,
    /// Try other values of a setting of the first policy: /strategy/cover=500,1000 or
    /// /strategy/cover=500..2000/250; repeatable.
    #[arg(long, value_name = "PATH=VALUES")]
    pub(crate) sweep: Vec<Setting>,
    /// Try so many points of the sweep, by chance, in place of all.
    #[arg(long, value_name = "N", requires = "sweep")]
    sweep_points: Option<u64>,
    /// Choose points on this share of the trace, and play those that were chosen on the rest.
    #[arg(long, value_name = "PERCENT", requires = "sweep",
          value_parser = clap::value_parser!(u32).range(1..=99))]
    sweep_train: Option<u32>,
    /// Print one JSON object in place of tables.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a report, one file without scripts.
    #[arg(long, value_name = "OUT")]
    pub(crate) html: Option<PathBuf>,
    /// Write the charts.
    #[arg(long, value_name = "OUT")]
    pub(crate) svg: Option<PathBuf>,
    /// Write the points of the sweep.
    #[arg(long, value_name = "OUT", requires = "sweep")]
    pub(crate) csv: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    Prompt,
    Strict,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Spread {
    None,
    Hold,
    Linear,
    Poisson,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Gaps {
    Skip,
    Hold,
    Linear,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Counts,
    Rates,
}

impl ScaleArguments {
    /// The policies by name or file; all strategies, if none was named.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &str> {
        let all: &[&str] = if self.policy.is_empty() {
            &Strategy::KINDS
        } else {
            &[]
        };
        let named = self.policy.iter().map(String::as_str);
        named.chain(all.iter().copied())
    }

    /// How the file is read.
    pub(crate) fn reading(&self) -> Result<ReadOptions, Failure> {
        let label = |text: &String| {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Failure::Options(format!("--series {text}: expected LABEL=VALUE"))
            })?;
            Ok((name.to_owned(), value.to_owned()))
        };
        Ok(ReadOptions {
            bad_rows: if self.keep_going {
                BadRows::Skip
            } else {
                BadRows::Refuse
            },
            numbers: self.numbers.map(|kind| match kind {
                Kind::Counts => Numbers::Counts,
                Kind::Rates => Numbers::Rates,
            }),
            series: SeriesChoice {
                labels: self.series.iter().map(label).collect::<Result<_, _>>()?,
                combine: if self.sum {
                    Combine::Sum
                } else {
                    Combine::Single
                },
            },
            ..ReadOptions::default()
        })
    }

    /// How the trace is cut into ticks.
    pub(crate) fn refinement(&self) -> Refinement {
        Refinement {
            tick: self.interval.map(|Span(tick)| tick),
            within: match self.interpolate {
                Spread::None => Interpolation::None,
                Spread::Hold => Interpolation::Hold,
                Spread::Linear => Interpolation::Linear,
                Spread::Poisson => Interpolation::Poisson { seed: self.seed },
            },
            gaps: match self.gaps {
                Gaps::Skip => GapRule::Skip,
                Gaps::Hold => GapRule::Hold,
                Gaps::Linear => GapRule::Linear,
            },
        }
    }

    /// The fleet that is assumed.
    pub(crate) fn model(&self) -> Result<Model, Failure> {
        let bounds = Bounds::new(self.min_nodes, self.max_nodes)
            .map_err(|error| Failure::Options(error.to_string()))?;
        let Delay(start_up) = self.start_up;
        Ok(Model {
            peak_nodes: self.peak_nodes,
            slo_utilization: self.slo * 10,
            start_up,
            bounds,
            timing: match self.timing {
                When::Prompt => Timing::Prompt,
                When::Strict => Timing::Strict,
            },
            flip_window: Micros::from_secs(900),
        })
    }

    /// How the first policy is searched. A combination of values that is no policy is left out.
    pub(crate) fn search(&self) -> Result<SweepOptions, Failure> {
        let search = match self.sweep_points {
            Some(points) => Search::Random {
                points,
                seed: self.seed,
            },
            None => Search::Grid,
        };
        Ok(SweepOptions {
            model: self.model()?,
            search,
            refusals: Refusals::Skip,
            split: self.sweep_train.map(|percent| Split {
                training_permille: percent * 10,
            }),
            ..SweepOptions::default()
        })
    }
}
