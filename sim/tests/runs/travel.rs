//! Going back, going on, acting in the past, and passing a run on as a link.

use quorate::{Micros, NodeId, Random};
use quorate_sim::{
    Action, DiskChange, Focus, Lab, LinkChange, Progress, Recording, Scenario, World, presets,
};

fn lab(slug: &str) -> Lab {
    Lab::new(presets::find(slug).unwrap().scenario, None).unwrap()
}

fn seek(lab: &mut Lab, to: Micros) {
    lab.seek(to);
    while lab.continue_seek(1_000) == Progress::Paused {}
}

#[test]
fn what_was_is_found_again() {
    let mut lab = lab("bad-network");
    let mut seen = Vec::new();
    for second in [3, 11, 12, 40, 70] {
        lab.advance(Micros::from_secs(second), u64::MAX);
        seen.push((lab.now(), lab.events(), lab.digest()));
    }
    for &(at, events, digest) in [&seen[3], &seen[0], &seen[4], &seen[1], &seen[2]] {
        seek(&mut lab, at);
        assert_eq!(
            (lab.now(), lab.events(), lab.digest()),
            (at, events, digest)
        );
    }
    assert_eq!(lab.history().end(), seen[4].0, "going back forgets nothing");
}

#[test]
fn a_step_back_undoes_a_step_forward() {
    let mut lab = lab("five-nodes");
    lab.advance(Micros::from_secs(9), u64::MAX);
    let before = (lab.events(), lab.digest());
    lab.step_forward();
    assert_ne!(lab.digest(), before.1);
    lab.step_back();
    while lab.continue_seek(10_000) == Progress::Paused {}
    assert_eq!((lab.events(), lab.digest()), before);
}

#[test]
fn a_budget_slices_a_run_without_changing_it() {
    let (mut whole, mut sliced) = (lab("bad-network"), lab("bad-network"));
    let end = Micros::from_secs(20);
    whole.advance(end, u64::MAX);
    while sliced.advance(end, 7) == Progress::Paused {}
    assert_eq!(whole.digest(), sliced.digest());
    assert_eq!(whole.now(), sliced.now());
}

/// What is done by hand becomes part of the scenario: the edited scenario, run from the start,
/// is the same run, and so is the one in a link.
#[test]
fn an_edited_run_can_be_repeated_from_its_link() {
    let mut edited = lab("five-nodes");
    edited.advance(Micros::from_secs(5), u64::MAX);
    let leader = edited.snapshot(&Focus::default()).leader.unwrap();
    edited.act(Action::Crash { node: leader }).unwrap();
    edited
        .act(Action::Add {
            node: NodeId(1 + leader.0 % 5),
            element: "saffron".into(),
        })
        .unwrap();
    // Also right after an event, and in the past of what was already run.
    edited.advance(Micros::from_secs(12), u64::MAX);
    edited.step_forward();
    edited.act(Action::Restart { node: leader }).unwrap();
    edited.advance(Micros::from_secs(30), u64::MAX);
    seek(&mut edited, Micros::from_secs(8));
    edited.act(Action::Isolate { node: NodeId(2) }).unwrap();
    edited.advance(Micros::from_secs(25), u64::MAX);

    let link = edited.scenario().to_fragment();
    let mut repeated = Lab::new(Scenario::from_fragment(&link).unwrap(), None).unwrap();
    repeated.advance(Micros::from_secs(25), u64::MAX);
    assert_eq!(repeated.scenario(), edited.scenario());
    assert_eq!(
        (repeated.events(), repeated.digest()),
        (edited.events(), edited.digest())
    );
    seek(&mut edited, Micros::from_secs(7));
    seek(&mut repeated, Micros::from_secs(7));
    assert_eq!(repeated.digest(), edited.digest());
}

#[test]
fn acting_in_the_past_forgets_the_future() {
    let mut lab = lab("five-nodes");
    lab.advance(Micros::from_secs(30), u64::MAX);
    let elections = lab.history().reigns().len();
    seek(&mut lab, Micros::from_secs(10));
    assert_eq!(lab.history().end(), Micros::from_secs(30));
    let leader = lab.world().leader().unwrap();
    lab.act(Action::Crash { node: leader }).unwrap();
    assert!(lab.history().end() < Micros::from_secs(11));
    lab.advance(Micros::from_secs(20), u64::MAX);
    assert_eq!(lab.history().reigns().len(), elections + 1);
    assert!(
        lab.history()
            .marks()
            .windows(2)
            .all(|pair| pair[0].event <= pair[1].event)
    );
}

/// Recording is for the viewer; the run must not notice it.
#[test]
fn a_recorded_run_is_the_same_run() {
    let scenario = presets::find("three-carts").unwrap().scenario;
    let mut silent = World::new(scenario.clone(), None, Recording::Off).unwrap();
    let mut recorded = World::new(scenario, None, Recording::On).unwrap();
    while silent.step() {}
    while recorded.step() {}
    assert_eq!(silent.digest(), recorded.digest());
    assert!(silent.take_notices().is_empty() && !recorded.take_notices().is_empty());
}

