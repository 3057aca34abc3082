//! The replicated log: what every voter has, how safe it is there, and how far the leader has
//! brought its peers.

mod grid;
mod progress;
mod view;

use leptos::prelude::*;
use quorate_sim::Focus;

use crate::format;
use crate::icon::{Icon, IconName};
use crate::state::{LabState, Selection};

use grid::{LogGrid, LogTable};
use progress::ProgressTable;
use view::GridView;

/// The Raft panel.
#[component]
pub(super) fn RaftPanel() -> impl IntoView {
    let state = expect_context::<LabState>();
    let selected = Memo::new(move |_| match state.selection.get() {
        Selection::Entry(index) => Some(index),
        _ => None,
    });
    let in_words = RwSignal::new(false);
    let columns = RwSignal::new(Focus::default().log_columns);
    let grid =
        Memo::new(move |_| GridView::new(&state.reading.read().log, selected.get(), columns.get()));
    Effect::new(move |_| {
        state.set_focus(Focus {
            selected_index: selected.get(),
            log_columns: columns.get(),
        });
    });
    let caption = move || match selected.get() {
        Some(index) => format!("entry {index} selected"),
        None => String::from("pick a column to see its entry"),
    };
    view! {
        <section class="sect">
            <header>
                <h2>"Replicated log"</h2>
                <span class="sub">{caption}</span>
                <span class="end">
                    <button
                        class="btn small"
                        type="button"
                        aria-pressed=move || in_words.get().to_string()
                        on:click=move |_| in_words.update(|words| *words = !*words)
                    >
                        <Icon name=IconName::Table />
                        "Table"
                    </button>
                </span>
            </header>
            <Show when=move || in_words.get() fallback=move || view! { <LogGrid grid selected columns /> }>
                <LogTable grid />
            </Show>
        </section>
        <Legend />
        <EntryDetail selected />
        <ProgressTable />
    }
}

/// What the cells of the grid mean.
#[component]
fn Legend() -> impl IntoView {
    let entry = |class: &'static str, digit: &'static str, words: &'static str| {
        view! {
            <span>
                <span class=class aria-hidden="true">{digit}</span>
                {words}
            </span>
        }
    };
    view! {
        <div class="legend">
            {entry("e t5 com", "5", "committed")}
            {entry("e t5 dur", "5", "on disk")}
            {entry("e t5 vol", "5", "in memory")}
            {entry("e t4 dur fork", "4", "conflicting")}
            {entry("e t5 com noop", "", "no-op")}
            {entry("bar", "", "commit index")}
            {entry("caret", "", "match")}
        </div>
    }
}

/// The selected entry in words.
#[component]
fn EntryDetail(selected: Memo<Option<u64>>) -> impl IntoView {
    let state = expect_context::<LabState>();
    let entry = state.view(|snapshot| snapshot.log.selected.clone());
    let voters = state.view(|snapshot| snapshot.log.rows.len());
    let facts = move || {
        let entry = entry.get()?;
        let nodes: Vec<_> = entry.durable_on.iter().map(ToString::to_string).collect();
        let durable = format!("{} ({} of {})", nodes.join(" "), nodes.len(), voters.get());
        let facts = [
            ("index", format::thousands(entry.index)),
            ("term", entry.term.to_string()),
            ("command", entry.command),
            ("prefix hash", entry.prefix_hash),
            ("durable on", durable),
        ];
        let fact = |(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
        Some(view! { <dl class="detail">{facts.map(fact).collect_view()}</dl> })
    };
    let missing = move || {
        let index = selected.get().filter(|_| entry.read().is_none())?;
        Some(view! { <p class="detail">{format!("No running node has entry {index}.")}</p> })
    };
    view! {
        {facts}
        {missing}
    }
}
