//! Depth-first search through everything a system can do within its bounds.
//!
//! Knows nothing of replicas: a system says what its states are, what can happen in them and what
//! must be true. The search visits every reachable state once, so a run that returns is a proof
//! within the bounds, where a random run is a sample.

use std::fmt;

use super::table::Table;

/// Something with states that can be explored.
pub(crate) trait System {
    /// Where it is. Small: the stack holds many of them.
    type State: Copy;
    /// What happened between two states.
    type Action: Copy;

    /// Exactly the state: two states with one key behave alike for ever.
    fn key(&self, state: Self::State) -> u128;

    /// What must be true in the state.
    fn check(&mut self, state: Self::State) -> Result<(), Violation>;

    /// Everything that can happen next. An error is a step that broke a rule by itself.
    fn successors(
        &mut self,
        state: Self::State,
        next: &mut Vec<(Self::Action, Self::State)>,
    ) -> Result<(), (Self::Action, Violation)>;

    /// The action in words.
    fn describe(&self, action: Self::Action) -> String;
}

/// What was not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation(pub String);

/// The history that led to a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counterexample {
    /// What happened, in order.
    pub(crate) history: Vec<String>,
    /// What was wrong then.
    pub(crate) violation: Violation,
}

/// How much was explored. All of it: the search has no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Different states.
    pub(crate) states: usize,
    /// Steps between them.
    pub(crate) transitions: usize,
}

/// Visits every state that can be reached from `initial`.
pub(crate) fn explore<S: System>(
    system: &mut S,
    initial: S::State,
) -> Result<Extent, Counterexample> {
    let mut visited = Table::<()>::new();
    let mut extent = Extent::default();
    let mut trail: Vec<S::Action> = Vec::new();
    let mut next = Vec::new();
    // With every state the action that leads to it and how many came before.
    let mut open: Vec<(usize, Option<S::Action>, S::State)> = vec![(0, None, initial)];
    visited.insert(system.key(initial), ());
    while let Some((depth, action, state)) = open.pop() {
        trail.truncate(depth);
        trail.extend(action);
        let checked = system.check(state).map_err(|violation| (None, violation));
        let stepped = checked.and_then(|()| {
            let stepped = system.successors(state, &mut next);
            stepped.map_err(|(action, violation)| (Some(action), violation))
        });
        if let Err((action, violation)) = stepped {
            trail.extend(action);
            let history = trail.iter().map(|&action| system.describe(action));
            return Err(Counterexample {
                history: history.collect(),
                violation,
            });
        }
        extent.transitions += next.len();
        for (action, state) in next.drain(..) {
            if visited.insert(system.key(state), ()) {
                open.push((trail.len(), Some(action), state));
            }
        }
    }
    extent.states = visited.len();
    Ok(extent)
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.history.iter().enumerate() {
            writeln!(f, "{:3}. {step}", number + 1)?;
        }
        write!(f, "     {}", self.violation.0)
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            transitions,
        } = self;
        write!(
            f,
            "{states} states and {transitions} transitions, all of them"
        )
    }
}
