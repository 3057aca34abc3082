//! The safest of several actions.
//!
//! Adding up or averaging votes lets two idle metrics outvote one that is on fire. Here the
//! riskiest thing that can happen is what the *most careful* check wants.

use super::{Action, Direction};

/// What to do if a check fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum OnError {
    /// The check does not vote.
    #[default]
    Ignore,
    /// Nothing is done at all.
    Fail,
}

/// What to do if a check fails: what the check says, else what the policy says, else ignore it.
pub fn on_error(check: Option<OnError>, policy: Option<OnError>) -> OnError {
    check.or(policy).unwrap_or_default()
}

/// The vote of one check.
#[derive(Clone, Copy, Debug)]
pub struct Vote<'a> {
    /// The group of the check; empty if it stands alone.
    pub group: &'a str,
    /// What it wants; `None` if it has nothing to say.
    pub action: Option<&'a Action>,
}

/// The one of two actions that goes first: up before none before down, then the higher count.
/// Of equals the first.
pub fn preempt<'a>(first: &'a Action, second: &'a Action) -> &'a Action {
    if second_goes_first(first, second) {
        second
    } else {
        first
    }
}

/// The number of the vote that wins; `None` if nobody votes.
///
/// Within a named group, votes for staying count only if all vote so. Of equal votes the earliest
/// wins. O(n²) for n votes, of which there are few.
pub fn merge(votes: &[Vote<'_>]) -> Option<usize> {
    winner(votes.len(), |at| votes[at])
}

/// The same for `count` votes that are not in a row.
pub(super) fn winner<'a>(count: usize, vote: impl Fn(usize) -> Vote<'a>) -> Option<usize> {
    let better = |winner: usize, other: usize| match (vote(winner).action, vote(other).action) {
        (Some(first), Some(second)) if !second_goes_first(first, second) => winner,
        (Some(_), None) => winner,
        _ => other,
    };
    let is_first = |at: &usize| (0..*at).all(|other| vote(other).group != vote(*at).group);
    (0..count)
        .filter(is_first)
        .filter_map(|first| winner_of_group(first, count, &vote, better))
        .reduce(better)
}

/// The winner of the group that begins with the vote `first`.
fn winner_of_group<'a>(
    first: usize,
    count: usize,
    vote: &impl Fn(usize) -> Vote<'a>,
    better: impl Fn(usize, usize) -> usize,
) -> Option<usize> {
    let group = vote(first).group;
    let members = || (first..count).filter(|at| vote(*at).group == group);
    let direction = |at: usize| vote(at).action.map(|action| action.direction);
    let stays = |at: usize| direction(at) == Some(Direction::None);
    if !group.is_empty() && members().all(stays) {
        return Some(first);
    }
    members()
        .filter(|&at| direction(at).is_some() && (group.is_empty() || !stays(at)))
        .reduce(better)
}

fn second_goes_first(first: &Action, second: &Action) -> bool {
    let moves = first.direction != Direction::None;
    second.direction > first.direction
        || (moves && second.direction == first.direction && second.count > first.count)
}
