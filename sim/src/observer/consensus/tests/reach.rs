//! Progress where a quorum is well and connected.

use quorate::{Micros, NodeId};

use super::super::Reach;
use super::super::elections::Churn;
use super::cluster::Cluster;
use super::faults::n;
use crate::observer::Invariant;

/// Looks at a cluster twice, so far apart that somebody should lead.
fn is_missed(cluster: &mut Cluster, reach: &Reach) -> bool {
    cluster.consensus.churn = Churn::new(Some(Micros::from_secs(10)));
    for seconds in [0, 60] {
        let now = cluster.now + Micros::from_secs(seconds);
        cluster.ledger.advance(now);
        let ledger = &mut cluster.ledger;
        cluster.consensus.check_led(ledger, reach.clone());
    }
    cluster.ledger.broken().contains(&Invariant::Liveness)
}

fn well(count: u64) -> Reach {
    let nodes: Vec<NodeId> = (1..=count).map(n).collect();
    Reach {
        running: nodes.clone(),
        well: nodes,
        ..Reach::default()
    }
}

fn five() -> Cluster {
    Cluster::new(5, 0, |config| config)
}

#[test]
fn a_connected_quorum_that_nobody_leads_is_seen_and_less_than_that_is_not() {
    assert!(is_missed(&mut five(), &well(3)));
    assert!(!is_missed(&mut five(), &well(2)), "two of five are well");
    let cut: Vec<(NodeId, NodeId)> = vec![(n(1), n(3))];
    let broken = Reach {
        broken: cut,
        ..well(3)
    };
    assert!(!is_missed(&mut five(), &broken), "one link is broken");
    let wider = Reach {
        well: well(4).well,
        ..broken
    };
    assert!(is_missed(&mut five(), &wider), "three others are linked");
}

#[test]
fn a_leader_counts_if_a_quorum_hears_it() {
    let mut cluster = five();
    cluster.run(Micros::from_secs(1));
    let leader = cluster.leader().unwrap();
    assert!(!is_missed(&mut cluster.clone(), &well(5)));
    // Of five, the leader is linked with one, and the others with each other.
    let others = cluster.ids().into_iter().filter(|id| *id != leader);
    let mut broken: Vec<(NodeId, NodeId)> = others
        .skip(1)
        .map(|other| (leader.min(other), leader.max(other)))
        .collect();
    broken.sort_unstable();
    let apart = Reach { broken, ..well(5) };
    assert!(is_missed(&mut cluster, &apart));
}
