//! From a fleet of nodes to the votes of the checks.

use alloc::vec::Vec;

use super::merge::winner;
use super::record::{CheckRecord, NomadRecord};
use super::{Check, Direction, Handler, Nomad, NomadCheck, Offer, OnError, Vote, on_error};
use crate::Micros;
use crate::autoscale::policy::Input;
use crate::autoscale::policy::rounding::from_i64;
use crate::autoscale::{Executed, Rule};

/// The most samples of one check; older ones are forgotten.
const MAX_SAMPLES: usize = 64;

/// What a [`Nomad`] remembers. Its size depends on the settings alone.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct NomadState {
    handler: Handler,
    /// One per check, in the order of the checks.
    series: Vec<Series>,
}

/// The samples of one check.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
struct Series {
    /// When the values were seen: as many as there are values, ascending.
    at: Vec<Micros>,
    /// In the unit of the signal.
    values: Vec<f64>,
}

impl NomadState {
    /// Where the policy is between idle and cooldown.
    pub const fn handler(&self) -> &Handler {
        &self.handler
    }

    /// Notes that a decision of `nomad` was carried out.
    pub(in crate::autoscale) fn executed(&mut self, nomad: &Nomad, change: Executed) {
        let direction = Direction::between(i64::from(change.from), i64::from(change.to));
        self.handler.granted();
        self.handler
            .succeeded(direction, nomad.cooldowns(), change.at);
    }
}

impl Nomad {
    /// Runs all checks and merges their votes. O(checks² + samples).
    pub(in crate::autoscale) fn evaluate(
        &self,
        state: &mut NomadState,
        input: &Input<'_>,
    ) -> NomadRecord {
        let checks = &self.settings().checks;
        state.series.resize_with(checks.len(), Series::default);
        let records: Vec<CheckRecord> = checks
            .iter()
            .zip(&mut state.series)
            .map(|(check, series)| check.vote(series, input))
            .collect();
        let mut record = NomadRecord {
            current: input.current,
            winner: None,
            offer: Offer::NotNeeded,
            failed: self.first_failure(&records),
            checks: records,
            nodes: input.current,
        };
        if record.failed.is_some() && input.rules.keep(Rule::NomadFailedCheckHolds) {
            return record;
        }
        record.winner = winner(checks.len(), |at| Vote {
            group: &checks[at].group,
            action: record.checks[at].action.as_ref(),
        });
        if let Some(action) = record.winning_action().cloned() {
            let count = u32::try_from(action.count.max(0)).unwrap_or(u32::MAX);
            record.offer = state.handler.offer(action, input.now);
            let is_allowed = matches!(record.offer, Offer::RequestSlot | Offer::Waiting);
            if is_allowed || !input.rules.keep(Rule::NomadCooldownHolds) {
                record.nodes = count;
            }
        }
        record
    }

    /// The first check without samples for which that ends the evaluation.
    fn first_failure(&self, records: &[CheckRecord]) -> Option<usize> {
        let policy = Some(self.settings().on_check_error);
        let mut checks = self.settings().checks.iter().zip(records);
        checks.position(|(check, record)| {
            record.action.is_none() && on_error(check.on_error, policy) == OnError::Fail
        })
    }
}

impl NomadCheck {
    /// Takes a sample and runs the strategy, within the bounds.
    fn vote(&self, series: &mut Series, input: &Input<'_>) -> CheckRecord {
        let seen = self.signal.read(input);
        let value = seen.as_ref().map(|seen| self.signal.measured(seen));
        series.forget_before(input.now - self.query_window);
        if let Some(value) = value {
            series.push(input.now, from_i64(value) / 1_000.0);
        }
        let is_blind = series.values.is_empty() && !matches!(self.strategy, Check::FixedValue(_));
        let action = (!is_blind).then(|| {
            let mut action = self.strategy.run(i64::from(input.current), &series.values);
            if action.direction != Direction::None {
                action.cap(
                    i64::from(input.bounds.min_nodes()),
                    i64::from(input.bounds.max_nodes()),
                );
            }
            action
        });
        CheckRecord {
            value,
            // At most `MAX_SAMPLES`.
            samples: u32::try_from(series.values.len()).unwrap_or(u32::MAX),
            action,
        }
    }
}

impl Series {
    /// Drops what was seen before `time`.
    fn forget_before(&mut self, time: Micros) {
        let outdated = self.at.iter().take_while(|at| **at < time).count();
        self.drop_oldest(outdated);
    }

    /// A sample of a time that was seen already replaces it, as do samples of a time to come.
    fn push(&mut self, now: Micros, value: f64) {
        let kept = self.at.iter().take_while(|at| **at < now).count();
        self.at.truncate(kept);
        self.values.truncate(kept);
        if kept >= MAX_SAMPLES {
            self.drop_oldest(kept + 1 - MAX_SAMPLES);
        }
        self.at.push(now);
        self.values.push(value);
    }

    fn drop_oldest(&mut self, count: usize) {
        self.at.drain(..count.min(self.at.len()));
        self.values.drain(..count.min(self.values.len()));
    }
}
