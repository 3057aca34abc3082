//! A controller on a bench: fleets in a few words, effects as short lines.

use quorate::autoscale::controller::{
    Controller, ControllerSettings, Effect, Effects, Event, Input, OrderId,
};
use quorate::autoscale::{
    Bounds, Guards, Metric, NodeSample, NodeState, Observation, Policy, Strategy, Threshold,
    ThresholdSettings,
};
use quorate::{Micros, NodeId};

pub(crate) const fn secs(secs: u64) -> Micros {
    Micros::from_secs(secs)
}

/// Thresholds without a cooldown, so that nothing but the controller holds an order back.
pub(crate) fn policy(min_nodes: u32, max_nodes: u32) -> Policy {
    let settings = ThresholdSettings {
        cooldown: Micros::ZERO,
        ..ThresholdSettings::default()
    };
    Policy::new(
        Strategy::Threshold(Threshold::new(settings).unwrap()),
        Guards::within(Bounds::new(min_nodes, max_nodes).unwrap()),
    )
    .unwrap()
}

pub(crate) const SETTINGS: ControllerSettings = ControllerSettings {
    history: 16,
    drain_timeout: Some(secs(100)),
    report_timeout: secs(30),
    settle_timeout: secs(60),
    backoff: secs(20),
    backoff_cap: secs(100),
    jitter_permille: 0,
    seed: 7,
};

/// `count` ready nodes, from n1 on, with this CPU and nothing else to do.
pub(crate) fn ready(count: u32, cpu: i64) -> Observation {
    let sample = NodeSample {
        count,
        cpu: Metric::Fresh(cpu),
        memory: Metric::Fresh(0),
        queue: Metric::Fresh(0),
        ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
    };
    Observation::new(vec![sample]).unwrap()
}

/// CPU at which half as many nodes again are wanted, at which one less is, and in between.
pub(crate) const HIGH: i64 = 900;
pub(crate) const LOW: i64 = 100;
pub(crate) const MIDDLE: i64 = 500;

pub(crate) fn order(term: u64, number: u64) -> OrderId {
    OrderId { term, number }
}

/// Effects in short: `scale 1.1 4->6`, `drain 1.1 n4`, `started out 1.1`.
pub(crate) fn lines(effects: &Effects) -> Vec<String> {
    let id = |order: &OrderId| format!("{}.{}", order.term, order.number);
    let names = |nodes: &[NodeId]| {
        let names: Vec<String> = nodes.iter().map(ToString::to_string).collect();
        names.join(" ")
    };
    let orders = effects.orders.iter().map(|effect| match effect {
        Effect::Drain { order, nodes } => format!("drain {} {}", id(order), names(nodes)),
        Effect::CancelDrain { order, nodes } => format!("cancel {} {}", id(order), names(nodes)),
        Effect::ScaleTo {
            order,
            from,
            to,
            remove,
        } => format!("scale {} {from}->{to} {}", id(order), names(remove))
            .trim_end()
            .to_owned(),
    });
    let events = effects.events.iter().filter_map(|event| match event {
        Event::Evaluated { .. } => None,
        Event::ScaleOutStarted { order, .. } => Some(format!("out started {}", id(order))),
        Event::ScaleOutCompleted { order, .. } => Some(format!("out completed {}", id(order))),
        Event::ScaleInStarted { order, .. } => Some(format!("in started {}", id(order))),
        Event::ScaleInCompleted { order, .. } => Some(format!("in completed {}", id(order))),
        Event::ScaleOutFailed { order, failure, .. } => {
            Some(format!("out failed {}: {failure}", id(order)))
        }
        Event::ScaleInFailed { order, failure, .. } => {
            Some(format!("in failed {}: {failure}", id(order)))
        }
    });
    orders.chain(events).collect()
}

/// A controller and a way to talk to it.
pub(crate) struct Bench(pub(crate) Controller);

impl Bench {
    /// Leading in term 1, within 1 to 10 nodes.
    pub(crate) fn new() -> Self {
        Self::with(policy(1, 10), SETTINGS)
    }

    pub(crate) fn with(policy: Policy, settings: ControllerSettings) -> Self {
        let mut bench = Self(Controller::new(policy, settings).unwrap());
        assert!(bench.step(0, Input::Lead { term: 1 }).is_empty());
        bench
    }

    pub(crate) fn step(&mut self, second: u64, input: Input) -> Vec<String> {
        lines(self.0.step(secs(second), input).unwrap())
    }

    pub(crate) fn see(&mut self, second: u64, nodes: u32, cpu: i64) -> Vec<String> {
        self.step(second, Input::Observed(ready(nodes, cpu)))
    }

    pub(crate) fn tick(&mut self, second: u64) -> Vec<String> {
        self.step(second, Input::Tick)
    }

    pub(crate) fn executed(&mut self, second: u64, order: OrderId) -> Vec<String> {
        self.step(second, Input::Executed { order })
    }

    pub(crate) fn failed(&mut self, second: u64, order: OrderId) -> Vec<String> {
        let error = String::from("no capacity");
        self.step(second, Input::Failed { order, error })
    }

    pub(crate) fn drained(&mut self, second: u64, order: OrderId, node: u64) -> Vec<String> {
        let node = NodeId(node);
        self.step(second, Input::Drained { order, node })
    }
}
