//! What a replica that returns may bring along.

use quorate::crdt::{Entry, Epoch, Rule, Store};

use crate::kernel::{Finding, History, Kernel, add, gone, id, remove, shown, sync, table};

pub(crate) const HISTORIES: &[History] = &[History {
    rule: Rule::ReadmittedKeepsDots,
    story: two_hold_what_nobody_else_has,
}];

/// Y and Z hold A1, and all three are closed before M has it. Y returns, M removes e, Z returns.
fn two_hold_what_nobody_else_has(kernel: Kernel) -> Finding {
    let member = |letter| kernel.of(Store::member(id(letter), table("AMYZ")));
    let (mut a, mut m, mut y, mut z) = (member('A'), member('M'), member('Y'), member('Z'));
    add(&mut a, "e");
    sync(&mut y, &a);
    sync(&mut z, &a);
    let fences = ['A', 'Y', 'Z'].map(|letter| Entry::Fence {
        replica: id(letter),
    });
    let closes = [('A', 3), ('Y', 4), ('Z', 5)].map(|(letter, epoch)| Entry::Close {
        replica: id(letter),
        at: 0,
        epoch: Epoch(epoch),
    });
    for (index, entry) in (1..).zip(fences.iter().chain(&closes)) {
        for store in [&mut m, &mut y, &mut z] {
            store.enter(Epoch(index), entry).unwrap();
        }
    }
    returns(&mut y, &mut m, 7);
    shown(&m, "e")?;
    remove(&mut m, "e");
    returns(&mut z, &mut m, 8);
    gone(&m, "e")
}

/// `returning` is admitted by the entry at `index`, and `member` takes what it brings.
fn returns(returning: &mut Store, member: &mut Store, index: u64) {
    let request = returning.readmission();
    member.enter(Epoch(index), &request).unwrap();
    returning
        .readmit(member.table(), &member.full_state())
        .unwrap();
    sync(member, returning);
}
