//! The bar that runs the run: which scenario, where in time, how fast, with which seed, and
//! whether everything still holds.
//!
//! On a narrow page the tools that are needed less often move into a sheet behind one button.
//! They are the same elements, moved by the style sheet, so that nothing exists twice.

mod summary;
mod tools;
mod transport;

use leptos::prelude::*;
use quorate_sim::presets;

use crate::icon::{Icon, IconName};
use crate::notice::Notice;
use crate::session::Session;
use crate::state::LabState;
use crate::url;

use summary::{Badge, Totals};
use tools::{FileButton, Seed, SpeedScale};
use transport::{Clock, Transport};

/// The run bar.
#[component]
pub fn RunBar() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <section class="runbar" aria-label="Run">
            <ScenarioSelect />
            <Transport />
            <Clock />
            <button
                class="btn icon more"
                type="button"
                aria-label="Speed, seed and files"
                aria-controls="run-tools"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Icon name=IconName::Dots />
            </button>
            <div class="tools" id="run-tools" data-open=move || open.get().to_string()>
                <SpeedScale />
                <Seed />
                <Totals />
                <FileButton />
            </div>
            <Badge />
            <ShareButton />
        </section>
    }
}

/// The scenarios that come with the page, and the one that came with a link.
#[component]
fn ScenarioSelect() -> impl IntoView {
    let state = expect_context::<LabState>();
    let session = expect_context::<Session>();
    let presets = StoredValue::new(presets::all());
    let name = Memo::new(move |_| {
        state.run_epoch.track();
        state.with_lab(|lab| lab.scenario().name.clone())
    });
    // The value of the select: a preset's slug, or nothing for a run from elsewhere.
    let slug = Memo::new(move |_| {
        let name = name.read();
        presets.with_value(|presets| {
            let preset = presets.iter().find(|preset| preset.scenario.name == *name);
            preset.map_or("", |preset| preset.slug)
        })
    });
    let options = presets.with_value(|presets| {
        let option = |(slug, title)| view! { <option value=slug>{title}</option> };
        presets
            .iter()
            .map(|preset| (preset.slug, preset.title))
            .map(option)
            .collect_view()
    });
    view! {
        <select
            class="select scenario"
            aria-label="Scenario"
            prop:value=move || slug.get()
            on:change:target=move |event| session.open_preset(&event.target().value())
        >
            {options}
            {move || slug.get().is_empty().then(|| view! { <option value="">{name}</option> })}
        </select>
    }
}

/// Copies the link to this exact run.
#[component]
fn ShareButton() -> impl IntoView {
    let state = expect_context::<LabState>();
    let share = move |_| {
        state.write_url();
        let link = url::link();
        leptos::task::spawn_local(async move {
            state.notice.set(Some(if url::copy(&link).await {
                Notice::info(
                    "Link copied.",
                    "It opens this exact run: scenario, seed and your actions.",
                )
            } else {
                Notice::info(
                    "Copy the link from the address bar.",
                    "The browser lets no page copy here.",
                )
            }));
        });
    };
    view! {
        <button
            class="btn share"
            type="button"
            title="Copy a link to this exact run"
            on:click=share
        >
            <Icon name=IconName::Share />
            "Share"
        </button>
    }
}
