//! Other autoscalers' rules, cut down to the evaluation model: one metric, one tick, no faults.
//!
//! They are yardsticks for a published table and nothing else. What this project ships under the
//! same names is complete and has rows of its own.

use std::collections::VecDeque;

use quorate::Micros;
use quorate_sim::replay::{Scaler, Tick};

/// What utilization all but the first aim at, per cent.
const TARGET: u64 = 70;
/// How long recommendations to shrink are held back.
const STABILIZATION: Micros = Micros::from_secs(300);

/// Half of the fleet more at 80 % or 100 waiting requests per node, one node less at 30 % and 10
/// waiting, a minute apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Threshold {
    last_action: Option<Micros>,
}

impl Scaler for Threshold {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let nodes = tick.nodes;
        if is_within(self.last_action, tick.at, Micros::from_secs(60)) {
            return nodes;
        }
        let (served, capacity) = (tick.served, tick.capacity());
        // Work per waiting request, and per node.
        let waiting = |requests: u64| requests * 1_000 * tick.work_per_request * u64::from(nodes);
        let wanted = if served * 100 >= capacity * 80 || tick.queue >= waiting(100) {
            nodes + nodes.div_ceil(2).max(1)
        } else if served * 100 <= capacity * 30 && tick.queue <= waiting(10) {
            nodes - 1
        } else {
            nodes
        };
        let wanted = wanted.clamp(1, 100);
        if wanted != nodes {
            self.last_action = Some(tick.at);
        }
        wanted
    }
}

/// The horizontal pod autoscaler on CPU utilization.
#[derive(Clone, Debug, Default)]
pub(crate) struct HpaCpu {
    log: RecommendationLog,
}

impl Scaler for HpaCpu {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let (nodes, ready) = (tick.nodes, tick.ready);
        let utilization = tick.served * 100 / tick.capacity();
        let mut raw = proposed(utilization, ready, nodes);
        if ready < nodes && utilization > TARGET {
            // The starting nodes are taken to use nothing.
            let spread = utilization * u64::from(ready) / u64::from(nodes);
            raw = match spread {
                0..=77 => nodes,
                _ => proposed(spread, nodes, nodes).max(nodes),
            };
        }
        let stabilized = self.log.stabilized(raw, nodes, tick.at);
        stabilized.min(growth_limit(nodes, tick.interval))
    }
}

fn proposed(utilization: u64, counted: u32, nodes: u32) -> u32 {
    match utilization {
        63..=77 => nodes,
        _ => narrow((utilization * u64::from(counted)).div_ceil(TARGET)),
    }
}

/// Four nodes or the double every 15 s, as often as the tick has room for it, a minute at most.
fn growth_limit(nodes: u32, interval: Micros) -> u32 {
    let doublings = (interval.as_secs().min(60) / 15).saturating_sub(1);
    (2 * nodes).max(nodes + 4) << doublings
}

/// The horizontal pod autoscaler on requests per node.
#[derive(Clone, Debug, Default)]
pub(crate) struct HpaRequests {
    log: RecommendationLog,
}

impl Scaler for HpaRequests {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let nodes = tick.nodes;
        // In hundredths of the target per node.
        let target = tick.node_capacity * TARGET / 10 * u64::from(nodes);
        let ratio = tick.load * 1_000 / 10;
        let is_close = 10 * ratio >= 9 * 10 * target && 10 * ratio <= 11 * 10 * target;
        let raw = if is_close {
            nodes
        } else {
            narrow((tick.load * 100).div_ceil(tick.node_capacity * TARGET))
        };
        self.log.stabilized(raw, nodes, tick.at)
    }
}

/// The largest recommendation of the last five minutes.
#[derive(Clone, Debug, Default)]
struct RecommendationLog {
    entries: VecDeque<(Micros, u32)>,
}

impl RecommendationLog {
    fn stabilized(&mut self, raw: u32, nodes: u32, now: Micros) -> u32 {
        self.entries.push_back((now, raw));
        self.entries
            .retain(|&(at, _)| now.since(at) < STABILIZATION);
        if raw >= nodes {
            return raw;
        }
        let largest = self.entries.iter().map(|&(_, raw)| raw).max();
        nodes.min(largest.unwrap_or(raw))
    }
}

/// Nomad's target value on utilization, with a cooldown of five minutes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nomad {
    last_action: Option<Micros>,
}

impl Scaler for Nomad {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let nodes = tick.nodes;
        if is_within(self.last_action, tick.at, Micros::from_secs(300)) {
            return nodes;
        }
        let (served, capacity) = (tick.served, tick.capacity());
        let is_close = 1_000 * served >= 693 * capacity && 1_000 * served <= 707 * capacity;
        if is_close {
            return nodes;
        }
        let wanted = narrow((100 * served * u64::from(nodes)).div_ceil(TARGET * capacity));
        let wanted = wanted.clamp(1, 100);
        if wanted != nodes {
            self.last_action = Some(tick.at);
        }
        wanted
    }
}

/// Knative's autoscaler, once per tick of the model. At a minute per tick its windows hold one
/// sample each, and it follows the load without memory; its own tick is two seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kpa {
    samples: VecDeque<(Micros, u64)>,
    panic_since: Option<Micros>,
}

impl Scaler for Kpa {
    fn decide(&mut self, tick: &Tick) -> u32 {
        const STABLE: Micros = Micros::from_secs(60);
        let (now, nodes, ready) = (tick.at, tick.nodes, tick.ready);
        let concurrency = tick.load + tick.queue;
        self.samples.push_back((now, concurrency));
        self.samples.retain(|&(at, _)| now.since(at) < STABLE);
        let sum: u64 = self.samples.iter().map(|&(_, sample)| sample).sum();
        let average = sum / self.samples.len() as u64;
        let target = tick.node_capacity * TARGET;
        let wanted = |load: u64| narrow((load * 100).div_ceil(target));
        let (slowest, fastest) = (ready / 2, ready.saturating_mul(1_000));
        let in_panic = wanted(concurrency);
        if in_panic >= 2 * ready {
            self.panic_since = Some(now);
        } else if self
            .panic_since
            .is_some_and(|since| now.since(since) > STABLE)
        {
            self.panic_since = None;
        }
        let stable = wanted(average).clamp(slowest, fastest);
        if self.panic_since.is_none() {
            return stable;
        }
        stable.max(in_panic.clamp(slowest, fastest)).max(nodes)
    }
}

fn is_within(last: Option<Micros>, now: Micros, span: Micros) -> bool {
    last.is_some_and(|at| now.since(at) < span)
}

fn narrow(nodes: u64) -> u32 {
    u32::try_from(nodes).unwrap_or(u32::MAX)
}
