//! Draws the still part of the stage: partition, links, nodes, words.

use quorate_sim::{CellView, Safety};

use super::figure::{Figure, Remark, Tone};
use super::ring::{Density, Place, Ring};
use super::scene::{Link, Look, Scene};
use super::side::{Border, Division};
use crate::canvas::{Align, Dash, Font, GlyphKind, Mark, Pen, Point, Rect, Stroke, real};

/// Draws `scene`.
pub(super) fn draw(pen: &mut Pen<'_>, scene: &Scene) {
    draw_division(pen, &scene.division);
    draw_links(pen, scene);
    for (figure, place) in scene.figures.iter().zip(&scene.ring.places) {
        draw_node(pen, figure, place, scene);
    }
    for (figure, place) in scene.figures.iter().zip(&scene.ring.places) {
        draw_words(pen, figure, place, scene.ring.density);
    }
    if let Division::Border(border) = &scene.division {
        draw_caption(pen, border);
    }
}

fn draw_division(pen: &mut Pen<'_>, division: &Division) {
    let bad = pen.palette().bad;
    let hatched = |pen: &mut Pen<'_>, corners: &[Point]| {
        pen.fill_polygon(corners, bad.fade(0.045));
        pen.hatch(corners, 9.0, Stroke::solid(bad.fade(0.2), 0.75));
    };
    let edge = Stroke::solid(bad, 1.5).dashed(Dash::Border);
    match division {
        Division::None => {}
        Division::Border(border) => {
            hatched(pen, &border.hatched());
            let (from, to) = border.ends();
            // The dashes start at the origin, so that they stay where they are when it is dragged.
            pen.line(edge, border.origin, from);
            pen.line(edge, border.origin, to);
        }
        Division::Hulls(hulls) => {
            for hull in hulls {
                hatched(pen, hull);
                pen.stroke_polygon(hull, edge);
            }
        }
    }
}

fn draw_caption(pen: &mut Pen<'_>, border: &Border) {
    let Some(at) = border.caption else { return };
    let (bad, caption) = (pen.palette().bad, pen.palette().caption);
    // Text reads from left to right, whichever way the border runs.
    let along = if border.along.x < 0.0 {
        Point::new(-border.along.x, -border.along.y)
    } else {
        border.along
    };
    let minority_below = along.right().dot(border.beyond) > 0.0;
    let (above, below) = if minority_below {
        (17.0, -8.0)
    } else {
        (-8.0, 17.0)
    };
    pen.turned(at, along.angle(), |pen| {
        let middle = Align::Middle;
        pen.haloed(
            Font::Small,
            middle,
            bad,
            Point::new(0.0, above),
            &border.minority,
        );
        pen.haloed(
            Font::Small,
            middle,
            caption,
            Point::new(0.0, below),
            &border.majority,
        );
    });
}

fn draw_links(pen: &mut Pen<'_>, scene: &Scene) {
    let palette = pen.palette();
    let crowd = scene.ring.places.len() > 5;
    let whole = palette.structure.fade(if crowd { 0.6 } else { 1.0 });
    let of = |look: Look| scene.links.iter().filter(move |link| link.look == look);
    let mut draw = |stroke: Stroke, looks: &[Look]| {
        pen.lines(stroke, |lines| {
            for link in looks.iter().flat_map(|look| of(*look)) {
                lines.add(link.a, link.b);
            }
        });
    };
    draw(Stroke::solid(whole, 1.0), &[Look::Whole]);
    draw(
        Stroke::solid(palette.structure, 1.0).dashed(Dash::Cut),
        &[Look::Severed, Look::Cut],
    );
    draw(
        Stroke::solid(palette.warn, 1.25).dashed(Dash::Lossy),
        &[Look::Lossy],
    );
    pen.lines(Stroke::solid(palette.bad, 1.75), |lines| {
        for link in of(Look::Cut) {
            let (from, to) = gap(link);
            lines.add(from.0, from.1);
            lines.add(to.0, to.1);
        }
    });
    if let Some((a, b)) = scene.chosen {
        pen.line(Stroke::solid(palette.accent, 2.0), a, b);
    }
}

/// Two short bars across the middle of a cut link.
fn gap(link: &Link) -> ((Point, Point), (Point, Point)) {
    let direction = link.a.direction(link.b);
    let middle = link.a.towards(link.b, 0.5);
    let bar = |along: f64| {
        let at = middle.moved(direction, along);
        (
            at.moved(direction.right(), -6.0),
            at.moved(direction.right(), 6.0),
        )
    };
    (bar(-2.5), bar(2.5))
}

