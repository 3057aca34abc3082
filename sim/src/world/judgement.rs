//! How a run is judged: what broke, what that rests on, and what must be so in the end.
//!
//! Most of what must never break is looked at in every event. Some of it cannot be: a cluster that is at
//! work is never settled, and whether a run repeats itself shows when it is done again. Whoever drives
//! the run knows when there is rest, and asks then; what is found is a violation like any other.

use super::World;
use crate::fault_model::{Breach, Verdict};
use crate::notice::NoticeKind;
use crate::observer::Invariant;
use crate::snapshot::InvariantView;

impl World {
    /// How what happened so far is to be read: whether an invariant broke, and whether that was to
    /// be expected of the faults.
    pub fn verdict(&self) -> Verdict {
        self.faults.verdict()
    }

    /// The assumptions of the fault model that were broken so far, in order.
    pub fn breaches(&self) -> &[Breach] {
        self.faults.breaches()
    }

    /// Whether an invariant broke.
    pub fn is_violated(&self) -> bool {
        self.observer.is_violated()
    }

    /// The state of every invariant.
    pub fn invariants(&self) -> Vec<InvariantView> {
        self.observer.rows()
    }

    /// Whether the group is at rest: one leader, and every member has its log, all of it committed and
    /// applied. Even where nobody wants anything that is so only now and then, since those who look
    /// after the cluster write to the log, too. O(members).
    pub fn is_settled(&self) -> bool {
        self.observer.consensus.is_settled()
    }

    /// All faults are over, and there was time for everything: asks whether the group is at rest, and
    /// has all that was acknowledged.
    pub fn check_settled(&mut self) {
        self.observer.settled();
        self.report_violations();
    }

    /// The same scenario was run again, to the same event, and came to this digest.
    pub fn check_repeated(&mut self, again: u64) {
        let first = self.digest();
        self.observer.repeated(first, again);
        self.report_violations();
    }

    /// Asks about an invariant that somebody outside has judged; `broken` says how it is broken, if it
    /// is.
    pub fn check_judged(&mut self, invariant: Invariant, broken: Option<String>) {
        self.observer.judged(invariant, broken);
        self.report_violations();
    }

    /// Hands on what the observer has found in this event.
    #[inline]
    pub(super) fn report_violations(&mut self) {
        if !self.observer.has_fresh() {
            return;
        }
        for violation in self.observer.take_fresh() {
            let witness = violation.to_string();
            self.faults
                .violated(violation.invariant, &witness, self.events);
            let invariant = violation.invariant.name();
            self.notice(None, NoticeKind::Violated { invariant, witness });
        }
    }
}
