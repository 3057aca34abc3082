//! The lower part: the window as a space-time diagram (Lamport 1978).
//!
//! One lane per node, time to the right, a message as a slanted line from the moment it left to
//! the moment it arrived. Thickness is role, colour is term. What lies after the present is
//! hatched: in a run that was sought back there is a past beyond it, but it has not happened.

use quorate::raft::Role;
use quorate::{Micros, NodeId};
use quorate_sim::{FaultBand, History, LaneRole, NodeView, ProcessState, RoleSpan, Snapshot};

use super::marks;
use super::scale::{Scale, tick_label};
use super::strands::{Loom, Strands};
use crate::canvas::{Align, Dash, Extent, Font, Palette, Pen, Point, Rect, Stroke, real};
use crate::state::Selection;

/// The funnel from the brush above takes this much.
const TOP: f64 = 13.0;
/// The ticks below take this much.
const TICKS: f64 = 17.0;

/// A lane with its name and what its node is at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lane {
    /// The node.
    pub(super) node: NodeId,
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) role: &'static str,
}

/// All that the diagram is drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Diagram<'a> {
    /// What happened.
    pub(super) history: &'a History,
    /// Time to the right, lanes downwards.
    pub(super) loom: Loom<'a>,
    /// The end of the scenario.
    pub(super) until: Micros,
    /// The present in words.
    pub(super) clock: &'a str,
    /// The size of the drawing.
    pub(super) extent: Extent,
    /// What is selected.
    pub(super) selection: Selection,
}

/// The first lane's top and the distance between lanes.
pub(super) fn rows(extent: Extent, lanes: usize) -> (f64, f64) {
    (
        TOP,
        (extent.height - TICKS - TOP) / real(lanes.max(1) as u64),
    )
}

