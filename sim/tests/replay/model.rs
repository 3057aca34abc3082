//! What the model does with a load, tick by tick.

use quorate::Micros;
use quorate::autoscale::{Bounds, Metric, NodeState, Policy};
use quorate_sim::replay::{
    Model, ModelError, PolicyScaler, Replay, Scaler, Score, Tick, Timing, replay,
};

const MINUTE: Micros = Micros::from_secs(60);

/// Answers what it was told, one answer per tick, and keeps what it saw.
struct Scripted {
    answers: Vec<u32>,
    seen: Vec<Tick>,
}

impl Scaler for Scripted {
    fn decide(&mut self, tick: &Tick) -> u32 {
        let answer = self.answers.get(self.seen.len()).copied();
        self.seen.push(*tick);
        answer.unwrap_or(tick.nodes)
    }
}

/// Ten nodes do the largest count, 1,000 requests, so one node does 100 per tick.
fn ten_nodes() -> Model {
    Model {
        peak_nodes: 10,
        ..Model::default()
    }
}

fn play(model: Model, counts: &[u64], answers: &[u32]) -> (Score, Vec<Tick>) {
    let mut scripted = Scripted {
        answers: answers.to_vec(),
        seen: Vec::new(),
    };
    let counts = counts.iter().map(|count| count * 1_000);
    let score = replay(model, 1_000_000, MINUTE, counts, &mut scripted).unwrap();
    (score, scripted.seen)
}

fn sizes(ticks: &[Tick]) -> Vec<(u32, u32)> {
    ticks.iter().map(|tick| (tick.ready, tick.nodes)).collect()
}

#[test]
fn a_replay_begins_with_the_fleet_that_the_first_count_demands() {
    for (count, nodes) in [(0, 1), (80, 1), (81, 2), (160, 2), (1_000, 13)] {
        let (_, ticks) = play(ten_nodes(), &[count], &[]);
        assert_eq!(sizes(&ticks), [(nodes, nodes)], "{count} requests");
    }
}

#[test]
fn an_order_is_ready_a_start_up_time_after_the_decision() {
    let prompt = ten_nodes();
    let (score, ticks) = play(prompt, &[80, 80, 80, 80], &[3]);
    assert_eq!(sizes(&ticks), [(1, 1), (1, 3), (3, 3), (3, 3)]);
    assert_eq!(score.node_time, u128::from(8 * MINUTE.0));
    assert_eq!(score.billed_time, u128::from(10 * MINUTE.0));

    let strict = Model {
        timing: Timing::Strict,
        ..prompt
    };
    let (_, ticks) = play(strict, &[80, 80, 80, 80], &[3]);
    assert_eq!(sizes(&ticks), [(1, 1), (1, 3), (1, 3), (3, 3)]);
    assert_eq!(ticks[0].at, MINUTE);
}

#[test]
fn surplus_is_taken_from_the_newest_orders_first() {
    let (_, ticks) = play(ten_nodes(), &[160; 5], &[5, 8, 4, 1]);
    // Ordered 3 and 3; then 4 are given up: the last 3 and one of the first. The other 2 of the
    // first order are ready in time; then only ready ones are left to take.
    assert_eq!(sizes(&ticks), [(2, 2), (2, 5), (5, 8), (4, 4), (1, 1)]);
}

#[test]
fn what_is_not_done_waits() {
    let (score, ticks) = play(ten_nodes(), &[100, 250, 0], &[1, 1, 1]);
    let work = |tick: &Tick| (tick.served_milli(), tick.queue_milli());
    let all: Vec<_> = ticks.iter().map(work).collect();
    // The first count demands two nodes, which do 200 per tick; then one is left.
    assert_eq!(all, [(1_000, 0), (1_000, 1_500), (1_000, 500)]);
    // Only arrivals are compared with the fleet: nothing arrives in the last tick.
    assert_eq!(score.under_provisioned, MINUTE);
}

#[test]
fn answers_are_brought_into_the_bounds() {
    let model = Model {
        bounds: Bounds::new(2, 6).unwrap(),
        ..ten_nodes()
    };
    let (score, ticks) = play(model, &[0; 4], &[0, 900, 900, 6]);
    assert_eq!(sizes(&ticks), [(2, 2), (2, 2), (2, 6), (6, 6)]);
    assert_eq!(score.actions, 1);
}

#[test]
fn a_flip_goes_against_the_last_action_within_a_quarter_of_an_hour() {
    let quick = [1, 2, 1, 1, 2, 3];
    assert_eq!(play(ten_nodes(), &[0; 6], &quick).0.flips, 2);
    let after = |minutes: usize| {
        let mut answers = vec![2; minutes];
        answers.push(1);
        play(ten_nodes(), &vec![0; answers.len()], &answers).0
    };
    assert_eq!((after(15).actions, after(15).flips), (2, 1));
    assert_eq!((after(16).actions, after(16).flips), (2, 0));
}

