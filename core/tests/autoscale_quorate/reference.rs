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
    fn tick(
        &mut self,
        s: &QuorateSettings,
        t: i64,
        dt: i64,
        served: i64,
        queue: i64,
        ready: i64,
        n: i64,
    ) -> i64 {
        let x = (served + queue - self.queue).max(0) * 1_000;
        self.queue = queue;
        let ahead = ceil(seconds(s.start_up), dt).max(1) * dt;
        let made_then = self.forecasts.iter().find(|(at, _)| *at == t - ahead);
        if let Some((_, forecast)) = made_then {
            self.error = ema(self.error, (x - forecast).abs(), seconds(s.error_time), dt);
        }
        let before = self.level.unwrap_or(x);
        let level = ema(
            (before + self.trend * dt / 60).max(0),
            x,
            seconds(s.level_time),
            dt,
        );
        self.trend = ema(
            self.trend,
            (level - before) * 60 / dt,
            seconds(s.trend_time),
            dt,
        );
        self.level = Some(level);
        let f = level + self.trend.max(0) * ahead / 60;
        self.forecasts.push((t, f));
        let cover = i64::from(s.cover);
        let base = (f * i64::from(s.relative_headroom) / 1_000
            + i64::from(s.base_headroom) * 1_000)
            * cover
            / 1_000;
        let noise = self.error * i64::from(s.error_headroom) / 1_000 * cover / 1_000;
        let mut m = (f + base.max(noise)).max(x);
        if served >= i64::from(s.slo_utilization) * ready {
            self.panic_until = t + seconds(s.panic_time);
        }
        if t < self.panic_until {
            m += f * i64::from(s.panic_headroom) / 1_000;
        }
        m += queue * 1_000 * dt / seconds(s.drain_time).max(dt);
        let node = i64::from(s.slo_utilization) * 1_000;
        let need = ceil(m, node).max(1);
        self.penalty -= self.penalty * dt / (seconds(s.damping_time) + dt);
        let base_hold = seconds(s.hold);
        let hold = (base_hold + base_hold * self.penalty / 1_000 * i64::from(s.damping) / 1_000)
            .min(seconds(s.hold_limit));
        self.needs.push((t, need));
        let window = self.needs.iter().filter(|(at, _)| t - at < hold);
        let largest = window.map(|(_, need)| *need).max().unwrap_or(1);
        let answer = if need >= n {
            need
        } else {
            let roomy = ceil(m + m * i64::from(s.hysteresis) / 1_000, node);
            n.min(largest.max(1).max(roomy))
        };
        let direction = (answer - n).signum();
        if direction != 0 {
            let regretted = self.last_action.is_some_and(|(at, last)| {
                direction > 0 && last < 0 && t - at <= seconds(s.regret_window)
            });
            self.penalty += i64::from(regretted) * 1_000;
            self.last_action = Some((t, direction));
        }
        answer
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
            let expected = plain.tick(&settings, k * load.dt, load.dt, served, queue, nodes, nodes);
            prop_assert_eq!(i64::from(record.nodes), expected, "tick {}", k);
            prop_assert_eq!(record.forecast.usual_error, plain.error);
            prop_assert_eq!(record.forecast.trend, plain.trend);
            nodes = expected.clamp(1, 100);
        }
    }
}
