//! The growth of our own set as one picture: bytes per element on the left, time on the right.
//!
//! Both axes are logarithmic, so that cost in proportion to the set is a flat line. No background
//! and mid-grey text: it reads on a light page and on a dark one.

use plotters::coord::Shift;
use plotters::prelude::*;
use quorate_bench_measure::table::count;

use crate::workload::growth::Point;

const GREY: RGBColor = RGBColor(128, 128, 128);
const COLOURS: [RGBColor; 5] = [
    RGBColor(57, 135, 229),
    RGBColor(230, 127, 50),
    RGBColor(66, 160, 92),
    RGBColor(197, 80, 140),
    RGBColor(140, 110, 210),
];

/// A named line: elements, value.
type Line = (&'static str, Vec<(f64, f64)>);

/// The picture as SVG.
pub fn svg(points: &[Point]) -> Result<String, String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (1_000, 400)).into_drawing_area();
        let (left, right) = area.split_horizontally(500);
        panel(&left, "bytes per element", &bytes(points)).map_err(|error| error.to_string())?;
        panel(&right, "nanoseconds", &times(points)).map_err(|error| error.to_string())?;
        area.present().map_err(|error| error.to_string())?;
    }
    Ok(text)
}

fn line(name: &'static str, points: &[Point], value: impl Fn(&Point) -> f64) -> Line {
    let place = |point: &Point| (count(point.elements as u64), value(point));
    (name, points.iter().map(place).collect())
}

fn each(value: f64, point: &Point) -> f64 {
    value / count(point.elements as u64)
}

fn bytes(points: &[Point]) -> Vec<Line> {
    let beyond = |bytes: u64, point: &Point| each(count(bytes) - count(point.element_bytes), point);
    vec![
        line("the element itself", points, |point| {
            each(count(point.element_bytes), point)
        }),
        line("encoded, element included", points, |point| {
            each(count(point.state_bytes as u64), point)
        }),
        line("memory beyond the element", points, move |point| {
            beyond(point.memory_bytes, point)
        }),
    ]
}

fn times(points: &[Point]) -> Vec<Line> {
    vec![
        line("build, per element", points, |point| {
            each(point.build_nanoseconds, point)
        }),
        line("encode, per element", points, |point| {
            each(point.encode_nanoseconds, point)
        }),
        line("decode and join, per element", points, |point| {
            each(point.decode_nanoseconds, point)
        }),
        line("one add, encoded", points, |point| point.send_nanoseconds),
        line("one add, decoded and applied", points, |point| {
            point.receive_nanoseconds
        }),
    ]
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn panel(area: &Area<'_>, title: &str, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let values = || lines.iter().flat_map(|(_, places)| places);
    let top = values().map(|place| place.1).fold(10.0, f64::max) * 4.0;
    let low = values().map(|place| place.1).fold(top, f64::min).max(0.1) / 2.0;
    let right = values().map(|place| place.0).fold(1e3, f64::max);
    let style = ("sans-serif", 13).into_font().color(&GREY);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 15).into_font().color(&GREY))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d((1e3..right).log_scale(), (low..top).log_scale())?;
    chart
        .configure_mesh()
        .axis_style(GREY)
        .bold_line_style(GREY.mix(0.25))
        .light_line_style(GREY.mix(0.0))
        .label_style(style.clone())
        .x_desc("elements")
        .x_label_formatter(&|value| power(*value))
        .y_label_formatter(&|value| plain(*value))
        .draw()?;
    for ((name, places), colour) in lines.iter().zip(COLOURS) {
        chart
            .draw_series(
                LineSeries::new(places.iter().copied(), colour.stroke_width(2)).point_size(3),
            )?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(style)
        .draw()?;
    Ok(())
}

fn power(value: f64) -> String {
    format!("10^{:.0}", value.log10())
}

fn plain(value: f64) -> String {
    if value < 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}
