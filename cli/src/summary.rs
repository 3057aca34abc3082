//! What a run came to, in words or as JSON.

use std::fmt;
use std::time::Duration;

use quorate::Micros;
use quorate_sim::load::Trace;
use quorate_sim::{Breach, InvariantView, Verdict, World};
use serde::Serialize;

/// The result of a run. Its field names are stable: they are the JSON format.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    scenario: String,
    seed: u64,
    /// Simulated time, in seconds.
    simulated_s: f64,
    events: u64,
    digest: String,
    /// Time it took, in seconds. The one field that differs from run to run.
    wall_s: f64,
    voters: u32,
    highest_fleet: usize,
    fleet: usize,
    commit_index: u64,
    scaled_out: u64,
    drained: u64,
    stopped: u64,
    trace: Option<TraceFacts>,
    verdict: VerdictFacts,
    invariants: Vec<InvariantFacts>,
    /// The verdict as a sentence, for people.
    #[serde(skip)]
    reading: String,
}

#[derive(Debug, Serialize)]
struct TraceFacts {
    name: String,
    rows: usize,
    gaps: u64,
    hash: String,
}

/// How the run is to be read.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum VerdictFacts {
    Clean,
    Violated {
        invariant: &'static str,
        witness: String,
    },
    ExpectedLoss {
        invariant: &'static str,
        witness: String,
        /// The assumption of the fault model that was broken, in words.
        assumption: String,
        node: u64,
        /// When it was broken, in seconds.
        at_s: f64,
    },
}

#[derive(Debug, Serialize)]
struct InvariantFacts {
    name: &'static str,
    checks: u64,
    witness: Option<String>,
}

impl Summary {
    pub(crate) fn of(
        world: &World,
        trace: Option<&Trace>,
        highest_fleet: usize,
        wall: Duration,
    ) -> Self {
        let (scenario, scalings) = (world.scenario(), world.scalings());
        Self {
            scenario: scenario.name.clone(),
            seed: scenario.seed,
            simulated_s: seconds(world.now()),
            events: world.events(),
            digest: format!("{:016x}", world.digest()),
            wall_s: wall.as_secs_f64(),
            voters: scenario.voters,
            highest_fleet,
            fleet: world.running(),
            commit_index: world.commit_index(),
            scaled_out: scalings.out,
            drained: scalings.draining,
            stopped: scalings.stopped,
            trace: trace.map(|trace| TraceFacts {
                name: trace.name().into(),
                rows: trace.rows().len(),
                gaps: trace.gaps().count,
                hash: trace.hash().to_string(),
            }),
            reading: world.verdict().to_string(),
            verdict: VerdictFacts::of(world.verdict()),
            invariants: world
                .invariants()
                .into_iter()
                .map(InvariantFacts::of)
                .collect(),
        }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain data has a JSON form")
    }
}

impl VerdictFacts {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Clean,
            Verdict::Violated { invariant, witness } => Self::Violated {
                invariant: invariant.name(),
                witness,
            },
            Verdict::ExpectedLoss {
                breach:
                    Breach {
                        assumption,
                        node,
                        at,
                        ..
                    },
                invariant,
                witness,
            } => Self::ExpectedLoss {
                invariant: invariant.name(),
                witness,
                assumption: assumption.to_string(),
                node: node.0,
                at_s: seconds(at),
            },
        }
    }
}

impl InvariantFacts {
    fn of(row: InvariantView) -> Self {
        Self {
            name: row.name,
            checks: row.checks,
            witness: row.witness,
        }
    }
}

#[allow(clippy::cast_precision_loss)]
fn seconds(time: Micros) -> f64 {
    time.0 as f64 / 1e6
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "scenario   {}, seed {}", self.scenario, self.seed)?;
        if let Some(trace) = &self.trace {
            let TraceFacts {
                name,
                rows,
                gaps,
                hash,
            } = trace;
            writeln!(
                f,
                "load       {name}: {rows} rows, {gaps} gaps, hash {hash}"
            )?;
        }
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            clippy::cast_possible_truncation
        )]
        let rate = (self.events as f64 / self.wall_s.max(1e-9)) as u64;
        let (simulated, wall) = (self.simulated_s, self.wall_s);
        writeln!(f, "time       {simulated:.3} s simulated in {wall:.2} s")?;
        writeln!(f, "events     {}, {rate} per second", self.events)?;
        writeln!(f, "log        {} entries committed", self.commit_index)?;
        writeln!(
            f,
            "fleet      {} voters, at most {} nodes, {} in the end; {} started, {} drained, {} stopped",
            self.voters,
            self.highest_fleet,
            self.fleet,
            self.scaled_out,
            self.drained,
            self.stopped
        )?;
        writeln!(f, "digest     {}", self.digest)?;
        writeln!(f, "verdict    {}", self.reading)?;
        for InvariantFacts {
            name,
            checks,
            witness,
        } in &self.invariants
        {
            match witness {
                None => writeln!(f, "  holds    {name} ({checks} checks)")?,
                Some(witness) => writeln!(f, "  BROKEN   {name}: {witness}")?,
            }
        }
        Ok(())
    }
}
