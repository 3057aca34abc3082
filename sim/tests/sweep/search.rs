//! Which points are played, and what is said of those that are not.

use quorate::autoscale::Policy;
use quorate_sim::load::{Refinement, Trace};
use quorate_sim::replay::comparison::{ComparisonOptions, Contender, Recording, compare};
use quorate_sim::replay::sweep::{
    Refusals, Search, Setting, Split, Sweep, SweepError, SweepOptions, sweep,
};
use serde_json::json;

const FLASH_DAY: &[u8] = include_bytes!("../../data/flash_day.csv");

fn quorate() -> Policy {
    serde_json::from_value(json!({"strategy": {"kind": "quorate"}})).unwrap()
}

fn settings(texts: &[&str]) -> Vec<Setting> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn search(texts: &[&str], options: SweepOptions) -> Result<Sweep, SweepError> {
    let trace = Trace::parse("flash_day.csv", FLASH_DAY).unwrap();
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    sweep(&recording, &quorate(), &settings(texts), options, |_| ())
}

fn refused(texts: &[&str]) -> String {
    search(texts, SweepOptions::default())
        .unwrap_err()
        .to_string()
}

#[test]
fn a_grid_is_played_in_its_order_after_the_policy_as_it_was() {
    let texts = [
        "/strategy/cover=500..1500/500",
        "/strategy/hysteresis=100,200",
    ];
    let found = search(&texts, SweepOptions::default()).unwrap();
    let values: Vec<_> = found
        .points
        .iter()
        .map(|point| point.values.clone())
        .collect();
    let expected = [
        json!([1000, 100]),
        json!([500, 100]),
        json!([500, 200]),
        json!([1000, 200]),
        json!([1500, 100]),
        json!([1500, 200]),
    ];
    assert_eq!(serde_json::to_value(values).unwrap(), json!(expected));
    assert_eq!(found.grid_points, 6);
}

/// A point means what a comparison of its policy means.
#[test]
fn a_point_has_the_axes_of_its_policy() {
    let texts = ["/strategy/cover=250,2000"];
    let found = search(&texts, SweepOptions::default()).unwrap();
    let trace = Trace::parse("flash_day.csv", FLASH_DAY).unwrap();
    let recording = Recording::new(&trace, Refinement::default()).unwrap();
    for (place, point) in found.points.iter().enumerate() {
        let contender = Contender {
            name: String::from("the point"),
            policy: found.policy(place).unwrap().unwrap(),
        };
        let options = ComparisonOptions::default();
        let compared = compare(&recording, &[contender], options, |_| ()).unwrap();
        let score = compared.policies[0].score;
        assert_eq!(point.axes.under_provisioned, score.under_provisioned);
        assert_eq!(point.axes.node_seconds, score.node_seconds);
        assert_eq!(
            (point.axes.flips, point.axes.actions),
            (score.flips, score.actions)
        );
    }
    let hours = |place: usize| found.points[place].axes.node_seconds;
    assert!(hours(1) < hours(0) && hours(0) < hours(2), "cover costs");
    assert!(found.policy(3).is_none());
}

#[test]
fn a_random_search_follows_from_its_seed() {
    let texts = ["/strategy/cover=1..1001", "/strategy/hysteresis=0..400/4"];
    let drawn = |seed| {
        let search_of = Search::Random { points: 9, seed };
        let options = SweepOptions {
            search: search_of,
            ..SweepOptions::default()
        };
        let found = search(&texts, options).unwrap();
        let values = found.points.iter().map(|point| point.values.clone());
        values.collect::<Vec<_>>()
    };
    let first = drawn(1);
    assert_eq!(first.len(), 10, "the policy as it was, and nine others");
    assert_eq!(first, drawn(1));
    assert_ne!(first, drawn(2));
    for (place, values) in first.iter().enumerate() {
        assert!(!first[..place].contains(values), "{values:?} came twice");
    }
}

#[test]
fn every_set_of_points_is_as_likely_as_any_other() {
    let mut times = std::collections::BTreeMap::new();
    for seed in 0..600 {
        let options = SweepOptions {
            search: Search::Random { points: 2, seed },
            ..SweepOptions::default()
        };
        let found = search(&["/strategy/cover=1..4"], options).unwrap();
        let drawn: Vec<_> = found.points[1..]
            .iter()
            .map(|point| point.values[0].to_string())
            .collect();
        assert_eq!(drawn.len(), 2, "seed {seed}");
        *times.entry(drawn).or_insert(0) += 1;
    }
    assert_eq!(times.len(), 6);
    assert!(
        times.values().all(|times| (60..140).contains(times)),
        "{times:?}"
    );
}

