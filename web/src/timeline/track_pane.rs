//! The upper track on the page: a slider of simulated time, with a brush.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html::Div;
use leptos::prelude::*;
use quorate::Micros;
use quorate_sim::{Mark, MarkKind};

use super::gesture::{Grip, grip_at};
use super::pointer::{Ground, select_mark};
use super::scale::Scale;
use super::thin::Columns;
use super::track::{self, Outline};
use super::{View, wheel};
use crate::canvas::{Extent, Sheet, use_extent, use_palette};
use crate::format::{clock, clock_unit};
use crate::state::Selection;

/// The upper track.
#[component]
pub(super) fn TrackPane(view: View) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let extent = use_extent(node, view.state.theme_epoch);
    let (still, moving) = draw_track(view, extent);
    let hand = Hand::new(view, Ground { node, extent });
    let spoken = Memo::new(move |_| spoken_time(view));
    let now_ms = Memo::new(move |_| view.state.reading.read().now.as_millis() / 10 * 10);
    view! {
        <div
            class="track"
            class:on-edge=move || hand.under.get() != Grip::Now
            node_ref=node
            role="slider"
            tabindex="0"
            aria-label="Simulated time"
            aria-valuemin="0"
            aria-valuemax=move || view.until.get().as_millis().to_string()
            aria-valuenow=move || now_ms.get().to_string()
            aria-valuetext=spoken
            on:pointerdown=move |event| hand.press(&event)
            on:pointermove=move |event| hand.follow(&event)
            on:pointerup=move |_| hand.release()
            on:pointercancel=move |_| hand.release()
            on:wheel=move |event| hand.turn_wheel(&event)
            on:keydown=move |event| press_key(view, &event)
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
        let outline = || {
            view.state
                .with_lab(|lab| Outline::new(lab.history(), extent, end, run))
        };
        extent.is_visible().then(outline)
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
    let chosen = Memo::new(move |_| chosen_moment(view));
    Effect::new(move |_| {
        let (palette, extent, present) = (palette.read(), extent.get(), view.present.get());
        let range = view.range();
        if let Some(palette) = palette.as_ref().filter(|_| extent.is_visible()) {
            let scale = track::scale(extent, Micros::ZERO, present.end);
            moving.draw(palette, extent, palette.surface, |pen| {
                track::draw_moving(pen, &scale, range, chosen.get(), present.now);
            });
        }
    });
    (still, moving)
}

/// The moment of the selected mark.
fn chosen_moment(view: View) -> Option<Micros> {
    let Selection::Event(event) = view.state.selection.get() else {
        return None;
    };
    view.state.with_lab(|lab| {
        let marks = lab.history().marks();
        let after = marks.partition_point(|mark| mark.event < event);
        marks
            .get(after)
            .filter(|mark| mark.event == event)
            .map(|mark| mark.at)
    })
}

/// A pointer on the track: it drags the present or an edge of the window.
#[derive(Clone, Copy, Debug)]
struct Hand {
    view: View,
    ground: Ground,
    /// What it would take hold of.
    under: RwSignal<Grip>,
    /// What it holds.
    held: StoredValue<Option<Grip>>,
    /// Whether the run moved when the present was taken hold of.
    was_running: StoredValue<bool>,
}

impl Hand {
    fn new(view: View, ground: Ground) -> Self {
        Self {
            view,
            ground,
            under: RwSignal::new(Grip::Now),
            held: StoredValue::new(None),
            was_running: StoredValue::new(false),
        }
    }

    fn scale(&self) -> Scale {
        let end = self.view.present.get_untracked().end;
        track::scale(self.ground.extent.get_untracked(), Micros::ZERO, end)
    }

    /// What lies under `x`. Where there is no diagram, a finger always means the present.
    fn grip(&self, x: f64) -> Grip {
        if track::is_narrow(self.ground.extent.get_untracked()) {
            return Grip::Now;
        }
        grip_at(x, &self.scale(), untrack(|| self.view.range()))
    }

    /// Takes hold. While the present is held, the run stands still.
    fn press(&self, event: &PointerEvent) {
        let Some(at) = self.ground.press(event) else {
            return;
        };
        let has_shape = |mark: &Mark| mark.kind != MarkKind::Commit;
        if track::is_on_marks(at.y) && select_mark(self.view, &self.scale(), at.x, has_shape) {
            return;
        }
        let grip = self.grip(at.x);
        self.held.set_value(Some(grip));
        let running = grip == Grip::Now && self.view.state.running.get_untracked();
        self.was_running.set_value(running);
        if running {
            self.view.state.toggle_running();
        }
        self.drag(at.x);
    }

    fn follow(&self, event: &PointerEvent) {
        let Some(at) = self.ground.point(event) else {
            return;
        };
        if self.held.get_value().is_some() {
            self.drag(at.x);
        } else if self.under.get_untracked() != self.grip(at.x) {
            self.under.set(self.grip(at.x));
        }
    }

    fn drag(&self, x: f64) {
        let to = self.scale().time(x);
        match self.held.get_value() {
            Some(Grip::Now) => self.view.seek(to),
            Some(Grip::Edge(edge)) => self.view.move_edge(edge, to),
            None => {}
        }
    }

    fn release(&self) {
        self.held.set_value(None);
        if self.was_running.get_value() {
            self.was_running.set_value(false);
            self.view.state.toggle_running();
        }
    }

    fn turn_wheel(&self, event: &WheelEvent) {
        if let Some(at) = self.ground.point(event) {
            wheel::turn(self.view, event, &self.scale(), at.x);
        }
    }
}

/// The keys of the slider. Those it does not take go on to the page.
fn press_key(view: View, event: &KeyboardEvent) {
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
