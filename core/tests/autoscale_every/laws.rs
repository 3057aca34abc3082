//! Laws of every strategy behind every guard, on random fleets.

use proptest::prelude::*;
use quorate::autoscale::{
    Bounds, Change, Decision, Executed, Guards, Metric, NodeSample, NodeState, Observation, Policy,
    State, decide, evaluate,
};
use quorate::{Micros, NodeId};

use super::fleets::Day;
use super::policies;

fn policy() -> impl Strategy<Value = (&'static str, Policy)> {
    proptest::sample::select(policies::all())
}

/// A history of evaluations with everything carried out, up to an observation that is not decided
/// yet.
struct Story {
    policy: Policy,
    state: State,
    observation: Observation,
    now: Micros,
}

fn story(policy: Policy, seed: u64, evaluations: u64) -> Story {
    let mut day = Day::new(seed);
    let mut state = State::new();
    let mut size = policy.bounds().clamp(5);
    let start = Micros::from_secs(10_000);
    let interval = policy.evaluation_interval();
    for evaluation in 0..evaluations {
        let at = start + Micros(interval.0 * evaluation);
        let observation = day.observe(size, at);
        let answer = evaluate(&policy, &mut state, &observation, at);
        if answer.target != answer.current {
            let (from, to) = (answer.current, answer.target);
            state.executed(&policy, Executed { from, to, at });
            size = answer.target.clamp(1, 60);
        }
    }
    let now = start + Micros(interval.0 * evaluations);
    let observation = day.observe(size, now);
    Story {
        policy,
        state,
        observation,
        now,
    }
}

impl Story {
    fn decide(&self) -> Decision {
        self.decide_seeing(&self.observation)
    }

    fn decide_seeing(&self, observation: &Observation) -> Decision {
        decide(&self.policy, &mut self.state.clone(), observation, self.now)
    }
}

/// The observation with every reading changed.
fn mapped(observation: &Observation, change: impl Fn(i64) -> i64) -> Observation {
    let (mut nodes, mut metrics) = observation.clone().into_parts();
    for node in &mut nodes {
        for metric in [&mut node.cpu, &mut node.memory, &mut node.queue] {
            *metric = metric.map(&change);
        }
        node.custom
            .values_mut()
            .for_each(|it| *it = it.map(&change));
    }
    for metric in metrics.values_mut() {
        *metric = metric.map(&change);
    }
    Observation::with_metrics(nodes, metrics).unwrap()
}

/// What the decision would be after `change`, made here a second time.
fn decided_after(story: &Story, change: Change) -> Option<u32> {
    let mut state = story.state.clone();
    let mut policy = story.policy.clone();
    match change {
        Change::Load { permille } => {
            let seen = mapped(&story.observation, |value| {
                value * i64::from(permille) / 1_000
            });
            Some(evaluate(&policy, &mut state, &seen, story.now).target)
        }
        Change::MaxNodes(nodes) => {
            let bounds = Bounds::new(policy.bounds().min_nodes(), nodes).unwrap();
            policy = with_bounds(&policy, bounds);
            Some(evaluate(&policy, &mut state, &story.observation, story.now).target)
        }
        Change::MinNodes(nodes) => {
            let bounds = Bounds::new(nodes, policy.bounds().max_nodes()).unwrap();
            policy = with_bounds(&policy, bounds);
            Some(evaluate(&policy, &mut state, &story.observation, story.now).target)
        }
        // The changes of the threshold rule have a test of their own, and waiting needs every
        // evaluation in between.
        _ => None,
    }
}

