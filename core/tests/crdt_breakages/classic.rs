//! The classic set, which forgets removals by their age and has no floor to raise: what
//! `Rule::ForgettingRaisesFloor` does to the kernel is how that set has always been.

use quorate::Micros;
use quorate::crdt::Compaction;
use quorate::crdt::seed::{Timestamp, TombstoneOrSet, TombstonePruneOptions};

const DAY: u64 = 86_400;

fn day(number: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH.plus(Micros::from_secs(number * DAY))
}

/// A laptop that was away for two days brings the milk back, if its removal was forgotten after one.
#[test]
fn the_classic_set_brings_back_what_it_forgot_by_age() {
    let milk_after = |is_pruned_on: Option<u64>| {
        let (mut phone, mut laptop) = (TombstoneOrSet::new(), TombstoneOrSet::new());
        phone.add("milk", "phone", 1);
        laptop.join(&phone);
        phone.remove("milk", day(0));
        if let Some(pruned_on) = is_pruned_on {
            let options = TombstonePruneOptions {
                age: Micros::from_secs(DAY),
                compaction: Compaction::default(),
            };
            phone.prune(day(pruned_on), &options, None);
        }
        phone.join(&laptop);
        phone.contains("milk")
    };
    assert!(!milk_after(None), "remembered for ever, it stays removed");
    assert!(!milk_after(Some(0)), "it is not old enough to be forgotten");
    assert!(milk_after(Some(2)), "forgotten, it comes back");
}
