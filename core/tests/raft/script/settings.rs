//! The settings of nodes, as scripts name them.

use quorate::raft::{Config, Forwarding, ReadPolicy, RemovalPolicy, Validation};
use quorate::{Micros, NodeId};

use super::Stop;
use super::words::{Words, senseless};

/// The rule that every node breaks, if any can be broken at all.
#[cfg(feature = "mutants")]
pub(crate) type BrokenRule = Option<quorate::raft::Rule>;
/// The rule that every node breaks: none, without the feature.
#[cfg(not(feature = "mutants"))]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum BrokenRule {
    #[default]
    None,
}

/// Round numbers, so that stories can be followed in the head: a heartbeat every 20 ms, elections
/// after 100 to 200 ms.
pub(super) fn default_config(id: NodeId, broken: BrokenRule) -> Config {
    let config = Config {
        election_timeout: Micros::from_millis(100),
        heartbeat_interval: Micros::from_millis(20),
        ..Config::new(id)
    };
    breaking(config, broken)
}

#[cfg(feature = "mutants")]
fn breaking(mut config: Config, broken_rule: BrokenRule) -> Config {
    config.broken_rule = broken_rule;
    config
}

#[cfg(not(feature = "mutants"))]
fn breaking(config: Config, BrokenRule::None: BrokenRule) -> Config {
    config
}

/// Sets what `words` say: `pre-vote off`, `max-inflight 2`, `reads lease 1000`.
pub(super) fn set(config: &mut Config, words: &mut Words<'_>) -> Result<(), Stop> {
    match words.word("a setting")? {
        "pre-vote" => config.pre_vote = on(words)?,
        "check-quorum" => config.check_quorum = on(words)?,
        "election-timeout" => config.election_timeout = millis(words)?,
        "heartbeat-interval" => config.heartbeat_interval = millis(words)?,
        "max-append-entries" => config.max_append_entries = count(words)?,
        "max-append-bytes" => config.max_append_bytes = words.number("bytes")?,
        "max-inflight" => config.max_inflight_appends = count(words)?,
        "max-inflight-bytes" => config.max_inflight_bytes = words.number("bytes")?,
        "max-uncommitted-bytes" => config.max_uncommitted_bytes = words.number("bytes")?,
        "reads" => config.reads = read_policy(words)?,
        "forwarding" => {
            config.forwarding = if on(words)? {
                Forwarding::ToLeader
            } else {
                Forwarding::Off
            };
        }
        "step-down-on-removal" => {
            let steps_down = on(words)?;
            config.removal = if steps_down {
                RemovalPolicy::StepDown
            } else {
                RemovalPolicy::KeepLeading
            };
        }
        "validation" => {
            config.validation = if on(words)? {
                Validation::Enforced
            } else {
                Validation::Off
            };
        }
        other => return Err(senseless("a setting", other)),
    }
    words.end()
}

fn read_policy(words: &mut Words<'_>) -> Result<ReadPolicy, Stop> {
    match words.word("a way to confirm reads")? {
        "quorum" => Ok(ReadPolicy::Quorum),
        "lease" => {
            let drift = words.number("the drift in millionths")?;
            let max_drift_ppm = u32::try_from(drift).unwrap_or(u32::MAX);
            Ok(ReadPolicy::Lease { max_drift_ppm })
        }
        other => Err(senseless("quorum or lease", other)),
    }
}

fn on(words: &mut Words<'_>) -> Result<bool, Stop> {
    match words.word("on or off")? {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(senseless("on or off", other)),
    }
}

fn millis(words: &mut Words<'_>) -> Result<Micros, Stop> {
    words.number("milliseconds").map(Micros::from_millis)
}

fn count(words: &mut Words<'_>) -> Result<usize, Stop> {
    let number = words.number("a count")?;
    usize::try_from(number).map_err(|_| senseless("a count", "too many"))
}
