//! What must always hold, and whether it did.

use leptos::prelude::*;
use quorate_sim::{InvariantView, MarkKind};

use crate::format;
use crate::icon::{Icon, IconName};
use crate::state::LabState;

/// One row per invariant.
#[component]
pub(super) fn InvariantsPanel() -> impl IntoView {
    let state = expect_context::<LabState>();
    let names = state.view(|snapshot| {
        snapshot
            .invariants
            .iter()
            .map(|row| (row.name, row.statement, row.group))
            .collect::<Vec<_>>()
    });
    let groups = state.view(|snapshot| {
        let mut groups: Vec<_> = snapshot.invariants.iter().map(|row| row.group).collect();
        groups.dedup();
        groups
    });
    let caption = state.view(|snapshot| {
        let checks: u64 = snapshot.invariants.iter().map(|row| row.checks).sum();
        format!(
            "{} checks so far, after every event",
            format::thousands(checks)
        )
    });
    view! {
        <section class="sect">
            <header>
                <h2>"Invariants"</h2>
                <span class="sub">{caption}</span>
            </header>
            <table class="table invariants">
                <thead>
                    <tr>
                        <th scope="col">"what must hold"</th>
                        <th scope="col" class="r">"checks"</th>
                        <th scope="col" class="r">"last"</th>
                        <th scope="col">"state"</th>
                    </tr>
                </thead>
                <For each=move || groups.get() key=|group| *group let:group>
                    <tbody>
                        <tr>
                            <th scope="rowgroup" colspan="4">
                                {group}
                            </th>
                        </tr>
                        <For each=move || of_group(&names.get(), group) key=|row| row.0 let:row>
                            <InvariantRow name=row.0 statement=row.1 />
                        </For>
                    </tbody>
                </For>
            </table>
        </section>
    }
}

/// The name and the statement of every invariant of a group.
fn of_group(
    rows: &[(&'static str, &'static str, &'static str)],
    group: &str,
) -> Vec<(&'static str, &'static str)> {
    let rows = rows.iter().filter(|row| row.2 == group);
    rows.map(|(name, statement, _)| (*name, *statement))
        .collect()
}

#[component]
fn InvariantRow(name: &'static str, statement: &'static str) -> impl IntoView {
    let state = expect_context::<LabState>();
    let row = state.view(move |snapshot| Row::find(&snapshot.invariants, name));
    let witness = move || {
        let witness = row.read().witness.clone()?;
        Some(view! {
            <p class="callout bad">
                <span>{witness}</span>
                <button class="btn small" type="button" on:click=move |_| seek_violation(state)>
                    "Go to it"
                </button>
            </p>
        })
    };
    let verdict = move || {
        let row = row.read();
        let (class, icon, words) = match (&row.witness, row.is_checked) {
            (Some(_), _) => ("badge bad", Some(IconName::Warn), "violated"),
            (None, true) => ("badge ok", Some(IconName::Check), "holds"),
            (None, false) => ("badge", None, "not asked yet"),
        };
        view! {
            <span class=class>
                {icon.map(|name| view! { <Icon name=name /> })}
                {words}
            </span>
        }
    };
    view! {
        <tr>
            <th scope="row">
                <b>{name}</b>
                <span>{statement}</span>
                {witness}
            </th>
            <td class="r mono">{move || row.read().checks.clone()}</td>
            <td class="r mono">{move || row.read().last_checked.clone()}</td>
            <td>{verdict}</td>
        </tr>
    }
}

/// One invariant, ready to print.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    /// Whether there was anything to check so far.
    is_checked: bool,
    checks: String,
    last_checked: String,
    witness: Option<String>,
}

impl Row {
    fn find(invariants: &[InvariantView], name: &str) -> Self {
        let found = invariants.iter().find(|row| row.name == name);
        found.map_or_else(Self::default, |row| Self {
            is_checked: row.checks > 0,
            checks: format::thousands(row.checks),
            last_checked: match row.checks {
                0 => String::from("–"),
                _ => format!("{} s", row.last_checked),
            },
            witness: row.witness.clone(),
        })
    }
}

fn seek_violation(state: LabState) {
    let at = state.with_lab(|lab| {
        let marks = lab.history().marks().iter();
        marks
            .filter(|mark| mark.kind == MarkKind::Violation)
            .map(|mark| mark.at)
            .next()
    });
    if let Some(at) = at {
        state.visit(at);
    }
}
