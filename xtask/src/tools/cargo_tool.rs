//! Tools that are built from source by `cargo install`.
//!
//! Their release profiles optimise for years of use and take up to half an hour on a small machine;
//! these tools run for seconds, so they are built with little optimisation instead. `cargo install`
//! writes the executables last and all at once, and a directory counts as installed only if every
//! executable in it runs and states its version: an interrupted installation is repeated, and the
//! build directory that it left behind lets it go on where it stopped.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;

/// The last series that builds with the stable compiler the project supports; 0.22 asks for a newer
/// one. Without its own lock file it does not compile.
pub(crate) const TRUNK_VERSION: &str = "0.21.14";
/// The version the tests were verified with.
pub(crate) const WASM_PACK_VERSION: &str = "0.15.1";

/// A package on the registry whose executables the commands need.
#[derive(Debug)]
pub(crate) struct CargoTool {
    package: &'static str,
    version: String,
    /// Executables; all of one version, all in one directory.
    programs: &'static [&'static str],
    lock: LockFile,
    /// Build time on two idle cores.
    minutes: &'static str,
}

/// Whose dependency versions to build with.
#[derive(Debug, PartialEq, Eq)]
enum LockFile {
    /// The lock file published with the package.
    Published,
    /// The newest compatible versions: the published file names one that not every registry has.
    Ignored,
}

/// The generator of JavaScript bindings; it must match the crate in `Cargo.lock` exactly.
pub(crate) fn bindings_generator(version: String) -> CargoTool {
    CargoTool {
        package: "wasm-bindgen-cli",
        version,
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        lock: LockFile::Ignored,
        minutes: "2",
    }
}

/// The test runner.
pub(crate) fn wasm_pack() -> CargoTool {
    CargoTool {
        package: "wasm-pack",
        version: WASM_PACK_VERSION.to_owned(),
        programs: &["wasm-pack"],
        lock: LockFile::Published,
        minutes: "2",
    }
}

/// The bundler and development server.
pub(crate) fn trunk() -> CargoTool {
    CargoTool {
        package: "trunk",
        version: TRUNK_VERSION.to_owned(),
        programs: &["trunk"],
        lock: LockFile::Published,
        minutes: "4",
    }
}

impl CargoTool {
    /// Makes the tool available and returns the directory to put on PATH, or none if it is on PATH
    /// already. The error is a sentence that says what to run.
    pub(crate) fn ensure(&self) -> Result<Option<PathBuf>, String> {
        if self.is_on_path() {
            return Ok(None);
        }
        let cache = cache_directory()?;
        let root = cache.join(format!("{}-{}", self.package, self.version));
        let programs = root.join("bin");
        if !self.is_in(&programs) {
            self.install(&cache, &root)?;
        }
        Ok(Some(programs))
    }

    fn is_on_path(&self) -> bool {
        let first = process::find_on_path(self.programs[0]);
        first
            .as_deref()
            .and_then(Path::parent)
            .is_some_and(|directory| self.is_in(directory))
    }

    fn is_in(&self, directory: &Path) -> bool {
        self.programs.iter().all(|program| {
            process::version_of(&directory.join(program)).as_deref() == Some(&self.version)
        })
    }

    fn install(&self, cache: &Path, root: &Path) -> Result<(), String> {
        let build = cache.join(format!("build-{}-{}", self.package, self.version));
        eprintln!(
            "installing {} {} into {} (about {} minutes on two idle cores; once per user and \
             version)",
            self.package,
            self.version,
            root.display(),
            self.minutes
        );
        let outcome = create(cache)
            .and_then(|()| process::run_aside(&mut self.install_command(root, &build)));
        if outcome.is_ok() && self.is_in(&root.join("bin")) {
            // Only disk space is at stake, so a failure to remove it is no reason to stop.
            let _ = fs::remove_dir_all(&build);
            return Ok(());
        }
        let reason = outcome.err().map_or_else(
            || "it installed, but does not run".to_owned(),
            |error| error.to_string(),
        );
        Err(format!(
            "{} {} ({reason}); install it with: {}",
            self.package,
            self.version,
            self.by_hand()
        ))
    }

