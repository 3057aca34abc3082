//! From decisions to orders: what a leader does with its policy.
//!
//! The naive loop decides and calls the cloud, again on the next tick if the first call has not come
//! back, and from the beginning after a crash. Then one burst is answered twice, a deposed leader
//! scales against its successor, and a cloud that fails is called without pause. [`Controller`] is a
//! state machine with one door, [`Controller::step`]: inputs and the time go in, effects come out,
//! and nothing is called.
//!
//! * **Single flight.** There is at most one open order. After it, nothing is ordered until an
//!   observation shows the new size, or [`ControllerSettings::settle_timeout`] has passed.
//! * **Orders are fenced.** An order carries the term in which its author led. A report on an order
//!   of another term changes nothing, and an executor refuses what is older than it has seen.
//! * **A scale-in drains first.** The nodes that shall go are named and asked to finish; only then
//!   the fleet is scaled. A drain that takes too long is called off and its nodes serve again: what
//!   a drain protects is worth more than the money. A scale-out does not wait for it: when more
//!   nodes are wanted, the drain is called off.
//! * **Failures back off**, doubling up to a cap, with seeded jitter, each direction for itself.
//! * **Restart-safe.** [`Controller::save`] is plain data. A host that saves it before it carries
//!   out effects (see [`Effects::must_save`]) asks for an open order again under the same id.
//!   An order whose fate nobody knows any more is charged to the budgets as if it had been carried
//!   out.
//!
//! ```
//! use quorate::Micros;
//! use quorate::autoscale::Policy;
//! use quorate::autoscale::controller::{
//!     Controller, ControllerSettings, Driver, InMemoryFleet, ScalingExecutor,
//! };
//!
//! // Two nodes with the work of two have no room left.
//! let fleet = InMemoryFleet::new(2, Micros::from_secs(60), Micros::from_secs(30));
//! fleet.set_load(2_000);
//! let controller = Controller::new(Policy::default(), ControllerSettings::default())?;
//! let mut driver = Driver::new(controller, fleet.clone(), fleet.clone());
//! driver.lead(Micros::ZERO, 1)?;
//! let events = driver.turn(Micros::ZERO)?;
//! assert_eq!(events.len(), 3); // evaluated, scale-out started, scale-out completed
//! assert!(fleet.current() > 2);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod backoff;
mod driver;
mod effects;
mod error;
mod host;
mod in_memory;
mod order;
mod settings;
mod state;

pub use driver::Driver;
pub use effects::{Effect, Effects, Event, Failure};
pub use error::ControllerError;
pub use host::{MetricProvider, ScalingExecutor};
pub use in_memory::{ExecutorError, InMemoryFleet, ProviderError};
pub use order::OrderId;
pub use settings::{ControllerSettings, ControllerSettingsError};
pub use state::ControllerState;

use alloc::string::String;
use alloc::vec::Vec;

use self::order::{OpenOrder, Phase};
use self::state::Settling;
use super::history::History;
use super::{
    Action, Decision, Executed, Fleet, NodeState, Observation, Policy, Rule, State, decide,
};
use crate::{Micros, NodeId};

/// What may happen to a controller.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// This controller leads from now on, in this term. A host without elections leads in term 1.
    Lead {
        /// Larger than any in which somebody else has led.
        term: u64,
    },
    /// Whoever led in this term or before leads no more.
    Deposed {
        /// The last term that is over.
        term: u64,
    },
    /// The fleet was seen. It is evaluated if an evaluation is due; otherwise it only tells whether
    /// nodes are gone and orders have taken effect.
    Observed(Observation),
    /// The fleet could not be seen. Nothing is decided until the next evaluation is due.
    Unobserved,
    /// Time has passed.
    Tick,
    /// A node has finished its work and can be removed.
    Drained {
        /// The order that asked for it.
        order: OrderId,
        /// The node.
        node: NodeId,
    },
    /// An order was carried out.
    Executed {
        /// Which.
        order: OrderId,
    },
    /// An order was not carried out, and will not be.
    Failed {
        /// Which.
        order: OrderId,
        /// Why; cut after [`Failure::MAX_TEXT`] bytes.
        error: String,
    },
}

