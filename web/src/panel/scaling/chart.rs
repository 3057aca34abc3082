//! Four strips over one time axis, as geometry: load, CPU, queue, nodes.
//!
//! All lengths are in sixteenths of a rem, so that a chart grows with the page's type.

use std::fmt::Write as _;

use quorate::Micros;
use quorate_sim::{LoadPoint, ScalingView};

use crate::format;

/// Space for the names on the left and the values on the right.
pub(super) const LEFT: f64 = 92.0;
const RIGHT: f64 = 54.0;
/// Height of a strip, the gap below it, and the line of times.
const STRIP: f64 = 34.0;
const GAP: f64 = 7.0;
const AXIS: f64 = 16.0;
/// Height of the whole chart.
pub(super) const HEIGHT: f64 = 4.0 * (STRIP + GAP) + AXIS;
/// Two times stand at least this far apart.
const TICK_SPACE: f64 = 64.0;

/// The chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chart {
    /// Its width.
    pub(super) width: f64,
    /// Load, CPU, queue.
    pub(super) strips: Vec<Strip>,
    /// Ready, starting and draining nodes as areas, and their numbers now.
    pub(super) nodes: Areas,
    /// Vertical lines with a time.
    pub(super) ticks: Vec<(f64, String)>,
    /// Vertical lines where the fleet was told to change: `4→6`.
    pub(super) decisions: Vec<(f64, String)>,
    /// The right end of the lines: now.
    pub(super) now: f64,
}

/// One line over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Strip {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// Its top.
    pub(super) top: f64,
    pub(super) line: String,
    /// The line closed along the bottom.
    pub(super) area: String,
    /// Height and words of each threshold.
    pub(super) thresholds: Vec<(f64, String)>,
    /// The height of the last point, and its value in words.
    pub(super) last: (f64, String),
}

/// The stacked nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Areas {
    pub(super) top: f64,
    pub(super) ready: String,
    pub(super) starting: String,
    pub(super) draining: String,
    /// `6 + 2`.
    pub(super) words: String,
}

/// Places points between the left and the right margin.
struct TimeScale {
    from: Micros,
    length: f64,
    plot: f64,
}

impl TimeScale {
    fn x(&self, at: Micros) -> f64 {
        LEFT + micros(at.since(self.from)) / self.length * self.plot
    }
}

impl Chart {
    /// The chart of the recent past, `width` wide. `end` is the end of the run, which decides how
    /// times are written.
    pub(super) fn new(scaling: &ScalingView, width: f64, end: Micros) -> Self {
        let points = &scaling.points;
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Self {
                width,
                ..Self::default()
            };
        };
        let scale = TimeScale {
            from: first.at,
            length: micros(last.at.since(first.at)).max(1.0),
            plot: (width - LEFT - RIGHT).max(1.0),
        };
        let cpu_marks = marks(scaling.cpu_thresholds, format::percent);
        let queue_marks = marks(scaling.queue_thresholds, |queue| queue.to_string());
        let cpu = |point: &LoadPoint| u64::from(point.cpu_permille);
        let queue = |point: &LoadPoint| point.queue_per_node;
        let rate = |point: &LoadPoint| point.rate_milli;
        let strips = vec![
            Strip::new(0, "Load", "requests/s", points, &scale, rate)
                .reading(format::rate(last.rate_milli)),
            Strip::with_thresholds((1, "CPU", "ready nodes"), points, &scale, cpu, &cpu_marks)
                .reading(format::percent(last.cpu_permille)),
            Strip::with_thresholds(
                (2, "Queue", "per node"),
                points,
                &scale,
                queue,
                &queue_marks,
            )
            .reading(format::thousands(last.queue_per_node)),
        ];
        let inside = |at: &Micros| (first.at..=last.at).contains(at);
        let decisions = scaling
            .decisions
            .iter()
            .filter(|view| inside(&view.at) && view.decision.current != view.decision.target)
            .map(|view| {
                let words = format!("{}→{}", view.decision.current, view.decision.target);
                (scale.x(view.at), words)
            });
        Self {
            width,
            strips,
            nodes: Areas::new(points, &scale, last),
            ticks: ticks(&scale, last.at, end),
            decisions: decisions.collect(),
            now: scale.x(last.at),
        }
    }
}

