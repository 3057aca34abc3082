//! The laws of the guards, on random settings and histories.

use proptest::prelude::*;
use quorate::Micros;
use quorate::autoscale::guard::{
    ChangeBudget, ChangeLimit, ChangeWindow, CostCeiling, CostSettings, Distrust, FlapBudget,
    FlapSettings, FreezeDirection, FreezeSchedule, FreezeWindow, GuardSettings, ReadyShare,
};
use quorate::autoscale::{Action, Bounds, Metric, NodeSample, NodeState, Observation};

use crate::fleet::{Bench, nodes, secs};

/// One moment of a history: how much later, what the strategy wants, and whether it is done.
#[derive(Clone, Copy, Debug)]
struct Moment {
    later: u64,
    proposed: u32,
    carried_out: bool,
}

fn history() -> impl Strategy<Value = Vec<Moment>> {
    let moment = (0..400_u64, 0..60_u32, proptest::bool::weighted(0.8)).prop_map(
        |(later, proposed, carried_out)| Moment {
            later,
            proposed,
            carried_out,
        },
    );
    proptest::collection::vec(moment, 1..120)
}

fn limit() -> impl Strategy<Value = ChangeLimit> {
    let nodes = proptest::option::of(0..12_u32);
    let permille = proptest::option::of(0..600_u32);
    (nodes, permille).prop_map(|(nodes, permille)| ChangeLimit { nodes, permille })
}

fn budget() -> impl Strategy<Value = ChangeBudget> {
    let window =
        (1..2_000_u64, limit(), limit()).prop_map(|(window, added, removed)| ChangeWindow {
            window: secs(window),
            added,
            removed,
        });
    proptest::collection::vec(window, 1..4)
        .prop_filter_map("a window limits something", |windows| {
            ChangeBudget::new(windows).ok()
        })
}

fn freeze() -> impl Strategy<Value = Vec<FreezeWindow>> {
    let direction = prop_oneof![
        Just(FreezeDirection::All),
        Just(FreezeDirection::Removals),
        Just(FreezeDirection::Additions)
    ];
    let window = (0..20_000_u64, 1..2_000_u64, direction).prop_map(|(from, length, direction)| {
        let schedule = FreezeSchedule::Once {
            from: secs(from),
            to: secs(from + length),
        };
        FreezeWindow::new(schedule, direction).unwrap()
    });
    proptest::collection::vec(window, 0..4)
}

prop_compose! {
    fn flaps()(max_flaps in 1..4_u32, window in 1..5_000_u64, within in 1..1_000_u64) -> FlapBudget {
        FlapBudget::new(FlapSettings {
            max_flaps,
            window: secs(window),
            flap_within: secs(within),
        })
        .unwrap()
    }
}

prop_compose! {
    fn bounds()(min_nodes in 0..20_u32, more in 1..40_u32) -> Bounds {
        Bounds::new(min_nodes, min_nodes + more).unwrap()
    }
}

prop_compose! {
    /// Every guard, each of them perhaps.
    fn settings()(
        bounds in bounds(),
        change_budget in proptest::option::of(budget()),
        per_hour in proptest::option::of(20_000..60_000_u64),
        freeze in freeze(),
        ready_share in proptest::option::of(1..1_001_u32),
        distrust in proptest::option::of(Just(Distrust::default())),
        flaps in proptest::option::of(flaps()),
    ) -> GuardSettings {
        let cost = |per_hour| CostCeiling::new(CostSettings {
            price_per_node_hour: 1_000,
            per_hour: Some(per_hour),
            per_day: None,
            removal_takes: secs(400),
        }).unwrap();
        GuardSettings {
            bounds,
            change_budget,
            cost: per_hour.map(cost),
            freeze,
            ready_share: ready_share.map(|permille| ReadyShare::new(permille).unwrap()),
            distrust,
            flaps,
            utc_at_zero: Micros::ZERO,
        }
    }
}

/// An action that was carried out.
#[derive(Clone, Copy, Debug)]
struct Done {
    at: Micros,
    from: u32,
    to: u32,
}

/// Plays `moments` and returns what was done.
fn play(bench: &mut Bench, start: u32, moments: &[Moment]) -> Vec<Done> {
    let (mut size, mut now) = (start, Micros::ZERO);
    let mut done = Vec::new();
    for moment in moments {
        now = now + secs(moment.later);
        let target = bench.target(size, moment.proposed, now);
        if moment.carried_out && target != size {
            bench.executed(size, target, now);
            done.push(Done {
                at: now,
                from: size,
                to: target,
            });
            size = target;
        }
    }
    done
}

