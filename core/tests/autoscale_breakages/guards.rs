//! The laws of the guards.

use quorate::autoscale::guard::{
    ChangeBudget, ChangeLimit, ChangeWindow, CostCeiling, CostSettings, Distrust, DistrustSettings,
    FlapBudget, FlapSettings, FreezeDirection, FreezeSchedule, FreezeWindow, GuardSettings,
    ReadyShare,
};
use quorate::autoscale::{Bounds, Metric, NodeSample, NodeState, Rule};
use quorate::{Micros, NodeId, Random};

use crate::fleet::{Bench, nodes, secs};
use crate::subject::{Check, Finding, Subject, ensure};

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "bounds hold",
        rules: &[Rule::BoundsHold],
        law: bounds_hold,
    },
    Check {
        name: "no window holds more than its budget",
        rules: &[Rule::BudgetWindowSlides, Rule::BudgetShareIsOfTheStart],
        law: budgets_hold,
    },
    Check {
        name: "asking costs nothing",
        rules: &[Rule::OnlyExecutedIsCharged],
        law: asking_costs_nothing,
    },
    Check {
        name: "no hour costs more than its ceiling",
        rules: &[Rule::CostCoversTheNextPeriod, Rule::DrainingNodesCost],
        law: ceilings_hold,
    },
    Check {
        name: "a ceiling leaves min_nodes",
        rules: &[Rule::CostLeavesMinNodes],
        law: ceilings_leave_min_nodes,
    },
    Check {
        name: "nothing changes in a freeze",
        rules: &[Rule::FreezeHoldsBothDirections],
        law: freezes_hold,
    },
    Check {
        name: "a removal leaves enough ready",
        rules: &[Rule::ReadyShareAssumesTheWorst],
        law: ready_shares_hold,
    },
    Check {
        name: "silence removes nothing, idleness does",
        rules: &[Rule::AbsentIsNotFresh, Rule::IdleIsNotFrozen],
        law: silence_is_not_idleness,
    },
    Check {
        name: "no window has more flaps than its budget",
        rules: &[Rule::RemovalPaysForTwoFlaps],
        law: flap_budgets_hold,
    },
    Check {
        name: "going back in time frees nothing",
        rules: &[Rule::GuardClockNeverGoesBack],
        law: time_does_not_go_back,
    },
];

/// An action that was carried out.
struct Done {
    at: Micros,
    from: u32,
    to: u32,
}

fn draw(random: &mut Random, below: u32) -> u32 {
    u32::try_from(random.below(u64::from(below))).unwrap()
}

/// A history in which everything that is let through is carried out.
fn history(bench: &mut Bench, random: &mut Random, largest_step: u64) -> Vec<Done> {
    let (mut size, mut now) = (draw(random, 60) + 1, Micros::ZERO);
    let mut done = Vec::new();
    for _ in 0..100 {
        now = now + secs(random.below(largest_step));
        let target = bench.act(size, draw(random, 60), now);
        if target != size {
            done.push(Done {
                at: now,
                from: size,
                to: target,
            });
        }
        size = target;
    }
    done
}

fn bounds_hold(subject: Subject) -> Finding {
    let mut random = Random::new(1);
    for _ in 0..200 {
        let min_nodes = draw(&mut random, 20);
        let bounds = Bounds::new(min_nodes, min_nodes + 1 + draw(&mut random, 20)).unwrap();
        let mut bench = subject.bench(GuardSettings {
            bounds,
            ..GuardSettings::default()
        });
        let target = bench.target(draw(&mut random, 50), draw(&mut random, 50), secs(1));
        ensure(bounds.clamp(target) == target, || {
            format!("{target} is not within {bounds}")
        })?;
    }
    Ok(())
}

fn budgets_hold(subject: Subject) -> Finding {
    const WINDOW: Micros = secs(600);
    let mut random = Random::new(2);
    for round in 0..100 {
        let (nodes, permille) = if round % 2 == 0 {
            (Some(5), None)
        } else {
            (None, Some(200))
        };
        let limit = ChangeLimit { nodes, permille };
        let window = ChangeWindow {
            window: WINDOW,
            added: limit,
            removed: limit,
        };
        let mut bench = subject.bench(GuardSettings {
            change_budget: Some(ChangeBudget::new(vec![window]).unwrap()),
            ..GuardSettings::default()
        });
        let done = history(&mut bench, &mut random, 300);
        for (index, last) in done.iter().enumerate() {
            let within = done[..=index].iter();
            let within: Vec<&Done> = within
                .filter(|each| last.at.since(each.at) < WINDOW)
                .collect();
            let most = nodes.unwrap_or((within[0].from / 5).max(1));
            let used: u32 = if last.to > last.from {
                within
                    .iter()
                    .map(|each| each.to.saturating_sub(each.from))
                    .sum()
            } else {
                within
                    .iter()
                    .map(|each| each.from.saturating_sub(each.to))
                    .sum()
            };
            ensure(used <= most, || format!("{used} of {most} at {}", last.at))?;
        }
    }
    Ok(())
}

