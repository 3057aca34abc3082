//! The two drawings and what a pointer, a wheel and a keyboard do to them.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html::Div;
use leptos::prelude::*;
use quorate::Micros;
use quorate_sim::MarkKind;
use web_sys::Element;

use super::diagram::{self, Diagram};
use super::gesture::{Grip, grip_at};
use super::scale::Scale;
use super::strands::{Loom, Strands};
use super::thin::Columns;
use super::track::{self, Outline};
use super::{View, wheel};
use crate::canvas::{Extent, Point, Sheet, real, use_extent, use_palette};
use crate::format::{clock, clock_unit};
use crate::state::Selection;

/// The upper track.
#[component]
pub(super) fn TrackPane(view: View) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let extent = use_extent(node, view.state.theme_epoch);
    let (still, moving) = draw_track(view, extent);
    let scale = move || {
        track::scale(
            extent.get_untracked(),
            Micros::ZERO,
            view.present.get_untracked().end,
        )
    };
    let drag = Drag::new(view);
    let grip = RwSignal::new(Grip::Now);
    let point = move |event: &PointerEvent| point_in(node, extent, event);
    let hover = move |event: PointerEvent| {
        let Some(at) = point(&event) else { return };
        if drag.is_active() {
            drag.to(at.x, &scale());
        } else {
            let under = grip_at(at.x, &scale(), untrack(|| view.range()));
            if grip.get_untracked() != under {
                grip.set(under);
            }
        }
    };
    let start = move |event: PointerEvent| {
        let Some(at) = point(&event).filter(|_| event.button() == 0) else {
            return;
        };
        capture(node, &event);
        if track::is_on_marks(at.y) && select_mark(view, &scale(), at.x) {
            return;
        }
        drag.start(grip_at(at.x, &scale(), untrack(|| view.range())));
        drag.to(at.x, &scale());
    };
    let turn = move |event: WheelEvent| {
        if let Some(at) = point_in(node, extent, &event) {
            wheel::turn(view, &event, &scale(), at.x);
        }
    };
    let spoken = Memo::new(move |_| spoken_time(view));
    let now_ms = Memo::new(move |_| view.state.reading.read().now.as_millis() / 10 * 10);
    view! {
        <div
            class="track"
            class:on-edge=move || grip.get() != Grip::Now
            node_ref=node
            role="slider"
            tabindex="0"
            aria-label="Simulated time"
            aria-valuemin="0"
            aria-valuemax=move || view.until.get().as_millis().to_string()
            aria-valuenow=move || now_ms.get().to_string()
            aria-valuetext=spoken
            on:pointerdown=start
            on:pointermove=hover
            on:pointerup=move |_| drag.end()
            on:pointercancel=move |_| drag.end()
            on:wheel=turn
            on:keydown=move |event| press(view, &event)
        >
            <canvas class="layer" node_ref=still.node() aria-hidden="true"></canvas>
            <canvas class="layer" node_ref=moving.node() aria-hidden="true"></canvas>
        </div>
    }
}

/// Draws the bands and marks when they change, the window and the present with every frame.
fn draw_track(view: View, extent: ReadSignal<Extent>) -> (Sheet, Sheet) {
    let (still, moving) = (Sheet::new(), Sheet::new());
    let palette = use_palette(view.state.theme_epoch);
    let outline = Memo::new(move |_| {
        view.state.frame.track();
        let (extent, end) = (extent.get(), view.present.get().end);
        let run = view.state.run_epoch.get();
        extent.is_visible().then(|| {
            view.state
                .with_lab(|lab| Outline::new(lab.history(), extent, end, run))
        })
    });
    let columns = StoredValue::new_local(Columns::default());
    Effect::new(move |_| {
        let (palette, outline) = (palette.read(), outline.get());
        let (Some(palette), Some(outline)) = (&*palette, outline) else {
            return;
        };
        let until = view.until.get();
        still.draw(palette, outline.extent, palette.surface, |pen| {
            columns.update_value(|columns| {
                view.state.with_lab(|lab| {
                    track::draw_still(pen, lab.history(), &outline, columns, until);
                });
            });
        });
    });
    Effect::new(move |_| {
        let (palette, extent, present) = (palette.read(), extent.get(), view.present.get());
        let range = view.range();
        if let Some(palette) = palette.as_ref().filter(|_| extent.is_visible()) {
            let scale = track::scale(extent, Micros::ZERO, present.end);
            moving.draw(palette, extent, palette.surface, |pen| {
                track::draw_moving(pen, &scale, Some(range), present.now);
            });
        }
    });
    (still, moving)
}

