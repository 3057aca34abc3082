//! Light and dark.
//!
//! The page follows the system until the user chooses. `index.html` applies the stored choice
//! before anything is painted; this module changes it, and tells the canvases when the colours or
//! the root font size under them changed.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::state::LabState;

/// The key under which the choice is stored; `index.html` reads it too.
const STORAGE_KEY: &str = "quorate.theme";

/// One of the two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Ink on paper.
    Light,
    /// The same, by night.
    Dark,
}

impl Theme {
    /// The look in force: the user's choice, or else the system's.
    pub fn current() -> Self {
        let chosen = document()
            .document_element()
            .and_then(|root| root.get_attribute("data-theme"));
        let is_dark = chosen.map_or_else(system_is_dark, |chosen| chosen == Self::Dark.name());
        if is_dark { Self::Dark } else { Self::Light }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }

    /// As written in the document and in the storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Switches to the other theme and remembers it.
pub fn toggle(state: LabState) {
    let theme = Theme::current().other();
    if let Some(root) = document().document_element() {
        // Setting an attribute with a constant, valid name cannot fail.
        let _ = root.set_attribute("data-theme", theme.name());
    }
    // A browser that stores nothing forgets the choice with the page; it still works until then.
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(STORAGE_KEY, theme.name());
    }
    bump(state);
}

/// Follows the system's theme and the root font size as long as the page lives.
pub fn watch(state: LabState) {
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let listener = Closure::<dyn Fn()>::new(move || bump(state));
        query.set_onchange(Some(listener.as_ref().unchecked_ref()));
        listener.forget();
    }
    let metrics = StoredValue::new(page_metrics());
    window_event_listener(ev::resize, move |_| {
        let now = page_metrics();
        if metrics.get_value() != now {
            metrics.set_value(now);
            bump(state);
        }
    });
}

fn bump(state: LabState) {
    state.theme_epoch.update(|epoch| *epoch += 1);
}

fn system_is_dark() -> bool {
    let query = window().match_media("(prefers-color-scheme: dark)");
    query.is_ok_and(|query| query.is_some_and(|query| query.matches()))
}

/// What canvases scale by, beside their own size: the root font size and the pixel density.
fn page_metrics() -> (String, f64) {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let font_size = style.and_then(|style| style.get_property_value("font-size").ok());
    (font_size.unwrap_or_default(), window().device_pixel_ratio())
}
