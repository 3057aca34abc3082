//! Stabilization, rates of change and the logs behind them.

use quorate::autoscale::hpa::{
    Events, RecommendationLog, ScaleUpLimit, Windows, limit_by_behavior, limit_by_default,
};

use super::table::{NOW, Row, for_each_row};
use super::test;

pub(crate) fn scale_up_limit(input: &Row<'_>) -> ScaleUpLimit {
    let factor = input.at("scale_up_limit_factor").float();
    ScaleUpLimit::new(factor, input.at("scale_up_limit_min").float()).unwrap()
}

fn events(input: &Row<'_>) -> Events {
    Events {
        up: input.at("up_events").events(),
        down: input.at("down_events").events(),
    }
}

fn replicas_in(log: &RecommendationLog) -> Vec<i32> {
    log.entries().iter().map(|entry| entry.replicas).collect()
}

#[test]
fn default_limits_are_those_of_the_table() {
    for_each_row(
        include_str!("vectors/bounds_default.json"),
        |input, expect| {
            let limited = limit_by_default(
                input.at("current").count(),
                input.at("desired").count(),
                input.bounds(),
                scale_up_limit(input),
            );
            assert_eq!(
                limited.replicas,
                expect.at("replicas").count(),
                "{}",
                input.name
            );
            assert_eq!(
                limited.reason.as_str(),
                expect.at("reason").text(),
                "{}",
                input.name
            );
        },
    );
}

#[test]
fn default_stabilization_is_that_of_the_table() {
    for_each_row(
        include_str!("vectors/stabilize_default.json"),
        |input, expect| {
            let mut log = input.at("log").recommendations();
            let desired = input.at("desired").count();
            let stabilized = log.stabilize(desired, input.at("window_s").span(), NOW);
            assert_eq!(stabilized, expect.at("replicas").count(), "{}", input.name);
            let length = usize::try_from(expect.at("log_len").count()).unwrap();
            assert_eq!(log.entries().len(), length, "{}", input.name);
        },
    );
}

#[test]
fn stabilization_in_both_directions_is_that_of_the_table() {
    for_each_row(
        include_str!("vectors/behavior_stabilize.json"),
        |input, expect| {
            let mut log = input.at("log").recommendations();
            let windows = Windows {
                up: input.at("up_window_s").span(),
                down: input.at("down_window_s").span(),
            };
            let current = input.at("current").count();
            let desired = input.at("desired").count();
            let stabilized = log.stabilize_both_ways(current, desired, windows, NOW);
            assert_eq!(stabilized, expect.at("replicas").count(), "{}", input.name);
            if !expect.at("log_after").is_null() {
                let after: Vec<_> = expect
                    .at("log_after")
                    .rows()
                    .map(|row| row.count())
                    .collect();
                assert_eq!(replicas_in(&log), after, "{}", input.name);
            }
        },
    );
}

#[test]
fn rates_of_change_are_those_of_the_table() {
    for_each_row(
        include_str!("vectors/behavior_rate.json"),
        |input, expect| {
            let limited = limit_by_behavior(
                input.at("current").count(),
                input.at("desired").count(),
                input.bounds(),
                &input.behavior(),
                &events(input),
                NOW,
            );
            assert_eq!(
                limited.replicas,
                expect.at("replicas").count(),
                "{}",
                input.name
            );
            assert_eq!(
                limited.reason.as_str(),
                expect.at("reason").text(),
                "{}",
                input.name
            );
        },
    );
}

#[test]
fn limits_of_one_direction_are_those_of_the_table() {
    for_each_row(
        include_str!("vectors/behavior_limit.json"),
        |input, expect| {
            let rules = input.at("rules").rules();
            let current = input.at("current").count();
            let limit = match input.at("direction").text() {
                "up" => rules.scale_up_limit(current, &events(input), NOW),
                _ => rules.scale_down_limit(current, &events(input), NOW),
            };
            assert_eq!(limit, expect.at("limit").count(), "{}", input.name);
        },
    );
}

#[test]
fn stabilization_then_rates_are_those_of_the_table() {
    for_each_row(
        include_str!("vectors/behavior_full.json"),
        |input, expect| {
            let behavior = input.behavior();
            let windows = Windows {
                up: behavior.scale_up.stabilization_window,
                down: behavior.scale_down.stabilization_window,
            };
            let current = input.at("current").count();
            let mut log = input.at("log").recommendations();
            let desired = input.at("desired").count();
            let stabilized = log.stabilize_both_ways(current, desired, windows, NOW);
            let limited = limit_by_behavior(
                current,
                stabilized,
                input.bounds(),
                &behavior,
                &events(input),
                NOW,
            );
            assert_eq!(
                limited.replicas,
                expect.at("replicas").count(),
                "{}",
                input.name
            );
            assert_eq!(
                limited.reason.as_str(),
                expect.at("reason").text(),
                "{}",
                input.name
            );
        },
    );
}

#[test]
fn the_event_log_is_kept_as_in_the_table() {
    for_each_row(include_str!("vectors/event_log.json"), |input, expect| {
        let mut log = input.at("log").events();
        let change = log.change_within(input.at("window_s").span(), NOW);
        assert_eq!(
            change,
            expect.at("change_in_window").count(),
            "{}",
            input.name
        );
        let rules = input.at("rules");
        let rules = (!rules.is_null()).then(|| rules.rules());
        log.store(rules.as_ref(), input.at("store_change").count(), NOW);
        let after: Vec<_> = log
            .entries()
            .iter()
            .map(|event| (event.change, event.outdated))
            .collect();
        let stated: Vec<_> = expect
            .at("log_after")
            .rows()
            .map(|row| (row.at("change").count(), row.at("outdated").flag()))
            .collect();
        assert_eq!(after, stated, "{}", input.name);
    });
}
