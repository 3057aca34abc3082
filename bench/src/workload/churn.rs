//! Churn: replicas add and remove elements of a small universe and sync all the time.
//!
//! It shows what is left of operations that no longer matter. A set that pays for its past gets
//! slower with every round; one that pays for what is alive does not.

use crate::elements::Schedule;
use crate::figure::{Figures, Sheet, Unit};
use crate::sample::{Effort, Samples, timed};
use crate::subject::{Subject, Visitor};

use super::{Plan, progress};

/// Replicas that take part.
const REPLICAS: usize = 8;
/// Elements that there can be.
const UNIVERSE: usize = 1_000;
/// Operations, all replicas together, between two syncs.
const PER_ROUND: usize = 1_000;

/// Runs so many operations with every subject.
pub fn run(plan: &Plan, operations: usize, figures: &mut Figures) {
    let schedule = Schedule::churn(operations, REPLICAS, UNIVERSE, PER_ROUND);
    let bar = progress("churn", plan.subjects.len());
    for &subject in &plan.subjects {
        bar.set_message(subject.title());
        subject.accept(&mut Churn {
            schedule: &schedule,
            case: format!("{operations} operations"),
            effort: plan.effort,
            figures,
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
}

struct Churn<'a> {
    schedule: &'a Schedule,
    case: String,
    effort: Effort,
    figures: &'a mut Figures,
}

impl Visitor for Churn<'_> {
    fn visit<S: Subject>(&mut self) {
        let mut sheet = Sheet {
            figures: self.figures,
            workload: "churn",
            case: self.case.clone(),
            subject: S::NAME,
        };
        let mut replicas = Vec::new();
        if S::JOINS_IN_MEMORY {
            let mut took = Samples::default();
            self.effort
                .repeat(|| replicas = replay::<S>(self.schedule, &mut took, in_memory));
            sheet.put("time, synced in memory", Unit::Nanoseconds, &took);
        }
        let mut took = Samples::default();
        self.effort
            .repeat(|| replicas = replay::<S>(self.schedule, &mut took, through_bytes));
        sheet.put("time, synced through bytes", Unit::Nanoseconds, &took);

        let live = Samples::exactly(converged(&replicas));
        sheet.put("live elements", Unit::Elements, &live);
        for (form, bytes) in replicas[0].state_sizes() {
            sheet.put(form, Unit::Bytes, &Samples::exactly(bytes));
        }
    }
}

/// Everything into the first replica, then the first into everybody: 14 joins of 8 replicas.
fn replay<S: Subject>(
    schedule: &Schedule,
    took: &mut Samples,
    catch_up: fn(&mut S, &mut S),
) -> Vec<S> {
    let mut replicas: Vec<S> = (1..=REPLICAS as u64).map(S::new).collect();
    let rounds: Vec<_> = schedule.rounds().collect();
    timed(took, || {
        for round in &rounds {
            for (replica, operations) in replicas.iter_mut().zip(round) {
                replica.operate(operations);
            }
            let (first, others) = replicas.split_first_mut().expect("there are eight");
            for other in &mut *others {
                catch_up(first, other);
            }
            for other in &mut *others {
                catch_up(other, first);
            }
            replicas.iter_mut().for_each(S::settle);
        }
    });
    replicas
}

fn in_memory<S: Subject>(receiver: &mut S, sender: &mut S) {
    receiver.catch_up(sender);
}

fn through_bytes<S: Subject>(receiver: &mut S, sender: &mut S) {
    let version = receiver.version();
    let message = sender.message(&version);
    receiver.receive(&message);
}

/// How many elements everybody has in the end. A subject that did not converge has no figures.
fn converged<S: Subject>(replicas: &[S]) -> usize {
    let elements = replicas[0].elements();
    for replica in &replicas[1..] {
        assert!(
            replica.elements() == elements,
            "the replicas of {} did not converge",
            S::NAME
        );
    }
    elements.len()
}
