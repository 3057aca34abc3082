//! The size of the fleet, held against the promises of the autoscaler.
//!
//! An autoscaler is usually judged by how well it follows the load. Before that it must do no harm:
//! stay within its bounds and budgets, not flap, not act twice or for a leader that was deposed,
//! and not switch off who still has something that nobody else has.

use std::collections::{BTreeSet, VecDeque};

use quorate::autoscale::guard::{ChangeLimit, ChangeWindow};
use quorate::autoscale::{Bounds, Policy, Strategy};
use quorate::{Micros, NodeId};

use super::{Finding, Invariant, Ledger};

/// A change of the fleet, as an order carries it: by whom it was decided, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderName {
    /// The term of the leader that decided.
    pub term: u64,
    /// The number of the order in that term.
    pub number: u64,
}

/// What the scaling was so far.
#[derive(Clone, Debug)]
pub struct Scaling {
    bounds: Bounds,
    /// The time that must pass between two scalings; zero without a cooldown.
    cooldown: Micros,
    budgets: Vec<ChangeWindow>,
    /// The order that is open, and the node that gave it.
    open: Option<(OrderName, NodeId)>,
    /// The newest term that anything was ordered in.
    newest_term: u64,
    /// The orders of the newest term that were carried out.
    done: BTreeSet<OrderName>,
    last_change: Option<Micros>,
    /// Changes within the longest window of the budget: when, the size before, the size after.
    changes: VecDeque<(Micros, u32, u32)>,
}

impl Scaling {
    /// Nothing was scaled yet.
    pub fn new(policy: &Policy) -> Self {
        let cooldown = match policy.strategy() {
            Strategy::Threshold(threshold) => threshold.settings().cooldown,
            _ => Micros::ZERO,
        };
        let budget = policy.guards().settings().change_budget.as_ref();
        Self {
            bounds: policy.bounds(),
            cooldown,
            budgets: budget.map_or_else(Vec::new, |budget| budget.windows().to_vec()),
            open: None,
            newest_term: 0,
            done: BTreeSet::new(),
            last_change: None,
            changes: VecDeque::new(),
        }
    }