fn asking_costs_nothing(subject: Subject) -> Finding {
    let limit = ChangeLimit {
        nodes: Some(3),
        permille: None,
    };
    let window = ChangeWindow {
        window: secs(600),
        added: limit,
        removed: limit,
    };
    let mut bench = subject.bench(GuardSettings {
        change_budget: Some(ChangeBudget::new(vec![window]).unwrap()),
        ..GuardSettings::default()
    });
    for second in 0..100 {
        let target = bench.target(20, 10, secs(second));
        ensure(target == 17, || {
            format!("{target} after {second} questions")
        })?;
    }
    Ok(())
}

/// Nodes that were removed drain for nine minutes, seen as what they are.
fn ceilings_hold(subject: Subject) -> Finding {
    const MINUTES: u64 = 600;
    const DRAIN: u64 = 9;
    let mut random = Random::new(3);
    for round in 0..60 {
        let per_hour = 3_000 + random.below(40_000);
        let cost = CostSettings {
            price_per_node_hour: 1_000,
            per_hour: Some(per_hour),
            per_day: None,
            removal_takes: secs((DRAIN + 1) * 60),
        };
        let mut bench = subject.bench(GuardSettings {
            bounds: Bounds::new(1, 100).unwrap(),
            cost: Some(CostCeiling::new(cost).unwrap()),
            ..GuardSettings::default()
        });
        let mut size = 1;
        let mut drains: Vec<(u64, u32)> = Vec::new();
        let (mut spent, mut wanted) = (0, 1);
        for minute in 0..MINUTES {
            if minute % 60 == 0 {
                spent = 0;
            }
            if round % 2 == 0 {
                // What the hour has saved is wanted all at once, in its last minutes.
                wanted = if minute % 60 < 56 { 1 } else { 100 };
            } else if random.chance(100) {
                wanted = draw(&mut random, 100);
            }
            drains.retain(|(gone_at, _)| *gone_at > minute);
            let draining = drains.iter().map(|(_, count)| count).sum();
            let fleet = fleet(size, draining);
            let target = bench.judge_fleet(fleet, wanted, secs(minute * 60)).target();
            bench.executed(size, target, secs(minute * 60));
            if target < size {
                drains.push((minute + DRAIN, size - target));
            }
            size = target;
            let paid: u32 = drains.iter().map(|(_, count)| count).sum::<u32>() + size;
            spent += u64::from(paid);
            ensure(spent * 1_000 <= per_hour * 60, || {
                format!("{spent} node-minutes of {per_hour} milli-money by minute {minute}")
            })?;
        }
    }
    Ok(())
}

fn fleet(ready: u32, draining: u32) -> Vec<NodeSample> {
    let samples = [
        (1, ready, NodeState::Ready, Metric::Fresh(500)),
        (1_000, draining, NodeState::Draining, Metric::Absent),
    ];
    samples
        .into_iter()
        .filter(|(_, count, ..)| *count > 0)
        .map(|(first, count, state, cpu)| nodes(first, count, state, cpu))
        .collect()
}

fn ceilings_leave_min_nodes(subject: Subject) -> Finding {
    let cost = CostSettings {
        price_per_node_hour: 1_000,
        per_hour: Some(10_000),
        per_day: None,
        removal_takes: secs(0),
    };
    let mut bench = subject.bench(GuardSettings {
        bounds: Bounds::new(4, 100).unwrap(),
        cost: Some(CostCeiling::new(cost).unwrap()),
        ..GuardSettings::default()
    });
    bench.judge(90, 90, secs(0));
    let target = bench.target(90, 90, secs(1_800));
    ensure(target == 4, || format!("{target} nodes once all is spent"))
}

