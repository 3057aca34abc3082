//! What the user sees when the page itself breaks: never nothing.
//!
//! A panic in wasm leaves a dead instance behind; whatever the page showed stays there and no
//! longer answers. The hook hands the message to a few lines of script in `index.html`, which
//! need no wasm and show a card with what happened, the link that reproduces it and a button that
//! reloads.

use std::panic::{self, PanicHookInfo};

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The script's function: `quorateFailed(title, detail)`.
const HANDLER: &str = "quorateFailed";

/// Shows every panic from now on, on the page and in the console.
pub fn install_hook() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show(info);
    }));
}

fn show(info: &PanicHookInfo<'_>) {
    let global = js_sys::global();
    let Ok(handler) = Reflect::get(&global, &JsValue::from_str(HANDLER)) else {
        return;
    };
    let Some(handler) = handler.dyn_ref::<Function>() else {
        return;
    };
    let title = JsValue::from_str("The laboratory has stopped");
    // Nothing is left to do if even this fails: the console has the message.
    let _ = handler.call2(&global, &title, &JsValue::from_str(&describe(info)));
}

/// `core/src/raft/log.rs:81: an entry after the end`.
fn describe(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    match info.location() {
        Some(place) => format!("{}:{}: {message}", place.file(), place.line()),
        None => message.to_owned(),
    }
}
