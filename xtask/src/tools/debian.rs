//! What comes from the distribution: the browser and its driver, a pair of one version that is kept
//! up to date together, and valgrind. What is missing is installed by one `apt-get`, as root or through a `sudo` that
//! asks for no password; nobody is prompted, and a system without `apt-get` is left alone.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use super::{Tool, browser, valgrind};
use crate::error::Error;
use crate::process;

/// Installs the packages behind the wanted tools that are not there. A failure is only printed: the
/// check of each tool that follows says what is still missing and what to run.
pub(crate) fn install_missing(wanted: &BTreeSet<Tool>) {
    let packages = missing_packages(wanted);
    if packages.is_empty() || process::find_on_path("apt-get").is_none() {
        return;
    }
    let Some(privilege) = Privilege::find() else {
        return;
    };
    eprintln!(
        "installing {} from the distribution (about 2 minutes, most of it download)",
        packages.join(", ")
    );
    if let Err(error) = install(privilege, &packages) {
        eprintln!("error: {error}");
    }
}

fn missing_packages(wanted: &BTreeSet<Tool>) -> Vec<&'static str> {
    let mut packages = Vec::new();
    // A variable that names the wrong file is a mistake to report, and no reason to install.
    let is_unset = |variable| env::var_os(variable).is_none_or(|value| value.is_empty());
    if wanted.contains(&Tool::Browser) && is_unset("CHROME") && browser::find().is_err() {
        packages.push("chromium");
    }
    let is_wanted = wanted.contains(&Tool::BrowserDriver) && is_unset("CHROMEDRIVER");
    if is_wanted && browser::check_driver().is_err() {
        packages.push("chromium-driver");
    }
    if wanted.contains(&Tool::Valgrind) && valgrind::check().is_err() {
        packages.push(valgrind::NAME);
    }
    packages
}

fn install(privilege: Privilege, packages: &[&str]) -> Result<(), Error> {
    process::run_aside(privilege.apt_get().arg("update"))?;
    process::run_aside(privilege.apt_get().args(["install", "-y"]).args(packages))
}

/// How this user may run `apt-get`.
#[derive(Clone, Copy, Debug)]
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn find() -> Option<Self> {
        let id = process::capture(process::command("id").arg("-u")).ok()?;
        if id.trim() == "0" {
            return Some(Self::Root);
        }
        process::find_on_path("sudo")?;
        let asks_nothing = process::command("sudo")
            .args(["-n", "true"])
            .output()
            .ok()?;
        asks_nothing.status.success().then_some(Self::Sudo)
    }

    fn apt_get(self) -> Command {
        let mut command = match self {
            Self::Root => process::command("env"),
            Self::Sudo => {
                let mut sudo = process::command("sudo");
                sudo.args(["-n", "env"]);
                sudo
            }
        };
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    }
}
