//! Which seeds are done: a set of numbers that has few gaps, as ranges.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A set of seeds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub struct Ranges(
    /// First and last of each, ascending, with gaps in between.
    Vec<(u64, u64)>,
);

impl Ranges {
    /// Whether a seed is in it. Logarithmic in the number of gaps.
    pub fn contains(&self, seed: u64) -> bool {
        let at = self.0.partition_point(|&(_, last)| last < seed);
        self.0.get(at).is_some_and(|&(first, _)| first <= seed)
    }

    /// How many seeds are in it.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts a seed in.
    pub fn insert(&mut self, seed: u64) {
        let at = self.0.partition_point(|&(_, last)| last < seed);
        if self.0.get(at).is_some_and(|&(first, _)| first <= seed) {
            return;
        }
        let joins_before = at > 0 && self.0[at - 1].1 + 1 == seed;
        let joins_after = self.0.get(at).is_some_and(|&(first, _)| first - 1 == seed);
        match (joins_before, joins_after) {
            (true, true) => {
                self.0[at - 1].1 = self.0[at].1;
                self.0.remove(at);
            }
            (true, false) => self.0[at - 1].1 = seed,
            (false, true) => self.0[at].0 = seed,
            (false, false) => self.0.insert(at, (seed, seed)),
        }
    }
}

impl TryFrom<Vec<(u64, u64)>> for Ranges {
    type Error = String;

    fn try_from(ranges: Vec<(u64, u64)>) -> Result<Self, String> {
        let ordered = ranges.iter().all(|(first, last)| first <= last);
        let apart = ranges.windows(2).all(|pair| {
            pair[0]
                .1
                .checked_add(1)
                .is_some_and(|next| next < pair[1].0)
        });
        if ordered && apart {
            return Ok(Self(ranges));
        }
        Err("expected ranges of seeds, ascending, with gaps in between".into())
    }
}

impl From<Ranges> for Vec<(u64, u64)> {
    fn from(ranges: Ranges) -> Self {
        ranges.0
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (first, last)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{first}..{}", last + 1)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_in_any_order_become_ranges() {
        let mut ranges = Ranges::default();
        for seed in [5, 3, 9, 4, 0, 4, 1] {
            ranges.insert(seed);
        }
        assert_eq!(ranges.to_string(), "0..2, 3..6, 9..10");
        assert_eq!(ranges.len(), 6);
        let inside: Vec<u64> = (0..12).filter(|&seed| ranges.contains(seed)).collect();
        assert_eq!(inside, [0, 1, 3, 4, 5, 9]);
        let json = serde_json::to_string(&ranges).unwrap();
        assert_eq!(json, "[[0,1],[3,5],[9,9]]");
        assert_eq!(serde_json::from_str::<Ranges>(&json).unwrap(), ranges);
        for bad in ["[[3,1]]", "[[0,3],[4,5]]", "[[5,6],[1,2]]"] {
            assert!(serde_json::from_str::<Ranges>(bad).is_err(), "{bad}");
        }
    }
}
