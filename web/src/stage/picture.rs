//! The picture of the cluster: two canvases, the buttons over them, and the key.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::html::Div;
use leptos::prelude::*;
use quorate::Micros;

use super::hit::Hits;
use super::key::Key;
use super::scene::Scene;
use super::trip::Motion;
use super::{ground, motion, pick};
use crate::canvas::{Extent, Point, ReducedMotion, Sheet, use_extent, use_palette};
use crate::state::{LabState, Selection};

/// The still part of the stage and the size it was laid out for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Laid {
    /// What stands still.
    pub(super) scene: Arc<Scene>,
    /// The size of the stage.
    pub(super) extent: Extent,
}

/// The picture.
#[component]
pub(super) fn Picture() -> impl IntoView {
    let state = expect_context::<LabState>();
    let frame = NodeRef::<Div>::new();
    let extent = use_extent(frame, state.theme_epoch);
    let laid = Memo::new(move |_| {
        let extent = extent.get();
        let scene = || Scene::new(&state.frame.read(), extent, state.selection.get());
        extent.is_visible().then(|| Laid {
            scene: Arc::new(scene()),
            extent,
        })
    });
    let (still, moving) = draw_on_two_sheets(state, laid);
    let choose = move |event: MouseEvent| {
        let picked = laid.with_untracked(|laid| {
            let Laid { scene, extent } = laid.as_ref()?;
            let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
            pick::link_at(scene, Point::new(x / extent.unit, y / extent.unit))
        });
        state
            .selection
            .set(picked.map_or(Selection::None, |(a, b)| Selection::Link(a, b)));
    };
    view! {
        // Whoever cannot point at a link has its button.
        <div class="stage-canvas" node_ref=frame on:click=choose>
            <canvas class="layer" node_ref=still.node() aria-hidden="true"></canvas>
            <canvas class="layer" node_ref=moving.node() aria-hidden="true"></canvas>
            <Hits laid />
            <Key />
        </div>
    }
}

/// Draws the still part when it changes and the moving part with every frame.
fn draw_on_two_sheets(state: LabState, laid: Memo<Option<Laid>>) -> (Sheet, Sheet) {
    let (still, moving) = (Sheet::new(), Sheet::new());
    let palette = use_palette(state.theme_epoch);
    Effect::new(move |_| {
        let palette = palette.read();
        let laid = laid.read();
        if let (Some(palette), Some(Laid { scene, extent })) = (&*palette, &*laid) {
            still.draw(palette, *extent, palette.page, |pen| {
                ground::draw(pen, scene);
            });
        }
    });
    let reduced = ReducedMotion::query();
    Effect::new(move |before: Option<Micros>| {
        let snapshot = state.frame.read();
        let palette = palette.read();
        let laid = laid.read();
        let pace = before.map_or(Micros::ZERO, |before| snapshot.now.since(before));
        let captions = motion::captions(state.running.get(), pace);
        let way = if reduced.is_wanted() {
            Motion::Stepwise
        } else {
            Motion::Smooth
        };
        if let (Some(palette), Some(Laid { scene, extent })) = (&*palette, &*laid) {
            moving.draw(palette, *extent, palette.page, |pen| {
                motion::draw(pen, scene, &snapshot, way, captions);
            });
        }
        snapshot.now
    });
    (still, moving)
}
