//! The replicated set: what every replica holds, what it still remembers of removals, and what
//! keeps it from forgetting.

mod bytes;
mod prune;
mod replicas;
mod stability;
mod view;

use leptos::prelude::*;

use bytes::BytesTable;
use prune::PruneForm;
use replicas::Replicas;
use stability::Stability;

/// The Sets panel.
#[component]
pub(super) fn SetsPanel() -> impl IntoView {
    view! {
        <Replicas />
        <div class="cols">
            <Stability />
            <PruneForm />
            <BytesTable />
        </div>
    }
}
