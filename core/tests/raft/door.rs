//! What is refused, why, and that a refusal leaves no trace.

use quorate::raft::{
    Body, Entries, Entry, EntryKind, HardState, Input, Message, Role, StepError, Verdict,
};

use super::network::{Network, bytes, heartbeat, log_of, n, piece, vote};

/// n1 follows n2 in term 3 with a log of terms 1 1 2 3, of which two are committed.
fn follower() -> Network {
    let mut network = Network::new(3);
    network.crash(n(1));
    let disk = &mut network.host(n(1)).disk;
    disk.hard_state = HardState {
        term: 3,
        vote: None,
        commit_index: 2,
    };
    disk.entries = log_of(&[1, 1, 2, 3]);
    network.restart(n(1));
    let body = heartbeat(2);
    network.deliver(Message {
        from: n(2),
        to: n(1),
        term: 3,
        body,
    });
    network
}

/// A message from the leader n2 in term 3.
fn from_leader(body: Body) -> Message {
    Message {
        from: n(2),
        to: n(1),
        term: 3,
        body,
    }
}

fn append(previous_index: u64, previous_term: u64, entries: Entries) -> Body {
    Body::Append {
        previous_index,
        previous_term,
        entries,
        commit_index: 0,
    }
}

/// One entry after a log of that hash.
fn after(previous_hash: u128, entry: Entry) -> Entries {
    Entries::new(previous_hash, vec![entry]).unwrap()
}

/// Asserts that `input` is refused for `reason` and that nothing about n1 changes.
fn refused(network: &mut Network, input: &Input, reason: &StepError) {
    let before = format!("{:?}", network.raft(n(1)));
    let error = network.input(n(1), input.clone()).unwrap_err();
    assert_eq!(error, *reason, "{input:?}");
    assert_eq!(format!("{:?}", network.raft(n(1))), before, "{input:?}");
    assert!(!error.to_string().is_empty());
}

#[test]
fn messages_of_strangers_and_for_others() {
    let mut network = follower();
    let message = from_leader(heartbeat(2));
    for (message, reason) in [
        (
            Message {
                to: n(3),
                ..message.clone()
            },
            StepError::WrongRecipient { to: n(3) },
        ),
        (
            Message {
                from: n(1),
                ..message
            },
            StepError::UnknownSender { from: n(1) },
        ),
    ] {
        refused(&mut network, &Input::Receive(message), &reason);
    }
}

#[test]
fn terms_that_nobody_can_be_in() {
    let mut network = follower();
    for term in [0, 1 << 61, u64::MAX] {
        for body in [
            vote(0, 0),
            heartbeat(0),
            append(0, 0, Entries::none(0)),
            Body::Propose {
                kind: EntryKind::Command,
                payload: bytes("x"),
            },
        ] {
            let message = Message {
                term,
                ..from_leader(body)
            };
            let reason = StepError::TermOutOfRange { from: n(2), term };
            refused(&mut network, &Input::Receive(message), &reason);
        }
    }
    // Answers that belong to a future this node has not reached.
    for body in [
        Body::VoteReply {
            verdict: Verdict::Granted,
        },
        Body::AppendAccepted { match_index: 1 },
        Body::PreVoteReply {
            verdict: Verdict::Granted,
            proposed_term: 4,
        },
        Body::Propose {
            kind: EntryKind::Command,
            payload: bytes("x"),
        },
    ] {
        let message = Message {
            term: 9,
            ..from_leader(body)
        };
        let reason = StepError::FromTheFuture {
            from: n(2),
            term: 9,
            current_term: 3,
        };
        refused(&mut network, &Input::Receive(message), &reason);
    }
    let body = Body::PreVoteReply {
        verdict: Verdict::Refused,
        proposed_term: 5,
    };
    let reason = StepError::FromTheFuture {
        from: n(2),
        term: 5,
        current_term: 3,
    };
    refused(&mut network, &Input::Receive(from_leader(body)), &reason);
}

#[test]
fn positions_that_no_log_has() {
    let mut network = follower();
    for (index, term) in [(0, 1), (1, 0), (5, 4), (u64::MAX, 9)] {
        let (last_index, last_term) = (index, term);
        let reason = StepError::ImpossiblePosition {
            from: n(2),
            index,
            term,
        };
        for body in [
            Body::PreVote {
                last_index,
                last_term,
            },
            vote(last_index, last_term),
            append(index, term, Entries::none(0)),
            Body::AppendRejected {
                rejected_index: 1,
                hint_index: index,
                hint_term: term,
            },
        ] {
            refused(&mut network, &Input::Receive(from_leader(body)), &reason);
        }
    }
    // A candidate of a term has no entry of that term yet.
    let body = vote(9, 3);
    let reason = StepError::ImpossiblePosition {
        from: n(2),
        index: 9,
        term: 3,
    };
    refused(&mut network, &Input::Receive(from_leader(body)), &reason);
}