fn distance(bounds: Bounds, nodes: u32) -> u32 {
    bounds.clamp(nodes).abs_diff(nodes)
}

proptest! {
    /// A target lies within the bounds, or no farther from them than the fleet.
    #[test]
    fn bounds_are_never_broken(
        settings in settings(),
        start in 0..80_u32,
        moments in history(),
    ) {
        let bounds = settings.bounds;
        let mut bench = Bench::new(settings);
        let mut size = start;
        let mut now = Micros::ZERO;
        for moment in &moments {
            now = now + secs(moment.later);
            let target = bench.target(size, moment.proposed, now);
            prop_assert!(distance(bounds, target) <= distance(bounds, size));
            if moment.carried_out {
                bench.executed(size, target, now);
                size = target;
            }
        }
    }

    /// Whatever is proposed, no window holds more than its budget.
    #[test]
    fn a_change_budget_is_never_broken(
        budget in budget(),
        mut settings in settings(),
        start in 0..80_u32,
        moments in history(),
    ) {
        settings.change_budget = Some(budget.clone());
        let done = play(&mut Bench::new(settings), start, &moments);
        for window in budget.windows() {
            for (index, last) in done.iter().enumerate() {
                let within: Vec<_> = done[..=index]
                    .iter()
                    .filter(|each| last.at.since(each.at) < window.window)
                    .collect();
                let base = within[0].from;
                let added: u32 = within.iter().map(|each| each.to.saturating_sub(each.from)).sum();
                let removed: u32 = within.iter().map(|each| each.from.saturating_sub(each.to)).sum();
                let most = |limit: ChangeLimit| {
                    let share = limit.permille.map(|share| (base * share / 1_000).max(1));
                    limit.nodes.into_iter().chain(share).min().unwrap_or(u32::MAX)
                };
                // The last action kept to the limit of its direction; the other one's is its own
                // last action's business.
                if last.to > last.from {
                    prop_assert!(added <= most(window.added));
                } else {
                    prop_assert!(removed <= most(window.removed));
                }
            }
        }
    }

    /// No hour costs more than its ceiling if what the guard says is done at once.
    #[test]
    fn a_ceiling_is_never_broken(
        per_hour in 5_000..60_000_u64,
        moments in history(),
        start in 0..5_u32,
    ) {
        let longest = 400;
        let cost = CostSettings {
            price_per_node_hour: 1_000,
            per_hour: Some(per_hour),
            per_day: None,
            removal_takes: secs(longest),
        };
        let mut bench = Bench::new(GuardSettings {
            bounds: Bounds::new(1, 100).unwrap(),
            cost: Some(CostCeiling::new(cost).unwrap()),
            ..GuardSettings::default()
        });
        let (mut size, mut now) = (bench.act(start, start, secs(0)), 0);
        let mut spent = vec![0_u64; 20];
        for moment in &moments {
            for second in now..now + moment.later {
                spent[usize::try_from(second / 3_600).unwrap()] += u64::from(size);
            }
            now += moment.later;
            size = bench.act(size, moment.proposed, secs(now));
        }
        for hour in spent {
            prop_assert!(hour * 1_000 <= per_hour * 3_600);
        }
    }

    /// No window has more flaps than the budget, and adding is never held by it.
    #[test]
    fn a_flap_budget_is_never_broken(flaps in flaps(), moments in history(), start in 1..60_u32) {
        let FlapSettings { max_flaps, window, flap_within } = *flaps.settings();
        let mut bench = Bench::new(GuardSettings {
            flaps: Some(flaps),
            ..GuardSettings::default()
        });
        let done = play(&mut bench, start, &moments);
        let flapped: Vec<Micros> = done
            .windows(2)
            .filter(|pair| {
                let direction = |done: &Done| Action::between(done.from, done.to);
                direction(&pair[0]) != direction(&pair[1])
                    && pair[1].at.since(pair[0].at) < flap_within
            })
            .map(|pair| pair[1].at)
            .collect();
        for last in &flapped {
            let within = flapped.iter().filter(|at| **at <= *last && last.since(**at) < window);
            prop_assert!(within.count() <= usize::try_from(max_flaps).unwrap());
        }
    }

    /// Nothing is done in a direction that an open window forbids.
    #[test]
    fn a_freeze_is_never_broken(mut settings in settings(), windows in freeze(), moments in history()) {
        settings.freeze.clone_from(&windows);
        for done in play(&mut Bench::new(settings), 30, &moments) {
            let action = Action::between(done.from, done.to);
            for window in &windows {
                let FreezeSchedule::Once { from, to } = window.schedule() else { continue };
                let forbids = match window.direction() {
                    FreezeDirection::All => true,
                    FreezeDirection::Removals => action == Action::In,
                    FreezeDirection::Additions => action == Action::Out,
                };
                prop_assert!(!(forbids && from <= done.at && done.at < to));
            }
        }
    }

    /// A removal leaves enough of the fleet ready, even if it takes ready nodes only.
    #[test]
    fn a_ready_share_is_never_broken(
        mut settings in settings(),
        permille in 1..1_001_u32,
        ready in 0..40_u32,
        unready in 0..10_u32,
        starting in 0..10_u32,
        proposed in 0..60_u32,
    ) {
        settings.ready_share = Some(ReadyShare::new(permille).unwrap());
        let fleet: Vec<NodeSample> = [
            (1, ready, NodeState::Ready),
            (100, unready, NodeState::Unready),
            (200, starting, NodeState::Starting),
        ]
        .into_iter()
        .filter(|(_, count, _)| *count > 0)
        .map(|(first, count, state)| nodes(first, count, state, Metric::Fresh(300)))
        .collect();
        let size = ready + unready + starting;
        let target = Bench::new(settings).judge_fleet(fleet, proposed, secs(1)).target();
        if target < size {
            let left = ready.saturating_sub(size - target);
            prop_assert!(u64::from(left) * 1_000 >= u64::from(permille) * u64::from(target));
            prop_assert!(ready * 1_000 >= permille * size);
        }
    }

    /// A clock that goes back changes nothing that the same clock standing still would not.
    #[test]
    fn going_back_in_time_is_standing_still(
        settings in settings(),
        moments in history(),
        back in proptest::collection::vec(0..5_000_u64, 120),
    ) {
        let (mut jumps, mut stands) = (Bench::new(settings.clone()), Bench::new(settings));
        let (mut size, mut now) = (20, 0);
        for (moment, back) in moments.iter().zip(back) {
            let (jumped, stood) = if back % 3 == 0 {
                (now - back.min(now), now)
            } else {
                now += moment.later;
                (now, now)
            };
            let target = jumps.target(size, moment.proposed, secs(jumped));
            prop_assert_eq!(target, stands.target(size, moment.proposed, secs(stood)));
            if moment.carried_out {
                jumps.executed(size, target, secs(jumped));
                stands.executed(size, target, secs(stood));
                size = target;
            }
        }
    }

    /// When the guard says that it lets go, it lets more through; a moment earlier it does not.
    #[test]
    fn a_budget_frees_when_it_says(
        budget in budget(),
        moments in history(),
        start in 0..80_u32,
        proposed in 0..60_u32,
    ) {
        let mut bench = Bench::new(GuardSettings {
            bounds: Bounds::new(0, 100).unwrap(),
            change_budget: Some(budget),
            ..GuardSettings::default()
        });
        let done = play(&mut bench, start, &moments);
        let size = done.last().map_or(start, |last| last.to);
        let now = secs(moments.iter().map(|moment| moment.later).sum());
        let record = bench.judge(size, proposed, now);
        let frees_at = record.verdicts().last().unwrap().frees_at;
        if let Some(at) = frees_at {
            let held = record.target().abs_diff(size);
            let early = bench.target(size, proposed, Micros(at.0 - 1));
            prop_assert!(early.abs_diff(size) <= held);
            let freed = bench.target(size, proposed, at);
            prop_assert!(freed.abs_diff(size) > held);
        }
    }

    /// The order in which nodes reported does not matter.
    #[test]
    fn the_order_of_nodes_changes_nothing(
        settings in settings(),
        fleet in proptest::collection::vec((1..4_u32, 0..5_usize, 0..1_000_i64), 0..10),
        proposed in 0..60_u32,
        seed in any::<prop::sample::Index>(),
    ) {
        let states = [
            NodeState::Starting,
            NodeState::Ready,
            NodeState::Unready,
            NodeState::Draining,
            NodeState::Gone,
        ];
        let samples: Vec<NodeSample> = (0..)
            .zip(fleet)
            .map(|(index, (count, state, cpu))| nodes(index * 10, count, states[state], Metric::Fresh(cpu)))
            .collect();
        let mut rotated = samples.clone();
        rotated.rotate_left(seed.index(samples.len() + 1).min(samples.len()));
        rotated.reverse();
        let judge = |samples: Vec<NodeSample>| {
            let mut bench = Bench::new(settings.clone());
            let observation = Observation::new(samples).unwrap();
            (bench.judge_observation(&observation, proposed, secs(9)), bench.state)
        };
        prop_assert_eq!(judge(samples), judge(rotated));
    }
}
