//! Where things are: the root, the build directory, the members, the versions in the lock file.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;

use crate::error::Error;

/// The checkout this program was built from.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that holds this crate.
    pub(crate) fn locate() -> Result<Self, Error> {
        // `cargo run` states the directory at run time; the one of build time serves a binary that
        // is started by hand.
        let member = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = member.parent().unwrap_or(Path::new(".")).to_path_buf();
        if root.join("Cargo.toml").is_file() {
            Ok(Self { root })
        } else {
            Err(Error::Other(format!(
                "{} has no Cargo.toml",
                root.display()
            )))
        }
    }

    /// The top of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR").map_or_else(
            || self.root.join("target"),
            |directory| self.root.join(directory),
        )
    }

    /// The version of a package in `Cargo.lock`, which is the one that gets compiled.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String, Error> {
        let path = self.path("Cargo.lock");
        if !path.exists() {
            crate::process::run_aside(
                crate::process::command("cargo")
                    .arg("generate-lockfile")
                    .current_dir(&self.root),
            )?;
        }
        let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
        locked_version(&text, package)
            .ok_or_else(|| Error::Other(format!("Cargo.lock names no package `{package}`")))
    }
}

/// The version a lock file gives for a package.
pub(crate) fn locked_version(lock: &str, package: &str) -> Option<String> {
    let lock: Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let named = packages
        .iter()
        .find(|entry| text(entry, "name") == Some(package))?;
    text(named, "version").map(str::to_owned)
}

fn text<'a>(value: &'a toml::Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::locked_version;

    const LOCK: &str = r#"
version = 4
[[package]]
name = "wasm-bindgen"
version = "0.2.130"
[[package]]
name = "wasm-bindgen-test"
version = "0.3.80"
"#;

    #[test]
    fn the_lock_file_answers_for_the_exact_name() {
        assert_eq!(
            locked_version(LOCK, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
