//! A range of seeds on the command line: `0..1000`.

use std::fmt;
use std::str::FromStr;

/// The seeds from `first` up to, and without, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) end: u64,
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a range of seeds such as 0..1000".to_owned();
        let (first, end) = text.split_once("..").ok_or_else(expected)?;
        let first = first.parse().map_err(|_| expected())?;
        let end = end.parse().map_err(|_| expected())?;
        if first >= end {
            return Err(format!("there is no seed in {first}..{end}"));
        }
        Ok(Self { first, end })
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_two_ends_in_order() {
        assert_eq!("3..5".parse(), Ok(Seeds { first: 3, end: 5 }));
        for bad in ["", "3", "3..", "..5", "5..5", "6..5", "a..b", "3..=5"] {
            assert!(bad.parse::<Seeds>().is_err(), "{bad}");
        }
    }
}
