//! What is agreed of a replica that was fenced, and what makes the agreement true.

use quorate::crdt::{Entry, Rule};

use crate::kernel::{Finding, History, Host, Kernel, Out, alike, id};

pub(crate) const HISTORIES: &[History] = &[
    History {
        rule: Rule::CloseNeedsEquality,
        story: a_close_of_unequals,
    },
    History {
        rule: Rule::ReportsEndWithEpoch,
        story: a_report_of_another_epoch,
    },
    History {
        rule: Rule::FreezeIsDurable,
        story: a_freeze_and_a_crash,
    },
    History {
        rule: Rule::FencedIsNotHeard,
        story: a_fenced_sender,
    },
];

fn fence(letter: char) -> Entry {
    let replica = id(letter);
    Entry::Fence { replica }
}

/// Both enter the close of a replica, if it is proposed, and must then show the same.
fn closed(out: &Out, fenced: char, index: u64, hosts: [&mut Host; 2]) -> Finding {
    let Some(close) = out.close(fenced).cloned() else {
        return Ok(());
    };
    let [left, right] = hosts;
    left.enter(index, &close);
    right.enter(index, &close);
    alike(left.store(), right.store())
}

/// Only B has C1 when C is fenced, and A and B report.
fn a_close_of_unequals(kernel: Kernel) -> Finding {
    let [mut a, mut b, mut c] = ['A', 'B', 'C'].map(|letter| kernel.host(letter, "ABC"));
    let only_to_b = c.add("e");
    b.take('C', &only_to_b);
    a.enter(1, &fence('C'));
    b.enter(1, &fence('C'));
    a.hear_report_of(&mut b);
    let proposed = a.tick();
    closed(&proposed, 'C', 2, [&mut a, &mut b])
}

/// A and D report that they hold nothing of B, in epoch 1. Then C, which has B1, brings it to D, and
/// is fenced.
fn a_report_of_another_epoch(kernel: Kernel) -> Finding {
    let [mut a, mut b, mut c, mut d] =
        ['A', 'B', 'C', 'D'].map(|letter| kernel.host(letter, "ABCD"));
    let only_to_c = b.add("e");
    c.take('B', &only_to_c);
    for host in [&mut a, &mut c, &mut d] {
        host.enter(1, &fence('B'));
    }
    a.hear_report_of(&mut d);
    // C is asked by D, and answers with B1.
    let question = d.tick();
    let doubt = c.take('D', &question);
    let told = d.take('C', &doubt);
    let delta = c.take('D', &told);
    d.take('C', &delta);
    a.enter(2, &fence('C'));
    d.enter(2, &fence('C'));
    let proposed = a.tick();
    closed(&proposed, 'B', 3, [&mut a, &mut d])
}

/// A enters the epoch that fences C, and crashes before that is on its disk. C1 was under way.
fn a_freeze_and_a_crash(kernel: Kernel) -> Finding {
    let [mut a, mut b, mut c] = ['A', 'B', 'C'].map(|letter| kernel.host(letter, "ABC"));
    let late = c.add("e");
    a.enter_in_memory(1, &fence('C'));
    b.enter(1, &fence('C'));
    a.hear_report_of(&mut b);
    let proposed = a.tick();
    a.crash();
    a.take('C', &late);
    a.enter(1, &fence('C'));
    closed(&proposed, 'C', 2, [&mut a, &mut b])
}

/// C1 reaches A after A has entered the table that fences C, and reported.
fn a_fenced_sender(kernel: Kernel) -> Finding {
    let [mut a, mut b, mut c] = ['A', 'B', 'C'].map(|letter| kernel.host(letter, "ABC"));
    let late = c.add("e");
    a.enter(1, &fence('C'));
    b.enter(1, &fence('C'));
    a.hear_report_of(&mut b);
    let proposed = a.tick();
    a.take('C', &late);
    closed(&proposed, 'C', 2, [&mut a, &mut b])
}
