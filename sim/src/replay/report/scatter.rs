//! The three axes at once: node-hours across, minutes short upwards, flips as the area of a ring.
//!
//! Names beside points cover each other where policies are alike, which is where one looks. A name
//! goes to the first of eight places around its point that is free; every point has its letter in
//! the table, too.

use super::super::comparison::{Comparison, PolicyRun};
use super::super::sweep::{Axes, Sweep};
use super::axis::Axis;
use super::key::Key;
use super::line;
use super::number::{Grouped, Milli};
use super::panel::{stretched, stroke};
use super::text::{Escaped, Markup, shortened};

/// The size for which names are placed, in units of the drawing: where there is more room, points
/// only move apart.
const NOMINAL: (u64, u64) = (460, 270);
/// The radius of the ring of the policy with most flips, in tenths.
const LARGEST_RING: u64 = 260;
/// More points of a search than this are not drawn one by one.
const MAX_POINTS: usize = 3_000;

/// Two scales that hold all points, in thousandths of an hour and of a minute.
#[derive(Clone, Debug)]
struct Scales {
    hours: Axis,
    minutes: Axis,
}

/// A point in thousandths of a node-hour and of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    hours: u64,
    minutes: u64,
}

impl Spot {
    fn new(node_seconds: u64, under_provisioned_micros: u64) -> Self {
        let hours = u128::from(node_seconds) * 1_000 / 3_600;
        Self {
            hours: u64::try_from(hours).unwrap_or(u64::MAX),
            minutes: under_provisioned_micros / 60_000,
        }
    }

    fn of_run(run: &PolicyRun) -> Self {
        Self::new(run.score.node_seconds, run.score.under_provisioned.0)
    }

    fn of_axes(axes: &Axes) -> Self {
        Self::new(axes.node_seconds, axes.under_provisioned.0)
    }
}

impl Scales {
    fn around(spots: &[Spot]) -> Self {
        let hours = || spots.iter().map(|spot| spot.hours);
        let (least, most) = (hours().min().unwrap_or(0), hours().max().unwrap_or(1));
        let minutes = spots.iter().map(|spot| spot.minutes).max().unwrap_or(0);
        Self {
            hours: Axis::rooted(least.saturating_sub((most - least) / 50), most),
            minutes: Axis::rooted(0, minutes.max(1)),
        }
    }

    fn grid(&self, out: &mut Markup) {
        for mark in self.minutes.marks() {
            let y = self.minutes.place(mark).mirrored();
            out.put(format_args!(
                "<line class=\"{}\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>\
                 <text class=\"tick\" x=\"-6\" y=\"{y}\" dy=\".32em\" text-anchor=\"end\">{}</text>",
                if mark == 0 { "base" } else { "grid" },
                Milli(mark)
            ));
        }
        for (index, mark) in self.hours.marks().enumerate() {
            let x = self.hours.place(mark);
            let class = if index % 2 == 1 { "tick alt" } else { "tick" };
            out.put(format_args!(
                "<line class=\"grid\" x1=\"{x}\" x2=\"{x}\" y2=\"100%\"/>\
                 <text class=\"{class}\" x=\"{x}\" y=\"100%\" dy=\"1.5em\" \
                 text-anchor=\"middle\">{}</text>",
                Milli(mark)
            ));
        }
        out.put(format_args!(
            "<text class=\"tick\" x=\"0\" y=\"0\" dy=\"-.8em\">minutes short</text>\
             <text class=\"tick\" x=\"100%\" y=\"100%\" dy=\"2.9em\" text-anchor=\"end\">\
             node-hours</text>\
             <text class=\"hint\" x=\"100%\" y=\"0\" dy=\"-.8em\" text-anchor=\"end\">\
             better: down and left</text>"
        ));
    }

    /// Begins a place around a point.
    fn at(&self, spot: Spot, out: &mut Markup) {
        out.put(format_args!(
            "<svg x=\"{}\" y=\"{}\" overflow=\"visible\" width=\"1\" height=\"1\">",
            self.hours.place(spot.hours),
            self.minutes.place(spot.minutes).mirrored()
        ));
    }

    /// Where a point is at the nominal size.
    fn nominal(&self, spot: Spot) -> (i64, i64) {
        let x = self.hours.place(spot.hours).of(NOMINAL.0);
        let y = self.minutes.place(spot.minutes).mirrored().of(NOMINAL.1);
        let signed = |value| i64::try_from(value).unwrap_or(0);
        (signed(x), signed(y))
    }
}

