//! The space-time diagram on the page: drag to pan, click to go to a moment.

use leptos::ev::{PointerEvent, WheelEvent};
use leptos::html::Div;
use leptos::prelude::*;
use quorate::Micros;
use quorate_sim::Mark;

use super::diagram::{self, Diagram, Lane};
use super::pointer::{Ground, select_mark};
use super::scale::Scale;
use super::strands::{Loom, Strands};
use super::{View, track, wheel};
use crate::canvas::{Extent, Sheet, column, real, use_extent, use_palette};
use crate::format::{clock, clock_unit};

/// The space-time diagram.
#[component]
pub(super) fn DiagramPane(view: View) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let extent = use_extent(node, view.state.theme_epoch);
    let lanes = Memo::new(move |_| {
        let picture = view.state.frame.read();
        let (from, to) = view.range();
        view.state
            .with_lab(|lab| diagram::lanes(lab.history(), &picture, from, to))
    });
    let (names, moving) = draw_diagram(view, extent, lanes);
    let ground = Ground { node, extent };
    let hand = Hand {
        view,
        ground,
        lanes,
        held: StoredValue::new(None),
    };
    let label = Memo::new(move |_| spoken_diagram(view));
    view! {
        <div
            class="diagram"
            node_ref=node
            role="img"
            aria-label=label
            on:pointerdown=move |event| hand.press(&event)
            on:pointermove=move |event| hand.follow(&event)
            on:pointerup=move |event| hand.release(&event)
            on:pointercancel=move |_| hand.let_go()
            on:wheel=move |event| hand.turn_wheel(&event)
        >
            <canvas class="layer" node_ref=moving.node() aria-hidden="true"></canvas>
            <canvas class="layer" node_ref=names.node() aria-hidden="true"></canvas>
        </div>
    }
}

/// Draws the names of the lanes when they change, the rest with every frame.
fn draw_diagram(view: View, extent: ReadSignal<Extent>, lanes: Memo<Vec<Lane>>) -> (Sheet, Sheet) {
    let (names, moving) = (Sheet::new(), Sheet::new());
    let palette = use_palette(view.state.theme_epoch);
    Effect::new(move |_| {
        let (palette, extent, lanes) = (palette.read(), extent.get(), lanes.read());
        if let Some(palette) = palette.as_ref().filter(|_| extent.is_visible()) {
            names.draw(palette, extent, palette.surface, |pen| {
                diagram::draw_names(pen, &lanes, extent);
            });
        }
    });
    let strands = StoredValue::new_local(Strands::default());
    Effect::new(move |_| {
        let (palette, extent, lanes) = (palette.read(), extent.get(), lanes.read());
        view.state.frame.track();
        let (present, (from, to)) = (view.present.get(), view.range());
        let Some(palette) = palette.as_ref().filter(|_| extent.is_visible()) else {
            return;
        };
        let until = view.until.get();
        let scale = track::scale(extent, from, to);
        let above = track::scale(extent, Micros::ZERO, present.end);
        let brush = (above.x(from), above.x(to).min(above.right + 4.0));
        let nodes: Vec<_> = lanes.iter().map(|lane| lane.node).collect();
        let (top, pitch) = diagram::rows(extent, nodes.len());
        let words = format!("{} {}", clock(present.now, until), clock_unit(until));
        let loom = Loom {
            scale: &scale,
            lanes: &nodes,
            top,
            pitch,
            now: present.now,
        };
        let (clock, selection) = (words.trim_end(), view.state.selection.get());
        moving.draw(palette, extent, palette.surface, |pen| {
            view.state.with_lab(|lab| {
                let history = lab.history();
                let diagram = Diagram {
                    history,
                    loom,
                    until,
                    clock,
                    extent,
                    selection,
                };
                strands.update_value(|strands| diagram.draw(pen, strands, brush));
            });
        });
    });
    (names, moving)
}

/// A pointer that moved less than this has clicked.
const CLICK: f64 = 4.0;

/// A pointer on the diagram: it pans, or clicks.
#[derive(Clone, Copy, Debug)]
struct Hand {
    view: View,
    ground: Ground,
    lanes: Memo<Vec<Lane>>,
    /// Where the pointer went down, and where it was last; the same until it has moved enough.
    held: StoredValue<Option<(f64, f64)>>,
}

impl Hand {
    fn scale(&self) -> Scale {
        let (from, to) = untrack(|| self.view.range());
        track::scale(self.ground.extent.get_untracked(), from, to)
    }

    fn press(&self, event: &PointerEvent) {
        if let Some(at) = self.ground.press(event) {
            self.held.set_value(Some((at.x, at.x)));
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "both are the same number until the pointer has moved"
    )]
    fn follow(&self, event: &PointerEvent) {
        let (Some((first, last)), Some(at)) = (self.held.get_value(), self.ground.point(event))
        else {
            return;
        };
        if first == last && (at.x - first).abs() < CLICK {
            return;
        }
        self.view
            .pan(real(self.scale().span_of(at.x - last).0).copysign(last - at.x));
        self.held.set_value(Some((first, at.x)));
    }

    #[expect(
        clippy::float_cmp,
        reason = "both are the same number until the pointer has moved"
    )]
    fn release(&self, event: &PointerEvent) {
        let held = self.held.get_value();
        self.let_go();
        let Some((first, last)) = held else { return };
        let Some(at) = self.ground.point(event).filter(|_| first == last) else {
            return;
        };
        let lanes = self.lanes.read_untracked();
        let (top, pitch) = diagram::rows(self.ground.extent.get_untracked(), lanes.len());
        let node = lanes
            .get(column((at.y - top) / pitch))
            .map(|lane| lane.node);
        let is_here = |mark: &Mark| mark.node.is_some() && mark.node == node;
        if !select_mark(self.view, &self.scale(), at.x, is_here) {
            self.view.seek(self.scale().time(at.x));
        }
    }

    fn let_go(&self) {
        self.held.set_value(None);
    }

    fn turn_wheel(&self, event: &WheelEvent) {
        if let Some(at) = self.ground.point(event) {
            wheel::turn(self.view, event, &self.scale(), at.x);
        }
    }
}

/// What the diagram shows, in one sentence.
fn spoken_diagram(view: View) -> String {
    let lanes = view.state.reading.read().nodes.len();
    let (from, to) = untrack(|| view.range());
    let tenth = |at: Micros| format!("{}.{}", at.as_secs(), at.as_millis() / 100 % 10);
    format!(
        "Space-time diagram, {lanes} lanes, from {} to {} seconds",
        tenth(from),
        tenth(to)
    )
}
