//! Full merges: two replicas that know nothing of each other's versions join whole states.
//!
//! It is what happens after a long absence. How much the two have in common decides what a clever
//! join can save, so there are three cases.

use crate::elements::additions;
use crate::figure::{Figures, Sheet, Unit};
use crate::sample::{Effort, Samples, timed};
use crate::subject::{Subject, Visitor};

use super::{Plan, progress};

/// Joins two sets of so many elements with every subject.
pub fn run(plan: &Plan, size: usize, figures: &mut Figures) {
    let cases = [
        ("differing by one", size, 1),
        ("half in common", size / 2, size - size / 2),
        ("disjoint", 0, size),
    ];
    let bar = progress("merge", plan.subjects.len() * cases.len());
    for (title, common, apart) in cases {
        for &subject in &plan.subjects {
            bar.set_message(subject.title());
            subject.accept(&mut Merge {
                case: format!("{size} elements, {title}"),
                common,
                apart,
                effort: plan.effort,
                figures,
            });
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
}

struct Merge<'a> {
    case: String,
    /// Elements that both have, and each knows that the other has.
    common: usize,
    /// Elements that the sender has alone; the receiver has as many, but for a single one.
    apart: usize,
    effort: Effort,
    figures: &'a mut Figures,
}

impl Visitor for Merge<'_> {
    fn visit<S: Subject>(&mut self) {
        let (receiver, mut sender) = pair::<S>(self.common, self.apart);
        let union: Vec<String> = {
            let mut all = receiver.elements();
            all.extend(sender.elements());
            all.sort_unstable();
            all.dedup();
            all
        };
        let mut sheet = Sheet {
            figures: self.figures,
            workload: "merge",
            case: self.case.clone(),
            subject: S::NAME,
        };
        let check = |receiver: &S| {
            assert!(receiver.elements() == union, "{} lost elements", S::NAME);
        };
        if S::JOINS_IN_MEMORY {
            let mut join = Samples::default();
            self.effort.repeat(|| {
                let mut receiver = receiver.copy();
                timed(&mut join, || receiver.join(&mut sender));
                check(&receiver);
            });
            sheet.put("time to join in memory", Unit::Nanoseconds, &join);
        }
        let (mut encode, mut decode) = (Samples::default(), Samples::default());
        let mut bytes = 0;
        self.effort.repeat(|| {
            let mut receiver = receiver.copy();
            let message = timed(&mut encode, || sender.full_message());
            timed(&mut decode, || receiver.receive_full(&message));
            check(&receiver);
            bytes = message.len();
        });
        sheet.put("time to encode", Unit::Nanoseconds, &encode);
        sheet.put("time to decode and join", Unit::Nanoseconds, &decode);
        sheet.put("message", Unit::Bytes, &Samples::exactly(bytes));
    }
}

/// A receiver and a sender that share `common` elements and differ by `apart`.
fn pair<S: Subject>(common: usize, apart: usize) -> (S, S) {
    let mut receiver = S::new(1);
    additions(0..common, |batch| receiver.operate(batch));
    let mut sender = S::new(2);
    sender.receive_full(&receiver.full_message());
    let own = common..common + apart;
    if apart > 1 {
        additions(own.end..own.end + apart, |batch| receiver.operate(batch));
    }
    additions(own, |batch| sender.operate(batch));
    (receiver, sender)
}
