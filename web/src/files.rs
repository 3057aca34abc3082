//! Files the user gives to the page: dropped anywhere on it, or chosen in a dialog.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DragEvent, File, FileReader, HtmlInputElement};

use crate::format;
use crate::notice::Notice;
use crate::session::Session;
use crate::state::LabState;

/// The id of the hidden file input, so that any button can open its dialog.
const INPUT_ID: &str = "file-input";

/// Larger files are refused unread: a year of seconds fits three times.
const MOST_BYTES: f64 = 256e6;

/// The hidden file input and the veil shown while a file hovers over the page.
#[component]
pub fn FileDoor() -> impl IntoView {
    let session = expect_context::<Session>();
    let state = expect_context::<LabState>();
    let hovering = RwSignal::new(false);

    window_event_listener(ev::dragover, move |event| {
        if !carries_file(&event) {
            return;
        }
        // Without this the browser would leave the page and open the file.
        event.prevent_default();
        hovering.set(true);
    });
    window_event_listener(ev::dragleave, move |event| {
        // It also fires between elements; only at the edge of the page there is no next one.
        if event.related_target().is_none() {
            hovering.set(false);
        }
    });
    window_event_listener(ev::drop, move |event| {
        if !carries_file(&event) {
            return;
        }
        event.prevent_default();
        hovering.set(false);
        if let Some(file) = dropped_file(&event) {
            read(&file, session, state);
        }
    });
    let chosen = move |event: web_sys::Event| {
        let input = event_target::<HtmlInputElement>(&event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            read(&file, session, state);
        }
        // Choosing the same file again must be a change again.
        input.set_value("");
    };
    view! {
        <input
            id=INPUT_ID
            type="file"
            accept=".csv,.json,text/csv,application/json"
            aria-label="Load trace or scenario file"
            hidden
            on:change=chosen
        />
        <div class="veil" hidden=move || !hovering.get()>
            <p>
                <b>"Drop it here."</b>
                " A CSV becomes the load, 60 times faster than it was; a JSON is a scenario."
            </p>
        </div>
    }
}

/// Opens the file dialog.
pub fn choose() {
    let input = document().get_element_by_id(INPUT_ID);
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        input.click();
    }
}

/// Whether what hovers over the page is a file, and not a piece of its own text.
fn carries_file(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|transfer| transfer.types());
    types.is_some_and(|types| types.includes(&JsValue::from_str("Files"), 0))
}

fn dropped_file(event: &DragEvent) -> Option<File> {
    event.data_transfer()?.files()?.get(0)
}

/// Reads a file and hands it to the session.
fn read(file: &File, session: Session, state: LabState) {
    let name = file.name();
    if file.size() > MOST_BYTES {
        let detail = format!("It is larger than {}.", format::bytes(256_000_000));
        state.notice.set(Some(Notice::error(
            format!("{name} was not loaded."),
            detail,
        )));
        return;
    }
    let Ok(reader) = FileReader::new() else {
        return;
    };
    let source = reader.clone();
    let loaded = Closure::once_into_js(move || match source.result() {
        Ok(buffer) if !buffer.is_null() => {
            session.open_file(&name, &js_sys::Uint8Array::new(&buffer).to_vec());
        }
        _ => {
            let detail = "The browser could not read it.";
            state.notice.set(Some(Notice::error(
                format!("{name} was not loaded."),
                detail,
            )));
        }
    });
    reader.set_onloadend(Some(loaded.unchecked_ref()));
    // What goes wrong is reported to the callback as a result that is missing.
    let _ = reader.read_as_array_buffer(file);
}
