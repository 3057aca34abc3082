//! What every subject must do before a figure of it means anything.

use super::{Name, Subject, Visitor};
use crate::elements::{Operation, additions, element};

struct Conformance;

impl Visitor for Conformance {
    fn visit<S: Subject>(&mut self) {
        let mut one = S::new(1);
        additions(0..10, |batch| one.operate(batch));
        let mut two = S::new(2);
        two.receive_full(&one.full_message());
        assert_eq!(one.elements(), two.elements(), "{}", S::NAME);

        let (removed, added) = (element(3), element(10));
        two.operate(&[Operation::Remove(&removed), Operation::Remove(&removed)]);
        let version = one.version();
        let message = two.message(&version);
        one.receive(&message);
        let version = one.version();
        let message = two.announce(&[Operation::Add(&added)], &version);
        one.receive(&message);
        let mut expected: Vec<String> = (0..11).map(element).collect();
        expected.remove(3);
        assert_eq!(one.elements(), expected, "{}", S::NAME);

        two.operate(&[Operation::Remove(&added)]);
        let mut copy = one.copy();
        copy.catch_up(&mut two);
        one.join(&mut two);
        expected.pop();
        assert_eq!(one.elements(), expected, "{}", S::NAME);
        assert_eq!(copy.elements(), expected, "{}", S::NAME);
        assert!(one.state_sizes().iter().all(|&(_, bytes)| bytes > 0));
    }
}

#[test]
fn every_subject_carries_additions_and_removals_over() {
    for name in Name::USUAL.into_iter().chain([Name::CrdtKit]) {
        name.accept(&mut Conformance);
    }
}
