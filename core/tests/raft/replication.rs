//! How entries travel: section 5.3 of the paper, the pipeline, and networks that lose, repeat and
//! reorder.

use quorate::raft::{
    Body, Boundary, Entries, HardState, Input, Message, ProgressState, Role, StepError,
};

use super::network::{Disk, ELECTION, HEARTBEAT, Network, carries_entries, log_of, n, piece};

fn append(term: u64, previous: (u64, u64), terms: &[u64], commit_index: u64) -> Message {
    let (previous_index, previous_term) = previous;
    let entries = piece(&log_of(terms), previous_index);
    let body = Body::Append {
        previous_index,
        previous_term,
        entries,
        commit_index,
    };
    Message {
        from: n(1),
        to: n(2),
        term,
        body,
    }
}

/// A follower n2 in `term` whose log has these terms.
fn follower(term: u64, terms: &[u64]) -> Network {
    let disk = Disk {
        hard_state: HardState {
            term,
            ..HardState::default()
        },
        entries: log_of(terms),
        ..Disk::default()
    };
    Network::with_disks(vec![Disk::default(), disk, Disk::default()], |_| {})
}

fn answer(network: &mut Network, message: Message) -> Body {
    network.deliver(message);
    network
        .take(|message| message.from == n(2))
        .pop()
        .unwrap()
        .body
}

#[test]
fn a_proposal_is_committed_and_applied_everywhere() {
    let mut network = Network::new(5);
    network.elect(n(1));
    for command in ["a", "b", "c"] {
        network.propose(n(1), command).unwrap();
        network.settle();
    }
    for id in network.ids() {
        assert_eq!(network.committed(id), ["a", "b", "c"], "{id}");
        let raft = network.raft(id);
        assert_eq!((raft.applied_index(), raft.stable_index()), (4, 4), "{id}");
    }
}

#[test]
fn a_follower_forwards_to_its_leader() {
    let mut network = Network::new(3);
    assert_eq!(network.propose(n(2), "lost"), Err(StepError::NoLeader));
    network.elect(n(1));
    network.propose(n(2), "forwarded").unwrap();
    network.settle();
    assert_eq!(network.committed(n(3)), ["forwarded"]);

    // Whoever no longer leads does not pass it on: the next one may send it back.
    network.propose(n(2), "late").unwrap();
    let late = network.take(|_| true);
    network.elect(n(3));
    for message in late {
        network.deliver(message);
    }
    network.settle();
    assert_eq!(network.committed(n(3)), ["forwarded"]);
}

#[test]
fn appends_are_pipelined_within_the_limits() {
    let disks = vec![Disk::default(); 3];
    let mut network = Network::with_disks(disks, |config| {
        config.max_inflight_appends = 2;
        config.max_append_entries = 3;
    });
    network.elect(n(1));
    for number in 0..20 {
        network.propose(n(1), &number.to_string()).unwrap();
    }
    let to_n2 = |message: &Message| message.to == n(2);
    let inflight = |network: &Network| {
        let progress = network.raft(n(1)).progress(n(2)).unwrap();
        progress.inflight.appends()
    };
    let sent: Vec<Message> = network.wire.iter().filter(|m| to_n2(m)).cloned().collect();
    assert_eq!(sent.len(), 2, "two are on their way, the rest waits");
    assert_eq!(inflight(&network), 2);
    let mut batches = Vec::new();
    while let Some(message) = network.wire.pop_front() {
        if let Body::Append { entries, .. } = &message.body
            && message.to == n(2)
        {
            batches.push(entries.len());
        }
        assert!(inflight(&network) <= 2);
        network.deliver(message);
    }
    assert_eq!(batches.iter().sum::<usize>(), 20);
    assert_eq!(
        batches.iter().max(),
        Some(&3),
        "what waited travels in batches"
    );
    assert_eq!(network.committed(n(2)).len(), 20);
}

#[test]
fn a_lost_append_is_found_by_the_next_heartbeat() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.propose(n(1), "lost").unwrap();
    network.wire.clear();
    let state = |network: &Network| network.raft(n(1)).progress(n(2)).unwrap().state;
    assert_eq!(state(&network), ProgressState::Replicate);
    network.run(HEARTBEAT);
    assert_eq!(network.committed(n(2)), ["lost"]);
    assert_eq!(state(&network), ProgressState::Replicate);
}

