//! `wasm-opt`, from the npm package of Binaryen.
//!
//! Debian 12 and Ubuntu 24.04 ship version 108, which writes every exported table as table 0. A
//! module that keeps JavaScript values in a table of its own, as everything built by today's
//! wasm-bindgen does, is then accepted by every check and fails when the page starts. The npm
//! package holds a current version that runs in Node: slower, and right.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cargo_tool::cache_directory;
use super::node;
use crate::process;

/// What is installed.
const VERSION: &str = "132.0.0";

/// The oldest version on PATH that is used as it is.
const OLDEST: u32 = 117;

/// Makes the tool available and returns the directory to put on PATH, or none if a version that
/// will do is on PATH already.
pub(super) fn ensure() -> Result<Option<PathBuf>, String> {
    if process::find_on_path("wasm-opt").is_some_and(|program| will_do(&program)) {
        return Ok(None);
    }
    let root = cache_directory()?.join(format!("binaryen-{VERSION}"));
    let directory = root.join("bin");
    if !will_do(&directory.join("wasm-opt")) {
        node::check()?;
        install(&root, &directory)?;
    }
    Ok(Some(directory))
}

fn install(root: &Path, directory: &Path) -> Result<(), String> {
    let package = format!("binaryen@{VERSION}");
    eprintln!(
        "installing wasm-opt ({package}) into {} (seconds)",
        root.display()
    );
    let mut npm = process::command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--global", "--prefix"])
        .arg(root);
    let by_hand = format!("wasm-opt {OLDEST} or newer; install it with: npm install -g {package}");
    process::run_aside(npm.arg(&package)).map_err(|error| format!("{by_hand} ({error})"))?;
    if will_do(&directory.join("wasm-opt")) {
        Ok(())
    } else {
        Err(by_hand)
    }
}

fn will_do(program: &Path) -> bool {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.ok()
        .as_deref()
        .and_then(version)
        .is_some_and(|found| found >= OLDEST)
}

/// The number in `wasm-opt version 132 (version_132)`.
fn version(text: &str) -> Option<u32> {
    text.strip_prefix("wasm-opt version ")?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_is_a_number_in_a_sentence() {
        assert_eq!(version("wasm-opt version 108\n"), Some(108));
        assert_eq!(version("wasm-opt version 132 (version_132)\n"), Some(132));
        assert_eq!(version("command not found"), None);
    }
}
