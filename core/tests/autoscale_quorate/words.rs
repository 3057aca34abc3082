//! The record in words.

use crate::Asked;

fn details(record: &quorate::autoscale::quorate::QuorateRecord) -> Vec<String> {
    let mark = |binding| if binding { "* " } else { "" };
    record
        .steps()
        .iter()
        .map(|step| {
            format!(
                "{}{}: {} = {}",
                mark(step.binding),
                step.name,
                step.detail,
                step.value
            )
        })
        .collect()
}

#[test]
fn every_number_of_the_chain_can_be_read() {
    let mut asked = Asked::new();
    asked.tick(6_000, 0, 10);
    asked.tick(6_400, 0, 10);
    asked.tick(6_000, 1_412, 6);
    let record = asked.tick(6_000, 1_000, 12);
    assert_eq!(
        details(&record),
        [
            "Demand: 6.00 served, -0.41 by the queue = 5.58",
            "Forecast: 6.17 had been forecast, 5.58 came; usually wrong by 0.01; smoothed 6.27, \
             +0.01 per minute, for 120 s ahead = 6.30",
            "Headroom: base 0.73, for the usual error 0.01 would do = +0.73",
            "Mode: the service level was broken: +0.31 for 540 s; +0.10 to drain the queue = +0.41",
            "Winner: 7.44 of work at 80.0 % = 10",
            "* Stabilized: a scale-in covers 180 s: no larger need; with room to spare 11 = 11",
        ]
    );
    assert_eq!(
        record.evidence(),
        "demand 5.58, 7.44 of work at 80.0 % = 10 nodes"
    );
}

#[test]
fn the_hold_says_what_it_waits_for() {
    let mut asked = Asked::new();
    asked.tick(8_000, 0, 10);
    asked.tick(1_000, 0, 12);
    let record = asked.tick(1_000, 0, 12);
    let held = details(&record).pop().unwrap();
    assert_eq!(
        held,
        "* Stabilized: a scale-in covers 180 s: 12 nodes were needed 120 s ago; with room to \
         spare 6 = 12"
    );
    assert!(record.evidence().ends_with(", 12 needed 120 s ago"));
    assert_eq!(record.rule.to_string(), "the hold");
}
