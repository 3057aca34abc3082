//! The timeline: the whole run above, one stretch of it as a space-time diagram below.
//!
//! Both are views of the same history with two axes of time. The brush on the upper one is the
//! range of the lower one; dragging the present seeks, and the wheel zooms both from the whole
//! run to a single message.

#![expect(
    unreachable_pub,
    reason = "`#[component]` makes the properties of components public that are not"
)]

mod bar;
mod diagram;
mod diagram_pane;
mod gesture;
mod marks;
mod pointer;
mod scale;
mod strands;
mod thin;
mod track;
mod track_pane;
mod wheel;
mod window;

use leptos::prelude::*;
use quorate::Micros;
use quorate_sim::Lab;

use self::window::{Edge, Present, Window};
use crate::canvas::ReducedMotion;
use crate::state::LabState;

/// The timeline.
#[component]
pub fn Timeline() -> impl IntoView {
    let view = View::new(expect_context::<LabState>());
    view! {
        <section class="timeline" aria-labelledby="timeline-title">
            <bar::Bar view />
            <div class="timeline-canvas">
                <track_pane::TrackPane view />
                <diagram_pane::DiagramPane view />
            </div>
        </section>
    }
}

/// Which part of the run is in view, and what moves it.
#[derive(Clone, Copy, Debug)]
struct View {
    state: LabState,
    window: RwSignal<Window>,
    present: Memo<Present>,
    /// The end of the scenario.
    until: Memo<Micros>,
    reduced: ReducedMotion,
}

impl View {
    fn new(state: LabState) -> Self {
        let until = Memo::new(move |_| {
            state.run_epoch.track();
            state.with_lab(Lab::end)
        });
        let present = Memo::new(move |_| {
            let now = state.frame.read().now;
            let reached = state.with_lab(|lab| lab.history().end());
            Present {
                now,
                end: scale::horizon(until.get(), reached.max(now)),
            }
        });
        let window = RwSignal::new(Window::initial(until.get_untracked()));
        Effect::watch(
            move || state.run_epoch.get(),
            move |_, _, _| window.set(Window::initial(until.get_untracked())),
            false,
        );
        Self {
            state,
            window,
            present,
            until,
            reduced: ReducedMotion::query(),
        }
    }

    /// The first and the last moment of the window.
    fn range(&self) -> (Micros, Micros) {
        let (window, present) = (self.window.get(), self.present.get());
        if self.reduced.is_wanted() {
            window.stepwise(present)
        } else {
            window.range(present)
        }
    }

    fn change(&self, change: impl FnOnce(Window, Present) -> Window) {
        let present = self.present.get_untracked();
        self.window
            .update(|window| *window = change(*window, present));
    }

    /// Shows `factor` times as much, around the moment `at`.
    fn zoom(&self, factor: f64, at: Micros) {
        self.change(|window, present| window.zoomed(factor, at, present));
    }

    /// Shows twice or half as much around the present, or around the middle if that is elsewhere.
    fn zoom_at_present(&self, factor: f64) {
        let present = self.present.get_untracked();
        let (from, to) = self.window.get_untracked().range(present);
        let middle = Micros(u64::midpoint(from.0, to.0));
        let is_inside = (from..=to).contains(&present.now);
        self.zoom(factor, if is_inside { present.now } else { middle });
    }

    /// Moves the window by a span of time in microseconds, to later moments if it is positive.
    fn pan(&self, by: f64) {
        self.change(|window, present| window.panned(by, present));
    }

    fn move_edge(&self, edge: Edge, to: Micros) {
        self.change(|window, present| window.with_edge(edge, to, present));
    }

    fn show_whole(&self) {
        self.window.set(Window::Whole);
    }

    /// Goes to a moment, at most the end of the scenario.
    fn seek(&self, to: Micros) {
        self.state.seek(to.min(self.until.get_untracked()));
    }
}
