//! The folder of a campaign: what is done, and a scenario for every distinct failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use quorate_sim::fuzz::{Campaign, Model, Signature, swarm_of};
use quorate_sim::{Mutant, Scenario};

use crate::atomic;
use crate::failure::Failure;

/// The file that says what is done.
const STATE: &str = "campaign.json";
/// How often it is written while nothing is found.
const INTERVAL: Duration = Duration::from_secs(2);

/// An open folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    written: Instant,
}

impl Folder {
    /// Opens a folder, or makes it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(path).map_err(|error| Failure::Unwritable(path.into(), error))?;
        Ok(Self {
            path: path.into(),
            written: Instant::now(),
        })
    }

    /// The campaign that is there, or a new one.
    pub(super) fn campaign(&self, mutant: Mutant, model: Model) -> Result<Campaign, Failure> {
        let path = self.path.join(STATE);
        let name = mutant.name();
        if !path.exists() {
            return Ok(Campaign::new(&name, model));
        }
        let json = fs::read_to_string(&path);
        let json = json.map_err(|error| Failure::Unreadable(path.clone(), error))?;
        let refuse = |what: String| Failure::State(path.clone(), what);
        let campaign = Campaign::parse(&json).map_err(refuse)?;
        if campaign.mutant != name {
            let what = format!(
                "this campaign is about the mutant {}, not {name}; use another folder",
                campaign.mutant
            );
            return Err(refuse(what));
        }
        if campaign.model != model {
            let what =
                "this campaign has faults of the other side of the fault model; use another folder";
            return Err(refuse(what.into()));
        }
        Ok(campaign)
    }

    /// Writes the failure of a seed, and that it was found.
    pub(super) fn write_failure(
        &mut self,
        seed: u64,
        signature: &Signature,
        campaign: &Campaign,
    ) -> Result<(), Failure> {
        let path = self.path.join(format!("failure-{}.json", signature.id()));
        atomic::write(&path, &swarm_of(campaign.model, seed).to_json())?;
        self.write(campaign)
    }

    /// Writes the smallest scenario of a failure.
    pub(super) fn write_shrunk(
        &self,
        signature: &Signature,
        scenario: &Scenario,
    ) -> Result<(), Failure> {
        let path = self.path.join(format!("shrunk-{}.json", signature.id()));
        atomic::write(&path, &scenario.to_json())
    }

    /// Writes what is done, if that was some time ago.
    pub(super) fn write_now_and_then(&mut self, campaign: &Campaign) -> Result<(), Failure> {
        if self.written.elapsed() < INTERVAL {
            return Ok(());
        }
        self.write(campaign)
    }

    /// Writes what is done.
    pub(super) fn write(&mut self, campaign: &Campaign) -> Result<(), Failure> {
        self.written = Instant::now();
        atomic::write(&self.path.join(STATE), &campaign.to_json())
    }
}
