//! What happened in a run, as a list that a person can follow.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use quorate::raft::Role;
use quorate::{Micros, NodeId};

use crate::fuzz::{Violation, run_with};
use crate::mutant::Mutant;
use crate::notice::{Notice, NoticeKind};
use crate::scenario::{Scenario, ScenarioError};
use crate::world::{Recording, World};

/// One line of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// When.
    pub at: Micros,
    /// What happened, in words.
    pub text: String,
}

/// What happened up to the first violation: faults, elections, and what broke. With `most` lines; if
/// there is more, what users did goes first, then the elections of the middle. What is asked only when
/// the run is over takes another run.
pub fn story(
    scenario: &Scenario,
    mutant: Mutant,
    most: usize,
) -> Result<Vec<Chapter>, ScenarioError> {
    let mut world = World::with_mutant(scenario.clone(), None, Recording::On, mutant)?;
    let mut chapters: Vec<(Weight, Chapter)> = Vec::new();
    loop {
        // The kernel panics where it finds itself in an impossible state: the story ends there.
        let stepped = catch_unwind(AssertUnwindSafe(|| world.step()));
        for notice in world.take_notices() {
            if let Some((weight, text)) = told(&notice) {
                let at = notice.at;
                chapters.push((weight, Chapter { at, text }));
            }
        }
        if stepped.is_err() {
            let text = "the kernel finds itself in an impossible state".into();
            let at = world.now();
            chapters.push((Weight::Cause, Chapter { at, text }));
            break;
        }
        if world.is_violated() {
            break;
        }
        if matches!(stepped, Ok(false)) {
            let outcome = run_with(scenario, mutant)?;
            let broken = outcome
                .violation
                .or(outcome.loss.map(|loss| loss.violation));
            chapters.extend(broken.map(|violation| (Weight::Cause, broke_in_the_end(&violation))));
            break;
        }
    }
    Ok(shortened(chapters, most))
}

fn broke_in_the_end(violation: &Violation) -> Chapter {
    let Violation {
        invariant, witness, ..
    } = violation;
    Chapter {
        at: violation.at,
        text: format!("{invariant} breaks: {witness}"),
    }
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Use,
    Election,
    Cause,
}

fn told(notice: &Notice) -> Option<(Weight, String)> {
    let who = notice.node.unwrap_or(NodeId(0));
    Some(match &notice.kind {
        NoticeKind::Acted { action } => (Weight::Cause, action.to_string()),
        NoticeKind::Violated { invariant, witness } => {
            (Weight::Cause, format!("{invariant} breaks: {witness}"))
        }
        NoticeKind::Role {
            to: Role::Leader,
            term,
            ..
        } => (Weight::Election, format!("{who} leads term {term}")),
        NoticeKind::Role {
            from: Role::Leader,
            term,
            ..
        } => (
            Weight::Election,
            format!("{who} leads no more, in term {term}"),
        ),
        NoticeKind::Committed { index, command, .. } => (
            Weight::Use,
            format!("{who} commits index {index}: {command}"),
        ),
        NoticeKind::SetChanged { text } => (Weight::Use, format!("{text} at {who}")),
        NoticeKind::Pruned { records, .. } => {
            (Weight::Use, format!("{who} forgets {records} removals"))
        }
        NoticeKind::Ready => (Weight::Election, format!("{who} is ready")),
        NoticeKind::Draining => (Weight::Election, format!("{who} drains")),
        NoticeKind::Stopped => (Weight::Election, format!("{who} is switched off")),
        _ => return None,
    })
}

/// Leaves out the lightest lines, the earliest of them first: what led to the end stands near it.
fn shortened(mut chapters: Vec<(Weight, Chapter)>, most: usize) -> Vec<Chapter> {
    for weight in [Weight::Use, Weight::Election, Weight::Cause] {
        let mut surplus = chapters.len().saturating_sub(most);
        chapters.retain(|(of, _)| {
            let goes = surplus > 0 && *of == weight;
            surplus -= usize::from(goes);
            !goes
        });
    }
    chapters.into_iter().map(|(_, chapter)| chapter).collect()
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.at.0 / 1_000;
        write!(
            f,
            "{:>4}.{:03} s  {}",
            millis / 1_000,
            millis % 1_000,
            self.text
        )
    }
}
