//! The log grid as a table, and its twin in words.
//!
//! Cells are filled by position, not by index: when the window moves on by one entry, most cells
//! keep their digit and their colour, so the browser has almost nothing to do. Clicks, keys and
//! hovering are handled once for the whole table.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use quorate::NodeId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::view::{GridView, Square};
use crate::canvas::{Glyph, GlyphKind};
use crate::state::{LabState, Selection};
use crate::width;

/// Width of the names and of one column, in rem.
const NAMES_REM: f64 = 6.6;
const COLUMN_REM: f64 = 1.6;
/// Fewer columns than this scroll sideways instead of being left out.
const FEWEST_COLUMNS: f64 = 19.0;
/// More would not be read.
const MOST_COLUMNS: f64 = 48.0;

/// The grid: rows are voters, columns indices.
#[component]
pub(super) fn LogGrid(
    grid: Memo<GridView>,
    selected: Memo<Option<u64>>,
    /// How many columns there is room for; the grid measures itself.
    columns: RwSignal<u32>,
) -> impl IntoView {
    let state = expect_context::<LabState>();
    let frame = NodeRef::<Div>::new();
    let width = width::observed(move || frame.get().map(Element::from));
    Effect::new(move |_| columns.set(columns_in(width.get())));

    let pick = move |target: Option<Element>| {
        let Some(index) = target.as_ref().and_then(index_of) else {
            return;
        };
        let now = if selected.get_untracked() == Some(index) {
            Selection::None
        } else {
            Selection::Entry(index)
        };
        state.selection.set(now);
    };
    let voters = move || {
        grid.read()
            .rows
            .iter()
            .map(|row| row.node)
            .collect::<Vec<_>>()
    };
    view! {
        <div class="scroll-x" node_ref=frame tabindex="0" role="region" aria-label="Log grid">
            <table
                class="loggrid"
                on:click=move |event| pick(closest_cell(event.target()))
                on:keydown=move |event| walk(&event)
                on:mouseover=move |event| explain(closest_cell(event.target()).as_ref(), grid)
            >
                <caption class="sr">
                    "Replicated log: one row per voter, one column per index, the term in each cell"
                </caption>
                <thead>
                    <tr>
                        <th scope="col" class="rowh">"node"</th>
                        {move || grid.with(header)}
                    </tr>
                </thead>
                <tbody>
                    <For each=voters key=|node| *node let:node>
                        <tr>
                            <RowHead grid node />
                            {move || grid.with(|grid| squares(grid, node))}
                        </tr>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

/// The index of every column, as a button that selects it. One of them is in the tab order.
fn header(grid: &GridView) -> impl IntoView + use<> {
    let reachable = grid
        .selected
        .unwrap_or(grid.columns.len().saturating_sub(1));
    let heads = grid.columns.iter().enumerate().map(|(at, index)| {
        let selected = grid.selected == Some(at);
        let heading = grid.heading(at);
        view! {
            <th scope="col" class=if selected { "sel" } else { "" } data-index=index.to_string()>
                <button
                    type="button"
                    tabindex=if at == reachable { "0" } else { "-1" }
                    aria-pressed=selected.to_string()
                    aria-label=index.to_string()
                >
                    {heading}
                </button>
            </th>
        }
    });
    heads.collect_view()
}

fn squares(grid: &GridView, node: NodeId) -> impl IntoView + use<> {
    let squares = grid.row(node).map_or(&[][..], |row| &row.squares);
    let places = grid.columns.iter().zip(squares).enumerate();
    let cell = |(at, (index, square)): (usize, (&u64, &Square))| {
        let class = if grid.selected == Some(at) {
            "col-sel"
        } else {
            ""
        };
        view! {
            <td class=class data-index=index.to_string() data-node=node.0.to_string()>
                <span class=square.class()>{square.digit()}</span>
                <i class=if square.matched { "caret" } else { "" }></i>
            </td>
        }
    };
    places.map(cell).collect_view()
}

#[component]
fn RowHead(grid: Memo<GridView>, node: NodeId) -> impl IntoView {
    let glyph = Memo::new(move |_| {
        let grid = grid.read();
        grid.row(node)
            .map_or((GlyphKind::Crashed, 0), |row| (row.glyph, row.term))
    });
    let caption = Memo::new(move |_| {
        grid.read()
            .row(node)
            .map(|row| row.caption.clone())
            .unwrap_or_default()
    });
    view! {
        <th scope="row" class="rowh">
            <span class="who">
                <Glyph
                    kind=Signal::derive(move || glyph.get().0)
                    term=Signal::derive(move || glyph.get().1)
                />
                <span>
                    {node.to_string()}
                    <small>{caption}</small>
                </span>
            </span>
        </th>
    }
}

/// The same in words: one row per index, the newest first, one column per voter.
#[component]
pub(super) fn LogTable(grid: Memo<GridView>) -> impl IntoView {
    let heads = move || {
        let names = grid
            .read()
            .rows
            .iter()
            .map(|row| row.node.to_string())
            .collect::<Vec<_>>();
        names
            .into_iter()
            .map(|name| view! { <th scope="col">{name}</th> })
            .collect_view()
    };
    let rows = move || {
        let grid = grid.read();
        let row = |(at, index): (usize, &u64)| {
            let words = grid.rows.iter().map(|row| row.squares[at].words());
            let cells = words.map(|words| view! { <td>{words}</td> }).collect_view();
            view! {
                <tr>
                    <th scope="row" class="mono">{index.to_string()}</th>
                    {cells}
                </tr>
            }
        };
        grid.columns
            .iter()
            .enumerate()
            .rev()
            .map(row)
            .collect_view()
    };
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Log in words">
            <table class="table tight">
                <caption class="sr">"Replicated log: what each voter has at each index"</caption>
                <thead>
                    <tr>
                        <th scope="col">"index"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// As many columns as fit, within reason.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is clamped to a small positive range"
)]
fn columns_in(width_rem: f64) -> u32 {
    ((width_rem - NAMES_REM) / COLUMN_REM)
        .floor()
        .clamp(FEWEST_COLUMNS, MOST_COLUMNS) as u32
}

/// Left and right move between the buttons of the columns.
fn walk(event: &KeyboardEvent) {
    let Some(head) = closest_cell(event.target()) else {
        return;
    };
    let next = match event.key().as_str() {
        "ArrowLeft" => head.previous_element_sibling(),
        "ArrowRight" => head.next_element_sibling(),
        _ => return,
    };
    let button = next.and_then(|head| head.first_element_child());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        // An element that cannot take the focus leaves it where it is.
        let _ = button.focus();
    }
}

