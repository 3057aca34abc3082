//! What is on whose disk, and who holds the frontier back.

use leptos::prelude::*;

use super::view::{Lag, Matrix, MatrixRow};
use crate::state::LabState;

/// The matrix of durable version vectors and their meet.
#[component]
pub(super) fn Stability() -> impl IntoView {
    let state = expect_context::<LabState>();
    let matrix = state.view(|snapshot| Matrix::new(&snapshot.sets));
    let epoch = state.view(|snapshot| format!("epoch {}", snapshot.sets.epoch));
    let heads = move || {
        let columns = matrix.read().columns.clone();
        columns
            .into_iter()
            .map(|name| view! { <th scope="col">{name}</th> })
            .collect_view()
    };
    let frontier = move || {
        let cells = matrix.read().frontier.clone();
        cells
            .into_iter()
            .map(|count| view! { <td>{count.to_string()}</td> })
            .collect_view()
    };
    view! {
        <section class="sect">
            <header>
                <h2>"Stability"</h2>
                <span class="sub">{epoch}</span>
            </header>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Durable version vectors">
                <table class="vv">
                    <caption class="sr">
                        "Events of each replica that are on the disk of each other, and their meet"
                    </caption>
                    <thead>
                        <tr>
                            <th scope="col">"on disk at"</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{move || matrix.read().rows.iter().map(row).collect_view()}</tbody>
                    <tfoot>
                        <tr class="frontier">
                            <th scope="row">"frontier"</th>
                            {frontier}
                        </tr>
                    </tfoot>
                </table>
            </div>
            <p class="sub verdict">{move || matrix.read().verdict.clone()}</p>
        </section>
    }
}

fn row(row: &MatrixRow) -> impl IntoView + use<> {
    let cell = |(count, lag): &(u64, Lag)| {
        let class = if *lag == Lag::Behind { "low" } else { "" };
        view! { <td class=class>{count.to_string()}</td> }
    };
    view! {
        <tr class=if row.holds_back { "back" } else { "" }>
            <th scope="row">{row.node.clone()}</th>
            {row.cells.iter().map(cell).collect_view()}
        </tr>
    }
}