#[test]
fn a_full_pipeline_of_lost_appends_is_found_by_the_next_heartbeat() {
    let disks = vec![Disk::default(); 3];
    let mut network = Network::with_disks(disks, |config| config.max_inflight_appends = 1);
    network.elect(n(1));
    for command in ["a", "b", "c"] {
        network.propose(n(1), command).unwrap();
    }
    network.wire.clear();
    network.run(HEARTBEAT);
    assert_eq!(network.committed(n(2)), ["a", "b", "c"]);
}

#[test]
fn a_heartbeat_commits_no_more_than_the_follower_has_acknowledged() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.isolate(n(3));
    network.propose(n(1), "a").unwrap();
    network.settle();
    assert_eq!(network.raft(n(1)).commit_index(), 2);
    network.now = network.raft(n(1)).next_deadline().unwrap();
    let effects = network.input(n(1), Input::Tick).unwrap();
    let told = |to| {
        let found = effects.send.iter().find(|message| message.to == to);
        match found.map(|message| &message.body) {
            Some(Body::Heartbeat { commit_index, .. }) => *commit_index,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(told(n(2)), 2);
    assert_eq!(told(n(3)), 1);
}

#[test]
fn a_follower_commits_no_further_than_the_append_reaches() {
    // The follower's second entry is not the leader's; the append does not say anything about it.
    let mut network = follower(2, &[1, 1]);
    network.deliver(append(3, (1, 1), &[1], 2));
    assert_eq!(network.raft(n(2)).commit_index(), 1);
    network.deliver(append(3, (1, 1), &[1, 2], 2));
    assert_eq!(
        (network.terms(n(2)), network.raft(n(2)).commit_index()),
        (vec![1, 2], 2)
    );
}

#[test]
fn late_and_repeated_appends_do_not_cut_the_log() {
    let mut network = follower(1, &[]);
    let first = append(1, (0, 0), &[1], 0);
    let second = append(1, (1, 1), &[1, 1, 1], 0);
    let empty = append(1, (0, 0), &[], 0);
    network.deliver(first.clone());
    network.deliver(second.clone());
    for (message, match_index) in [(empty, 0), (first, 1), (second, 3)] {
        let accepted = answer(&mut network, message);
        assert_eq!(accepted, Body::AppendAccepted { match_index });
        assert_eq!(network.terms(n(2)), [1, 1, 1]);
        assert_eq!(network.hosts[&n(2)].disk.entries.len(), 3);
    }
}

#[test]
fn only_what_contradicts_is_cut() {
    let mut network = follower(2, &[1, 1, 2, 2]);
    network.deliver(append(3, (0, 0), &[1, 1, 3], 0));
    assert_eq!(network.terms(n(2)), [1, 1, 3]);
    assert_eq!(network.hosts[&n(2)].disk.terms(), [1, 1, 3]);
}

#[test]
fn a_rejection_hints_past_whole_terms() {
    // (log, previous position, hint)
    for (log, previous, (hint_index, hint_term)) in [
        (&[][..], (5, 2), (0, 0)),
        (&[1, 1][..], (5, 2), (2, 1)),
        (&[1, 1, 4, 4, 4][..], (5, 3), (2, 1)),
        (&[1, 1, 1, 1, 1][..], (3, 2), (3, 1)),
        (&[5, 5, 5][..], (3, 2), (0, 0)),
    ] {
        let mut network = follower(6, log);
        let (previous_index, previous_term) = previous;
        let body = Body::Append {
            previous_index,
            previous_term,
            entries: Entries::default(),
            commit_index: 0,
        };
        let body = answer(
            &mut network,
            Message {
                from: n(1),
                to: n(2),
                term: 7,
                body,
            },
        );
        let rejected_index = previous_index;
        assert_eq!(
            body,
            Body::AppendRejected {
                rejected_index,
                hint_index,
                hint_term
            }
        );
    }
}

#[test]
fn old_rejections_do_not_set_a_follower_back() {
    let mut network = Network::new(5);
    network.elect(n(1));
    network.propose(n(1), "a").unwrap();
    network.settle();
    let body = Body::AppendRejected {
        rejected_index: 1,
        hint_index: 0,
        hint_term: 0,
    };
    network.deliver(Message {
        from: n(2),
        to: n(1),
        term: 1,
        body,
    });
    let progress = network.raft(n(1)).progress(n(2)).unwrap();
    assert_eq!(
        (progress.state, progress.next_index),
        (ProgressState::Replicate, 3)
    );
    assert!(network.wire.is_empty());

    // A follower that is being probed answers about the one append that is out, or not at all.
    network.isolate(n(3));
    network.elect(n(2));
    let mut before = network.raft(n(2)).progress(n(3)).unwrap().clone();
    assert_eq!(before.state, ProgressState::Probe);
    // It is heard, and that is all.
    before.is_active = true;
    network.cut.clear();
    let body = Body::AppendRejected {
        rejected_index: before.next_index - 2,
        hint_index: 0,
        hint_term: 0,
    };
    network.deliver(Message {
        from: n(3),
        to: n(2),
        term: 2,
        body,
    });
    assert_eq!(*network.raft(n(2)).progress(n(3)).unwrap(), before);
}

#[test]
fn only_entries_of_the_own_term_are_committed_by_counting() {
    let disk = || Disk {
        hard_state: HardState {
            term: 2,
            ..HardState::default()
        },
        entries: log_of(&[1, 2]),
        ..Disk::default()
    };
    let mut network = Network::with_disks(vec![disk(), disk(), disk()], |_| {});
    network.campaign(n(1));
    // The no-op committed all; look at the moment before it did.
    assert_eq!(network.raft(n(1)).commit_index(), 3);

    let mut network = Network::with_disks(vec![disk(), disk(), disk()], |_| {});
    network.input(n(1), Input::Campaign).unwrap();
    while network.raft(n(1)).role() != Role::Leader {
        let message = network.wire.pop_front().unwrap();
        network.deliver(message);
    }
    for from in [n(2), n(3)] {
        let body = Body::AppendAccepted { match_index: 2 };
        network.deliver(Message {
            from,
            to: n(1),
            term: 3,
            body,
        });
        assert_eq!(network.raft(n(1)).commit_index(), 0);
    }
    network.settle();
    assert_eq!(network.raft(n(1)).commit_index(), 3);
}

#[test]
fn the_old_leader_is_told_and_its_tail_replaced() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.isolate(n(1));
    for command in ["x", "y", "z"] {
        network.propose(n(1), command).unwrap();
    }
    network.settle();
    network.elect(n(2));
    network.propose(n(2), "a").unwrap();
    network.settle();
    network.cut.clear();
    network.run(ELECTION);
    assert_eq!(network.leaders(), [n(2)]);
    for id in network.ids() {
        assert_eq!(network.committed(id), ["a"]);
        assert_eq!(network.terms(id), [1, 2, 2]);
    }
}

