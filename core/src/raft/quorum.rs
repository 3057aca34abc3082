//! The mathematics of majorities, without a node in sight.
//!
//! Two majorities of the same voters share a voter: that is all Raft's safety rests on. Counting
//! is easily subtly wrong (off by one in even groups, a list that was assumed to be sorted), so
//! it lives here as pure functions that are checked exhaustively against a naive count.

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

#[cfg(test)]
mod tests {
    use super::{Tally, majority, reached_by_majority, tally};

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
}
