//! What happened, newest first.
//!
//! A run makes thousands of events a second. The table shows the newest that pass the filter,
//! bounded; the filter looks through everything the history remembers.

use std::collections::BTreeSet;

use leptos::prelude::*;
use quorate_sim::EventRow;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::format;
use crate::icon::{Icon, IconName};
use crate::state::{LabState, Selection};

/// Rows shown.
const MOST_ROWS: usize = 120;

/// The table of events and its filter.
#[component]
pub(super) fn EventsPanel() -> impl IntoView {
    let state = expect_context::<LabState>();
    let filter = RwSignal::new(Filter::default());
    let page = Memo::new(move |_| {
        state.reading.track();
        let filter = filter.read();
        state.with_lab(|lab| {
            Page::new(lab.history().events().rev(), &filter, |row| {
                row.at > lab.now()
            })
        })
    });
    let caption = move || {
        let page = page.read();
        let more = if page.cut { "the newest " } else { "" };
        format!(
            "{more}{}",
            format::count(page.rows.len(), "event", "events")
        )
    };
    let chosen = move || match state.selection.get() {
        Selection::Event(event) => Some(event),
        _ => None,
    };
    let go = move |event: web_sys::MouseEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok());
        let row = target.and_then(|target| target.closest("[data-event]").ok().flatten());
        let number = row.and_then(|row| row.get_attribute("data-event")?.parse::<u64>().ok());
        let found = number.and_then(|number| page.read_untracked().find(number));
        if let Some((number, at)) = found {
            state.selection.set(Selection::Event(number));
            state.visit(at);
        }
    };
    let rows = move || {
        let chosen = chosen();
        page.read()
            .rows
            .iter()
            .map(|row| row.view(chosen == Some(row.event)))
            .collect_view()
    };
    view! {
        <section class="sect events">
            <header>
                <h2>"Events"</h2>
                <span class="sub">{caption}</span>
                <Filters filter page />
            </header>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Events, newest first">
                <table class="table tight" on:click=go>
                    <thead>
                        <tr>
                            <th scope="col">"time"</th>
                            <th scope="col">"node"</th>
                            <th scope="col">"kind"</th>
                            <th scope="col">"what happened"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn Filters(filter: RwSignal<Filter>, page: Memo<Page>) -> impl IntoView {
    let kinds = Memo::new(move |_| page.read().kinds.clone());
    let options = move || {
        let option = |kind: &'static str| view! { <option value=kind>{kind}</option> };
        kinds.get().into_iter().map(option).collect_view()
    };
    view! {
        <span class="end">
            <label class="search">
                <Icon name=IconName::Search />
                <input
                    class="input"
                    type="search"
                    placeholder="filter"
                    aria-label="Filter events by text or node"
                    on:input:target=move |event| {
                        filter.update(|filter| filter.text = event.target().value().to_lowercase());
                    }
                />
            </label>
            <select
                class="select small"
                aria-label="Kind of event"
                on:change:target=move |event| {
                    filter.update(|filter| filter.kind = event.target().value());
                }
            >
                <option value="">"all kinds"</option>
                {options}
            </select>
        </span>
    }
}

/// What the user wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Filter {
    /// In the text or the name of the node; lower case, empty for everything.
    text: String,
    /// One kind; empty for all.
    kind: String,
}

impl Filter {
    fn passes(&self, row: &EventRow) -> bool {
        (self.kind.is_empty() || row.kind == self.kind)
            && (self.text.is_empty()
                || row.text.to_lowercase().contains(&self.text)
                || row.node.is_some_and(|node| node.to_string() == self.text))
    }
}

/// The rows that are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Page {
    rows: Vec<Row>,
    /// There are more than are shown.
    cut: bool,
    /// Every kind there is, in order.
    kinds: BTreeSet<&'static str>,
}

/// One event, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    event: u64,
    at: quorate::Micros,
    node: String,
    kind: &'static str,
    text: String,
    /// It lies in the future of a run that was wound back.
    ahead: bool,
}

impl Page {
    fn new<'a>(
        newest_first: impl Iterator<Item = &'a EventRow>,
        filter: &Filter,
        ahead: impl Fn(&EventRow) -> bool,
    ) -> Self {
        let mut page = Self::default();
        for row in newest_first {
            page.kinds.insert(row.kind);
            if !filter.passes(row) {
                continue;
            }
            if page.rows.len() == MOST_ROWS {
                page.cut = true;
                break;
            }
            page.rows.push(Row {
                event: row.event,
                at: row.at,
                node: row.node.map(|node| node.to_string()).unwrap_or_default(),
                kind: row.kind,
                text: row.text.clone(),
                ahead: ahead(row),
            });
        }
        page
    }

    fn find(&self, event: u64) -> Option<(u64, quorate::Micros)> {
        self.rows
            .iter()
            .find(|row| row.event == event)
            .map(|row| (row.event, row.at))
    }
}

impl Row {
    fn view(&self, chosen: bool) -> impl IntoView + use<> {
        view! {
            <tr
                class=if self.ahead { "ahead" } else { "" }
                aria-selected=chosen.to_string()
                data-event=self.event.to_string()
            >
                <th scope="row" class="mono">
                    <button type="button" class="link" title="Go there">
                        {self.at.to_string()}
                    </button>
                </th>
                <td>{self.node.clone()}</td>
                <td>{self.kind}</td>
                <td class="wide">{self.text.clone()}</td>
            </tr>
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate::{Micros, NodeId};

    use super::*;

    fn row(event: u64, kind: &'static str, text: &str) -> EventRow {
        EventRow {
            at: Micros(event),
            event,
            kind,
            node: Some(NodeId(event % 3)),
            text: text.into(),
        }
    }

    fn page(rows: &[EventRow], text: &str, kind: &str) -> Page {
        let filter = Filter {
            text: text.into(),
            kind: kind.into(),
        };
        Page::new(rows.iter().rev(), &filter, |row| row.at > Micros(5))
    }

    #[test]
    fn the_filter_looks_at_text_node_and_kind() {
        let rows = [
            row(1, "role", "n1 leads term 1"),
            row(2, "fault", "n2 Crashes"),
            row(6, "role", "n3"),
        ];
        let events = |page: Page| page.rows.iter().map(|row| row.event).collect::<Vec<_>>();
        assert_eq!(events(page(&rows, "", "")), [6, 2, 1]);
        assert_eq!(events(page(&rows, "crashes", "")), [2]);
        assert_eq!(events(page(&rows, "n2", "")), [2]);
        assert_eq!(events(page(&rows, "", "role")), [6, 1]);
        assert!(page(&rows, "", "").rows[0].ahead);
        assert_eq!(page(&rows, "nothing", "").kinds.len(), 2);
    }

    #[test]
    fn the_table_is_bounded_and_says_so() {
        let rows: Vec<_> = (0..=MOST_ROWS as u64)
            .map(|event| row(event, "role", ""))
            .collect();
        let all = page(&rows, "", "");
        assert_eq!((all.rows.len(), all.cut), (MOST_ROWS, true));
        assert!(!page(&rows[1..], "", "").cut);
    }
}
