//! The polite live region: what screen readers are told about the run.
//!
//! A run at full speed changes its status many times a second. Read out unthrottled, it would
//! drown everything else, so a message goes out at most once per second, and what was overtaken
//! in the meantime is not said at all.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::state::LabState;

/// The pause between two messages, in milliseconds.
const PAUSE_MS: u32 = 1_000;

/// Tells assistive technology the status line, at most once per second.
#[component]
pub fn LiveRegion() -> impl IntoView {
    let state = expect_context::<LabState>();
    let speaker = Speaker {
        status: state.view(|snapshot| snapshot.status.clone()),
        spoken: RwSignal::new(String::new()),
        pause: StoredValue::new_local(None),
    };
    Effect::new(move |_| {
        speaker.status.track();
        speaker.speak();
    });
    view! { <p class="sr" role="status">{speaker.spoken}</p> }
}

/// Says the latest status, then holds its tongue for a while.
#[derive(Clone, Copy)]
struct Speaker {
    /// What there is to say.
    status: Memo<String>,
    /// What was said last.
    spoken: RwSignal<String>,
    /// The pause after a message; `None` when the next may be said.
    pause: StoredValue<Option<Timeout>, LocalStorage>,
}

impl Speaker {
    fn speak(self) {
        let latest = self.status.get_untracked();
        if self.pause.with_value(Option::is_some) || latest == *self.spoken.read_untracked() {
            return;
        }
        self.spoken.set(latest);
        self.pause.set_value(Some(Timeout::new(PAUSE_MS, move || {
            self.pause.set_value(None);
            self.speak();
        })));
    }
}
