//! The bar above the timeline: what is in view, zoom, and the key of the marks.

use leptos::prelude::*;

use super::View;
use super::scale::{Scale, tick_label};
use crate::canvas::{Glyph, GlyphKind};
use crate::icon::{Icon, IconName};
use crate::panel::Tab;

/// The key: what each mark of the track is called.
const KEY: [(GlyphKind, &str); 8] = [
    (GlyphKind::Election, "election"),
    (GlyphKind::SplitVote, "split vote"),
    (GlyphKind::Commit, "commit"),
    (GlyphKind::Merge, "merge"),
    (GlyphKind::Prune, "prune"),
    (GlyphKind::ScaleOut, "scale"),
    (GlyphKind::Action, "action"),
    (GlyphKind::Violation, "violation"),
];

/// The bar.
#[component]
pub(super) fn Bar(view: View) -> impl IntoView {
    let words = Memo::new(move |_| {
        view.state.reading.track();
        range_words(view)
    });
    view! {
        <div class="timeline-bar">
            <h2 id="timeline-title">"Timeline"</h2>
            <span class="sub nowrap">{words}</span>
            <div class="group" role="group" aria-label="Zoom">
                <button
                    class="btn icon small"
                    type="button"
                    aria-label="Zoom out"
                    title="Zoom out"
                    on:click=move |_| view.zoom_at_present(2.0)
                >
                    <Icon name=IconName::Minus />
                </button>
                <button
                    class="btn icon small"
                    type="button"
                    aria-label="Zoom in"
                    title="Zoom in"
                    on:click=move |_| view.zoom_at_present(0.5)
                >
                    <Icon name=IconName::Plus />
                </button>
                <button
                    class="btn icon small"
                    type="button"
                    aria-label="Whole run"
                    title="Whole run"
                    on:click=move |_| view.show_whole()
                >
                    <Icon name=IconName::Fit />
                </button>
            </div>
            <div class="legend hide-s" role="note" aria-label="Key of the marks">
                {KEY.map(|(kind, name)| view! { <span><Glyph kind term=0 />{name}</span> })
                    .collect_view()}
            </div>
            <div class="end">
                <button
                    class="btn small hide-s"
                    type="button"
                    on:click=move |_| view.state.tab.set(Tab::Events)
                >
                    <Icon name=IconName::Table />
                    "Events as table"
                </button>
            </div>
        </div>
    }
}

/// The range of the window and the length of the run: `11.49 – 12.43 s of 13 s`.
fn range_words(view: View) -> String {
    let (from, to) = untrack(|| view.range());
    view.window.track();
    let until = view.until.get();
    let to = to.min(until);
    let scale = Scale {
        from,
        to: to.max(from),
        left: 0.0,
        right: 640.0,
    };
    // As many digits as a tick every few pixels would need.
    let (step, _) = scale.ticks(8.0);
    let start = tick_label(from, step, until);
    let end = tick_label(to, step, until);
    let whole = tick_label(until, quorate::Micros::from_secs(1), until);
    format!("{} – {end} of {whole}", start.trim_end_matches(" s"))
}
