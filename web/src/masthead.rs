//! The top of the page: its name, what the scenario is about, the theme, the keys.

use leptos::prelude::*;
use quorate_sim::presets;

use crate::icon::{Icon, IconName};
use crate::state::LabState;
use crate::theme::{self, Theme};

/// The top of the page.
#[component]
pub fn Masthead(
    /// Opens the table of keys.
    on_help: impl Fn() + 'static,
) -> impl IntoView {
    let state = expect_context::<LabState>();
    let about = Memo::new(move |_| {
        state.run_epoch.track();
        state.with_lab(|lab| about(&lab.scenario().name))
    });
    let theme_icon = Signal::derive(move || {
        state.theme_epoch.track();
        match Theme::current() {
            Theme::Light => IconName::Moon,
            Theme::Dark => IconName::Sun,
        }
    });
    view! {
        <header class="masthead">
            <h1 class="brand">
                <Emblem />
                "Quorate"
            </h1>
            <p class="about">{about}</p>
            <div class="end">
                <button
                    class="btn ghost icon"
                    type="button"
                    aria-label="Switch between light and dark"
                    title="Light or dark (T)"
                    on:click=move |_| theme::toggle(state)
                >
                    <Icon name=theme_icon />
                </button>
                <button
                    class="btn ghost icon"
                    type="button"
                    aria-label="Keys"
                    title="Keys (?)"
                    on:click=move |_| on_help()
                >
                    <Icon name=IconName::Help />
                </button>
            </div>
        </header>
    }
}

/// What a scenario is about, if it is one of those that come with the page.
fn about(name: &str) -> &'static str {
    let presets = presets::all();
    presets
        .iter()
        .find(|preset| preset.scenario.name == name)
        .map_or("", |preset| preset.about)
}

/// Five nodes on a ring, three of them in agreement.
#[component]
fn Emblem() -> impl IntoView {
    view! {
        <svg class="emblem" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <circle class="ring" cx="12" cy="12" r="8" />
            <circle class="yes" cx="12" cy="4" r="3.5" />
            <circle class="yes" cx="19.6" cy="9.5" r="3.5" />
            <circle class="no" cx="16.7" cy="18.5" r="3.5" />
            <circle class="no" cx="7.3" cy="18.5" r="3.5" />
            <circle class="yes" cx="4.4" cy="9.5" r="3.5" />
        </svg>
    }
}
