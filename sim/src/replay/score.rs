//! What came of a replay.
//!
//! One number would hide a trade: the time in which the fleet was too small, the node-hours and
//! the flips stand side by side, and none may be shown alone. The elasticity measures of the
//! benchmarking literature (Herbst, Kounev and others; Bauer and others) are beside them. They
//! are shares of the demand, which explode where the demand is small; the demand is never below
//! one node here.

use std::fmt;

use quorate::Micros;

use super::arithmetic::narrow;
use super::tally::{PARTS, Tally};

/// What came of a replay. All of it integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// How long it lasted.
    pub duration: Micros,
    /// The time in which fewer nodes were ready than demanded.
    pub under_provisioned: Micros,
    /// Ready nodes over time, in node-microseconds.
    pub node_time: u128,
    /// Ready and starting nodes over time, in node-microseconds.
    pub billed_time: u128,
    /// Changes of the fleet.
    pub actions: u64,
    /// Changes against the direction of the one before, within the flip window.
    pub flips: u64,
    /// How well supply followed demand.
    pub elasticity: Elasticity,
    /// Demanded nodes over time: no fleet without under-provisioned time costs less.
    pub oracle_node_time: u128,
    /// The same, paying for starts, or for running on where that is cheaper.
    pub oracle_billed_time: u128,
}

/// How well supply followed demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elasticity {
    /// Missing nodes per demanded node, averaged over time (θ under).
    pub theta_under: Share,
    /// Surplus nodes per demanded node, averaged over time (θ over).
    pub theta_over: Share,
    /// The share of the time in which nodes were missing (τ under).
    pub tau_under: Share,
    /// The share of the time in which there were too many (τ over).
    pub tau_over: Share,
    /// The share of the time in which supply and demand did not change in the same direction (υ).
    pub instability: Share,
}

/// A share, in ten thousandths of the whole; rounded to the nearest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u64);

impl Share {
    fn of(part: u128, whole: u128) -> Self {
        let whole = whole.max(1);
        Self(narrow((part * 10_000 + whole / 2) / whole))
    }
}

impl fmt::Display for Share {
    /// Per cent: `1.24`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Score {
    pub(super) fn of(tally: &Tally, interval: Micros, ideal: u128, billed_ideal: u128) -> Self {
        let dt = u128::from(interval.0);
        let duration = u128::from(tally.ticks) * dt;
        let share_of_time = |time: u128| Share::of(time, duration);
        let ticks_after_first = u128::from(tally.ticks.saturating_sub(1));
        let whole = u128::from(tally.ticks) * u128::from(PARTS);
        Self {
            duration: Micros(narrow(duration)),
            under_provisioned: tally.under,
            node_time: tally.node_ticks * dt,
            billed_time: tally.billed_ticks * dt,
            actions: tally.actions,
            flips: tally.flips,
            elasticity: Elasticity {
                theta_under: Share::of(tally.under_parts, whole),
                theta_over: Share::of(tally.over_parts, whole),
                tau_under: share_of_time(u128::from(tally.under.0)),
                tau_over: share_of_time(u128::from(tally.over.0)),
                instability: Share::of(u128::from(tally.unstable_ticks), ticks_after_first),
            },
            oracle_node_time: ideal,
            oracle_billed_time: billed_ideal,
        }
    }

    /// Node-hours, rounded to the nearest, halves to the even one.
    pub fn node_hours(&self) -> u64 {
        hours(self.node_time)
    }

    /// Node-hours of the oracle, rounded alike.
    pub fn oracle_node_hours(&self) -> u64 {
        hours(self.oracle_node_time)
    }

    /// Under-provisioned minutes, rounded down.
    pub fn minutes(&self) -> u64 {
        self.under_provisioned.as_secs() / 60
    }

    /// What the scaler cost beyond the oracle, in ten thousandths of what the oracle costs, both
    /// billed. Negative if it cost less, at the price of time under-provisioned.
    pub fn regret(&self) -> i64 {
        let (own, ideal) = (
            narrow(self.billed_time),
            narrow(self.oracle_billed_time).max(1),
        );
        let difference = i128::from(own) - i128::from(ideal);
        let regret = difference * 10_000 / i128::from(ideal);
        i64::try_from(regret).unwrap_or(i64::MAX)
    }
}

impl Elasticity {
    /// The five shares as one number, their 5-norm: zero is perfect (σ).
    pub fn deviation(&self) -> Share {
        let shares = [
            self.theta_under,
            self.theta_over,
            self.tau_under,
            self.tau_over,
            self.instability,
        ];
        let power = |share: &Share| u128::from(share.0).saturating_pow(5);
        let sum = shares.iter().map(power).fold(0_u128, u128::saturating_add);
        Share(fifth_root(sum))
    }

    /// How much better supply followed demand than in `other`: the geometric mean of the four
    /// ratios of θ and τ. Above one is better. `None` if one of the own shares is zero, where any
    /// other would be infinitely worse.
    pub fn speed_up_over(&self, other: &Self) -> Option<f64> {
        let pairs = [
            (other.theta_under, self.theta_under),
            (other.theta_over, self.theta_over),
            (other.tau_under, self.tau_under),
            (other.tau_over, self.tau_over),
        ];
        if pairs.iter().any(|(_, own)| own.0 == 0) {
            return None;
        }
        let product: f64 = pairs
            .iter()
            .map(|&(theirs, own)| ratio(theirs, own))
            .product();
        // Two square roots, which are exact on every platform; a power would not be.
        Some(product.sqrt().sqrt())
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a share has far fewer than 53 bits"
)]
fn ratio(theirs: Share, own: Share) -> f64 {
    theirs.0 as f64 / own.0 as f64
}

/// The largest number whose fifth power is not above `value`.
fn fifth_root(value: u128) -> u64 {
    let (mut low, mut high) = (0_u64, 1 << 26);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if u128::from(middle).pow(5) <= value {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    low
}

/// Node-microseconds as node-hours, rounded to the nearest, halves to the even one: a rounding
/// that does not drift where ticks of five minutes make every sixth sum a half.
fn hours(node_time: u128) -> u64 {
    const HOUR: u128 = 3_600_000_000;
    let (whole, rest) = (node_time / HOUR, node_time % HOUR);
    let rounds_up = 2 * rest > HOUR || (2 * rest == HOUR && whole % 2 == 1);
    narrow(whole + u128::from(rounds_up))
}
