//! What the stage, the timeline and the keys draw with.
//!
//! The page draws where things move: on canvases. Three things go wrong when every drawing talks
//! to the canvas by itself. Colours are strings that a theme change leaves behind; sizes are
//! device pixels that a zoomed page or a large screen leaves too small; and the same shape is
//! written twice, once for the canvas and once for the key beside it, and drifts apart. So there
//! is one [`Palette`] that is read from the style sheet, one kind of [`Sheet`] that counts
//! in sixteenths of a rem, and one table of [`GlyphKind`]s that the canvas and the page share.

mod color;
mod extent;
mod geometry;
pub mod glyph;
mod outline;
mod palette;
mod pen;
mod reduced;
mod style;
mod surface;

pub use color::Color;
pub use extent::{Extent, use_extent};
pub use geometry::{Point, Rect, column, progress, real};
pub use glyph::{Dash, Glyph, GlyphKind, Ink};
pub use palette::{Palette, TermInk, term_slot, use_palette};
pub use pen::{Lines, Pen};
pub use reduced::ReducedMotion;
pub use style::{Align, Font, Mark, Stroke};
pub use surface::Sheet;
