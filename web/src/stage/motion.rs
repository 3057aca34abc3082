//! Draws what moves on the stage: election timers and messages.

use quorate::Micros;
use quorate_sim::{FlightKind, FlightView, Snapshot};

use super::ground::{timer_radius, timer_width};
use super::ring::Density;
use super::scene::Scene;
use super::trip::{Motion, Position, Trip};
use crate::canvas::{Align, Font, GlyphKind, Mark, Pen, Point, Rect, Stroke, real};

/// The longest trail behind a message.
const TRAIL: f64 = 30.0;
/// More labels than this are noise.
const MOST_LABELS: usize = 9;
/// Below this share of its time an election timer is shown as due.
const DUE_PERMILLE: u32 = 200;

/// Whether messages are labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Captions {
    /// Every message that there is room for.
    Shown,
    /// None: they would flicker by.
    Hidden,
}

/// Draws the timers and messages of `snapshot` over `scene`.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    scene: &Scene,
    snapshot: &Snapshot,
    motion: Motion,
    captions: Captions,
) {
    draw_timers(pen, scene, snapshot, motion);
    let mut written = match (captions, scene.ring.density) {
        (Captions::Shown, Density::Full | Density::Brief) => {
            Some(scene.ring.obstacles().collect::<Vec<_>>())
        }
        _ => None,
    };
    let bare = written.as_ref().map_or(0, Vec::len);
    for flight in &snapshot.flights {
        let Some(trip) = Trip::between(&scene.ring, flight.from, flight.to) else {
            continue;
        };
        let position = trip.position(flight, snapshot.now, &scene.division, motion);
        draw_flight(pen, flight, &trip, position);
        if let Some(written) = written
            .as_mut()
            .filter(|written| written.len() < bare + MOST_LABELS)
        {
            draw_caption(pen, flight, &trip, position, written);
        }
    }
}

fn draw_timers(pen: &mut Pen<'_>, scene: &Scene, snapshot: &Snapshot, motion: Motion) {
    let palette = pen.palette();
    for ((figure, place), node) in scene
        .figures
        .iter()
        .zip(&scene.ring.places)
        .zip(&snapshot.nodes)
    {
        let left = node.raft.as_ref().and_then(|raft| raft.timer_permille);
        let Some(left) = left.filter(|_| figure.timed) else {
            continue;
        };
        let color = if left < DUE_PERMILLE {
            palette.warn
        } else {
            palette.second
        };
        let shown = match motion {
            Motion::Smooth => left,
            Motion::Stepwise => left.next_multiple_of(100),
        };
        let turns = real(u64::from(shown.clamp(20, 1_000))) / 1_000.0;
        let radius = timer_radius(&scene.ring, figure.kind);
        let stroke = Stroke::solid(color, timer_width(&scene.ring));
        pen.arc(stroke, place.at, radius, turns);
    }
}

/// The picture of a kind of message.
pub(super) const fn glyph(kind: FlightKind) -> GlyphKind {
    match kind {
        FlightKind::Append { .. } => GlyphKind::Append,
        FlightKind::Heartbeat => GlyphKind::Heartbeat,
        FlightKind::Reply => GlyphKind::Reply,
        FlightKind::Vote => GlyphKind::Vote,
        FlightKind::PreVote => GlyphKind::PreVote,
        FlightKind::Proposal => GlyphKind::Proposal,
        FlightKind::SetDelta => GlyphKind::SetDelta,
        FlightKind::SetAck => GlyphKind::SetAck,
        FlightKind::Control => GlyphKind::Control,
    }
}

fn draw_flight(pen: &mut Pen<'_>, flight: &FlightView, trip: &Trip, position: Position) {
    let palette = pen.palette();
    let color = match flight.kind {
        FlightKind::SetDelta | FlightKind::SetAck | FlightKind::Control => palette.caption,
        _ => palette.term(flight.term).line,
    };
    let tail = position
        .at
        .moved(trip.direction, -TRAIL.min(position.travelled));
    pen.round_line(Stroke::solid(color.fade(0.45), 2.0), tail, position.at);
    if position.dead {
        pen.glyph(GlyphKind::Lost, Mark::new(position.at, 5.0, 0));
        return;
    }
    let stretch = match flight.kind {
        FlightKind::Append { entries } => 0.85 + 0.25 * real(u64::from(entries.clamp(1, 6))),
        _ => 1.0,
    };
    // Bars lie along their way and triangles point it; all else stands upright.
    let angle = match flight.kind {
        FlightKind::Append { .. }
        | FlightKind::Proposal
        | FlightKind::Vote
        | FlightKind::PreVote => trip.direction.angle(),
        _ => 0.0,
    };
    let mark = Mark {
        angle,
        stretch,
        ..Mark::new(position.at, 5.0, flight.term)
    };
    pen.glyph(glyph(flight.kind), mark);
}

/// Writes what a message says on its outer side, unless something is written there already.
fn draw_caption(
    pen: &mut Pen<'_>,
    flight: &FlightView,
    trip: &Trip,
    position: Position,
    written: &mut Vec<Rect>,
) {
    if flight.label.is_empty() || position.dead || flight.kind == FlightKind::Heartbeat {
        return;
    }
    let right = trip.direction.right();
    let at = position.at.moved(right, 12.0);
    let (align, nudge) = match right.x {
        x if x > 0.35 => (Align::Start, 0.0),
        x if x < -0.35 => (Align::End, 0.0),
        _ => (Align::Middle, if right.y > 0.0 { 4.0 } else { -2.0 }),
    };
    let at = Point::new(at.x, at.y + 4.0 + nudge);
    // The font is monospaced, so its text need not be measured.
    let width = 6.7 * real(flight.label.chars().count() as u64);
    let left = match align {
        Align::Start => at.x,
        Align::Middle => at.x - width / 2.0,
        Align::End => at.x - width,
    };
    let place = Rect::new(left, at.y - 10.0, width, 13.0);
    if written.iter().any(|other| other.overlaps(place)) {
        return;
    }
    written.push(place);
    pen.haloed(Font::Mono, align, pen.palette().second, at, &flight.label);
}

/// Whether messages stand still long enough to be read: simulated time between two frames is
/// short against the time a message takes.
pub(super) fn captions(is_running: bool, pace: Micros) -> Captions {
    if !is_running || pace < Micros(1_500) {
        Captions::Shown
    } else {
        Captions::Hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_hidden_when_they_would_flicker() {
        assert_eq!(captions(true, Micros(800)), Captions::Shown);
        assert_eq!(captions(true, Micros(16_000)), Captions::Hidden);
        assert_eq!(captions(false, Micros(160_000)), Captions::Shown);
    }
}
