//! The parts of the page, from the verdict to the small print.

use super::super::Timing;
use super::super::comparison::{Comparison, PolicyRun};
use super::super::sweep::{Search, Sweep};
use super::Report;
use super::calendar::Calendar;
use super::key::Key;
use super::number::{Count, Grouped, Minutes, Percent, Span};
use super::panel::{Lane, Panel, dates, node_axis};
use super::scatter;
use super::table;
use super::text::{Escaped, Markup};

/// The score table and the three axes.
pub(super) fn scores(comparison: &Comparison, keys: &[Key], out: &mut Markup) {
    out.put(format_args!(
        "<div class=\"scores\">\n<section class=\"pane\" aria-labelledby=\"axes\">\
         <h2 id=\"axes\">Three axes</h2><p>Time in which nodes were missing, node-hours, and \
         flips as the area of the ring; the number beside a name is its flips. The oracle knows \
         the future: a fleet that is never short cannot be cheaper. Both scales widen towards \
         it.</p><div class=\"box\">\
         <svg class=\"chart scatter\" role=\"img\" aria-label=\"Minutes short against node-hours; \
         the numbers are in the table of scores\">"
    ));
    scatter::policies(comparison, keys, out);
    out.put(format_args!(
        "</svg></div></section>\n<section class=\"pane\" aria-labelledby=\"scores\">\
         <h2 id=\"scores\">Scores</h2><p>Lower is better in every column; the least of each axis \
         is marked. A policy is beaten by one that is as good on all three axes and better on one. \
         What nobody beats is a choice, not a winner.</p>"
    ));
    table::scores(comparison, keys, out);
    out.put(format_args!(
        "<ul class=\"notes\"><li>Minutes short: fewer nodes were ready than the tick's arrivals \
         needed within the service level.</li><li>Flip: a change against the direction of the one \
         before, within {}.</li><li>θ: missing (U) or surplus (O) nodes per needed node, averaged \
         over time. τ: share of the time with missing or surplus nodes. υ: share of the time in \
         which supply and demand did not move alike.</li><li>Vs oracle: billed node-time, starting \
         nodes included, against an oracle that pays for its starts, too.</li></ul></section>\n\
         </div>\n",
        Span(comparison.model.flip_window)
    ));
}

/// A panel per policy.
pub(super) fn panels(comparison: &Comparison, keys: &[Key], out: &mut Markup) {
    let axis = node_axis(comparison);
    let marks = Calendar::beginning(&comparison.trace.start).marks(comparison.duration(), 8);
    out.put(format_args!(
        "<section class=\"pane\" aria-labelledby=\"load\"><h2 id=\"load\">Each policy over the \
         load</h2><p>One scale for all. {}</p><ul class=\"legend\">\
         <li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"demand\" d=\"M0 3H28V12H0Z\"/><path class=\"demand-edge\" d=\"M0 3H28\"/>\
         </svg>needed</li>\
         <li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"spread f0\" d=\"M0 2H28V10H0Z\"/><path class=\"swatch p0\" d=\"M0 2H28\"/>\
         </svg>ready</li>\
         <li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"starting\" d=\"M0 2H28V10H0Z\"/></svg>starting</li>\
         <li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"short\" d=\"M6 1H9V11H6ZM17 1H18V11H17Z\"/></svg>nodes missing</li>\
         <li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"flip\" d=\"M6 1H7V11H6ZM17 1H18V11H17Z\"/></svg>flips</li>\
         <li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"queue\" d=\"M0 11H6V3H14V7H20V11Z\"/></svg>waiting work, on a scale of its own</li></ul></section>\n<div class=\"columns\">\n",
        Bucket(comparison)
    ));
    for (run, key) in comparison.policies.iter().zip(keys) {
        let panel = Panel {
            comparison,
            run,
            key: *key,
            axis: &axis,
            dates: &marks,
        };
        panel_section(&panel, out);
    }
    out.put(format_args!("</div>\n"));
}

/// What one bucket of the charts is.
struct Bucket<'a>(&'a Comparison);

impl std::fmt::Display for Bucket<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Comparison {
            bucket_ticks,
            interval,
            ..
        } = self.0;
        if *bucket_ticks == 1 {
            return f.write_str("Every tick is drawn.");
        }
        let span = Span(quorate::Micros(interval.0.saturating_mul(*bucket_ticks)));
        write!(
            f,
            "Every step stands for {span}: needed nodes at their most, ready ones from least to \
             most, so that no peak is lost."
        )
    }
}

