//! A controller, its provider and its executor, run by hand.
//!
//! No threads and no clock: whoever owns the driver calls [`Driver::turn`] with the time, at the
//! latest when [`Driver::next_deadline`] has come. Calls to the executor are answered before the turn
//! is over, so this is for executors that do not keep one waiting: an in-memory fleet, or a cloud
//! that takes an order and returns.

use alloc::collections::VecDeque;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::{Controller, ControllerError, Effect, Event, Input, MetricProvider, ScalingExecutor};
use crate::Micros;

/// Runs a [`Controller`] against a [`MetricProvider`] and a [`ScalingExecutor`].
#[derive(Clone, Debug)]
pub struct Driver<P, E> {
    controller: Controller,
    provider: P,
    executor: E,
}

impl<P: MetricProvider, E: ScalingExecutor> Driver<P, E> {
    /// A driver of `controller`.
    pub const fn new(controller: Controller, provider: P, executor: E) -> Self {
        Self {
            controller,
            provider,
            executor,
        }
    }

    /// The controller.
    pub const fn controller(&self) -> &Controller {
        &self.controller
    }

    /// When the next turn is due at the latest; `None` while the controller does not lead.
    pub fn next_deadline(&self) -> Option<Micros> {
        self.controller.next_deadline()
    }

    /// Leads in `term` from `now` on. Returns what happened.
    pub fn lead(&mut self, now: Micros, term: u64) -> Result<Vec<Event>, ControllerError> {
        let mut events = Vec::new();
        self.step(now, Input::Lead { term }, &mut events)?;
        Ok(events)
    }

    /// Whoever led in `term` or before leads no more.
    pub fn depose(&mut self, now: Micros, term: u64) -> Result<Vec<Event>, ControllerError> {
        let mut events = Vec::new();
        self.step(now, Input::Deposed { term }, &mut events)?;
        Ok(events)
    }

    /// Does what is due at `now`: hears who has drained, observes if an evaluation is due, lets time
    /// pass. Returns what happened.
    pub fn turn(&mut self, now: Micros) -> Result<Vec<Event>, ControllerError> {
        let mut events = Vec::new();
        if let Some(order) = self.controller.open_order() {
            let waiting = self.controller.draining().to_vec();
            for node in waiting {
                if self.executor.is_drained(now, node) {
                    self.step(now, Input::Drained { order, node }, &mut events)?;
                }
            }
        }
        let input = if self.controller.observation_due(now) {
            self.provider
                .observe(now)
                .map_or(Input::Unobserved, Input::Observed)
        } else {
            Input::Tick
        };
        self.step(now, input, &mut events)?;
        Ok(events)
    }

    /// Takes `input`, carries out what follows, and what follows from that.
    fn step(
        &mut self,
        now: Micros,
        input: Input,
        events: &mut Vec<Event>,
    ) -> Result<(), ControllerError> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let effects = self.controller.step(now, input)?;
            events.extend_from_slice(&effects.events);
            let orders = effects.orders.clone();
            inputs.extend(
                orders
                    .iter()
                    .filter_map(|effect| self.carry_out(now, effect)),
            );
        }
        Ok(())
    }

    /// Carries out one effect and returns the report.
    fn carry_out(&mut self, now: Micros, effect: &Effect) -> Option<Input> {
        let (order, outcome) = match effect {
            Effect::ScaleTo {
                order, to, remove, ..
            } => (*order, self.executor.scale_to(now, *order, *to, remove)),
            Effect::Drain { order, nodes } => {
                let failed = self.executor.drain(now, *order, nodes).err()?;
                (*order, Err(failed))
            }
            Effect::CancelDrain { order, nodes } => {
                self.executor.cancel_drain(now, *order, nodes);
                return None;
            }
        };
        Some(match outcome {
            Ok(()) => Input::Executed { order },
            Err(error) => Input::Failed {
                order,
                error: error.to_string(),
            },
        })
    }
}
