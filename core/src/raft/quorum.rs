//! The mathematics of majorities, without a node in sight.
//!
//! Two majorities of the same voters share a voter: that is all Raft's safety rests on. Counting
//! is easily subtly wrong (off by one in even groups, a list that was assumed to be sorted), so
//! it lives here as pure functions that are checked exhaustively against a naive count.

use super::config::MAX_VOTERS;

/// The least number of voters that is a majority of `voters`.
pub const fn majority(voters: usize) -> usize {
    voters / 2 + 1
}

/// The largest value that a majority of `values` reaches, one value per voter. With match indices
/// it is what is stored on a majority, with contact times it is since when a majority is silent.
///
/// Sorts `values` in place, which must not be empty: O(n log n) for at most nine.
pub fn reached_by_majority(values: &mut [u64]) -> u64 {
    values.sort_unstable();
    values[values.len() - majority(values.len())]
}

/// One value per voter of one half, without a list of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct VoterValues {
    values: [u64; MAX_VOTERS],
    length: usize,
}

impl VoterValues {
    /// Adds the value of another voter.
    pub(super) fn push(&mut self, value: u64) {
        self.values[self.length] = value;
        self.length += 1;
    }
}

impl AsMut<[u64]> for VoterValues {
    fn as_mut(&mut self) -> &mut [u64] {
        &mut self.values[..self.length]
    }
}

/// How many voters of one half have reached something, and how many have not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    reached: usize,
    missing: usize,
}

impl Count {
    /// Counts another voter.
    pub(super) const fn push(&mut self, has_reached: bool) {
        if has_reached {
            self.reached += 1;
        } else {
            self.missing += 1;
        }
    }

    const fn is_empty(self) -> bool {
        self.reached + self.missing == 0
    }

    /// Whether a majority has reached it. Nobody is no majority.
    const fn is_majority(self) -> bool {
        self.reached > self.missing
    }
}

/// Whether both halves of a joint configuration have reached something: as [`reached_by_both`],
/// for one value.
pub(super) const fn is_reached_by_both(incoming: Count, outgoing: Count) -> bool {
    match (incoming.is_empty(), outgoing.is_empty()) {
        (true, _) => outgoing.is_majority(),
        (false, true) => incoming.is_majority(),
        (false, false) => incoming.is_majority() && outgoing.is_majority(),
    }
}

/// What both halves of a joint configuration reach (paper, section 6): the lesser of the two. An
/// empty half, as when the configuration is not joint, decides nothing; if both are empty the
/// result is zero, since nobody has reached anything.
pub fn reached_by_both(incoming: &mut [u64], outgoing: &mut [u64]) -> u64 {
    match (incoming.is_empty(), outgoing.is_empty()) {
        (true, true) => 0,
        (false, true) => reached_by_majority(incoming),
        (true, false) => reached_by_majority(outgoing),
        (false, false) => reached_by_majority(incoming).min(reached_by_majority(outgoing)),
    }
}

/// Where an election stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// The missing answers decide.
    Open,
    /// A majority granted.
    Won,
    /// So many refused that no majority can grant any more.
    Lost,
}

/// Where an election among `voters` stands after so many grants and refusals.
pub const fn tally(voters: usize, granted: usize, refused: usize) -> Tally {
    let needed = majority(voters);
    if granted >= needed {
        Tally::Won
    } else if voters - refused < needed {
        Tally::Lost
    } else {
        Tally::Open
    }
}

