//! The laws of the controller.

use std::collections::BTreeSet;

use quorate::autoscale::controller::{Controller, Effect, Event, Input, OrderId};
use quorate::autoscale::guard::{ChangeBudget, ChangeLimit, ChangeWindow, GuardSettings, Guards};
use quorate::autoscale::{Policy, Rule};
use quorate::{NodeId, Random};

use crate::bench::{HIGH, LOW, MIDDLE, SETTINGS, order, policy, ready, secs};
use crate::subject::{Check, Finding, Subject, ensure};

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "at most one order is open",
        rules: &[Rule::OneOrderAtATime],
        law: one_order_at_a_time,
    },
    Check {
        name: "a burst is answered once",
        rules: &[Rule::OrdersSettle],
        law: a_burst_is_answered_once,
    },
    Check {
        name: "a late report changes nothing",
        rules: &[Rule::ReportsAreFenced],
        law: late_reports_change_nothing,
    },
    Check {
        name: "only drained nodes are removed",
        rules: &[Rule::DrainComesFirst, Rule::LateDrainIsCalledOff],
        law: only_drained_nodes_are_removed,
    },
    Check {
        name: "a burst does not wait for a drain",
        rules: &[Rule::ScaleOutOvertakesDrain],
        law: a_burst_does_not_wait,
    },
    Check {
        name: "waits double until a success",
        rules: &[Rule::FailuresBackOff, Rule::SuccessResetsBackoff],
        law: waits_double_until_a_success,
    },
    Check {
        name: "a restart gives no order twice",
        rules: &[Rule::OrdersKeepTheirId],
        law: a_restart_gives_no_order_twice,
    },
    Check {
        name: "a change of leaders does not refill a budget",
        rules: &[Rule::UnknownFateIsCharged],
        law: leaders_share_a_budget,
    },
];

