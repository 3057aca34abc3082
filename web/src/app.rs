//! The page as a whole.

use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;

use crate::files::FileDoor;
use crate::help::HelpDialog;
use crate::live::LiveRegion;
use crate::masthead::Masthead;
use crate::notice::NoticeBar;
use crate::panel::Inspector;
use crate::runbar::RunBar;
use crate::session::{self, Session};
use crate::stage::Stage;
use crate::state::LabState;
use crate::timeline::Timeline;
use crate::{animation, keys, theme, url};

/// The laboratory.
#[component]
pub fn App() -> impl IntoView {
    let state = LabState::new(session::default_run());
    let session = Session::new(state);
    provide_context(state);
    provide_context(session);

    theme::watch(state);
    animation::start(state);
    // A page that stands still looks broken: what the user came for starts by itself.
    if session.open_address() {
        state.run();
    }
    window_event_listener(ev::hashchange, move |_| {
        if let Some(fragment) = url::fragment() {
            session.open_fragment(&fragment);
        }
    });

    let help = NodeRef::<Dialog>::new();
    let open_help = move || {
        if let Some(dialog) = help.get_untracked().filter(|dialog| !dialog.open()) {
            // It fails only for a dialog that is open already or not in the document.
            let _ = dialog.show_modal();
        }
    };
    keys::listen(state, open_help);

    view! {
        <SkipLink />
        <div class="app">
            <Masthead on_help=open_help />
            <RunBar />
            <NoticeBar />
            <main class="lab" id=MAIN_ID tabindex="-1">
                <Stage />
                <Inspector />
                <Timeline />
            </main>
        </div>
        <LiveRegion />
        <FileDoor />
        <HelpDialog node_ref=help />
    }
}

/// The id of the main landmark.
const MAIN_ID: &str = "main";

/// Leads past the bars. A plain fragment link would overwrite the run in the address.
#[component]
fn SkipLink() -> impl IntoView {
    let skip = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        let main = document().query_selector("main").ok().flatten();
        if let Some(main) =
            main.and_then(|main| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(main).ok())
        {
            // An element without focus is no worse off than before.
            let _ = main.focus();
        }
    };
    view! {
        <a class="skip btn primary" href="#main" on:click=skip>
            "Skip to the laboratory"
        </a>
    }
}
