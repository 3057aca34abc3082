//! What was measured, and how it compares.

use serde::Serialize;

use crate::sample::Samples;

/// The subject that all others are divided by.
pub const OURS: &str = "quorate";

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Time.
    Nanoseconds,
    /// Encoded or held bytes.
    Bytes,
    /// Elements.
    Elements,
    /// How often in a second: more is better.
    PerSecond,
    /// Requests to the allocator.
    Allocations,
}

/// A measured value of one subject.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// Which workload.
    pub workload: &'static str,
    /// Which variant of it, with its size.
    pub case: String,
    /// What was measured. Figures are compared if workload, case and quantity agree.
    pub quantity: &'static str,
    /// Whose it is.
    pub subject: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// The middle of the samples.
    pub median: f64,
    /// Their tenth percentile.
    pub low: f64,
    /// Their ninetieth percentile.
    pub high: f64,
    /// How many there were.
    pub samples: usize,
    /// This divided by ours.
    pub ratio: Option<f64>,
}

/// The figures of a run.
#[derive(Debug, Default)]
pub struct Figures(Vec<Figure>);

/// Where the figures of one subject in one case of a workload are put.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// All figures.
    pub figures: &'a mut Figures,
    /// The workload.
    pub workload: &'static str,
    /// The case.
    pub case: String,
    /// The subject.
    pub subject: &'static str,
}

impl Sheet<'_> {
    /// Puts a figure down; nothing if there is no sample.
    pub fn put(&mut self, quantity: &'static str, unit: Unit, samples: &Samples) {
        if samples.is_empty() {
            return;
        }
        self.figures.0.push(Figure {
            workload: self.workload,
            case: self.case.clone(),
            quantity,
            subject: self.subject,
            unit,
            median: samples.median(),
            low: samples.percentile(10),
            high: samples.percentile(90),
            samples: samples.len(),
            ratio: None,
        });
    }
}

impl Figures {
    /// The figures in groups that compare, with ratios to ours.
    pub fn compared(self) -> Vec<Vec<Figure>> {
        let mut groups: Vec<Vec<Figure>> = Vec::new();
        for figure in self.0 {
            match groups.iter_mut().find(|group| group[0].compares(&figure)) {
                Some(group) => group.push(figure),
                None => groups.push(vec![figure]),
            }
        }
        for group in &mut groups {
            let ours = group
                .iter()
                .find(|figure| figure.subject == OURS && figure.unit != Unit::Elements)
                .map(|figure| figure.median);
            for figure in group {
                figure.ratio = ours
                    .filter(|&ours| ours > 0.0 && figure.subject != OURS)
                    .map(|ours| figure.median / ours);
            }
        }
        groups
    }
}

impl Figure {
    fn compares(&self, other: &Self) -> bool {
        (self.workload, &self.case, self.quantity) == (other.workload, &other.case, other.quantity)
    }
}
