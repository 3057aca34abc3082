//! The wheel: zoom at the pointer, pan with shift.

use leptos::ev::WheelEvent;

use super::View;
use super::scale::Scale;
use crate::canvas::real;

/// Applies one turn of the wheel at `x` of an axis.
pub(super) fn turn(view: View, event: &WheelEvent, scale: &Scale, x: f64) {
    event.prevent_default();
    let step = pixels(event.delta_mode());
    let (dx, dy) = (event.delta_x() * step, event.delta_y() * step);
    let sideways = if event.shift_key() && dx == 0.0 {
        dy
    } else {
        dx
    };
    if event.shift_key() || sideways.abs() > dy.abs() {
        let span = real(scale.span_of(sideways).0);
        view.pan(span.copysign(sideways));
    } else {
        view.zoom(zoom_factor(dy), scale.time(x));
    }
}

/// How many pixels one unit of the wheel is: it counts in pixels, lines or pages.
const fn pixels(delta_mode: u32) -> f64 {
    match delta_mode {
        0 => 1.0,
        1 => 16.0,
        _ => 400.0,
    }
}

/// How much more is shown after the wheel went down by `dy` pixels: the same for one large step
/// as for many small ones.
fn zoom_factor(dy: f64) -> f64 {
    (dy.clamp(-600.0, 600.0) * 0.001_6).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_where_it_was() {
        assert!((zoom_factor(120.0) * zoom_factor(-120.0) - 1.0).abs() < 1e-12);
        assert!((zoom_factor(60.0) * zoom_factor(60.0) - zoom_factor(120.0)).abs() < 1e-12);
        assert!(zoom_factor(120.0) > 1.0, "down shows more");
    }
}
