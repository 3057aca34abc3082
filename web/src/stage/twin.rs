//! The stage in words: tables of nodes, links and messages.

use leptos::prelude::*;
use quorate::NodeId;
use quorate_sim::{FlightView, LinkState, LinkView, NodeView};

use super::figure::{safety_word, title};
use super::motion::glyph;
use crate::format::{count, percent};
use crate::state::LabState;

/// The tables.
#[component]
pub(super) fn Twin() -> impl IntoView {
    view! {
        <div class="stage-twin" role="region" aria-label="The stage as tables" tabindex="0">
            <NodeTable />
            <LinkTable />
            <FlightTable />
        </div>
    }
}

#[component]
fn NodeTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let nodes = Memo::new(move |_| {
        state
            .reading
            .read()
            .nodes
            .iter()
            .map(|node| node.id)
            .collect::<Vec<_>>()
    });
    view! {
        <table class="table tight">
            <caption>"Nodes"</caption>
            <thead>
                <tr>
                    <th scope="col">"node"</th>
                    <th scope="col">"role"</th>
                    <th scope="col" class="r">"term"</th>
                    <th scope="col" class="r">"commit"</th>
                    <th scope="col" class="r">"on disk"</th>
                    <th scope="col" class="r">"last"</th>
                    <th scope="col">"newest entry"</th>
                    <th scope="col" class="r">"timer"</th>
                    <th scope="col" class="r">"votes"</th>
                    <th scope="col" class="r">"cpu"</th>
                    <th scope="col" class="r">"queue"</th>
                    <th scope="col" class="r">"live"</th>
                    <th scope="col" class="r">"removed"</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || nodes.get() key=|node| *node let:node>
                    <NodeRow node />
                </For>
            </tbody>
        </table>
    }
}

/// The cells of a node's row, from its role on. A worker has no part in the consensus.
fn cells(node: &NodeView) -> [String; 12] {
    let raft = node.raft.as_ref();
    let dash = || "–".to_owned();
    let number =
        |of: fn(&quorate_sim::RaftView) -> u64| raft.map_or_else(dash, |raft| of(raft).to_string());
    let newest = raft.and_then(|raft| raft.tail.last());
    [
        title(node).to_owned(),
        number(|raft| raft.term),
        number(|raft| raft.commit_index),
        number(|raft| raft.stable_index),
        number(|raft| raft.last_index),
        newest.map_or_else(dash, |cell| {
            format!("term {}, {}", cell.term, safety_word(cell.safety))
        }),
        raft.and_then(|raft| raft.timer_permille)
            .map_or_else(dash, percent),
        raft.and_then(|raft| raft.votes)
            .map_or_else(dash, |votes| votes.to_string()),
        percent(node.cpu_permille),
        node.queue.to_string(),
        node.live.to_string(),
        node.tombstones.to_string(),
    ]
}

#[component]
fn NodeRow(node: NodeId) -> impl IntoView {
    const NUMERIC: [bool; 12] = [
        false, true, true, true, true, false, true, true, true, true, true, true,
    ];
    let state = expect_context::<LabState>();
    let row = Memo::new(move |_| {
        state
            .reading
            .read()
            .nodes
            .iter()
            .find(|view| view.id == node)
            .map(cells)
    });
    let column = |(i, is_numeric): (usize, bool)| {
        let cell = Memo::new(move |_| {
            row.read()
                .as_ref()
                .map_or_else(String::new, |cells| cells[i].clone())
        });
        view! { <td class=is_numeric.then_some("r mono")>{cell}</td> }
    };
    view! {
        <tr>
            <th scope="row">{node.to_string()}</th>
            {NUMERIC.into_iter().enumerate().map(column).collect_view()}
        </tr>
    }
}

#[component]
fn LinkTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let links = Memo::new(move |_| {
        let picture = state.reading.read();
        let exists = |node| picture.nodes.iter().any(|view| view.id == node);
        let links = picture.links.iter().copied();
        links
            .filter(|link| exists(link.a) && exists(link.b))
            .collect::<Vec<_>>()
    });
    let sides = Memo::new(move |_| {
        let picture = state.reading.read();
        let side = |side: &Vec<NodeId>| {
            side.iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        picture
            .sides
            .iter()
            .map(side)
            .collect::<Vec<_>>()
            .join(" | ")
    });
    let sides_words = move || match sides.get() {
        sides if sides.is_empty() => "Every running voter reaches every other.".to_owned(),
        sides => format!("The network is cut: {sides}."),
    };
    view! {
        <p>{sides_words}</p>
        <table class="table tight" hidden=move || links.read().is_empty()>
            <caption>"Links that are not whole"</caption>
            <thead>
                <tr>
                    <th scope="col">"link"</th>
                    <th scope="col">"state"</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || links.get() key=link_key let:link>
                    <tr>
                        <th scope="row">{format!("{}–{}", link.a, link.b)}</th>
                        <td>{link_state(link.state)}</td>
                    </tr>
                </For>
            </tbody>
        </table>
    }
}

/// A row is made anew when its state changes.
fn link_key(link: &LinkView) -> (NodeId, NodeId, u32) {
    let loss = match link.state {
        LinkState::Cut => 1_000,
        LinkState::CutForth => 1_001,
        LinkState::CutBack => 1_002,
        LinkState::Changed => 1_003,
        LinkState::Lossy(permille) => permille,
    };
    (link.a, link.b, loss)
}

fn link_state(state: LinkState) -> String {
    match state {
        LinkState::Cut => "cut".to_owned(),
        LinkState::CutForth | LinkState::CutBack => "cut one way".to_owned(),
        LinkState::Changed => "changed".to_owned(),
        LinkState::Lossy(permille) => format!("loses {}", percent(permille)),
    }
}

#[component]
fn FlightTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let flights = Memo::new(move |_| state.reading.read().flights.clone());
    let caption = move || {
        count(
            flights.read().len(),
            "message under way",
            "messages under way",
        )
    };
    view! {
        <table class="table tight">
            <caption>{caption}</caption>
            <thead>
                <tr>
                    <th scope="col">"from"</th>
                    <th scope="col">"to"</th>
                    <th scope="col">"kind"</th>
                    <th scope="col">"says"</th>
                    <th scope="col" class="r">"term"</th>
                    <th scope="col" class="r">"sent"</th>
                    <th scope="col" class="r">"arrives"</th>
                </tr>
            </thead>
            <tbody>
                <For each=move || flights.get() key=|flight| flight.id let:flight>
                    <FlightRow flight />
                </For>
            </tbody>
        </table>
    }
}

#[component]
fn FlightRow(flight: FlightView) -> impl IntoView {
    let arrives = if flight.lost {
        "lost".to_owned()
    } else {
        flight.arrives.to_string()
    };
    view! {
        <tr>
            <th scope="row">{flight.from.to_string()}</th>
            <td>{flight.to.to_string()}</td>
            <td>{glyph(flight.kind).name()}</td>
            <td>{flight.label}</td>
            <td class="r mono">{flight.term}</td>
            <td class="r mono">{flight.sent.to_string()}</td>
            <td class="r mono">{arrives}</td>
        </tr>
    }
}
