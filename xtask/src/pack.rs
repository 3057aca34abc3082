//! The npm package: two wasm modules for the web, the hand-written entries around them, a tarball.
//!
//! `wasm-pack build` would do the first part, but it writes a `package.json` without an exports map
//! and a `.gitignore` that empties the tarball, so the four steps are done here by name.
//!
//! The sets and the simulator are apart, so that nobody downloads the one for the other.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::process;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;

/// What building the package needs.
pub(crate) const TOOLS: &[Tool] = &[
    Tool::WasmTarget,
    Tool::WasmOpt,
    Tool::WasmBindgen,
    Tool::Node,
];

/// A WebAssembly module of the package.
#[derive(Debug)]
struct Module {
    /// The name of its generated files.
    name: &'static str,
    /// The feature of the crate that it consists of.
    feature: &'static str,
    profile: &'static str,
    /// What `wasm-opt` shall look at.
    level: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        name: "quorate",
        feature: "crdt",
        profile: "wasm-small",
        level: "-Oz",
    },
    Module {
        name: "quorate_simulation",
        feature: "simulation",
        profile: "wasm-fast",
        level: "-O3",
    },
];

/// Otherwise `wasm-opt` puts every function that has one caller into it. The functions that come of
/// that are so large that engines compile them badly: the simulator was a fifteenth slower, and larger
/// after gzip. The page asks for the same in `index.html`.
const INLINED_AT_MOST: &str = "--one-caller-inline-max-function-size=20";

/// The generated types name `Symbol.dispose`; without this line a consumer whose `lib` is older
/// than that gets an error in our file.
const DISPOSABLE: &str = "/// <reference lib=\"esnext.disposable\" />\n";

/// Builds and packs, setting up what is missing, and prints where the tarball is.
pub(crate) fn pack_alone(workspace: &Workspace) -> Result<(), Error> {
    let tools = Toolbox::prepare(workspace, TOOLS);
    let tarball = pack(workspace, &tools)?;
    println!("{}", tarball.display());
    Ok(())
}

/// Builds `npm/dist/` and packs it; returns the tarball.
pub(crate) fn pack(workspace: &Workspace, tools: &Toolbox) -> Result<PathBuf, Error> {
    tools.require(TOOLS)?;
    let dist = workspace.path("npm/dist");
    empty(&dist)?;
    for module in &MODULES {
        let compiled = compile(workspace, module)?;
        bind(&compiled, module.name, &dist, tools)?;
        optimise(
            &dist.join(format!("{}_bg.wasm", module.name)),
            module,
            tools,
        )?;
        prepend(&dist.join(format!("{}.d.ts", module.name)), DISPOSABLE)?;
    }
    copy_entries(&workspace.path("npm/src"), &dist)?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&workspace.path(licence), &dist.join(licence))?;
    }
    archive(workspace, tools)
}

fn compile(workspace: &Workspace, module: &Module) -> Result<PathBuf, Error> {
    let target = "wasm32-unknown-unknown";
    process::run(
        process::command("cargo")
            .args(["build", "--package", "quorate-wasm", "--target", target])
            .args(["--no-default-features", "--features", module.feature])
            .args(["--profile", module.profile])
            .current_dir(workspace.root()),
    )?;
    Ok(workspace
        .target()
        .join(target)
        .join(module.profile)
        .join("quorate_wasm.wasm"))
}

fn bind(module: &Path, name: &str, dist: &Path, tools: &Toolbox) -> Result<(), Error> {
    process::run(
        tools
            .command("wasm-bindgen")
            .args(["--target", "web", "--out-name", name, "--out-dir"])
            .args([dist, module]),
    )
}

fn optimise(file: &Path, module: &Module, tools: &Toolbox) -> Result<(), Error> {
    let better = file.with_extension("better");
    process::run(
        tools
            .command("wasm-opt")
            .args([module.level, INLINED_AT_MOST])
            .arg(file)
            .arg("--output")
            .arg(&better),
    )?;
    fs::rename(&better, file).map_err(Error::file(file))
}

fn prepend(file: &Path, line: &str) -> Result<(), Error> {
    let text = fs::read_to_string(file).map_err(Error::file(file))?;
    fs::write(file, format!("{line}{text}")).map_err(Error::file(file))
}

/// Copies the hand-written scripts and types; one that would replace a generated file is refused.
fn copy_entries(source: &Path, dist: &Path) -> Result<(), Error> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(source).map_err(Error::file(source))? {
        let path = entry.map_err(Error::file(source))?.path();
        if matches!(path.extension().and_then(OsStr::to_str), Some("js" | "ts")) {
            entries.push(path);
        }
    }
    entries.sort();
    for entry in entries {
        let copied = dist.join(entry.file_name().unwrap_or_default());
        if copied.exists() {
            return Err(Error::Other(format!(
                "{} has the name of a generated file; rename it",
                entry.display()
            )));
        }
        copy(&entry, &copied)?;
    }
    Ok(())
}

fn archive(workspace: &Workspace, tools: &Toolbox) -> Result<PathBuf, Error> {
    let destination = workspace.target().join("npm");
    empty(&destination)?;
    let output = process::capture(
        tools
            .command("npm")
            .args(["pack", "--silent", "--pack-destination"])
            .arg(&destination)
            .current_dir(workspace.path("npm")),
    )?;
    match output
        .lines()
        .last()
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        Some(name) => Ok(destination.join(name)),
        None => Err(Error::Other("npm pack named no tarball".to_owned())),
    }
}

/// The directory, existing and empty: what an earlier build left must not be packed.
fn empty(directory: &Path) -> Result<(), Error> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(Error::file(directory))?;
    }
    fs::create_dir_all(directory).map_err(Error::file(directory))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(Error::file(from))
}
