//! The stage: the cluster as it stands now, and the tools to break it.
//!
//! The picture is drawn on two canvases, because most of it stands still most of the time: the
//! lower one is drawn when something happened, the upper one with every frame. Over both lie real
//! buttons, one per node and one per link of the selected node, so that everything a pointer can
//! reach a keyboard can reach too, and a table says the same in words.

#![expect(
    unreachable_pub,
    reason = "`#[component]` makes the properties of components public that are not"
)]

mod figure;
mod ground;
mod hit;
mod key;
mod more;
mod motion;
mod pick;
mod picture;
mod ring;
mod scene;
mod side;
mod strip;
mod tools;
mod trip;
mod twin;

use leptos::prelude::*;

use crate::icon::{Icon, IconName};
use crate::state::LabState;

/// The stage, its tools, and the facts of what is selected.
#[component]
pub fn Stage() -> impl IntoView {
    let state = expect_context::<LabState>();
    let as_table = RwSignal::new(false);
    let status = Memo::new(move |_| state.reading.read().status.clone());
    view! {
        <section class="stage" aria-labelledby="stage-title">
            <div class="stage-head">
                <h2 class="sr" id="stage-title">"Stage"</h2>
                <p>{status}</p>
                <tools::Tools />
                <button
                    class="btn small"
                    type="button"
                    aria-pressed=move || as_table.get().to_string()
                    on:click=move |_| as_table.update(|shown| *shown = !*shown)
                >
                    <Icon name=IconName::Table />
                    <span class="word">"Table"</span>
                </button>
            </div>
            <Show when=move || as_table.get() fallback=|| view! { <picture::Picture /> }>
                <twin::Twin />
            </Show>
            <strip::Strip />
        </section>
    }
}
