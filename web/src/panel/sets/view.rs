//! The sets as data: chips, the matrix of vectors, and who holds whom back.

use quorate::crdt::ReplicaId;
use quorate::{Micros, NodeId};
use quorate_sim::{ElementView, ReplicaView, SetsView, TombstoneView};

use crate::format;

/// More chips of a kind than this are counted instead of shown.
const MOST_CHIPS: usize = 40;

/// A live element or a remembered removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chip {
    /// The element.
    pub(super) name: String,
    /// Beside it: the dot of a live element, the age of a removal.
    pub(super) note: String,
    /// The class list.
    pub(super) class: &'static str,
    /// How far a removal has aged towards the threshold, in per cent.
    pub(super) age_percent: u64,
    /// The whole story, for whoever points at it.
    pub(super) title: String,
}

/// One replica's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// `0.6 s ago`.
    pub(super) merged: String,
    /// `counter 14`.
    pub(super) counter: String,
    /// Live elements, then removals, newest first.
    pub(super) chips: Vec<Chip>,
    /// How many more there are.
    pub(super) hidden: usize,
}

impl Row {
    /// The row of a replica whose removals ripen at `threshold`.
    pub(super) fn new(replica: &ReplicaView, threshold: Micros) -> Self {
        let live = replica.elements.iter().take(MOST_CHIPS).map(Chip::live);
        let removed = replica
            .tombstones
            .iter()
            .take(MOST_CHIPS)
            .map(|removal| Chip::removed(removal, threshold));
        let chips: Vec<_> = live.chain(removed).collect();
        let hidden = replica.elements.len() + replica.tombstones.len() - chips.len();
        let merged = match replica.since_merge {
            Some(ago) => format!("merged {} ago", format::span(ago)),
            None => String::from("never merged"),
        };
        Self {
            merged,
            counter: format!("counter {}", replica.counter),
            chips,
            hidden,
        }
    }
}

impl Chip {
    fn live(element: &ElementView) -> Self {
        let dots: Vec<_> = element.dots.iter().map(ToString::to_string).collect();
        Self {
            name: element.name.clone(),
            note: dots.join(" "),
            class: if element.fresh { "el new" } else { "el" },
            age_percent: 0,
            title: format!("{}: live, kept by {}", element.name, dots.join(" and ")),
        }
    }

    fn removed(removal: &TombstoneView, threshold: Micros) -> Self {
        let ripe = removal.age >= threshold;
        let known = if removal.stable {
            "known to all"
        } else {
            "not yet known to all"
        };
        Self {
            name: removal.name.clone(),
            note: format::age(removal.age),
            class: if ripe { "el tomb ripe" } else { "el tomb" },
            age_percent: (removal.age.0 * 100)
                .checked_div(threshold.0)
                .unwrap_or(100)
                .min(100),
            title: format!("{}: removed by {}, {known}", removal.name, removal.dot),
        }
    }
}

/// What every replica has on disk of every other's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Matrix {
    /// The replicas whose events are counted, as columns.
    pub(super) columns: Vec<String>,
    /// One row per replica.
    pub(super) rows: Vec<MatrixRow>,
    /// The meet of all rows.
    pub(super) frontier: Vec<u64>,
    /// Who holds the frontier back, in words.
    pub(super) verdict: String,
}

/// One replica's durable vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MatrixRow {
    /// The replica's node.
    pub(super) node: String,
    /// It holds the frontier back more than any other.
    pub(super) holds_back: bool,
    /// Events per column, and whether others know of more.
    pub(super) cells: Vec<(u64, Lag)>,
}

/// Whether a replica lacks events that others have on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lag {
    /// It has them all.
    Even,
    /// It lacks some.
    Behind,
}

impl Matrix {
    /// The matrix of the sets.
    pub(super) fn new(sets: &SetsView) -> Self {
        let mut columns: Vec<ReplicaId> = sets
            .replicas
            .iter()
            .flat_map(|replica| replica.durable.iter())
            .map(|(id, _)| id)
            .collect();
        columns.sort_unstable();
        columns.dedup();
        let most: Vec<u64> = columns
            .iter()
            .map(|column| most_of(sets, *column))
            .collect();
        let back = sets.held_back_by.map(|(replica, _)| replica.node);
        let row = |replica: &ReplicaView| MatrixRow {
            node: replica.node.to_string(),
            holds_back: back == Some(replica.node),
            cells: columns
                .iter()
                .zip(&most)
                .map(|(column, most)| {
                    let has = replica.durable.get(*column);
                    (has, if has < *most { Lag::Behind } else { Lag::Even })
                })
                .collect(),
        };
        Self {
            rows: sets.replicas.iter().map(row).collect(),
            frontier: columns
                .iter()
                .map(|column| sets.frontier.get(*column))
                .collect(),
            verdict: verdict(sets.held_back_by),
            columns: columns.iter().map(ToString::to_string).collect(),
        }
    }
}

