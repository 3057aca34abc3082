//! Which load drives the cluster, as far as the page lets its user choose.
//!
//! A load only shows something if it fits the fleet: a day of a large site's traffic drowns five
//! small nodes, and a small site's never wakes a sixth. So a chosen load is cut to the fleet, and
//! a dropped trace, whose numbers are given, gets nodes of a size that makes its peak need most of
//! the fleet. What was fitted is written in the scenario like everything else.

use quorate::Micros;
use quorate::autoscale::{Bounds, Policy};
use quorate_sim::Scenario;
use quorate_sim::load::{LoadSpec, Trace, TraceSpec};

/// How much faster than recorded a dropped trace is played: a day of minutes in 24 of them.
pub const TRACE_SPEED: u32 = 60;

/// A trace of weeks has quiet ones; what its nodes are fitted to is the first day that is played.
const DAY: Micros = Micros::from_secs(86_400);

/// Workers beside the voters, where a scenario leaves no room for any.
const WORKERS: u32 = 9;

/// A kind of load, as on the buttons of the Scaling panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    /// Always the same.
    Constant,
    /// Day and night.
    Diurnal,
    /// A crowd that comes and goes.
    FlashCrowd,
    /// A file.
    Trace,
}

impl LoadKind {
    /// What drives `scenario`.
    pub const fn of(scenario: &Scenario) -> Self {
        match scenario.load {
            LoadSpec::Constant { .. } => Self::Constant,
            LoadSpec::Diurnal { .. } => Self::Diurnal,
            LoadSpec::FlashCrowd { .. } => Self::FlashCrowd,
            LoadSpec::Trace(_) => Self::Trace,
        }
    }
}

/// The same scenario under a day and a night: four of them, from half of the smallest fleet to
/// three quarters of the largest.
pub fn diurnal(scenario: &Scenario) -> Scenario {
    let scenario = with_room(scenario);
    let (calm, busy) = range(&scenario);
    let period_s = (scenario.until.as_secs() / 4).max(60);
    Scenario {
        load: LoadSpec::Diurnal {
            low: calm,
            high: busy,
            period_s,
        },
        ..scenario
    }
}

/// The same scenario under a flash crowd, within the same range.
pub fn flash_crowd(scenario: &Scenario) -> Scenario {
    let scenario = with_room(scenario);
    let (base, peak) = range(&scenario);
    let crowd = LoadSpec::FlashCrowd {
        base,
        peak,
        at_s: 30,
        rise_s: 30,
        hold_s: 120,
        fall_s: 60,
    };
    Scenario {
        load: crowd,
        until: scenario.until.max(Micros::from_secs(600)),
        ..scenario
    }
}

/// The same scenario under a trace, `speed` times faster than recorded, from `from` or its first
/// row to its end. A place outside the trace is refused when the run is opened.
pub fn traced(scenario: &Scenario, trace: &Trace, from: Option<String>, speed: u32) -> Scenario {
    let mut scenario = with_room(scenario);
    let begin = begin(from.as_deref(), trace);
    let (_, max_nodes) = scenario.fleet_bounds();
    let capacity = (peak(trace, begin) * 4).div_ceil(u64::from(max_nodes) * 3);
    scenario.service.capacity_per_node = u32::try_from(capacity.max(1)).unwrap_or(u32::MAX);
    scenario.until = Micros(trace.duration().since(begin).0 / u64::from(speed.max(1)));
    scenario.load = LoadSpec::Trace(TraceSpec {
        from,
        speed,
        ..TraceSpec::of(trace)
    });
    scenario
}

/// The file a scenario cannot run without.
pub const fn wanted_trace(scenario: &Scenario) -> Option<&TraceSpec> {
    match &scenario.load {
        LoadSpec::Trace(spec) => Some(spec),
        _ => None,
    }
}

/// Where in the trace a run begins; at its first row if the place cannot be told.
fn begin(from: Option<&str>, trace: &Trace) -> Micros {
    let date = from.and_then(|from| from.trim().parse().ok());
    date.and_then(|date| trace.offset(date))
        .unwrap_or(Micros::ZERO)
}

