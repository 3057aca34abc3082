//! Who is compared: the yardsticks, and what this project ships.

use quorate::Micros;
use quorate::autoscale::hpa::{Hpa, HpaMetric, HpaSettings, ResourceName};
use quorate::autoscale::quorate::{Quorate, QuorateSettings};
use quorate::autoscale::{Guards, MetricName, Policy, Strategy, Threshold as ShippedThreshold};
use quorate_sim::replay::{PolicyScaler, QuorateScaler, Scaler};

use crate::baselines::{HpaCpu, HpaRequests, Kpa, Nomad, Threshold};

/// A column of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// A scaler that has seen nothing yet.
    pub(crate) fresh: fn(Service) -> Box<dyn Scaler>,
}

/// What a scaler may know of the service before the first tick.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    /// The length of a tick.
    pub(crate) interval: Micros,
    /// What one node can do in a tick, in thousandths of a request.
    pub(crate) node_requests_milli: u64,
}

/// Every column, from left to right: first the yardsticks and the policy on its own.
pub(crate) const CONTENDERS: [Contender; 14] = [
    Contender {
        name: "Threshold",
        fresh: |_| Box::new(Threshold::default()),
    },
    Contender {
        name: "HPA CPU 70",
        fresh: |_| Box::new(HpaCpu::default()),
    },
    Contender {
        name: "HPA requests 70",
        fresh: |_| Box::new(HpaRequests::default()),
    },
    Contender {
        name: "KPA",
        fresh: |_| Box::new(Kpa::default()),
    },
    Contender {
        name: "Nomad",
        fresh: |_| Box::new(Nomad::default()),
    },
    Contender {
        name: "Quorate thrifty",
        fresh: |_| Box::new(quorate(QuorateSettings::thrifty())),
    },
    Contender {
        name: "Quorate default",
        fresh: |_| Box::new(quorate(QuorateSettings::balanced())),
    },
    Contender {
        name: "shipped threshold",
        fresh: |service| shipped(service, Strategy::Threshold(ShippedThreshold::default())),
    },
    Contender {
        name: "shipped hpa, CPU 70",
        fresh: |service| {
            let metric = HpaMetric::Utilization {
                resource: ResourceName::Cpu,
                target_percent: 70,
            };
            shipped(service, hpa(metric))
        },
    },
    Contender {
        name: "shipped hpa, requests 70",
        fresh: |service| {
            let metric = HpaMetric::FleetAverage {
                name: MetricName::new("requests").expect("letters"),
                target: i64::try_from(service.node_requests_milli * 7 / 10).unwrap_or(i64::MAX),
            };
            shipped(service, hpa(metric))
        },
    },
    Contender {
        name: "shipped kpa",
        fresh: |service| usual(service, "kpa"),
    },
    Contender {
        name: "shipped nomad",
        fresh: |service| usual(service, "nomad"),
    },
    Contender {
        name: "shipped wpa",
        fresh: |service| usual(service, "wpa"),
    },
    Contender {
        name: "shipped step_scaling",
        fresh: |service| usual(service, "step_scaling"),
    },
];

/// The policy of this project with these settings.
pub(crate) fn quorate(settings: QuorateSettings) -> QuorateScaler {
    QuorateScaler::new(Quorate::new(settings).expect("the settings are this project's own"))
}

fn hpa(metric: HpaMetric) -> Strategy {
    let settings = HpaSettings {
        metrics: vec![metric],
        ..HpaSettings::default()
    };
    Strategy::Hpa(Hpa::new(settings).expect("the settings are those of the table"))
}

/// The strategy of that name with its default settings.
fn usual(service: Service, kind: &str) -> Box<dyn Scaler> {
    shipped(
        service,
        Strategy::of_kind(kind).expect("the kind is one of ours"),
    )
}

/// A strategy behind the observations of a fleet, with the default guards.
pub(crate) fn shipped(service: Service, strategy: Strategy) -> Box<dyn Scaler> {
    let policy = Policy::new(strategy, Guards::default()).expect("the default bounds have a node");
    let scaler = PolicyScaler::new(&policy, service.interval).expect("a tick has a length");
    Box::new(scaler)
}