#[test]
fn a_follower_behind_its_own_boundary_says_what_it_has_committed() {
    let log = log_of(&[1, 1, 1]);
    let boundary = Boundary {
        index: 2,
        term: 1,
        prefix_hash: log[1].prefix_hash(),
    };
    let mut disk = Disk {
        hard_state: HardState {
            term: 1,
            vote: None,
            commit_index: 3,
        },
        boundary,
        entries: log[2..].to_vec(),
        ..Disk::default()
    };
    disk.snapshot.position = boundary;
    let mut network = Network::with_disks(vec![Disk::default(), disk, Disk::default()], |_| {});
    let body = answer(&mut network, append(1, (0, 0), &[1, 1, 1, 1], 0));
    assert_eq!(body, Body::AppendAccepted { match_index: 3 });
}

#[test]
fn a_batch_of_entries_is_only_announced_when_it_commits() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.propose(n(1), "a").unwrap();
    assert_eq!(
        network.wire.iter().filter(|m| carries_entries(m)).count(),
        2
    );
    let mut announced = 0;
    let mut accepted = 0;
    while let Some(message) = network.wire.pop_front() {
        announced += u32::from(matches!(message.body, Body::Commit { commit_index: 2 }));
        accepted += u32::from(matches!(message.body, Body::AppendAccepted { .. }));
        network.deliver(message);
    }
    assert_eq!(announced, 2, "one per follower tells the commit");
    assert_eq!(accepted, 2, "and nobody answers that");
    assert_eq!(network.raft(n(3)).commit_index(), 2);
}
