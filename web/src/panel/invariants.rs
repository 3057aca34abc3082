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
            .map(|row| (row.name, row.statement))
            .collect::<Vec<_>>()
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
                <tbody>
                    <For each=move || names.get() key=|row| row.0 let:row>
                        <InvariantRow name=row.0 statement=row.1 />
                    </For>
                </tbody>
            </table>
        </section>
    }
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
        let (class, icon, words) = match row.read().witness {
            None => ("badge ok", IconName::Check, "holds"),
            Some(_) => ("badge bad", IconName::Warn, "violated"),
        };
        view! {
            <span class=class>
                <Icon name=icon />
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
    checks: String,
    last_checked: String,
    witness: Option<String>,
}

impl Row {
    fn find(invariants: &[InvariantView], name: &str) -> Self {
        let found = invariants.iter().find(|row| row.name == name);
        found.map_or_else(Self::default, |row| Self {
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
