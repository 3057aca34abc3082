//! The report of a run: what compares, and how our own set grows.

use std::fmt::Write;

use quorate_bench_measure::table::{self, count, time};
use serde::Serialize;

use crate::figure::Figures;
use crate::workload::growth::Point;

/// A whole run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Figures that compare, and the machine.
    #[serde(flatten)]
    pub compared: table::Report,
    /// The growth of our own set, if that was measured.
    pub growth: Vec<Point>,
}

impl Report {
    /// The report of a run on this machine.
    pub fn new(figures: Figures, growth: Vec<Point>) -> Self {
        Self {
            compared: table::Report::new(figures),
            growth,
        }
    }

    /// The report as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and strings can be written")
    }

    /// The report as Markdown, which is readable as it is.
    pub fn text(&self) -> String {
        let mut text = self.compared.text();
        if !self.growth.is_empty() {
            text.push_str(&growth_table(&self.growth));
        }
        text
    }
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