#[test]
fn the_test_part_is_played_for_what_was_chosen_alone() {
    let texts = ["/strategy/cover=100..2000/100"];
    let options = SweepOptions {
        split: Some(Split {
            training_permille: 600,
        }),
        ..SweepOptions::default()
    };
    let found = search(&texts, options).unwrap();
    let split = found.split.unwrap();
    assert_eq!((split.training_ticks, split.test_ticks), (172, 116));
    for (place, point) in found.points.iter().enumerate() {
        let chosen =
            place == 0 || found.front.contains(&place) || found.front_with_flips.contains(&place);
        assert_eq!(point.test.is_some(), chosen, "point {place}");
    }
    let whole = search(&texts, SweepOptions::default()).unwrap();
    let hours = |axes: quorate_sim::replay::sweep::Axes| axes.node_seconds;
    let parts = hours(found.points[0].axes) + hours(found.points[0].test.unwrap());
    assert!(parts.abs_diff(hours(whole.points[0].axes)) < 3_600 * 8);
    assert!(whole.points.iter().all(|point| point.test.is_none()));
}

#[test]
fn a_path_that_does_not_exist_is_named_with_what_there_is() {
    let error = refused(&["/strategy/covers=1,2"]);
    assert!(
        error.starts_with("the policy has no /strategy/covers; it has "),
        "{error}"
    );
    assert!(error.contains("/strategy/cover,"), "{error}");
    let error = refused(&["/nowhere/at/all=1"]);
    assert!(error.contains("it has /"), "{error}");
}

#[test]
fn a_value_that_is_refused_is_named() {
    let error = refused(&["/strategy/slo_utilization=800,1001"]);
    assert_eq!(
        error,
        "/strategy/slo_utilization = 1001: slo_utilization must be from 1 to 1000 per mille, not \
         1001"
    );
    let error = refused(&["/strategy/cover=lots"]);
    assert!(error.starts_with("/strategy/cover = \"lots\": "), "{error}");
}

#[test]
fn refused_points_can_be_left_out() {
    let options = SweepOptions {
        refusals: Refusals::Skip,
        ..SweepOptions::default()
    };
    let found = search(&["/strategy/slo_utilization=700,800,1001,0"], options).unwrap();
    assert_eq!((found.points.len(), found.refused_count), (2, 2));
    assert_eq!(found.refused[0].values, [json!(1001)]);
}

#[test]
fn a_search_that_makes_no_sense_is_refused() {
    assert!(matches!(
        search(&[], SweepOptions::default()),
        Err(SweepError::NoSettings)
    ));
    let twice = ["/strategy/cover=1", "/strategy/cover=2"];
    assert_eq!(refused(&twice), "/strategy/cover is named twice");
    let backwards = refused(&["/strategy/cover=5..1"]);
    assert!(backwards.contains("has 0 values"), "{backwards}");
    let huge = refused(&["/strategy/cover=1..9000", "/strategy/hysteresis=0..9000"]);
    assert!(
        huge.starts_with("81009000 points, the limit is 1000"),
        "{huge}"
    );
    let options = SweepOptions {
        split: Some(Split {
            training_permille: 1_000,
        }),
        ..SweepOptions::default()
    };
    let error = search(&["/strategy/cover=1"], options).unwrap_err();
    assert!(matches!(error, SweepError::Split { ticks: 288, .. }));
}

#[test]
fn settings_are_read_and_written() {
    for text in ["/a=1..9/2", "/a/b=[1,\"x\",null]"] {
        assert_eq!(text.parse::<Setting>().unwrap().to_string(), text);
    }
    let plain: Setting = "/a=1, x ,true".parse().unwrap();
    assert_eq!(plain.to_string(), "/a=[1,\"x\",true]");
    for wrong in ["", "a=1", "/a", "/a=1..x", "/a=[1"] {
        let error = wrong.parse::<Setting>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{wrong}: expected ")), "{error}");
    }
}

#[test]
fn the_csv_has_a_row_per_point() {
    let found = search(&["/strategy/cover=500,1500"], SweepOptions::default()).unwrap();
    let csv = found.to_csv();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "point,front,front_with_flips,/strategy/cover,under_provisioned_micros,minutes,\
         node_seconds,node_hours,flips,actions"
    );
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("0,"), "{}", lines[1]);
    assert!(lines[2].contains(",500,"), "{}", lines[2]);
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Sweep>(&json).unwrap(), found);
}
