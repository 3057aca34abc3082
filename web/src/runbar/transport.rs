//! Moving through time, and the time itself.

use leptos::prelude::*;
use quorate_sim::Lab;

use crate::format;
use crate::icon::{Icon, IconName};
use crate::state::LabState;

/// First, back, run, forward, last.
#[component]
pub(super) fn Transport() -> impl IntoView {
    let state = expect_context::<LabState>();
    let run_icon = Signal::derive(move || {
        if state.running.get() {
            IconName::Pause
        } else {
            IconName::Play
        }
    });
    let run_label = move || if state.running.get() { "Pause" } else { "Run" };
    view! {
        <div class="group transport" role="group" aria-label="Transport">
            <Button
                label="To the start"
                title="Start (Home)"
                icon=IconName::First
                on_press=move || state.to_the_start()
                edge="edge"
            />
            <Button
                label="One event back"
                title="One event back (,)"
                icon=IconName::Back
                on_press=move || state.step_back()
            />
            <button
                class="btn icon run"
                type="button"
                aria-label=run_label
                title="Run or pause (Space)"
                on:click=move |_| state.toggle_running()
            >
                <Icon name=run_icon />
            </button>
            <Button
                label="One event forward"
                title="One event forward (.)"
                icon=IconName::Forward
                on_press=move || state.step_forward()
            />
            <Button
                label="To the end"
                title="End (End)"
                icon=IconName::Last
                on_press=move || state.to_the_end()
                edge="edge"
            />
        </div>
    }
}

#[component]
fn Button(
    label: &'static str,
    title: &'static str,
    icon: IconName,
    on_press: impl Fn() + 'static,
    /// `edge` for the outer two, which a narrow page leaves out.
    #[prop(optional)]
    edge: &'static str,
) -> impl IntoView {
    view! {
        <button
            class=format!("btn icon {edge}")
            type="button"
            aria-label=label
            title=title
            on:click=move |_| on_press()
        >
            <Icon name=icon />
        </button>
    }
}

/// Simulated time, or how far a seek has come.
#[component]
pub(super) fn Clock() -> impl IntoView {
    let state = expect_context::<LabState>();
    let end = Memo::new(move |_| {
        state.run_epoch.track();
        state.with_lab(Lab::end)
    });
    let time = move || format::clock(state.frame.read().now, end.get());
    view! {
        // A live region that changes with every frame would never be silent.
        <output class="clock" aria-label="Simulated time" aria-live="off">
            {time}
            <small>{move || format::clock_unit(end.get())}</small>
            <progress
                class="seek"
                aria-label="Seek"
                max="1000"
                hidden=move || state.seeking.get().is_none()
                prop:value=move || f64::from(state.seeking.get().unwrap_or(0))
            ></progress>
        </output>
    }
}
