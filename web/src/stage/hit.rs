//! The buttons over the picture: one per node, and one per link of the selected node.
//!
//! Twenty nodes have a hundred and ninety links; as many tab stops would bury the rest of the
//! page. So the nodes are one tab stop, with arrow keys from one to the next, and only the links
//! of the selected node have buttons, again as one tab stop.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use quorate::NodeId;
use quorate_sim::{LinkState, Snapshot};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

use super::figure::spoken;
use super::picture::Laid;
use super::scene::FULL_MESH;
use crate::canvas::Point;
use crate::state::{LabState, Selection};

/// The buttons.
#[component]
pub(super) fn Hits(
    /// Where everything stands.
    laid: Memo<Option<Laid>>,
) -> impl IntoView {
    let state = expect_context::<LabState>();
    let nodes = Memo::new(move |_| {
        state
            .frame
            .read()
            .nodes
            .iter()
            .map(|node| node.id)
            .collect::<Vec<_>>()
    });
    let last_focus = RwSignal::new(None::<NodeId>);
    // Of the nodes, the selected one is the tab stop, else the one that had the focus last.
    let tab_stop = Memo::new(move |_| {
        let nodes = nodes.read();
        let selected = match state.selection.get() {
            Selection::Node(node) => Some(node),
            _ => None,
        };
        let wanted = selected
            .or(last_focus.get())
            .filter(|node| nodes.contains(node));
        wanted.or_else(|| nodes.first().copied())
    });
    view! {
        <div role="group" aria-label="Nodes" on:keydown=move |event| move_focus(&event)>
            <For each=move || nodes.get() key=|node| *node let:node>
                <NodeHit node laid tab_stop last_focus />
            </For>
        </div>
        <LinkHits laid />
    }
}

#[component]
fn NodeHit(
    node: NodeId,
    laid: Memo<Option<Laid>>,
    tab_stop: Memo<Option<NodeId>>,
    last_focus: RwSignal<Option<NodeId>>,
) -> impl IntoView {
    let state = expect_context::<LabState>();
    let style = Memo::new(move |_| {
        let laid = laid.read();
        let Laid { scene, extent } = laid.as_ref()?;
        let place = scene.ring.place(node)?;
        let side = scene.ring.reach() * 2.0 * extent.unit;
        Some(format!(
            "{};width:{side:.1}px;height:{side:.1}px",
            position(place.at, extent.unit)
        ))
    });
    let label = Memo::new(move |_| {
        let picture = state.reading.read();
        let view = picture.nodes.iter().find(|view| view.id == node);
        view.map_or_else(|| node.to_string(), spoken)
    });
    let choose = move |event: MouseEvent| {
        event.stop_propagation();
        state.selection.set(Selection::Node(node));
    };
    view! {
        <button
            class="node-hit"
            type="button"
            style=style
            tabindex=move || if tab_stop.get() == Some(node) { "0" } else { "-1" }
            aria-pressed=move || (state.selection.get() == Selection::Node(node)).to_string()
            aria-label=label
            on:focus=move |_| last_focus.set(Some(node))
            on:click=choose
        ></button>
    }
}

/// The buttons on the links of the selected node, or of the first end of the selected link.
#[component]
fn LinkHits(laid: Memo<Option<Laid>>) -> impl IntoView {
    let state = expect_context::<LabState>();
    let hub = Memo::new(
        move |before: Option<&Option<NodeId>>| match state.selection.get() {
            Selection::Node(node) => Some(node),
            // The buttons stay where they are while one of them is selected.
            Selection::Link(a, b) => before
                .copied()
                .flatten()
                .filter(|hub| [a, b].contains(hub))
                .or(Some(a)),
            _ => None,
        },
    );
    let links = Memo::new(move |_| {
        let (Some(hub), Some(Laid { scene, .. })) = (hub.get(), &*laid.read()) else {
            return Vec::new();
        };
        // In a crowd only links that are drawn can be chosen by hand: those between voters, and
        // those of the hub to voters.
        let is_crowd = scene.figures.len() > FULL_MESH;
        let others = scene
            .figures
            .iter()
            .filter(|other| other.votes || !is_crowd);
        let others = others.map(|figure| figure.node).filter(|node| *node != hub);
        others.map(|node| (hub.min(node), hub.max(node))).collect()
    });
    view! {
        <div
            role="group"
            aria-label=move || hub.get().map_or_else(String::new, |hub| format!("Links of {hub}"))
            hidden=move || hub.get().is_none()
            on:keydown=move |event| move_focus(&event)
        >
            <For each=move || links.get() key=|link| *link let:link>
                <LinkHit link links laid />
            </For>
        </div>
    }
}

#[component]
fn LinkHit(
    link: (NodeId, NodeId),
    links: Memo<Vec<(NodeId, NodeId)>>,
    laid: Memo<Option<Laid>>,
) -> impl IntoView {
    let state = expect_context::<LabState>();
    let selection = Selection::Link(link.0, link.1);
    let style = Memo::new(move |_| {
        let laid = laid.read();
        let Laid { scene, extent } = laid.as_ref()?;
        Some(position(scene.ring.bead(link.0, link.1)?, extent.unit))
    });
    let label = Memo::new(move |_| {
        let state = link_words(&state.reading.read(), link);
        format!("Link {}–{}, {state}", link.0, link.1)
    });
    let is_tab_stop = move || match state.selection.get() {
        Selection::Link(a, b) => (a, b) == link,
        _ => links.read().first() == Some(&link),
    };
    let choose = move |event: MouseEvent| {
        event.stop_propagation();
        state.selection.set(selection);
    };
    view! {
        <button
            class="link-hit"
            type="button"
            style=style
            tabindex=move || if is_tab_stop() { "0" } else { "-1" }
            aria-pressed=move || (state.selection.get() == selection).to_string()
            aria-label=label
            title=label
            on:click=choose
        ></button>
    }
}

fn position(at: Point, unit: f64) -> String {
    format!("left:{:.1}px;top:{:.1}px", at.x * unit, at.y * unit)
}

/// The state of a link in words.
pub(super) fn link_words(snapshot: &Snapshot, (a, b): (NodeId, NodeId)) -> String {
    match snapshot
        .links
        .iter()
        .find(|link| (link.a, link.b) == (a, b))
        .map(|link| link.state)
    {
        None => "whole".to_owned(),
        Some(LinkState::Cut) => "cut".to_owned(),
        Some(LinkState::CutForth | LinkState::CutBack) => "cut one way".to_owned(),
        Some(LinkState::Changed) => "changed".to_owned(),
        Some(LinkState::Lossy(permille)) => format!("loses {} %", permille / 10),
    }
}

/// Moves the focus from one button of a group to the next with the arrow keys.
fn move_focus(event: &KeyboardEvent) {
    let step: i64 = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return,
    };
    let Some(button) = event
        .target()
        .and_then(|t| t.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let Some(siblings) = button.parent_element().map(|group| group.children()) else {
        return;
    };
    let count = i64::from(siblings.length());
    let index = (0..siblings.length()).find(|i| {
        siblings
            .item(*i)
            .is_some_and(|sibling| *sibling == **button)
    });
    let Some(index) = index.filter(|_| count > 0) else {
        return;
    };
    let next = u32::try_from((i64::from(index) + step).rem_euclid(count)).unwrap_or(0);
    if let Some(next) = siblings
        .item(next)
        .and_then(|next| next.dyn_into::<HtmlElement>().ok())
    {
        event.prevent_default();
        // It fails only for elements that cannot take the focus; buttons can.
        let _refused = next.focus();
    }
}
