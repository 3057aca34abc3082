//! Searching a list of one replica's counters.
//!
//! A binary search over a million of them waits for memory twenty times. But no counter is there
//! twice, so two of them are at least as far apart as their places: the first and the last leave a
//! window, which is a single place where nothing is missing, as in a set that only ever grew, and
//! which is no longer than the news where the news are asked for.

/// The place of the first of `len` ascending counters that lies above a bound; `len` if none does.
pub(super) fn first_above(len: usize, counter: impl Fn(usize) -> u64, bound: u64) -> usize {
    let Some(end) = len.checked_sub(1) else {
        return 0;
    };
    let (first, last) = (counter(0), counter(end));
    if bound < first {
        return 0;
    }
    if bound >= last {
        return len;
    }
    // No more of them can lie above the bound, and no more at it and below.
    let above = usize::try_from(last - bound).map_or(len, |above| above.min(len));
    let below = usize::try_from(bound - first).map_or(end, |below| below.min(end)) + 1;
    let (mut from, mut upto) = (len - above, below);
    while from < upto {
        let middle = from.midpoint(upto);
        let is_below = counter(middle) <= bound;
        from = if is_below { middle + 1 } else { from };
        upto = if is_below { upto } else { middle };
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_a_walk_finds() {
        let lists: [&[u64]; 6] = [
            &[],
            &[5],
            &[1, 2, 3, 4, 5, 6],
            &[1, 2, 3, 40, 41, 42],
            &[3, 7, 8, 20, 21, 30, 31],
            &[1, u64::MAX - 1, u64::MAX],
        ];
        for list in lists {
            for bound in (0..50).chain([u64::MAX - 2, u64::MAX - 1, u64::MAX]) {
                let walked = list.iter().take_while(|&&counter| counter <= bound);
                let found = first_above(list.len(), |at| list[at], bound);
                assert_eq!(found, walked.count(), "{bound} in {list:?}");
            }
        }
    }
}
