//! The upper track: the whole run at a glance.
//!
//! Leaders by term, faults, and marks, on one axis. It is drawn on two canvases: the bands and
//! marks change only when something happened or a pixel of time went by, the window and the
//! present with every frame.

use quorate::Micros;
use quorate_sim::{FaultBand, History, MarkKind, Reign};

use super::scale::{Scale, tick_label};
use super::thin::{Columns, Kept};
use crate::canvas::{Align, Extent, Font, GlyphKind, Mark, Pen, Point, Rect, Stroke, column, real};

/// Where the axis starts on a wide page: names stand to the left of it.
const NAMES: f64 = 104.0;
/// Below this width there are no names.
const NARROW: f64 = 720.0;
const GRID_TOP: f64 = 17.0;
const LEADERS: f64 = 20.0;
const FAULTS: f64 = 40.0;
const MARKS: f64 = 58.0;
/// Where the track ends.
pub(super) const BOTTOM: f64 = 78.0;

/// The axis of a drawing of `extent`.
pub(super) fn scale(extent: Extent, from: Micros, to: Micros) -> Scale {
    let left = if is_narrow(extent) { 12.0 } else { NAMES };
    let right = (extent.width - 16.0).max(left + 1.0);
    Scale {
        from,
        to: to.max(from + Micros(1)),
        left,
        right,
    }
}

/// Whether there is no room for names.
pub(super) fn is_narrow(extent: Extent) -> bool {
    extent.width < NARROW
}

/// What the still part of the track depends on: two equal outlines look the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outline {
    /// The size of the drawing.
    pub(super) extent: Extent,
    /// Where the axis ends.
    pub(super) end: Micros,
    /// How many pixels of the axis are reached.
    reached: usize,
    marks: (usize, Option<u64>),
    reigns: (usize, bool),
    faults: (usize, usize),
    run: u32,
}

impl Outline {
    /// The outline of `history` on an axis that ends at `end`. `run` tells runs apart.
    pub(super) fn new(history: &History, extent: Extent, end: Micros, run: u32) -> Self {
        let scale = scale(extent, Micros::ZERO, end);
        let marks = history.marks();
        let open = history
            .faults()
            .iter()
            .filter(|fault| fault.to.is_none())
            .count();
        Self {
            extent,
            end,
            // Open bands grow by two pixels at a time.
            reached: column(scale.x(history.end()) / 2.0),
            marks: (marks.len(), marks.last().map(|mark| mark.event)),
            reigns: (
                history.reigns().len(),
                history
                    .reigns()
                    .last()
                    .is_some_and(|reign| reign.to.is_none()),
            ),
            faults: (history.faults().len(), open),
            run,
        }
    }
}

/// Draws what stands still. `until` is the end of the scenario.
pub(super) fn draw_still(
    pen: &mut Pen<'_>,
    history: &History,
    outline: &Outline,
    columns: &mut Columns,
    until: Micros,
) {
    let scale = scale(outline.extent, Micros::ZERO, outline.end);
    draw_axis(pen, &scale, until);
    draw_reigns(pen, history.reigns(), history.end(), &scale);
    draw_faults(pen, history.faults(), history.end(), &scale);
    columns.update(history.marks(), &scale);
    draw_marks(pen, &columns.kept(), &scale);
}

fn draw_axis(pen: &mut Pen<'_>, scale: &Scale, until: Micros) {
    let palette = pen.palette();
    let (step, ticks) = scale.ticks(46.0);
    let ticks: Vec<_> = ticks.collect();
    pen.lines(Stroke::solid(palette.hairline, 1.0), |lines| {
        for at in &ticks {
            let x = scale.x(*at);
            lines.add(Point::new(x, GRID_TOP), Point::new(x, BOTTOM));
        }
    });
    for at in ticks {
        let x = scale.x(at);
        let align = match at {
            Micros::ZERO => Align::Start,
            _ if x > scale.right - 20.0 => Align::End,
            _ => Align::Middle,
        };
        let words = tick_label(at, step, until);
        pen.text(
            Font::Small,
            align,
            palette.caption,
            Point::new(x, 14.0),
            &words,
        );
    }
    if is_narrow(pen.extent()) {
        return;
    }
    for (name, y) in [
        ("leaders", LEADERS + 12.0),
        ("faults", FAULTS + 11.0),
        ("marks", MARKS + 12.0),
    ] {
        pen.text(
            Font::Small,
            Align::Start,
            palette.caption,
            Point::new(16.0, y),
            name,
        );
    }
}

fn draw_reigns(pen: &mut Pen<'_>, reigns: &[Reign], reached: Micros, scale: &Scale) {
    let palette = pen.palette();
    let track = Rect::new(scale.left, LEADERS, scale.width(), 16.0);
    pen.fill_rect(track, palette.quiet);
    let mut drawn_to = f64::NEG_INFINITY;
    for reign in reigns {
        let (x0, x1) = (scale.x(reign.from), scale.x(reign.to.unwrap_or(reached)));
        // Reigns shorter than a pixel are drawn once per pixel.
        if x1 < drawn_to + 1.0 {
            continue;
        }
        drawn_to = x1;
        let ink = palette.term(reign.term);
        pen.fill_rect(
            Rect::new(x0, LEADERS, (x1 - x0 - 1.0).max(1.5), 16.0),
            ink.fill,
        );
        let words = match x1 - x0 {
            62.0.. => format!("T{} {}", reign.term, reign.node),
            24.0.. => reign.node.to_string(),
            _ => continue,
        };
        let at = Point::new(x0 + 5.0, LEADERS + 12.0);
        pen.text(Font::Inside, Align::Start, ink.text, at, &words);
    }
}