/// The autoscaler of a cluster, as its leader runs it.
#[derive(Clone, Debug)]
pub struct Controller {
    policy: Policy,
    settings: ControllerSettings,
    /// The term in which it leads, if it does; not below `state.fence`.
    leads: Option<u64>,
    state: ControllerState,
    history: History,
    effects: Effects,
}

impl Controller {
    /// A controller that leads nothing yet and has decided nothing.
    pub fn new(
        policy: Policy,
        settings: ControllerSettings,
    ) -> Result<Self, ControllerSettingsError> {
        Self::restore(policy, settings, ControllerState::default())
    }

    /// A controller that goes on from `state`. It leads nothing until it is told to.
    pub fn restore(
        policy: Policy,
        settings: ControllerSettings,
        state: ControllerState,
    ) -> Result<Self, ControllerSettingsError> {
        let history = settings.check()?;
        state.check()?;
        Ok(Self {
            policy,
            settings,
            leads: None,
            state,
            history,
            effects: Effects::default(),
        })
    }

    /// What must survive a restart.
    pub const fn save(&self) -> &ControllerState {
        &self.state
    }

    /// Takes one input. What follows from it is in the effects, which are valid until the next step.
    ///
    /// A clock that goes back stands still. A refused input changes nothing.
    pub fn step(&mut self, now: Micros, input: Input) -> Result<&Effects, ControllerError> {
        self.check(&input)?;
        let now = now.max(self.state.clock);
        self.effects.clear();
        self.state.clock = now;
        match input {
            Input::Lead { term } => self.lead(now, term),
            Input::Deposed { term } => self.depose(term),
            Input::Observed(observation) => self.observed(now, &observation),
            Input::Unobserved => {
                self.state.skip_until = now + self.policy.evaluation_interval();
            }
            Input::Tick => {}
            Input::Drained { order, node } => self.drained(now, order, node),
            Input::Executed { order } => self.executed(now, order),
            Input::Failed { order, error } => self.failed(now, order, &error),
        }
        self.expire(now);
        Ok(&self.effects)
    }

    /// When it wants to be called again even if nothing happens: with an observation if
    /// [`Controller::observation_due`] says so by then, otherwise with a tick. `None` while it does
    /// not lead.
    pub fn next_deadline(&self) -> Option<Micros> {
        self.leads?;
        let order = self.state.open.as_ref().map(OpenOrder::deadline);
        let evaluation = self.next_evaluation();
        Some(order.map_or(evaluation, |order| order.min(evaluation)))
    }

    /// Whether the next observation will be evaluated.
    pub fn observation_due(&self, now: Micros) -> bool {
        self.leads.is_some() && now.max(self.state.clock) >= self.next_evaluation()
    }

    /// The term in which it leads, if it does.
    pub const fn leads(&self) -> Option<u64> {
        self.leads
    }

    /// The policy.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What the policy remembers.
    pub const fn state(&self) -> &State {
        &self.state.autoscaler
    }

    /// The latest decisions.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The order that is open, if there is one.
    pub fn open_order(&self) -> Option<OrderId> {
        self.state.open.as_ref().map(|order| order.id)
    }

    /// The nodes that the open order waits for until they have drained.
    pub fn draining(&self) -> &[NodeId] {
        match self.state.open.as_ref().map(|order| &order.phase) {
            Some(Phase::Draining { waiting, .. }) => waiting,
            _ => &[],
        }
    }

    fn check(&self, input: &Input) -> Result<(), ControllerError> {
        match input {
            Input::Lead { term } if *term < self.state.fence => Err(ControllerError::TermIsOver {
                term: *term,
                first_possible: self.state.fence,
            }),
            _ => Ok(()),
        }
    }

    fn next_evaluation(&self) -> Micros {
        self.policy
            .next_evaluation(&self.state.autoscaler)
            .max(self.state.skip_until)
    }

    /// Leads. An order that is open in this very term is asked for again; one of an older term has
    /// been overtaken by the change of leaders.
    fn lead(&mut self, now: Micros, term: u64) {
        if self.leads == Some(term) {
            return;
        }
        self.leads = Some(term);
        self.state.fence = term;
        self.effects.must_save = true;
        match self.state.open.take() {
            Some(mut order) if order.id.term == term => {
                if !self.policy.rules().keep(Rule::OrdersKeepTheirId) {
                    self.state.orders += 1;
                    order.id.number = self.state.orders;
                }
                self.effects.orders.push(order.request());
                self.state.open = Some(order);
            }
            Some(order) => self.abandon(now, order, Failure::Fenced { by: term }),
            None => {}
        }
    }

