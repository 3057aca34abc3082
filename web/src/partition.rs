//! Where to cut a cluster in two.
//!
//! "Partition" on a button needs no dialog if the cut is the interesting one: the node at hand
//! ends up on the side without a quorum, with as much company as that side can have.

use quorate::NodeId;
use quorate_sim::Snapshot;

/// The two sides of a cut that puts `node` into the largest possible minority of voters: first
/// the side that keeps its quorum, then the other.
///
/// The company is taken from the voters that follow `node` on the ring, so that the sides lie
/// side by side on the stage. Workers stay with the majority, except `node` itself.
pub fn around(snapshot: &Snapshot, node: NodeId) -> Vec<Vec<NodeId>> {
    let voters: Vec<_> = snapshot
        .nodes
        .iter()
        .filter(|view| view.raft.is_some())
        .map(|view| view.id)
        .collect();
    let seats = voters.len().saturating_sub(1) / 2;
    let minority: Vec<_> = match voters.iter().position(|voter| *voter == node) {
        Some(start) => voters
            .iter()
            .cycle()
            .skip(start)
            .take(seats.max(1))
            .copied()
            .collect(),
        None => vec![node],
    };
    let majority: Vec<_> = snapshot
        .nodes
        .iter()
        .map(|view| view.id)
        .filter(|id| !minority.contains(id))
        .collect();
    vec![majority, minority]
}

#[cfg(test)]
mod tests {
    use quorate_sim::{Focus, Lab, presets};

    use super::*;

    fn sides(preset: &str, node: u64) -> Vec<Vec<u64>> {
        let scenario = presets::find(preset)
            .expect("a preset of this name")
            .scenario;
        let lab = Lab::new(scenario, None).expect("presets are valid");
        let sides = around(&lab.snapshot(&Focus::default()), NodeId(node));
        sides
            .iter()
            .map(|side| side.iter().map(|id| id.0).collect())
            .collect()
    }

    #[test]
    fn the_node_loses_its_quorum_in_company() {
        assert_eq!(sides("leader-cut-off", 1), [vec![3, 4, 5], vec![1, 2]]);
        assert_eq!(sides("leader-cut-off", 5), [vec![2, 3, 4], vec![5, 1]]);
        assert_eq!(sides("three-carts", 2), [vec![1, 3], vec![2]]);
    }

    #[test]
    fn a_worker_is_cut_off_alone() {
        assert_eq!(sides("three-carts", 7), [vec![1, 2, 3], vec![7]]);
    }
}
