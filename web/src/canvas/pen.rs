//! Drawing, with as few calls into the browser as it takes.
//!
//! A call from WebAssembly into the canvas is cheap, but a colour or a font crosses as a string,
//! and the canvas parses it again. A drawing that sets all its state before every line spends
//! most of its time there. So the pen remembers what is set and only says what changes, and lines
//! of one kind go into one path.

use core::f64::consts::{FRAC_PI_2, TAU};

use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::color::Css;
use super::glyph::Layer;
use super::outline::{Segment, on_circle};
use super::{Align, Color, Dash, Extent, Font, GlyphKind, Mark, Palette, Point, Rect, Stroke};

/// A pen on one canvas, for the time of one drawing.
#[derive(Debug)]
pub struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    palette: &'a Palette,
    extent: Extent,
    paper: Color,
    fill: Option<Color>,
    stroke: Option<Color>,
    width: f64,
    dash: Dash,
    font: Option<Font>,
    align: Align,
    round: bool,
}

impl<'a> Pen<'a> {
    /// Clears the canvas and resets what earlier drawings left.
    pub(super) fn start(
        context: &'a CanvasRenderingContext2d,
        palette: &'a Palette,
        extent: Extent,
        paper: Color,
    ) -> Self {
        set_transform(context, scaling(extent.scale));
        context.clear_rect(0.0, 0.0, extent.width + 1.0, extent.height + 1.0);
        context.set_line_join("round");
        context.set_line_cap("butt");
        context.set_text_align("start");
        context.set_text_baseline("alphabetic");
        set_dash(context, Dash::Solid);
        Self {
            context,
            palette,
            extent,
            paper,
            fill: None,
            stroke: None,
            width: f64::NAN,
            dash: Dash::Solid,
            font: None,
            align: Align::Start,
            round: false,
        }
    }

