//! How long the page works per animation frame, for whoever wants to measure it.
//!
//! A sample is the wall time from the start of the animation callback to the end of the drawing
//! it caused: the simulation's turn, the snapshot, the canvases and the text. Effects run in
//! microtasks after the callback, so the clock is read after two rounds of the task queue: one
//! for what the new snapshot woke, one for what that woke. Layout and painting by the browser
//! come later and are not in it. Frames in which nothing changed give no sample.
//!
//! The last [`CAPACITY`] samples are `window.quorateFrames`, a plain array of milliseconds in no
//! particular order once it is full. The 95th percentile is read like this:
//!
//! ```js
//! quorateFrames.length = 0;                       // forget what was before
//! // … let it run …
//! [...quorateFrames].sort((a, b) => a - b)[Math.floor(quorateFrames.length * 0.95)]
//! ```

use std::cell::Cell;

use wasm_bindgen::JsValue;

/// Samples kept: ten seconds at sixty frames per second.
pub const CAPACITY: u32 = 600;

/// The ring of samples.
#[derive(Debug)]
pub struct FrameWork {
    samples: js_sys::Array,
    next: Cell<u32>,
}

impl FrameWork {
    /// An empty ring, visible as `window.quorateFrames`.
    pub fn exposed() -> Self {
        let samples = js_sys::Array::new();
        // Setting a property of the global object fails only if a page froze it.
        let _ = js_sys::Reflect::set(
            &js_sys::global(),
            &JsValue::from_str("quorateFrames"),
            &samples,
        );
        Self {
            samples,
            next: Cell::new(0),
        }
    }

    /// Adds a sample in milliseconds.
    pub fn record(&self, ms: f64) {
        let length = self.samples.length();
        let at = if length < CAPACITY {
            length
        } else {
            self.next.get() % CAPACITY
        };
        self.samples.set(at, JsValue::from_f64(ms));
        self.next.set(at + 1);
    }
}