/// Thirty edits of every kind, at moments that nobody has rounded.
#[test]
fn a_typical_edited_run_fits_into_a_link() {
    for slug in ["five-nodes", "flash-crowd", "bad-network"] {
        let mut lab = lab(slug);
        let mut random = Random::new(5);
        let mut edits = 0;
        while edits < 30 {
            let pause = Micros(500_000 + random.below(2_000_000));
            lab.advance(lab.now() + pause, u64::MAX);
            edits += u32::from(lab.act(edit(&mut random)).is_ok());
        }
        let link = lab.scenario().to_fragment();
        assert!(link.len() <= 2_000, "{slug}: {} characters", link.len());
        assert_eq!(Scenario::from_fragment(&link).as_ref(), Ok(lab.scenario()));
    }
}

fn edit(random: &mut Random) -> Action {
    let node = NodeId(1 + random.below(5));
    let other = NodeId(1 + node.0 % 5);
    match random.below(14) {
        0 => Action::Crash { node },
        1 => Action::Restart { node },
        2 => Action::Isolate { node },
        3 => Action::Partition {
            groups: vec![vec![node, other], vec![other, NodeId(1 + other.0 % 5)]],
        },
        4 => Action::Cut { a: node, b: other },
        5 => Action::Lossy {
            a: node,
            b: other,
            permille: 300,
        },
        6 => Action::Link(LinkChange {
            latency_max: Some(Micros::from_millis(400)),
            ..LinkChange::between(node, other)
        }),
        7 => Action::Pause { node },
        8 => Action::Resume { node },
        9 => Action::Drift { node, ppm: 20_000 },
        10 => Action::Add {
            node,
            element: format!("item {}", random.below(20)),
        },
        11 => Action::Disk(DiskChange {
            sync_max: Some(Micros::from_millis(200)),
            ..DiskChange::of(node)
        }),
        12 => Action::Campaign { node },
        _ => Action::Heal,
    }
}

/// A link names only what is not as usual.
#[test]
fn a_link_holds_only_what_differs() {
    let plain = Scenario::quiet("", 5).to_fragment().len();
    assert!(
        plain < 250,
        "{plain} characters for nothing but the defaults"
    );
    for preset in presets::all() {
        let link = preset.scenario.to_fragment();
        assert!(
            link.len() < 900,
            "{}: {} characters",
            preset.slug,
            link.len()
        );
        assert_eq!(Scenario::from_fragment(&link), Ok(preset.scenario));
    }
}

/// A lane has the colour of its term, also where only the term changed.
#[test]
fn lanes_follow_the_terms() {
    let mut lab = lab("leader-cut-off");
    lab.advance(Micros::from_secs(40), u64::MAX);
    for node in (1..=5).map(NodeId) {
        let spans = lab.history().roles(node);
        assert!(
            spans
                .windows(2)
                .all(|pair| pair[0].to == Some(pair[1].from))
        );
        let term = lab.history().reigns().last().unwrap().term;
        assert_eq!(spans.last().unwrap().term, term, "{node}");
    }
    let cut = &lab.history().faults()[0];
    assert_eq!(cut.nodes, [NodeId(1), NodeId(2)], "the smaller side");
    assert!(cut.to.is_some());
}

/// Two runs with one past: both are kept, and it is known where they part and what differs.
#[test]
fn a_fork_keeps_both_runs_and_tells_where_they_part() {
    let mut first = lab("five-nodes");
    first.advance(Micros::from_secs(30), u64::MAX);
    let mut second = first.fork();
    let fork = first.events();
    second.act(Action::Crash { node: NodeId(2) }).unwrap();
    for lab in [&mut first, &mut second] {
        lab.advance(Micros::from_secs(45), u64::MAX);
    }
    let comparison = first.compare(&second);
    let divergence = comparison.divergence.unwrap();
    assert_eq!(divergence.event, fork + 1);
    let [_, there] = divergence.sides;
    assert_eq!(there.unwrap().text, "n2 crashes");
    let process = comparison
        .differences
        .iter()
        .find(|it| it.what == "process");
    let process = process.expect("one of them has crashed");
    assert_eq!(process.node, NodeId(2));
    assert_eq!(process.sides, ["running", "crashed"].map(String::from));
    let before = (first.events(), first.digest());
    seek(&mut second, Micros::from_secs(1));
    assert_eq!((first.events(), first.digest()), before);
}

#[test]
fn equal_runs_do_not_part() {
    let (mut a, mut b) = (lab("bad-network"), lab("bad-network"));
    a.advance(Micros::from_secs(20), u64::MAX);
    b.advance(Micros::from_secs(15), u64::MAX);
    assert_eq!(a.compare(&b).divergence, None);
}

/// Copies of the world keep within their budget, and any event is still found.
#[test]
fn memory_for_going_back_is_bounded() {
    let mut scenario = presets::find("diurnal").unwrap().scenario;
    scenario.until = Micros::from_secs(240);
    let budget = 4 << 20;
    let mut tight = Lab::within(scenario.clone(), None, budget).unwrap();
    let mut ample = Lab::new(scenario, None).unwrap();
    let end = tight.end();
    for lab in [&mut tight, &mut ample] {
        lab.advance(end, u64::MAX);
    }
    let ((few, bytes), (many, _)) = (tight.checkpoints(), ample.checkpoints());
    assert!(
        bytes <= budget && few < many,
        "{few} of {bytes} bytes, {many}"
    );
    tight.seek_event(10_000);
    while tight.continue_seek(1_000) == Progress::Paused {}
    ample.seek_event(10_000);
    while ample.continue_seek(1_000) == Progress::Paused {}
    assert_eq!((tight.events(), tight.digest()), (10_000, ample.digest()));
}
