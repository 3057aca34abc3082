//! From a fleet of nodes to alarms and a step.

use alloc::vec::Vec;

use super::record::{PolicyRecord, StepScalingRecord};
use super::{AlarmState, Capacity, Group, StepPolicy, StepScaling, WarmUp};
use crate::Micros;
use crate::autoscale::policy::Input;
use crate::autoscale::{Executed, Rule};

/// What a [`StepScaling`] remembers. Its size depends on the settings alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct StepScalingState {
    /// One per policy, in the order of the policies.
    alarms: Vec<AlarmState>,
    warm_up: WarmUp,
    /// When the capacity was last changed.
    #[cfg_attr(feature = "serde", serde(rename = "last_change_micros"))]
    last_change: Option<Micros>,
}

impl StepScalingState {
    /// Notes that a decision of `scaling` was carried out.
    pub(in crate::autoscale) fn executed(&mut self, scaling: &StepScaling, change: Executed) {
        let until = change.at + scaling.settings().instance_warmup;
        self.warm_up
            .launched(change.to.saturating_sub(change.from), until);
        self.warm_up
            .terminated(change.from.saturating_sub(change.to));
        self.last_change = Some(change.at);
    }
}

impl StepScaling {
    /// Evaluates all alarms and takes the largest capacity of those that are on. O(p + n) for p
    /// policies and n samples.
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut StepScalingState,
        input: &Input<'_>,
    ) -> StepScalingRecord {
        let settings = self.settings();
        let capacity = capacity(&mut state.warm_up, input);
        state
            .alarms
            .resize_with(settings.policies.len(), AlarmState::default);
        let policies: Vec<PolicyRecord> = settings
            .policies
            .iter()
            .zip(&mut state.alarms)
            .map(|(policy, alarm)| policy.record(alarm, &capacity, input))
            .collect();
        let cooldown = state.last_change.map_or(Micros::ZERO, |at| {
            settings.cooldown.since(input.now.since(at))
        });
        let mut record = StepScalingRecord {
            current: input.current,
            warming: capacity.warming,
            winner: largest(&policies),
            policies,
            cooldown,
            nodes: input.current,
        };
        let is_ready = cooldown == Micros::ZERO || !input.rules.keep(Rule::StepCooldownHolds);
        if let Some(step) = record.winning_step().filter(|_| is_ready) {
            record.nodes = step.desired;
        }
        record
    }
}

impl StepPolicy {
    fn record(
        &self,
        alarm: &mut AlarmState,
        capacity: &Capacity,
        input: &Input<'_>,
    ) -> PolicyRecord {
        let seen = self.signal.read(input);
        let value = seen.as_ref().map(|seen| self.signal.measured(seen));
        let is_on = self.alarm.observe(alarm, value);
        let group = Group {
            min_size: input.bounds.min_nodes(),
            max_size: input.bounds.max_nodes(),
        };
        let breach = value.map(|value| self.alarm.breach(value));
        let band = breach
            .filter(|_| is_on)
            .and_then(|breach| self.bands.find(breach));
        let step = band
            .and_then(|band| self.adjustment(band))
            .map(|adjustment| group.step(&adjustment, capacity));
        PolicyRecord {
            value,
            breach,
            breaches: alarm.breaches(),
            band,
            step,
        }
    }
}

/// The first policy of those with the largest capacity.
fn largest(policies: &[PolicyRecord]) -> Option<usize> {
    let mut winner: Option<(usize, u32)> = None;
    for (number, policy) in policies.iter().enumerate() {
        if let Some(step) = &policy.step
            && winner.is_none_or(|(_, desired)| step.desired > desired)
        {
            winner = Some((number, step.desired));
        }
    }
    winner.map(|(number, _)| number)
}

/// A node warms up while it starts, and for as long after it was ordered as is set.
fn capacity(warm_up: &mut WarmUp, input: &Input<'_>) -> Capacity {
    let fleet = input.fleet;
    let warming = if input.rules.keep(Rule::StepWarmUpCounts) {
        warm_up
            .warming(input.now)
            .max(fleet.starting)
            .min(input.current)
    } else {
        0
    };
    Capacity {
        desired: input.current,
        in_service: input.current - warming,
        warming,
        terminating: fleet.draining,
    }
}
