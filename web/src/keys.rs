//! The keyboard: one table that is both what the keys do and what the help says they do.
//!
//! Keys are read at the window, so they work wherever the focus is. They must not steal from
//! whoever has it: text fields keep their letters, buttons their space bar, tabs their arrows.

use leptos::ev;
use leptos::prelude::*;
use quorate::NodeId;
use quorate_sim::Action;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::notice::Notice;
use crate::partition;
use crate::state::{Direction, LabState, Selection};
use crate::theme;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Run or pause.
    ToggleRunning,
    /// One event back or forward.
    Step(Direction),
    /// One mark back or forward.
    Mark(Direction),
    /// To the start.
    ToStart,
    /// To the end.
    ToEnd,
    /// One stop down or up the scale of speeds.
    Speed(Direction),
    /// Select a node by its number.
    SelectNode(u64),
    /// Do something to the selected node.
    Fault(Fault),
    /// The other theme.
    Theme,
    /// Show the keys.
    Help,
    /// Dismiss a notice, or else select nothing.
    Clear,
}

/// What a key does to the selected node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process dies.
    Crash,
    /// It starts again.
    Restart,
    /// It is cut from all others.
    Isolate,
    /// It ends up on the smaller side of a cut; if the network is cut already, it heals.
    Partition,
    /// It calls an election.
    Campaign,
}

/// One row of the help, and the keys it speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Shortcut {
    /// The keys as printed on a keyboard.
    pub shown: &'static [&'static str],
    /// What they do.
    pub help: &'static str,
    /// The same keys as browsers name them; letters in lower case, and shifted `,` and `.` as `<`
    /// and `>` on every layout.
    keys: &'static [(&'static str, Command)],
}

/// All keys.
pub const SHORTCUTS: &[Shortcut] = &[
    Shortcut {
        shown: &["Space"],
        help: "Run or pause",
        keys: &[(" ", Command::ToggleRunning)],
    },
    Shortcut {
        shown: &[",", "."],
        help: "One event back or forward",
        keys: &[
            (",", Command::Step(Direction::Back)),
            (".", Command::Step(Direction::Forward)),
        ],
    },
    Shortcut {
        shown: &["Shift ,", "Shift ."],
        help: "To the previous or next mark of the timeline",
        keys: &[
            ("<", Command::Mark(Direction::Back)),
            (">", Command::Mark(Direction::Forward)),
        ],
    },
    Shortcut {
        shown: &["Home", "End"],
        help: "To the start or the end of the run",
        keys: &[("Home", Command::ToStart), ("End", Command::ToEnd)],
    },
    Shortcut {
        shown: &["[", "]"],
        help: "Slower or faster",
        keys: &[
            ("[", Command::Speed(Direction::Back)),
            ("]", Command::Speed(Direction::Forward)),
        ],
    },
    Shortcut {
        shown: &["1", "…", "9"],
        help: "Select node n1 … n9",
        keys: &[
            ("1", Command::SelectNode(1)),
            ("2", Command::SelectNode(2)),
            ("3", Command::SelectNode(3)),
            ("4", Command::SelectNode(4)),
            ("5", Command::SelectNode(5)),
            ("6", Command::SelectNode(6)),
            ("7", Command::SelectNode(7)),
            ("8", Command::SelectNode(8)),
            ("9", Command::SelectNode(9)),
        ],
    },
    Shortcut {
        shown: &["C"],
        help: "Crash the selected node",
        keys: &[("c", Command::Fault(Fault::Crash))],
    },
    Shortcut {
        shown: &["R"],
        help: "Restart the selected node",
        keys: &[("r", Command::Fault(Fault::Restart))],
    },
    Shortcut {
        shown: &["I"],
        help: "Isolate the selected node from all others",
        keys: &[("i", Command::Fault(Fault::Isolate))],
    },
    Shortcut {
        shown: &["P"],
        help: "Partition: put the selected node, or the leader, on the smaller side; again to heal",
        keys: &[("p", Command::Fault(Fault::Partition))],
    },
    Shortcut {
        shown: &["E"],
        help: "Have the selected node call an election",
        keys: &[("e", Command::Fault(Fault::Campaign))],
    },
    Shortcut {
        shown: &["T"],
        help: "Light or dark",
        keys: &[("t", Command::Theme)],
    },
    Shortcut {
        shown: &["?"],
        help: "Show these keys",
        keys: &[("?", Command::Help)],
    },
    Shortcut {
        shown: &["Esc"],
        help: "Dismiss a notice, or select nothing",
        keys: &[("Escape", Command::Clear)],
    },
];

