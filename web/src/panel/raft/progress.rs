//! The leader's view of its peers.

use leptos::prelude::*;
use quorate::Micros;
use quorate::raft::ProgressState;
use quorate_sim::{ProgressView, Snapshot};

use crate::format;
use crate::state::LabState;

/// One row per peer of the leader.
#[component]
pub(super) fn ProgressTable() -> impl IntoView {
    let state = expect_context::<LabState>();
    let caption = state.view(caption);
    let rows = state.view(move |snapshot| {
        let patience = state.with_lab(|lab| lab.scenario().raft.election_timeout);
        snapshot
            .log
            .progress
            .iter()
            .map(|peer| Row::new(peer, patience))
            .collect::<Vec<_>>()
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
    /// It has not answered for longer than a follower would wait.
    silent: bool,
    lag: String,
}

impl Row {
    fn new(peer: &ProgressView, patience: Micros) -> Self {
        let known = |number: u64| match number {
            0 => String::from("–"),
            _ => number.to_string(),
        };
        let silent = peer.last_heard > patience;
        // What a silent peer lacks is a guess of the leader's, and at least that much.
        let at_least = if silent { "≥ " } else { "" };
        Self {
            peer: peer.peer.to_string(),
            state: match peer.state {
                ProgressState::Probe => "probe",
                ProgressState::Replicate => "replicate",
                ProgressState::Snapshot => "snapshot",
            },
            match_index: known(peer.match_index),
            next_index: peer.next_index.to_string(),
            in_flight: peer.in_flight.to_string(),
            last_heard: format!("{} ago", format::span(peer.last_heard)),
            silent,
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
    let rows = &snapshot.log.rows;
    let voters = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => format!(", voters {}–{}", first.node, last.node),
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
    use quorate::NodeId;

    use super::*;

    fn row(last_heard: Micros, match_index: u64) -> Row {
        let peer = ProgressView {
            peer: NodeId(3),
            state: ProgressState::Probe,
            match_index,
            next_index: 46,
            in_flight: 0,
            last_heard,
            lag: 8,
        };
        Row::new(&peer, Micros::from_millis(300))
    }

    #[test]
    fn a_silent_peer_is_marked_and_its_lag_is_a_guess() {
        let silent = row(Micros::from_millis(1_200), 0);
        assert_eq!(
            (silent.last_heard.as_str(), silent.lag.as_str()),
            ("1.2 s ago", "≥ 8")
        );
        assert_eq!(silent.match_index, "–");
        assert!(silent.silent);
        let heard = row(Micros::from_millis(31), 45);
        assert_eq!(
            (heard.last_heard.as_str(), heard.lag.as_str()),
            ("31 ms ago", "8")
        );
        assert_eq!(heard.match_index, "45");
        assert!(!heard.silent);
    }
}
