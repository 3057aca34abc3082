//! How to draw more marks and messages than there are pixels.
//!
//! A day of a cluster has a million commits and a billion messages. Drawing each of them would
//! take seconds and paint one solid block. What can be seen is at most one mark per few columns
//! of pixels, so only that is kept; what matters more (a violation, an election) pushes out what
//! matters less, never the other way round.

use quorate::Micros;
use quorate_sim::{Mark, MarkKind};

use super::scale::Scale;
use crate::canvas::{column, real};

/// The kinds of marks, the most important first.
const BY_IMPORTANCE: [MarkKind; 9] = [
    MarkKind::Violation,
    MarkKind::Election,
    MarkKind::SplitVote,
    MarkKind::ScaleOut,
    MarkKind::ScaleIn,
    MarkKind::Prune,
    MarkKind::Action,
    MarkKind::Merge,
    MarkKind::Commit,
];

/// How important a kind of mark is; zero is the most important.
pub(super) fn importance(kind: MarkKind) -> usize {
    BY_IMPORTANCE
        .iter()
        .position(|other| *other == kind)
        .unwrap_or(BY_IMPORTANCE.len() - 1)
}

/// How many columns a mark keeps free on both sides of itself, within its row.
const fn elbow_room(kind: MarkKind) -> usize {
    match kind {
        MarkKind::Violation | MarkKind::Election => 4,
        MarkKind::Commit => 3,
        _ => 11,
    }
}

/// A mark that is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Kept {
    /// What it marks.
    pub(super) kind: MarkKind,
    /// Its column, counted from the left end of the axis.
    pub(super) column: usize,
}

/// Which kinds of marks fall into which column of an axis, kept from drawing to drawing.
///
/// Marks only ever come at the end, so each is looked at once; only another axis or another past
/// starts over. What the history has forgotten meanwhile stays in its column.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    kinds: Vec<u16>,
    end: Micros,
    last_event: Option<u64>,
}

impl Columns {
    /// Takes in the marks that are new since the last time.
    pub(super) fn update(&mut self, marks: &[Mark], scale: &Scale) {
        let width = column(scale.width()) + 1;
        let known = |last: u64| marks.partition_point(|mark| mark.event <= last);
        let mut first_new = self.last_event.map_or(0, known);
        let last_known = first_new.checked_sub(1).map(|i| marks[i].event);
        if self.kinds.len() != width || self.end != scale.to || last_known != self.last_event {
            *self = Self {
                kinds: vec![0; width],
                end: scale.to,
                last_event: None,
            };
            first_new = 0;
        }
        for mark in &marks[first_new..] {
            let at = column(scale.x(mark.at) - scale.left).min(width - 1);
            self.kinds[at] |= 1 << importance(mark.kind);
        }
        self.last_event = marks.last().map(|mark| mark.event);
    }

    /// The marks to draw, the most important last so that they lie on top.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let mut kept = Vec::new();
        // Commits have a row of their own.
        let mut shapes = vec![false; self.kinds.len()];
        let mut hairlines = vec![false; self.kinds.len()];
        for (bit, kind) in BY_IMPORTANCE.into_iter().enumerate() {
            let row = if kind == MarkKind::Commit {
                &mut hairlines
            } else {
                &mut shapes
            };
            let room = elbow_room(kind);
            let mut free_from = 0;
            for at in 0..self.kinds.len() {
                let is_wanted = self.kinds[at] & (1 << bit) != 0 && at >= free_from;
                if !is_wanted {
                    continue;
                }
                let nearby = at.saturating_sub(room)..(at + room).min(row.len());
                if kind == MarkKind::Violation || !row[nearby].contains(&true) {
                    row[at] = true;
                    free_from = at + room;
                    kept.push(Kept { kind, column: at });
                }
            }
        }
        kept.reverse();
        kept
    }
}

/// Lets through so many messages of each sort that the diagram stays readable and cheap.
///
/// It is used in two passes over the same messages: first all are announced, then each is asked
/// for.
#[derive(Clone, Debug, Default)]
pub(super) struct Sieve {
    gap: f64,
    announced: usize,
    /// Where the last message of each sort was let through; `None` for sorts that do not occur.
    last: Vec<Option<f64>>,
}

/// As many lines as a diagram can carry.
const MOST_LINES: usize = 700;

impl Sieve {
    /// Starts over, for messages of up to `sorts` sorts.
    pub(super) fn clear(&mut self, sorts: usize) {
        self.announced = 0;
        self.last.clear();
        self.last.resize(sorts, None);
    }

