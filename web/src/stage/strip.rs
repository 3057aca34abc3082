//! The strip under the stage: the facts of what is selected, and what can be done to it.

use leptos::prelude::*;
use quorate::NodeId;
use quorate::raft::Role;
use quorate_sim::{Action, NodeView, ProcessState, Snapshot};

use super::figure::{facts, standing};
use super::hit::link_words;
use super::more::{More, link_choices, node_choices};
use crate::icon::{Icon, IconName};
use crate::state::{LabState, Selection};

/// How much a lossy link loses, in thousandths.
const LOSS_PERMILLE: u32 = 300;

/// The strip.
#[component]
pub(super) fn Strip() -> impl IntoView {
    let state = expect_context::<LabState>();
    let content = move || match state.selection.get() {
        Selection::Node(node) => view! { <NodeStrip node /> }.into_any(),
        Selection::Link(a, b) => view! { <LinkStrip a b /> }.into_any(),
        selection => {
            let words = Memo::new(move |_| idle_words(state, selection));
            view! { <p>{words}</p> }.into_any()
        }
    };
    view! {
        <div class="inspect" role="region" aria-label="Selection" tabindex="0">
            {content}
        </div>
    }
}

/// What is said when neither a node nor a link is selected.
fn idle_words(state: LabState, selection: Selection) -> String {
    let hint = || "Select a node or a link to see its facts and to act on it.".to_owned();
    match selection {
        Selection::Entry(index) => {
            let picture = state.reading.read();
            let entry = picture
                .log
                .selected
                .as_ref()
                .filter(|entry| entry.index == index);
            entry.map_or_else(hint, |entry| {
                format!("Entry {index} of term {}: {}", entry.term, entry.command)
            })
        }
        Selection::Event(event) => state.with_lab(|lab| {
            let row = lab.history().events().rfind(|row| row.event == event);
            row.map_or_else(hint, |row| format!("At {} s: {}", row.at, row.text))
        }),
        _ => hint(),
    }
}

fn find(snapshot: &Snapshot, node: NodeId) -> Option<&NodeView> {
    snapshot.nodes.iter().find(|view| view.id == node)
}

/// What decides which actions apply to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    is_down: bool,
    votes: bool,
    leads: bool,
}

impl Standing {
    fn of(view: &NodeView) -> Self {
        let role = view.raft.as_ref().map(|raft| raft.role);
        Self {
            is_down: view.process == ProcessState::Crashed,
            votes: role.is_some(),
            leads: role == Some(Role::Leader),
        }
    }
}

#[component]
fn NodeStrip(node: NodeId) -> impl IntoView {
    let state = expect_context::<LabState>();
    let role = Memo::new(move |_| {
        let picture = state.reading.read();
        find(&picture, node).map_or_else(|| "has left the cluster".to_owned(), standing)
    });
    let words =
        Memo::new(move |_| find(&state.reading.read(), node).map_or_else(String::new, facts));
    let applies = Memo::new(move |_| find(&state.reading.read(), node).map(Standing::of));
    let choices = Memo::new(move |_| {
        let picture = state.reading.read();
        let choices = find(&picture, node).map(node_choices).unwrap_or_default();
        let named = choices
            .into_iter()
            .map(|(word, action)| (word.to_owned(), action));
        named.collect::<Vec<_>>()
    });
    let actions = move || {
        let Standing {
            is_down,
            votes,
            leads,
        } = applies.get()?;
        let process = if is_down {
            action_button(state, IconName::Up, "Restart", Action::Restart { node })
        } else {
            action_button(state, IconName::Bolt, "Crash", Action::Crash { node })
        };
        let isolate = action_button(
            state,
            IconName::Isolate,
            "Isolate",
            Action::Isolate { node },
        );
        let campaign = (votes && !leads && !is_down)
            .then(|| action_button(state, IconName::Vote, "Campaign", Action::Campaign { node }));
        let more = view! { <More label=format!("More faults of {node}") choices /> };
        let set = (!is_down).then(|| view! { <SetActions node /> });
        Some(view! { {process} {isolate} {campaign} {more} {set} })
    };
    view! {
        <div class="who">
            <span><b>{node.to_string()}</b>" "{role}</span>
            <span>{words}</span>
        </div>
        <div class="acts">{actions}</div>
    }
}

