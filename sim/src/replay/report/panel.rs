//! One policy over the load: the needed and the ready nodes, and three lanes below them.
//!
//! The parts are drawn in per cent of whatever holds them, so the same drawing serves a phone, a
//! wall and a document. What is stretched to fit has strokes that are not.

use super::super::comparison::{Comparison, PolicyRun};
use super::axis::Axis;
use super::calendar::DateMark;
use super::key::Key;
use super::line;
use super::number::Grouped;
use super::text::Markup;

/// The scale of nodes that all policies share.
pub(super) fn node_axis(comparison: &Comparison) -> Axis {
    let ordered = |run: &PolicyRun| run.series.ordered_max.iter().copied().max();
    let most = comparison
        .policies
        .iter()
        .filter_map(ordered)
        .chain(comparison.demand.max.iter().copied().max())
        .max();
    Axis::from_zero(u64::from(most.unwrap_or(1)), 5)
}

/// What a panel is drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel<'a> {
    pub(super) comparison: &'a Comparison,
    pub(super) run: &'a PolicyRun,
    pub(super) key: Key,
    pub(super) axis: &'a Axis,
    pub(super) dates: &'a [DateMark],
}

/// A lane below the plot.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lane {
    /// When nodes were missing.
    Short,
    /// When the direction was changed.
    Flips,
    /// How much work waited.
    Queue,
}

impl Panel<'_> {
    /// Needed nodes as an area, ready ones as a line, starting ones on top of it.
    pub(super) fn plot(&self, out: &mut Markup) {
        let demand = &self.comparison.demand;
        let series = &self.run.series;
        let look = self.key.look;
        self.grid(out);
        let (buckets, top) = (self.comparison.buckets(), self.axis.to);
        let [needed, least, most, ordered] = [
            &demand.max,
            &series.ready_min,
            &series.ready_max,
            &series.ordered_max,
        ]
        .map(|values| wide(values));
        stretched(out, buckets, top);
        let area = line::area(&needed, top);
        out.put(format_args!("<path class=\"demand\" d=\"{area}\"/>"));
        let edge = line::stairs(&needed, top);
        stroke(out, "demand-edge", &edge);
        let starting = line::band(&most, &ordered, top);
        out.put(format_args!("<path class=\"starting\" d=\"{starting}\"/>"));
        let spread = line::band(&least, &most, top);
        if !spread.is_empty() {
            out.put(format_args!(
                "<path class=\"spread f{look}\" d=\"{spread}\"/>"
            ));
            let lower = line::stairs(&least, top);
            stroke(out, &format!("ready least p{look}"), &lower);
        }
        let upper = line::stairs(&most, top);
        stroke(out, &format!("ready p{look}"), &upper);
        out.put(format_args!("</svg>"));
    }

    fn grid(&self, out: &mut Markup) {
        for mark in self.axis.marks() {
            let y = self.axis.place(mark).mirrored();
            out.put(format_args!(
                "<line class=\"{}\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>\
                 <text class=\"tick\" x=\"-6\" y=\"{y}\" dy=\".32em\" text-anchor=\"end\">{}</text>",
                if mark == 0 { "base" } else { "grid" },
                Grouped(mark)
            ));
        }
        for DateMark { place, .. } in self.dates {
            out.put(format_args!(
                "<line class=\"grid\" x1=\"{place}\" x2=\"{place}\" y2=\"100%\"/>"
            ));
        }
    }

    /// One lane with its name on the left.
    pub(super) fn lane(&self, lane: Lane, out: &mut Markup) {
        let series = &self.run.series;
        let buckets = self.comparison.buckets();
        let name = match lane {
            Lane::Short => "short",
            Lane::Flips => "flips",
            Lane::Queue => "queue",
        };
        out.put(format_args!(
            "<rect class=\"lane\" width=\"100%\" height=\"100%\"/>\
             <text class=\"tick\" x=\"-6\" y=\"50%\" dy=\".35em\" text-anchor=\"end\">{name}</text>"
        ));
        match lane {
            Lane::Short | Lane::Flips => {
                let (class, values) = match lane {
                    Lane::Short => ("short", &series.short_ticks),
                    _ => ("flip", &series.flips),
                };
                stretched(out, buckets, 1);
                stroke(out, class, &line::boxes(values));
            }
            Lane::Queue => {
                let most = series.queue_max_milli.iter().copied().max();
                let most = most.unwrap_or(0).max(1);
                stretched(out, buckets, 1_000);
                // The square root of the share: a queue of a hundredth is a tenth high.
                let values: Vec<u64> = series
                    .queue_max_milli
                    .iter()
                    .map(|&queue| root_share(queue, most))
                    .collect();
                if values.iter().any(|&value| value > 0) {
                    stroke(out, "queue", &line::band(&vec![0; buckets], &values, 1_000));
                }
            }
        }
        out.put(format_args!("</svg>"));
    }
}

/// The dates below a panel; every second one can be left out where it is narrow.
pub(super) fn dates(marks: &[DateMark], out: &mut Markup) {
    for (index, DateMark { place, label }) in marks.iter().enumerate() {
        let anchor = match place.0 {
            0..2_000 => "start",
            98_000.. => "end",
            _ => "middle",
        };
        let class = if index % 2 == 1 { "tick alt" } else { "tick" };
        out.put(format_args!(
            "<text class=\"{class}\" x=\"{place}\" y=\"100%\" dy=\"-.25em\" \
             text-anchor=\"{anchor}\">{label}</text>"
        ));
    }
}

/// Begins a drawing of `width` by `height` units that fills what holds it.
pub(super) fn stretched(out: &mut Markup, width: usize, height: u64) {
    out.put(format_args!(
        "<svg width=\"100%\" height=\"100%\" viewBox=\"0 0 {width} {height}\" \
         preserveAspectRatio=\"none\" overflow=\"visible\">"
    ));
}

/// A path whose stroke is not stretched.
pub(super) fn stroke(out: &mut Markup, class: &str, path: &str) {
    out.put(format_args!(
        "<path class=\"{class}\" vector-effect=\"non-scaling-stroke\" d=\"{path}\"/>"
    ));
}

fn wide(values: &[u32]) -> Vec<u64> {
    values.iter().map(|&value| u64::from(value)).collect()
}

/// The square root of `part / whole`, in thousandths.
fn root_share(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 1_000_000 / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(1_000_000).isqrt()
}