fn freezes_hold(subject: Subject) -> Finding {
    let schedule = FreezeSchedule::Daily {
        from: secs(3_600),
        to: secs(7_200),
    };
    let mut random = Random::new(4);
    for _ in 0..20 {
        let window = FreezeWindow::new(schedule, FreezeDirection::All).unwrap();
        let mut bench = subject.bench(GuardSettings {
            freeze: vec![window],
            ..GuardSettings::default()
        });
        for done in history(&mut bench, &mut random, 2_000) {
            let second = done.at.as_secs() % 86_400;
            ensure(!(3_600..7_200).contains(&second), || {
                format!("{} -> {} at {}", done.from, done.to, done.at)
            })?;
        }
    }
    Ok(())
}

fn ready_shares_hold(subject: Subject) -> Finding {
    let mut random = Random::new(5);
    for _ in 0..500 {
        let permille = draw(&mut random, 1_000) + 1;
        let (ready, unready) = (draw(&mut random, 30), draw(&mut random, 10));
        let samples = [
            (1, ready, NodeState::Ready),
            (100, unready, NodeState::Unready),
        ]
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(first, count, state)| nodes(first, count, state, Metric::Fresh(100)))
        .collect();
        let mut bench = subject.bench(GuardSettings {
            ready_share: Some(ReadyShare::new(permille).unwrap()),
            ..GuardSettings::default()
        });
        let size = ready + unready;
        let target = bench.judge_fleet(samples, 1, secs(0)).target();
        let left = ready.saturating_sub(size.saturating_sub(target));
        ensure(target >= size || left * 1_000 >= permille * target, || {
            format!("{left} of {target} are ready, {permille} per mille must be")
        })?;
    }
    Ok(())
}

fn silence_is_not_idleness(subject: Subject) -> Finding {
    let distrust = || GuardSettings {
        distrust: Some(Distrust::new(DistrustSettings::default()).unwrap()),
        ..GuardSettings::default()
    };
    let silent = || {
        vec![NodeSample {
            count: 10,
            ..NodeSample::unmeasured(NodeId(1), NodeState::Ready)
        }]
    };
    let target = subject
        .bench(distrust())
        .judge_fleet(silent(), 5, secs(0))
        .target();
    ensure(target == 10, || {
        format!("{target} of ten silent nodes are kept")
    })?;

    let idle = || vec![nodes(1, 10, NodeState::Ready, Metric::Fresh(0))];
    let mut bench = subject.bench(distrust());
    for minute in 0..60 {
        let target = bench.judge_fleet(idle(), 5, secs(minute * 60)).target();
        ensure(target == 5, || {
            format!("idle for {minute} minutes and {target} are kept")
        })?;
    }
    let loaded = || vec![nodes(1, 10, NodeState::Ready, Metric::Fresh(300))];
    bench.judge_fleet(loaded(), 5, secs(4_000));
    let target = bench.judge_fleet(loaded(), 5, secs(5_000)).target();
    ensure(target == 10, || {
        format!("frozen under load and {target} are kept")
    })
}

fn flap_budgets_hold(subject: Subject) -> Finding {
    let mut random = Random::new(6);
    for _ in 0..50 {
        let settings = FlapSettings {
            max_flaps: draw(&mut random, 3) + 1,
            window: secs(3_600),
            flap_within: secs(900),
        };
        let mut bench = subject.bench(GuardSettings {
            flaps: Some(FlapBudget::new(settings).unwrap()),
            ..GuardSettings::default()
        });
        let done = history(&mut bench, &mut random, 600);
        let reverses = |pair: &&[Done]| {
            (pair[0].to > pair[0].from) != (pair[1].to > pair[1].from)
                && pair[1].at.since(pair[0].at) < settings.flap_within
        };
        let flaps: Vec<Micros> = done
            .windows(2)
            .filter(reverses)
            .map(|pair| pair[1].at)
            .collect();
        for last in &flaps {
            let within = flaps
                .iter()
                .filter(|at| **at <= *last && last.since(**at) < settings.window);
            let count = within.count();
            ensure(
                count <= usize::try_from(settings.max_flaps).unwrap(),
                || format!("{count} flaps of {} at {last}", settings.max_flaps),
            )?;
        }
    }
    Ok(())
}

fn time_does_not_go_back(subject: Subject) -> Finding {
    let schedule = FreezeSchedule::Once {
        from: secs(1_000),
        to: secs(2_000),
    };
    let mut bench = subject.bench(GuardSettings {
        freeze: vec![FreezeWindow::new(schedule, FreezeDirection::All).unwrap()],
        ..GuardSettings::default()
    });
    bench.target(20, 10, secs(1_500));
    let target = bench.target(20, 10, secs(10));
    ensure(target == 20, || {
        format!("{target} nodes, as the freeze has not begun again")
    })
}