    /// The palette it draws with.
    pub fn palette(&self) -> &'a Palette {
        self.palette
    }

    /// The extent it draws on.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    fn use_fill(&mut self, color: Color) {
        if self.fill != Some(color) {
            self.context.set_fill_style_str(Css::new(color).as_str());
            self.fill = Some(color);
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "the width is stored and compared as it was given"
    )]
    fn use_stroke(&mut self, stroke: Stroke) {
        if self.stroke != Some(stroke.color) {
            self.context
                .set_stroke_style_str(Css::new(stroke.color).as_str());
            self.stroke = Some(stroke.color);
        }
        if self.width != stroke.width {
            self.context.set_line_width(stroke.width);
            self.width = stroke.width;
        }
        if self.dash != stroke.dash {
            set_dash(self.context, stroke.dash);
            self.dash = stroke.dash;
        }
    }

    fn use_round_caps(&mut self, round: bool) {
        if self.round != round {
            self.context
                .set_line_cap(if round { "round" } else { "butt" });
            self.round = round;
        }
    }

    /// Draws all lines that `add` puts into one path.
    pub fn lines(&mut self, stroke: Stroke, add: impl FnOnce(&mut Lines<'_>)) {
        let mut lines = Lines {
            context: self.context,
            empty: true,
        };
        self.context.begin_path();
        add(&mut lines);
        if !lines.empty {
            self.use_stroke(stroke);
            self.context.stroke();
        }
    }

    /// One straight line.
    pub fn line(&mut self, stroke: Stroke, from: Point, to: Point) {
        self.lines(stroke, |lines| lines.add(from, to));
    }

    /// One straight line with round ends.
    pub fn round_line(&mut self, stroke: Stroke, from: Point, to: Point) {
        self.use_round_caps(true);
        self.line(stroke, from, to);
        self.use_round_caps(false);
    }

    /// A filled box.
    pub fn fill_rect(&mut self, rect: Rect, color: Color) {
        self.use_fill(color);
        self.context
            .fill_rect(rect.x, rect.y, rect.width, rect.height);
    }

    /// The edge of a box.
    pub fn stroke_rect(&mut self, rect: Rect, stroke: Stroke) {
        self.use_stroke(stroke);
        self.context
            .stroke_rect(rect.x, rect.y, rect.width, rect.height);
    }

    /// A filled circle.
    pub fn fill_circle(&mut self, center: Point, radius: f64, color: Color) {
        self.use_fill(color);
        self.context.begin_path();
        arc(self.context, center, radius, 0.0, TAU);
        self.context.fill();
    }

    /// An arc around `center`, clockwise from 12 o'clock, of a share of the whole turn.
    pub fn arc(&mut self, stroke: Stroke, center: Point, radius: f64, turns: f64) {
        self.use_stroke(stroke);
        self.context.begin_path();
        arc(
            self.context,
            center,
            radius,
            -FRAC_PI_2,
            turns.min(1.0) * TAU - FRAC_PI_2,
        );
        self.context.stroke();
    }

    /// A filled polygon.
    pub fn fill_polygon(&mut self, corners: &[Point], color: Color) {
        self.use_fill(color);
        self.polygon(corners);
        self.context.fill();
    }

    /// The edge of a polygon.
    pub fn stroke_polygon(&mut self, corners: &[Point], stroke: Stroke) {
        self.use_stroke(stroke);
        self.polygon(corners);
        self.context.stroke();
    }

    fn polygon(&mut self, corners: &[Point]) {
        self.context.begin_path();
        for (i, corner) in corners.iter().enumerate() {
            if i == 0 {
                self.context.move_to(corner.x, corner.y);
            } else {
                self.context.line_to(corner.x, corner.y);
            }
        }
        self.context.close_path();
    }

    /// Diagonal lines, `spacing` apart, inside a polygon.
    pub fn hatch(&mut self, corners: &[Point], spacing: f64, stroke: Stroke) {
        let area = bounds(corners, self.extent);
        if area.width <= 0.0 || area.height <= 0.0 {
            return;
        }
        self.clipped(
            |pen| pen.polygon(corners),
            |pen| {
                let step = spacing * core::f64::consts::SQRT_2;
                // Lines start on a grid of the whole canvas, so that areas side by side match.
                let mut x = ((area.x - area.height) / step).floor() * step;
                pen.lines(stroke, |lines| {
                    while x < area.right() {
                        let foot = x + area.y;
                        lines.add(
                            Point::new(foot - area.y, area.bottom()),
                            Point::new(foot - area.y + area.height, area.y),
                        );
                        x += step;
                    }
                });
            },
        );
    }

    /// Draws only inside a box.
    pub fn inside(&mut self, rect: Rect, draw: impl FnOnce(&mut Self)) {
        self.clipped(
            |pen| {
                pen.context.begin_path();
                pen.context.rect(rect.x, rect.y, rect.width, rect.height);
            },
            draw,
        );
    }

    fn clipped(&mut self, path: impl FnOnce(&mut Self), draw: impl FnOnce(&mut Self)) {
        self.context.save();
        path(self);
        self.context.clip();
        let before = (
            self.fill,
            self.stroke,
            self.width,
            self.dash,
            self.font,
            self.align,
        );
        draw(self);
        self.context.restore();
        (
            self.fill,
            self.stroke,
            self.width,
            self.dash,
            self.font,
            self.align,
        ) = before;
    }

    /// A glyph.
    pub fn glyph(&mut self, kind: GlyphKind, mark: Mark) {
        for layer in kind.layers() {
            self.layer(layer, mark);
        }
    }

    /// Only the lowest outline of a glyph, for who puts something else inside.
    pub fn glyph_base(&mut self, kind: GlyphKind, mark: Mark) {
        if let Some(layer) = kind.layers().first() {
            self.layer(layer, mark);
        }
    }

    fn layer(&mut self, layer: &Layer, mark: Mark) {
        self.trace(layer.outline, mark);
        if let Some(color) = self.palette.ink(layer.fill, mark.term, self.paper) {
            self.use_fill(color);
            self.context.fill();
        }
        if let Some(color) = self.palette.ink(layer.stroke, mark.term, self.paper) {
            self.use_round_caps(layer.dash == Dash::Sparse);
            let width = layer.weight * mark.weight;
            self.use_stroke(Stroke {
                color,
                width,
                dash: layer.dash,
            });
            self.context.stroke();
            self.use_round_caps(false);
        }
    }

    fn trace(&mut self, outline: &[Segment], mark: Mark) {
        let (sin, cos) = mark.angle.sin_cos();
        let place = |x: f64, y: f64| {
            let (x, y) = (x * mark.radius * mark.stretch, y * mark.radius);
            Point::new(mark.at.x + x * cos - y * sin, mark.at.y + x * sin + y * cos)
        };
        let context = self.context;
        context.begin_path();
        for segment in outline {
            match *segment {
                Segment::Move(x, y) => {
                    let to = place(x, y);
                    context.move_to(to.x, to.y);
                }
                Segment::Line(x, y) => {
                    let to = place(x, y);
                    context.line_to(to.x, to.y);
                }
                Segment::Curve([ax, ay, bx, by, x, y]) => {
                    let (a, b, to) = (place(ax, ay), place(bx, by), place(x, y));
                    context.bezier_curve_to(a.x, a.y, b.x, b.y, to.x, to.y);
                }
                Segment::Arc(radius, from, to) => {
                    let start = on_circle(radius * mark.radius, from);
                    context.move_to(mark.at.x + start.x, mark.at.y + start.y);
                    let turn = |turns: f64| turns * TAU - FRAC_PI_2;
                    arc(context, mark.at, radius * mark.radius, turn(from), turn(to));
                }
                Segment::Close => context.close_path(),
            }
        }
    }

    /// A line of text with its baseline at `at`.
    pub fn text(&mut self, font: Font, align: Align, color: Color, at: Point, text: &str) {
        self.use_text(font, align);
        self.use_fill(color);
        self.put(Context::fill_text, text, at);
    }

    /// The same on a halo of the paper, which keeps it readable over lines.
    pub fn haloed(&mut self, font: Font, align: Align, color: Color, at: Point, text: &str) {
        self.use_text(font, align);
        self.use_stroke(Stroke::solid(self.paper, 4.0));
        self.put(Context::stroke_text, text, at);
        self.use_fill(color);
        self.put(Context::fill_text, text, at);
    }

    fn put(&self, how: fn(&Context, &str, f64, f64) -> Result<(), JsValue>, text: &str, at: Point) {
        // The canvas refuses text only if a coordinate is not finite, and then draws nothing.
        let _refused = how(self.context, text, at.x, at.y);
    }

    fn use_text(&mut self, font: Font, align: Align) {
        if self.font != Some(font) {
            self.context.set_font(self.palette.font(font));
            self.font = Some(font);
        }
        if self.align != align {
            self.context.set_text_align(match align {
                Align::Start => "start",
                Align::Middle => "center",
                Align::End => "end",
            });
            self.align = align;
        }
    }

    /// Draws in coordinates that are moved to `origin` and turned by `angle`.
    pub fn turned(&mut self, origin: Point, angle: f64, draw: impl FnOnce(&mut Self)) {
        let (sin, cos) = angle.sin_cos();
        let scale = self.extent.scale;
        let right = Point::new(cos * scale, sin * scale);
        let origin = Point::new(origin.x * scale, origin.y * scale);
        set_transform(self.context, [right, right.right(), origin]);
        draw(self);
        set_transform(self.context, scaling(scale));
    }
}