fn most_of(sets: &SetsView, column: ReplicaId) -> u64 {
    sets.replicas
        .iter()
        .map(|replica| replica.durable.get(column))
        .max()
        .unwrap_or(0)
}

fn verdict(held_back_by: Option<(ReplicaId, u64)>) -> String {
    match held_back_by {
        Some((replica, 1)) => format!("{replica} holds it back: 1 event is not on its disk."),
        Some((replica, missing)) => {
            format!("{replica} holds it back: {missing} events are not on its disk.")
        }
        None => String::from("Nobody holds it back: everything is on every disk."),
    }
}

/// How many removals a prune would take now, of how many, over the replicas of some nodes.
pub(super) fn prunable(sets: &SetsView, of: impl Fn(NodeId) -> bool) -> (usize, usize) {
    let removals = sets
        .replicas
        .iter()
        .filter(|replica| of(replica.node))
        .flat_map(|replica| replica.tombstones.iter().enumerate());
    let goes = |(rank, removal): &(usize, &TombstoneView)| {
        removal.stable || removal.age >= sets.stability_threshold || *rank >= sets.max_tombstones
    };
    (removals.clone().filter(goes).count(), removals.count())
}

#[cfg(test)]
mod tests {
    use quorate::crdt::{Dot, VersionVector};
    use quorate_sim::BytesView;

    use super::*;

    const THRESHOLD: Micros = Micros::from_secs(300);

    fn removal(name: &str, age: Micros) -> TombstoneView {
        let dot = Dot {
            replica: replica(1),
            counter: 4,
        };
        TombstoneView {
            name: name.into(),
            dot,
            age,
            stable: false,
        }
    }

    fn replica(node: u64) -> ReplicaId {
        ReplicaId {
            node: NodeId(node),
            incarnation: 0,
        }
    }

    fn view(node: u64) -> ReplicaView {
        ReplicaView {
            node: NodeId(node),
            since_merge: None,
            elements: Vec::new(),
            tombstones: Vec::new(),
            counter: 0,
            context: VersionVector::default(),
            durable: VersionVector::default(),
            bytes: BytesView::default(),
        }
    }

    #[test]
    fn removals_fill_up_as_they_age() {
        let chip = |age| Chip::removed(&removal("milk", age), THRESHOLD);
        assert_eq!(
            (chip(Micros(0)).age_percent, chip(Micros(0)).note.as_str()),
            (0, "<1 s")
        );
        assert_eq!(
            (
                chip(Micros::from_secs(150)).age_percent,
                chip(Micros::from_secs(7)).note.as_str()
            ),
            (50, "7 s")
        );
        let ripe = chip(Micros::from_secs(896));
        assert_eq!(
            (ripe.age_percent, ripe.class, ripe.note.as_str()),
            (100, "el tomb ripe", "14:56")
        );
        assert_eq!(
            Chip::removed(&removal("milk", Micros(1)), Micros::ZERO).age_percent,
            100
        );
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let tombstones = (0..50)
            .map(|i| removal(&i.to_string(), Micros(1)))
            .collect();
        let row = Row::new(
            &ReplicaView {
                tombstones,
                ..view(1)
            },
            THRESHOLD,
        );
        assert_eq!((row.chips.len(), row.hidden), (MOST_CHIPS, 50 - MOST_CHIPS));
        assert_eq!(row.merged, "never merged");
    }

    #[test]
    fn a_prune_takes_what_is_old_or_known_to_all_or_too_many() {
        let stable = TombstoneView {
            stable: true,
            ..removal("tea", Micros(1))
        };
        let tombstones = vec![
            removal("new", Micros(1)),
            stable,
            removal("old", THRESHOLD),
            removal("rank", Micros(2)),
        ];
        let sets = SetsView {
            replicas: vec![
                ReplicaView {
                    tombstones,
                    ..view(1)
                },
                view(2),
            ],
            stability_threshold: THRESHOLD,
            max_tombstones: 3,
            ..SetsView::default()
        };
        assert_eq!(prunable(&sets, |_| true), (3, 4));
        assert_eq!(prunable(&sets, |node| node == NodeId(2)), (0, 0));
    }

    #[test]
    fn the_verdict_names_who_holds_the_frontier_back() {
        assert!(verdict(Some((replica(3), 1))).contains("n3 holds it back: 1 event is"));
        assert!(verdict(Some((replica(3), 4))).contains("4 events are"));
        assert!(verdict(None).starts_with("Nobody"));
    }
}