impl Diagram<'_> {
    fn bottom(&self) -> f64 {
        self.extent.height - TICKS
    }

    fn area(&self) -> Rect {
        let scale = self.loom.scale;
        Rect::new(
            scale.left,
            TOP - 2.0,
            scale.width(),
            self.bottom() - TOP + 4.0,
        )
    }

    /// Draws everything but the names.
    pub(super) fn draw(&self, pen: &mut Pen<'_>, strands: &mut Strands, brush: (f64, f64)) {
        self.draw_funnel(pen, brush);
        self.draw_grid(pen);
        strands.gather(self.history, &self.loom);
        pen.inside(self.area(), |pen| {
            self.draw_selection(pen);
            self.draw_faults(pen);
            strands.draw(pen);
            self.draw_lanes(pen);
        });
        self.draw_future(pen);
        pen.inside(
            Rect::new(self.loom.scale.left, 0.0, self.area().width, self.bottom()),
            |pen| {
                marks::draw(pen, self.history, &self.loom, self.selection);
            },
        );
        self.draw_now(pen);
    }

    /// Shows which part of the track above is spread out here.
    fn draw_funnel(&self, pen: &mut Pen<'_>, brush: (f64, f64)) {
        let scale = self.loom.scale;
        let corners = [
            Point::new(brush.0, 0.0),
            Point::new(brush.1, 0.0),
            Point::new(scale.right, TOP - 4.0),
            Point::new(scale.left, TOP - 4.0),
        ];
        let color = pen.palette().accent.fade(0.1);
        pen.fill_polygon(&corners, color);
    }

    fn draw_grid(&self, pen: &mut Pen<'_>) {
        let palette = pen.palette();
        let scale = self.loom.scale;
        let cap = self
            .cap()
            .map_or(f64::NEG_INFINITY, |cap| cap.x + cap.width / 2.0);
        let (step, ticks) = scale.ticks(64.0);
        for at in ticks {
            let x = scale.x(at);
            let (top, bottom) = (Point::new(x, TOP), Point::new(x, self.bottom()));
            pen.line(Stroke::solid(palette.hairline, 1.0), top, bottom);
            if (x - cap).abs() > 62.0 && x > scale.left + 16.0 && x < scale.right - 12.0 {
                let words = tick_label(at, step, self.until);
                let below = Point::new(x, self.bottom() + 13.0);
                pen.text(Font::Small, Align::Middle, palette.caption, below, &words);
            }
        }
    }

    fn draw_faults(&self, pen: &mut Pen<'_>) {
        let palette = pen.palette();
        let scale = self.loom.scale;
        for fault in self.history.faults() {
            let end = fault.to.unwrap_or(self.loom.now).min(self.loom.now);
            if end < scale.from || fault.from > scale.to || fault.from > self.loom.now {
                continue;
            }
            let (x0, x1) = (scale.x(fault.from), scale.x(end));
            for lane in self.touched(fault) {
                let y = self.loom.y(lane) - self.loom.pitch / 2.0;
                let band = Rect::new(x0, y + 0.5, x1 - x0, self.loom.pitch - 1.0);
                pen.fill_rect(band, palette.bad.fade(0.13));
            }
            let (top, bottom) = (Point::new(x0, TOP), Point::new(x0, self.bottom()));
            let edge = Stroke::solid(palette.bad.fade(0.55), 1.0).dashed(Dash::Dashes);
            pen.line(edge, top, bottom);
        }
    }

    fn touched<'b>(&'b self, fault: &'b FaultBand) -> impl Iterator<Item = usize> + 'b {
        fault.nodes.iter().filter_map(|node| self.loom.lane(*node))
    }

    fn draw_lanes(&self, pen: &mut Pen<'_>) {
        let palette = pen.palette();
        let scale = self.loom.scale;
        pen.lines(Stroke::solid(palette.hairline, 1.0), |lines| {
            for lane in 0..self.loom.lanes.len() {
                let y = self.loom.y(lane);
                lines.add(Point::new(scale.left, y), Point::new(scale.right, y));
            }
        });
        for (lane, node) in self.loom.lanes.iter().enumerate() {
            for span in within(self.history.roles(*node), scale) {
                self.draw_span(pen, lane, span);
            }
        }
    }

    fn draw_span(&self, pen: &mut Pen<'_>, lane: usize, span: &RoleSpan) {
        let scale = self.loom.scale;
        let end = span.to.unwrap_or(self.loom.now).min(self.loom.now);
        let (x0, x1) = (
            scale.x(span.from).max(scale.left),
            scale.x(end).min(scale.right),
        );
        if x1 <= x0 {
            return;
        }
        let y = self.loom.y(lane);
        let stroke = lane_stroke(span.role, span.term, pen.palette());
        pen.line(stroke, Point::new(x0, y), Point::new(x1, y));
    }

    fn draw_future(&self, pen: &mut Pen<'_>) {
        let scale = self.loom.scale;
        let from = scale.x(self.loom.now).max(scale.left);
        if from >= scale.right {
            return;
        }
        let corners = [
            Point::new(from, TOP),
            Point::new(scale.right, TOP),
            Point::new(scale.right, self.bottom()),
            Point::new(from, self.bottom()),
        ];
        let structure = pen.palette().structure;
        pen.hatch(&corners, 6.0, Stroke::solid(structure.fade(0.7), 1.0));
    }

    /// Where the present is written below the diagram, if it lies in the window.
    fn cap(&self) -> Option<Rect> {
        let scale = self.loom.scale;
        let x = scale.x(self.loom.now);
        let width = 6.9 * real(self.clock.chars().count() as u64) + 10.0;
        let left = (x - width / 2.0).min(scale.right - width + 8.0);
        let is_inside = (scale.left..=scale.right + 1.0).contains(&x);
        is_inside.then(|| Rect::new(left, self.bottom() + 1.0, width, 15.0))
    }

    fn draw_now(&self, pen: &mut Pen<'_>) {
        let Some(cap) = self.cap() else { return };
        let palette = pen.palette();
        let x = self.loom.scale.x(self.loom.now);
        let (top, bottom) = (Point::new(x, TOP - 1.0), Point::new(x, self.bottom()));
        pen.line(Stroke::solid(palette.accent, 1.5), top, bottom);
        pen.fill_rect(cap, palette.accent);
        let middle = Point::new(cap.x + cap.width / 2.0, cap.y + 11.5);
        pen.text(
            Font::Inside,
            Align::Middle,
            palette.on_accent,
            middle,
            self.clock,
        );
    }

    /// Shades the lanes of the selected node, or of both ends of the selected link.
    fn draw_selection(&self, pen: &mut Pen<'_>) {
        let color = pen.palette().accent.fade(0.1);
        let (a, b) = match self.selection {
            Selection::Node(node) => (Some(node), None),
            Selection::Link(a, b) => (Some(a), Some(b)),
            _ => (None, None),
        };
        for lane in [a, b]
            .into_iter()
            .flatten()
            .filter_map(|node| self.loom.lane(node))
        {
            let y = self.loom.y(lane) - self.loom.pitch / 2.0;
            let scale = self.loom.scale;
            pen.fill_rect(
                Rect::new(scale.left, y, scale.width(), self.loom.pitch),
                color,
            );
        }
    }
}

/// The spans that cross the window. Spans are in order, so the search is logarithmic.
fn within<'a>(spans: &'a [RoleSpan], scale: &Scale) -> &'a [RoleSpan] {
    let first = spans.partition_point(|span| span.to.is_some_and(|to| to < scale.from));
    let last = spans.partition_point(|span| span.from <= scale.to);
    spans.get(first..last).unwrap_or_default()
}

