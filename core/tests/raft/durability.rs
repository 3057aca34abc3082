//! What counts only once it is durable, and what a crash may take.

use quorate::raft::{Body, Effects, HardState, Input, Message, Role, StepError, Verdict};

use super::network::{ELECTION, Network, bytes, heartbeat, log_of, n, piece, vote};

fn vote_request(term: u64) -> Message {
    let body = vote(0, 0);
    Message {
        from: n(2),
        to: n(1),
        term,
        body,
    }
}

fn append(from: u64, term: u64, previous: (u64, u64), terms: &[u64]) -> Input {
    let (previous_index, previous_term) = previous;
    let entries = piece(&log_of(terms), previous_index);
    let body = Body::Append {
        previous_index,
        previous_term,
        entries,
        commit_index: 0,
    };
    Input::Receive(Message {
        from: n(from),
        to: n(1),
        term,
        body,
    })
}

fn receive(network: &mut Network, message: Message) -> Effects {
    network.input(message.to, Input::Receive(message)).unwrap()
}

/// Three nodes, n1 with a disk that waits for the test.
fn slow_network() -> Network {
    let mut network = Network::new(3);
    network.host(n(1)).slow_disk = true;
    network
}

#[test]
fn a_lone_voter_wins_only_when_its_vote_is_durable() {
    let mut network = Network::new(1);
    network.host(n(1)).slow_disk = true;
    let effects = network.input(n(1), Input::Campaign).unwrap();
    assert_eq!(effects.role.unwrap().to, Role::Candidate);
    let write = effects.persist.unwrap();
    assert_eq!(
        write.hard_state,
        HardState {
            term: 1,
            vote: Some(n(1)),
            commit_index: 0
        }
    );
    assert!(network.sync_one(n(1)));
    assert_eq!(network.raft(n(1)).role(), Role::Leader);
    assert_eq!(
        network.raft(n(1)).commit_index(),
        0,
        "its no-op is not durable yet"
    );
    assert!(network.sync_one(n(1)));
    assert_eq!(network.raft(n(1)).commit_index(), 1);
}

#[test]
fn a_candidate_asks_for_votes_only_when_its_own_is_durable() {
    let mut network = slow_network();
    network.input(n(1), Input::Campaign).unwrap();
    network.settle();
    assert_eq!(network.raft(n(1)).role(), Role::Candidate);
    assert_eq!(network.raft(n(1)).votes_granted(), Some(0));
    assert!(network.wire.is_empty());
    network.sync_one(n(1));
    assert_eq!(network.raft(n(1)).votes_granted(), Some(1));
    let asked: Vec<_> = network.wire.iter().map(|message| message.to).collect();
    assert_eq!(asked, [n(2), n(3)]);
}

#[test]
fn a_vote_leaves_only_when_it_is_durable() {
    let mut network = slow_network();
    let effects = receive(&mut network, vote_request(4));
    assert!(effects.send.is_empty());
    let write = effects.persist.unwrap();
    assert_eq!(
        write.hard_state,
        HardState {
            term: 4,
            vote: Some(n(2)),
            commit_index: 0
        }
    );
    network.sync_one(n(1));
    let granted = Body::VoteReply {
        verdict: Verdict::Granted,
    };
    assert_eq!(network.wire.pop_front().unwrap().body, granted);
}

#[test]
fn a_restart_keeps_the_vote() {
    let mut network = Network::new(3);
    network.deliver(vote_request(4));
    network.crash(n(1));
    network.restart(n(1));
    assert_eq!(
        (network.raft(n(1)).term(), network.raft(n(1)).vote()),
        (4, Some(n(2)))
    );
    network.wire.clear();
    network.deliver(Message {
        from: n(3),
        ..vote_request(4)
    });
    let refused = Body::VoteReply {
        verdict: Verdict::Refused,
    };
    assert_eq!(network.wire.pop_front().unwrap().body, refused);
}

#[test]
fn an_unwritten_vote_is_lost_and_was_never_told() {
    let mut network = slow_network();
    network.deliver(vote_request(4));
    network.crash(n(1));
    network.restart(n(1));
    assert!(network.wire.is_empty());
    assert_eq!(
        (network.raft(n(1)).term(), network.raft(n(1)).vote()),
        (0, None)
    );
}