/// The policies and the oracle.
pub(super) fn policies(comparison: &Comparison, keys: &[Key], out: &mut Markup) {
    let oracle = Spot::new(comparison.oracle.node_seconds, 0);
    let runs = &comparison.policies;
    let mut spots: Vec<Spot> = runs.iter().map(Spot::of_run).collect();
    spots.push(oracle);
    let scales = Scales::around(&spots);
    scales.grid(out);
    let flips = |run: &PolicyRun| run.score.flips;
    let most = runs.iter().map(flips).max().unwrap_or(0).max(1);
    for ((run, key), &spot) in runs.iter().zip(keys).zip(&spots) {
        let radius = ring(flips(run), most);
        scales.at(spot, out);
        out.put(format_args!(
            "<circle class=\"ring f{0} p{0}\" r=\"{1}.{2}\"/></svg>",
            key.look,
            radius / 10,
            radius % 10
        ));
    }
    scales.at(oracle, out);
    out.put(format_args!(
        "<path class=\"oracle\" d=\"M-6 0H6M0-6V6\"/></svg>"
    ));
    let mut labels: Vec<Label> = runs
        .iter()
        .zip(keys)
        .map(|(run, key)| Label {
            strong: key.letter.to_string(),
            more: format!(
                " {} · {}",
                shortened(&run.name, 24),
                Grouped(run.score.flips)
            ),
        })
        .collect();
    labels.push(Label {
        strong: String::from("Oracle"),
        more: String::new(),
    });
    for ((key, &spot), label) in keys.iter().zip(&spots).zip(&labels) {
        scales.at(spot, out);
        out.put(format_args!(
            "<path class=\"mark f{}\" d=\"{}\"><title>{}{}</title></path></svg>",
            key.look,
            key.shape(),
            Escaped(&label.strong),
            Escaped(&label.more)
        ));
    }
    put_labels(&scales, &spots, &labels, out);
}

/// The points of a search, the front as stairs, and the policy as it was.
pub(super) fn search(sweep: &Sweep, out: &mut Markup) {
    let spots: Vec<Spot> = sweep
        .points
        .iter()
        .map(|point| Spot::of_axes(&point.axes))
        .collect();
    let scales = Scales::around(&spots);
    scales.grid(out);
    let on_front: Vec<Spot> = sweep
        .front
        .iter()
        .filter_map(|&place| spots.get(place).copied())
        .collect();
    let stride = spots.len().div_ceil(MAX_POINTS).max(1);
    for &spot in spots.iter().step_by(stride) {
        dot(&scales, spot, "point", "2.5", out);
    }
    front_line(&scales, &on_front, out);
    for place in &sweep.front_with_flips {
        if let Some(&spot) = spots.get(*place).filter(|_| !sweep.front.contains(place)) {
            dot(&scales, spot, "on-flips", "3.5", out);
        }
    }
    for &spot in &on_front {
        dot(&scales, spot, "on-front", "4.5", out);
    }
    if let Some(&spot) = spots.first() {
        scales.at(spot, out);
        out.put(format_args!(
            "<path class=\"as-is\" d=\"M0-7L7 0L0 7L-7 0Z\"/></svg>"
        ));
    }
    let mut labels: Vec<Label> = sweep
        .front
        .iter()
        .filter(|&&place| place < spots.len())
        .map(|place| Label {
            strong: place.to_string(),
            more: String::new(),
        })
        .collect();
    let mut labelled = on_front;
    if let Some(&spot) = spots.first().filter(|_| !sweep.front.contains(&0)) {
        labelled.push(spot);
        labels.push(Label {
            strong: String::from("0"),
            more: String::from(" as it was"),
        });
    }
    put_labels(&scales, &labelled, &labels, out);
}

/// From one point of the front to the next: across, then down.
fn front_line(scales: &Scales, front: &[Spot], out: &mut Markup) {
    const UNITS: usize = 1_000;
    let mut heights = vec![0; UNITS];
    let (mut begun, mut ended) = (UNITS, 0);
    for spot in front {
        let from = scales.hours.place(spot.hours).of(UNITS as u64);
        let from = usize::try_from(from).unwrap_or(UNITS).min(UNITS);
        begun = begun.min(from);
        ended = ended.max(from);
        let height = scales.minutes.place(spot.minutes).of(UNITS as u64);
        heights[from..].fill(height);
    }
    stretched(out, UNITS, UNITS as u64);
    if begun < ended {
        let path = line::stairs(&heights[begun..ended], UNITS as u64);
        out.put(format_args!("<g transform=\"translate({begun} 0)\">"));
        stroke(out, "front", &path);
        out.put(format_args!("</g>"));
    }
    out.put(format_args!("</svg>"));
}

