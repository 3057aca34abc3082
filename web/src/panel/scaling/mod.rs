//! Load, capacity, and why the fleet has the size it has.

mod chain;
mod chart;
mod series;

use leptos::prelude::*;

use crate::files;
use crate::icon::{Icon, IconName};
use crate::load::{self, LoadKind};
use crate::session::Session;
use crate::state::LabState;

use chain::DecisionChain;
use series::{Series, SeriesTable};

/// The Scaling panel.
#[component]
pub(super) fn ScalingPanel() -> impl IntoView {
    let state = expect_context::<LabState>();
    let source = state.view(|snapshot| snapshot.scaling.source.clone());
    let in_words = RwSignal::new(false);
    view! {
        <section class="sect">
            <header>
                <h2>"Load and capacity"</h2>
                <span class="sub source">{source}</span>
                <span class="end">
                    <LoadButtons />
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
            <TraceForm />
            <Show when=move || in_words.get() fallback=|| view! { <Series /> }>
                <SeriesTable />
            </Show>
        </section>
        <DecisionChain />
    }
}

/// Which load drives the run. Choosing another one starts the run anew.
#[component]
fn LoadButtons() -> impl IntoView {
    let state = expect_context::<LabState>();
    let session = expect_context::<Session>();
    let kind = Memo::new(move |_| {
        state.run_epoch.track();
        state.with_lab(|lab| LoadKind::of(lab.scenario()))
    });
    let button = move |of: LoadKind, words: &'static str, choose: fn(Session)| {
        view! {
            <button
                class="btn small"
                type="button"
                aria-pressed=move || (kind.get() == of).to_string()
                on:click=move |_| choose(session)
            >
                {words}
            </button>
        }
    };
    view! {
        <div class="group" role="group" aria-label="Load">
            {button(LoadKind::Diurnal, "Diurnal", |session| session.reload(load::diurnal))}
            {button(LoadKind::FlashCrowd, "Flash crowd", |session| session.reload(load::flash_crowd))}
            {button(LoadKind::Trace, "Trace…", |_| files::choose())}
        </div>
    }
}

/// Where a trace begins and how fast it is played, while one drives the run.
#[component]
fn TraceForm() -> impl IntoView {
    let state = expect_context::<LabState>();
    let session = expect_context::<Session>();
    let spec = Memo::new(move |_| {
        state.run_epoch.track();
        state.with_lab(|lab| load::wanted_trace(lab.scenario()).cloned())
    });
    let from = move |text: &str| {
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let form = move || {
        let spec = spec.get()?;
        let (kept_from, kept_speed) = (spec.from.clone(), spec.speed);
        Some(view! {
            <div class="trace">
                <label class="field">
                    <span>"From"</span>
                    <input
                        class="input date"
                        placeholder="its first row"
                        title="A date like 1998-07-07, or 1998-07-07 18:30:00"
                        value=spec.from.clone().unwrap_or_default()
                        on:change:target=move |event| {
                            session.replay(from(&event.target().value()), kept_speed);
                        }
                    />
                </label>
                <label class="field">
                    <span>"Played"</span>
                    <input
                        class="input num"
                        type="number"
                        min="1"
                        max="86400"
                        value=spec.speed.to_string()
                        on:change:target=move |event| {
                            if let Ok(speed) = event.target().value().parse() {
                                session.replay(kept_from.clone(), speed);
                            }
                        }
                    />
                    <span>"times as fast"</span>
                </label>
            </div>
        })
    };
    view! { {form} }
}