    fn depose(&mut self, term: u64) {
        let first_possible = term.saturating_add(1);
        if first_possible > self.state.fence {
            self.state.fence = first_possible;
            self.effects.must_save = true;
        }
        self.leads = self.leads.filter(|leads| *leads >= self.state.fence);
    }

    fn observed(&mut self, now: Micros, observation: &Observation) {
        if self.leads.is_none() {
            return;
        }
        self.settle(now, observation);
        self.forget_gone(now, observation);
        if now >= self.next_evaluation() {
            self.evaluate(now, observation);
        }
    }

    /// Ends the wait for an order's effect once it is seen, or once it was long enough.
    fn settle(&mut self, now: Micros, observation: &Observation) {
        let is_over = |settling: &Settling| {
            now >= settling.until || Fleet::of(observation).size() == settling.size
        };
        if self.state.settling.as_ref().is_some_and(is_over) {
            self.state.settling = None;
        }
    }

    /// A node that is gone has nothing left to drain.
    fn forget_gone(&mut self, now: Micros, observation: &Observation) {
        let Some(order) = &self.state.open else {
            return;
        };
        let id = order.id;
        let gone: Vec<NodeId> = self
            .draining()
            .iter()
            .copied()
            .filter(|node| is_gone(observation, *node))
            .collect();
        for node in gone {
            self.drained(now, id, node);
        }
    }

    fn evaluate(&mut self, now: Micros, observation: &Observation) {
        let decision = decide(&self.policy, &mut self.state.autoscaler, observation, now);
        self.effects.must_save = true;
        self.effects.events.push(Event::Evaluated {
            decision: decision.clone(),
        });
        self.history.record(decision.clone());
        self.act(now, decision, observation);
    }

    /// Orders what was decided, if nothing is under way and nothing has just failed.
    fn act(&mut self, now: Micros, decision: Decision, observation: &Observation) {
        let rules = self.policy.rules();
        if let Some(order) = &self.state.open
            && rules.keep(Rule::OneOrderAtATime)
        {
            let is_overtaken = order.is_draining() && decision.target > order.to;
            if is_overtaken && rules.keep(Rule::ScaleOutOvertakesDrain) {
                self.close(|controller, order| {
                    controller.call_off(now, order, Failure::Overtaken);
                });
            }
            return;
        }
        if self.state.settling.is_some() && rules.keep(Rule::OrdersSettle) {
            return;
        }
        if decision.action != Action::None && now >= self.state.backoff(decision.action).until {
            self.issue(now, decision, observation);
        }
    }

    /// Opens an order.
    fn issue(&mut self, now: Micros, decision: Decision, observation: &Observation) {
        let Some(term) = self.leads else {
            return;
        };
        self.state.orders += 1;
        let id = OrderId {
            term,
            number: self.state.orders,
        };
        let rules = self.policy.rules();
        let order = OpenOrder::new(id, &decision, observation, &self.settings, rules, now);
        self.effects.orders.push(order.request());
        self.effects.events.push(order.started(decision));
        self.state.open = Some(order);
    }

    fn drained(&mut self, now: Micros, id: OrderId, node: NodeId) {
        let report_timeout = self.settings.report_timeout;
        let Some(order) = self.reported(id) else {
            return;
        };
        let Phase::Draining { waiting, .. } = &mut order.phase else {
            return;
        };
        let before = waiting.len();
        waiting.retain(|each| *each != node);
        let (left, changed) = (waiting.len(), waiting.len() != before);
        if left == 0 {
            order.phase = Phase::asked(now, report_timeout);
            let request = order.request();
            self.effects.orders.push(request);
        }
        self.effects.must_save |= changed;
    }

