//! The key of the stage: a picture and a word for everything that is on it, and for nothing else.

use leptos::prelude::*;
use quorate_sim::Snapshot;

use super::figure::{is_timed, kind};
use super::motion::glyph;
use crate::canvas::{Glyph, GlyphKind};
use crate::state::LabState;

/// How many readings an entry outlives what it explains. Most messages live for less than a
/// frame; a key that came and went with them could not be read.
const LINGER: u32 = 20;

/// The entries in the order they are listed.
const ENTRIES: [GlyphKind; 21] = [
    GlyphKind::Leader,
    GlyphKind::Follower,
    GlyphKind::Candidate,
    GlyphKind::PreCandidate,
    GlyphKind::Worker,
    GlyphKind::Starting,
    GlyphKind::Draining,
    GlyphKind::Crashed,
    GlyphKind::Append,
    GlyphKind::Heartbeat,
    GlyphKind::Reply,
    GlyphKind::Vote,
    GlyphKind::PreVote,
    GlyphKind::Proposal,
    GlyphKind::SetDelta,
    GlyphKind::SetAck,
    GlyphKind::Control,
    GlyphKind::Lost,
    GlyphKind::CutLink,
    GlyphKind::LossyLink,
    GlyphKind::Timer,
];

/// Which entries were seen how many readings ago.
#[derive(Clone, Copy, Debug)]
struct Seen([Option<u32>; ENTRIES.len()]);

impl Seen {
    const NOTHING: Self = Self([None; ENTRIES.len()]);

    /// Takes in one more reading.
    fn look_at(&mut self, snapshot: &Snapshot) {
        for (age, entry) in self.0.iter_mut().zip(ENTRIES) {
            *age = if is_on_stage(entry, snapshot) {
                Some(0)
            } else {
                age.map(|age| age + 1).filter(|age| *age <= LINGER)
            };
        }
    }

    fn entries(&self) -> Vec<GlyphKind> {
        ENTRIES
            .iter()
            .zip(self.0)
            .filter(|(_, age)| age.is_some())
            .map(|(kind, _)| *kind)
            .collect()
    }
}

fn is_on_stage(entry: GlyphKind, snapshot: &Snapshot) -> bool {
    match entry {
        GlyphKind::Timer => snapshot.nodes.iter().any(is_timed),
        GlyphKind::Lost => snapshot.flights.iter().any(|flight| flight.lost),
        GlyphKind::CutLink => snapshot.links.iter().any(|link| link.state.is_cut()),
        GlyphKind::LossyLink => snapshot.links.iter().any(|link| !link.state.is_cut()),
        _ => {
            snapshot.nodes.iter().any(|node| kind(node) == entry)
                || snapshot
                    .flights
                    .iter()
                    .any(|flight| !flight.lost && glyph(flight.kind) == entry)
        }
    }
}

/// The key.
#[component]
pub(super) fn Key() -> impl IntoView {
    let state = expect_context::<LabState>();
    let entries = RwSignal::new(Vec::new());
    Effect::new(move |seen: Option<Seen>| {
        let mut seen = seen.unwrap_or(Seen::NOTHING);
        seen.look_at(&state.reading.read());
        let new = seen.entries();
        if *entries.read_untracked() != new {
            entries.set(new);
        }
        seen
    });
    let term = Memo::new(move |_| {
        let picture = state.reading.read();
        picture
            .nodes
            .iter()
            .filter_map(|node| node.raft.as_ref())
            .map(|raft| raft.term)
            .max()
    });
    view! {
        <div class="key" role="note" aria-label="Key of the stage">
            <For each=move || entries.get() key=|kind| *kind let:kind>
                <span>
                    <Glyph kind=kind term=Signal::derive(move || coloured(kind, term.get())) />
                    {kind.name()}
                </span>
            </For>
        </div>
    }
}

/// The term an entry is coloured with: workers have none.
fn coloured(kind: GlyphKind, term: Option<u64>) -> u64 {
    let is_worker = matches!(
        kind,
        GlyphKind::Worker | GlyphKind::Starting | GlyphKind::Draining
    );
    if is_worker { 0 } else { term.unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use quorate_sim::ProcessState;

    use super::super::figure::tests::fresh;
    use super::*;

    #[test]
    fn entries_come_at_once_and_leave_late() {
        let mut snapshot = fresh();
        let mut seen = Seen::NOTHING;
        snapshot.nodes[0].process = ProcessState::Crashed;
        seen.look_at(&snapshot);
        assert!(seen.entries().contains(&GlyphKind::Crashed));
        assert!(!seen.entries().contains(&GlyphKind::Worker));
        snapshot.nodes[0].process = ProcessState::Running;
        for _ in 0..LINGER {
            seen.look_at(&snapshot);
            assert!(seen.entries().contains(&GlyphKind::Crashed));
        }
        seen.look_at(&snapshot);
        assert!(!seen.entries().contains(&GlyphKind::Crashed));
    }
}