#[test]
fn a_leader_counts_its_own_entry_only_when_it_is_durable() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.host(n(1)).slow_disk = true;
    network.isolate(n(3));
    network.propose(n(1), "a").unwrap();
    network.settle();
    // It has sent the entry without waiting for its own disk, and n2 has it.
    assert_eq!(network.raft(n(1)).progress(n(2)).unwrap().match_index, 2);
    assert_eq!(network.raft(n(1)).commit_index(), 1);
    network.sync(n(1));
    assert_eq!(network.raft(n(1)).commit_index(), 2);
}

#[test]
fn what_others_made_durable_commits_but_waits_for_the_own_disk_to_be_applied() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.host(n(1)).slow_disk = true;
    network.propose(n(1), "a").unwrap();
    network.settle();
    let raft = network.raft(n(1));
    assert_eq!(
        (
            raft.commit_index(),
            raft.stable_index(),
            raft.applied_index()
        ),
        (2, 1, 1)
    );
    network.sync(n(1));
    assert_eq!(network.raft(n(1)).applied_index(), 2);
}

#[test]
fn an_append_is_accepted_only_when_it_is_durable() {
    let mut network = slow_network();
    let effects = network.input(n(1), append(2, 1, (0, 0), &[1, 1])).unwrap();
    assert!(effects.send.is_empty());
    let write = effects.persist.unwrap();
    assert_eq!(
        (write.io, write.truncate_from, write.entries),
        (1, None, piece(&log_of(&[1, 1]), 0))
    );
    // The same append again waits for the same write.
    let effects = network.input(n(1), append(2, 1, (0, 0), &[1, 1])).unwrap();
    assert!(effects.send.is_empty() && effects.persist.is_none());
    network.sync_one(n(1));
    let accepted = Body::AppendAccepted { match_index: 2 };
    let sent: Vec<_> = network
        .wire
        .iter()
        .map(|message| message.body.clone())
        .collect();
    assert_eq!(sent, [accepted.clone(), accepted]);
}

#[test]
fn a_heartbeat_is_answered_while_entries_are_being_written() {
    let mut network = slow_network();
    network.input(n(1), append(2, 1, (0, 0), &[1])).unwrap();
    network.sync(n(1));
    network.wire.clear();
    network.input(n(1), append(2, 1, (1, 1), &[1, 1])).unwrap();
    let body = heartbeat(0);
    let effects = receive(
        &mut network,
        Message {
            from: n(2),
            to: n(1),
            term: 1,
            body,
        },
    );
    assert!(matches!(
        effects.send[0].body,
        Body::HeartbeatReply { round: 1, .. }
    ));
}

#[test]
fn one_report_covers_all_earlier_writes() {
    let mut network = slow_network();
    for (previous, terms) in [((0, 0), &[1][..]), ((1, 1), &[1, 1]), ((2, 1), &[1, 1, 1])] {
        network.input(n(1), append(2, 1, previous, terms)).unwrap();
    }
    let writes: Vec<_> = network.host(n(1)).writes.drain(..).collect();
    for write in &writes {
        network.host(n(1)).disk.store(write);
    }
    let io = writes.last().unwrap().io;
    let effects = network.input(n(1), Input::Persisted { io }).unwrap();
    assert_eq!(
        (effects.send.len(), network.raft(n(1)).stable_index()),
        (3, 3)
    );
    // Reported again, it is old news; one that was never asked for is an error.
    let effects = network.input(n(1), Input::Persisted { io: 1 }).unwrap();
    assert!(effects.send.is_empty());
    let error = network.input(n(1), Input::Persisted { io: io + 1 });
    assert_eq!(
        error,
        Err(StepError::UnknownIo {
            io: io + 1,
            last_io: io
        })
    );
}

