//! Figures as text for people and as JSON for programs.

use std::fmt::Write;

use serde::Serialize;

use crate::figure::{Figure, Figures, Unit};
use crate::machine::Machine;
use crate::workload::growth::Point;

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What it ran on, and how it was called.
    pub machine: Machine,
    /// Figures that compare, together.
    pub figures: Vec<Vec<Figure>>,
    /// The growth of our own set, if that was measured.
    pub growth: Vec<Point>,
}

impl Report {
    /// The report of a run on this machine.
    pub fn new(figures: Figures, growth: Vec<Point>) -> Self {
        Self {
            machine: Machine::here(),
            figures: figures.compared(),
            growth,
        }
    }

    /// The report as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and strings can be written")
    }

    /// The report as Markdown, which is readable as it is.
    pub fn text(&self) -> String {
        let mut text = self.head();
        for group in &self.figures {
            text.push_str(&group_table(group));
        }
        if !self.growth.is_empty() {
            text.push_str(&growth_table(&self.growth));
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

fn growth_table(points: &[Point]) -> String {
    let mut text = "\n| elements | state, B each | memory beyond it, B each | resident beyond it, B each \
                    | build, each | encode, each | decode, each | one add sent | and applied | message, B |\n\
                    |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for point in points {
        let each = |value: f64| value / count(point.elements as u64);
        let beyond = |bytes: u64| each(count(bytes) - count(point.element_bytes));
        writeln!(
            text,
            "| {} | {:.2} | {:.1} | {:.1} | {} | {} | {} | {} | {} | {:.0} |",
            point.elements,
            each(count(point.state_bytes as u64)),
            beyond(point.memory_bytes),
            beyond(point.resident_bytes),
            time(each(point.build_nanoseconds)),
            time(each(point.encode_nanoseconds)),
            time(each(point.decode_nanoseconds)),
            time(point.send_nanoseconds),
            time(point.receive_nanoseconds),
            point.message_bytes,
        )
        .expect("a string takes everything");
    }
    text
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes of one process stay far below 2^52"
)]
pub(crate) fn count(value: u64) -> f64 {
    value as f64
}

fn shown(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanoseconds => time(value),
        Unit::Bytes if value.fract() == 0.0 => format!("{value:.0} B"),
        Unit::Bytes => format!("{value:.1} B"),
        Unit::Elements => format!("{value:.0}"),
    }
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        value if value < 1e3 => format!("{value:.0} ns"),
        value if value < 1e6 => format!("{:.2} µs", value / 1e3),
        value if value < 1e9 => format!("{:.2} ms", value / 1e6),
        value => format!("{:.2} s", value / 1e9),
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
    use super::{time, times};

    #[test]
    fn values_are_shown_in_the_unit_that_fits() {
        assert_eq!(
            [950.0, 1_500.0, 2e6, 3e9].map(time),
            ["950 ns", "1.50 µs", "2.00 ms", "3.00 s"]
        );
        assert_eq!([0.5, 12.3].map(times), ["0.50×", "12×"]);
    }
}
