//! Many runs become a few distinct failures, whatever the order in which they end.
//!
//! Threads finish in any order, and a campaign may be interrupted and taken up again. What is found
//! must not depend on either: of two failures of one cause the one with the lower seed is kept.

use std::collections::BTreeMap;

use quorate::Micros;
use serde::{Deserialize, Serialize};

use super::outcome::{ExpectedLoss, Outcome, Signature, Violation};
use super::ranges::Ranges;
use super::swarm::Model;
use crate::fault_model::Assumption;

/// What was found so far, and which seeds it took. It is the file from which a campaign goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// The version of this format: 1.
    pub version: u32,
    /// The mutant's name.
    pub mutant: String,
    /// Which faults its scenarios have.
    #[serde(default)]
    pub model: Model,
    /// The seeds that were run.
    pub done: Ranges,
    /// Events of all of them.
    pub events: u64,
    /// Simulated time of all of them.
    pub simulated: Micros,
    /// How many runs failed.
    pub failed: u64,
    /// The distinct failures, by their short name.
    pub failures: BTreeMap<String, Failure>,
    /// How many runs ended in a loss that was to be expected, which is no failure.
    #[serde(default)]
    pub lost: u64,
    /// These, by assumption and invariant.
    #[serde(default)]
    pub losses: Vec<LossTally>,
}

/// How often an invariant broke because an assumption had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossTally {
    /// The assumption that broke.
    pub assumption: Assumption,
    /// The name of the invariant that broke after it.
    pub invariant: String,
    /// The lowest seed.
    pub seed: u64,
    /// How many runs.
    pub runs: u64,
}

/// A failure, and the run with the lowest seed that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The lowest seed.
    pub seed: u64,
    /// How many runs failed like this.
    pub runs: u64,
    /// What broke.
    pub violation: Violation,
}

/// What an outcome adds to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing but its counts.
    Nothing,
    /// A failure that was not known, or one with a lower seed.
    Failure,
}

/// The version of the format.
const VERSION: u32 = 1;

impl Campaign {
    /// A campaign that has not begun.
    pub fn new(mutant: &str, model: Model) -> Self {
        Self {
            version: VERSION,
            mutant: mutant.into(),
            model,
            ..Self::default()
        }
    }

    /// Reads a campaign to go on with; `Err` says what is wrong.
    pub fn parse(json: &str) -> Result<Self, String> {
        let campaign: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if campaign.version != VERSION {
            return Err(format!("version {} is not known", campaign.version));
        }
        Ok(campaign)
    }

    /// The campaign as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data has a JSON form")
    }

    /// Takes in the outcome of a seed. One that was done changes nothing.
    pub fn record(&mut self, seed: u64, outcome: &Outcome) -> News {
        if self.done.contains(seed) {
            return News::Nothing;
        }
        self.done.insert(seed);
        self.events += outcome.events;
        self.simulated = self.simulated + outcome.simulated;
        if let Some(loss) = &outcome.loss {
            self.record_loss(seed, loss);
        }
        let Some(violation) = &outcome.violation else {
            return News::Nothing;
        };
        self.failed += 1;
        let id = violation.signature().id();
        let news = Failure {
            seed,
            runs: 1,
            violation: violation.clone(),
        };
        match self.failures.get_mut(&id) {
            None => {
                self.failures.insert(id, news);
                News::Failure
            }
            Some(known) => {
                known.runs += 1;
                if seed > known.seed {
                    return News::Nothing;
                }
                known.seed = seed;
                known.violation = news.violation;
                News::Failure
            }
        }
    }

    /// Counts a loss that was to be expected. The tallies are kept in order.
    fn record_loss(&mut self, seed: u64, loss: &ExpectedLoss) {
        self.lost += 1;
        let (assumption, invariant) = (loss.breach.assumption, &loss.violation.invariant);
        let key = |tally: &LossTally| (tally.assumption, tally.invariant.clone());
        let place = self
            .losses
            .binary_search_by_key(&(assumption, invariant.clone()), key);
        match place {
            Ok(known) => {
                let tally = &mut self.losses[known];
                tally.runs += 1;
                tally.seed = tally.seed.min(seed);
            }
            Err(place) => {
                let tally = LossTally {
                    assumption,
                    invariant: invariant.clone(),
                    seed,
                    runs: 1,
                };
                self.losses.insert(place, tally);
            }
        }
    }

    /// The failures, by seed.
    pub fn by_seed(&self) -> Vec<(Signature, &Failure)> {
        let mut failures: Vec<_> = self
            .failures
            .values()
            .map(|failure| (failure.violation.signature(), failure))
            .collect();
        failures.sort_by_key(|(_, failure)| failure.seed);
        failures
    }
}

