//! The inspector beside the stage: five panels behind tabs.
//!
//! Only the open panel exists. What is not shown computes nothing, which is what keeps a frame
//! cheap however many panels there are.

mod events;
mod invariants;
mod raft;
mod scaling;
mod sets;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::format;
use crate::state::LabState;

use events::EventsPanel;
use invariants::InvariantsPanel;
use raft::RaftPanel;
use scaling::ScalingPanel;
use sets::SetsPanel;

/// One of the panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The replicated log.
    Raft,
    /// The replicated sets.
    Sets,
    /// Load and decisions.
    Scaling,
    /// What must always hold.
    Invariants,
    /// What happened.
    Events,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Raft,
        Self::Sets,
        Self::Scaling,
        Self::Invariants,
        Self::Events,
    ];

    const fn title(self) -> &'static str {
        match self {
            Self::Raft => "Raft",
            Self::Sets => "Sets",
            Self::Scaling => "Scaling",
            Self::Invariants => "Invariants",
            Self::Events => "Events",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Raft => "tab-raft",
            Self::Sets => "tab-sets",
            Self::Scaling => "tab-scaling",
            Self::Invariants => "tab-invariants",
            Self::Events => "tab-events",
        }
    }

    /// The tab that a key of the tab list leads to; `None` if the key is not one of them.
    fn after_key(self, key: &str) -> Option<Self> {
        let last = Self::ALL.len() - 1;
        let here = Self::ALL.iter().position(|tab| *tab == self)?;
        let there = match key {
            "ArrowRight" if here == last => 0,
            "ArrowRight" => here + 1,
            "ArrowLeft" if here == 0 => last,
            "ArrowLeft" => here - 1,
            "Home" => 0,
            "End" => last,
            _ => return None,
        };
        Some(Self::ALL[there])
    }
}

/// The tabs and the open panel.
#[component]
pub fn Inspector() -> impl IntoView {
    let state = expect_context::<LabState>();
    let panel = move || match state.tab.get() {
        Tab::Raft => view! { <RaftPanel /> }.into_any(),
        Tab::Sets => view! { <SetsPanel /> }.into_any(),
        Tab::Scaling => view! { <ScalingPanel /> }.into_any(),
        Tab::Invariants => view! { <InvariantsPanel /> }.into_any(),
        Tab::Events => view! { <EventsPanel /> }.into_any(),
    };
    view! {
        <section class="panel" aria-label="Inspector">
            <div
                class="tabs"
                role="tablist"
                aria-label="Inspector"
                on:keydown=move |event| walk(&event, state)
            >
                {Tab::ALL.map(|tab| view! { <TabButton tab /> }).collect_view()}
            </div>
            <div
                class="tabpanel"
                role="tabpanel"
                id="tabpanel"
                tabindex="0"
                aria-labelledby=move || state.tab.get().id()
            >
                {panel}
            </div>
        </section>
    }
}

#[component]
fn TabButton(tab: Tab) -> impl IntoView {
    let state = expect_context::<LabState>();
    let selected = move || state.tab.get() == tab;
    let note = state.view(move |snapshot| match tab {
        Tab::Invariants => {
            let broken = snapshot
                .invariants
                .iter()
                .filter(|row| row.witness.is_some())
                .count();
            match broken {
                0 => snapshot.invariants.len().to_string(),
                _ => format!("{broken} of {}", snapshot.invariants.len()),
            }
        }
        Tab::Events => format::thousands(snapshot.events),
        Tab::Raft | Tab::Sets | Tab::Scaling => String::new(),
    });
    view! {
        <button
            type="button"
            role="tab"
            id=tab.id()
            aria-controls="tabpanel"
            aria-selected=move || selected().to_string()
            tabindex=move || if selected() { "0" } else { "-1" }
            on:click=move |_| state.tab.set(tab)
        >
            {tab.title()}
            <span class="n">{note}</span>
        </button>
    }
}

/// Arrow keys, Home and End move through the tabs and open them.
fn walk(event: &KeyboardEvent, state: LabState) {
    let Some(next) = state.tab.get_untracked().after_key(&event.key()) else {
        return;
    };
    event.prevent_default();
    state.tab.set(next);
    let button = document().get_element_by_id(next.id());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        // Every tab is a button in the document.
        let _ = button.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round_and_other_keys_go_nowhere() {
        assert_eq!(Tab::Raft.after_key("ArrowLeft"), Some(Tab::Events));
        assert_eq!(Tab::Events.after_key("ArrowRight"), Some(Tab::Raft));
        assert_eq!(Tab::Sets.after_key("ArrowRight"), Some(Tab::Scaling));
        assert_eq!(Tab::Sets.after_key("End"), Some(Tab::Events));
        assert_eq!(Tab::Sets.after_key("Enter"), None);
    }
}
