//! What the page has to say to its user outside the simulation: a bad file, a copied link.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use crate::icon::{Icon, IconName};
use crate::panel::Tab;
use crate::state::LabState;
use crate::{files, format};

/// A message shown until it is dismissed or replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub kind: NoticeKind,
    /// A few words: `The file was not read`.
    pub title: String,
    /// What was wrong and where, or what to do next.
    pub detail: String,
    /// What the user can do about it besides dismissing.
    pub offer: Option<Offer>,
}

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something worked; it goes away by itself.
    Info,
    /// The user has to do something before what they asked for can happen.
    Wanted,
    /// Something was refused; nothing changed.
    Error,
}

/// A button on a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Opens the file dialog.
    ChooseFile,
    /// Opens the panel of invariants.
    ShowInvariants,
}

impl Notice {
    /// Something worked.
    pub fn info(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: NoticeKind::Info,
            title: title.into(),
            detail: detail.into(),
            offer: None,
        }
    }

    /// Something was refused; nothing changed.
    pub fn error(title: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            kind: NoticeKind::Error,
            title: title.into(),
            detail: detail.into(),
            offer: None,
        }
    }

    /// The user has to do something first.
    pub fn wanted(title: impl Into<String>, detail: impl Into<String>, offer: Offer) -> Self {
        Self {
            kind: NoticeKind::Wanted,
            title: title.into(),
            detail: detail.into(),
            offer: Some(offer),
        }
    }

    /// The same notice with a button.
    #[must_use]
    pub fn offering(self, offer: Offer) -> Self {
        Self {
            offer: Some(offer),
            ..self
        }
    }
}

/// How long good news stays, in milliseconds.
const INFO_MS: u32 = 6_000;

/// The notice under the run bar, while there is one.
#[component]
pub fn NoticeBar() -> impl IntoView {
    let state = expect_context::<LabState>();
    let expiry = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |_| {
        let fleeting = state
            .notice
            .read()
            .as_ref()
            .is_some_and(|n| n.kind == NoticeKind::Info);
        // Replacing a timer cancels it.
        expiry.set_value(fleeting.then(|| Timeout::new(INFO_MS, move || state.notice.set(None))));
    });
    view! {
        <div class="notices" role="alert">
            {move || state.notice.get().map(|notice| view! { <NoticeCard notice state /> })}
        </div>
    }
}

#[component]
fn NoticeCard(notice: Notice, state: LabState) -> impl IntoView {
    let (class, icon) = match notice.kind {
        NoticeKind::Info => ("callout info", IconName::Check),
        NoticeKind::Wanted => ("callout accent", IconName::File),
        NoticeKind::Error => ("callout bad", IconName::Warn),
    };
    let offer = notice.offer.map(|offer| {
        let (words, take): (_, fn(LabState)) = match offer {
            Offer::ChooseFile => ("Choose the file…", |_| files::choose()),
            Offer::ShowInvariants => ("Show it", |state| state.tab.set(Tab::Invariants)),
        };
        view! {
            <button class="btn small" type="button" on:click=move |_| take(state)>
                {words}
            </button>
        }
    });
    view! {
        <div class=class>
            <Icon name=icon />
            <p>
                <b>{notice.title}</b>
                " "
                {format::sentence(&notice.detail)}
            </p>
            {offer}
            <button
                class="btn ghost icon small"
                type="button"
                aria-label="Dismiss"
                on:click=move |_| state.notice.set(None)
            >
                <Icon name=IconName::Cross />
            </button>
        </div>
    }
}
