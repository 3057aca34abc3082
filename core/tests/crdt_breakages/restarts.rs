//! What a crash must not take back, and what a restart must not forget.

use quorate::crdt::Rule;

use crate::kernel::{Finding, History, Kernel, adding, alike, shown};

pub(crate) const HISTORIES: &[History] = &[
    History {
        rule: Rule::DurableBeforeShown,
        story: a_crash_before_the_disk,
    },
    History {
        rule: Rule::CounterOutlivesEvents,
        story: a_restart_after_a_removal,
    },
];

/// The power fails at A before e is on its disk. Then A adds f.
fn a_crash_before_the_disk(kernel: Kernel) -> Finding {
    let (mut a, mut b) = (kernel.host('A', "AB"), kernel.host('B', "AB"));
    let early = a.step_and_crash(adding("e"));
    b.take('A', &early);
    let later = a.add("f");
    b.take('A', &later);
    alike(a.store(), b.store())?;
    shown(b.store(), "f")
}

/// A has added and removed e, all of it is on its disk and at B, and A restarts and adds f.
fn a_restart_after_a_removal(kernel: Kernel) -> Finding {
    let (mut a, mut b) = (kernel.host('A', "AB"), kernel.host('B', "AB"));
    for out in [a.add("e"), a.remove("e")] {
        b.take('A', &out);
    }
    a.crash();
    let later = a.add("f");
    b.take('A', &later);
    shown(a.store(), "f")?;
    shown(b.store(), "f")
}