    fn install_command(&self, root: &Path, build: &Path) -> Command {
        let mut command = process::command("cargo");
        command.args([
            "install",
            self.package,
            "--version",
            &self.version,
            "--force",
            "--root",
        ]);
        command.arg(root);
        if self.lock == LockFile::Published {
            command.arg("--locked");
        }
        // Outside the checkout: its toolchain file and configuration are not about this build.
        command.current_dir(root.parent().unwrap_or(root));
        command.env("CARGO_TARGET_DIR", build);
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
        command.env("CARGO_PROFILE_RELEASE_LTO", "off");
        command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        command.env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        command.env_remove("RUSTFLAGS");
        command.env_remove("CARGO_BUILD_TARGET");
        command
    }

    fn by_hand(&self) -> String {
        let locked = if self.lock == LockFile::Published {
            " --locked"
        } else {
            ""
        };
        format!(
            "cargo install {} --version {}{locked}",
            self.package, self.version
        )
    }
}

/// `$QUORATE_TOOLS`, or `quorate/tools` in the user's cache directory.
pub(super) fn cache_directory() -> Result<PathBuf, String> {
    cache_directory_in(|name| env::var_os(name).map(PathBuf::from))
}

fn cache_directory_in(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf, String> {
    let variable = |name: &str| variable(name).filter(|path| path.is_absolute());
    variable("QUORATE_TOOLS")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("quorate/tools")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache/quorate/tools")))
        .ok_or_else(|| {
            "a directory for tools: set QUORATE_TOOLS to an absolute path, for example with: \
             export QUORATE_TOOLS=\"$PWD/target/tools\""
                .to_owned()
        })
}

fn create(directory: &Path) -> Result<(), Error> {
    fs::create_dir_all(directory).map_err(Error::file(directory))
}

#[cfg(test)]
mod tests {
    use super::{CargoTool, LockFile, bindings_generator, cache_directory_in, trunk};
    use crate::process;
    use std::path::{Path, PathBuf};

    fn cache(set: &[(&str, &str)]) -> Result<PathBuf, String> {
        cache_directory_in(|name| {
            set.iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| PathBuf::from(value))
        })
    }

    #[test]
    fn the_cache_is_the_users_and_can_be_moved() {
        let home = ("HOME", "/h");
        assert_eq!(cache(&[home]), Ok(PathBuf::from("/h/.cache/quorate/tools")));
        let xdg = ("XDG_CACHE_HOME", "/c");
        assert_eq!(cache(&[home, xdg]), Ok(PathBuf::from("/c/quorate/tools")));
        let own = ("QUORATE_TOOLS", "/t");
        assert_eq!(cache(&[home, xdg, own]), Ok(PathBuf::from("/t")));
        assert!(cache(&[("HOME", "relative")]).is_err());
    }

    #[test]
    fn a_published_lock_file_is_used_where_it_works() {
        let (root, build) = (Path::new("/r/trunk"), Path::new("/r/build"));
        let line = process::line(&trunk().install_command(root, build));
        assert!(line.ends_with("--root /r/trunk --locked"), "{line}");
        let line = process::line(&bindings_generator("0.2.1".into()).install_command(root, build));
        assert!(
            line.contains("--version 0.2.1") && !line.contains("--locked"),
            "{line}"
        );
    }

    #[test]
    fn a_directory_without_all_programs_is_not_an_installation() {
        let tool = CargoTool {
            package: "none",
            version: "1.0.0".to_owned(),
            programs: &["cargo", "no-such-program"],
            lock: LockFile::Published,
            minutes: "0",
        };
        assert!(!tool.is_on_path());
    }
}
