//! Which ways are cut.
//!
//! Every message asks twice whether its way is cut, so the answer must not cost a search. Ways
//! between nodes are bits of a square: one look, and sixteen bytes a node to copy. Whoever is not
//! a node of the fleet (a client) is rare on a cut way and stands in a set.

use std::collections::BTreeSet;

use quorate::NodeId;

/// The cut ways; each has a direction.
#[derive(Clone, Debug)]
pub(super) struct Cuts {
    /// By sender: bit `i` is set if nothing gets to node `i + 1`.
    rows: Vec<u128>,
    /// Cut ways with an end outside of the fleet.
    outside: BTreeSet<(NodeId, NodeId)>,
}

impl Cuts {
    /// No cut between the nodes from 1 to `fleet`, which are at most 128.
    pub(super) fn none(fleet: u32) -> Self {
        Self {
            rows: vec![0; fleet as usize],
            outside: BTreeSet::new(),
        }
    }

    /// Whether nothing gets from one end to the other. O(1) within the fleet.
    pub(super) fn contains(&self, from: NodeId, to: NodeId) -> bool {
        match (self.place(from), self.place(to)) {
            (Some(from), Some(to)) => self.rows[from] >> to & 1 == 1,
            _ => !self.outside.is_empty() && self.outside.contains(&(from, to)),
        }
    }

    /// Cuts a way.
    pub(super) fn insert(&mut self, from: NodeId, to: NodeId) {
        match (self.place(from), self.place(to)) {
            (Some(from), Some(to)) => self.rows[from] |= 1 << to,
            _ => {
                self.outside.insert((from, to));
            }
        }
    }

    /// Makes a way whole.
    pub(super) fn remove(&mut self, from: NodeId, to: NodeId) {
        match (self.place(from), self.place(to)) {
            (Some(from), Some(to)) => self.rows[from] &= !(1 << to),
            _ => {
                self.outside.remove(&(from, to));
            }
        }
    }

    /// Makes every way whole.
    pub(super) fn clear(&mut self) {
        self.rows.fill(0);
        self.outside.clear();
    }

    /// Cuts every way between two nodes that share no group, and no other between nodes. A node in
    /// several groups is a bridge; a node in none is in the first.
    pub(super) fn partition(&mut self, groups: &[Vec<NodeId>]) {
        let mut reached = vec![0_u128; self.rows.len()];
        let mut first: u128 = 0;
        let mut listed: u128 = 0;
        let places = |group: &Vec<NodeId>| {
            let places = group.iter().filter_map(|&node| self.place(node));
            places.fold(0_u128, |bits, place| bits | 1 << place)
        };
        for (at, members) in groups.iter().map(places).enumerate() {
            listed |= members;
            first |= if at == 0 { members } else { 0 };
            for (place, row) in reached.iter_mut().enumerate() {
                *row |= if members >> place & 1 == 1 {
                    members
                } else {
                    0
                };
            }
        }
        let everybody = (0..self.rows.len()).fold(0, |bits, place| bits | 1 << place);
        let unlisted = everybody & !listed;
        for (place, row) in reached.iter_mut().enumerate() {
            if (unlisted | first) >> place & 1 == 1 {
                *row |= unlisted | first;
            }
            self.rows[place] = everybody & !*row & !(1 << place);
        }
    }

    /// The cut ways, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let within = self.rows.iter().enumerate().flat_map(|(from, &row)| {
            let cut = (0..self.rows.len()).filter(move |to| row >> to & 1 == 1);
            cut.map(move |to| (id(from), id(to)))
        });
        within.chain(self.outside.iter().copied())
    }

    /// The row and the bit of a node of the fleet.
    fn place(&self, node: NodeId) -> Option<usize> {
        let place = usize::try_from(node.0.wrapping_sub(1)).ok()?;
        (place < self.rows.len()).then_some(place)
    }
}

fn id(place: usize) -> NodeId {
    NodeId(place as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(id: u64) -> NodeId {
        NodeId(id)
    }

    fn groups(groups: &[&[u64]]) -> Vec<Vec<NodeId>> {
        let group = |ids: &&[u64]| ids.iter().copied().map(NodeId).collect();
        groups.iter().map(group).collect()
    }

    #[test]
    fn a_cut_has_a_direction_and_touches_no_other_way() {
        let mut cuts = Cuts::none(100);
        cuts.insert(n(1), n(100));
        cuts.insert(n(1001), n(2));
        assert!(cuts.contains(n(1), n(100)) && !cuts.contains(n(100), n(1)));
        assert!(cuts.contains(n(1001), n(2)) && !cuts.contains(n(2), n(1001)));
        assert_eq!(
            cuts.iter().collect::<Vec<_>>(),
            [(n(1), n(100)), (n(1001), n(2))]
        );
        cuts.remove(n(1), n(100));
        assert_eq!(cuts.iter().count(), 1);
        cuts.clear();
        assert_eq!(cuts.iter().count(), 0);
    }

    #[test]
    fn a_bridge_reaches_both_sides_and_the_sides_not_each_other() {
        let mut cuts = Cuts::none(5);
        cuts.partition(&groups(&[&[1, 2, 3], &[3, 4, 5]]));
        let cut: Vec<_> = cuts.iter().map(|(from, to)| (from.0, to.0)).collect();
        let apart = [1, 2].into_iter().flat_map(|a| [(a, 4), (a, 5)]);
        let mut expected: Vec<_> = apart.flat_map(|(a, b)| [(a, b), (b, a)]).collect();
        expected.sort_unstable();
        assert_eq!(cut, expected);
    }

    #[test]
    fn who_is_in_no_group_is_in_the_first_and_clients_reach_everybody() {
        let mut cuts = Cuts::none(4);
        cuts.partition(&groups(&[&[1], &[3]]));
        for (a, b) in [(1, 2), (2, 4), (1, 4), (1001, 3), (3, 1001)] {
            assert!(!cuts.contains(n(a), n(b)), "{a} to {b}");
        }
        for (a, b) in [(1, 3), (3, 2), (4, 3)] {
            assert!(cuts.contains(n(a), n(b)), "{a} to {b}");
        }
        cuts.partition(&[]);
        assert_eq!(cuts.iter().count(), 0, "no group is no partition");
    }
}
