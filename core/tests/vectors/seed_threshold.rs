//! Decisions of the system that [`Threshold`] copies, as data.
//!
//! Derived by reading its published rule: repository `DinsonDamienWBD/DataWarehouse`, file
//! `DataWarehouse.SDK/Infrastructure/Distributed/AutoScaling/ProductionAutoScaler.cs`, commit
//! `84936b2f3184c3e891af85952d9f73349b815b17`. Every case uses the default settings: CPU 80 and
//! 30 %, memory 85 and 40 %, queue 100 and 10 per node, 60 s of cooldown, 1 to 100 nodes.

use quorate::Micros;
use quorate::autoscale::threshold::Reading;
use quorate::autoscale::{Action, Bounds, Level, Threshold};

/// One decision: what was read, and what came out.
pub(crate) struct Case {
    /// The number in the suite `seed.threshold`, and what the case is about.
    pub(crate) name: &'static str,
    /// How many nodes there are.
    pub(crate) current: u32,
    /// Whole percent.
    pub(crate) cpu: i64,
    /// Whole percent.
    pub(crate) memory: i64,
    /// Waiting requests on all nodes together.
    pub(crate) queue_total: i64,
    /// Whole seconds; `None` if there was no action yet.
    pub(crate) since_last_scale: Option<u64>,
    /// How many nodes there should be.
    pub(crate) target: u32,
    /// The direction of that.
    pub(crate) action: Action,
}

impl Case {
    /// Runs the rule on the case and compares.
    pub(crate) fn check(&self) {
        let record = Threshold::default().evaluate(&Reading {
            current: self.current,
            cpu: Level::Complete(self.cpu * 10),
            memory: Level::Complete(self.memory * 10),
            queue_total: Level::Complete(self.queue_total * 1_000),
            queue_nodes: self.current,
            since_last_action: self.since_last_scale.map(Micros::from_secs),
        });
        let target = Bounds::default().clamp(record.nodes);
        assert_eq!(
            (target, Action::between(self.current, target)),
            (self.target, self.action),
            "{}: {record:?}",
            self.name
        );
    }
}

/// All fourteen cases.
pub(crate) const CASES: [Case; 14] = [
    Case {
        name: "01 cpu at threshold triggers",
        current: 4,
        cpu: 80,
        memory: 50,
        queue_total: 0,
        since_last_scale: None,
        target: 6,
        action: Action::Out,
    },
    Case {
        name: "02 memory at threshold triggers",
        current: 4,
        cpu: 50,
        memory: 85,
        queue_total: 0,
        since_last_scale: None,
        target: 6,
        action: Action::Out,
    },
    Case {
        name: "03 queue per node at threshold triggers",
        current: 4,
        cpu: 50,
        memory: 50,
        queue_total: 400,
        since_last_scale: None,
        target: 6,
        action: Action::Out,
    },
    Case {
        name: "04 queue per node uses integer division",
        current: 4,
        cpu: 50,
        memory: 50,
        queue_total: 399,
        since_last_scale: None,
        target: 4,
        action: Action::None,
    },
    Case {
        name: "05 half capacity rounds up",
        current: 5,
        cpu: 90,
        memory: 50,
        queue_total: 0,
        since_last_scale: None,
        target: 8,
        action: Action::Out,
    },
    Case {
        name: "06 at least one node",
        current: 1,
        cpu: 90,
        memory: 50,
        queue_total: 0,
        since_last_scale: None,
        target: 2,
        action: Action::Out,
    },
    Case {
        name: "07 max caps",
        current: 90,
        cpu: 90,
        memory: 50,
        queue_total: 0,
        since_last_scale: None,
        target: 100,
        action: Action::Out,
    },
    Case {
        name: "08 at max: nothing",
        current: 100,
        cpu: 90,
        memory: 50,
        queue_total: 0,
        since_last_scale: None,
        target: 100,
        action: Action::None,
    },
    Case {
        name: "09 all low: minus one",
        current: 4,
        cpu: 30,
        memory: 40,
        queue_total: 40,
        since_last_scale: None,
        target: 3,
        action: Action::In,
    },
    Case {
        name: "10 one metric not low: nothing",
        current: 4,
        cpu: 30,
        memory: 41,
        queue_total: 0,
        since_last_scale: None,
        target: 4,
        action: Action::None,
    },
    Case {
        name: "11 at min: nothing",
        current: 1,
        cpu: 0,
        memory: 0,
        queue_total: 0,
        since_last_scale: None,
        target: 1,
        action: Action::None,
    },
    Case {
        name: "12 cooldown blocks scale out",
        current: 4,
        cpu: 99,
        memory: 99,
        queue_total: 9_999,
        since_last_scale: Some(59),
        target: 4,
        action: Action::None,
    },
    Case {
        name: "13 cooldown over",
        current: 4,
        cpu: 99,
        memory: 50,
        queue_total: 0,
        since_last_scale: Some(60),
        target: 6,
        action: Action::Out,
    },
    Case {
        name: "14 hot and idle metrics: out wins",
        current: 4,
        cpu: 90,
        memory: 10,
        queue_total: 0,
        since_last_scale: None,
        target: 6,
        action: Action::Out,
    },
];