/// Thickness is role, dashes are a role that is only tried or not there, colour is term.
fn lane_stroke(role: LaneRole, term: u64, palette: &Palette) -> Stroke {
    let ink = palette.term(term);
    match role {
        LaneRole::Leader => Stroke::solid(ink.fill, 6.0),
        LaneRole::Candidate => Stroke::solid(ink.line, 3.5),
        LaneRole::PreCandidate => Stroke::solid(ink.line, 3.5).dashed(Dash::Dashes),
        LaneRole::Follower => Stroke::solid(ink.line, 2.25),
        LaneRole::Worker => Stroke::solid(palette.term(0).line, 2.25),
        LaneRole::Off => Stroke::solid(palette.caption, 1.5).dashed(Dash::Sparse),
    }
}

/// The lanes of a window: the nodes that exist now, and those that ran within it.
pub(super) fn lanes(history: &History, picture: &Snapshot, from: Micros, to: Micros) -> Vec<Lane> {
    let scale = Scale {
        from,
        to,
        left: 0.0,
        right: 1.0,
    };
    let runs = |node| {
        within(history.roles(node), &scale)
            .iter()
            .any(|s| s.role != LaneRole::Off)
    };
    let lane = |node: NodeId| {
        let view = picture.nodes.iter().find(|view| view.id == node);
        let is_shown = view.is_some() || runs(node);
        is_shown.then(|| Lane {
            node,
            name: node.to_string(),
            role: view.map_or("off", lane_role),
        })
    };
    history.lanes().filter_map(lane).collect()
}

/// What a node is at present, in one word beside its lane.
fn lane_role(node: &NodeView) -> &'static str {
    match (node.process, node.raft.as_ref().map(|raft| raft.role)) {
        (ProcessState::Crashed, _) => "down",
        (ProcessState::Paused, _) => "paused",
        (_, Some(Role::Leader)) => "leader",
        (_, Some(Role::Follower)) => "follower",
        (_, Some(Role::Candidate)) => "candidate",
        (_, Some(Role::PreCandidate)) => "pre-vote",
        (ProcessState::Starting { .. }, None) => "starting",
        (ProcessState::Draining, None) => "draining",
        (ProcessState::Running, None) => "worker",
    }
}

/// Draws the names of the lanes.
pub(super) fn draw_names(pen: &mut Pen<'_>, lanes: &[Lane], extent: Extent) {
    let palette = pen.palette();
    let (top, pitch) = rows(extent, lanes.len());
    // Where lanes are narrower than text, only every second or third is named.
    let every = if pitch >= 11.0 {
        1
    } else {
        2 + usize::from(pitch < 6.0)
    };
    let name_font = if pitch >= 13.5 {
        Font::Lane
    } else {
        Font::Small
    };
    for (i, lane) in lanes.iter().enumerate().step_by(every) {
        let y = top + pitch * (real(i as u64) + 0.5) + 4.0;
        pen.text(
            name_font,
            Align::Start,
            palette.text,
            Point::new(18.0, y),
            &lane.name,
        );
        pen.text(
            Font::Small,
            Align::Start,
            palette.caption,
            Point::new(44.0, y),
            lane.role,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: u64, to: Option<u64>) -> RoleSpan {
        RoleSpan {
            from: Micros(from),
            to: to.map(Micros),
            role: LaneRole::Follower,
            term: 1,
        }
    }

    #[test]
    fn only_spans_that_cross_the_window_are_drawn() {
        let spans = [
            span(0, Some(10)),
            span(10, Some(20)),
            span(20, Some(30)),
            span(30, None),
        ];
        let scale = |from, to| Scale {
            from: Micros(from),
            to: Micros(to),
            left: 0.0,
            right: 1.0,
        };
        assert_eq!(within(&spans, &scale(12, 25)), &spans[1..3]);
        assert_eq!(within(&spans, &scale(35, 99)), &spans[3..]);
        assert_eq!(within(&spans, &scale(0, 1_000)), &spans[..]);
        assert_eq!(within(&[], &scale(0, 1_000)), &[]);
    }

    #[test]
    fn lanes_fill_the_height_between_funnel_and_ticks() {
        let extent = Extent {
            width: 1_000.0,
            height: 150.0,
            scale: 1.0,
            unit: 1.0,
        };
        let (top, pitch) = rows(extent, 5);
        assert!((top + pitch * 5.0 - (150.0 - TICKS)).abs() < 1e-9);
    }
}
