//! What the last writer wins.

use quorate::Micros;
use quorate::crdt::{LwwRegister, Replicated, Rule};

use crate::kernel::{Finding, History, Kernel, id};

pub(crate) const HISTORIES: &[History] = &[History {
    rule: Rule::StampsAreHybrid,
    story: a_slow_clock_replaces_a_late_write,
}];

/// Tea is written before coffee. B, whose clock is slow, replaces the coffee by water, and then the
/// tea comes to it.
fn a_slow_clock_replaces_a_late_write(kernel: Kernel) -> Finding {
    let register = |letter| {
        let mut register = LwwRegister::<String>::new(id(letter));
        *register.store_mut() = kernel.store(letter);
        register
    };
    let (mut a, mut b, mut c) = (register('A'), register('B'), register('C'));
    c.set(Micros(50), "tea").unwrap();
    a.set(Micros(100), "coffee").unwrap();
    b.merge(&a).unwrap();
    b.set(Micros(5), "water").unwrap();
    b.merge(&c).unwrap();
    match b.get().as_deref() {
        Some("water") => Ok(()),
        other => Err(format!(
            "{other:?} shows, which lost against what was replaced"
        )),
    }
}
