//! The log grid as data: which cell stands where, and what it looks like.

use quorate::NodeId;
use quorate::raft::{EntryKind, Role};
use quorate_sim::{CellView, LogRow, LogView, Safety};

use crate::canvas::GlyphKind;

/// The grid: one row per voter, one column per index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GridView {
    /// The indices shown, in order.
    pub(super) columns: Vec<u64>,
    /// The column that is selected, if it is shown.
    pub(super) selected: Option<usize>,
    /// One per voter, in order.
    pub(super) rows: Vec<RowView>,
}

/// One voter's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowView {
    pub(super) node: NodeId,
    pub(super) glyph: GlyphKind,
    pub(super) term: u64,
    /// `T5 · commit 51`.
    pub(super) caption: String,
    /// One per column.
    pub(super) squares: Vec<Square>,
}

/// One place of the grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Square {
    /// The entry there, if there is one.
    pub(super) cell: Option<CellView>,
    /// The node's commit index is here.
    pub(super) commit: bool,
    /// The leader knows the node's log to match up to here.
    pub(super) matched: bool,
}

impl GridView {
    /// The grid of a log, with one column selected, and with empty columns behind its end up to
    /// a width of `at_least`.
    pub(super) fn new(log: &LogView, selected: Option<u64>, at_least: u32) -> Self {
        let from = log.from.max(1);
        let to = log.to.max(from + u64::from(at_least.max(1)) - 1);
        let columns: Vec<_> = (from..=to).collect();
        let rows = log
            .rows
            .iter()
            .map(|row| RowView::new(row, &columns))
            .collect();
        let selected = selected.and_then(|index| columns.iter().position(|shown| *shown == index));
        Self {
            columns,
            selected,
            rows,
        }
    }

    /// What stands over a column. Numbers of four digits do not fit beside each other: of those,
    /// every fifth is written out, and the selected one.
    pub(super) fn heading(&self, at: usize) -> String {
        let index = self.columns.get(at).copied().unwrap_or_default();
        if index < 1_000 || index % 5 == 0 || self.selected == Some(at) {
            index.to_string()
        } else {
            String::new()
        }
    }

    /// The row of a node.
    pub(super) fn row(&self, node: NodeId) -> Option<&RowView> {
        self.rows.iter().find(|row| row.node == node)
    }
}

impl RowView {
    fn new(row: &LogRow, columns: &[u64]) -> Self {
        let mut cells = row.cells.iter().peekable();
        let square = |index: &u64| {
            while cells.next_if(|cell| cell.index < *index).is_some() {}
            Square {
                cell: cells.next_if(|cell| cell.index == *index).copied(),
                commit: row.commit_index == *index,
                matched: row.match_index == Some(*index),
            }
        };
        Self {
            node: row.node,
            glyph: glyph_of(row.role),
            term: row.term,
            caption: format!("T{} · commit {}", row.term, row.commit_index),
            squares: columns.iter().map(square).collect(),
        }
    }
}

impl Square {
    /// The class list of the entry's mark: `e t5 com noop`.
    pub(super) fn class(&self) -> String {
        let Some(cell) = self.cell else {
            return String::new();
        };
        let safety = match cell.safety {
            Safety::Volatile => "vol",
            Safety::Durable => "dur",
            Safety::Committed => "com",
        };
        let mut class = format!("e {} {safety}", term_class(cell.term));
        for (applies, name) in [
            (cell.kind == EntryKind::NoOp, " noop"),
            (cell.conflicting, " fork"),
            (self.commit, " cidx"),
        ] {
            if applies {
                class.push_str(name);
            }
        }
        class
    }

    /// What is printed in the cell: the term.
    pub(super) fn digit(&self) -> String {
        self.cell
            .map_or_else(String::new, |cell| cell.term.to_string())
    }

    /// The cell in words: `term 5, no-op, on disk, commit index`.
    pub(super) fn words(&self) -> String {
        let Some(cell) = self.cell else {
            return String::from("–");
        };
        let mut words = format!("term {}", cell.term);
        let safety = match cell.safety {
            Safety::Volatile => "in memory only",
            Safety::Durable => "on disk",
            Safety::Committed => "committed",
        };
        for (applies, part) in [
            (cell.kind == EntryKind::NoOp, "no-op"),
            (true, safety),
            (cell.conflicting, "conflicts with a committed entry"),
            (self.commit, "commit index"),
            (self.matched, "match"),
        ] {
            if applies {
                words.push_str(", ");
                words.push_str(part);
            }
        }
        words
    }
}

