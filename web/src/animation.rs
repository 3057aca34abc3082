//! The heartbeat of the page: one turn of the driver per animation frame.
//!
//! Browsers stop animation frames while a tab is hidden, and a run that stops because somebody
//! looked elsewhere is a surprise. A timer takes over then, at a low rate; nothing is drawn.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::driver::Cadence;
use crate::state::LabState;
use crate::work::FrameWork;

/// Time between two turns of a hidden tab. Browsers may stretch it to a second.
const BACKGROUND_INTERVAL_MS: u32 = 500;

/// A callback that asks for its own next call.
type FrameCallback = Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>>;

/// Starts the heartbeat. It goes on as long as the page.
pub fn start(state: LabState) {
    let Some(performance) = window().performance() else {
        return;
    };
    let clock = Rc::new(move || performance.now());
    run_frames(state, clock.clone());
    run_in_background(state, clock);
}

fn run_frames(state: LabState, clock: Rc<dyn Fn() -> f64>) {
    let work = Rc::new(FrameWork::exposed());
    let callback: FrameCallback = Rc::default();
    let again = Rc::clone(&callback);
    *callback.borrow_mut() = Some(Closure::new(move |timestamp: f64| {
        let begin = clock();
        if state.turn(Cadence::Frame, timestamp, &*clock) {
            measure(begin, clock.clone(), work.clone());
        }
        request_frame(&again);
    }));
    request_frame(&callback);
}

fn request_frame(callback: &FrameCallback) {
    if let Some(closure) = callback.borrow().as_ref() {
        // It fails only while the page is being torn down.
        let _ = window().request_animation_frame(closure.as_ref().unchecked_ref());
    }
}

/// Records the work of a frame once everything it woke has run.
fn measure(begin: f64, clock: Rc<dyn Fn() -> f64>, work: Rc<FrameWork>) {
    spawn_local(async move {
        tick().await;
        tick().await;
        work.record(clock() - begin);
    });
}

fn run_in_background(state: LabState, clock: Rc<dyn Fn() -> f64>) {
    // Dropping an interval cancels it.
    let timer: RefCell<Option<Interval>> = RefCell::default();
    window_event_listener_untyped("visibilitychange", move |_| {
        let clock = clock.clone();
        *timer.borrow_mut() = document().hidden().then(|| {
            Interval::new(BACKGROUND_INTERVAL_MS, move || {
                state.turn(Cadence::Background, clock(), &*clock);
            })
        });
    });
}
