//! One decision of the autoscaler, from the samples to the answer.

use leptos::prelude::*;
use quorate::Micros;
use quorate_sim::{DecisionView, Lab};

use crate::format;
use crate::icon::{Icon, IconName};
use crate::state::LabState;

/// The decision in view: the latest, until the user turns back.
#[component]
pub(super) fn DecisionChain() -> impl IntoView {
    let state = expect_context::<LabState>();
    // The time of the decision the user turned to; `None` follows the latest.
    let pinned = RwSignal::new(None::<Micros>);
    let record = Memo::new(move |_| {
        let reading = state.reading.read();
        let end = state.with_lab(Lab::end);
        Record::find(&reading.scaling.decisions, pinned.get(), end)
    });
    let turn = move |to: fn(&Record) -> Option<Micros>| {
        move |_| {
            let record = record.read_untracked();
            if let Some(at) = record.as_ref().and_then(to) {
                pinned.set(Some(at).filter(|_| record.as_ref().is_some_and(|r| r.latest != at)));
            }
        }
    };
    let lacks = move |to: fn(&Record) -> Option<Micros>| {
        move || record.read().as_ref().and_then(to).is_none()
    };
    let title = move || match record.read().as_ref() {
        Some(record) => format!("Decision at {}", record.time),
        None => String::from("No decision yet"),
    };
    let waiting = move || {
        record.read().is_none().then(|| {
            view! {
                <p class="sub">
                    "The leader's autoscaler looks at the fleet from time to time. Every look is a
                    decision, and its reasons will be here."
                </p>
            }
        })
    };
    view! {
        <section class="sect">
            <header>
                <h2>{title}</h2>
                {move || record.read().as_ref().map(Record::outcome)}
                <span class="end">
                    <button
                        class="btn icon small"
                        type="button"
                        aria-label="Previous decision"
                        disabled=lacks(|record| record.before)
                        on:click=turn(|record| record.before)
                    >
                        <Icon name=IconName::Prev />
                    </button>
                    <button
                        class="btn icon small"
                        type="button"
                        aria-label="Next decision"
                        disabled=lacks(|record| record.after)
                        on:click=turn(|record| record.after)
                    >
                        <Icon name=IconName::Next />
                    </button>
                </span>
            </header>
            {waiting}
            <ol class="chain" hidden=move || record.read().is_none()>
                {move || record.read().as_ref().map(Record::steps)}
            </ol>
        </section>
        {move || record.read().as_ref().map(Record::counterfactual)}
    }
}

/// A decision, ready to print, and its neighbours.
#[derive(Clone, Debug, PartialEq)]
struct Record {
    view: DecisionView,
    /// When it was made, as the clock writes it.
    time: String,
    before: Option<Micros>,
    after: Option<Micros>,
    latest: Micros,
}

impl Record {
    /// The decision made at `pinned`, or the latest if there is none from then.
    fn find(decisions: &[DecisionView], pinned: Option<Micros>, end: Micros) -> Option<Self> {
        let last = decisions.len().checked_sub(1)?;
        let at = decisions
            .iter()
            .position(|view| Some(view.at) == pinned)
            .unwrap_or(last);
        let view = decisions[at].clone();
        Some(Self {
            time: format::clock(view.at, end) + format::clock_unit(end),
            before: at.checked_sub(1).map(|before| decisions[before].at),
            after: decisions.get(at + 1).map(|view| view.at),
            latest: decisions[last].at,
            view,
        })
    }

    fn outcome(&self) -> impl IntoView + use<> {
        let decision = &self.view.decision;
        let (class, words) = if decision.current == decision.target {
            ("badge", format!("{} nodes, no change", decision.current))
        } else {
            (
                "badge accent",
                format!("{} → {} nodes", decision.current, decision.target),
            )
        };
        view! { <span class=class>{words}</span> }
    }

    fn steps(&self) -> impl IntoView + use<> {
        let step = |name: String, detail: String, value: String, class: &'static str| {
            view! {
                <li class=class>
                    <b>{name}</b>
                    <span class="why">{detail}</span>
                    <span class="to">{value}</span>
                </li>
            }
        };
        let steps = self.view.decision.steps();
        let last = steps.len().saturating_sub(1);
        let rows = steps.into_iter().enumerate().map(|(at, each)| {
            let (class, detail) = match (each.binding, at == last) {
                (true, _) => ("binding", each.detail),
                (false, true) => ("done", format!("{}, {}", each.detail, self.ordered())),
                (false, false) => ("", each.detail),
            };
            step(each.name.to_string(), detail, each.value, class)
        });
        rows.collect_view()
    }

    /// By whom it was made, and what became of it.
    fn ordered(&self) -> String {
        let DecisionView {
            by, term, index, ..
        } = &self.view;
        match index {
            Some(index) => format!("by leader {by} in term {term} as entry {index}"),
            None => format!("by leader {by} in term {term}"),
        }
    }

    fn counterfactual(&self) -> impl IntoView + use<> {
        view! {
            <div class="callout accent">
                <Icon name=IconName::Help />
                <p>
                    <b>"What would change it. "</b>
                    {self.view.decision.what_would_change_it()}
                </p>
            </div>
        }
    }
}
