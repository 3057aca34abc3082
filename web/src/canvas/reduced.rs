//! Whether the reader asked for less motion.

use leptos::prelude::*;
use web_sys::MediaQueryList;

/// The reader's preference, asked for once and kept: a drawing looks at it on every frame.
#[derive(Clone, Copy, Debug)]
pub struct ReducedMotion(StoredValue<Option<MediaQueryList>, LocalStorage>);

impl ReducedMotion {
    /// Asks the browser.
    pub fn query() -> Self {
        let query = window().match_media("(prefers-reduced-motion: reduce)");
        Self(StoredValue::new_local(query.ok().flatten()))
    }

    /// What the reader prefers now.
    pub fn is_wanted(&self) -> bool {
        self.0
            .with_value(|query| query.as_ref().is_some_and(MediaQueryList::matches))
    }
}
