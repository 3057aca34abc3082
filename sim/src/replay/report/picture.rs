//! The report as one drawing: scores, the three axes, and a panel per policy.

use super::super::comparison::Comparison;
use super::Report;
use super::calendar::{Calendar, DateMark};
use super::key::{Key, keys};
use super::number::{Difference, Grouped, Milli, Minutes, Span};
use super::palette::charts_without_variables;
use super::panel::{Lane, Panel, dates, node_axis};
use super::scatter;
use super::table::beaten_by;
use super::text::{Escaped, Markup, shortened};

const WIDTH: u64 = 1_200;
const MARGIN: u64 = 24;
/// From one card to the next.
const GAP: u64 = 16;
const HEADER: u64 = 84;
/// The height of a panel's card, and of what is in it.
const PANEL: u64 = 266;
const PLOT: u64 = 132;
const LANE: u64 = 12;
const ROW: u64 = 24;
const FOOTER: u64 = 44;

/// A rectangle of the drawing.
#[derive(Clone, Copy, Debug)]
struct Frame {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
}

impl Frame {
    fn card(self, out: &mut Markup) {
        let Self {
            x,
            y,
            width,
            height,
        } = self;
        out.put(format_args!(
            "<rect class=\"card\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             rx=\"8\"/>"
        ));
    }

    /// Begins a drawing that fills it.
    fn open(self, out: &mut Markup) {
        let Self {
            x,
            y,
            width,
            height,
        } = self;
        out.put(format_args!(
            "<svg x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" overflow=\"visible\">"
        ));
    }
}

/// The whole drawing.
pub(super) fn svg(report: &Report<'_>) -> String {
    let comparison = report.comparison;
    let keys = keys(comparison);
    let policies = comparison.policies.len() as u64;
    let scores = (152 + ROW * (policies + 1)).max(440);
    let search = if report.sweep.is_some() { 440 + GAP } else { 0 };
    let panels = policies.div_ceil(2) * (PANEL + GAP);
    let height = HEADER + scores + GAP + panels + search + FOOTER;
    let mut out = Markup::default();
    head(comparison, height, &mut out);
    let half = (WIDTH - 2 * MARGIN - GAP) / 2;
    let mut frame = Frame {
        x: MARGIN,
        y: HEADER,
        width: half,
        height: scores,
    };
    axes(comparison, &keys, frame, &mut out);
    frame.x += half + GAP;
    table(comparison, &keys, frame, &mut out);
    let marks = Calendar::beginning(&comparison.trace.start).marks(comparison.duration(), 7);
    let axis = node_axis(comparison);
    for (index, (run, key)) in (0..).zip(comparison.policies.iter().zip(&keys)) {
        let panel = Panel {
            comparison,
            run,
            key: *key,
            axis: &axis,
            dates: &marks,
        };
        let frame = Frame {
            x: MARGIN + index % 2 * (half + GAP),
            y: HEADER + scores + GAP + index / 2 * (PANEL + GAP),
            width: half,
            height: PANEL,
        };
        one_panel(&panel, frame, &marks, &mut out);
    }
    if let Some(sweep) = report.sweep {
        let frame = Frame {
            x: MARGIN,
            y: HEADER + scores + GAP + panels,
            width: WIDTH - 2 * MARGIN,
            height: 440,
        };
        frame.card(&mut out);
        title(frame, "Search through settings: the front", &mut out);
        inner(frame, 320).open(&mut out);
        scatter::search(sweep, &mut out);
        out.put(format_args!("</svg>\n"));
    }
    let command = shortened(report.command, 180);
    out.put(format_args!(
        "<text class=\"tick\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n</svg>\n",
        height - 18,
        Escaped(&command)
    ));
    out.finish()
}

fn head(comparison: &Comparison, height: u64, out: &mut Markup) {
    let trace = &comparison.trace;
    let model = &comparison.model;
    out.put(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"title\" \
         font-family=\"system-ui, 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', \
         sans-serif\" font-size=\"12\">\n<title id=\"title\">Scaling report: {}</title>\n<style>\n\
         {}.head {{ font-size: 20px; font-weight: 600; }}\n.card-title {{ font-size: 14px; \
         font-weight: 600; }}\ntext {{ font-variant-numeric: tabular-nums; }}\n</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n",
        Escaped(&trace.name),
        charts_without_variables()
    ));
    out.put(format_args!(
        "<text class=\"label head\" x=\"{MARGIN}\" y=\"40\">{}</text>\
         <text class=\"tick\" x=\"{MARGIN}\" y=\"62\">{} from {} · largest tick {} requests = {} \
         nodes at full use · service level at {} % use · a node starts in {}</text>\n",
        Escaped(&shortened(&trace.name, 90)),
        Span(comparison.duration()),
        Escaped(&Calendar::beginning(&trace.start).beginning_in_full()),
        Milli(comparison.peak_milli),
        model.peak_nodes,
        Milli(u64::from(model.slo_utilization) * 100),
        Span(model.start_up)
    ));
}

fn title(frame: Frame, text: &str, out: &mut Markup) {
    out.put(format_args!(
        "<text class=\"label card-title\" x=\"{}\" y=\"{}\">{}</text>",
        frame.x + 16,
        frame.y + 27,
        Escaped(text)
    ));
}

/// The place of a scatter within a card.
const fn inner(frame: Frame, height: u64) -> Frame {
    Frame {
        x: frame.x + 64,
        y: frame.y + 64,
        width: frame.width - 100,
        height,
    }
}

