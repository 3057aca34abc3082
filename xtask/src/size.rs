//! What a browser downloads, against the budgets of the design.
//!
//! Compressed sizes are what travels; they are taken with `gzip -9`, which every server has. A
//! budget is raised by changing its constant in a commit that says why.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::counts::Counts;
use crate::error::Error;
use crate::pack;
use crate::page;
use crate::process;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;

/// A limit on what is downloaded, in bytes after gzip.
#[derive(Debug)]
struct Budget {
    what: &'static str,
    /// Directory of the build.
    directory: &'static str,
    /// Whether a file of this name there is downloaded.
    is_part: fn(&str) -> bool,
    bytes: u64,
}

const BUDGETS: [Budget; 3] = [
    Budget {
        what: "npm package, sets (wasm and scripts)",
        directory: "npm/dist",
        is_part: |name| is_code(name) && !is_simulator(name),
        // The aim is 100,000.
        bytes: 107_500,
    },
    Budget {
        what: "npm package, simulator (wasm and scripts)",
        directory: "npm/dist",
        is_part: |name| is_code(name) && is_simulator(name),
        // A scenario may hold any of seven autoscaling strategies, with their JSON: a sixth of this.
        // A third is what came with the joined world: every fault with its JSON and its words, and
        // forty-four invariants, each of which can tell what broke it. It is built to be fast,
        // unlike the other two.
        bytes: 935_000,
    },
    Budget {
        what: "page (wasm)",
        directory: "dist",
        is_part: |name| has_extension(name, "wasm"),
        // The aim is 350,000. The page carries the whole kernel with seven autoscaling strategies, the whole
        // simulator and leptos' rendering of every panel.
        bytes: 1_125_000,
    },
];

fn is_code(name: &str) -> bool {
    has_extension(name, "wasm") || has_extension(name, "js")
}

/// `simulation.js`, `simulator.js`, `quorate_simulation_bg.wasm`.
fn is_simulator(name: &str) -> bool {
    name.contains("simulat")
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension() == Some(OsStr::new(extension))
}

/// Builds both and measures them.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    let wanted: Vec<Tool> = [page::TOOLS, pack::TOOLS].concat();
    let tools = Toolbox::prepare(workspace, &wanted);
    page::build(workspace, &tools)?;
    pack::pack(workspace, &tools)?;
    let counts = measure(workspace)?;
    match counts.failed {
        0 => Ok(()),
        over => Err(Error::Other(format!(
            "{over} of {} over budget",
            BUDGETS.len()
        ))),
    }
}

/// Measures what has been built; a build within its budget counts as a test that passed.
pub(crate) fn measure(workspace: &Workspace) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    for budget in &BUDGETS {
        let files = downloaded(&workspace.path(budget.directory), budget.is_part)?;
        let (mut raw, mut compressed) = (0, 0);
        for file in &files {
            let sizes = sizes(file)?;
            println!(
                "{:>10} {:>10}  {}",
                sizes.raw,
                sizes.compressed,
                file.display()
            );
            raw += sizes.raw;
            compressed += sizes.compressed;
        }
        let within = !files.is_empty() && compressed <= budget.bytes;
        println!(
            "{raw:>10} {compressed:>10}  {}: {} of {} bytes after gzip",
            budget.what,
            if within {
                "within its budget"
            } else {
                "OVER ITS BUDGET"
            },
            budget.bytes
        );
        counts += Counts {
            passed: u64::from(within),
            failed: u64::from(!within),
        };
    }
    Ok(counts)
}

#[derive(Debug)]
struct Sizes {
    raw: u64,
    compressed: u64,
}

fn sizes(file: &Path) -> Result<Sizes, Error> {
    let raw = fs::metadata(file).map_err(Error::file(file))?.len();
    let output = process::command("gzip")
        .args(["-9", "--stdout"])
        .arg(file)
        .output();
    let compressed = output.map_err(Error::file(file))?.stdout.len() as u64;
    Ok(Sizes { raw, compressed })
}

fn downloaded(directory: &Path, is_part: fn(&str) -> bool) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::file(directory))? {
        let path = entry.map_err(Error::file(directory))?.path();
        if path
            .file_name()
            .and_then(OsStr::to_str)
            .is_some_and(is_part)
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
