//! Reports: whole, escaped, without scripts, and the same to the byte.

use quorate_sim::load::{Refinement, Trace};
use quorate_sim::replay::comparison::{Comparison, ComparisonOptions, Recording, compare};
use quorate_sim::replay::report::Report;
use quorate_sim::replay::sweep::{Setting, Split, Sweep, SweepOptions, sweep};

use crate::support::{compared, contender, contenders, flash_day};

fn swept(trace: &Trace) -> Sweep {
    let recording = Recording::new(trace, Refinement::default()).unwrap();
    let settings: [Setting; 1] = ["/strategy/cover=200..2000/200".parse().unwrap()];
    let options = SweepOptions {
        split: Some(Split {
            training_permille: 700,
        }),
        ..SweepOptions::default()
    };
    sweep(
        &recording,
        &contenders()[0].policy,
        &settings,
        options,
        |_| (),
    )
    .unwrap()
}

fn both(comparison: &Comparison, sweep: Option<&Sweep>, command: &str) -> [String; 2] {
    let report = Report {
        comparison,
        sweep,
        command,
    };
    [report.to_html(), report.to_svg()]
}

/// Every tag that is opened is closed, in order.
fn is_balanced(markup: &str) -> bool {
    const VOID: [&str; 2] = ["meta", "!doctype"];
    let mut open = Vec::new();
    for part in markup.split('<').skip(1) {
        let Some((tag, _)) = part.split_once('>') else {
            return false;
        };
        let name = tag.split([' ', '\n', '/']).find(|part| !part.is_empty());
        let name = name.unwrap_or_default();
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    open.is_empty()
}

#[test]
fn a_report_is_the_same_to_the_byte() {
    let trace = flash_day("flash_day.csv");
    let (comparison, sweep) = (
        compared(&trace, ComparisonOptions::default()),
        swept(&trace),
    );
    let first = both(&comparison, Some(&sweep), "quorate scale");
    let again = both(
        &compared(&trace, ComparisonOptions::default()),
        Some(&swept(&trace)),
        "quorate scale",
    );
    assert_eq!(first, again);
}

#[test]
fn a_report_stands_alone() {
    let trace = flash_day("flash_day.csv");
    let comparison = compared(&trace, ComparisonOptions::default());
    let sweep = swept(&trace);
    for sweep in [None, Some(&sweep)] {
        for markup in both(&comparison, sweep, "quorate scale flash_day.csv") {
            assert!(is_balanced(&markup));
            for foreign in [
                "<script", "http://", "https://", "url(", "@import", "<link", "NaN",
            ] {
                let rest = markup.replace("http://www.w3.org/2000/svg", "");
                assert!(!rest.contains(foreign), "{foreign}");
            }
            assert!(markup.contains("prefers-color-scheme:dark"));
            assert!(markup.contains("quorate scale flash_day.csv"));
        }
    }
}

#[test]
fn foreign_text_is_escaped() {
    let attack = "</title><script>alert('x')</script>\"&\u{1}";
    let trace = flash_day(attack);
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    let contenders = [
        contender(attack, "quorate"),
        contender("<b>\" onload=\"", "hpa"),
    ];
    let options = ComparisonOptions::default();
    let mut comparison = compare(&recording, &contenders, options, |_| ()).unwrap();
    comparison.give_words(&recording, |_| ()).unwrap();
    // A comparison may come from a file of somebody else.
    comparison.trace.start = String::from("<script>");
    comparison.trace.hash = String::from("<script>");
    let mut sweep = swept(&trace);
    sweep.paths[0] = String::from("/<script>");
    sweep.points[1].values[0] = serde_json::json!("<script>");
    for markup in both(&comparison, Some(&sweep), attack) {
        assert!(!markup.contains("<script"), "a tag came through");
        assert!(!markup.contains("\" onload"), "an attribute came through");
        assert!(markup.contains("&lt;/title&gt;&lt;script&gt;"));
        assert!(!markup.contains('\u{1}'));
        assert!(is_balanced(&markup));
    }
}

#[test]
fn what_is_in_the_charts_is_in_the_tables() {
    let trace = flash_day("flash_day.csv");
    let comparison = compared(&trace, ComparisonOptions::default());
    let [html, svg] = both(&comparison, None, "");
    for run in &comparison.policies {
        let hours = run.score.node_hours.to_string();
        assert!(html.contains(&format!(">{hours}</td>")), "{hours}");
        assert!(svg.contains(&format!(">{hours}</text>")), "{hours}");
        assert!(html.contains(&format!("{} over time, scrolls sideways", run.name)));
    }
    assert_eq!(html.matches("class=\"chart plot\"").count(), 3);
    assert_eq!(html.matches("<summary>Table</summary>").count(), 3);
    assert!(html.contains(&format!(">{}</td>", comparison.oracle.node_hours)));
}

#[test]
fn data_that_do_not_fit_together_are_no_trouble() {
    let trace = flash_day("flash_day.csv");
    let mut comparison = compared(&trace, ComparisonOptions::default());
    comparison.policies[0].series.ready_max.truncate(3);
    comparison.policies[1].series = quorate_sim::replay::comparison::Series::default();
    comparison.policies[2].series.queue_max_milli.fill(u64::MAX);
    comparison.policies[2].series.ordered_max.fill(u32::MAX);
    comparison.policies[2].score.node_seconds = u64::MAX;
    comparison.policies[2].score.flips = u64::MAX;
    comparison.policies[2].score.regret = i64::MIN;
    comparison.bucket_ticks = u64::MAX;
    let mut sweep = swept(&trace);
    sweep.front.push(usize::MAX);
    sweep.front_with_flips.push(usize::MAX);
    for markup in both(&comparison, Some(&sweep), "") {
        assert!(is_balanced(&markup));
    }
    sweep.points.clear();
    both(&comparison, Some(&sweep), "");
}
