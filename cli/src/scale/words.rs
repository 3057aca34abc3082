//! The outcome in words and tables.

use std::fmt;

use quorate::Micros;
use quorate_sim::replay::comparison::{Comparison, ScoreRow};
use quorate_sim::replay::sweep::{Axes, Point, Sweep};

use super::Outcome;
use super::json::{gap_rule, seconds, spread};

/// The headings of the scores, with the width of each column.
const COLUMNS: [(&str, usize); 12] = [
    ("minutes", 8),
    ("node-h", 9),
    ("flips", 7),
    ("actions", 8),
    ("billed-h", 9),
    ("regret %", 9),
    ("θU %", 8),
    ("θO %", 8),
    ("τU %", 7),
    ("τO %", 7),
    ("υ %", 7),
    ("σ %", 8),
];

/// The most points of a front that are printed.
const MAX_POINTS: usize = 30;

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load(f)?;
        self.fleet(f)?;
        scores(f, &self.comparison)?;
        match &self.sweep {
            Some(sweep) => front(f, sweep),
            None => Ok(()),
        }
    }
}

impl Outcome<'_> {
    fn load(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, read, gaps) = (self.trace, self.read, self.trace.gaps());
        writeln!(
            f,
            "load    {}: {} rows every {} s from {}, hash {}",
            trace.name(),
            trace.rows().len(),
            seconds(trace.step()),
            trace.start(),
            trace.hash()
        )?;
        writeln!(
            f,
            "        {} gaps ({} rows missing), {} early rows, {} repeats, {} absent, {} bad rows skipped",
            gaps.count, gaps.missing_rows, gaps.early_rows, read.repeats, read.absent, read.skipped
        )?;
        match &read.series[..] {
            [] => Ok(()),
            [one] => writeln!(f, "        series {one}"),
            several => writeln!(
                f,
                "        the sum of {} series, {} times not in all of them",
                several.len(),
                read.partial
            ),
        }
    }

    fn fleet(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (comparison, model) = (&self.comparison, &self.comparison.model);
        writeln!(
            f,
            "played  {} ticks of {} s, spread {}, gaps {}",
            comparison.ticks,
            seconds(comparison.interval),
            spread(self.refinement.within),
            gap_rule(self.refinement.gaps)
        )?;
        writeln!(
            f,
            "fleet   {} nodes at the peak, service level at {} % use, {} s to start a node, {}\n",
            model.peak_nodes,
            model.slo_utilization / 10,
            seconds(model.start_up),
            model.bounds
        )
    }
}

fn scores(f: &mut fmt::Formatter<'_>, comparison: &Comparison) -> fmt::Result {
    let names = comparison
        .policies
        .iter()
        .map(|run| run.name.chars().count());
    let width = names.max().unwrap_or(0).max("policy".len());
    write!(f, "{:width$}", "policy")?;
    for (heading, column) in COLUMNS {
        write!(f, " {heading:>column$}")?;
    }
    let oracle = &comparison.oracle;
    write!(f, "\n{:width$}", "oracle")?;
    row(
        f,
        &[
            "0".into(),
            hours(oracle.node_seconds),
            String::new(),
            String::new(),
            hours(oracle.billed_node_seconds),
            "0.00".into(),
            "0.00".into(),
            "0.00".into(),
            "0.00".into(),
            "0.00".into(),
            String::new(),
            String::new(),
        ],
    )?;
    for run in &comparison.policies {
        write!(f, "{:width$}", run.name)?;
        row(f, &cells(&run.score))?;
    }
    Ok(())
}

fn cells(score: &ScoreRow) -> [String; 12] {
    [
        minutes(score.under_provisioned),
        hours(score.node_seconds),
        score.flips.to_string(),
        score.actions.to_string(),
        hours(score.billed_node_seconds),
        signed_percent(score.regret),
        percent(score.theta_under),
        percent(score.theta_over),
        percent(score.tau_under),
        percent(score.tau_over),
        percent(score.instability),
        percent(score.deviation),
    ]
}

fn row(f: &mut fmt::Formatter<'_>, cells: &[String; 12]) -> fmt::Result {
    for (cell, (_, column)) in cells.iter().zip(COLUMNS) {
        write!(f, " {cell:>column$}")?;
    }
    writeln!(f)
}

/// The points from which nothing can be taken without giving something.
fn front(f: &mut fmt::Formatter<'_>, sweep: &Sweep) -> fmt::Result {
    let points = &sweep.front_with_flips;
    writeln!(
        f,
        "\nsweep   {} of {} points, {} on the front of minutes, node-hours and flips",
        sweep.points.len(),
        sweep.grid_points,
        points.len()
    )?;
    let on_test = sweep.points.iter().any(|point| point.test.is_some());
    write!(f, " {:>8} {:>9} {:>7}", "minutes", "node-h", "flips")?;
    if on_test {
        write!(f, " {:>9} {:>9} {:>7}", "(test)", "node-h", "flips")?;
    }
    writeln!(f, "  {}", sweep.paths.join(" "))?;
    for point in points
        .iter()
        .take(MAX_POINTS)
        .filter_map(|&place| sweep.points.get(place))
    {
        let Point {
            values, axes, test, ..
        } = point;
        axis_cells(f, axes, 8)?;
        if let Some(test) = test {
            axis_cells(f, test, 9)?;
        }
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        writeln!(f, "  {}", values.join(" "))?;
    }
    if points.len() > MAX_POINTS {
        writeln!(f, " and {} more", points.len() - MAX_POINTS)?;
    }
    Ok(())
}

fn axis_cells(f: &mut fmt::Formatter<'_>, axes: &Axes, width: usize) -> fmt::Result {
    let (minutes, hours) = (minutes(axes.under_provisioned), hours(axes.node_seconds));
    write!(f, " {minutes:>width$} {hours:>9} {:>7}", axes.flips)
}

/// Whole minutes, rounded down.
fn minutes(time: Micros) -> String {
    (time.as_secs() / 60).to_string()
}

/// Node-seconds in hours, to the tenth.
fn hours(node_seconds: u64) -> String {
    let tenths = node_seconds.saturating_add(180) / 360;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Ten thousandths in percent.
fn percent(share: u64) -> String {
    format!("{}.{:02}", share / 100, share % 100)
}

fn signed_percent(share: i64) -> String {
    let sign = if share < 0 { "-" } else { "" };
    format!("{sign}{}", percent(share.unsigned_abs()))
}