#[test]
fn the_write_of_a_replaced_entry_proves_nothing_about_its_successor() {
    let mut network = slow_network();
    network
        .input(n(1), append(2, 1, (0, 0), &[1, 1, 1]))
        .unwrap();
    // Before that is durable, another leader replaces entries 2 and 3, and then the first one's
    // log comes back in yet another term: the same indices three times.
    network.input(n(1), append(3, 2, (1, 1), &[1, 2])).unwrap();
    network
        .input(n(1), append(2, 3, (1, 1), &[1, 3, 3]))
        .unwrap();
    let writes: Vec<_> = network.hosts[&n(1)].writes.iter().cloned().collect();
    let truncations: Vec<_> = writes.iter().map(|write| write.truncate_from).collect();
    assert_eq!(truncations, [None, Some(2), Some(2)]);

    network.sync_one(n(1));
    assert_eq!(network.raft(n(1)).stable_index(), 1);
    network.sync_one(n(1));
    assert_eq!(network.raft(n(1)).stable_index(), 1);
    assert!(
        network.wire.is_empty(),
        "the leaders of terms 1 and 2 are not told any more"
    );
    network.sync_one(n(1));
    assert_eq!(network.raft(n(1)).stable_index(), 3);
    let accepted = Body::AppendAccepted { match_index: 3 };
    let message = network.wire.pop_front().unwrap();
    assert_eq!(
        (message.to, message.term, message.body),
        (n(2), 3, accepted)
    );
    let disk = &network.hosts[&n(1)].disk.entries;
    assert_eq!(*disk, log_of(&[1, 3, 3]));
}

#[test]
fn a_deposed_leader_does_not_count_the_write_of_an_entry_it_lost() {
    // The same race at a leader: n1 appends in term 1, and n2 replaces the entry in term 2.
    let mut network = Network::new(3);
    network.elect(n(1));
    network.host(n(1)).slow_disk = true;
    network.propose(n(1), "old").unwrap();
    network.wire.clear();
    network.elect(n(2));
    assert_eq!(network.terms(n(1)), [1, 2], "replaced in memory");
    network.sync_one(n(1));
    assert_eq!(
        network.raft(n(1)).stable_index(),
        1,
        "the old write proves only what was kept"
    );
    network.sync(n(1));
    assert_eq!(network.raft(n(1)).stable_index(), 2);
}

#[test]
fn the_hard_state_never_commits_what_the_log_does_not_have() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.host(n(2)).slow_disk = true;
    network.propose(n(1), "a").unwrap();
    network.settle();
    network.crash(n(1));
    network.campaign(n(3));
    let host = network.host(n(2));
    for write in host.writes.clone() {
        // Whatever is torn off, a restart is possible.
        for kept in 0..=write.entries.len() {
            let mut torn = host.disk.clone();
            torn.store_torn(&write, kept);
            assert!(torn.hard_state.commit_index <= torn.entries.len() as u64);
        }
        host.disk.store(&write);
        assert!(host.disk.hard_state.commit_index <= host.disk.entries.len() as u64);
    }
}

#[test]
fn entries_that_outlived_their_hard_state_raise_the_term() {
    // A crash between the two halves of a write: entries of term 4, hard state of term 2.
    let mut network = Network::new(3);
    network.crash(n(1));
    let disk = &mut network.host(n(1)).disk;
    disk.hard_state = HardState {
        term: 2,
        vote: Some(n(2)),
        commit_index: 0,
    };
    disk.entries = log_of(&[1, 4]);
    network.host(n(1)).slow_disk = true;
    network.restart(n(1));
    assert_eq!(
        (network.raft(n(1)).term(), network.raft(n(1)).vote()),
        (4, None)
    );
    let write = network.hosts[&n(1)].writes[0].clone();
    assert_eq!(
        write.hard_state,
        HardState {
            term: 4,
            vote: None,
            commit_index: 0
        }
    );
    assert!(write.entries.is_empty());
}

#[test]
fn a_commit_alone_is_not_written() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.propose(n(1), "a").unwrap();
    network.settle();
    let io = |network: &mut Network| {
        network.now = network.now + ELECTION;
        let payload = bytes("b");
        network
            .input(n(1), Input::Propose { payload })
            .unwrap()
            .persist
            .unwrap()
    };
    let write = io(&mut network);
    assert_eq!(write.io, 4, "ballot, no-op, a, b");
    assert_eq!(write.hard_state.commit_index, 2, "the commit rides along");
}