/// Gives a cell its words the first time somebody points at it.
fn explain(cell: Option<&Element>, grid: Memo<GridView>) {
    let Some(cell) = cell.filter(|cell| cell.has_attribute("data-node")) else {
        return;
    };
    let node = cell
        .get_attribute("data-node")
        .and_then(|node| node.parse().ok())
        .map(NodeId);
    let (Some(node), Some(index)) = (node, index_of(cell)) else {
        return;
    };
    let grid = grid.read_untracked();
    let at = grid.columns.iter().position(|column| *column == index);
    let square = grid.row(node).zip(at).map(|(row, at)| &row.squares[at]);
    if let Some(square) = square.filter(|square| square.cell.is_some()) {
        // A constant, valid name cannot be refused.
        let _ = cell.set_attribute(
            "title",
            &format!("{node}, index {index}: {}", square.words()),
        );
    }
}

fn closest_cell(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?
        .dyn_into::<Element>()
        .ok()?
        .closest("[data-index]")
        .ok()?
}

fn index_of(cell: &Element) -> Option<u64> {
    cell.get_attribute("data-index")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_has_as_many_columns_as_fit() {
        assert_eq!(columns_in(0.0), 19);
        assert_eq!(columns_in(38.0), 19);
        assert_eq!(columns_in(47.0), 25);
        assert_eq!(columns_in(1_000.0), 48);
    }
}
