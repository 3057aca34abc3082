//! Who may lead, and when: section 5.2 and 5.4.1 of the paper, pre-vote and check-quorum.

use quorate::Micros;
use quorate::raft::{Body, HardState, Input, Message, Role, RoleChangeReason, Verdict};

use super::network::{Disk, ELECTION, HEARTBEAT, Network, heartbeat, log_of, n, vote};

#[test]
fn the_first_deadline_leads_to_a_leader_that_stays() {
    for voters in 1..=9 {
        let mut network = Network::new(voters);
        network.run(Micros::from_secs(5));
        let leaders = network.leaders();
        assert_eq!(leaders.len(), 1, "{voters} voters");
        let term = network.raft(leaders[0]).term();
        network.run(Micros::from_secs(60));
        assert_eq!(network.leaders(), leaders);
        for id in network.ids() {
            let raft = network.raft(id);
            assert_eq!((raft.term(), raft.leader()), (term, Some(leaders[0])));
        }
    }
}

#[test]
fn patience_is_drawn_between_one_and_two_election_timeouts() {
    let mut spans = Vec::new();
    let mut network = Network::new(3);
    for _ in 0..100 {
        network.input(n(1), Input::Campaign).unwrap();
        let raft = network.raft(n(1));
        spans.push(raft.election_deadline().unwrap() - raft.election_started().unwrap());
    }
    assert!(
        spans
            .iter()
            .all(|span| (ELECTION..ELECTION + ELECTION).contains(span))
    );
    spans.sort_unstable();
    spans.dedup();
    assert!(spans.len() > 90, "the draws differ");
}

#[test]
fn a_tick_before_the_deadline_does_nothing() {
    let mut network = Network::new(3);
    let deadline = network.raft(n(1)).next_deadline().unwrap();
    network.now = deadline - Micros(1);
    let effects = network.input(n(1), Input::Tick).unwrap();
    assert!(effects.send.is_empty() && effects.role.is_none());
    network.now = deadline;
    let effects = network.input(n(1), Input::Tick).unwrap();
    let change = effects.role.unwrap();
    assert_eq!(
        (change.from, change.to),
        (Role::Follower, Role::PreCandidate)
    );
    assert_eq!(change.reason, RoleChangeReason::ElectionTimeout);
    assert_eq!(effects.send.len(), 2);
}

#[test]
fn a_pre_vote_changes_no_term_and_no_vote() {
    let mut network = Network::new(3);
    network.input(n(1), Input::Campaign).unwrap();
    for message in network.take(|_| true) {
        let before = network.raft(message.to).election_deadline();
        let effects = network
            .input(message.to, Input::Receive(message.clone()))
            .unwrap();
        let raft = network.raft(message.to);
        assert_eq!((raft.term(), raft.vote(), effects.persist), (0, None, None));
        assert_eq!(
            raft.election_deadline(),
            before,
            "granting one costs no patience"
        );
        let granted = Body::PreVoteReply {
            verdict: Verdict::Granted,
            proposed_term: 1,
        };
        assert_eq!(effects.send[0].body, granted);
    }
}

#[test]
fn a_node_that_was_cut_off_does_not_disturb() {
    let mut network = Network::new(5);
    network.elect(n(1));
    network.isolate(n(5));
    network.run(Micros::from_secs(10));
    assert_eq!(network.raft(n(5)).role(), Role::PreCandidate);
    network.cut.clear();
    network.run(Micros::from_secs(1));
    assert_eq!(network.leaders(), [n(1)]);
    assert_eq!(network.raft(n(5)).leader(), Some(n(1)));
    assert_eq!(network.observer.terms_led(), 1);
}

#[test]
fn nobody_votes_while_a_leader_is_heard() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.input(n(3), Input::Campaign).unwrap();
    network.settle();
    assert_eq!(
        network.raft(n(3)).votes_granted(),
        Some(1),
        "nobody even answers"
    );

    // Not even in a real election of a higher term, which does not move the term either.
    let (last_index, last_term) = (network.raft(n(3)).last_index(), 1);
    let body = vote(last_index, last_term);
    for to in [n(1), n(2)] {
        network.deliver(Message {
            from: n(3),
            to,
            term: 9,
            body: body.clone(),
        });
        assert_eq!(network.raft(to).term(), 1);
    }
    assert!(network.wire.is_empty());

    // When the leader has been silent for an election timeout, a follower votes again.
    network.now = network.now + ELECTION;
    network.deliver(Message {
        from: n(3),
        to: n(2),
        term: 9,
        body,
    });
    assert_eq!(
        (network.raft(n(2)).term(), network.raft(n(2)).vote()),
        (9, Some(n(3)))
    );
}

