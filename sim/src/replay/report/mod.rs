//! A comparison as one file to read: HTML for people, SVG for documents.
//!
//! A chart that needs a script, a server or a font from elsewhere is gone in a year, and one that
//! shows a single winner hides what was paid for it. So a report is one file without scripts: the
//! three axes of every policy side by side with the oracle, then each policy over the load on a
//! scale that all of them share, with a table behind every chart, and at the end the command that
//! makes it again. Light or dark is what the reader's system says; no meaning is in a colour alone.
//!
//! Equal data give equal bytes. Every text that comes from outside (names, reasons, settings) is
//! escaped in one place, `text`.

mod axis;
mod calendar;
mod key;
mod line;
mod number;
mod page;
mod palette;
mod panel;
mod picture;
mod scatter;
mod sections;
mod table;
mod text;

use super::comparison::Comparison;
use super::sweep::Sweep;

/// What is reported.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// Policies side by side.
    pub comparison: &'a Comparison,
    /// A search, if there was one.
    pub sweep: Option<&'a Sweep>,
    /// The command that makes this report, as people would type it; may be empty.
    pub command: &'a str,
}

impl Report<'_> {
    /// The report as one HTML file.
    pub fn to_html(&self) -> String {
        page::html(self)
    }

    /// The charts and the scores as one SVG file, 1,200 units wide.
    pub fn to_svg(&self) -> String {
        picture::svg(self)
    }
}
