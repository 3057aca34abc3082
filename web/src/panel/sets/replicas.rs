//! One row per replica: its elements, its removals, and a form to add and remove.

use leptos::html::Input;
use leptos::prelude::*;
use quorate::NodeId;
use quorate_sim::Action;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::view::{Chip, Row};
use crate::format;
use crate::icon::{Icon, IconName};
use crate::state::LabState;

/// The replicas and what they hold.
#[component]
pub(super) fn Replicas() -> impl IntoView {
    let state = expect_context::<LabState>();
    let nodes = state.view(|snapshot| {
        snapshot
            .sets
            .replicas
            .iter()
            .map(|replica| replica.node)
            .collect::<Vec<_>>()
    });
    let caption = state.view(|snapshot| {
        let live = snapshot
            .sets
            .replicas
            .iter()
            .map(|replica| replica.elements.len())
            .max();
        let live = format::count(live.unwrap_or(0), "live element", "live elements");
        format!("{live} at most, with dots; struck through: removals, filling as they age")
    });
    view! {
        <section class="sect">
            <header>
                <h2>"Replicas"</h2>
                <span class="sub">{caption}</span>
            </header>
            <div class="replicas">
                <For each=move || nodes.get() key=|node| *node let:node>
                    <ReplicaRow node />
                </For>
            </div>
        </section>
    }
}

#[component]
fn ReplicaRow(node: NodeId) -> impl IntoView {
    let state = expect_context::<LabState>();
    let row = state.view(move |snapshot| {
        let sets = &snapshot.sets;
        let replica = sets.replicas.iter().find(|replica| replica.node == node);
        replica.map_or_else(Row::default, |replica| {
            Row::new(replica, sets.stability_threshold)
        })
    });
    let input = NodeRef::<Input>::new();
    // Clicking a chip puts its name into the form, so that removing needs no typing.
    let take_name = move |event: web_sys::MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let chip = target.and_then(|target| target.closest("[data-name]").ok().flatten());
        if let Some((input, chip)) = input.get_untracked().zip(chip) {
            input.set_value(&chip.get_attribute("data-name").unwrap_or_default());
        }
    };
    let hidden = move || {
        let hidden = row.read().hidden;
        (hidden > 0).then(|| view! { <span class="sub">{format!("and {hidden} more")}</span> })
    };
    view! {
        <div class="replica" role="group" aria-label=format!("Replica {node}")>
            <div class="rep">
                <b>{node.to_string()}</b>
                <small>{move || row.read().counter.clone()}</small>
                <small>{move || row.read().merged.clone()}</small>
            </div>
            <div class="elems" on:click=take_name>
                {move || row.read().chips.iter().map(chip).collect_view()}
                {hidden}
            </div>
            <ElementForm node input />
        </div>
    }
}

fn chip(chip: &Chip) -> impl IntoView + use<> {
    let removed = chip.class.contains("tomb");
    view! {
        <span
            class=chip.class
            style:--age=format!("{}%", chip.age_percent)
            title=chip.title.clone()
            data-name=chip.name.clone()
        >
            <span class=if removed { "gone" } else { "" }>{chip.name.clone()}</span>
            <span class="dot">{chip.note.clone()}</span>
        </span>
    }
}

#[component]
fn ElementForm(node: NodeId, input: NodeRef<Input>) -> impl IntoView {
    let state = expect_context::<LabState>();
    let act = move |make: fn(NodeId, String) -> Action| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let element = input.value().trim().to_owned();
        if element.is_empty() {
            // The empty field is where the user has to go; nothing else can be done about it.
            let _ = input.focus();
            return;
        }
        state.act(make(node, element));
        input.set_value("");
    };
    let add = move || act(|node, element| Action::Add { node, element });
    let remove = move || act(|node, element| Action::Remove { node, element });
    view! {
        <form
            class="edit"
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <input
                class="input"
                node_ref=input
                placeholder="element"
                maxlength="40"
                autocomplete="off"
                autocapitalize="off"
                aria-label=format!("Element at {node}")
            />
            <button class="btn icon small" aria-label=format!("Add at {node}") title="Add (Enter)">
                <Icon name=IconName::Plus />
            </button>
            <button
                class="btn icon small"
                type="button"
                aria-label=format!("Remove at {node}")
                title="Remove"
                on:click=move |_| remove()
            >
                <Icon name=IconName::Minus />
            </button>
        </form>
    }
}