#[test]
fn a_log_that_is_not_up_to_date_cannot_win() {
    let disk = |terms: &[u64]| Disk {
        hard_state: HardState {
            term: 3,
            ..HardState::default()
        },
        entries: log_of(terms),
        ..Disk::default()
    };
    // The last term decides, then the length.
    for (candidate, voter, wins) in [
        (&[1, 1, 1][..], &[2][..], false),
        (&[2][..], &[1, 1, 1][..], true),
        (&[1, 2][..], &[1, 2, 2][..], false),
        (&[1, 2, 2][..], &[1, 2][..], true),
        (&[1, 2][..], &[1, 2][..], true),
    ] {
        let disks = || vec![disk(candidate), disk(voter), disk(voter)];
        let mut network = Network::with_disks(disks(), |_| {});
        network.campaign(n(1));
        assert_eq!(
            network.raft(n(1)).role() == Role::Leader,
            wins,
            "{candidate:?} {voter:?}"
        );

        // The same for a real vote, without the pre-vote in front.
        let body = vote(candidate.len() as u64, *candidate.last().unwrap());
        let mut network = Network::with_disks(disks(), |_| {});
        network.deliver(Message {
            from: n(1),
            to: n(3),
            term: 9,
            body,
        });
        assert_eq!(
            network.raft(n(3)).vote() == Some(n(1)),
            wins,
            "{candidate:?} {voter:?}"
        );
    }
}

#[test]
fn a_pre_vote_is_refused_to_a_shorter_log() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.now = network.now + ELECTION;
    for (last_index, last_term, verdict) in [(0, 0, Verdict::Refused), (1, 1, Verdict::Granted)] {
        let body = Body::PreVote {
            last_index,
            last_term,
        };
        network.deliver(Message {
            from: n(3),
            to: n(2),
            term: 1,
            body,
        });
        let expected = Body::PreVoteReply {
            verdict,
            proposed_term: 2,
        };
        assert_eq!(network.wire.pop_front().unwrap().body, expected);
    }
}

#[test]
fn a_vote_is_given_once_per_term_and_repeated_on_request() {
    let mut network = Network::new(3);
    let body = vote(0, 0);
    let verdict_for = |network: &mut Network, from, term| {
        network.deliver(Message {
            from,
            to: n(1),
            term,
            body: body.clone(),
        });
        network.take(|_| true).pop().unwrap().body
    };
    let granted = Body::VoteReply {
        verdict: Verdict::Granted,
    };
    let refused = Body::VoteReply {
        verdict: Verdict::Refused,
    };
    assert_eq!(verdict_for(&mut network, n(2), 5), granted);
    assert_eq!(verdict_for(&mut network, n(3), 5), refused);
    assert_eq!(verdict_for(&mut network, n(2), 5), granted);
    assert_eq!(verdict_for(&mut network, n(3), 4), refused);
    assert_eq!(verdict_for(&mut network, n(3), 6), granted);
}

#[test]
fn a_split_vote_is_resolved_by_the_next_election() {
    let mut network = Network::new(4);
    for id in [n(1), n(2)] {
        network.input(id, Input::Campaign).unwrap();
    }
    // Everybody grants both pre-votes; then each candidate gets one more vote beside its own.
    network.cut_pair(n(1), n(4));
    network.cut_pair(n(2), n(3));
    network.wire.clear();
    for (from, to) in [(1, 2), (1, 3), (2, 1), (2, 4)] {
        let body = Body::PreVoteReply {
            verdict: Verdict::Granted,
            proposed_term: 1,
        };
        network.deliver(Message {
            from: n(to),
            to: n(from),
            term: 0,
            body,
        });
    }
    network.settle();
    assert!(network.leaders().is_empty());
    assert_eq!(
        (network.raft(n(1)).vote(), network.raft(n(2)).vote()),
        (Some(n(1)), Some(n(2)))
    );
    network.cut.clear();
    network.run(Micros::from_secs(3));
    assert_eq!(network.leaders().len(), 1);
}