fn axes(comparison: &Comparison, keys: &[Key], frame: Frame, out: &mut Markup) {
    frame.card(out);
    title(
        frame,
        "Three axes (flips: the ring, and the number beside the name)",
        out,
    );
    inner(frame, frame.height - 120).open(out);
    scatter::policies(comparison, keys, out);
    out.put(format_args!("</svg>\n"));
}

/// Right edges of the columns, seen from the left edge of the card.
const COLUMNS: [(&str, u64); 5] = [
    ("min short", 276),
    ("node-hours", 356),
    ("flips", 412),
    ("vs oracle", 480),
    ("beaten by", 552),
];

/// What the columns mean.
const NOTES: [&str; 3] = [
    "Short: fewer nodes ready than needed. Flip: a change against the one before, soon after it.",
    "Vs oracle: billed node-time against the least that is never short. Beaten by: as good on all",
    "three axes and better on one. What nobody beats is a choice, not a winner.",
];

fn table(comparison: &Comparison, keys: &[Key], frame: Frame, out: &mut Markup) {
    frame.card(out);
    title(frame, "Scores (lower is better)", out);
    let mut y = frame.y + 56;
    cells(
        frame,
        y,
        "tick",
        COLUMNS.map(|(name, _)| name.to_owned()),
        out,
    );
    for (run, key) in comparison.policies.iter().zip(keys) {
        y += ROW;
        line(frame, y - 16, out);
        swatch(*key, frame.x + 36, y - 4, out);
        out.put(format_args!(
            "<text class=\"label\" x=\"{}\" y=\"{y}\">{}</text>\
             <text class=\"label\" x=\"{}\" y=\"{y}\">{}</text>",
            frame.x + 16,
            key.letter,
            frame.x + 74,
            Escaped(&shortened(&run.name, 22))
        ));
        let score = &run.score;
        let minutes = Minutes {
            time: score.under_provisioned,
            interval: comparison.interval,
        };
        let row = [
            minutes.to_string(),
            Grouped(score.node_hours).to_string(),
            Grouped(score.flips).to_string(),
            format!("{} %", Difference(score.regret)),
            shortened(&beaten_by(comparison, keys, run), 10),
        ];
        cells(frame, y, "label", row, out);
    }
    y += ROW;
    line(frame, y - 16, out);
    out.put(format_args!(
        "<text class=\"label\" x=\"{}\" y=\"{y}\">Oracle</text>",
        frame.x + 74
    ));
    let hours = Grouped(comparison.oracle.node_hours).to_string();
    let oracle = ["0", &hours, "\u{2013}", "0 %", "\u{2013}"].map(str::to_owned);
    cells(frame, y, "label", oracle, out);
    for (index, note) in (0..).zip(NOTES) {
        out.put(format_args!(
            "<text class=\"tick\" x=\"{}\" y=\"{}\">{note}</text>",
            frame.x + 16,
            frame.y + frame.height - 50 + index * 16
        ));
    }
    out.put(format_args!("\n"));
}

/// One row of the table, without its name.
fn cells(frame: Frame, y: u64, class: &str, row: [String; COLUMNS.len()], out: &mut Markup) {
    for ((_, right), cell) in COLUMNS.iter().zip(row) {
        out.put(format_args!(
            "<text class=\"{class}\" x=\"{}\" y=\"{y}\" text-anchor=\"end\">{cell}</text>",
            frame.x + right
        ));
    }
}

fn line(frame: Frame, y: u64, out: &mut Markup) {
    out.put(format_args!(
        "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>",
        frame.x + 16,
        frame.x + frame.width - 16
    ));
}

fn swatch(key: Key, x: u64, y: u64, out: &mut Markup) {
    out.put(format_args!(
        "<g transform=\"translate({x} {y})\"><path class=\"swatch p{0}\" d=\"M0 0H28\"/>\
         <path class=\"mark f{0}\" transform=\"translate(14 0) scale(.8)\" d=\"{1}\"/></g>",
        key.look,
        key.shape()
    ));
}

fn one_panel(panel: &Panel<'_>, frame: Frame, marks: &[DateMark], out: &mut Markup) {
    frame.card(out);
    let run = panel.run;
    let score = &run.score;
    swatch(panel.key, frame.x + 36, frame.y + 23, out);
    out.put(format_args!(
        "<text class=\"label card-title\" x=\"{}\" y=\"{3}\">{}</text>\
         <text class=\"label card-title\" x=\"{}\" y=\"{3}\">{4}</text>",
        frame.x + 16,
        panel.key.letter,
        frame.x + 74,
        frame.y + 27,
        Escaped(&shortened(&run.name, 30))
    ));
    out.put(format_args!(
        "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{} min short · {} node-hours · \
         {} flips</text>",
        frame.x + frame.width - 16,
        frame.y + 27,
        Minutes {
            time: score.under_provisioned,
            interval: panel.comparison.interval
        },
        Grouped(score.node_hours),
        Grouped(score.flips)
    ));
    let mut part = Frame {
        x: frame.x + 52,
        y: frame.y + 46,
        width: frame.width - 68,
        height: PLOT,
    };
    part.open(out);
    panel.plot(out);
    out.put(format_args!("</svg>"));
    part.y += PLOT + 9;
    part.height = LANE;
    for lane in [Lane::Short, Lane::Flips, Lane::Queue] {
        part.open(out);
        panel.lane(lane, out);
        out.put(format_args!("</svg>"));
        part.y += LANE + 3;
    }
    part.height = 18;
    part.open(out);
    dates(marks, out);
    out.put(format_args!("</svg>\n"));
}