    /// A leader decided that a fleet of `current` nodes is to have `target`.
    ///
    /// A fleet that is outside of the bounds may be left there: only a decision that moves away from
    /// them, or ends outside, is wrong.
    pub fn decided(&mut self, ledger: &mut Ledger, id: NodeId, current: u32, target: u32) {
        let is_wrong = current != target && self.bounds.clamp(target) != target;
        let broken = is_wrong.then(|| {
            let words = format!(
                "{id} wants {target} nodes in place of {current}; the fleet has {} to {}",
                self.bounds.min_nodes(),
                self.bounds.max_nodes()
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::ScaleBounds, broken);
    }

    /// A leader gave an order. It may give the same one again, but no other while that is open.
    pub fn ordered(&mut self, ledger: &mut Ledger, id: NodeId, order: OrderName) {
        if order.term < self.newest_term {
            // It is deposed and does not know: its order is void.
            return;
        }
        self.newest_term = order.term;
        let second = self
            .open
            .filter(|(open, _)| *open != order && open.term >= self.newest_term);
        let broken = second.map(|(open, by)| {
            let words = format!(
                "{id} gives order {} of term {} while order {} of term {}, given by {by}, is open",
                order.number, order.term, open.number, open.term
            );
            Finding::about([id, by], words)
        });
        ledger.check(Invariant::SingleFlight, broken);
        self.open = Some((order, id));
    }

    /// An order ended, carried out or not: the next may be given.
    pub fn closed(&mut self, order: OrderName) {
        if self.open.is_some_and(|(open, _)| open == order) {
            self.open = None;
        }
    }

    /// A new term began: what was open belongs to a leader that is deposed.
    pub fn term_began(&mut self, term: u64) {
        if term > self.newest_term {
            self.newest_term = term;
            self.open = None;
        }
    }

    /// The platform carries an order out: the fleet goes from `from` to `to` nodes. `applied_in` is
    /// the term of the log entry that carries the order.
    pub fn executed(
        &mut self,
        ledger: &mut Ledger,
        id: NodeId,
        order: OrderName,
        applied_in: u64,
        (from, to): (u32, u32),
    ) {
        let newest = self.done.last().map_or(0, |last| last.term);
        let is_stale = order.term != applied_in || order.term < newest;
        let stale = is_stale.then(|| {
            let words = format!(
                "an order decided by {id} in term {} is carried out in term {applied_in}, after \
                 one of term {newest}",
                order.term
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::ScaleFencing, stale);
        let again = (!self.done.insert(order)).then(|| {
            let words = format!(
                "order {} of term {} is carried out a second time",
                order.number, order.term
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::ScaleFencing, again);
        let first = OrderName {
            term: newest.max(order.term),
            number: 0,
        };
        self.done = self.done.split_off(&first);
        self.check_cooldown(ledger, id);
        self.check_budget(ledger, id, from, to);
    }

    /// The fleet has this many nodes.
    pub fn sized(&self, ledger: &mut Ledger, nodes: u32) {
        let broken = (nodes > self.bounds.max_nodes()).then(|| Finding {
            nodes: Vec::new(),
            words: format!(
                "{nodes} nodes run or boot, and {} are allowed",
                self.bounds.max_nodes()
            ),
        });
        ledger.check(Invariant::ScaleBounds, broken);
    }

    fn check_cooldown(&mut self, ledger: &mut Ledger, id: NodeId) {
        let now = ledger.now();
        let since = self.last_change.map(|last| now.since(last));
        let early = since.filter(|since| *since < self.cooldown);
        let broken = early.map(|since| {
            let words = format!(
                "{id} scales {since} s after the last time; the cooldown is {} s",
                self.cooldown
            );
            Finding::of(id, words)
        });
        ledger.check(Invariant::ScaleCooldown, broken);
        self.last_change = Some(now);
    }

    fn check_budget(&mut self, ledger: &mut Ledger, id: NodeId, from: u32, to: u32) {
        let now = ledger.now();
        self.changes.push_back((now, from, to));
        let longest = self.budgets.iter().map(|budget| budget.window).max();
        let longest = longest.unwrap_or(Micros::ZERO);
        while self
            .changes
            .front()
            .is_some_and(|(at, ..)| now.since(*at) >= longest && self.changes.len() > 1)
        {
            self.changes.pop_front();
        }
        for budget in &self.budgets {
            let within = || {
                let changes = self.changes.iter();
                changes.filter(|(at, ..)| now.since(*at) < budget.window)
            };
            let base = within().next().map_or(from, |(_, from, _)| *from);
            let added: u32 = within().map(|(_, from, to)| to.saturating_sub(*from)).sum();
            let removed: u32 = within().map(|(_, from, to)| from.saturating_sub(*to)).sum();
            let over = |done: u32, limit: Option<u32>| limit.filter(|limit| done > *limit);
            let broken = over(added, limit_of(budget.added, base))
                .map(|limit| ("added", added, limit))
                .or_else(|| {
                    let limit = over(removed, limit_of(budget.removed, base))?;
                    Some(("removed", removed, limit))
                })
                .map(|(what, done, limit)| {
                    let words = format!(
                        "{done} nodes are {what} within {} s; the budget is {limit}",
                        budget.window
                    );
                    Finding::of(id, words)
                });
            ledger.check(Invariant::ScaleBudget, broken);
        }
    }
}

/// How many nodes a limit is, for a fleet of `base` before the first change in the window.
fn limit_of(limit: ChangeLimit, base: u32) -> Option<u32> {
    let share = limit.permille.map(|permille| {
        let nodes = u64::from(base) * u64::from(permille) / 1_000;
        u32::try_from(nodes).unwrap_or(u32::MAX).max(1)
    });
    [limit.nodes, share].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    //! Every promise, broken once.

    use quorate::autoscale::guard::{ChangeBudget, GuardSettings};
    use quorate::autoscale::{Guards, Threshold, ThresholdSettings};

    use super::*;

    const A: NodeId = NodeId(1);
    const B: NodeId = NodeId(2);

    /// From 3 to 10 nodes, a minute of cooldown, at most 4 nodes added in five minutes.
    fn watched() -> (Scaling, Ledger) {
        let settings = ThresholdSettings {
            cooldown: Micros::from_secs(60),
            ..ThresholdSettings::default()
        };
        let window = ChangeWindow {
            window: Micros::from_secs(300),
            added: ChangeLimit {
                nodes: Some(4),
                permille: None,
            },
            removed: ChangeLimit {
                nodes: None,
                permille: Some(500),
            },
        };
        let guards = GuardSettings {
            bounds: Bounds::new(3, 10).unwrap(),
            change_budget: Some(ChangeBudget::new(vec![window]).unwrap()),
            ..GuardSettings::default()
        };
        let strategy = Strategy::Threshold(Threshold::new(settings).unwrap());
        let policy = Policy::new(strategy, Guards::new(guards).unwrap()).unwrap();
        (Scaling::new(&policy), Ledger::default())
    }

    fn name(term: u64, number: u64) -> OrderName {
        OrderName { term, number }
    }

    /// A scaling as it should be, at a second of the run.
    fn scale(
        scaling: &mut Scaling,
        ledger: &mut Ledger,
        second: u64,
        number: u64,
        sizes: (u32, u32),
    ) {
        ledger.advance(Micros::from_secs(second));
        scaling.decided(ledger, A, sizes.0, sizes.1);
        scaling.ordered(ledger, A, name(1, number));
        scaling.executed(ledger, A, name(1, number), 1, sizes);
        scaling.closed(name(1, number));
        scaling.sized(ledger, sizes.1);
    }

    #[test]
    fn scalings_that_keep_all_promises_are_fine() {
        let (mut scaling, mut ledger) = watched();
        scale(&mut scaling, &mut ledger, 100, 1, (4, 6));
        scale(&mut scaling, &mut ledger, 160, 2, (6, 8));
        scale(&mut scaling, &mut ledger, 400, 3, (8, 10));
        scale(&mut scaling, &mut ledger, 460, 4, (10, 8));
        assert!(ledger.broken().is_empty(), "{}", ledger.last_words());
    }

    #[test]
    fn a_target_or_a_fleet_out_of_bounds_is_seen() {
        let (mut scaling, mut ledger) = watched();
        scaling.decided(&mut ledger, A, 12, 12);
        assert!(ledger.broken().is_empty(), "it leaves a fleet as it is");
        scaling.decided(&mut ledger, A, 9, 11);
        assert_eq!(ledger.broken(), [Invariant::ScaleBounds]);
        let (scaling, mut ledger) = watched();
        scaling.sized(&mut ledger, 11);
        assert_eq!(ledger.broken(), [Invariant::ScaleBounds]);
    }

    #[test]
    fn two_scalings_in_a_row_are_seen() {
        let (mut scaling, mut ledger) = watched();
        scale(&mut scaling, &mut ledger, 100, 1, (4, 5));
        scale(&mut scaling, &mut ledger, 159, 2, (5, 6));
        assert_eq!(ledger.broken(), [Invariant::ScaleCooldown]);
    }

    #[test]
    fn more_than_the_budget_is_seen_in_both_directions() {
        let (mut scaling, mut ledger) = watched();
        scale(&mut scaling, &mut ledger, 100, 1, (4, 6));
        scale(&mut scaling, &mut ledger, 200, 2, (6, 9));
        assert_eq!(ledger.broken(), [Invariant::ScaleBudget]);
        let (mut scaling, mut ledger) = watched();
        scale(&mut scaling, &mut ledger, 100, 1, (10, 6));
        scale(&mut scaling, &mut ledger, 200, 2, (6, 4));
        assert_eq!(ledger.broken(), [Invariant::ScaleBudget]);
        assert!(ledger.last_words().contains("6 nodes are removed"));
    }

    #[test]
    fn a_second_order_is_seen_unless_the_first_was_a_deposed_leaders() {
        let (mut scaling, mut ledger) = watched();
        scaling.ordered(&mut ledger, A, name(1, 1));
        scaling.ordered(&mut ledger, A, name(1, 1));
        scaling.term_began(2);
        scaling.ordered(&mut ledger, B, name(2, 1));
        assert!(ledger.broken().is_empty());
        scaling.ordered(&mut ledger, B, name(2, 2));
        assert_eq!(ledger.broken(), [Invariant::SingleFlight]);
    }

    #[test]
    fn an_order_of_a_deposed_leader_or_a_second_time_is_seen() {
        let fenced = |orders: &[(u64, u64, u64)]| {
            let (mut scaling, mut ledger) = watched();
            for (second, &(term, number, applied_in)) in (1..).zip(orders) {
                ledger.advance(Micros::from_secs(second * 1_000));
                scaling.executed(&mut ledger, A, name(term, number), applied_in, (4, 5));
            }
            ledger.broken()
        };
        assert_eq!(fenced(&[(1, 1, 1), (1, 2, 1), (2, 1, 2)]), []);
        assert_eq!(
            fenced(&[(1, 1, 2)]),
            [Invariant::ScaleFencing],
            "the entry of another term"
        );
        assert_eq!(
            fenced(&[(1, 1, 1), (1, 1, 1)]),
            [Invariant::ScaleFencing],
            "twice"
        );
        assert_eq!(
            fenced(&[(2, 1, 2), (1, 1, 1)]),
            [Invariant::ScaleFencing],
            "late"
        );
    }
}