/// Where an election stands that must be won in both halves of a joint configuration.
pub const fn tally_both(incoming: Tally, outgoing: Tally) -> Tally {
    match (incoming, outgoing) {
        (Tally::Won, Tally::Won) => Tally::Won,
        (Tally::Lost, _) | (_, Tally::Lost) => Tally::Lost,
        _ => Tally::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Count, Tally, is_reached_by_both, majority, reached_by_both, reached_by_majority, tally,
        tally_both,
    };

    /// Calls `check` with every list of `length` values below `bound`.
    fn every_list(length: usize, bound: u64, check: &mut impl FnMut(&[u64])) {
        let mut list = [0; 9];
        let list = &mut list[..length];
        loop {
            check(list);
            let Some(at) = list.iter().rposition(|value| *value + 1 < bound) else {
                return;
            };
            list[at] += 1;
            list[at + 1..].fill(0);
        }
    }

    #[test]
    fn two_majorities_always_meet_and_one_less_does_not() {
        for voters in 1..=9 {
            assert!(2 * majority(voters) > voters);
            assert!(2 * (majority(voters) - 1) <= voters);
        }
    }

    #[test]
    fn what_a_majority_reaches_is_what_a_naive_count_says() {
        for voters in 1..=7 {
            let bound = if voters <= 5 { 7 } else { 5 };
            every_list(voters, bound, &mut |values| {
                let held_by = |value: u64| values.iter().filter(|held| **held >= value).count();
                let naive = (0..bound)
                    .filter(|value| 2 * held_by(*value) > voters)
                    .max();
                let mut sorted = [0; 9];
                sorted[..voters].copy_from_slice(values);
                assert_eq!(Some(reached_by_majority(&mut sorted[..voters])), naive);
            });
        }
    }

    #[test]
    fn a_tally_is_decided_exactly_when_the_missing_answers_cannot_change_it() {
        // Each voter is 0 silent, 1 for, 2 against.
        for voters in 1..=7 {
            every_list(voters, 3, &mut |answers| {
                let count = |answer| answers.iter().filter(|given| **given == answer).count();
                let (silent, granted, refused) = (count(0), count(1), count(2));
                let naive = match (2 * granted > voters, 2 * (granted + silent) > voters) {
                    (true, _) => Tally::Won,
                    (false, true) => Tally::Open,
                    (false, false) => Tally::Lost,
                };
                assert_eq!(tally(voters, granted, refused), naive);
            });
        }
    }

    /// A voter is in the incoming half, the outgoing one, or both: 1, 2 or 3.
    fn half_of(roles: &[u64], half: u64) -> impl Iterator<Item = usize> {
        let members = roles
            .iter()
            .enumerate()
            .filter(move |(_, role)| (**role + 1) & half != 0);
        members
            .map(|(at, _)| at)
            .collect::<alloc::vec::Vec<_>>()
            .into_iter()
    }

    /// All overlapping pairs of configurations of up to seven voters in all, with every pattern
    /// of who has reached the value in question.
    #[test]
    fn a_joint_configuration_needs_both_majorities() {
        for voters in 1..=7 {
            every_list(voters, 3, &mut |roles| {
                for reached in 0..1_u64 << voters {
                    let has = |at: &usize| reached >> at & 1 == 1;
                    let half_agrees = |half: u64| {
                        let size = half_of(roles, half).count();
                        size == 0 || 2 * half_of(roles, half).filter(has).count() > size
                    };
                    let naive = half_agrees(1) && half_agrees(2);
                    let list = |half: u64| {
                        let mut list = [0; 7];
                        let mut length = 0;
                        for at in half_of(roles, half) {
                            list[length] = reached >> at & 1;
                            length += 1;
                        }
                        (list, length)
                    };
                    let ((mut incoming, a), (mut outgoing, b)) = (list(1), list(2));
                    let both = reached_by_both(&mut incoming[..a], &mut outgoing[..b]);
                    assert_eq!(both == 1, naive, "{roles:?} {reached:b}");
                    let count = |half: u64| {
                        let mut count = Count::default();
                        half_of(roles, half).for_each(|at| count.push(has(&at)));
                        count
                    };
                    assert_eq!(is_reached_by_both(count(1), count(2)), naive);
                    let half_tally = |half: u64| {
                        let granted = half_of(roles, half).filter(has).count();
                        let size = half_of(roles, half).count();
                        if size == 0 {
                            Tally::Won
                        } else {
                            tally(size, granted, size - granted)
                        }
                    };
                    let won = tally_both(half_tally(1), half_tally(2)) == Tally::Won;
                    assert_eq!(won, naive);
                }
            });
        }
    }

    #[test]
    fn nobody_has_reached_anything_where_nobody_votes() {
        assert_eq!(reached_by_both(&mut [], &mut []), 0);
        assert!(!is_reached_by_both(Count::default(), Count::default()));
    }
}
