//! The leader's view of its peers.

use leptos::prelude::*;
use quorate::raft::ProgressState;
use quorate_sim::{ProgressView, Snapshot};

use crate::format;
use crate::state::LabState;

/// One row per peer of the leader.
#[component]
pub(super) fn ProgressTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let caption = state.view(caption);
    let rows = state.view(|snapshot| {
        let term = leader_term(snapshot).unwrap_or(0);
        snapshot.log.progress.iter().map(|peer| Row::new(peer, term)).collect::<Vec<_>>()
    });
    view! {
        <section class="sect">
            <header>
                <h2>"Progress"</h2>
                <span class="sub">{caption}</span>
            </header>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Progress of the peers">
                <table class="table tight">
                    <thead>
                        <tr>
                            <th scope="col">"peer"</th>
                            <th scope="col">"state"</th>
                            <th scope="col" class="r">"match"</th>
                            <th scope="col" class="r">"next"</th>
                            <th scope="col" class="r">"in flight"</th>
                            <th scope="col" class="r">"last heard"</th>
                            <th scope="col" class="r">"lag"</th>
                        </tr>
                    </thead>
                    <tbody>{move || rows.get().into_iter().map(Row::view).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
}

/// One peer, ready to print.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    peer: String,
    state: &'static str,
    match_index: String,
    next_index: String,
    in_flight: String,
    last_heard: String,
    /// It has not answered in this term.
    silent: bool,
    lag: String,
}

impl Row {
    fn new(peer: &ProgressView, term: u64) -> Self {
        let known = |number: u64| match number {
            0 => String::from("–"),
            _ => number.to_string(),
        };
        // What a silent peer lacks is a guess of the leader's, and at least that much.
        let at_least = if peer.last_heard.is_none() { "≥ " } else { "" };
        Self {
            peer: peer.peer.to_string(),
            state: match peer.state {
                ProgressState::Probe => "probe",
                ProgressState::Replicate => "replicate",
            },
            match_index: known(peer.match_index),
            next_index: peer.next_index.to_string(),
            in_flight: peer.in_flight.to_string(),
            last_heard: match peer.last_heard {
                Some(ago) => format!("{} ago", format::span(ago)),
                None => format!("never in term {term}"),
            },
            silent: peer.last_heard.is_none(),
            lag: format!("{at_least}{}", peer.lag),
        }
    }

    fn view(self) -> impl IntoView {
        view! {
            <tr>
                <th scope="row">{self.peer}</th>
                <td>{self.state}</td>
                <td class="r mono">{self.match_index}</td>
                <td class="r mono">{self.next_index}</td>
                <td class="r mono">{self.in_flight}</td>
                <td class=if self.silent { "r u-bad" } else { "r" }>{self.last_heard}</td>
                <td class="r mono">{self.lag}</td>
            </tr>
        }
    }
}

/// `leader n4, term 5, voters n1–n5`.
fn caption(snapshot: &Snapshot) -> String {
    let Some((leader, term)) = snapshot.leader.zip(leader_term(snapshot)) else {
        return String::from("no leader");
    };
    let voters = snapshot.log.rows.iter().map(|row| row.node);
    let voters = match (voters.clone().next(), voters.last()) {
        (Some(first), Some(last)) => format!(", voters {first}–{last}"),
        _ => String::new(),
    };
    format!("leader {leader}, term {term}{voters}")
}

fn leader_term(snapshot: &Snapshot) -> Option<u64> {
    let leader = snapshot.leader?;
    let row = snapshot.log.rows.iter().find(|row| row.node == leader)?;
    Some(row.term)
}

#[cfg(test)]
mod tests {
    use quorate::{Micros, NodeId};

    use super::*;

    fn peer(last_heard: Option<Micros>, match_index: u64) -> ProgressView {
        ProgressView {
            peer: NodeId(3),
            state: ProgressState::Probe,
            match_index,
            next_index: 46,
            in_flight: 0,
            last_heard,
            lag: 8,
        }
    }

    #[test]
    fn a_silent_peer_is_said_to_be_silent() {
        let silent = Row::new(&peer(None, 0), 5);
        assert_eq!((silent.last_heard.as_str(), silent.lag.as_str()), ("never in term 5", "≥ 8"));
        assert_eq!(silent.match_index, "–");
        assert!(silent.silent);
        let heard = Row::new(&peer(Some(Micros::from_millis(31)), 45), 5);
        assert_eq!((heard.last_heard.as_str(), heard.lag.as_str()), ("31 ms ago", "8"));
        assert!(!heard.silent);
    }
}