/// Adding, removing and pruning at one replica.
#[component]
fn SetActions(node: NodeId) -> impl IntoView {
    let state = expect_context::<LabState>();
    let element = RwSignal::new("milk".to_owned());
    let is_live = Memo::new(move |_| {
        let picture = state.reading.read();
        let replica = picture
            .sets
            .replicas
            .iter()
            .find(|replica| replica.node == node);
        let name = element.read();
        replica.is_some_and(|r| r.elements.iter().any(|live| live.name == name.trim()))
    });
    let is_blank = Memo::new(move |_| element.read().trim().is_empty());
    let named = move || element.read_untracked().trim().to_owned();
    view! {
        <input
            class="input small"
            aria-label=format!("Element to add or remove at {node}")
            maxlength="24"
            autocomplete="off"
            spellcheck="false"
            prop:value=element
            on:input=move |event| element.set(event_target_value(&event))
        />
        <button
            class="btn small"
            type="button"
            disabled=is_blank
            on:click=move |_| state.act(Action::Add { node, element: named() })
        >
            <Icon name=IconName::Plus />
            "Add"
        </button>
        <button
            class="btn small"
            type="button"
            disabled=move || !is_live.get()
            on:click=move |_| state.act(Action::Remove { node, element: named() })
        >
            <Icon name=IconName::Minus />
            "Remove"
        </button>
        {action_button(state, IconName::Cross, "Prune", Action::Prune { node })}
    }
}

#[component]
fn LinkStrip(a: NodeId, b: NodeId) -> impl IntoView {
    let state = expect_context::<LabState>();
    let condition = Memo::new(move |_| link_words(&state.reading.read(), (a, b)));
    let under_way = Memo::new(move |_| {
        let picture = state.reading.read();
        let on_link = |from, to| (from, to) == (a, b) || (from, to) == (b, a);
        picture
            .flights
            .iter()
            .filter(|flight| on_link(flight.from, flight.to))
            .count()
    });
    let is_whole = Memo::new(move |_| *condition.read() == "whole");
    let is_cut = Memo::new(move |_| *condition.read() == "cut");
    let lossy = Action::Lossy {
        a,
        b,
        permille: LOSS_PERMILLE,
    };
    let lossy_word = format!("Lossy {} %", LOSS_PERMILLE / 10);
    view! {
        <div class="who">
            <span><b>{format!("{a}–{b}")}</b>" link"</span>
            <span>{condition}" · "{under_way}" under way"</span>
        </div>
        <div class="acts">
            <button
                class="btn small"
                type="button"
                disabled=is_cut
                on:click=move |_| state.act(Action::Cut { a, b })
            >
                <Icon name=IconName::Cut />
                "Cut"
            </button>
            <button
                class="btn small"
                type="button"
                disabled=is_whole
                on:click=move |_| state.act(Action::Mend { a, b })
            >
                <Icon name=IconName::Mend />
                "Mend"
            </button>
            <button
                class="btn small"
                type="button"
                on:click=move |_| state.act(lossy.clone())
            >
                <Icon name=IconName::Lossy />
                {lossy_word}
            </button>
            <More label=format!("More faults of the link {a}–{b}") choices=link_choices(a, b) />
        </div>
    }
}

/// A button that does one thing to the cluster.
fn action_button(
    state: LabState,
    icon: IconName,
    word: &'static str,
    action: Action,
) -> impl IntoView + use<> {
    view! {
        <button class="btn small" type="button" on:click=move |_| state.act(action.clone())>
            <Icon name=icon />
            {word}
        </button>
    }
}
