//! The tables: scores, what is behind a chart, moments, and the points of a search.

use quorate::Micros;

use super::super::comparison::{Breach, Comparison, Moment, PolicyRun, Words};
use super::super::sweep::{Axes, Sweep, plain};
use super::calendar::Calendar;
use super::key::Key;
use super::number::{Difference, Grouped, Milli, Minutes, Percent, Range, Span};
use super::text::{Escaped, Markup};

/// A chart has more buckets than somebody wants to read.
const MAX_ROWS: usize = 96;
/// More points of a search than this are in its CSV only.
pub(super) const MAX_POINTS: usize = 500;

/// Begins a table that may be wider than the page; `label` says what it is. Ended by [`end`].
pub(super) fn begin(out: &mut Markup, label: &str, headings: &[&str]) {
    out.put(format_args!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table><thead><tr>",
        Escaped(label)
    ));
    for heading in headings {
        out.put(format_args!("<th scope=\"col\">{heading}</th>"));
    }
    out.put(format_args!("</tr></thead><tbody>"));
}

/// Ends a table.
pub(super) fn end(out: &mut Markup) {
    out.put(format_args!("</tbody></table></div>"));
}

/// Who beats a policy: is at least as good on all three axes, and better on one. Their letters.
pub(super) fn beaten_by(comparison: &Comparison, keys: &[Key], run: &PolicyRun) -> String {
    let axes = |run: &PolicyRun| {
        let score = &run.score;
        [score.under_provisioned.0, score.node_seconds, score.flips]
    };
    let own = axes(run);
    let beats = |other: [u64; 3]| other != own && other.iter().zip(&own).all(|(a, b)| a <= b);
    let runs = comparison.policies.iter().zip(keys);
    let letters: Vec<String> = runs
        .filter(|(other, _)| beats(axes(other)))
        .map(|(_, key)| key.letter.to_string())
        .collect();
    if letters.is_empty() {
        return String::from("nobody");
    }
    letters.join(", ")
}

/// One row per policy, and the oracle.
pub(super) fn scores(comparison: &Comparison, keys: &[Key], out: &mut Markup) {
    let headings = [
        "policy",
        "minutes short",
        "node-hours",
        "flips",
        "beaten by",
        "actions",
        "most nodes",
        "billed node-h",
        "vs oracle %",
        "θ<sub>U</sub> %",
        "θ<sub>O</sub> %",
        "τ<sub>U</sub> %",
        "τ<sub>O</sub> %",
        "υ %",
    ];
    begin(out, "Scores, scrolls sideways", &headings);
    for (run, key) in comparison.policies.iter().zip(keys) {
        score(comparison, keys, run, *key, out);
    }
    let oracle = &comparison.oracle;
    out.put(format_args!(
        "<tr class=\"floor\"><th scope=\"row\"><span class=\"who\"><svg class=\"swatch-box\" \
         viewBox=\"0 0 28 12\" aria-hidden=\"true\"><path class=\"oracle\" d=\"M8 6H20M14 0V12\"/>\
         </svg><b>Oracle</b></span></th><td>0</td><td>{}</td><td>\u{2013}</td><td>\u{2013}</td>\
         <td>\u{2013}</td><td>{}</td><td>{}</td><td>0</td>",
        Grouped(oracle.node_hours),
        Grouped(u64::from(oracle.largest_fleet)),
        hours(oracle.billed_node_seconds)
    ));
    for _ in 0..5 {
        out.put(format_args!("<td>\u{2013}</td>"));
    }
    out.put(format_args!("</tr>"));
    end(out);
}