/// The space-time diagram.
#[component]
pub(super) fn DiagramPane(view: View) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let extent = use_extent(node, view.state.theme_epoch);
    let (names, moving) = draw_diagram(view, extent);
    let scale = move || {
        let (from, to) = untrack(|| view.range());
        track::scale(extent.get_untracked(), from, to)
    };
    // Where the pointer went down, and where it was last.
    let held = StoredValue::new(None::<(f64, f64)>);
    let point = move |event: &PointerEvent| point_in(node, extent, event);
    let start = move |event: PointerEvent| {
        let Some(at) = point(&event).filter(|_| event.button() == 0) else {
            return;
        };
        capture(node, &event);
        held.set_value(Some((at.x, at.x)));
    };
    let drag = move |event: PointerEvent| {
        let (Some((first, last)), Some(at)) = (held.get_value(), point(&event)) else {
            return;
        };
        if (at.x - first).abs() < CLICK && (last - first).abs() < CLICK {
            return;
        }
        let scale = scale();
        view.pan(real(scale.span_of(at.x - last).0).copysign(last - at.x));
        held.set_value(Some((first, at.x)));
    };
    let end = move |event: PointerEvent| {
        let Some((first, last)) = held.get_value() else {
            return;
        };
        held.set_value(None);
        let Some(at) = point(&event) else { return };
        let is_click = (at.x - first).abs() < CLICK && (last - first).abs() < CLICK;
        if is_click && !select_mark(view, &scale(), at.x) {
            view.seek(scale().time(at.x));
        }
    };
    let turn = move |event: WheelEvent| {
        if let Some(at) = point_in(node, extent, &event) {
            wheel::turn(view, &event, &scale(), at.x);
        }
    };
    let label = Memo::new(move |_| diagram_words(view));
    view! {
        <div
            class="diagram"
            node_ref=node
            role="img"
            aria-label=label
            on:pointerdown=start
            on:pointermove=drag
            on:pointerup=end
            on:pointercancel=move |_| held.set_value(None)
            on:wheel=turn
        >
            <canvas class="layer" node_ref=moving.node() aria-hidden="true"></canvas>
            <canvas class="layer" node_ref=names.node() aria-hidden="true"></canvas>
        </div>
    }
}

/// A pointer that moved less than this has clicked.
const CLICK: f64 = 4.0;

fn draw_diagram(view: View, extent: ReadSignal<Extent>) -> (Sheet, Sheet) {
    let (names, moving) = (Sheet::new(), Sheet::new());
    let palette = use_palette(view.state.theme_epoch);
    let lanes = Memo::new(move |_| {
        let picture = view.state.frame.read();
        let (from, to) = view.range();
        view.state
            .with_lab(|lab| diagram::lanes(lab.history(), &picture, from, to))
    });
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
        moving.draw(palette, extent, palette.surface, |pen| {
            view.state.with_lab(|lab| {
                let loom = Loom {
                    scale: &scale,
                    lanes: &nodes,
                    top,
                    pitch,
                    now: present.now,
                };
                let history = lab.history();
                let clock = words.trim_end();
                let diagram = Diagram {
                    history,
                    loom,
                    until,
                    clock,
                    extent,
                };
                strands.update_value(|strands| diagram.draw(pen, strands, brush));
            });
        });
    });
    (names, moving)
}

/// A drag on the upper track.
#[derive(Clone, Copy, Debug)]
struct Drag {
    view: View,
    grip: StoredValue<Option<Grip>>,
    /// Whether the run moved when the present was taken hold of.
    was_running: StoredValue<bool>,
}

impl Drag {
    fn new(view: View) -> Self {
        Self {
            view,
            grip: StoredValue::new(None),
            was_running: StoredValue::new(false),
        }
    }

    fn is_active(&self) -> bool {
        self.grip.get_value().is_some()
    }

