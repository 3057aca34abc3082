//! Figures 7 and 8 of the paper, acted out. Plain functions, so that they run in a browser, too.

use std::collections::BTreeSet;

use quorate::NodeId;
use quorate::raft::{Body, HardState, Input, Message, Role};

use super::network::{Disk, ELECTION, HEARTBEAT, Network, log_of, n};

fn disk(term: u64, vote: Option<NodeId>, commit_index: u64, terms: &[u64]) -> Disk {
    let hard_state = HardState {
        term,
        vote,
        commit_index,
    };
    Disk {
        hard_state,
        entries: log_of(terms),
        ..Disk::default()
    }
}

/// Figure 7: the leader of term 8 and the six followers (a) to (f), each with another log. All
/// end with the leader's, and no follower needs more than one rejection per term it differs in.
pub(crate) fn figure_7() {
    let leader: &[u64] = &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    let followers: [&[u64]; 6] = [
        &[1, 1, 1, 4, 4, 5, 5, 6, 6],
        &[1, 1, 1, 4],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
        &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
        &[1, 1, 1, 4, 4, 4, 4],
        &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    ];
    let disks = [leader]
        .into_iter()
        .chain(followers)
        .map(|terms| disk(7, None, 0, terms));
    let mut network = Network::with_disks(disks.collect(), |_| {});
    network.now = network.now + ELECTION;
    network.input(n(1), Input::Campaign).unwrap();

    let mut rejections = Vec::new();
    while let Some(message) = network.wire.pop_front() {
        if let Body::AppendRejected { .. } = message.body {
            rejections.push(message.from);
        }
        network.deliver(message);
    }

    assert_eq!(
        (network.raft(n(1)).role(), network.raft(n(1)).term()),
        (Role::Leader, 8)
    );
    for id in network.ids() {
        assert_eq!(
            network.terms(id),
            [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8],
            "log of {id}"
        );
        assert_eq!(network.raft(id).commit_index(), 11);
        assert_eq!(network.hosts[&id].disk.entries.len(), 11, "disk of {id}");
    }
    let once: BTreeSet<NodeId> = rejections.iter().copied().collect();
    assert_eq!(
        once,
        BTreeSet::from([n(2), n(3), n(6), n(7)]),
        "(c) and (d) match at once"
    );
    assert_eq!(
        rejections.len(),
        once.len(),
        "one rejection finds the place"
    );
}

/// Figure 8 up to (c): S1 leads term 4 and has copied entry 2 of term 2 to S3, so that S1, S2 and
/// S3 store it. Its own entry of term 4 has reached nobody.
fn figure_8_c() -> Network {
    let disks = vec![
        disk(3, None, 1, &[1, 2]),
        disk(3, None, 1, &[1, 2]),
        disk(3, Some(n(5)), 1, &[1]),
        disk(3, Some(n(5)), 1, &[1]),
        disk(3, Some(n(5)), 1, &[1, 3]),
    ];
    let mut network = Network::with_disks(disks, |config| config.max_append_entries = 1);
    network.input(n(1), Input::Campaign).unwrap();
    while network.raft(n(1)).role() != Role::Leader {
        let message = network.wire.pop_front().unwrap();
        network.deliver(message);
    }
    assert_eq!(network.raft(n(1)).term(), 4);

    // S3 has no place for the entry of term 4 and says so; S1 sends entry 2, S3 takes it. All
    // else is lost, so the entry of term 4 reaches nobody.
    for (from, to) in [(n(1), n(3)), (n(3), n(1)), (n(1), n(3)), (n(3), n(1))] {
        let on_link = |message: &Message| message.from == from && message.to == to;
        let message = network.take(on_link).into_iter().next().unwrap();
        network.wire.clear();
        network.deliver(message);
    }
    assert_eq!(network.terms(n(3)), [1, 2]);

    // S2 has had entry 2 since term 2, and says so.
    let body = Body::AppendAccepted { match_index: 2 };
    network.deliver(Message {
        from: n(2),
        to: n(1),
        term: 4,
        body,
    });
    network.wire.clear();

    let progress = |id| network.raft(n(1)).progress(id).unwrap().match_index;
    assert_eq!(
        (progress(n(2)), progress(n(3))),
        (2, 2),
        "entry 2 is on three of five"
    );
    assert_eq!(
        network.raft(n(1)).commit_index(),
        1,
        "and yet it is not committed"
    );
    network
}

/// Figure 8 (d): S1 crashes, S5 wins with S2, S3 and S4, and overwrites entry 2 everywhere.
pub(crate) fn figure_8_d() {
    let mut network = figure_8_c();
    network.crash(n(1));
    // S5 learns the term of the others at its first attempt.
    network.campaign(n(5));
    if network.raft(n(5)).role() != Role::Leader {
        network.elect(n(5));
    }
    network.restart(n(1));
    network.run(HEARTBEAT);
    for id in network.ids() {
        assert_eq!(network.terms(id)[..2], [1, 3], "log of {id}");
        assert_eq!(network.raft(id).commit_index(), 3);
    }
}

/// Figure 8 (e): S1 replicates its entry of term 4 to S2 and S3 before it crashes. That commits
/// entry 2 as well, and S5 can no longer win.
pub(crate) fn figure_8_e() {
    let mut network = figure_8_c();
    for lonely in [n(4), n(5)] {
        network.cut_pair(n(1), lonely);
    }
    network.run(HEARTBEAT);
    assert_eq!(network.raft(n(1)).commit_index(), 3);
    network.crash(n(1));
    for _ in 0..3 {
        network.campaign(n(5));
        assert_ne!(network.raft(n(5)).role(), Role::Leader);
    }
    network.elect(n(3));
    network.run(HEARTBEAT);
    for id in [n(2), n(3), n(4), n(5)] {
        assert_eq!(network.terms(id)[..3], [1, 2, 4], "log of {id}");
    }
}