#[test]
fn a_leader_that_hears_no_majority_steps_down_and_keeps_its_vote() {
    let mut network = Network::new(5);
    network.elect(n(1));
    network.run(HEARTBEAT);
    for id in [n(3), n(4), n(5)] {
        network.cut.insert((id, n(1)));
    }
    let last_heard = network.now;
    let mut change = None;
    while change.is_none() && network.now < last_heard + ELECTION {
        network.now = network.raft(n(1)).next_deadline().unwrap();
        change = network.input(n(1), Input::Tick).unwrap().role;
        network.settle();
    }
    let change = change.unwrap();
    assert_eq!(
        (change.to, change.reason),
        (Role::Follower, RoleChangeReason::QuorumLost)
    );
    assert_eq!(network.now, last_heard + ELECTION);
    let raft = network.raft(n(1));
    assert_eq!(
        (raft.term(), raft.vote(), raft.leader()),
        (1, Some(n(1)), None)
    );
}

#[test]
fn a_candidate_that_yields_within_its_term_keeps_its_vote() {
    let mut network = Network::new(3);
    network.input(n(1), Input::Campaign).unwrap();
    network.wire.clear();
    let body = Body::PreVoteReply {
        verdict: Verdict::Granted,
        proposed_term: 1,
    };
    network.deliver(Message {
        from: n(2),
        to: n(1),
        term: 0,
        body,
    });
    assert_eq!(network.raft(n(1)).role(), Role::Candidate);
    network.wire.clear();
    let body = heartbeat(0);
    network.deliver(Message {
        from: n(2),
        to: n(1),
        term: 1,
        body,
    });
    assert_eq!(network.raft(n(1)).role(), Role::Follower);
    assert_eq!(network.raft(n(1)).vote(), Some(n(1)));
    network.wire.clear();
    network.now = network.now + ELECTION;
    let body = vote(0, 0);
    network.deliver(Message {
        from: n(3),
        to: n(1),
        term: 1,
        body,
    });
    let refused = Body::VoteReply {
        verdict: Verdict::Refused,
    };
    assert_eq!(network.wire.pop_front().unwrap().body, refused);
}

#[test]
fn two_of_three_elect_a_leader() {
    for down in 1..=3 {
        let mut network = Network::new(3);
        network.elect(n(down));
        network.crash(n(down));
        network.run(Micros::from_secs(3));
        assert_eq!(network.leaders().len(), 1, "without n{down}");
    }
}

#[test]
fn a_leader_heard_over_a_bridge_only_makes_way() {
    // n1 leads and is connected to n2 alone; n2 is the bridge to the connected rest.
    let mut network = Network::new(5);
    network.elect(n(1));
    for id in [n(3), n(4), n(5)] {
        network.cut_pair(n(1), id);
    }
    network.run(Micros::from_secs(5));
    let leaders = network.leaders();
    assert_eq!(leaders.len(), 1);
    assert_ne!(leaders, [n(1)]);
    network.propose(leaders[0], "served").unwrap();
    network.settle();
    assert_eq!(network.committed(n(2)), ["served"]);
}

#[test]
fn a_node_stuck_in_a_higher_term_is_freed() {
    let mut network = Network::new(3);
    network.elect(n(1));
    network.crash(n(3));
    network.host(n(3)).disk.hard_state.term = 7;
    network.restart(n(3));
    network.run(Micros::from_secs(3));
    assert_eq!(network.leaders().len(), 1);
    let leader = network.leaders()[0];
    assert!(network.raft(leader).term() > 7);
    assert_eq!(network.raft(n(3)).leader(), Some(leader));
}

#[test]
fn a_leader_ignores_a_call_to_campaign() {
    let mut network = Network::new(3);
    network.elect(n(1));
    let effects = network.input(n(1), Input::Campaign).unwrap();
    assert!(effects.send.is_empty() && effects.role.is_none());
    assert_eq!(network.raft(n(1)).role(), Role::Leader);
}
