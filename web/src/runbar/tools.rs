//! What is set before a run rather than during it.

use leptos::prelude::*;

use crate::files;
use crate::icon::{Icon, IconName};
use crate::notice::Notice;
use crate::session::Session;
use crate::speed::Speed;
use crate::state::LabState;

/// The scale of speeds.
#[component]
pub(super) fn SpeedScale() -> impl IntoView {
    let state = expect_context::<LabState>();
    let last = Speed::FASTEST.stop();
    let words = move || state.speed.get().to_string();
    // How much of the track lies before the thumb.
    let filled = move || format!("{}%", state.speed.get().stop() * 100 / last);
    let choose = move |value: String| {
        if let Ok(stop) = value.parse() {
            state.set_speed(Speed::at(stop));
        }
    };
    view! {
        <label class="field speed">
            <span>"Speed"</span>
            <input
                class="range"
                type="range"
                min="0"
                max=last.to_string()
                step="1"
                title="Slower and faster ([ and ])"
                aria-valuetext=words
                style:--p=filled
                prop:value=move || state.speed.get().stop().to_string()
                on:input:target=move |event| choose(event.target().value())
            />
            <output>{words}</output>
        </label>
    }
}

/// The seed; another one is another run of the same scenario.
#[component]
pub(super) fn Seed() -> impl IntoView {
    let state = expect_context::<LabState>();
    let session = expect_context::<Session>();
    let seed = Memo::new(move |_| {
        state.run_epoch.track();
        state.with_lab(|lab| lab.scenario().seed)
    });
    let change = move |input: web_sys::HtmlInputElement| {
        if let Ok(chosen) = input.value().trim().parse() {
            session.reseed(chosen);
        } else {
            let detail = format!(
                "{:?} is not a whole number from 0 to 2^64 - 1.",
                input.value()
            );
            let notice = Notice::error("This is not a seed.", detail);
            state.notice.set(Some(notice));
            input.set_value(&seed.get_untracked().to_string());
        }
    };
    view! {
        <label class="field seed">
            <span>"Seed"</span>
            <input
                class="input num"
                inputmode="numeric"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || seed.get().to_string()
                on:change:target=move |event| change(event.target())
            />
        </label>
    }
}

/// Opens the file dialog.
#[component]
pub(super) fn FileButton() -> impl IntoView {
    view! {
        <button
            class="btn"
            type="button"
            title="A load trace (CSV) or a scenario (JSON); or drop it anywhere on the page"
            on:click=move |_| files::choose()
        >
            <Icon name=IconName::File />
            "Load…"
        </button>
    }
}
