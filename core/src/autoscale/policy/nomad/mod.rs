//! The Nomad Autoscaler: small strategies that vote, and a merge that takes the safest vote.
//!
//! One formula over all metrics hides which of them asked for what. Here every check has one
//! metric and one strategy and proposes a count for itself; the proposals are capped to the
//! limits one by one and then merged: a way up beats staying, staying beats a way down, and of
//! two counts in the same direction the larger one wins. Checks that look at the same thing can
//! form a group, in which votes for staying count only if nobody votes otherwise.
//!
//! | stage | file |
//! |---|---|
//! | one check: samples and count become an action | `strategy` |
//! | an action, its reasons, its limits | `action` |
//! | the safest of several actions | `merge` |
//! | idle, waiting, scaling, cooldown | `handler` |
//!
//! [`Nomad`] puts them together for a fleet of nodes; its [`NomadRecord`] keeps every number.
//!
//! Nomad computes counts in IEEE doubles, noise included: 100 plus 10 % is 111, because
//! 100 * 1.1 is a little more than 110 and is rounded up. This copy does the same. After
//! `hashicorp/nomad-autoscaler`, `plugins/builtin/strategy`, `sdk/strategy.go` and
//! `policy/handler.go` (MPL-2.0).

mod action;
mod evaluate;
mod handler;
mod merge;
mod record;
mod settings;
mod strategy;

pub use action::{Action, DRY_RUN_COUNT, Direction, Meta, Reason};
pub use evaluate::NomadState;
pub use handler::{Cooldowns, Handler, HandlerState, Offer};
pub use merge::{OnError, Vote, merge, on_error, preempt};
pub use record::{CheckRecord, NomadRecord, NomadRule};
pub use settings::{Nomad, NomadCheck, NomadError, NomadSettings};
pub use strategy::{
    Check, FixedValue, PassThrough, StrategyError, TargetValue, Tier, TierChange, direction,
};
