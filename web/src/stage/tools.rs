//! The fault tools above the stage.
//!
//! They act on what is selected. With nothing selected they act on the leader, because that is
//! the fault a visitor wants to see first; each button's tooltip says whom it will hit.

use leptos::prelude::*;
use quorate::NodeId;
use quorate_sim::{Action, ProcessState, Snapshot};

use crate::icon::{Icon, IconName};
use crate::partition;
use crate::state::{LabState, Selection};

/// What the tools would act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target {
    /// The node.
    node: NodeId,
    /// Whether it is down.
    is_down: bool,
}

/// The node that is selected, or else the leader, or else the first node.
fn target(snapshot: &Snapshot, selection: Selection) -> Option<Target> {
    let wanted = match selection {
        Selection::Node(node) | Selection::Link(node, _) => Some(node),
        _ => snapshot.leader,
    };
    let nodes = &snapshot.nodes;
    let view = nodes
        .iter()
        .find(|view| Some(view.id) == wanted)
        .or_else(|| nodes.first())?;
    Some(Target {
        node: view.id,
        is_down: view.process == ProcessState::Crashed,
    })
}

/// The link that the link tool selects: from the target to the leader, or to the next node.
fn link_of(snapshot: &Snapshot, target: NodeId) -> Option<(NodeId, NodeId)> {
    let others = || {
        snapshot
            .nodes
            .iter()
            .map(|view| view.id)
            .filter(|id| *id != target)
    };
    let other = snapshot.leader.filter(|leader| *leader != target);
    let other = other
        .or_else(|| others().find(|id| *id > target))
        .or_else(|| others().next())?;
    Some((target.min(other), target.max(other)))
}

/// The tools.
#[component]
pub(super) fn Tools() -> impl IntoView {
    let state = expect_context::<LabState>();
    let target = Memo::new(move |_| target(&state.reading.read(), state.selection.get()));
    view! {
        <div class="group" role="group" aria-label="Faults">
            <PartitionTool state target />
            <HealTool state />
            <CrashTool state target />
            <LinkTool state target />
        </div>
    }
}

/// The name of the target, for tooltips.
fn name(target: Memo<Option<Target>>) -> String {
    target
        .get()
        .map_or_else(String::new, |target| target.node.to_string())
}

#[component]
fn PartitionTool(state: LabState, target: Memo<Option<Target>>) -> impl IntoView {
    let is_cut = Memo::new(move |_| state.reading.read().sides.len() > 1);
    let tip = move || {
        if is_cut.get() {
            "Make every link whole again (P)".to_owned()
        } else {
            format!("Cut {} off with a minority (P)", name(target))
        }
    };
    let split = move |_| {
        if is_cut.get_untracked() {
            state.act(Action::Heal);
        } else if let Some(Target { node, .. }) = target.get_untracked() {
            let groups = partition::around(&state.frame.read_untracked(), node);
            state.act(Action::Partition { groups });
        }
    };
    view! {
        <button
            class="btn small"
            type="button"
            aria-pressed=move || is_cut.get().to_string()
            title=tip
            on:click=split
        >
            <Icon name=IconName::Cut />
            "Partition"
        </button>
    }
}

#[component]
fn HealTool(state: LabState) -> impl IntoView {
    let is_whole = Memo::new(move |_| state.reading.read().links.is_empty());
    view! {
        <button
            class="btn small"
            type="button"
            disabled=is_whole
            title="Make every link whole again"
            on:click=move |_| state.act(Action::Heal)
        >
            <Icon name=IconName::Mend />
            "Heal"
        </button>
    }
}

#[component]
fn CrashTool(state: LabState, target: Memo<Option<Target>>) -> impl IntoView {
    let is_down = Memo::new(move |_| target.get().is_some_and(|target| target.is_down));
    let word = move || if is_down.get() { "Restart" } else { "Crash" };
    let key = move || if is_down.get() { 'R' } else { 'C' };
    let crash = move |_| {
        if let Some(Target { node, is_down }) = target.get_untracked() {
            let action = if is_down {
                Action::Restart { node }
            } else {
                Action::Crash { node }
            };
            state.act(action);
        }
    };
    view! {
        <button
            class="btn small"
            type="button"
            title=move || format!("{} {} ({})", word(), name(target), key())
            on:click=crash
        >
            <Icon name=IconName::Bolt />
            {word}
        </button>
    }
}

#[component]
fn LinkTool(state: LabState, target: Memo<Option<Target>>) -> impl IntoView {
    let is_chosen = Memo::new(move |_| matches!(state.selection.get(), Selection::Link(..)));
    let choose = move |_| {
        let frame = state.frame.get_untracked();
        let link = target
            .get_untracked()
            .and_then(|target| link_of(&frame, target.node));
        if let Some((a, b)) = link {
            state.selection.set(Selection::Link(a, b));
        }
    };
    view! {
        <button
            class="btn small"
            type="button"
            aria-pressed=move || is_chosen.get().to_string()
            title=move || format!("Choose a link of {} to cut it or make it lossy", name(target))
            on:click=choose
        >
            <Icon name=IconName::Lossy />
            "Link…"
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::tests::fresh;
    use super::*;

    #[test]
    fn tools_act_on_the_selection_else_on_the_leader() {
        let mut snapshot = fresh();
        snapshot.leader = Some(NodeId(4));
        let node = |selection| target(&snapshot, selection).unwrap().node;
        assert_eq!(node(Selection::None), NodeId(4));
        assert_eq!(node(Selection::Node(NodeId(2))), NodeId(2));
        assert_eq!(
            node(Selection::Node(NodeId(99))),
            NodeId(1),
            "it has left the stage"
        );
    }

    #[test]
    fn the_link_tool_starts_with_the_link_to_the_leader() {
        let mut snapshot = fresh();
        snapshot.leader = Some(NodeId(4));
        assert_eq!(link_of(&snapshot, NodeId(5)), Some((NodeId(4), NodeId(5))));
        assert_eq!(link_of(&snapshot, NodeId(4)), Some((NodeId(4), NodeId(5))));
        snapshot.leader = Some(NodeId(5));
        assert_eq!(link_of(&snapshot, NodeId(5)), Some((NodeId(1), NodeId(5))));
    }
}