/// The lines of an upper and a lower threshold, if there are any.
fn marks<T: Copy + Into<u64>>(
    thresholds: Option<(T, T)>,
    words: impl Fn(T) -> String,
) -> Vec<(u64, String)> {
    thresholds.map_or_else(Vec::new, |(up, down)| {
        vec![
            (up.into(), format!("up {}", words(up))),
            (down.into(), format!("down {}", words(down))),
        ]
    })
}

impl Strip {
    fn new(
        row: u32,
        name: &'static str,
        unit: &'static str,
        points: &[LoadPoint],
        scale: &TimeScale,
        value: impl Fn(&LoadPoint) -> u64,
    ) -> Self {
        Self::with_thresholds((row, name, unit), points, scale, value, &[])
    }

    /// A strip whose scale has room for its thresholds and a tenth more than its largest value.
    fn with_thresholds(
        (row, name, unit): (u32, &'static str, &'static str),
        points: &[LoadPoint],
        scale: &TimeScale,
        value: impl Fn(&LoadPoint) -> u64,
        thresholds: &[(u64, String)],
    ) -> Self {
        let top = f64::from(row) * (STRIP + GAP);
        let highest = points
            .iter()
            .map(&value)
            .chain(thresholds.iter().map(|each| each.0))
            .max();
        let most = count(highest.unwrap_or(0)).max(1.0) * 1.1;
        let y = |value: u64| top + STRIP - count(value) / most * STRIP;
        let mut line = String::new();
        for (i, point) in points.iter().enumerate() {
            let command = if i == 0 { 'M' } else { 'L' };
            append(&mut line, command, scale.x(point.at), y(value(point)));
        }
        let (left, right, bottom) = (scale.x(points[0].at), scale.plot + LEFT, top + STRIP);
        let area = format!("{line}L{right:.1} {bottom:.1}L{left:.1} {bottom:.1}Z");
        Self {
            name,
            unit,
            top,
            line,
            area,
            thresholds: thresholds
                .iter()
                .map(|(at, words)| (y(*at), words.clone()))
                .collect(),
            last: (
                points.last().map_or(bottom, |point| y(value(point))),
                String::new(),
            ),
        }
    }

    fn reading(self, words: String) -> Self {
        Self {
            last: (self.last.0, words),
            ..self
        }
    }
}

impl Areas {
    fn new(points: &[LoadPoint], scale: &TimeScale, last: &LoadPoint) -> Self {
        let top = 3.0 * (STRIP + GAP);
        let fleet = |point: &LoadPoint| point.ready + point.starting + point.draining;
        let most = f64::from(points.iter().map(fleet).max().unwrap_or(0).max(1)) * 1.2;
        let y = |nodes: u32| top + STRIP - f64::from(nodes) / most * STRIP;
        let band = |below: fn(&LoadPoint) -> u32, height: fn(&LoadPoint) -> u32| {
            if points.iter().all(|point| height(point) == 0) {
                return String::new();
            }
            let upper = staircase(points, scale, |point| y(below(point) + height(point)));
            let lower = staircase(points, scale, |point| y(below(point)));
            closed(upper.iter().chain(lower.iter().rev()))
        };
        let mut words = last.ready.to_string();
        for (sign, nodes) in [(" + ", last.starting), (" − ", last.draining)] {
            if nodes > 0 {
                words.push_str(sign);
                words.push_str(&nodes.to_string());
            }
        }
        Self {
            top,
            ready: band(|_| 0, |point| point.ready),
            draining: band(|point| point.ready, |point| point.draining),
            starting: band(|point| point.ready + point.draining, |point| point.starting),
            words,
        }
    }
}

/// A level that holds until the next point.
fn staircase(
    points: &[LoadPoint],
    scale: &TimeScale,
    y: impl Fn(&LoadPoint) -> f64,
) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(2 * points.len());
    for point in points {
        let (x, level) = (scale.x(point.at), y(point));
        if let Some(&(_, before)) = corners.last() {
            corners.push((x, before));
        }
        corners.push((x, level));
    }
    corners
}

