//! What a pointer on a drawing means: where it is, and which mark it hits.

use leptos::ev::PointerEvent;
use leptos::html::Div;
use leptos::prelude::*;
use quorate_sim::Mark;
use web_sys::{Element, MouseEvent};

use super::View;
use super::scale::Scale;
use crate::canvas::{Extent, Point};
use crate::state::Selection;

/// An element that is drawn on, as a pointer sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    /// The element.
    pub(super) node: NodeRef<Div>,
    /// Its size.
    pub(super) extent: ReadSignal<Extent>,
}

impl Ground {
    /// Where a pointer is, in the units of the drawing.
    pub(super) fn point(&self, event: &MouseEvent) -> Option<Point> {
        let bounds = self.node.get_untracked()?.get_bounding_client_rect();
        let unit = self.extent.get_untracked().unit;
        let x = f64::from(event.client_x()) - bounds.left();
        let y = f64::from(event.client_y()) - bounds.top();
        (unit > 0.0).then(|| Point::new(x / unit, y / unit))
    }

    /// Where the main button went down. From then on all events of the pointer come here, wherever
    /// it goes.
    pub(super) fn press(&self, event: &PointerEvent) -> Option<Point> {
        let at = self.point(event).filter(|_| event.button() == 0)?;
        let element = self.node.get_untracked()?;
        let element: &Element = element.as_ref();
        // It fails only if the pointer is gone already, and then there is nothing to drag.
        let _gone = element.set_pointer_capture(event.pointer_id());
        Some(at)
    }
}

/// Selects the mark nearest to `x` and goes to its moment. `is_here` says whether a mark lies at
/// the height of the pointer. False if none is near.
pub(super) fn select_mark(
    view: View,
    scale: &Scale,
    x: f64,
    is_here: impl Fn(&Mark) -> bool,
) -> bool {
    const REACH: f64 = 6.0;
    let (from, to) = (scale.time(x - REACH), scale.time(x + REACH));
    let nearest = view.state.with_lab(|lab| {
        let marks = lab.history().marks();
        let first = marks.partition_point(|mark| mark.at < from);
        let near = marks[first..].iter().take_while(|mark| mark.at <= to);
        near.filter(|mark| is_here(mark))
            .map(|mark| ((scale.x(mark.at) - x).abs(), mark))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, mark)| (mark.event, mark.at))
    });
    let Some((event, at)) = nearest else {
        return false;
    };
    view.state.selection.set(Selection::Event(event));
    view.seek(at);
    true
}
