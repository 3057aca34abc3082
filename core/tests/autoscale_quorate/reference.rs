//! A second implementation, straight from the description: seconds, plain lists, no cleverness.
//! The shipped one must agree with it in every number, whatever the load.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::quorate::{Quorate, QuorateSettings, QuorateState, Tick};

/// All past forecasts and needs, by time in seconds.
#[derive(Default)]
struct Plain {
    level: Option<i64>,
    trend: i64,
    error: i64,
    queue: i64,
    forecasts: Vec<(i64, i64)>,
    needs: Vec<(i64, i64)>,
    panic_until: i64,
    penalty: i64,
    last_action: Option<(i64, i64)>,
}

/// What it sees of a tick. All nodes are ready.
struct Seen {
    now: i64,
    dt: i64,
    served: i64,
    queue: i64,
    nodes: i64,
}

fn seconds(time: Micros) -> i64 {
    i64::try_from(time.as_secs()).unwrap()
}

fn ema(average: i64, sample: i64, tau: i64, dt: i64) -> i64 {
    average + (sample - average) * dt / (tau + dt)
}

fn ceil(value: i64, divisor: i64) -> i64 {
    (value + divisor - 1) / divisor
}

impl Plain {
    /// Steps 1 to 12.
    fn tick(&mut self, set: &QuorateSettings, seen: &Seen) -> i64 {
        let work = self.work(set, seen);
        let node = i64::from(set.slo_utilization) * 1_000;
        let need = ceil(work, node).max(1);
        let largest = self.largest_need(set, seen, need);
        let answer = if need >= seen.nodes {
            need
        } else {
            let roomy = ceil(work + work * i64::from(set.hysteresis) / 1_000, node);
            seen.nodes.min(largest.max(1).max(roomy))
        };
        self.act(set, seen, answer);
        answer
    }

    /// Steps 1 to 8.
    fn work(&mut self, set: &QuorateSettings, seen: &Seen) -> i64 {
        let demand = (seen.served + seen.queue - self.queue).max(0) * 1_000;
        self.queue = seen.queue;
        let forecast = self.forecast(set, seen, demand);
        let cover = i64::from(set.cover);
        let share = forecast * i64::from(set.relative_headroom) / 1_000;
        let base = (share + i64::from(set.base_headroom) * 1_000) * cover / 1_000;
        let noise = self.error * i64::from(set.error_headroom) / 1_000 * cover / 1_000;
        let mut work = (forecast + base.max(noise)).max(demand);
        if seen.served >= i64::from(set.slo_utilization) * seen.nodes {
            self.panic_until = seen.now + seconds(set.panic_time);
        }
        if seen.now < self.panic_until {
            work += forecast * i64::from(set.panic_headroom) / 1_000;
        }
        work + seen.queue * 1_000 * seen.dt / seconds(set.drain_time).max(seen.dt)
    }

    /// Steps 2 to 4.
    fn forecast(&mut self, set: &QuorateSettings, seen: &Seen, demand: i64) -> i64 {
        let (now, dt) = (seen.now, seen.dt);
        let ahead = ceil(seconds(set.start_up), dt).max(1) * dt;
        if let Some((_, then)) = self.forecasts.iter().find(|(at, _)| *at == now - ahead) {
            let missed = (demand - then).abs();
            self.error = ema(self.error, missed, seconds(set.error_time), dt);
        }
        let before = self.level.unwrap_or(demand);
        let predicted = (before + self.trend * dt / 60).max(0);
        let level = ema(predicted, demand, seconds(set.level_time), dt);
        let slope = (level - before) * 60 / dt;
        self.trend = ema(self.trend, slope, seconds(set.trend_time), dt);
        self.level = Some(level);
        let forecast = level + self.trend.max(0) * ahead / 60;
        self.forecasts.push((now, forecast));
        forecast
    }

    /// Step 10.
    fn largest_need(&mut self, set: &QuorateSettings, seen: &Seen, need: i64) -> i64 {
        self.penalty -= self.penalty * seen.dt / (seconds(set.damping_time) + seen.dt);
        let base = seconds(set.hold);
        let longer = base * self.penalty / 1_000 * i64::from(set.damping) / 1_000;
        let hold = (base + longer).min(seconds(set.hold_limit));
        self.needs.push((seen.now, need));
        let window = self.needs.iter().filter(|(at, _)| seen.now - at < hold);
        window.map(|(_, need)| *need).max().unwrap_or(1)
    }

    /// Step 12.
    fn act(&mut self, set: &QuorateSettings, seen: &Seen, answer: i64) {
        let direction = (answer - seen.nodes).signum();
        if direction == 0 {
            return;
        }
        let is_regretted = self.last_action.is_some_and(|(at, last)| {
            direction > 0 && last < 0 && seen.now - at <= seconds(set.regret_window)
        });
        self.penalty += i64::from(is_regretted) * 1_000;
        self.last_action = Some((seen.now, direction));
    }
}

#[derive(Clone, Debug)]
struct Load {
    /// Seconds between two ticks.
    dt: i64,
    start_up: u64,
    /// What arrives, milli-nodes.
    arrivals: Vec<i64>,
}

fn loads() -> impl Strategy<Value = Load> {
    let rows = prop::collection::vec((0_i64..40_000, 1_usize..12), 1..60);
    (
        prop::sample::select(vec![15, 30, 60, 300, 1_800]),
        0_u64..900,
        rows,
    )
        .prop_map(|(dt, start_up, rows)| Load {
            dt,
            start_up,
            arrivals: rows
                .iter()
                .flat_map(|&(load, ticks)| vec![load; ticks])
                .collect(),
        })
}

proptest! {
    #[test]
    fn a_plain_second_implementation_agrees(load in loads(), thrifty: bool) {
        let preset = if thrifty { QuorateSettings::thrifty() } else { QuorateSettings::balanced() };
        let settings = QuorateSettings { start_up: Micros::from_secs(load.start_up), ..preset };
        let policy = Quorate::new(settings).unwrap();
        let (mut state, mut plain) = (QuorateState::default(), Plain::default());
        // Orders are ready at once, so that only the policy is looked at.
        let (mut nodes, mut queue) = (5_i64, 0_i64);
        for (k, arrivals) in (0_i64..).zip(&load.arrivals) {
            let served = (arrivals + queue).min(nodes * 1_000);
            queue = arrivals + queue - served;
            let ready = u32::try_from(nodes).unwrap();
            let tick = Tick {
                served_milli: served,
                queue_milli: Some(queue),
                ready,
                current: ready,
                interval: Micros::from_secs(load.dt.unsigned_abs()),
            };
            let now = Micros::from_secs((k * load.dt).unsigned_abs());
            let record = policy.tick(&mut state, &tick, now);
            let seen = Seen { now: k * load.dt, dt: load.dt, served, queue, nodes };
            let expected = plain.tick(&settings, &seen);
            prop_assert_eq!(i64::from(record.nodes), expected, "tick {}", k);
            prop_assert_eq!(record.forecast.usual_error, plain.error);
            prop_assert_eq!(record.forecast.trend, plain.trend);
            nodes = expected.clamp(1, 100);
        }
    }
}
