//! The recent past of the load and of the fleet, as a chart and as a table.

use leptos::html::Div;
use leptos::prelude::*;
use quorate_sim::{Lab, LoadPoint};
use web_sys::Element;

use super::chart::{Areas, Chart, HEIGHT, LEFT, Strip};
use crate::format;
use crate::state::LabState;
use crate::width::{self, UNITS_PER_REM};

/// Points of the table; older ones are on the chart.
const MOST_ROWS: usize = 40;

/// Four strips over one time axis.
#[component]
pub(super) fn Series() -> impl IntoView {
    let state = expect_context::<LabState>();
    let frame = NodeRef::<Div>::new();
    let width = width::observed(move || frame.get().map(Element::from));
    let chart = Memo::new(move |_| {
        let end = state.with_lab(Lab::end);
        Chart::new(
            &state.reading.read().scaling,
            width.get() * UNITS_PER_REM,
            end,
        )
    });
    let view_box = move || format!("0 0 {:.1} {HEIGHT}", chart.read().width.max(1.0));
    view! {
        <div class="chart" node_ref=frame style:height=format!("{}rem", HEIGHT / UNITS_PER_REM)>
            <svg
                role="img"
                aria-label="Load, CPU, queue per node and nodes over the recent past"
                viewBox=view_box
            >
                <defs>
                    <pattern
                        id="hatch-starting"
                        width="5"
                        height="5"
                        patternUnits="userSpaceOnUse"
                        patternTransform="rotate(45)"
                    >
                        <path class="c-hatch" d="M0 0V5" />
                    </pattern>
                </defs>
                {move || chart.with(axes)}
                {move || chart.with(strips)}
                {move || chart.with(nodes)}
                {move || chart.with(decisions)}
            </svg>
        </div>
    }
}

fn axes(chart: &Chart) -> impl IntoView + use<> {
    let bottom = HEIGHT - 16.0;
    let tick = |(x, words): &(f64, String)| {
        view! {
            <line class="c-grid" x1=*x x2=*x y1="0" y2=bottom />
            <text class="c-axis mid" x=*x y=HEIGHT - 3.0>
                {words.clone()}
            </text>
        }
    };
    chart.ticks.iter().map(tick).collect_view()
}

fn strips(chart: &Chart) -> impl IntoView + use<> {
    chart
        .strips
        .iter()
        .map(|each| strip(each, chart.now))
        .collect_view()
}

fn strip(strip: &Strip, now: f64) -> impl IntoView + use<> {
    // The upper threshold is named on the left, the lower one on the right, so that two close
    // ones do not cover each other.
    let threshold = |(at, (y, words)): (usize, &(f64, String))| {
        let (class, x) = if at == 0 {
            ("c-th-t", LEFT + 4.0)
        } else {
            ("c-th-t end", now - 4.0)
        };
        view! {
            <line class="c-th" x1=LEFT x2=now y1=*y y2=*y />
            <text class=class x=x y=*y - 3.0>
                {words.clone()}
            </text>
        }
    };
    view! {
        <text class="c-title" x="0" y=strip.top + 14.0>{strip.name}</text>
        <text class="c-axis" x="0" y=strip.top + 28.0>{strip.unit}</text>
        <path class=if strip.name == "Load" { "c-area" } else { "c-none" } d=strip.area.clone() />
        {strip.thresholds.iter().enumerate().map(threshold).collect_view()}
        <path class="c-line" d=strip.line.clone() />
        <text class="c-val" x="100%" y=strip.last.0.max(strip.top + 10.0) + 4.0>
            {strip.last.1.clone()}
        </text>
    }
}

fn nodes(chart: &Chart) -> impl IntoView + use<> {
    let Areas {
        top,
        ready,
        starting,
        draining,
        words,
    } = chart.nodes.clone();
    view! {
        <text class="c-title" x="0" y=top + 14.0>"Nodes"</text>
        <text class="c-axis" x="0" y=top + 28.0>"ready + starting"</text>
        <path class="c-ready" d=ready />
        <path class="c-draining" d=draining />
        <path class="c-starting" d=starting />
        <text class="c-val" x="100%" y=top + 24.0>{words}</text>
    }
}

fn decisions(chart: &Chart) -> impl IntoView + use<> {
    let bottom = HEIGHT - 16.0;
    let mark = |(x, words): &(f64, String)| {
        view! {
            <line class="c-decision" x1=*x x2=*x y1="0" y2=bottom />
            <text class="c-decision-t" x=*x - 3.0 y=bottom - 32.0>
                {words.clone()}
            </text>
        }
    };
    let now = view! { <line class="c-now" x1=chart.now x2=chart.now y1="0" y2=bottom /> };
    (chart.decisions.iter().map(mark).collect_view(), now)
}

/// The same numbers in a table, newest first.
#[component]
pub(super) fn SeriesTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let points = state.view(|snapshot| {
        let newest = snapshot.scaling.points.iter().rev().take(MOST_ROWS);
        newest.copied().collect::<Vec<_>>()
    });
    view! {
        <div class="scroll-x short" tabindex="0" role="region" aria-label="Load and capacity">
            <table class="table tight">
                <thead>
                    <tr>
                        <th scope="col">"time"</th>
                        <th scope="col" class="r">"requests/s"</th>
                        <th scope="col" class="r">"CPU"</th>
                        <th scope="col" class="r">"queue per node"</th>
                        <th scope="col" class="r">"ready"</th>
                        <th scope="col" class="r">"starting"</th>
                        <th scope="col" class="r">"draining"</th>
                    </tr>
                </thead>
                <tbody>{move || points.get().into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(point: LoadPoint) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="mono">{point.at.to_string()}</th>
            <td class="r mono">{format::rate(point.rate_milli)}</td>
            <td class="r mono">{format::percent(point.cpu_permille)}</td>
            <td class="r mono">{format::thousands(point.queue_per_node)}</td>
            <td class="r mono">{point.ready.to_string()}</td>
            <td class="r mono">{point.starting.to_string()}</td>
            <td class="r mono">{point.draining.to_string()}</td>
        </tr>
    }
}