#[test]
fn entries_that_are_no_piece_of_a_log() {
    let mut network = follower();
    let log = log_of(&[1, 1, 2, 3]);
    let mut refuse = |previous_hash, term, reason: StepError| {
        let entry = Entry::new(previous_hash, term, EntryKind::Command, bytes("x"));
        let body = append(4, 3, after(previous_hash, entry));
        refused(&mut network, &Input::Receive(from_leader(body)), &reason);
    };
    let hash = log[3].prefix_hash();
    refuse(hash, 2, StepError::EntryTerm { index: 5, term: 2 });
    refuse(hash, 4, StepError::EntryTerm { index: 5, term: 4 });
    refuse(7, 3, StepError::PrefixHashMismatch { index: 4 });
}

#[test]
fn another_payload_where_the_log_already_agrees() {
    let mut network = follower();
    let log = log_of(&[1, 1, 2]);
    let forged = Entry::new(log[1].prefix_hash(), 2, EntryKind::Command, bytes("forged"));
    let message = from_leader(append(2, 1, after(log[1].prefix_hash(), forged)));
    let reason = StepError::PrefixHashMismatch { index: 3 };
    refused(&mut network, &Input::Receive(message), &reason);
}

#[test]
fn appends_that_contradict_what_is_committed() {
    let mut network = follower();
    let other = log_of(&[1, 3]);
    for term in [3, 4] {
        let reason = StepError::OverwritesCommitted {
            index: 2,
            commit_index: 2,
        };
        let overwrite = Message {
            term,
            ..from_leader(append(1, 1, piece(&other, 1)))
        };
        refused(&mut network, &Input::Receive(overwrite), &reason);
        let detached = Message {
            term,
            ..from_leader(append(2, 3, Entries::none(0)))
        };
        refused(&mut network, &Input::Receive(detached), &reason);
    }
}

#[test]
fn a_second_leader_of_a_term() {
    let mut network = follower();
    let reason = StepError::SecondLeader {
        term: 3,
        known: n(2),
        claimed: n(3),
    };
    for body in [heartbeat(0), append(0, 0, Entries::none(0))] {
        let message = Message {
            from: n(3),
            ..from_leader(body)
        };
        refused(&mut network, &Input::Receive(message), &reason);
    }
    // Not even while nobody is followed any more: after a pre-vote that was lost.
    network.now = network.raft(n(1)).next_deadline().unwrap();
    network.input(n(1), Input::Tick).unwrap();
    for from in [n(2), n(3)] {
        let body = Body::PreVoteReply {
            verdict: Verdict::Refused,
            proposed_term: 4,
        };
        network.deliver(Message {
            from,
            ..from_leader(body)
        });
    }
    let raft = network.raft(n(1));
    assert_eq!((raft.role(), raft.leader()), (Role::Follower, None));
    let message = Message {
        from: n(3),
        ..from_leader(heartbeat(0))
    };
    refused(&mut network, &Input::Receive(message), &reason);

    let mut network = Network::new(3);
    network.elect(n(1));
    let message = Message {
        term: 1,
        ..from_leader(heartbeat(0))
    };
    let reason = StepError::SecondLeader {
        term: 1,
        known: n(1),
        claimed: n(2),
    };
    refused(&mut network, &Input::Receive(message), &reason);
}

#[test]
fn indices_beyond_the_log() {
    let mut network = follower();
    let message = from_leader(heartbeat(5));
    let reason = StepError::CommitBeyondLog {
        commit_index: 5,
        last_index: 4,
    };
    refused(&mut network, &Input::Receive(message), &reason);

    let mut network = Network::new(3);
    network.elect(n(1));
    for body in [
        Body::AppendAccepted { match_index: 2 },
        Body::AppendRejected {
            rejected_index: 2,
            hint_index: 0,
            hint_term: 0,
        },
        Body::AppendRejected {
            rejected_index: 1,
            hint_index: 2,
            hint_term: 1,
        },
    ] {
        let message = Message {
            term: 1,
            ..from_leader(body)
        };
        let reason = StepError::AnswerBeyondLog {
            from: n(2),
            index: 2,
            last_index: 1,
        };
        refused(&mut network, &Input::Receive(message), &reason);
    }
}

#[test]
fn reports_of_the_host_that_cannot_be() {
    let mut network = follower();
    let reason = StepError::UnknownIo { io: 1, last_io: 0 };
    refused(&mut network, &Input::Persisted { io: 1 }, &reason);
    for index in [1, 3, u64::MAX] {
        let reason = StepError::AppliedOutOfRange {
            index,
            applied_index: 2,
            handed_index: 2,
        };
        refused(&mut network, &Input::Applied { index }, &reason);
    }
    network.input(n(1), Input::Applied { index: 2 }).unwrap();
}

#[test]
fn a_proposal_without_a_leader() {
    let mut network = Network::new(3);
    let propose = || Input::Propose {
        payload: bytes("x"),
    };
    refused(&mut network, &propose(), &StepError::NoLeader);
    network.input(n(1), Input::Campaign).unwrap();
    refused(&mut network, &propose(), &StepError::NoLeader);
}
