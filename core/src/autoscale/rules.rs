//! The rules that make an autoscaler trustworthy, each of which can be broken on purpose.
//!
//! A test that has never failed may be testing nothing. So every rule that some system once got
//! wrong, or that somebody is tempted to leave out, has a name here, and under the feature
//! `mutants` a policy can be told to break one. Without the feature no rule can be broken,
//! [`Rules`] is empty, and the questions cost nothing.

use super::Policy;

/// A rule, named by what holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Rule {
    /// The target lies within the bounds, or no farther from them than the fleet.
    BoundsHold,
    /// A budget's window slides: nothing is forgiven at the turn of a period.
    BudgetWindowSlides,
    /// A budget's share is one of the fleet at the start of its window.
    BudgetShareIsOfTheStart,
    /// Only what was carried out is charged to a budget.
    OnlyExecutedIsCharged,
    /// A fleet that an hour can pay must also be payable when the next begins.
    CostCoversTheNextPeriod,
    /// Nodes that drain still cost.
    DrainingNodesCost,
    /// No ceiling asks for fewer than `min_nodes`.
    CostLeavesMinNodes,
    /// A freeze of everything forbids additions too.
    FreezeHoldsBothDirections,
    /// The nodes that go are taken to be ready ones.
    ReadyShareAssumesTheWorst,
    /// A node without values has no fresh ones.
    AbsentIsNotFresh,
    /// An idle fleet may read the same for hours.
    IdleIsNotFrozen,
    /// A removal pays for the scale-out that may follow it.
    RemovalPaysForTwoFlaps,
    /// For the guards, time does not go back.
    GuardClockNeverGoesBack,
    /// There is at most one open order.
    OneOrderAtATime,
    /// Nothing is ordered until the last order shows.
    OrdersSettle,
    /// A report on an order of another term, or on another order, changes nothing.
    ReportsAreFenced,
    /// Nodes drain before they are removed.
    DrainComesFirst,
    /// A drain that takes too long is called off.
    LateDrainIsCalledOff,
    /// A scale-out does not wait for a drain.
    ScaleOutOvertakesDrain,
    /// After a failure the executor is left alone for a while.
    FailuresBackOff,
    /// A success ends the waiting.
    SuccessResetsBackoff,
    /// An order that is open across a restart keeps its id.
    OrdersKeepTheirId,
    /// An order whose fate nobody knows is charged.
    UnknownFateIsCharged,
    /// A reading that was taken after the decision is not believed.
    ReadingsFromTheFutureAreStale,
    /// One high resource is enough to add nodes.
    AnyHighResourceAdds,
    /// Every resource must be low to remove a node.
    AllMustBeLowToRemove,
    /// Missing data removes no node.
    MissingDataRemovesNothing,
    /// Half as many nodes again is rounded up.
    HalfIsRoundedUp,
    /// A cooldown holds a scale-in after a scale-out.
    CooldownHoldsBothDirections,
    /// A pod without a sample is not one without load.
    HpaMissingIsNotZero,
    /// While a metric fails, the others do not shrink the fleet.
    HpaFailedMetricHolds,
    /// A high recommendation of the last minutes holds the fleet up.
    HpaStabilizes,
    /// A restarted autoscaler removes nothing before it has new averages.
    KpaStartsInPanic,
    /// Without a sample the size stays.
    KpaSilenceHolds,
    /// A check that fails, and is told to, ends the evaluation.
    NomadFailedCheckHolds,
    /// Nothing is scaled during the cooldown.
    NomadCooldownHolds,
    /// Without one of its metrics nothing is scaled.
    WpaMissingMetricHolds,
    /// With too few ready nodes nothing is scaled.
    WpaWaitsForReadiness,
    /// Nodes that warm up count towards the step that ordered them.
    StepWarmUpCounts,
    /// No policy is invoked during the cooldown.
    StepCooldownHolds,
    /// While nodes are silent, none is removed.
    QuorateSilenceRemovesNothing,
    /// Work that waits is demand, though CPU stops at 100 %.
    QuorateQueueIsDemand,
    /// Only what was carried out can be regretted.
    QuorateRegretsWhatWasDone,
    /// Yesterday is followed only while it was right.
    QuorateSeasonEarnsTrust,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 44] = [
        Self::BoundsHold,
        Self::BudgetWindowSlides,
        Self::BudgetShareIsOfTheStart,
        Self::OnlyExecutedIsCharged,
        Self::CostCoversTheNextPeriod,
        Self::DrainingNodesCost,
        Self::CostLeavesMinNodes,
        Self::FreezeHoldsBothDirections,
        Self::ReadyShareAssumesTheWorst,
        Self::AbsentIsNotFresh,
        Self::IdleIsNotFrozen,
        Self::RemovalPaysForTwoFlaps,
        Self::GuardClockNeverGoesBack,
        Self::OneOrderAtATime,
        Self::OrdersSettle,
        Self::ReportsAreFenced,
        Self::DrainComesFirst,
        Self::LateDrainIsCalledOff,
        Self::ScaleOutOvertakesDrain,
        Self::FailuresBackOff,
        Self::SuccessResetsBackoff,
        Self::OrdersKeepTheirId,
        Self::UnknownFateIsCharged,
        Self::ReadingsFromTheFutureAreStale,
        Self::AnyHighResourceAdds,
        Self::AllMustBeLowToRemove,
        Self::MissingDataRemovesNothing,
        Self::HalfIsRoundedUp,
        Self::CooldownHoldsBothDirections,
        Self::HpaMissingIsNotZero,
        Self::HpaFailedMetricHolds,
        Self::HpaStabilizes,
        Self::KpaStartsInPanic,
        Self::KpaSilenceHolds,
        Self::NomadFailedCheckHolds,
        Self::NomadCooldownHolds,
        Self::WpaMissingMetricHolds,
        Self::WpaWaitsForReadiness,
        Self::StepWarmUpCounts,
        Self::StepCooldownHolds,
        Self::QuorateSilenceRemovesNothing,
        Self::QuorateQueueIsDemand,
        Self::QuorateRegretsWhatWasDone,
        Self::QuorateSeasonEarnsTrust,
    ];
}

/// Which rules are kept: all of them, or under the feature `mutants` all but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    #[cfg(feature = "mutants")]
    broken: Option<Rule>,
}

impl Rules {
    /// All but `rule`.
    #[cfg(feature = "mutants")]
    pub(super) const fn without(rule: Rule) -> Self {
        Self { broken: Some(rule) }
    }

    /// Whether a rule is kept.
    #[cfg(feature = "mutants")]
    pub(super) fn keep(self, rule: Rule) -> bool {
        self.broken != Some(rule)
    }

    /// Whether a rule is kept: always.
    #[cfg(not(feature = "mutants"))]
    #[expect(
        clippy::unused_self,
        reason = "with the feature `mutants` it depends on the policy"
    )]
    pub(super) const fn keep(self, _: Rule) -> bool {
        true
    }
}

impl Policy {
    /// The same policy, which breaks `rule`, as does the controller that runs it.
    #[cfg(feature = "mutants")]
    #[must_use]
    pub fn breaking(mut self, rule: Rule) -> Self {
        self.guards = self.guards.breaking(rule);
        self
    }

    /// The rules that it keeps.
    pub(super) const fn rules(&self) -> Rules {
        self.guards.rules()
    }
}
