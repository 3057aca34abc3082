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
    let is_first = |at: &usize| {
        votes[..*at]
            .iter()
            .all(|vote| vote.group != votes[*at].group)
    };
    let winners = (0..votes.len())
        .filter(is_first)
        .filter_map(|first| winner_of_group(votes, votes[first].group));
    winners.reduce(|winner, other| better(votes, winner, other))
}

fn winner_of_group(votes: &[Vote<'_>], group: &str) -> Option<usize> {
    let members = || (0..votes.len()).filter(|at| votes[*at].group == group);
    let direction = |at: usize| votes[at].action.map(|action| action.direction);
    let stays = |at: usize| direction(at) == Some(Direction::None);
    if !group.is_empty() && members().all(stays) {
        return members().next();
    }
    members()
        .filter(|&at| direction(at).is_some() && (group.is_empty() || !stays(at)))
        .reduce(|winner, other| better(votes, winner, other))
}

fn better(votes: &[Vote<'_>], winner: usize, other: usize) -> usize {
    match (votes[winner].action, votes[other].action) {
        (Some(first), Some(second)) if second_goes_first(first, second) => other,
        (None, Some(_)) => other,
        _ => winner,
    }
}

fn second_goes_first(first: &Action, second: &Action) -> bool {
    let moves = first.direction != Direction::None;
    second.direction > first.direction
        || (moves && second.direction == first.direction && second.count > first.count)
}