fn with_bounds(policy: &Policy, bounds: Bounds) -> Policy {
    let guards: Guards = policy.guards().with_bounds(bounds).unwrap();
    let interval = policy.evaluation_interval();
    Policy::with_interval(policy.strategy().clone(), guards, interval).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn the_target_is_within_the_bounds((name, policy) in policy(), seed: u64, evaluations in 0..60u64) {
        let story = story(policy, seed, evaluations);
        let decision = story.decide();
        let bounds = story.policy.bounds();
        if bounds.clamp(decision.current) == decision.current {
            prop_assert_eq!(bounds.clamp(decision.target), decision.target, "{}: {}", name, decision);
        }
    }

    #[test]
    fn the_order_of_the_nodes_changes_nothing(
        (name, policy) in policy(),
        seed: u64,
        evaluations in 0..40u64,
        cut in 0..60usize,
    ) {
        let story = story(policy, seed, evaluations);
        let (mut nodes, metrics) = story.observation.clone().into_parts();
        if !nodes.is_empty() {
            let cut = cut % nodes.len();
            nodes.rotate_left(cut);
        }
        let other = Observation::with_metrics(nodes, metrics).unwrap();
        prop_assert_eq!(story.decide_seeing(&other), story.decide(), "{}", name);
    }

    #[test]
    fn it_does_not_matter_which_node_says_what(
        (name, policy) in policy(),
        seed: u64,
        evaluations in 0..40u64,
    ) {
        let story = story(policy, seed, evaluations);
        let (mut nodes, metrics) = story.observation.clone().into_parts();
        let ids: Vec<NodeId> = nodes.iter().map(|node| node.node).collect();
        nodes.reverse();
        for (node, id) in nodes.iter_mut().zip(ids) {
            node.node = id;
        }
        let other = Observation::with_metrics(nodes, metrics).unwrap();
        let (left, right) = (story.decide_seeing(&other), story.decide());
        prop_assert_eq!((left.target, left.binding), (right.target, right.binding), "{}", name);
    }

    #[test]
    fn more_load_never_means_fewer_nodes(
        (name, policy) in policy(),
        seed: u64,
        evaluations in 0..40u64,
        permille in 1_000..3_000i64,
    ) {
        let story = story(policy, seed, evaluations);
        let more = mapped(&story.observation, |value| value.saturating_mul(permille) / 1_000);
        let (few, many) = (story.decide(), story.decide_seeing(&more));
        prop_assert!(many.target >= few.target, "{}: {} but {}", name, few, many);
    }

    #[test]
    fn a_decision_hangs_on_nothing_that_comes_later(
        (name, policy) in policy(),
        seed: u64,
        evaluations in 0..40u64,
        ahead in 1..1_000_000_000u64,
    ) {
        let story = story(policy, seed, evaluations);
        let (mut nodes, metrics) = story.observation.clone().into_parts();
        for node in &mut nodes {
            node.sampled_at = Some(story.now + Micros(ahead));
        }
        let later = Observation::with_metrics(nodes.clone(), metrics.clone()).unwrap();
        for node in &mut nodes {
            for metric in [&mut node.cpu, &mut node.memory, &mut node.queue] {
                *metric = match *metric {
                    Metric::Fresh(value) => Metric::Fresh(value.saturating_mul(50)),
                    other => other,
                };
            }
        }
        let other = Observation::with_metrics(nodes, metrics).unwrap();
        let (left, right) = (story.decide_seeing(&later), story.decide_seeing(&other));
        prop_assert_eq!((left.target, left.binding), (right.target, right.binding), "{}", name);
    }

    #[test]
    fn a_restart_changes_nothing((name, policy) in policy(), seed: u64, evaluations in 0..60u64) {
        let story = story(policy, seed, evaluations);
        let saved = serde_json::to_string(&story.state).unwrap();
        let mut restored: State = serde_json::from_str(&saved).unwrap();
        prop_assert_eq!(&restored, &story.state, "{}", name);
        let after = decide(&story.policy, &mut restored, &story.observation, story.now);
        prop_assert_eq!(after, story.decide(), "{}", name);
    }

    #[test]
    fn policies_and_decisions_survive_the_way_there_and_back(
        (name, policy) in policy(),
        seed: u64,
        evaluations in 0..40u64,
    ) {
        let text = serde_json::to_string(&policy).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Policy>(&text).unwrap(), &policy, "{}", name);
        let decision = story(policy, seed, evaluations).decide();
        let text = serde_json::to_string(&decision).unwrap();
        prop_assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), decision, "{}", name);
    }

    #[test]
    fn every_decision_has_words(
        (name, policy) in policy(),
        seed: u64,
        evaluations in 0..40u64,
    ) {
        let decision = story(policy, seed, evaluations).decide();
        let line = decision.to_string();
        prop_assert!(!line.contains(": ;") && !line.contains('\n'), "{}: {}", name, line);
        let steps = decision.steps();
        let binding = steps.iter().filter(|step| step.binding).count();
        prop_assert_eq!(binding, 1, "{}: {:#?}", name, steps);
        prop_assert!(steps.iter().all(|step| !step.detail.is_empty() && !step.value.is_empty()));
        prop_assert!(decision.what_would_change_it().ends_with('.'));
    }

    #[test]
    fn the_counterfactual_is_true((name, policy) in policy(), seed: u64, evaluations in 0..40u64) {
        let story = story(policy, seed, evaluations);
        let decision = story.decide();
        if let Some(offered) = decision.counterfactual
            && let Some(target) = decided_after(&story, offered.change)
        {
            prop_assert_eq!(offered.target, target, "{}: {:?}", name, offered);
            prop_assert_ne!(target, decision.target, "{}: {:?}", name, offered);
        }
    }

    #[test]
    fn a_fleet_of_which_nothing_is_known_is_not_shrunk(
        (name, policy) in policy(),
        size in 1..50u64,
        state in proptest::sample::select(vec![
            NodeState::Starting, NodeState::Ready, NodeState::Unready,
        ]),
    ) {
        let nodes = (1..=size).map(|id| NodeSample::unmeasured(NodeId(id), state)).collect();
        let observation = Observation::new(nodes).unwrap();
        let now = Micros::from_secs(10_000);
        let decision = decide(&policy, &mut State::new(), &observation, now);
        let current = policy.bounds().clamp(decision.current);
        prop_assert!(decision.target >= current, "{}: {}", name, decision);
    }
}
