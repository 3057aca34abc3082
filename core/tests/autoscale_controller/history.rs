//! The latest decisions, so many and no more.

use quorate::autoscale::controller::ControllerSettings;

use crate::bench::{Bench, MIDDLE, SETTINGS, policy, secs};

fn three_of_five() -> Bench {
    let settings = ControllerSettings {
        history: 3,
        ..SETTINGS
    };
    let mut bench = Bench::with(policy(1, 10), settings);
    for second in [0, 15, 30, 45, 60] {
        bench.see(second, 4, MIDDLE);
    }
    bench
}

#[test]
fn the_oldest_go_and_are_counted() {
    let bench = three_of_five();
    let history = bench.0.history();
    let times: Vec<_> = history.iter().map(|decision| decision.at).collect();
    assert_eq!(times, [secs(30), secs(45), secs(60)]);
    assert_eq!(history.latest().unwrap().at, secs(60));
    assert_eq!(
        (history.len(), history.capacity(), history.recorded()),
        (3, 3, 5)
    );
    assert!(!history.is_empty());
}

#[cfg(feature = "serde")]
#[test]
fn it_comes_back_from_json_unless_it_cannot_be_one() {
    use quorate::autoscale::history::History;
    use serde_json::{Value, from_value, to_value};

    let bench = three_of_five();
    let json = to_value(bench.0.history()).unwrap();
    assert_eq!(
        from_value::<History>(json.clone()).unwrap(),
        *bench.0.history()
    );

    let refused = |field: &str, value: u64| {
        let mut wrong = json.clone();
        wrong[field] = Value::from(value);
        from_value::<History>(wrong).unwrap_err().to_string()
    };
    let overfull = "a history keeps 3 decisions, more than it can have";
    assert_eq!(refused("capacity", 2), overfull);
    assert_eq!(refused("recorded", 2), overfull);
    assert!(refused("capacity", 70_000).contains("is not between 1 and 65536"));
}