type Context = CanvasRenderingContext2d;

/// Lines that share one path.
#[derive(Debug)]
pub struct Lines<'a> {
    context: &'a CanvasRenderingContext2d,
    empty: bool,
}

impl Lines<'_> {
    /// Adds a straight line.
    pub fn add(&mut self, from: Point, to: Point) {
        self.empty = false;
        self.context.move_to(from.x, from.y);
        self.context.line_to(to.x, to.y);
    }

    /// Adds a small diagonal cross.
    pub fn add_cross(&mut self, at: Point, half: f64) {
        self.add(
            Point::new(at.x - half, at.y - half),
            Point::new(at.x + half, at.y + half),
        );
        self.add(
            Point::new(at.x + half, at.y - half),
            Point::new(at.x - half, at.y + half),
        );
    }
}

/// The part of a polygon's bounding box that lies on the canvas.
fn bounds(corners: &[Point], extent: Extent) -> Rect {
    let least = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = (least(|p| p.x).max(0.0), least(|p| p.y).max(0.0));
    let right = most(|p| p.x).min(extent.width);
    Rect::new(x, y, right - x, most(|p| p.y).min(extent.height) - y)
}

fn arc(context: &Context, center: Point, radius: f64, from: f64, to: f64) {
    // The canvas refuses an arc only if its radius is negative.
    let _refused = context.arc(center.x, center.y, radius.max(0.0), from, to);
}

/// Sets the two columns of a matrix and what is added.
fn set_transform(context: &Context, [right, down, origin]: [Point; 3]) {
    // The canvas never refuses a finite matrix.
    let _refused = context.set_transform(right.x, right.y, down.x, down.y, origin.x, origin.y);
}

/// The matrix that only scales.
fn scaling(scale: f64) -> [Point; 3] {
    [
        Point::new(scale, 0.0),
        Point::new(0.0, scale),
        Point::new(0.0, 0.0),
    ]
}

fn set_dash(context: &Context, dash: Dash) {
    let lengths: js_sys::Array = dash
        .pattern()
        .iter()
        .map(|length| JsValue::from_f64(*length))
        .collect();
    // The canvas refuses only negative lengths.
    let _refused = context.set_line_dash(&lengths);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_stop_at_the_canvas() {
        let extent = Extent {
            width: 100.0,
            height: 50.0,
            scale: 1.0,
            unit: 1.0,
        };
        let far = [
            Point::new(-900.0, 10.0),
            Point::new(900.0, 20.0),
            Point::new(0.0, 900.0),
        ];
        assert_eq!(bounds(&far, extent), Rect::new(0.0, 10.0, 100.0, 40.0));
    }
}