    /// Announces a message.
    pub(super) fn announce(&mut self, sort: usize) {
        if let Some(last) = self.last.get_mut(sort) {
            *last = Some(f64::NEG_INFINITY);
            self.announced += 1;
        }
    }

    /// Ends the announcements, for an axis of `width`.
    pub(super) fn open(&mut self, width: f64) {
        let sorts = self.last.iter().filter(|last| last.is_some()).count();
        self.gap = if self.announced <= MOST_LINES {
            0.0
        } else {
            width * real(sorts as u64) / real(MOST_LINES as u64)
        };
    }

    /// Whether the next message of a sort, at `x`, is drawn.
    pub(super) fn lets_through(&mut self, sort: usize, x: f64) -> bool {
        let Some(Some(last)) = self.last.get_mut(sort) else {
            return false;
        };
        let passes = x - *last >= self.gap;
        if passes {
            *last = x;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale() -> Scale {
        Scale {
            from: Micros::ZERO,
            to: Micros(1_000_000),
            left: 50.0,
            right: 1_050.0,
        }
    }

    fn mark(at: u64, kind: MarkKind) -> Mark {
        Mark {
            at: Micros(at),
            event: at,
            kind,
            node: None,
            text: String::new(),
        }
    }

    fn kept(marks: &[Mark]) -> Vec<Kept> {
        let mut columns = Columns::default();
        columns.update(marks, &scale());
        columns.kept()
    }

    #[test]
    fn a_million_commits_become_a_few_hundred_hairlines() {
        let marks: Vec<_> = (0..1_000_000)
            .map(|at| mark(at, MarkKind::Commit))
            .collect();
        let kept = kept(&marks);
        assert!((250..=350).contains(&kept.len()), "{}", kept.len());
    }

    #[test]
    fn important_marks_push_out_others() {
        let marks = [
            mark(500_000, MarkKind::Merge),
            mark(502_000, MarkKind::Merge),
            mark(504_000, MarkKind::Violation),
            mark(506_000, MarkKind::Election),
            mark(600_000, MarkKind::Merge),
        ];
        let kept: Vec<_> = kept(&marks)
            .iter()
            .map(|kept| (kept.kind, kept.column))
            .collect();
        assert_eq!(kept, [(MarkKind::Merge, 600), (MarkKind::Violation, 504)]);
    }

    #[test]
    fn commits_and_shapes_do_not_compete() {
        let marks = [
            mark(500_000, MarkKind::Commit),
            mark(500_000, MarkKind::Election),
        ];
        assert_eq!(kept(&marks).len(), 2);
    }

    #[test]
    fn new_marks_are_added_and_another_past_starts_over() {
        let first: Vec<_> = (0..10)
            .map(|i| mark(i * 90_000, MarkKind::Commit))
            .collect();
        let mut columns = Columns::default();
        columns.update(&first[..4], &scale());
        columns.update(&first, &scale());
        assert_eq!(columns.kept(), kept(&first));
        // Three commits were taken back, and something else happened instead.
        let mut second = first[..7].to_vec();
        second.extend((7..12).map(|i| mark(i * 75_000 + 1, MarkKind::Election)));
        columns.update(&second, &scale());
        assert_eq!(columns.kept(), kept(&second));
        columns.update(&[], &scale());
        assert_eq!(columns.kept(), []);
    }

    #[test]
    fn what_the_history_forgets_stays_on_the_track() {
        let marks: Vec<_> = (0..10)
            .map(|i| mark(i * 90_000, MarkKind::Commit))
            .collect();
        let mut columns = Columns::default();
        columns.update(&marks, &scale());
        columns.update(&marks[4..], &scale());
        assert_eq!(columns.kept(), kept(&marks));
    }

    /// How many of `count` messages of 20 sorts are let through.
    fn sieved(count: u32) -> usize {
        let messages = || {
            (0..count).map(|i| {
                (
                    i as usize % 20 * 7,
                    f64::from(i) * 1_000.0 / f64::from(count),
                )
            })
        };
        let mut sieve = Sieve::default();
        sieve.clear(200);
        messages().for_each(|(sort, _)| sieve.announce(sort));
        sieve.open(1_000.0);
        messages()
            .filter(|(sort, x)| sieve.lets_through(*sort, *x))
            .count()
    }

    #[test]
    fn a_sieve_lets_few_messages_pass_and_thins_many() {
        assert_eq!(sieved(500), 500);
        for count in [701, 5_000, 50_000] {
            let passed = sieved(count);
            assert!((300..=MOST_LINES).contains(&passed), "{passed} of {count}");
        }
    }
}