#[test]
fn elasticity_counts_missing_and_surplus_nodes_per_demanded_node() {
    // Demanded 4, 4, 8, 2; ready 4, 2, 2, 4.
    let counts = [320, 320, 640, 160];
    let (score, ticks) = play(ten_nodes(), &counts, &[2, 4, 4, 4]);
    assert_eq!(sizes(&ticks), [(4, 4), (2, 2), (2, 4), (4, 4)]);
    let shares = score.elasticity;
    // (2/4 + 6/8) / 4, 1 / 4, 2 of 4 ticks, 1 of 4.
    assert_eq!(shares.theta_under.to_string(), "31.25");
    assert_eq!(shares.theta_over.to_string(), "25.00");
    assert_eq!(shares.tau_under.to_string(), "50.00");
    assert_eq!(shares.tau_over.to_string(), "25.00");
    // Down while the demand stays, still while it rises, up while it falls.
    assert_eq!(shares.instability.to_string(), "100.00");
    // (31.25^5 + 2 · 25^5 + 50^5 + 100^5)^(1/5) = 100.713….
    assert_eq!(shares.deviation().to_string(), "100.71");
}

#[test]
fn twice_as_elastic_is_a_speed_up_of_two() {
    let counts = [320, 320, 640, 160];
    let (score, _) = play(ten_nodes(), &counts, &[2, 4, 4, 4]);
    let own = score.elasticity;
    let mut worse = own;
    worse.theta_under.0 *= 4;
    worse.tau_over.0 *= 4;
    assert_eq!(own.speed_up_over(&own), Some(1.0));
    assert_eq!(own.speed_up_over(&worse), Some(2.0));
    let mut perfect = own;
    perfect.tau_under.0 = 0;
    assert_eq!(perfect.speed_up_over(&own), None);
}

#[test]
fn the_oracle_pays_for_a_start_or_keeps_running_whichever_is_less() {
    let billed = |counts: &[u64]| {
        let (score, _) = play(ten_nodes(), counts, &[]);
        let minutes = |time: u128| time / u128::from(MINUTE.0);
        (
            minutes(score.oracle_node_time),
            minutes(score.oracle_billed_time),
        )
    };
    // Demanded 2, 1, 2: one minute of running on.
    assert_eq!(billed(&[160, 80, 160]), (5, 6));
    // Demanded 2, 1, 1, 1, 2: a start of two minutes, not three of running on.
    assert_eq!(billed(&[160, 80, 80, 80, 160]), (7, 9));
    // A third node that never ran has to be started.
    assert_eq!(billed(&[160, 240]), (5, 7));
    assert_eq!(billed(&[240, 160]), (5, 5));
}

#[test]
fn regret_is_what_was_paid_beyond_the_oracle() {
    let (score, _) = play(ten_nodes(), &[80; 4], &[2; 4]);
    // One node all the time would have been paid 4 node-minutes; 4 + 3 were.
    assert_eq!(score.regret(), 7_500);
}

#[test]
fn a_model_that_cannot_be_played_is_refused() {
    let model = ten_nodes();
    let refused = |model: Model| Replay::new(model, 1, MINUTE).unwrap_err();
    let no_peak = Model {
        peak_nodes: 0,
        ..model
    };
    assert_eq!(refused(no_peak), ModelError::PeakNodes(0));
    let too_busy = Model {
        slo_utilization: 1_001,
        ..model
    };
    assert_eq!(refused(too_busy), ModelError::SloUtilization(1_001));
    let empty = Model {
        bounds: Bounds::new(0, 1).unwrap(),
        ..model
    };
    assert!(matches!(refused(empty), ModelError::Bounds(_)));
    let error = Replay::new(model, 1, Micros::ZERO).unwrap_err();
    assert_eq!(error, ModelError::NoInterval);
}

#[test]
fn extreme_counts_neither_panic_nor_wrap() {
    let counts = [0, u64::MAX, 1, u64::MAX, u64::MAX, 0];
    for peak in [0, 1, u64::MAX] {
        let mut scripted = Scripted {
            answers: vec![u32::MAX, 0, u32::MAX],
            seen: Vec::new(),
        };
        let score = replay(ten_nodes(), peak, MINUTE, counts, &mut scripted).unwrap();
        assert_eq!(score.duration, Micros::from_secs(360));
        assert!(scripted.seen.iter().all(|tick| tick.nodes <= 100));
    }
}

#[test]
fn a_policy_sees_what_a_fleet_would_report() {
    let mut scaler = PolicyScaler::new(&Policy::default(), MINUTE).unwrap();
    let tick = Tick {
        at: Micros::ZERO,
        interval: MINUTE,
        nodes: 5,
        ready: 4,
        load: 3_100_000,
        served: 4_000_000,
        queue: 6_000_000,
        node_capacity: 1_000_000,
        work_per_request: 10,
    };
    scaler.decide(&tick);
    let observation = scaler.observation();
    let cohorts: Vec<_> = observation
        .nodes()
        .iter()
        .map(|sample| {
            (
                sample.node.0,
                sample.count,
                sample.state,
                sample.cpu,
                sample.queue,
            )
        })
        .collect();
    let fresh = Metric::Fresh;
    assert_eq!(
        cohorts,
        [
            (0, 4, NodeState::Ready, fresh(1_000), fresh(150_000)),
            (4, 1, NodeState::Starting, Metric::Absent, Metric::Absent),
        ]
    );
    assert_eq!(observation.metric("served"), fresh(4_000));
    assert_eq!(observation.metric("backlog"), fresh(6_000));
    assert_eq!(observation.metric("requests"), fresh(310_000));
    assert_eq!(observation.metric("concurrency"), fresh(910_000));
    assert_eq!(scaler.policy().evaluation_interval(), MINUTE);
}