fn panel_section(panel: &Panel<'_>, out: &mut Markup) {
    let (comparison, run) = (panel.comparison, panel.run);
    let letter = panel.key.letter;
    out.put(format_args!(
        "<section class=\"pane\" aria-labelledby=\"policy-{letter}\"><h3 id=\"policy-{letter}\">{}\
         </h3><p class=\"verdict\"><span><b>{}</b> min short</span>\
         <span><b>{}</b> node-hours</span><span><b>{}</b> {}</span><span>{}</span>\
         <span>{}</span></p><div class=\"box\">",
        table::Who {
            run,
            key: panel.key
        },
        Minutes {
            time: run.score.under_provisioned,
            interval: comparison.interval
        },
        Grouped(run.score.node_hours),
        Grouped(run.score.flips),
        if run.score.flips == 1 {
            "flip"
        } else {
            "flips"
        },
        Count(run.score.actions, "change"),
        Count(run.moments.breach_count, "shortage")
    ));
    out.put(format_args!(
        "<svg class=\"chart plot\" role=\"img\" aria-label=\"{}: needed and ready nodes over time; \
         the numbers are in the table below\">",
        Escaped(&run.name)
    ));
    panel.plot(out);
    out.put(format_args!("</svg>"));
    for lane in [Lane::Short, Lane::Flips, Lane::Queue] {
        out.put(format_args!(
            "<svg class=\"chart lane-box\" aria-hidden=\"true\">"
        ));
        panel.lane(lane, out);
        out.put(format_args!("</svg>"));
    }
    out.put(format_args!(
        "<svg class=\"chart dates\" aria-hidden=\"true\">"
    ));
    dates(panel.dates, out);
    out.put(format_args!(
        "</svg></div>\n<details><summary>Table</summary>"
    ));
    table::series(comparison, run, out);
    out.put(format_args!("</details>\n"));
    moments(comparison, run, out);
    out.put(format_args!("</section>\n"));
}

fn moments(comparison: &Comparison, run: &PolicyRun, out: &mut Markup) {
    let moments = &run.moments;
    if !moments.breaches.is_empty() {
        out.put(format_args!(
            "<details><summary>{}</summary>",
            Kept {
                shown: moments.breaches.len() as u64,
                of: moments.breach_count,
                what: "shortage",
                worst: "worst"
            }
        ));
        table::breaches(comparison, &moments.breaches, out);
        out.put(format_args!("</details>\n"));
    }
    if !moments.flips.is_empty() {
        out.put(format_args!(
            "<details><summary>{}</summary>",
            Kept {
                shown: moments.flips.len() as u64,
                of: run.score.flips,
                what: "flip",
                worst: "largest"
            }
        ));
        table::moments(
            comparison,
            "Flips, scrolls sideways",
            moments.flips.iter(),
            out,
        );
        out.put(format_args!("</details>\n"));
    }
    if !moments.first.is_empty() {
        let kept = (moments.first.len() + moments.last.len()) as u64;
        let changes = if kept == run.score.actions {
            format!("All {} changes", Grouped(kept))
        } else {
            format!(
                "The first {} and the last {} of {} changes",
                moments.first.len(),
                moments.last.len(),
                Grouped(run.score.actions)
            )
        };
        out.put(format_args!("<details><summary>{changes}</summary>"));
        let all = moments.first.iter().chain(&moments.last);
        table::moments(comparison, "Changes, scrolls sideways", all, out);
        out.put(format_args!("</details>\n"));
    }
}

/// `The worst 24 of 93 shortages`, `The only flip`, `All 3 flips`.
struct Kept {
    shown: u64,
    of: u64,
    what: &'static str,
    worst: &'static str,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (shown, of, what) = (Grouped(self.shown), Grouped(self.of), self.what);
        match (self.shown, self.of) {
            (1, 1) => write!(f, "The only {what}"),
            (some, all) if some == all => write!(f, "All {of} {what}s"),
            _ => write!(f, "The {} {shown} of {of} {what}s", self.worst),
        }
    }
}

