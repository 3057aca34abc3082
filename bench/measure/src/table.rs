//! Figures as text for people and as JSON for programs.

use std::fmt::Write;

use serde::Serialize;

use crate::figure::{Figure, Figures, Unit};
use crate::machine::Machine;

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What it ran on, and how it was called.
    pub machine: Machine,
    /// Figures that compare, together.
    pub figures: Vec<Vec<Figure>>,
}

impl Report {
    /// The report of a run on this machine.
    pub fn new(figures: Figures) -> Self {
        Self {
            machine: Machine::here(),
            figures: figures.compared(),
        }
    }

    /// The report as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and strings can be written")
    }

    /// The report as Markdown, which is readable as it is: a table for each case.
    pub fn text(&self) -> String {
        let mut text = self.head();
        for group in &self.figures {
            text.push_str(&group_table(group));
        }
        text
    }

    /// The medians alone as Markdown: a table for each quantity, a row for each case.
    pub fn summary(&self) -> String {
        let mut text = self.head();
        let mut quantities: Vec<Vec<&Vec<Figure>>> = Vec::new();
        for group in &self.figures {
            let is_same = |first: &Figure| {
                (first.workload, first.quantity) == (group[0].workload, group[0].quantity)
            };
            match quantities.iter_mut().find(|rows| is_same(&rows[0][0])) {
                Some(rows) => rows.push(group),
                None => quantities.push(vec![group]),
            }
        }
        for rows in quantities {
            text.push_str(&quantity_table(&rows));
        }
        text
    }

    fn head(&self) -> String {
        let Machine {
            processor,
            cores,
            memory_bytes,
            platform,
            command,
        } = &self.machine;
        format!(
            "`{command}` on {processor}, {cores} cores, {} GiB, {platform}\n",
            memory_bytes >> 30
        )
    }
}

fn group_table(group: &[Figure]) -> String {
    let Figure {
        workload,
        case,
        quantity,
        ..
    } = &group[0];
    let mut text = format!(
        "\n{workload}, {case}: {quantity}\n\n\
         | {:<28} | {:>11} | {:>25} | {:>7} | {:>9} |\n|{:-<30}|{:->13}|{:->27}|{:->9}|{:->11}|\n",
        "subject", "median", "10 % to 90 %", "samples", "to ours", "", ":", ":", ":", ":"
    );
    for figure in group {
        let spread = format!(
            "{} to {}",
            shown(figure.low, figure.unit),
            shown(figure.high, figure.unit)
        );
        let ratio = figure.ratio.map_or(String::new(), times);
        writeln!(
            text,
            "| {:<28} | {:>11} | {spread:>25} | {:>7} | {ratio:>9} |",
            figure.subject,
            shown(figure.median, figure.unit),
            figure.samples,
        )
        .expect("a string takes everything");
    }
    text
}

fn quantity_table(rows: &[&Vec<Figure>]) -> String {
    let mut subjects: Vec<&str> = Vec::new();
    for figure in rows.iter().copied().flatten() {
        if !subjects.contains(&figure.subject) {
            subjects.push(figure.subject);
        }
    }
    let Figure {
        workload, quantity, ..
    } = &rows[0][0];
    let mut text = format!(
        "\n| {workload}: {quantity} | {} |\n|---|{}\n",
        subjects.join(" | "),
        "---:|".repeat(subjects.len())
    );
    for row in rows {
        let cells: Vec<String> = subjects
            .iter()
            .map(|subject| row.iter().find(|figure| figure.subject == *subject))
            .map(|figure| figure.map_or(String::new(), |figure| shown(figure.median, figure.unit)))
            .collect();
        writeln!(text, "| {} | {} |", row[0].case, cells.join(" | "))
            .expect("a string takes everything");
    }
    text
}

/// A number of bytes or of things, to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "bytes of one process stay far below 2^52"
)]
pub fn count(value: u64) -> f64 {
    value as f64
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds => time(value),
        Unit::Bytes if value.fract() == 0.0 => format!("{value:.0} B"),
        Unit::Bytes => format!("{value:.1} B"),
        Unit::Elements => format!("{value:.0}"),
        Unit::Allocations => format!("{value:.2}"),
        Unit::PerSecond => rate(value),
    }
}

/// A time in the unit that fits.
pub fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        value if value < 1e3 => format!("{value:.0} ns"),
        value if value < 1e6 => format!("{:.2} µs", value / 1e3),
        value if value < 1e9 => format!("{:.2} ms", value / 1e6),
        value => format!("{:.2} s", value / 1e9),
    }
}

fn rate(per_second: f64) -> String {
    match per_second {
        value if value < 1e6 => format!("{:.0} k/s", value / 1e3),
        value => format!("{:.2} M/s", value / 1e6),
    }
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 {
        format!("{ratio:.2}×")
    } else {
        format!("{ratio:.0}×")
    }
}

#[cfg(test)]
mod tests {
    use super::{Report, rate, time, times};
    use crate::figure::{Figures, Sheet, Unit};
    use crate::sample::Samples;

    #[test]
    fn values_are_shown_in_the_unit_that_fits() {
        assert_eq!(
            [950.0, 1_500.0, 2e6, 3e9].map(time),
            ["950 ns", "1.50 µs", "2.00 ms", "3.00 s"]
        );
        assert_eq!([0.5, 12.3].map(times), ["0.50×", "12×"]);
    }

    #[test]
    fn a_summary_has_a_row_for_each_case_and_a_hole_for_what_was_not_measured() {
        assert_eq!([223_400.0, 1.456e6].map(rate), ["223 k/s", "1.46 M/s"]);
        let mut figures = Figures::default();
        for (case, subject, value) in [("a", "x", 1), ("a", "y", 2), ("b", "y", 3)] {
            Sheet {
                figures: &mut figures,
                workload: "work",
                case: case.to_owned(),
                subject,
            }
            .put("size", Unit::Bytes, &Samples::exactly(value));
        }
        let summary = Report::new(figures).summary();
        let table = "| work: size | x | y |\n|---|---:|---:|\n| a | 1 B | 2 B |\n| b |  | 3 B |\n";
        assert!(summary.ends_with(table), "{summary}");
    }
}
