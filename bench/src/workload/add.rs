//! One add into a large set, sent to another replica and applied there.
//!
//! This is what a set does all day. It should cost what the element costs, and not what the set
//! costs.

use crate::elements::{Operation, additions, newcomers};
use crate::figure::{Figures, Sheet, Unit};
use crate::sample::{Effort, Samples, timed};
use crate::subject::{Subject, Visitor};

use super::{Plan, progress};

/// Adds to a set of so many elements with every subject.
pub fn run(plan: &Plan, elements: usize, figures: &mut Figures) {
    let bar = progress("add", plan.subjects.len());
    for &subject in &plan.subjects {
        bar.set_message(subject.title());
        let mut add = Add {
            elements,
            effort: plan.effort.of_small_work(),
            figures,
        };
        subject.accept(&mut add);
        bar.inc(1);
    }
    bar.finish_and_clear();
}

struct Add<'a> {
    elements: usize,
    effort: Effort,
    figures: &'a mut Figures,
}

impl Visitor for Add<'_> {
    fn visit<S: Subject>(&mut self) {
        let Costs {
            send,
            receive,
            overhead,
        } = measure::<S>(self.elements, self.effort);
        let mut sheet = Sheet {
            figures: self.figures,
            workload: "add",
            case: format!("into {} elements", self.elements),
            subject: S::NAME,
        };
        sheet.put("time to add and encode", Unit::Nanoseconds, &send);
        sheet.put("time to decode and apply", Unit::Nanoseconds, &receive);
        sheet.put("message beyond the element", Unit::Bytes, &overhead);
    }
}

/// What one add costs.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// Adding and encoding what the other lacks.
    pub(super) send: Samples,
    /// Decoding and applying it.
    pub(super) receive: Samples,
    /// Bytes of the message without those of the element.
    pub(super) overhead: Samples,
}

/// Fills one replica, brings another up to date, and then adds there, one element at a time.
pub(super) fn measure<S: Subject>(elements: usize, effort: Effort) -> Costs {
    let mut receiver = S::new(1);
    additions(0..elements, |batch| receiver.operate(batch));
    let mut sender = S::new(2);
    sender.receive_full(&receiver.full_message());

    let mut costs = Costs::default();
    let mut newcomers = newcomers(elements);
    effort.repeat(|| {
        let Some(added) = newcomers.next() else {
            return;
        };
        let version = receiver.version();
        let message = timed(&mut costs.send, || {
            sender.announce(&[Operation::Add(&added)], &version)
        });
        timed(&mut costs.receive, || receiver.receive(&message));
        costs
            .overhead
            .push_count(message.len().saturating_sub(added.len()));
    });
    assert!(
        receiver.elements() == sender.elements(),
        "the replicas of {} did not converge",
        S::NAME
    );
    costs
}
