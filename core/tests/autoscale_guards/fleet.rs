//! A fleet in a few words, and a bench on which guards judge proposals for it.

use quorate::autoscale::guard::{GuardInput, GuardRecord, GuardSettings, GuardState, Guards};
use quorate::autoscale::{Executed, Fleet, Metric, NodeSample, NodeState, Observation};
use quorate::{Micros, NodeId};

pub(crate) const fn secs(secs: u64) -> Micros {
    Micros::from_secs(secs)
}

/// `count` nodes in `state` from `first` on, with this CPU.
pub(crate) fn nodes(first: u64, count: u32, state: NodeState, cpu: Metric) -> NodeSample {
    NodeSample {
        count,
        cpu,
        ..NodeSample::unmeasured(NodeId(first), state)
    }
}

/// `count` ready nodes at half load.
pub(crate) fn ready(count: u32) -> Vec<NodeSample> {
    if count == 0 {
        return Vec::new();
    }
    vec![nodes(1, count, NodeState::Ready, Metric::Fresh(500))]
}

/// Guards and what they remember.
pub(crate) struct Bench {
    pub(crate) guards: Guards,
    pub(crate) state: GuardState,
}

impl Bench {
    pub(crate) fn new(settings: GuardSettings) -> Self {
        Self {
            guards: Guards::new(settings).unwrap(),
            state: GuardState::new(),
        }
    }

    /// What the guards make of `proposed` for a fleet of `current` ready nodes.
    pub(crate) fn judge(&mut self, current: u32, proposed: u32, now: Micros) -> GuardRecord {
        self.judge_fleet(ready(current), proposed, now)
    }

    /// The same for any fleet.
    pub(crate) fn judge_fleet(
        &mut self,
        samples: Vec<NodeSample>,
        proposed: u32,
        now: Micros,
    ) -> GuardRecord {
        self.judge_observation(&Observation::new(samples).unwrap(), proposed, now)
    }

    pub(crate) fn judge_observation(
        &mut self,
        observation: &Observation,
        proposed: u32,
        now: Micros,
    ) -> GuardRecord {
        let fleet = Fleet::of(observation);
        let input = GuardInput {
            observation,
            fleet: &fleet,
            current: fleet.size(),
            proposed,
            now,
        };
        self.guards.apply(&mut self.state, &input)
    }

    /// The target for a fleet of ready nodes.
    pub(crate) fn target(&mut self, current: u32, proposed: u32, now: Micros) -> u32 {
        self.judge(current, proposed, now).target()
    }

    pub(crate) fn executed(&mut self, from: u32, to: u32, at: Micros) {
        let change = Executed { from, to, at };
        self.state.executed(&self.guards, change);
    }

    /// Judges, carries out what is left, and says what that is.
    pub(crate) fn act(&mut self, current: u32, proposed: u32, now: Micros) -> u32 {
        let target = self.target(current, proposed, now);
        self.executed(current, target, now);
        target
    }
}