fn dot(scales: &Scales, spot: Spot, class: &str, radius: &str, out: &mut Markup) {
    out.put(format_args!(
        "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{radius}\"/>",
        scales.hours.place(spot.hours),
        scales.minutes.place(spot.minutes).mirrored()
    ));
}

/// The radius in tenths of a ring whose area stands for `flips`.
fn ring(flips: u64, most: u64) -> u64 {
    let square = u128::from(flips) * u128::from(LARGEST_RING * LARGEST_RING) / u128::from(most);
    u64::try_from(square).unwrap_or(u64::MAX).isqrt()
}

/// A name beside a point.
#[derive(Clone, Debug)]
struct Label {
    strong: String,
    /// Left out where it is narrow.
    more: String,
}

/// A rectangle: left, top, width, height.
type Area = (i64, i64, i64, i64);

/// Where a name may be, seen from its point: its left edge in hundredths of its own width plus a
/// distance, its baseline, and how it is anchored. What is further away gets a line.
const SIDES: [(i64, i64, i64, &str); 16] = [
    (0, 9, 4, "start"),
    (0, 7, -8, "start"),
    (-100, -9, 4, "end"),
    (-100, -7, -8, "end"),
    (-50, 0, -11, "middle"),
    (0, 7, 17, "start"),
    (-50, 0, 20, "middle"),
    (-100, -7, 17, "end"),
    (0, 24, -20, "start"),
    (-100, -24, -20, "end"),
    (0, 24, 28, "start"),
    (-100, -24, 28, "end"),
    (0, 32, -40, "start"),
    (-100, -32, -40, "end"),
    (0, 40, -60, "start"),
    (-100, -40, -60, "end"),
];
/// From here on a place in [`SIDES`] is far away.
const FAR: usize = 8;

fn put_labels(scales: &Scales, spots: &[Spot], labels: &[Label], out: &mut Markup) {
    let mut taken: Vec<Area> = spots
        .iter()
        .map(|&spot| {
            let (x, y) = scales.nominal(spot);
            (x - 6, y - 6, 12, 12)
        })
        .collect();
    for (&spot, label) in spots.iter().zip(labels) {
        let (x, y) = scales.nominal(spot);
        let area = |side: usize, letters: usize| {
            let (share, distance, baseline, _) = SIDES[side];
            let width = i64::try_from(letters).unwrap_or(0) * 7;
            let left = x + width * share / 100 + distance;
            (left, y + baseline - 11, width, 14)
        };
        let free = |letters: usize| {
            (0..SIDES.len()).find(|&side| {
                let area = area(side, letters);
                is_inside(area) && !taken.iter().any(|other| overlap(area, *other))
            })
        };
        let short = label.strong.chars().count();
        let long = short + label.more.chars().count();
        // With its name where there is room; without it, or anyhow, where there is none.
        let (side, letters) = free(long)
            .map(|side| (side, long))
            .or_else(|| free(short).map(|side| (side, short)))
            .unwrap_or((0, short));
        taken.push(area(side, letters));
        let more = if letters == long { &label.more } else { "" };
        put_label(scales, spot, side, (&label.strong, more), out);
    }
}

fn put_label(
    scales: &Scales,
    spot: Spot,
    side: usize,
    (strong, more): (&str, &str),
    out: &mut Markup,
) {
    let (_, distance, baseline, anchor) = SIDES[side];
    scales.at(spot, out);
    if side >= FAR {
        out.put(format_args!(
            "<line class=\"lead\" x2=\"{}\" y2=\"{}\"/>",
            distance - distance.signum() * 2,
            baseline - 4
        ));
    }
    out.put(format_args!(
        "<text class=\"label\" x=\"{distance}\" y=\"{baseline}\" text-anchor=\"{anchor}\">{}\
         <tspan class=\"more\">{}</tspan></text></svg>",
        Escaped(strong),
        Escaped(more)
    ));
}

fn is_inside((left, top, width, height): Area) -> bool {
    let (right, bottom) = (left + width, top + height);
    let limit = |value| i64::try_from(value).unwrap_or(i64::MAX);
    left >= 0 && top >= 0 && right <= limit(NOMINAL.0) && bottom <= limit(NOMINAL.1)
}

fn overlap(one: Area, other: Area) -> bool {
    one.0 < other.0 + other.2
        && other.0 < one.0 + one.2
        && one.1 < other.1 + other.3
        && other.1 < one.1 + one.3
}