/// A controller of `subject` that leads in term 1.
fn leader(subject: Subject, policy: Policy) -> Controller {
    let mut controller = Controller::new(subject.policy(policy), SETTINGS).unwrap();
    controller.step(secs(0), Input::Lead { term: 1 }).unwrap();
    controller
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

fn one_order_at_a_time(subject: Subject) -> Finding {
    let mut random = Random::new(1);
    for _ in 0..20 {
        let mut controller = leader(subject, policy(1, 20));
        let (mut open, mut last) = (None, order(1, 0));
        for turn in 0..100 {
            let input = match random.below(4) {
                0 => Input::Executed { order: last },
                1 => Input::Observed(ready(4, HIGH)),
                2 => Input::Observed(ready(4, LOW)),
                _ => Input::Observed(ready(6, MIDDLE)),
            };
            for event in &controller.step(secs(turn * 15), input).unwrap().events {
                if let Some(id) = ended(event) {
                    let was = open.take();
                    ensure(was == Some(id), || format!("{id} ended and was not open"))?;
                }
                if let Some(id) = started(event) {
                    let was = open.replace(id);
                    ensure(was.is_none(), || format!("{id} began within another"))?;
                    last = id;
                }
            }
        }
    }
    Ok(())
}

fn a_burst_is_answered_once(subject: Subject) -> Finding {
    let mut controller = leader(subject, policy(1, 20));
    let mut given = 0;
    for turn in 0..4 {
        let now = secs(turn * 15);
        let effects = controller
            .step(now, Input::Observed(ready(4, HIGH)))
            .unwrap();
        given += effects.events.iter().filter_map(started).count();
        let Some(order) = controller.open_order() else {
            continue;
        };
        controller.step(now, Input::Executed { order }).unwrap();
    }
    ensure(given == 1, || {
        format!("{given} orders while the fleet is seen as it was")
    })
}

fn late_reports_change_nothing(subject: Subject) -> Finding {
    let mut controller = leader(subject, policy(1, 20));
    controller
        .step(secs(0), Input::Observed(ready(4, HIGH)))
        .unwrap();
    controller.step(secs(1), Input::Lead { term: 2 }).unwrap();
    controller
        .step(secs(15), Input::Observed(ready(4, HIGH)))
        .unwrap();
    let open = controller.open_order();
    let before = controller.save().clone();
    for late in [order(1, 1), order(1, 2), order(2, 1), order(3, 2)] {
        let error = String::from("late");
        let inputs = [
            Input::Executed { order: late },
            Input::Failed { order: late, error },
        ];
        for input in inputs {
            let effects = controller.step(secs(15), input).unwrap();
            ensure(effects.is_empty(), || {
                format!("{late} is heard, {open:?} is open")
            })?;
        }
    }
    ensure(*controller.save() == before, || {
        String::from("it has changed something")
    })
}

fn only_drained_nodes_are_removed(subject: Subject) -> Finding {
    let mut random = Random::new(2);
    for _ in 0..50 {
        let mut controller = leader(subject, policy(1, 3));
        let mut drained = BTreeSet::new();
        for turn in 0..60 {
            let input = match (controller.open_order(), random.below(4)) {
                (Some(order), 0) => {
                    let node = NodeId(random.below(8) + 1);
                    drained.insert((order, node));
                    Input::Drained { order, node }
                }
                (Some(order), 1) if random.chance(200) => Input::Executed { order },
                _ => Input::Observed(ready(6, MIDDLE)),
            };
            let effects = controller.step(secs(turn * 5), input).unwrap();
            for effect in &effects.orders {
                if let Effect::ScaleTo { order, remove, .. } = effect {
                    let busy = remove
                        .iter()
                        .find(|node| !drained.contains(&(*order, **node)));
                    ensure(busy.is_none(), || format!("{busy:?} is removed by {order}"))?;
                }
            }
        }
    }
    Ok(())
}

fn a_burst_does_not_wait(subject: Subject) -> Finding {
    let mut controller = leader(subject, policy(1, 20));
    controller
        .step(secs(0), Input::Observed(ready(4, LOW)))
        .unwrap();
    let mut asked_at = None;
    for turn in 1..6 {
        let now = secs(turn * 15);
        let effects = controller
            .step(now, Input::Observed(ready(4, HIGH)))
            .unwrap();
        let asks = |effect: &Effect| matches!(effect, Effect::ScaleTo { to: 6, .. });
        if effects.orders.iter().any(asks) {
            asked_at = asked_at.or(Some(turn));
        }
    }
    ensure(asked_at == Some(2), || {
        format!("asked at {asked_at:?}, the drain takes six")
    })
}

/// Fails every order for ten minutes, lets one succeed, and fails again.
fn waits_double_until_a_success(subject: Subject) -> Finding {
    let mut controller = leader(subject, policy(1, 20));
    let mut given = Vec::new();
    for turn in 0..60 {
        let now = secs(turn * 15);
        controller
            .step(now, Input::Observed(ready(4, HIGH)))
            .unwrap();
        let Some(order) = controller.open_order() else {
            continue;
        };
        given.push(turn);
        let report = if turn == 32 {
            Input::Executed { order }
        } else {
            let error = String::from("no");
            Input::Failed { order, error }
        };
        controller.step(now, report).unwrap();
    }
    // 20, 40, 80, 100, 100 ... seconds on ticks of 15. After the success at 32 the fleet settles for
    // a minute, and the waits begin anew.
    let expected = [0, 2, 5, 11, 18, 25, 32, 36, 38, 41, 47, 54];
    ensure(given == expected, || {
        format!("orders at {given:?}, not at {expected:?}")
    })
}

fn a_restart_gives_no_order_twice(subject: Subject) -> Finding {
    let mut controller = leader(subject, policy(1, 20));
    let mut asked = BTreeSet::new();
    let collect = |asked: &mut BTreeSet<OrderId>, orders: &[Effect]| {
        asked.extend(orders.iter().filter_map(|effect| match effect {
            Effect::ScaleTo { order, .. } => Some(*order),
            _ => None,
        }));
    };
    let effects = controller
        .step(secs(0), Input::Observed(ready(4, HIGH)))
        .unwrap();
    collect(&mut asked, &effects.orders);
    for second in 1..4 {
        let state = controller.save().clone();
        let same = subject.policy(policy(1, 20));
        controller = Controller::restore(same, SETTINGS, state).unwrap();
        let effects = controller
            .step(secs(second), Input::Lead { term: 1 })
            .unwrap();
        collect(&mut asked, &effects.orders);
    }
    ensure(asked.len() == 1, || format!("one burst, and {asked:?}"))
}

/// The executor carries out every order, and each report is lost in a change of leaders.
fn leaders_share_a_budget(subject: Subject) -> Finding {
    let limit = ChangeLimit {
        nodes: Some(6),
        permille: None,
    };
    let window = ChangeWindow {
        window: secs(3_600),
        added: limit,
        removed: limit,
    };
    let guards = Guards::new(GuardSettings {
        change_budget: Some(ChangeBudget::new(vec![window]).unwrap()),
        ..GuardSettings::default()
    })
    .unwrap();
    let strategy = policy(1, 100).strategy().clone();
    let mut controller = leader(subject, Policy::new(strategy, guards).unwrap());
    let mut size = 4;
    for turn in 1..20 {
        let now = secs(turn * 15);
        let effects = controller
            .step(now, Input::Observed(ready(size, HIGH)))
            .unwrap();
        for effect in &effects.orders {
            if let Effect::ScaleTo { to, .. } = effect {
                size = *to;
            }
        }
        controller
            .step(now, Input::Lead { term: turn + 1 })
            .unwrap();
    }
    ensure(size <= 10, || {
        format!("{size} nodes, six more than four are allowed")
    })
}
