//! The same histories, drawn and shrunk by a property-testing library.

use proptest::prelude::*;

use super::cluster::Crashes;
use super::heal::heal;
use super::histories::{Step, World};

fn at() -> impl Strategy<Value = usize> {
    0..4_usize
}

fn step() -> impl Strategy<Value = Step> {
    let of_a_store = prop_oneof![
        7 => (at(), 0..3_u8).prop_map(|(at, element)| Step::Add(at, element)),
        3 => (at(), 0..3_u8).prop_map(|(at, element)| Step::Remove(at, element)),
        1 => at().prop_map(Step::Clear),
        2 => (at(), 0..3_usize).prop_map(|(at, kept)| Step::Prune(at, kept)),
        3 => at().prop_map(Step::Persist),
        1 => at().prop_map(Step::Crash),
        1 => at().prop_map(Step::CrashForGood),
        1 => at().prop_map(Step::StartAnew),
    ];
    let on_the_way = prop_oneof![
        3 => (at(), at()).prop_map(|(from, to)| Step::SendDelta(from, to)),
        3 => at().prop_map(Step::SendFull),
        5 => (0..64_usize, at()).prop_map(|(message, to)| Step::Deliver(message, to)),
        4 => (at(), at()).prop_map(|(from, to)| Step::Sync(from, to)),
        8 => (0..16_usize).prop_map(Step::Round),
    ];
    let of_the_log = prop_oneof![
        3 => at().prop_map(Step::Advance),
        2 => at().prop_map(Step::Fence),
        1 => (0..16_usize).prop_map(Step::GoOnWithout),
        2 => at().prop_map(Step::Propose),
        2 => (0..3_usize).prop_map(Step::Close),
        7 => (0..16_usize).prop_map(Step::CloseAll),
        1 => at().prop_map(Step::Expire),
        6 => at().prop_map(Step::Request),
        1 => (0..16_usize).prop_map(Step::Repeat),
        3 => (at(), at()).prop_map(|(at, by)| Step::LetIn(at, by)),
        1 => at().prop_map(Step::Report),
        1 => (0..16_usize).prop_map(Step::Hear),
        1 => Just(Step::Heal),
    ];
    prop_oneof![19 => of_a_store, 20 => on_the_way, 22 => of_the_log]
}

fn crashes() -> impl Strategy<Value = Crashes> {
    prop_oneof![Just(Crashes::KeepTheId), Just(Crashes::EndTheId)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_history_agrees_with_the_oracle_and_heals(
        (members, strangers) in prop_oneof![Just((3, 0)), Just((3, 1)), Just((4, 0))],
        crashes in crashes(),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(members, strangers, crashes);
        for step in steps {
            world.step(step);
        }
        heal(&mut world.cluster);
    }
}