fn score(comparison: &Comparison, keys: &[Key], run: &PolicyRun, key: Key, out: &mut Markup) {
    let score = &run.score;
    let runs = &comparison.policies;
    let least = |axis: fn(&PolicyRun) -> u64| {
        let least = runs.iter().map(axis).min();
        if least == Some(axis(run)) {
            " class=\"least\""
        } else {
            ""
        }
    };
    out.put(format_args!(
        "<tr><th scope=\"row\">{}</th><td{}>{}</td><td{}>{}</td><td{}>{}</td><td>{}</td>",
        Who { run, key },
        least(|run| run.score.under_provisioned.0),
        Minutes {
            time: score.under_provisioned,
            interval: comparison.interval
        },
        least(|run| run.score.node_seconds),
        Grouped(score.node_hours),
        least(|run| run.score.flips),
        Grouped(score.flips),
        beaten_by(comparison, keys, run)
    ));
    out.put(format_args!(
        "<td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
        Grouped(score.actions),
        score.largest_fleet,
        hours(score.billed_node_seconds),
        Difference(score.regret)
    ));
    let shares = [
        score.theta_under,
        score.theta_over,
        score.tau_under,
        score.tau_over,
        score.instability,
    ];
    for share in shares {
        out.put(format_args!("<td>{}</td>", Percent(share)));
    }
    out.put(format_args!("</tr>"));
}

/// Node-seconds in node-hours, to the nearest.
fn hours(node_seconds: u64) -> Grouped {
    Grouped(node_seconds.saturating_add(1_800) / 3_600)
}

/// A policy with its letter and its line.
pub(super) struct Who<'a> {
    pub(super) run: &'a PolicyRun,
    pub(super) key: Key,
}

impl std::fmt::Display for Who<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "<span class=\"who\"><span class=\"letter\">{}</span><svg class=\"swatch-box\" \
             viewBox=\"0 0 28 12\" aria-hidden=\"true\"><path class=\"swatch p{1}\" d=\"M0 6H28\"/>\
             <path class=\"mark f{1}\" transform=\"translate(14 6) scale(.8)\" d=\"{2}\"/></svg>\
             <b>{3}</b></span>",
            self.key.letter,
            self.key.look,
            self.key.shape(),
            Escaped(&self.run.name)
        )
    }
}

/// The numbers behind a panel, in fewer and wider rows than it has buckets.
pub(super) fn series(comparison: &Comparison, run: &PolicyRun, out: &mut Markup) {
    let headings = [
        "from",
        "largest count",
        "needed",
        "ready",
        "ordered, at most",
        "minutes short",
        "missing, at most",
        "flips",
        "queue, at most",
    ];
    let label = format!("{} over time, scrolls sideways", run.name);
    begin(out, &label, &headings);
    let calendar = Calendar::beginning(&comparison.trace.start);
    let width = comparison.buckets().div_ceil(MAX_ROWS).max(1);
    let (demand, series) = (&comparison.demand, &run.series);
    let bucket = comparison
        .interval
        .0
        .saturating_mul(comparison.bucket_ticks);
    for from in (0..comparison.buckets()).step_by(width) {
        let to = (from + width).min(comparison.buckets());
        let most = |values: &[u32]| values.get(from..to).into_iter().flatten().copied().max();
        let least = |values: &[u32]| values.get(from..to).into_iter().flatten().copied().min();
        let largest = |values: &[u64]| values.get(from..to).into_iter().flatten().copied().max();
        let sum = |values: &[u32]| {
            let values = values.get(from..to).into_iter().flatten();
            values.map(|&value| u64::from(value)).sum::<u64>()
        };
        let short = Micros(
            comparison
                .interval
                .0
                .saturating_mul(sum(&series.short_ticks)),
        );
        out.put(format_args!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            calendar.moment(Micros(bucket.saturating_mul(from as u64))),
            Milli(largest(&demand.load_max_milli).unwrap_or(0)),
            Range(
                least(&demand.min).unwrap_or(0),
                most(&demand.max).unwrap_or(0)
            ),
            Range(
                least(&series.ready_min).unwrap_or(0),
                most(&series.ready_max).unwrap_or(0)
            ),
            most(&series.ordered_max).unwrap_or(0),
            Minutes {
                time: short,
                interval: comparison.interval
            },
            most(&series.missing_max).unwrap_or(0),
            sum(&series.flips),
            Milli(largest(&series.queue_max_milli).unwrap_or(0))
        ));
    }
    end(out);
}