/// The points of a search and their front.
pub(super) fn search(sweep: &Sweep, out: &mut Markup) {
    let points = sweep.points.len();
    out.put(format_args!(
        "<section class=\"pane\" aria-labelledby=\"search\"><h2 id=\"search\">Search through \
         settings</h2><p>{} of {} combinations and the policy as it was (0). {}{}</p>",
        Grouped((points.saturating_sub(1)) as u64),
        Grouped(sweep.grid_points),
        How(sweep),
        Refused(sweep.refused_count)
    ));
    out.put(format_args!(
        "<ul class=\"legend\"><li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" \
         aria-hidden=\"true\"><path class=\"front\" d=\"M0 2H14V10H28\"/>\
         <circle class=\"on-front\" cx=\"14\" cy=\"6\" r=\"4.5\"/></svg>nobody has fewer minutes \
         for no more node-hours</li><li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" \
         aria-hidden=\"true\"><circle class=\"on-flips\" cx=\"14\" cy=\"6\" r=\"3.5\"/></svg>\
         unless flips count, too</li><li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" \
         aria-hidden=\"true\"><circle class=\"point\" cx=\"14\" cy=\"6\" r=\"2.5\"/></svg>\
         beaten</li><li><svg class=\"swatch-box\" viewBox=\"0 0 28 12\" aria-hidden=\"true\">\
         <path class=\"as-is\" d=\"M14-1L21 6L14 13L7 6Z\"/></svg>as it was</li></ul>\
         <div class=\"box\"><svg class=\"chart scatter\" role=\"img\" aria-label=\"Minutes short \
         against node-hours of all points; the front is in the table below\">"
    ));
    super::scatter::search(sweep, out);
    out.put(format_args!("</svg></div>\n<h3>The front</h3>"));
    let mut places: Vec<usize> = sweep.front_with_flips.clone();
    places.extend(
        sweep
            .front
            .iter()
            .filter(|place| !sweep.front_with_flips.contains(place)),
    );
    if !places.contains(&0) {
        places.insert(0, 0);
    }
    let shown = places.len().min(table::MAX_POINTS);
    table::points(
        sweep,
        "The front, scrolls sideways",
        places.into_iter().take(shown),
        out,
    );
    out.put(format_args!(
        "<details><summary>{}</summary>",
        if points > table::MAX_POINTS {
            format!(
                "The first {} of {} points; all are in the CSV",
                table::MAX_POINTS,
                Grouped(points as u64)
            )
        } else {
            format!("All {} points", Grouped(points as u64))
        }
    ));
    let all = 0..points.min(table::MAX_POINTS);
    table::points(sweep, "All points, scrolls sideways", all, out);
    out.put(format_args!("</details></section>\n"));
}

/// On what points were chosen.
struct How<'a>(&'a Sweep);

impl std::fmt::Display for How<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Search::Random { seed, .. } = self.0.search {
            write!(f, "Drawn at random with seed {seed}. ")?;
        }
        match &self.0.split {
            None => f.write_str(
                "Chosen on the whole recording: on another one they will do worse than here. ",
            ),
            Some(split) => write!(
                f,
                "Chosen on the first {} ticks ({} %); the other {} were played only for what was \
                 chosen, and are the test columns. ",
                Grouped(split.training_ticks),
                Percent(u64::from(split.training_permille) * 10),
                Grouped(split.test_ticks)
            ),
        }
    }
}

/// How many points were no policy.
struct Refused(u64);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            0 => Ok(()),
            1 => f.write_str("One combination is no policy and was left out."),
            many => write!(
                f,
                "{} combinations are no policies and were left out.",
                Grouped(many)
            ),
        }
    }
}

/// How the numbers came about, and how to make them again.
pub(super) fn method(report: &Report<'_>, keys: &[Key], out: &mut Markup) {
    let comparison = report.comparison;
    let trace = &comparison.trace;
    out.put(format_args!(
        "<section class=\"pane\" aria-labelledby=\"method\"><h2 id=\"method\">How this was made\
         </h2>"
    ));
    if !report.command.is_empty() {
        out.put(format_args!("<pre>{}</pre>", Escaped(report.command)));
    }
    let timing = match comparison.model.timing {
        Timing::Strict => "the end of the tick that it saw",
        Timing::Prompt => "the beginning of the tick that it saw",
    };
    out.put(format_args!(
        "<ul class=\"notes\"><li>File: {} rows every {}, content hash <code>{}</code>.{}</li>\
         <li>A decision counts from {timing}; a node that was ordered is ready {} later; surplus \
         nodes go at once, orders first.</li><li>Every policy is asked once per tick and sees the \
         processor and the queue of its own fleet, not the load.</li><li>Work that is not done \
         waits for the next tick; shortages are counted on arrivals alone.</li><li>Everything is \
         computed in whole numbers: the same file, policies and options give this file to the \
         byte.</li></ul>",
        Grouped(trace.rows),
        Span(trace.step),
        Escaped(&trace.hash),
        if trace.missing_rows == 0 {
            String::new()
        } else {
            format!(
                " {} rows are missing; if gaps were not filled, dates run ahead by as much.",
                Grouped(trace.missing_rows)
            )
        },
        Span(comparison.model.start_up)
    ));
    for (run, key) in comparison.policies.iter().zip(keys) {
        let json = serde_json::to_string_pretty(&run.policy).expect("a policy has a JSON form");
        out.put(format_args!(
            "<details><summary>{} {}: the policy</summary><pre>{}</pre></details>\n",
            key.letter,
            Escaped(&run.name),
            Escaped(&json)
        ));
    }
    out.put(format_args!("</section>\n"));
}