fn draw_faults(pen: &mut Pen<'_>, faults: &[FaultBand], reached: Micros, scale: &Scale) {
    let palette = pen.palette();
    for fault in faults {
        let (x0, x1) = (scale.x(fault.from), scale.x(fault.to.unwrap_or(reached)));
        let band = Rect::new(x0, FAULTS, (x1 - x0).max(3.0), 14.0);
        pen.fill_rect(band, palette.bad.fade(0.2));
        pen.fill_rect(
            Rect::new(x0 - 1.0, FAULTS, 2.0, 14.0),
            palette.bad.fade(0.55),
        );
    }
    if is_narrow(pen.extent()) {
        return;
    }
    let mut free_from = scale.left;
    for (i, fault) in faults.iter().enumerate() {
        let x = scale.x(fault.from);
        let width = 5.9 * real(fault.label.chars().count() as u64);
        let next = faults
            .get(i + 1)
            .map_or(scale.right, |next| scale.x(next.from) - 4.0);
        let y = FAULTS + 11.0;
        if x + 6.0 >= free_from && x + 6.0 + width <= next {
            let at = Point::new(x + 6.0, y);
            pen.text(Font::Small, Align::Start, palette.bad, at, &fault.label);
            free_from = x + width + 14.0;
        } else if x - 6.0 - width >= free_from {
            pen.text(
                Font::Small,
                Align::End,
                palette.bad,
                Point::new(x - 6.0, y),
                &fault.label,
            );
            free_from = x;
        }
    }
}

fn draw_marks(pen: &mut Pen<'_>, kept: &[Kept], scale: &Scale) {
    let palette = pen.palette();
    let base = MARKS + 17.5;
    pen.line(
        Stroke::solid(palette.hairline, 1.0),
        Point::new(scale.left, base),
        Point::new(scale.right, base),
    );
    let x = |kept: &Kept| scale.left + real(kept.column as u64) + 0.5;
    pen.lines(Stroke::solid(palette.caption, 1.0), |lines| {
        for kept in kept.iter().filter(|kept| kept.kind == MarkKind::Commit) {
            lines.add(
                Point::new(x(kept), base - 5.5),
                Point::new(x(kept), base - 0.5),
            );
        }
    });
    for kept in kept.iter().filter(|kept| kept.kind != MarkKind::Commit) {
        let at = Point::new(x(kept), MARKS + 6.0);
        pen.glyph(glyph(kept.kind), Mark::new(at, size(kept.kind), 0));
    }
}

/// The picture of a mark.
pub(super) const fn glyph(kind: MarkKind) -> GlyphKind {
    match kind {
        MarkKind::Election => GlyphKind::Election,
        MarkKind::SplitVote => GlyphKind::SplitVote,
        MarkKind::Commit => GlyphKind::Commit,
        MarkKind::Merge => GlyphKind::Merge,
        MarkKind::Prune => GlyphKind::Prune,
        MarkKind::ScaleOut => GlyphKind::ScaleOut,
        MarkKind::ScaleIn => GlyphKind::ScaleIn,
        MarkKind::Violation => GlyphKind::Violation,
        MarkKind::Action => GlyphKind::Action,
    }
}

/// The radius of a mark, so that all look the same size.
pub(super) const fn size(kind: MarkKind) -> f64 {
    match kind {
        MarkKind::Election | MarkKind::Violation => 5.5,
        MarkKind::SplitVote => 4.4,
        MarkKind::Merge => 3.6,
        _ => 5.0,
    }
}

/// Draws the window, the selected mark and the present.
pub(super) fn draw_moving(
    pen: &mut Pen<'_>,
    scale: &Scale,
    (from, to): (Micros, Micros),
    chosen: Option<Micros>,
    now: Micros,
) {
    let palette = pen.palette();
    let (left, right) = (scale.x(from), scale.x(to).min(scale.right + 4.0));
    let brush = Rect::new(left, GRID_TOP, (right - left).max(3.0), BOTTOM - GRID_TOP);
    pen.fill_rect(brush, palette.accent.fade(0.1));
    pen.stroke_rect(brush, Stroke::solid(palette.accent, 1.5));
    if brush.width > 16.0 {
        for x in [left, brush.right()] {
            let grip = Rect::new(x - 1.5, GRID_TOP + 22.0, 3.0, 16.0);
            pen.fill_rect(grip, palette.accent);
        }
    }
    if let Some(at) = chosen {
        let at = Point::new(scale.x(at), MARKS + 6.0);
        pen.arc(Stroke::solid(palette.accent, 2.0), at, 8.5, 1.0);
    }
    let x = scale.x(now);
    let (top, bottom) = (Point::new(x, GRID_TOP), Point::new(x, BOTTOM));
    pen.line(Stroke::solid(palette.accent, 1.5), top, bottom);
}

/// Whether a point lies in the row of the marks.
pub(super) fn is_on_marks(y: f64) -> bool {
    (MARKS - 3.0..BOTTOM).contains(&y)
}
