//! The marks of the window on their lanes, and what the rare ones say.
//!
//! Marks that are told apart by their shape alone may be thinned; words may not lie on each
//! other. So words are placed by importance: what happens to be first must not take the room of
//! an election a moment later.

use quorate_sim::{History, Mark as Event, MarkKind};

use super::scale::Scale;
use super::strands::Loom;
use super::thin::importance;
use super::track::{glyph, size};
use crate::canvas::{Align, Font, GlyphKind, Mark, Pen, Point, Rect, Stroke, real};
use crate::state::Selection;

/// With more marks than this in the window they are drawn further apart.
const MANY: usize = 300;
/// At most so many marks say something.
const MOST_WORDS: usize = 24;

/// Draws the marks of `history` that lie in the window of `loom`.
pub(super) fn draw(pen: &mut Pen<'_>, history: &History, loom: &Loom<'_>, selection: Selection) {
    let marks = history.marks();
    let first = marks.partition_point(|mark| mark.at < loom.scale.from);
    let last = marks.partition_point(|mark| mark.at <= loom.scale.to.min(loom.now));
    let shown = marks.get(first..last).unwrap_or_default();
    let crowding = if shown.len() > MANY { 2.0 } else { 1.0 };
    // From where on a mark may stand on a lane: bars of commits, and shapes.
    let mut free = vec![[f64::NEG_INFINITY; 2]; loom.lanes.len()];
    let mut telling = Vec::new();
    for mark in shown {
        let lane = mark.node.and_then(|node| loom.lane(node)).unwrap_or(0);
        let Some(free) = free.get_mut(lane) else {
            continue;
        };
        let at = Point::new(loom.scale.x(mark.at), loom.y(lane));
        let (row, room) = match mark.kind {
            MarkKind::Commit => (0, 7.0 * crowding),
            _ => (1, 11.0 * crowding),
        };
        let is_chosen = selection == Selection::Event(mark.event);
        let is_important = is_chosen || importance(mark.kind) <= importance(MarkKind::SplitVote);
        if is_important || at.x >= free[row] {
            free[row] = at.x + room;
            draw_shape(pen, history, loom, mark, at);
            if is_chosen {
                let accent = pen.palette().accent;
                pen.arc(Stroke::solid(accent, 2.0), at, 10.0, 1.0);
            }
            if is_chosen || says_something(mark.kind) {
                telling.push((importance(mark.kind), mark, at));
            }
        }
    }
    // The sort is stable, so of equals the earlier goes first.
    telling.sort_by_key(|(importance, ..)| *importance);
    let mut taken = Vec::new();
    for (_, mark, at) in telling {
        if taken.len() == MOST_WORDS {
            break;
        }
        write_beside(pen, &mark.text, at, loom.scale, &mut taken);
    }
}

/// Whether a kind of mark is rare enough to be spelled out.
const fn says_something(kind: MarkKind) -> bool {
    !matches!(kind, MarkKind::Commit | MarkKind::Merge | MarkKind::Prune)
}

fn draw_shape(pen: &mut Pen<'_>, history: &History, loom: &Loom<'_>, mark: &Event, at: Point) {
    let is_low = loom.pitch < 12.0;
    match mark.kind {
        MarkKind::Commit => {
            let half = if is_low { 3.5 } else { 6.5 };
            let text = pen.palette().text;
            pen.fill_rect(Rect::new(at.x - 2.0, at.y - half, 4.0, 2.0 * half), text);
        }
        MarkKind::Election => {
            let spans = mark
                .node
                .map(|node| history.roles(node))
                .unwrap_or_default();
            let after = spans.partition_point(|span| span.from <= mark.at);
            let term = after.checked_sub(1).map_or(0, |i| spans[i].term);
            let radius = if is_low { 4.5 } else { 6.5 };
            pen.glyph(GlyphKind::Leader, Mark::new(at, radius, term));
        }
        kind => pen.glyph(glyph(kind), Mark::new(at, size(kind), 0)),
    }
}

/// Writes a mark's words above its lane, to its right or else to its left, if they fit.
fn write_beside(pen: &mut Pen<'_>, text: &str, at: Point, scale: &Scale, taken: &mut Vec<Rect>) {
    let Some((place, align)) = place_words(text, at, scale, taken) else {
        return;
    };
    let x = if align == Align::End {
        place.right()
    } else {
        place.x
    };
    let color = pen.palette().text;
    pen.haloed(Font::Small, align, color, Point::new(x, at.y - 5.0), text);
    taken.push(place);
}

fn place_words(text: &str, at: Point, scale: &Scale, taken: &[Rect]) -> Option<(Rect, Align)> {
    const GAP: f64 = 9.0;
    let width = 5.9 * real(text.chars().count() as u64);
    let right = Rect::new(at.x + GAP, at.y - 15.0, width, 13.0);
    let left = Rect {
        x: at.x - GAP - width,
        ..right
    };
    let fits = |place: &Rect| {
        place.x >= scale.left
            && place.right() <= scale.right
            && !taken.iter().any(|other| other.overlaps(*place))
    };
    [(right, Align::Start), (left, Align::End)]
        .into_iter()
        .find(|(place, _)| fits(place))
}

#[cfg(test)]
mod tests {
    use quorate::Micros;

    use super::*;

    const SCALE: Scale = Scale {
        from: Micros(0),
        to: Micros(100),
        left: 100.0,
        right: 400.0,
    };

    #[test]
    fn words_go_right_then_left_then_nowhere() {
        let at = |x| Point::new(x, 50.0);
        let (right, align) = place_words("n1 leads", at(200.0), &SCALE, &[]).unwrap();
        assert_eq!(align, Align::Start);
        assert!(right.x > 200.0);
        let (left, align) = place_words("n1 leads", at(390.0), &SCALE, &[]).unwrap();
        assert_eq!(align, Align::End);
        assert!(left.right() < 390.0);
        let everywhere = [Rect::new(0.0, 0.0, 500.0, 100.0)];
        assert_eq!(
            place_words("n1 leads", at(200.0), &SCALE, &everywhere),
            None
        );
        assert_eq!(
            place_words(&"long ".repeat(50), at(200.0), &SCALE, &[]),
            None
        );
    }
}
