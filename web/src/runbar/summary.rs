//! Whether everything still holds, and the numbers that make a run comparable.

use leptos::prelude::*;

use crate::format;
use crate::icon::{Icon, IconName};
use crate::panel::Tab;
use crate::state::LabState;

/// How many invariants hold, or which one broke. Opens their panel.
#[component]
pub(super) fn Badge() -> impl IntoView {
    let state = expect_context::<LabState>();
    let broken = state.view(|snapshot| {
        let broken = snapshot
            .invariants
            .iter()
            .filter(|row| row.witness.is_some());
        broken.map(|row| row.name).collect::<Vec<_>>()
    });
    // What was never asked holds nothing.
    let total = state.view(|snapshot| {
        let asked = snapshot.invariants.iter().filter(|row| row.checks > 0);
        asked.count()
    });
    let words = move || match broken.read().as_slice() {
        // A narrow page leaves the noun out.
        [] => view! {
            <span>
                {total.get().to_string()}<span class="noun">" invariants"</span>" hold"
            </span>
        }
        .into_any(),
        [name, ..] => {
            let count = broken.read().len();
            view! { <span class="words">{format!("{count} violated: {name}")}</span> }.into_any()
        }
    };
    let holds = move || broken.read().is_empty();
    view! {
        <button
            type="button"
            class=move || if holds() { "badge ok" } else { "badge bad" }
            title="Show the invariants"
            on:click=move |_| state.tab.set(Tab::Invariants)
        >
            <Icon name=Signal::derive(move || {
                if holds() { IconName::Check } else { IconName::Warn }
            }) />
            {words}
        </button>
    }
}

/// Events so far and the run's digest.
#[component]
pub(super) fn Totals() -> impl IntoView {
    let state = expect_context::<LabState>();
    let events = move || format::thousands(state.reading.read().events);
    let digest = move || format::digest(state.reading.read().digest);
    let whole = move || {
        format!(
            "Digest {:016x}: equal digests mean equal runs",
            state.reading.read().digest
        )
    };
    view! {
        <span class="digest sub nowrap" title=whole>
            {events}
            " events · digest "
            <span class="mono">{digest}</span>
        </span>
    }
}
