//! The faults that are too many for buttons: a menu for a node, and one for a link.
//!
//! Whatever a scenario can do to a cluster, a hand can do here. A menu does its choice at once and
//! goes back to its first line, so that the same fault can be chosen twice.

use leptos::prelude::*;
use quorate::raft::Role;
use quorate::{Micros, NodeId};
use quorate_sim::{Action, DiskChange, LinkChange, NodeView, ProcessState};

use crate::state::LabState;

/// A choice: what it is called, and what it does.
type Choice = (&'static str, Action);

/// A slow disk syncs between these times.
const SLOW_SYNC: (Micros, Micros) = (Micros::from_millis(80), Micros::from_millis(160));
/// A slow link takes between these times.
const SLOW_WAY: (Micros, Micros) = (Micros::from_millis(150), Micros::from_millis(300));
/// A thin link carries so much.
const THIN: u64 = 4_096;
/// A clock that is clearly wrong: a fiftieth.
const DRIFT_PPM: i32 = 20_000;
/// A clock that jumps does so by a second.
const JUMP: i64 = 1_000_000;

/// What can be done to a node beside what has a button.
pub(super) fn node_choices(view: &NodeView) -> Vec<Choice> {
    let node = view.id;
    let disk = DiskChange::of(node);
    let slow = DiskChange {
        sync_min: Some(SLOW_SYNC.0),
        sync_max: Some(SLOW_SYNC.1),
        ..disk
    };
    let torn = DiskChange {
        torn_permille: Some(1_000),
        ..disk
    };
    let lying = DiskChange {
        lying_permille: Some(1_000),
        ..disk
    };
    let process = match view.process {
        ProcessState::Paused => vec![("Resume", Action::Resume { node })],
        ProcessState::Crashed => vec![("Restart with empty disks", Action::RestartEmpty { node })],
        _ => vec![("Pause", Action::Pause { node })],
    };
    let machine = [
        ("Disk: slow", Action::Disk(slow)),
        ("Disk: torn writes at a crash", Action::Disk(torn)),
        ("Disk: lies about syncs", Action::Disk(lying)),
        ("Disk: as before", Action::MendDisk { node }),
        ("Disk: lost", Action::LoseDisk { node }),
        ("Clock: 2 % fast", drift(node, DRIFT_PPM)),
        ("Clock: 2 % slow", drift(node, -DRIFT_PPM)),
        ("Clock: runs true", drift(node, 0)),
        ("Clock: jumps ahead 1 s", Action::Jump { node, by: JUMP }),
        ("Clock: jumps back 1 s", Action::Jump { node, by: -JUMP }),
    ];
    let role = view.raft.as_ref().map(|raft| raft.role);
    let transfer = (role == Some(Role::Follower))
        .then_some(("Take over the leadership", Action::Transfer { node }));
    process.into_iter().chain(transfer).chain(machine).collect()
}

/// What can be done to a link beside what has a button.
pub(super) fn link_choices(a: NodeId, b: NodeId) -> Vec<(String, Action)> {
    let one_way = |from: NodeId, to: NodeId| {
        let (from_all, to_all) = (vec![from], vec![to]);
        let cut = Action::CutOneWay {
            from: from_all,
            to: to_all,
        };
        let link = LinkChange::between(from, to);
        let slow = LinkChange {
            latency_min: Some(SLOW_WAY.0),
            latency_max: Some(SLOW_WAY.1),
            ..link
        };
        let thin = LinkChange {
            bytes_per_second: Some(THIN),
            ..link
        };
        let doubling = LinkChange {
            duplicate_permille: Some(500),
            ..link
        };
        let ordered = LinkChange {
            overtake_permille: Some(0),
            ..link
        };
        [
            (format!("{from} to {to}: cut"), cut),
            (format!("{from} to {to}: slow"), Action::Link(slow)),
            (format!("{from} to {to}: 4 kB/s"), Action::Link(thin)),
            (
                format!("{from} to {to}: half twice"),
                Action::Link(doubling),
            ),
            (format!("{from} to {to}: in order"), Action::Link(ordered)),
        ]
    };
    one_way(a, b).into_iter().chain(one_way(b, a)).collect()
}

/// A menu of actions.
#[component]
pub(super) fn More(
    /// What it is for, for those who cannot see where it stands.
    label: String,
    /// The choices, in order.
    #[prop(into)]
    choices: Signal<Vec<(String, Action)>>,
) -> impl IntoView {
    let state = expect_context::<LabState>();
    let chosen = RwSignal::new(String::new());
    let choose = move |value: String| {
        let place = value.parse::<usize>().ok();
        let action = place.and_then(|place| choices.read_untracked().get(place).cloned());
        if let Some((_, action)) = action {
            state.act(action);
        }
        chosen.set(value);
        chosen.set(String::new());
    };
    let options = move || {
        let choices = choices.get().into_iter().enumerate();
        let options = choices.map(|(place, (word, _))| {
            view! { <option value=place.to_string()>{word}</option> }
        });
        options.collect_view()
    };
    view! {
        <select
            class="input small"
            aria-label=label
            prop:value=chosen
            on:change=move |event| choose(event_target_value(&event))
        >
            <option value="">"More…"</option>
            {options}
        </select>
    }
}

fn drift(node: NodeId, ppm: i32) -> Action {
    Action::Drift { node, ppm }
}