/// The busiest step of the trace's first day from `begin`, in requests per second.
fn peak(trace: &Trace, begin: Micros) -> u64 {
    let day = begin..begin + DAY;
    let rows = trace.rows().iter().filter(|row| day.contains(&row.offset));
    let busiest = rows.map(|row| row.count_milli).max().unwrap_or(0);
    busiest.saturating_mul(1_000) / trace.step().0.max(1)
}

/// The load that half of the smallest fleet can bear, and that three quarters of the largest need.
fn range(scenario: &Scenario) -> (u64, u64) {
    let (min_nodes, max_nodes) = scenario.fleet_bounds();
    let capacity = u64::from(scenario.service.capacity_per_node);
    (
        capacity * u64::from(min_nodes) / 2,
        capacity * u64::from(max_nodes) * 3 / 4,
    )
}

/// The same scenario with a fleet that can grow.
fn with_room(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    let (min_nodes, max_nodes) = scenario.fleet_bounds();
    if max_nodes > min_nodes {
        return scenario;
    }
    let roomy = Bounds::new(min_nodes, min_nodes + WORKERS)
        .ok()
        .and_then(|bounds| with_bounds(&scenario.autoscale, bounds));
    if let Some(roomy) = roomy {
        scenario.autoscale = roomy;
    }
    scenario
}

/// The same policy for another range of sizes; `None` if its other guards do not fit them.
fn with_bounds(policy: &Policy, bounds: Bounds) -> Option<Policy> {
    let guards = policy.guards().with_bounds(bounds).ok()?;
    let interval = policy.evaluation_interval();
    Policy::with_interval(policy.strategy().clone(), guards, interval).ok()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Arc;

    use quorate_sim::{Lab, presets};

    use super::*;

    /// Five voters in a fleet that cannot grow.
    fn quiet() -> Scenario {
        presets::find("leader-cut-off")
            .expect("a preset of this name")
            .scenario
    }

    /// Ten minutes from 60 to 600 requests a minute.
    fn trace() -> Arc<Trace> {
        let mut csv = String::from("period,count\n");
        for minute in 0..10 {
            let count = 60 * (minute + 1);
            writeln!(csv, "2020-01-01 00:{minute:02}:00,{count}").expect("strings take all");
        }
        Arc::new(Trace::parse("ten.csv", csv.as_bytes()).expect("a valid trace"))
    }

    #[test]
    fn chosen_loads_open_and_can_scale() {
        let quiet = quiet();
        for (change, kind) in [
            (diurnal as fn(&Scenario) -> Scenario, LoadKind::Diurnal),
            (flash_crowd, LoadKind::FlashCrowd),
        ] {
            let changed = change(&quiet);
            assert_eq!(LoadKind::of(&changed), kind);
            let (min_nodes, max_nodes) = changed.fleet_bounds();
            assert!(max_nodes > min_nodes && min_nodes == quiet.fleet_bounds().0);
            let (calm, busy) = range(&changed);
            assert!(calm < busy);
            assert!(Lab::new(changed, None).is_ok());
        }
    }

    #[test]
    fn a_trace_is_played_to_its_end_on_nodes_that_fit_it() {
        let trace = trace();
        let run = traced(&quiet(), &trace, None, 60);
        assert_eq!(run.until, Micros::from_secs(10));
        let (_, max_nodes) = run.fleet_bounds();
        let fleet = u64::from(run.service.capacity_per_node) * u64::from(max_nodes);
        // Ten requests per second at the peak.
        assert!((10..=2 * 14).contains(&fleet), "{fleet}");
        assert_eq!(
            wanted_trace(&run).map(|spec| (spec.rows, spec.speed)),
            Some((10, 60))
        );
        assert!(Lab::new(run, Some(&trace)).is_ok());
    }

    #[test]
    fn a_trace_may_begin_later() {
        let trace = trace();
        let from = Some(String::from("2020-01-01 00:05:00"));
        let run = traced(&quiet(), &trace, from, 1);
        assert_eq!(run.until, Micros::from_secs(300));
        let outside = traced(&run, &trace, Some(String::from("2021-01-01")), 1);
        assert!(Lab::new(outside, Some(&trace)).is_err());
    }
}
