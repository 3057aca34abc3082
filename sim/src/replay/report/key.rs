//! How a policy is told from the others: a letter, a colour, a dash and a shape.
//!
//! The colour alone would be lost on a printer and on one reader in twelve.

use super::super::comparison::Comparison;

/// How many looks there are: `.p0` to `.p7` in the style sheet.
const LOOKS: usize = 8;
/// Strategies with a look of their own, in the order of the looks.
const STRATEGIES: [&str; 7] = [
    "quorate",
    "hpa",
    "kpa",
    "threshold",
    "nomad",
    "wpa",
    "step_scaling",
];
/// Marks around the origin, some ten units wide.
const SHAPES: [&str; LOOKS] = [
    "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z",
    "M-4.5-4.5H4.5V4.5H-4.5Z",
    "M0-5.8L5.6 4.4H-5.6Z",
    "M0-6.2L6.2 0L0 6.2L-6.2 0Z",
    "M0 5.8L5.6-4.4H-5.6Z",
    "M-1.7-5.5H1.7V-1.7H5.5V1.7H1.7V5.5H-1.7V1.7H-5.5V-1.7H-1.7Z",
    "M-5.5-2.2H5.5V2.2H-5.5Z",
    "M-2.2-5.5H2.2V5.5H-2.2Z",
];

/// How a policy looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// `A` for the first one.
    pub(super) letter: char,
    /// The number of its look: the class `p0` has the colour and the dash.
    pub(super) look: usize,
}

impl Key {
    /// The outline of its mark.
    pub(super) const fn shape(self) -> &'static str {
        SHAPES[self.look % LOOKS]
    }
}

/// The keys of all policies: the look of the strategy, or the next free one if that is taken.
pub(super) fn keys(comparison: &Comparison) -> Vec<Key> {
    let mut taken = [false; LOOKS];
    let own = |strategy: &str| STRATEGIES.iter().position(|known| *known == strategy);
    let wanted: Vec<Option<usize>> = comparison
        .policies
        .iter()
        .map(|run| own(&run.strategy).filter(|&look| !std::mem::replace(&mut taken[look], true)))
        .collect();
    let look = |(index, wanted): (usize, Option<usize>)| {
        wanted.unwrap_or_else(|| {
            // From the end: what is left of the colours that no strategy here has.
            let free = taken.iter().rposition(|taken| !taken);
            let look = free.unwrap_or(index % LOOKS);
            taken[look] = true;
            look
        })
    };
    let looks = wanted.into_iter().enumerate().map(look);
    looks
        .zip('A'..='Z')
        .map(|(look, letter)| Key { letter, look })
        .collect()
}
