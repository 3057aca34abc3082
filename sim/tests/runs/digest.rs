//! The digest of one fixed scenario, the same natively, in Node and in a browser.

use quorate_sim::{Recording, World, presets};

use super::test;

/// What the first 60 seconds of [`fixed_run`] hash to. It changes whenever anything about a run
/// changes: look for the reason before you write down another value.
pub const DIGEST: u64 = 0xab57_73d8_b62f_b915;
/// How many events that is.
pub const EVENTS: u64 = 17_289;

/// The bad network, with loss, duplicates, crashes and set operations.
pub fn fixed_run() -> World {
    let preset = presets::find("bad-network").unwrap();
    let mut world = World::new(preset.scenario, None, Recording::Off).unwrap();
    while world.next_time().is_some_and(|at| at.as_secs() < 60) {
        world.step();
    }
    world
}

/// The same seed gives the same run on every platform.
#[test]
pub fn the_digest_of_the_fixed_run_is_the_same_everywhere() {
    let world = fixed_run();
    let broken = world
        .invariants()
        .into_iter()
        .find_map(|invariant| invariant.witness);
    assert_eq!(broken, None);
    let (events, digest) = (world.events(), world.digest());
    assert_eq!(
        (events, digest),
        (EVENTS, DIGEST),
        "events {events}, digest {digest:#018x}"
    );
}
