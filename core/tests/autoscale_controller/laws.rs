//! The laws of the controller, on random inputs.

use std::collections::BTreeSet;

use proptest::prelude::*;
use quorate::autoscale::controller::{
    Controller, ControllerState, Effect, Effects, Event, Input, OrderId,
};
use quorate::autoscale::guard::{ChangeBudget, ChangeLimit, ChangeWindow, GuardSettings, Guards};
use quorate::autoscale::{
    Bounds, Metric, NodeSample, NodeState, Observation, Policy, Strategy as Scaling, Threshold,
    ThresholdSettings,
};
use quorate::{Micros, NodeId};

use crate::bench::{SETTINGS, order, ready, secs};

const WINDOW: Micros = secs(200);
const MOST: u32 = 5;

fn guarded() -> Policy {
    let limit = ChangeLimit {
        nodes: Some(MOST),
        permille: None,
    };
    let window = ChangeWindow {
        window: WINDOW,
        added: limit,
        removed: limit,
    };
    let guards = Guards::new(GuardSettings {
        bounds: Bounds::new(2, 12).unwrap(),
        change_budget: Some(ChangeBudget::new(vec![window]).unwrap()),
        ..GuardSettings::default()
    });
    let threshold = Threshold::new(ThresholdSettings {
        cooldown: Micros::ZERO,
        ..ThresholdSettings::default()
    });
    Policy::new(Scaling::Threshold(threshold.unwrap()), guards.unwrap()).unwrap()
}

/// One input, roughly; what it refers to depends on where the run is.
#[derive(Clone, Copy, Debug)]
enum Action {
    See { nodes: u32, cpu: i64 },
    SeeTheFleet { cpu: i64 },
    Hide,
    Tick,
    Drained { node: u64 },
    Executed { late: u64 },
    Failed { late: u64 },
    Lead { later: u64 },
    Deposed,
}

fn action() -> impl Strategy<Value = Action> {
    let cpu = || prop_oneof![Just(900_i64), Just(100), Just(500)];
    prop_oneof![
        8 => cpu().prop_map(|cpu| Action::SeeTheFleet { cpu }),
        2 => (1..16_u32, cpu()).prop_map(|(nodes, cpu)| Action::See { nodes, cpu }),
        1 => Just(Action::Hide),
        3 => Just(Action::Tick),
        6 => (1..16_u64).prop_map(|node| Action::Drained { node }),
        6 => (0..2_u64).prop_map(|late| Action::Executed { late }),
        2 => (0..2_u64).prop_map(|late| Action::Failed { late }),
        1 => (0..2_u64).prop_map(|later| Action::Lead { later }),
        1 => Just(Action::Deposed),
    ]
}

fn script() -> impl Strategy<Value = Vec<(u64, Action)>> {
    proptest::collection::vec((0..30_u64, action()), 1..150)
}

/// A controller, and the fleet that its orders make.
struct Run {
    controller: Controller,
    now: u64,
    size: u32,
    given: u64,
    term: u64,
}

impl Run {
    fn new() -> Self {
        let mut controller = Controller::new(guarded(), SETTINGS).unwrap();
        controller.step(secs(0), Input::Lead { term: 1 }).unwrap();
        Self {
            controller,
            now: 0,
            size: 4,
            given: 0,
            term: 1,
        }
    }

    fn input(&mut self, action: Action) -> Input {
        let id = |number| order(self.term, number);
        let number = |late: u64| self.given.saturating_sub(late);
        match action {
            Action::See { nodes, cpu } => Input::Observed(ready(nodes, cpu)),
            Action::SeeTheFleet { cpu } => Input::Observed(ready(self.size, cpu)),
            Action::Hide => Input::Unobserved,
            Action::Tick => Input::Tick,
            Action::Drained { node } => Input::Drained {
                order: id(self.given),
                node: NodeId(node),
            },
            Action::Executed { late } => Input::Executed {
                order: id(number(late)),
            },
            Action::Failed { late } => Input::Failed {
                order: id(number(late)),
                error: String::from("no"),
            },
            Action::Lead { later } => {
                self.term += later;
                Input::Lead { term: self.term }
            }
            Action::Deposed => Input::Deposed { term: self.term },
        }
    }

    fn take(&mut self, later: u64, action: Action) -> Effects {
        self.now += later;
        let input = self.input(action);
        let Ok(effects) = self.controller.step(secs(self.now), input) else {
            return Effects::default();
        };
        let effects = effects.clone();
        for event in &effects.events {
            match event {
                Event::ScaleOutStarted { order, .. } | Event::ScaleInStarted { order, .. } => {
                    self.given = order.number;
                }
                Event::ScaleOutCompleted { to, .. } | Event::ScaleInCompleted { to, .. } => {
                    self.size = *to;
                }
                _ => {}
            }
        }
        effects
    }
}

/// The state as it comes back from wherever it was kept.
#[cfg(feature = "serde")]
fn written_and_read(state: &ControllerState) -> ControllerState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

/// The state as it comes back from wherever it was kept.
#[cfg(not(feature = "serde"))]
fn written_and_read(state: &ControllerState) -> ControllerState {
    state.clone()
}

fn started(event: &Event) -> Option<OrderId> {
    match event {
        Event::ScaleOutStarted { order, .. } | Event::ScaleInStarted { order, .. } => Some(*order),
        _ => None,
    }
}

