//! The table of keys, drawn from the same table that the keyboard uses.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::icon::{Icon, IconName};
use crate::keys::{SHORTCUTS, Shortcut};

/// The dialog behind `?`.
#[component]
pub fn HelpDialog(
    /// Handle for opening it.
    node_ref: NodeRef<Dialog>,
) -> impl IntoView {
    let close = move |_| {
        if let Some(dialog) = node_ref.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog class="help" node_ref=node_ref aria-labelledby="help-title">
            <header>
                <h2 id="help-title">"Keys"</h2>
                <button
                    class="btn ghost icon small"
                    type="button"
                    aria-label="Close"
                    on:click=close
                >
                    <Icon name=IconName::Cross />
                </button>
            </header>
            <table class="table tight">
                <thead>
                    <tr>
                        <th scope="col">"key"</th>
                        <th scope="col">"what it does"</th>
                    </tr>
                </thead>
                <tbody>{SHORTCUTS.iter().map(row).collect_view()}</tbody>
            </table>
            <p class="sub">
                "On the stage, the arrow keys move from node to node. In a log, they move from entry
                to entry, and Enter selects."
            </p>
        </dialog>
    }
}

fn row(shortcut: &'static Shortcut) -> impl IntoView {
    view! {
        <tr>
            <th scope="row" class="keys">
                {shortcut.shown.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view()}
            </th>
            <td>{shortcut.help}</td>
        </tr>
    }
}