/// The command behind a key as browsers report it: its `key`, its `code`, and whether shift is
/// down. `None` if it is not ours.
pub fn command(key: &str, code: &str, shift: bool) -> Option<Command> {
    let lower = key.to_lowercase();
    let key = match (code, shift) {
        ("Comma", true) => "<",
        ("Period", true) => ">",
        _ if key.chars().count() == 1 => &lower,
        _ => key,
    };
    let keys = SHORTCUTS.iter().flat_map(|shortcut| shortcut.keys);
    keys.copied()
        .find_map(|(name, command)| (name == key).then_some(command))
}

/// Listens as long as the page lives. `help` opens the table of keys.
pub fn listen(state: LabState, help: impl Fn() + 'static) {
    window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || has_modifier(&event) || focus_keeps(&event) {
            return;
        }
        let Some(command) = command(&event.key(), &event.code(), event.shift_key()) else {
            return;
        };
        event.prevent_default();
        if command == Command::Help {
            help();
        } else {
            execute(state, command);
        }
    });
}

fn has_modifier(event: &KeyboardEvent) -> bool {
    // Brackets need AltGr on many layouts, which some systems report as Ctrl and Alt.
    (event.ctrl_key() || event.meta_key() || event.alt_key())
        && !event.get_modifier_state("AltGraph")
}

/// Whether the focused element has its own use for the key.
fn focus_keeps(event: &KeyboardEvent) -> bool {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
    else {
        return false;
    };
    if target
        .closest("dialog")
        .is_ok_and(|dialog| dialog.is_some())
    {
        return true;
    }
    match target.tag_name().as_str() {
        "INPUT" | "SELECT" | "TEXTAREA" => event.key() != "Escape",
        // The open tab has no use for the space bar; everybody who just clicked it has.
        "BUTTON" if target.get_attribute("aria-selected").as_deref() == Some("true") => false,
        "BUTTON" | "A" | "SUMMARY" => matches!(event.key().as_str(), " " | "Enter"),
        _ => false,
    }
}

fn execute(state: LabState, command: Command) {
    match command {
        Command::ToggleRunning => state.toggle_running(),
        Command::Step(Direction::Back) => state.step_back(),
        Command::Step(Direction::Forward) => state.step_forward(),
        Command::Mark(direction) => state.seek_mark(direction),
        Command::ToStart => state.to_the_start(),
        Command::ToEnd => state.to_the_end(),
        Command::Speed(Direction::Back) => state.set_speed(state.speed.get_untracked().slower()),
        Command::Speed(Direction::Forward) => state.set_speed(state.speed.get_untracked().faster()),
        Command::SelectNode(number) => select_node(state, NodeId(number)),
        Command::Fault(fault) => inflict(state, fault),
        Command::Theme => theme::toggle(state),
        Command::Clear if state.notice.read_untracked().is_some() => state.notice.set(None),
        Command::Clear => state.selection.set(Selection::None),
        // The caller has the dialog.
        Command::Help => {}
    }
}

fn select_node(state: LabState, id: NodeId) {
    if state
        .frame
        .read_untracked()
        .nodes
        .iter()
        .any(|node| node.id == id)
    {
        state.selection.set(Selection::Node(id));
    }
}

fn inflict(state: LabState, fault: Fault) {
    let frame = state.frame.get_untracked();
    let selected = match state.selection.get_untracked() {
        Selection::Node(node) => Some(node),
        _ if fault == Fault::Partition => frame.leader,
        _ => None,
    };
    let Some(node) = selected else {
        let how = "Click a node on the stage, or press its number, and try again.";
        state
            .notice
            .set(Some(Notice::info("No node is selected.", how)));
        return;
    };
    state.act(match fault {
        Fault::Crash => Action::Crash { node },
        Fault::Restart => Action::Restart { node },
        Fault::Isolate => Action::Isolate { node },
        Fault::Campaign => Action::Campaign { node },
        Fault::Partition if frame.sides.len() > 1 => Action::Heal,
        Fault::Partition => Action::Partition {
            groups: partition::around(&frame, node),
        },
    });
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_is_bound_once() {
        let keys: Vec<_> = SHORTCUTS
            .iter()
            .flat_map(|shortcut| shortcut.keys)
            .map(|(key, _)| *key)
            .collect();
        let distinct: BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn letters_work_in_both_cases_and_marks_on_every_layout() {
        assert_eq!(command("C", "KeyC", true), command("c", "KeyC", false));
        assert_eq!(
            command("c", "KeyC", false),
            Some(Command::Fault(Fault::Crash))
        );
        // Shift and the comma key give `<` on an American keyboard, `;` on a German one.
        for key in ["<", ";"] {
            assert_eq!(
                command(key, "Comma", true),
                Some(Command::Mark(Direction::Back))
            );
        }
        assert_eq!(
            command(",", "Comma", false),
            Some(Command::Step(Direction::Back))
        );
        assert_eq!(command("7", "Digit7", false), Some(Command::SelectNode(7)));
        assert_eq!(command("x", "KeyX", false), None);
        assert_eq!(command("F5", "F5", false), None);
    }
}
