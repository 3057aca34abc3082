//! The report as an HTML page.

use super::super::comparison::Comparison;
use super::Report;
use super::calendar::Calendar;
use super::key::keys;
use super::number::{Grouped, Milli, Span};
use super::palette::{CHARTS, variables};
use super::sections;
use super::text::{Escaped, Markup};

const STYLE: &str = include_str!("page.css");

/// The whole page.
pub(super) fn html(report: &Report<'_>) -> String {
    let keys = keys(report.comparison);
    let mut out = Markup::default();
    head(report, &mut out);
    sections::scores(report.comparison, &keys, &mut out);
    sections::panels(report.comparison, &keys, &mut out);
    if let Some(sweep) = report.sweep {
        sections::search(sweep, &mut out);
    }
    sections::method(report, &keys, &mut out);
    out.put(format_args!("</main>\n</body>\n</html>\n"));
    out.finish()
}

fn head(report: &Report<'_>, out: &mut Markup) {
    let comparison = report.comparison;
    let trace = &comparison.trace;
    out.put(format_args!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"Quorate {}\">\n\
         <title>Scaling report · {}</title>\n<style>\n{}{CHARTS}{STYLE}</style>\n</head>\n<body>\n\
         <main>\n",
        env!("CARGO_PKG_VERSION"),
        Escaped(&trace.name),
        variables()
    ));
    out.put(format_args!(
        "<header class=\"pane\"><h1>Scaling report: {}</h1>\
         <p>The same recorded load, played against {} on the same model of a fleet.</p>\
         <dl class=\"facts\">",
        Escaped(&trace.name),
        Policies(comparison.policies.len())
    ));
    for (name, value) in facts(comparison) {
        out.put(format_args!(
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            Escaped(&value)
        ));
    }
    out.put(format_args!("</dl></header>\n"));
}

/// What was played, and on what.
fn facts(comparison: &Comparison) -> [(&'static str, String); 8] {
    let calendar = Calendar::beginning(&comparison.trace.start);
    let begin = calendar.beginning_in_full();
    let model = &comparison.model;
    [
        ("begins", begin),
        ("lasts", Span(comparison.duration()).to_string()),
        (
            "ticks",
            format!(
                "{} of {}",
                Grouped(comparison.ticks),
                Span(comparison.interval)
            ),
        ),
        (
            "largest tick",
            format!("{} requests", Milli(comparison.peak_milli)),
        ),
        ("takes", format!("{} nodes at full use", model.peak_nodes)),
        (
            "service level",
            format!(
                "at most {} % use",
                Milli(u64::from(model.slo_utilization) * 100)
            ),
        ),
        ("a node starts in", Span(model.start_up).to_string()),
        (
            "fleet",
            format!(
                "{} to {} nodes",
                model.bounds.min_nodes(),
                model.bounds.max_nodes()
            ),
        ),
    ]
}

/// How many are compared.
struct Policies(usize);

impl std::fmt::Display for Policies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            1 => f.write_str("one policy"),
            many => write!(f, "{many} policies"),
        }
    }
}