/// The worst shortages, with the reasons if they are known.
pub(super) fn breaches(comparison: &Comparison, breaches: &[Breach], out: &mut Markup) {
    let calendar = Calendar::beginning(&comparison.trace.start);
    begin(
        out,
        "Shortages, scrolls sideways",
        &[
            "from",
            "lasted",
            "missing, at most",
            "what was decided when it began",
        ],
    );
    for breach in breaches {
        out.put(format_args!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td class=\"words\">{}</td></tr>",
            calendar.moment(breach.at),
            Span(Micros(comparison.interval.0.saturating_mul(breach.ticks))),
            breach.missing_max,
            Reason(breach.words.as_ref())
        ));
    }
    end(out);
}

/// Changes of the fleet, with the reasons if they are known.
pub(super) fn moments<'a>(
    comparison: &Comparison,
    label: &str,
    moments: impl Iterator<Item = &'a Moment>,
    out: &mut Markup,
) {
    let calendar = Calendar::beginning(&comparison.trace.start);
    begin(out, label, &["at", "nodes", "ready", "needed", "why"]);
    for moment in moments {
        out.put(format_args!(
            "<tr><th scope=\"row\">{}</th><td>{} \u{2192} {}</td><td>{}</td><td>{}</td>\
             <td class=\"words\">{}</td></tr>",
            calendar.moment(moment.at),
            moment.from,
            moment.to,
            moment.ready,
            moment.demanded,
            Reason(moment.words.as_ref())
        ));
    }
    end(out);
}

struct Reason<'a>(Option<&'a Words>);

impl std::fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(words) = self.0 else {
            return f.write_str("\u{2013}");
        };
        let (reason, would_change) = (Escaped(&words.reason), Escaped(&words.would_change));
        write!(f, "{reason}. <span class=\"dim\">{would_change}</span>")
    }
}

/// Points of a search.
pub(super) fn points(
    sweep: &Sweep,
    label: &str,
    places: impl Iterator<Item = usize>,
    out: &mut Markup,
) {
    let axes = ["minutes short", "node-hours", "flips"];
    let mut headings: Vec<String> = vec![String::from("point"), String::from("front")];
    headings.extend(
        sweep
            .paths
            .iter()
            .map(|path| format!("<code>{}</code>", Escaped(path))),
    );
    headings.extend(axes.map(str::to_owned));
    if sweep.split.is_some() {
        headings.extend(axes.map(|axis| format!("test: {axis}")));
    }
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    begin(out, label, &headings);
    for place in places {
        let Some(point) = sweep.points.get(place) else {
            continue;
        };
        let on = match (
            sweep.front.contains(&place),
            sweep.front_with_flips.contains(&place),
        ) {
            (true, _) => "yes",
            (false, true) => "with flips",
            (false, false) => "no",
        };
        out.put(format_args!(
            "<tr><th scope=\"row\">{place}{}</th><td>{on}</td>",
            if place == 0 { " as it was" } else { "" }
        ));
        for value in &point.values {
            out.put(format_args!("<td>{}</td>", Escaped(&plain(value))));
        }
        put_axes(sweep, Some(&point.axes), out);
        if sweep.split.is_some() {
            put_axes(sweep, point.test.as_ref(), out);
        }
        out.put(format_args!("</tr>"));
    }
    end(out);
}

fn put_axes(sweep: &Sweep, axes: Option<&Axes>, out: &mut Markup) {
    match axes {
        None => out.put(format_args!("<td></td><td></td><td></td>")),
        Some(axes) => out.put(format_args!(
            "<td>{}</td><td>{}</td><td>{}</td>",
            Minutes {
                time: axes.under_provisioned,
                interval: sweep.interval
            },
            Grouped(axes.node_hours),
            Grouped(axes.flips)
        )),
    }
}
