//! The address of a run: the fragment of the page's URL is the scenario, hand-made actions
//! included, so a copied link reproduces the run bit for bit. Nothing is sent anywhere: browsers
//! keep the fragment to themselves.

use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// The fragment the page was opened with, without `#`; `None` if there is none.
pub fn fragment() -> Option<String> {
    let hash = window().location().hash().ok()?;
    let fragment = hash.strip_prefix('#').unwrap_or(&hash);
    (!fragment.is_empty()).then(|| fragment.to_owned())
}

/// Puts the run into the address bar, without a new entry in the browser's history: every action
/// by hand would be one, and the way back is the timeline.
pub fn write_fragment(fragment: &str) {
    let address = format!("#{fragment}");
    if let Ok(history) = window().history() {
        // Browsers refuse when a page changes its address too often; the next change repairs it.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// The whole link.
pub fn link() -> String {
    window().location().href().unwrap_or_default()
}

/// Copies text to the clipboard. False where the browser offers none or refuses.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // Outside secure contexts the property is missing, whatever the bindings say.
    let offered = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    if !offered.is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    js_sys::futures::JsFuture::from(navigator.clipboard().write_text(text))
        .await
        .is_ok()
}
