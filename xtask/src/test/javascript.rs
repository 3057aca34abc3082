//! The suites that Node runs: programs that use the packed package, and the page in a browser.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Context, Ran, before_counting, counted};
use crate::counts::Counts;
use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// The directories of `npm/consumers/` that are npm packages.
pub(super) fn consumers(workspace: &Workspace) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(workspace.path("npm/consumers")) else {
        return Vec::new();
    };
    let mut directories: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("package.json").is_file())
        .collect();
    directories.sort();
    directories
}

/// Tests of each consumer, in a copy outside the package: inside it, imports would find the sources
/// that the tarball forgot.
pub(super) fn run_consumers(context: &Context) -> Ran {
    let tarball = packed(context.workspace).map_err(before_counting)?;
    let mut total = Counts::default();
    for consumer in consumers(context.workspace) {
        let name = consumer.file_name().unwrap_or_default();
        let copy = context.workspace.target().join("consumers").join(name);
        set_up(context, &consumer, &copy, &tarball).map_err(|error| (total, error))?;
        match counted(
            context
                .tools
                .command("node")
                .arg("--test")
                .current_dir(&copy),
        ) {
            Ok(counts) if counts == Counts::default() => {
                let sentence = format!("no test ran in {}", consumer.display());
                return Err((total, Error::Other(sentence)));
            }
            Ok(counts) => total += counts,
            Err((counts, error)) => {
                total += counts;
                return Err((total, error));
            }
        }
    }
    Ok(total)
}

/// The Playwright specs against `dist/`, which their own configuration serves.
pub(super) fn end_to_end(context: &Context) -> Ran {
    let directory = context.workspace.path("e2e");
    install_locked(context, &directory).map_err(before_counting)?;
    let mut playwright = context.tools.command("npx");
    playwright
        .args(["--no-install", "playwright", "test"])
        .current_dir(&directory);
    if let Some(browser) = context.tools.browser() {
        playwright.env("CHROME", browser);
    }
    counted(&mut playwright)
}

fn set_up(context: &Context, from: &Path, to: &Path, tarball: &Path) -> Result<(), Error> {
    if to.exists() {
        fs::remove_dir_all(to).map_err(Error::file(to))?;
    }
    copy_directory(from, to)?;
    install_locked(context, to)?;
    process::run_aside(
        context
            .tools
            .command("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund"])
            .arg(tarball)
            .current_dir(to),
    )
}

/// The tarball that the build of the package left.
fn packed(workspace: &Workspace) -> Result<PathBuf, Error> {
    let directory = workspace.target().join("npm");
    let entries = fs::read_dir(&directory).map_err(Error::file(&directory))?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files
        .find(|file| file.extension() == Some(OsStr::new("tgz")))
        .ok_or_else(|| {
            Error::Other(format!(
                "no tarball in {}; run: cargo xtask pack",
                directory.display()
            ))
        })
}

/// Installs by the lock file, unless exactly that lock file has been installed already.
fn install_locked(context: &Context, directory: &Path) -> Result<(), Error> {
    let lock = directory.join("package-lock.json");
    if !lock.exists() {
        return Ok(());
    }
    let wanted = fs::read(&lock).map_err(Error::file(&lock))?;
    let installed = directory.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!(
        "installing npm packages into {} (seconds)",
        directory.display()
    );
    process::run_aside(
        context
            .tools
            .command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            // The browser is the system's.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .current_dir(directory),
    )?;
    match installed.parent() {
        // A package without dependencies has no such directory, and nothing to install twice.
        Some(modules) if modules.exists() => {
            fs::write(&installed, wanted).map_err(Error::file(&installed))
        }
        _ => Ok(()),
    }
}

fn copy_directory(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::file(to))?;
    for entry in fs::read_dir(from).map_err(Error::file(from))? {
        let path = entry.map_err(Error::file(from))?.path();
        let name = path.file_name().unwrap_or_default();
        if name == OsStr::new("node_modules") {
            continue;
        }
        if path.is_dir() {
            copy_directory(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).map_err(Error::file(&path))?;
        }
    }
    Ok(())
}