    fn executed(&mut self, now: Micros, id: OrderId) {
        if self.reported(id).is_none_or(|order| order.is_draining()) {
            return;
        }
        let settle_until = now + self.settings.settle_timeout;
        self.close(|controller, order| {
            controller.charge(now, &order);
            controller.state.settling = Some(Settling {
                size: order.to,
                until: settle_until,
            });
            if controller.policy.rules().keep(Rule::SuccessResetsBackoff) {
                controller.state.backoff_mut(order.action()).reset();
            }
            controller.effects.events.push(order.completed());
        });
    }

    fn failed(&mut self, now: Micros, id: OrderId, error: &str) {
        if self.reported(id).is_none() {
            return;
        }
        let failure = Failure::executor(error);
        self.close(|controller, order| {
            controller.back_off(now, &order);
            controller.call_off(now, order, failure);
        });
    }

    /// What is due: a drain that took too long, an order that nobody has reported on.
    fn expire(&mut self, now: Micros) {
        let (Some(_), Some(order)) = (self.leads, &mut self.state.open) else {
            return;
        };
        if now < order.deadline() {
            return;
        }
        match &order.phase {
            Phase::Draining { .. } if !self.policy.rules().keep(Rule::LateDrainIsCalledOff) => {
                order.phase = Phase::asked(now, self.settings.report_timeout);
                self.effects.orders.push(order.request());
            }
            Phase::Draining { waiting, .. } => {
                let failure = Failure::drain_timed_out(waiting);
                self.close(|controller, order| {
                    controller.back_off(now, &order);
                    controller.call_off(now, order, failure);
                });
            }
            Phase::Asked { .. } => {
                order.ask_again(now, &self.settings);
                let request = order.request();
                self.effects.orders.push(request);
                self.effects.must_save = true;
            }
        }
    }

    /// The open order, if it is the one that is reported on and of the term in which this controller
    /// leads.
    fn reported(&mut self, id: OrderId) -> Option<&mut OpenOrder> {
        let leads = self.leads?;
        let is_fenced = self.policy.rules().keep(Rule::ReportsAreFenced);
        self.state
            .open
            .as_mut()
            .filter(|order| !is_fenced || order.id == id && id.term == leads)
    }

    /// Closes the open order.
    fn close(&mut self, end: impl FnOnce(&mut Self, OpenOrder)) {
        if let Some(order) = self.state.open.take() {
            self.effects.must_save = true;
            end(self, order);
        }
    }

    /// Gives up an order of an older term. If it was asked for it may have been carried out, so it
    /// is charged.
    fn abandon(&mut self, now: Micros, order: OpenOrder, failure: Failure) {
        if !order.is_draining() && self.policy.rules().keep(Rule::UnknownFateIsCharged) {
            self.charge(now, &order);
        }
        self.call_off(now, order, failure);
    }

    /// Ends an order without success. Nodes that drain, or have drained, serve again.
    fn call_off(&mut self, now: Micros, order: OpenOrder, failure: Failure) {
        if !order.remove.is_empty() {
            self.effects.orders.push(Effect::CancelDrain {
                order: order.id,
                nodes: order.remove.clone(),
            });
        }
        let retry_at = self.state.backoff(order.action()).until.max(now);
        self.effects.events.push(order.failed(failure, retry_at));
    }

    fn back_off(&mut self, now: Micros, order: &OpenOrder) {
        if !self.policy.rules().keep(Rule::FailuresBackOff) {
            return;
        }
        let (settings, id) = (self.settings, order.id);
        self.state
            .backoff_mut(order.action())
            .fail(&settings, id, now);
    }

    /// Notes that the size was changed: cooldowns begin, budgets are charged.
    fn charge(&mut self, now: Micros, order: &OpenOrder) {
        let change = Executed {
            from: order.from,
            to: order.to,
            at: now,
        };
        self.state.autoscaler.executed(&self.policy, change);
    }
}

/// Whether `node` was seen to be gone. One that was not seen at all may come back. O(log n).
fn is_gone(observation: &Observation, node: NodeId) -> bool {
    let nodes = observation.nodes();
    let after = nodes.partition_point(|sample| sample.node <= node);
    let sample = after.checked_sub(1).map(|index| &nodes[index]);
    sample.is_some_and(|sample| {
        sample.state == NodeState::Gone && node.0 - sample.node.0 < u64::from(sample.count)
    })
}