#[cfg(test)]
mod tests {
    use quorate::NodeId;

    use super::*;
    use crate::fault_model::{Breach, Loss};

    fn outcome(witness: Option<&str>) -> Outcome {
        Outcome {
            events: 10,
            simulated: Micros(5),
            digest: 0,
            violation: witness.map(|witness| Violation {
                invariant: "Election Safety".into(),
                witness: witness.into(),
                at: Micros(3),
                event: 7,
            }),
            loss: None,
        }
    }

    fn lost(assumption: Assumption) -> Outcome {
        let broken = outcome(Some("n1 is back without its entry"));
        Outcome {
            loss: broken.violation.map(|violation| ExpectedLoss {
                breach: Breach {
                    assumption,
                    node: NodeId(1),
                    loss: Loss::Log,
                    at: Micros(2),
                    event: 6,
                },
                violation,
            }),
            violation: None,
            ..broken
        }
    }

    /// A loss that was to be expected is counted, and is no failure.
    #[test]
    fn losses_are_counted_apart_whatever_the_order() {
        let runs = [
            (5, lost(Assumption::QuorumKeepsItsDisks)),
            (4, lost(Assumption::SyncedIsDurable)),
            (2, lost(Assumption::QuorumKeepsItsDisks)),
            (3, outcome(None)),
        ];
        let mut forwards = Campaign::new("none", Model::Outside);
        let mut backwards = Campaign::new("none", Model::Outside);
        for (seed, outcome) in &runs {
            assert_eq!(forwards.record(*seed, outcome), News::Nothing);
        }
        for (seed, outcome) in runs.iter().rev() {
            backwards.record(*seed, outcome);
        }
        assert_eq!(forwards, backwards);
        assert_eq!((forwards.lost, forwards.failed), (3, 0));
        let tallies = forwards.losses.iter();
        let found: Vec<_> = tallies
            .map(|tally| (tally.assumption, tally.seed, tally.runs))
            .collect();
        assert_eq!(
            found,
            [
                (Assumption::SyncedIsDurable, 4, 1),
                (Assumption::QuorumKeepsItsDisks, 2, 2)
            ]
        );
        assert_eq!(Campaign::parse(&forwards.to_json()), Ok(forwards));
    }

    /// A campaign that was begun before losses were counted goes on.
    #[test]
    fn a_campaign_without_the_newer_fields_is_read() {
        let mut json: serde_json::Value =
            serde_json::from_str(&Campaign::new("none", Model::Inside).to_json()).unwrap();
        let fields = json.as_object_mut().unwrap();
        for newer in ["model", "lost", "losses"] {
            assert!(fields.remove(newer).is_some());
        }
        let read = Campaign::parse(&json.to_string());
        assert_eq!(read, Ok(Campaign::new("none", Model::Inside)));
    }

    #[test]
    fn what_is_found_does_not_depend_on_the_order() {
        let runs = [
            (3, outcome(Some("n1 and n2 lead term 7"))),
            (1, outcome(None)),
            (2, outcome(Some("n3 and n12 lead term 10"))),
            (4, outcome(Some("nobody leads"))),
        ];
        let mut forwards = Campaign::new("none", Model::Inside);
        let mut backwards = Campaign::new("none", Model::Inside);
        for (seed, outcome) in &runs {
            forwards.record(*seed, outcome);
        }
        for (seed, outcome) in runs.iter().rev() {
            backwards.record(*seed, outcome);
        }
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.failed, 3);
        let found: Vec<_> = forwards
            .by_seed()
            .iter()
            .map(|(_, failure)| (failure.seed, failure.runs))
            .collect();
        assert_eq!(found, [(2, 2), (4, 1)]);
        assert_eq!(Campaign::parse(&forwards.to_json()), Ok(forwards.clone()));
        let again = forwards.record(3, &outcome(Some("another")));
        assert_eq!((again, forwards.failed), (News::Nothing, 3));
    }
}