fn ended(event: &Event) -> Option<OrderId> {
    match event {
        Event::ScaleOutCompleted { order, .. }
        | Event::ScaleInCompleted { order, .. }
        | Event::ScaleOutFailed { order, .. }
        | Event::ScaleInFailed { order, .. } => Some(*order),
        _ => None,
    }
}

proptest! {
    // Every evaluation makes its counterfactual: dozens of runs of the policy.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// An order begins when none is open, ends once, and nothing is asked for outside of it.
    #[test]
    fn at_most_one_order_is_open(script in script()) {
        let mut run = Run::new();
        let mut open: Option<OrderId> = None;
        let mut seen = BTreeSet::new();
        for (later, action) in script {
            let effects = run.take(later, action);
            for event in &effects.events {
                if let Some(order) = ended(event) {
                    prop_assert_eq!(open.take(), Some(order));
                }
                if let Some(order) = started(event) {
                    prop_assert_eq!(open.replace(order), None);
                    prop_assert!(seen.insert(order), "{} was used twice", order);
                    prop_assert_eq!(Some(order.term), run.controller.leads());
                }
            }
            for effect in &effects.orders {
                match effect {
                    Effect::Drain { order, .. } | Effect::ScaleTo { order, .. } => {
                        prop_assert_eq!(open, Some(*order));
                        prop_assert_eq!(Some(order.term), run.controller.leads());
                    }
                    Effect::CancelDrain { order, .. } => prop_assert_ne!(open, Some(*order)),
                }
            }
            prop_assert_eq!(run.controller.open_order(), open);
        }
    }

    /// What was reported as carried out keeps to the budget and the bounds.
    #[test]
    fn budgets_hold_for_what_was_carried_out(script in script()) {
        let mut run = Run::new();
        let mut done: Vec<(Micros, u32, u32)> = Vec::new();
        for (later, action) in script {
            let effects = run.take(later, action);
            for event in &effects.events {
                let (Event::ScaleOutCompleted { from, to, .. }
                | Event::ScaleInCompleted { from, to, .. }) = *event
                else {
                    continue;
                };
                done.push((secs(run.now), to.saturating_sub(from), from.saturating_sub(to)));
                let bounds = Bounds::new(2, 12).unwrap();
                prop_assert!(
                    bounds.clamp(to).abs_diff(to) <= bounds.clamp(from).abs_diff(from)
                );
            }
        }
        for (end, ..) in &done {
            let within = done.iter().filter(|(at, ..)| at <= end && end.since(*at) < WINDOW);
            let (added, removed) = within.fold((0, 0), |sum, each| (sum.0 + each.1, sum.1 + each.2));
            prop_assert!(added <= MOST && removed <= MOST);
        }
    }

    /// A process that dies after any step and comes back does what it would have done.
    #[test]
    fn a_restart_is_no_restart(script in script(), dies in proptest::collection::vec(any::<bool>(), 150)) {
        let (mut lives, mut dying) = (Run::new(), Run::new());
        for ((later, action), dies) in script.into_iter().zip(dies) {
            if dies {
                let state = written_and_read(dying.controller.save());
                let leads = dying.controller.leads();
                dying.controller = Controller::restore(guarded(), SETTINGS, state).unwrap();
                if let Some(term) = leads {
                    let now = secs(dying.now);
                    let again = dying.controller.step(now, Input::Lead { term }).unwrap();
                    prop_assert!(again.events.is_empty());
                }
            }
            prop_assert_eq!(lives.take(later, action), dying.take(later, action));
            prop_assert_eq!(lives.controller.save(), dying.controller.save());
        }
    }

    /// Reports on orders of other terms and other numbers change nothing.
    #[test]
    fn a_late_report_changes_nothing(script in script(), term in 0..4_u64, number in 0..40_u64) {
        let mut run = Run::new();
        for (later, action) in script {
            run.take(later, action);
        }
        let late = order(term, number);
        prop_assume!(run.controller.open_order() != Some(late));
        let now = secs(run.now);
        run.controller.step(now, Input::Tick).unwrap();
        let before = run.controller.save().clone();
        for input in [
            Input::Executed { order: late },
            Input::Failed { order: late, error: String::new() },
            Input::Drained { order: late, node: NodeId(1) },
        ] {
            // Time has stood still, so nothing else is due.
            let effects = run.controller.step(now, input).unwrap();
            prop_assert!(effects.events.is_empty());
        }
        prop_assert_eq!(run.controller.save(), &before);
    }

    /// The order in which nodes reported does not matter.
    #[test]
    fn the_order_of_nodes_changes_nothing(
        cpus in proptest::collection::vec(0..1_000_i64, 1..12),
        turn in any::<prop::sample::Index>(),
    ) {
        let samples: Vec<NodeSample> = (1..)
            .zip(cpus)
            .map(|(id, cpu)| NodeSample {
                cpu: Metric::Fresh(cpu),
                memory: Metric::Fresh(0),
                queue: Metric::Fresh(0),
                ..NodeSample::unmeasured(NodeId(id), NodeState::Ready)
            })
            .collect();
        let mut turned = samples.clone();
        turned.rotate_left(turn.index(samples.len()));
        let effects = |samples| {
            let mut run = Run::new();
            let observation = Observation::new(samples).unwrap();
            run.controller.step(secs(0), Input::Observed(observation)).unwrap().clone()
        };
        prop_assert_eq!(effects(samples), effects(turned));
    }
}
