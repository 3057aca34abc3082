//! Forgetting on request.

use leptos::prelude::*;
use quorate::NodeId;
use quorate_sim::{Action, ProcessState};

use super::view::prunable;
use crate::format;
use crate::state::LabState;

/// What a prune would take, and the button that does it.
#[component]
pub(super) fn PruneForm() -> impl IntoView {
    let state = expect_context::<LabState>();
    // `None` is every replica that runs.
    let chosen = RwSignal::new(None::<NodeId>);
    let running = state.view(|snapshot| {
        let up = snapshot
            .nodes
            .iter()
            .filter(|node| node.process == ProcessState::Running);
        up.map(|node| node.id).collect::<Vec<_>>()
    });
    let preview = Memo::new(move |_| {
        let chosen = chosen.get();
        let (takes, of) = prunable(&state.reading.read().sets, |node| {
            chosen.is_none_or(|only| only == node)
        });
        format!(
            "Takes {takes} of {} now.",
            format::count(of, "removal", "removals")
        )
    });
    let rule = state.view(|snapshot| {
        let sets = &snapshot.sets;
        format!(
            "A removal may go once it is on every disk, older than {}, or beyond the newest {}. \
             The set stays right in any case: its vector remembers what it has seen.",
            format::setting(sets.stability_threshold),
            format::thousands(sets.max_tombstones as u64),
        )
    });
    let prune = move |_| {
        for node in running.get_untracked() {
            if chosen.get_untracked().is_none_or(|only| only == node) {
                state.act(Action::Prune { node });
            }
        }
    };
    let options = move || {
        let option =
            |node: NodeId| view! { <option value=node.0.to_string()>{node.to_string()}</option> };
        running.get().into_iter().map(option).collect_view()
    };
    view! {
        <section class="sect">
            <header>
                <h2>"Prune"</h2>
                <span class="end">
                    <select
                        class="select small"
                        aria-label="Replica to prune"
                        on:change:target=move |event| {
                            chosen.set(event.target().value().parse().ok().map(NodeId));
                        }
                    >
                        <option value="">"all replicas"</option>
                        {options}
                    </select>
                    <button class="btn small primary" type="button" on:click=prune>
                        "Prune now"
                    </button>
                </span>
            </header>
            <p class="sub">
                <b>{preview}</b>
                " "
                {rule}
            </p>
        </section>
    }
}