/// How far outside its radius a node's election timer lies.
pub(super) fn timer_radius(ring: &Ring, kind: GlyphKind) -> f64 {
    let is_diamond = matches!(kind, GlyphKind::Candidate | GlyphKind::PreCandidate);
    match (ring.radius > 20.0, is_diamond) {
        (true, true) => ring.radius + 13.0,
        (true, false) => ring.radius + 8.0,
        (false, true) => ring.radius * 1.26 + 2.5,
        (false, false) => ring.radius + if ring.radius < 9.0 { 2.5 } else { 4.0 },
    }
}

/// How thick election timers are.
pub(super) fn timer_width(ring: &Ring) -> f64 {
    if ring.radius > 14.0 { 3.0 } else { 2.0 }
}

fn draw_node(pen: &mut Pen<'_>, figure: &Figure, place: &Place, scene: &Scene) {
    let palette = pen.palette();
    let radius = scene.ring.radius;
    let is_free = scene.division == Division::None;
    if is_free {
        pen.fill_circle(
            place.at,
            radius + if radius > 20.0 { 15.0 } else { 8.0 },
            palette.page,
        );
    }
    if figure.timed {
        let track = Stroke::solid(palette.hairline, timer_width(&scene.ring));
        pen.arc(track, place.at, timer_radius(&scene.ring, figure.kind), 1.0);
    }
    let is_down = figure.kind == GlyphKind::Crashed;
    let body = Mark {
        weight: if radius > 20.0 { 1.3 } else { 1.0 },
        ..Mark::new(place.at, radius, figure.term)
    };
    if is_down {
        pen.glyph_base(figure.kind, body);
        let below = Point::new(place.at.x, place.at.y + radius * 0.36);
        pen.glyph(
            GlyphKind::Lost,
            Mark::new(below, (radius * 0.16).max(3.0), 0),
        );
    } else {
        pen.glyph(figure.kind, body);
    }
    if scene.ring.density == Density::Silent {
        return;
    }
    let font = if radius > 16.0 {
        Font::Name
    } else {
        Font::SmallName
    };
    let (color, drop) = match figure.kind {
        GlyphKind::Leader => (palette.term(figure.term).text, 5.0),
        GlyphKind::Crashed => (palette.caption, 1.0),
        _ => (palette.text, 5.0),
    };
    let drop = if radius > 16.0 { drop } else { drop - 1.0 };
    let at = Point::new(place.at.x, place.at.y + drop);
    pen.text(font, Align::Middle, color, at, &figure.name);
}

fn draw_words(pen: &mut Pen<'_>, figure: &Figure, place: &Place, density: Density) {
    let palette = pen.palette();
    let (at, align) = (place.label, place.align);
    let below = |lines: f64| Point::new(at.x, at.y + lines);
    let [first, second] = &figure.numbers;
    match density {
        Density::Silent => {}
        Density::Full | Density::Brief => {
            pen.haloed(Font::Role, align, palette.text, at, figure.title);
            pen.haloed(Font::Meta, align, palette.second, below(16.0), first);
        }
        Density::Narrow | Density::Terse | Density::Bare => {
            pen.haloed(Font::Small, align, palette.text, at, first);
            pen.haloed(Font::Small, align, palette.caption, below(13.0), second);
        }
    }
    if density != Density::Full {
        return;
    }
    let next = if figure.tail.is_empty() { 32.0 } else { 46.0 };
    draw_tail(pen, &figure.tail, below(24.0), align);
    if let Some(Remark { text, tone }) = &figure.remark {
        let color = if *tone == Tone::Bad {
            palette.bad
        } else {
            palette.caption
        };
        pen.haloed(Font::Small, align, color, below(next), text);
    }
}

/// The end of a log: one small cell per entry, as solid as the entry is safe.
fn draw_tail(pen: &mut Pen<'_>, tail: &[CellView], at: Point, align: Align) {
    const SIDE: f64 = 8.0;
    const STEP: f64 = 11.0;
    let palette = pen.palette();
    let width = STEP * real(tail.len() as u64) - (STEP - SIDE);
    let left = if align == Align::End {
        at.x - width
    } else {
        at.x
    };
    for (i, cell) in tail.iter().enumerate() {
        let ink = palette.term(cell.term);
        let square = Rect::new(left + STEP * real(i as u64) + 0.5, at.y + 0.5, SIDE, SIDE);
        let (fill, dash) = match cell.safety {
            Safety::Committed => (Some(ink.fill), Dash::Solid),
            Safety::Durable => (Some(ink.wash), Dash::Solid),
            Safety::Volatile => (None, Dash::Short),
        };
        if let Some(fill) = fill {
            pen.fill_rect(square, fill);
        }
        let line = if cell.conflicting {
            palette.bad
        } else {
            ink.line
        };
        pen.stroke_rect(square, Stroke::solid(line, 1.25).dashed(dash));
    }
}