    /// Takes hold. While the present is held, the run stands still.
    fn start(&self, grip: Grip) {
        self.grip.set_value(Some(grip));
        let running = grip == Grip::Now && self.view.state.running.get_untracked();
        self.was_running.set_value(running);
        if running {
            self.view.state.toggle_running();
        }
    }

    fn to(&self, x: f64, scale: &Scale) {
        match self.grip.get_value() {
            Some(Grip::Now) => self.view.seek(scale.time(x)),
            Some(Grip::Edge(edge)) => self.view.move_edge(edge, scale.time(x)),
            None => {}
        }
    }

    fn end(&self) {
        self.grip.set_value(None);
        if self.was_running.get_value() {
            self.was_running.set_value(false);
            self.view.state.toggle_running();
        }
    }
}

/// Selects the mark nearest to `x` and goes to its moment. False if none is near.
fn select_mark(view: View, scale: &Scale, x: f64) -> bool {
    const REACH: f64 = 6.0;
    let (from, to) = (scale.time(x - REACH), scale.time(x + REACH));
    let nearest = view.state.with_lab(|lab| {
        let marks = lab.history().marks();
        let first = marks.partition_point(|mark| mark.at < from);
        let near = marks[first..].iter().take_while(|mark| mark.at <= to);
        let shapes = near.filter(|mark| mark.kind != MarkKind::Commit);
        shapes
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

/// The keys of the slider. Those it does not take go on to the page.
fn press(view: View, event: &KeyboardEvent) {
    let present = view.present.get_untracked();
    let (from, to) = view.window.get_untracked().range(present);
    let step = Micros((to - from).0 / if event.shift_key() { 2 } else { 40 });
    let now = present.now;
    match event.key().as_str() {
        "ArrowLeft" | "ArrowDown" => view.seek(now - step),
        "ArrowRight" | "ArrowUp" => view.seek(now + step),
        "PageDown" => view.seek(now - (to - from)),
        "PageUp" => view.seek(now + (to - from)),
        "+" | "=" => view.zoom_at_present(0.5),
        "-" => view.zoom_at_present(2.0),
        _ => return,
    }
    event.prevent_default();
}

/// Where on an element a pointer is.
fn point_in(
    node: NodeRef<Div>,
    extent: ReadSignal<Extent>,
    event: &web_sys::MouseEvent,
) -> Option<Point> {
    let bounds = node.get_untracked()?.get_bounding_client_rect();
    let unit = extent.get_untracked().unit;
    let x = f64::from(event.client_x()) - bounds.left();
    let y = f64::from(event.client_y()) - bounds.top();
    (unit > 0.0).then(|| Point::new(x / unit, y / unit))
}

/// Keeps the pointer's events coming while it is down, wherever it goes.
fn capture(node: NodeRef<Div>, event: &PointerEvent) {
    if let Some(element) = node.get_untracked() {
        let element: &Element = element.as_ref();
        // It fails only if the pointer is gone already, and then there is nothing to drag.
        let _gone = element.set_pointer_capture(event.pointer_id());
    }
}

/// The present and who leads, for those who hear the page.
fn spoken_time(view: View) -> String {
    let picture = view.state.reading.read();
    let until = view.until.get();
    let moment = |at| {
        format!("{} {}", clock(at, until), clock_unit(until))
            .trim_end()
            .to_owned()
    };
    let leader = picture.leader.map_or_else(
        || "no leader".to_owned(),
        |leader| {
            let node = picture.nodes.iter().find(|node| node.id == leader);
            let term = node
                .and_then(|node| node.raft.as_ref())
                .map_or(0, |raft| raft.term);
            format!("{leader} leads term {term}")
        },
    );
    format!("{} of {}, {leader}", moment(picture.now), moment(until))
}

/// What the diagram shows, in one sentence.
fn diagram_words(view: View) -> String {
    let lanes = view.state.reading.read().nodes.len();
    let (from, to) = untrack(|| view.range());
    // Counting every message for every reading would cost more than drawing them.
    format!(
        "Space-time diagram, {lanes} lanes, from {} to {} seconds",
        tenth(from),
        tenth(to)
    )
}

fn tenth(at: Micros) -> String {
    format!("{}.{}", at.as_secs(), at.as_millis() / 100 % 10)
}
