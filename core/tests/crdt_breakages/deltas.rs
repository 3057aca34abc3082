//! What a delta, a full state and a part of a delta must say. `A1` is the first event of A.

use quorate::crdt::Rule;

use crate::kernel::{
    Finding, History, Kernel, add, alike, gone, prune_all, remove, seen, shown, sync,
};

pub(crate) const HISTORIES: &[History] = &[
    History {
        rule: Rule::SupersedingAddIsJournalled,
        story: a_superseding_add,
    },
    History {
        rule: Rule::DeltaAttaches,
        story: a_removal_alone,
    },
    History {
        rule: Rule::DeltaStaysAboveFloor,
        story: a_forgotten_removal,
    },
    History {
        rule: Rule::ForgettingRaisesFloor,
        story: a_forgotten_removal,
    },
    History {
        rule: Rule::FloorComesWithFullState,
        story: a_floor_at_second_hand,
    },
    History {
        rule: Rule::FullStateIsJoined,
        story: a_full_state_beside_news,
    },
    History {
        rule: Rule::CutKeepsKillers,
        story: a_cut_and_a_crash,
    },
];

/// B has A1. A adds e again, which kills A1, and removes that.
fn a_superseding_add(kernel: Kernel) -> Finding {
    let (mut a, mut b) = (kernel.store('A'), kernel.store('B'));
    add(&mut a, "e");
    sync(&mut b, &a);
    add(&mut a, "e");
    remove(&mut a, "e");
    sync(&mut b, &a);
    alike(&a, &b)
}

/// The same, but the removal of A2 comes before A2, which had killed A1.
fn a_removal_alone(kernel: Kernel) -> Finding {
    let (mut a, mut b) = (kernel.store('A'), kernel.store('B'));
    add(&mut a, "e");
    sync(&mut b, &a);
    add(&mut a, "e");
    remove(&mut a, "e");
    let alone = a.delta_since(&seen(&[('A', 2)])).unwrap();
    // Refused, or not.
    let _ = b.apply(&alone);
    sync(&mut b, &a);
    gone(&b, "e")
}

/// B has A1. A removes it and forgets that it did.
fn a_forgotten_removal(kernel: Kernel) -> Finding {
    let (mut a, mut b) = (kernel.store('A'), kernel.store('B'));
    add(&mut a, "e");
    sync(&mut b, &a);
    remove(&mut a, "e");
    prune_all(&mut a);
    sync(&mut b, &a);
    gone(&b, "e")
}

/// C has B1. B removes it and forgets; A gets B's full state, and C asks A.
fn a_floor_at_second_hand(kernel: Kernel) -> Finding {
    let (mut a, mut b, mut c) = (kernel.store('A'), kernel.store('B'), kernel.store('C'));
    add(&mut b, "e");
    sync(&mut c, &b);
    remove(&mut b, "e");
    prune_all(&mut b);
    sync(&mut a, &b);
    sync(&mut c, &a);
    gone(&c, "e")
}

/// A has added e, which nobody else has, when B's full state comes.
fn a_full_state_beside_news(kernel: Kernel) -> Finding {
    let (mut a, mut b) = (kernel.store('A'), kernel.store('B'));
    add(&mut a, "e");
    add(&mut b, "f");
    a.apply_full(&b.full_state()).unwrap();
    shown(&a, "f")?;
    shown(&a, "e")
}

/// B2 kills B1. A gets a part of that, and B crashes to B1, which C has.
fn a_cut_and_a_crash(kernel: Kernel) -> Finding {
    let (mut a, mut b, mut c) = (kernel.store('A'), kernel.store('B'), kernel.store('C'));
    add(&mut b, "e");
    let durable = b.clone();
    add(&mut b, "e");
    add(&mut b, "f");
    let part = b.batch_since(a.context(), 1).unwrap();
    a.apply(&part).unwrap();
    sync(&mut c, &durable);
    alike(&a, &c)
}
