//! The laboratory: a page that runs a simulated cluster of the Quorate kernel, shows what it
//! does, and lets its user break it on purpose.
//!
//! # Layout
//!
//! - [`driver`], [`animation`], [`work`]: one turn of the run per animation frame, within a
//!   budget, measured.
//! - [`state`], [`notice`]: what all parts of the page share.
//! - [`session`], [`url`], [`files`], [`load`]: the doors through which runs come in.
//! - [`app`], [`masthead`], [`runbar`], [`help`], [`live`]: the shell.
//! - [`panel`]: the tables and charts beside the stage.
//! - [`stage`], [`timeline`], [`canvas`]: what is drawn.
//! - [`keys`], [`theme`], [`speed`], [`format`](mod@format), [`icon`], [`partition`], [`width`]:
//!   the rest.

#![allow(
    unreachable_pub,
    reason = "`#[component]` generates public types beside private functions"
)]

pub mod animation;
pub mod app;
pub mod canvas;
pub mod driver;
pub mod failure;
pub mod files;
pub mod format;
pub mod help;
pub mod icon;
pub mod keys;
pub mod live;
pub mod load;
pub mod masthead;
pub mod notice;
pub mod panel;
pub mod partition;
pub mod runbar;
pub mod session;
pub mod speed;
pub mod stage;
pub mod state;
pub mod theme;
pub mod timeline;
pub mod url;
pub mod width;
pub mod work;

/// Takes over the page.
pub fn start() {
    failure::install_hook();
    leptos::mount::mount_to_body(app::App);
    // What `index.html` showed while the page was loading has done its work.
    if let Some(loading) = leptos::prelude::document().get_element_by_id("loading") {
        loading.remove();
    }
}
