//! One canvas and its 2D context.

use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{Color, Extent, Palette, Pen};

/// A canvas that is drawn in units of a sixteenth of a rem.
#[derive(Debug)]
struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Surface {
    /// Takes over `canvas`. `None` if the browser has no 2D context to give.
    fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { canvas, context })
    }

    /// Gives the canvas the pixels for `extent`; free if it has them.
    ///
    /// Setting the size of a canvas clears it and resets its state even when nothing changes, so
    /// it is only set when it has to be.
    fn fit(&self, extent: Extent) {
        let width = pixels(extent.width * extent.scale);
        let height = pixels(extent.height * extent.scale);
        if self.canvas.width() != width || self.canvas.height() != height {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
    }
}

/// A canvas of a component, which takes its context when it is first drawn on.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    node: NodeRef<Canvas>,
    surface: StoredValue<Option<Surface>, LocalStorage>,
}

impl Sheet {
    /// A sheet for the canvas that will carry its [`node`](Self::node).
    pub fn new() -> Self {
        Self {
            node: NodeRef::new(),
            surface: StoredValue::new_local(None),
        }
    }

    /// The reference the canvas element has to carry.
    pub fn node(&self) -> NodeRef<Canvas> {
        self.node
    }

    /// Clears the canvas and draws on it. `paper` is the colour that lies below.
    ///
    /// Inside an effect this tracks the canvas, so the first drawing happens once it is there.
    pub fn draw(
        &self,
        palette: &Palette,
        extent: Extent,
        paper: Color,
        draw: impl FnOnce(&mut Pen<'_>),
    ) {
        let Some(canvas) = self.node.get() else {
            return;
        };
        self.surface.update_value(|surface| {
            if surface.is_none() {
                *surface = Surface::new(canvas);
            }
            if let Some(surface) = surface {
                surface.fit(extent);
                draw(&mut Pen::start(&surface.context, palette, extent, paper));
            }
        });
    }
}

impl Default for Sheet {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 1..=16384"
)]
fn pixels(length: f64) -> u32 {
    length.round().clamp(1.0, 16_384.0) as u32
}