/// The class that colours a term: seven slots, then again from the first.
pub(super) const fn term_class(term: u64) -> &'static str {
    const SLOTS: [&str; 7] = ["t1", "t2", "t3", "t4", "t5", "t6", "t7"];
    match term {
        0 => "t0",
        _ => SLOTS[((term - 1) % 7) as usize],
    }
}

const fn glyph_of(role: Option<Role>) -> GlyphKind {
    match role {
        None => GlyphKind::Crashed,
        Some(Role::Follower) => GlyphKind::Follower,
        Some(Role::PreCandidate) => GlyphKind::PreCandidate,
        Some(Role::Candidate) => GlyphKind::Candidate,
        Some(Role::Leader) => GlyphKind::Leader,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(index: u64, term: u64, safety: Safety) -> CellView {
        CellView {
            index,
            term,
            kind: EntryKind::Command,
            safety,
            conflicting: false,
        }
    }

    fn log(cells: Vec<CellView>) -> LogView {
        let row = LogRow {
            node: NodeId(2),
            role: Some(Role::Leader),
            term: 5,
            commit_index: 11,
            match_index: Some(12),
            cells,
        };
        LogView {
            from: 10,
            to: 13,
            rows: vec![row],
            ..LogView::default()
        }
    }

    #[test]
    fn cells_stand_under_their_own_index() {
        let cells = vec![
            cell(9, 4, Safety::Committed),
            cell(11, 5, Safety::Committed),
            cell(12, 5, Safety::Durable),
        ];
        let grid = GridView::new(&log(cells), Some(12), 2);
        assert_eq!(grid.columns, [10, 11, 12, 13]);
        assert_eq!(grid.selected, Some(2));
        let row = grid.row(NodeId(2)).expect("the row of the only voter");
        let classes: Vec<_> = row.squares.iter().map(Square::class).collect();
        assert_eq!(classes, ["", "e t5 com cidx", "e t5 dur", ""]);
        let matched: Vec<_> = row.squares.iter().map(|square| square.matched).collect();
        assert_eq!(matched, [false, false, true, false]);
        assert_eq!(row.caption, "T5 · commit 11");
    }

    #[test]
    fn long_numbers_stand_apart() {
        let log = LogView {
            from: 998,
            to: 1_006,
            ..LogView::default()
        };
        let grid = GridView::new(&log, Some(1_003), 1);
        let headings: Vec<_> = (0..grid.columns.len()).map(|at| grid.heading(at)).collect();
        assert_eq!(
            headings,
            ["998", "999", "1000", "", "", "1003", "", "1005", ""]
        );
    }

    #[test]
    fn a_selection_outside_the_window_selects_no_column() {
        assert_eq!(GridView::new(&log(Vec::new()), Some(3), 1).selected, None);
    }

    #[test]
    fn a_short_log_does_not_stretch() {
        let empty = LogView {
            from: 1,
            to: 0,
            ..log(Vec::new())
        };
        assert_eq!(GridView::new(&empty, None, 3).columns, [1, 2, 3]);
    }

    #[test]
    fn words_say_what_the_shape_says() {
        let noop = CellView {
            kind: EntryKind::NoOp,
            conflicting: true,
            ..cell(12, 5, Safety::Volatile)
        };
        let square = Square {
            cell: Some(noop),
            commit: false,
            matched: true,
        };
        assert_eq!(
            square.words(),
            "term 5, no-op, in memory only, conflicts with a committed entry, match"
        );
        assert_eq!(square.class(), "e t5 vol noop fork");
        assert_eq!(Square::default().words(), "–");
    }

    #[test]
    fn terms_reuse_their_seven_colours_in_order() {
        assert_eq!(
            [0, 1, 7, 8, 14, 15].map(term_class),
            ["t0", "t1", "t7", "t1", "t7", "t1"]
        );
    }
}
