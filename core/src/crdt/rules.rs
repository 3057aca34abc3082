//! The rules that make the replicated types right, each of which can be broken on purpose.
//!
//! Most of them look like one check too many, and random histories find some only by luck. So every
//! rule that some design once left out has a name here, with the history that needs it, and under
//! the feature `mutants` a store or a replica can be told to break one. Without the feature no rule
//! can be broken, `Rules` is empty, and the questions cost nothing.

use super::Store;

/// A rule of the replicated types, named by what holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Rule {
    /// An add that takes the place of an earlier one is journalled like a removal: who lacks its
    /// record shows the earlier one for ever.
    SupersedingAddIsJournalled,
    /// A delta attaches only where all that it builds on was seen: otherwise the killer of a dead
    /// event is taken for seen and never asked for.
    DeltaAttaches,
    /// Who is below the floor is sent a full state: a delta would lack the forgotten removals.
    DeltaStaysAboveFloor,
    /// Who joins a full state takes over its floor: otherwise it claims a journal that it never had.
    FloorComesWithFullState,
    /// A full state is joined: put in place, it loses what was not sent yet.
    FullStateIsJoined,
    /// A removal that is forgotten raises the floor. The classic set forgets by age and has no floor:
    /// whoever was away brings the element back.
    ForgettingRaisesFloor,
    /// A part of a delta that calls an event dead brings its killer.
    CutKeepsKillers,
    /// An event is durable before anybody is shown it: a crash would spend its dot twice.
    DurableBeforeShown,
    /// A restart counts on from all events ever made, not from those that are still live.
    CounterOutlivesEvents,
    /// A replica is closed only where everybody holds equally many of its events.
    CloseNeedsEquality,
    /// A report counts only in the epoch in which it was made.
    ReportsEndWithEpoch,
    /// That a table was entered, and so that its fenced replicas are frozen out, is durable.
    FreezeIsDurable,
    /// Nothing of a fenced replica is taken in.
    FencedIsNotHeard,
    /// What a returning replica alone holds of others keeps its dots: made anew, it comes back to
    /// life with every further replica that returns.
    ReadmittedKeepsDots,
    /// A write is stamped above all that its writer has seen, wherever the wall clock is.
    StampsAreHybrid,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 15] = [
        Self::SupersedingAddIsJournalled,
        Self::DeltaAttaches,
        Self::DeltaStaysAboveFloor,
        Self::FloorComesWithFullState,
        Self::FullStateIsJoined,
        Self::ForgettingRaisesFloor,
        Self::CutKeepsKillers,
        Self::DurableBeforeShown,
        Self::CounterOutlivesEvents,
        Self::CloseNeedsEquality,
        Self::ReportsEndWithEpoch,
        Self::FreezeIsDurable,
        Self::FencedIsNotHeard,
        Self::ReadmittedKeepsDots,
        Self::StampsAreHybrid,
    ];

    /// Those that make the agreement on a closed replica true. A kernel that is not sure of them has
    /// no reason to check that agreement again when it enters the table.
    pub(super) const OF_AGREEMENT: [Self; 4] = [
        Self::CloseNeedsEquality,
        Self::ReportsEndWithEpoch,
        Self::FreezeIsDurable,
        Self::FencedIsNotHeard,
    ];
}

/// Which rules are kept: all of them, or under the feature `mutants` all but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    #[cfg(feature = "mutants")]
    broken: Option<Rule>,
}

impl Rules {
    /// Whether a rule is kept.
    #[cfg(feature = "mutants")]
    pub(super) fn keep(self, rule: Rule) -> bool {
        self.broken != Some(rule)
    }

    /// Whether a rule is kept: always.
    #[cfg(not(feature = "mutants"))]
    #[expect(
        clippy::unused_self,
        reason = "with the feature `mutants` it depends on the store"
    )]
    pub(super) const fn keep(self, _: Rule) -> bool {
        true
    }
}

impl Store {
    /// The same store, which breaks `rule`. A host that redoes changes on an image of its own has to
    /// let that break it, too.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn breaking(mut self, rule: Rule) -> Self {
        self.rules = Rules { broken: Some(rule) };
        self
    }

    /// Whether it keeps a rule.
    pub(super) fn keeps(&self, rule: Rule) -> bool {
        self.rules.keep(rule)
    }
}