/// A closed path through corners.
fn closed<'a>(corners: impl Iterator<Item = &'a (f64, f64)>) -> String {
    let mut path = String::new();
    for (i, (x, y)) in corners.enumerate() {
        append(&mut path, if i == 0 { 'M' } else { 'L' }, *x, *y);
    }
    path.push('Z');
    path
}

fn append(path: &mut String, command: char, x: f64, y: f64) {
    // Writing to a string cannot fail.
    let _ = write!(path, "{command}{x:.1} {y:.1}");
}

/// Round times, as many as have room.
fn ticks(scale: &TimeScale, last: Micros, end: Micros) -> Vec<(f64, String)> {
    const STEPS_SECS: [u64; 14] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200,
    ];
    let room = |step: &u64| micros(Micros::from_secs(*step)) / scale.length * scale.plot;
    let step = STEPS_SECS
        .into_iter()
        .find(|step| room(step) >= TICK_SPACE)
        .unwrap_or(14_400);
    let first = scale.from.as_secs().div_ceil(step);
    let words = |at: Micros| {
        let seconds = at.as_secs();
        match end.as_secs() {
            0..120 => format!("{seconds} s"),
            120..3_600 => format!("{}:{:02}", seconds / 60, seconds % 60),
            _ => format!(
                "{}:{:02}:{:02}",
                seconds / 3_600,
                seconds / 60 % 60,
                seconds % 60
            ),
        }
    };
    (first..=last.as_secs() / step)
        .map(|count| Micros::from_secs(count * step))
        .map(|at| (scale.x(at), words(at)))
        .collect()
}

/// A span as a length; a run of centuries would lose microseconds, not pixels.
#[expect(
    clippy::cast_precision_loss,
    reason = "screens have fewer pixels than doubles have bits"
)]
const fn micros(span: Micros) -> f64 {
    span.0 as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "screens have fewer pixels than doubles have bits"
)]
const fn count(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaling(points: Vec<LoadPoint>) -> ScalingView {
        ScalingView {
            source: String::new(),
            points,
            rate_milli: 0,
            ready: 5,
            starting: 0,
            draining: 0,
            bounds: (5, 20),
            cpu_thresholds: Some((800, 300)),
            queue_thresholds: Some((100, 10)),
            decisions: Vec::new(),
        }
    }

    fn point(secs: u64, cpu_permille: u32, ready: u32, starting: u32) -> LoadPoint {
        LoadPoint {
            at: Micros::from_secs(secs),
            cpu_permille,
            ready,
            starting,
            ..LoadPoint::default()
        }
    }

    #[test]
    fn without_points_there_is_nothing_to_draw() {
        let chart = Chart::new(&scaling(Vec::new()), 600.0, Micros::from_secs(600));
        assert!(chart.strips.is_empty() && chart.ticks.is_empty());
        assert!(chart.width > 0.0);
    }

    #[test]
    fn lines_fill_the_plot_and_thresholds_have_room() {
        let points = vec![point(0, 500, 5, 0), point(60, 940, 5, 2)];
        let chart = Chart::new(&scaling(points), 600.0, Micros::from_secs(600));
        let cpu = &chart.strips[1];
        assert!(cpu.line.starts_with("M92.0 ") && cpu.line.contains("L546.0 "));
        assert_eq!(cpu.last.1, "94 %");
        let inside = |y: f64| (cpu.top..=cpu.top + STRIP).contains(&y);
        assert!(inside(cpu.last.0) && cpu.thresholds.iter().all(|(y, _)| inside(*y)));
        // 80 % is above 30 %.
        assert!(cpu.thresholds[0].0 < cpu.thresholds[1].0);
        assert_eq!(chart.nodes.words, "5 + 2");
        assert!(chart.nodes.draining.is_empty() && !chart.nodes.starting.is_empty());
    }

    #[test]
    fn times_stand_apart() {
        let points = vec![point(3, 0, 5, 0), point(240, 0, 5, 0)];
        let chart = Chart::new(&scaling(points), 600.0, Micros::from_secs(600));
        let xs: Vec<_> = chart.ticks.iter().map(|tick| tick.0).collect();
        assert!(xs.len() > 1 && xs.windows(2).all(|pair| pair[1] - pair[0] >= TICK_SPACE));
        assert_eq!(chart.ticks[0].1, "1:00");
    }
}
