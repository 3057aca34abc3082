//! What continuous integration runs: the checks that need no test, cheapest first, then the same
//! tests as `cargo xtask test`. A failing check does not stop the others.

use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::report::Report;
use crate::test;
use crate::tidy;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;

/// The crates that run in a browser or in Node: their code for wasm is checked apart.
const WASM_CRATES: [&str; 6] = [
    "--package",
    "quorate-wasm",
    "--package",
    "quorate-web",
    "--package",
    "wasm-tests",
];

/// Runs the checks and the tests.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    let targets = [Tool::WasmTarget, Tool::BareTarget];
    let tools = Toolbox::prepare(workspace, &targets);
    let mut report = Report::default();
    report.check("format", || {
        process::run(cargo(workspace).args(["fmt", "--all", "--check"]))
    });
    report.check("tidy", || tidy::run(workspace));
    report.check("no-std", || {
        tools.require(&[Tool::BareTarget])?;
        kernel_without_std(workspace)
    });
    report.check("lints", || {
        let all = [
            "--workspace",
            "--features",
            "quorate/hmac,quorate/mutants,quorate-cli/mutants",
        ];
        process::run(deny(clippy(workspace).args(all)))
    });
    report.check("lints-wasm", || {
        tools.require(&[Tool::WasmTarget])?;
        let mut clippy = clippy(workspace);
        process::run(deny(
            clippy
                .args(["--target", "wasm32-unknown-unknown"])
                .args(WASM_CRATES),
        ))
    });
    report.check("documentation", || documentation(workspace));
    test::run_suites(workspace, &test::Options::default(), &mut report);
    report.finish()
}

/// The kernel for a target that has no `std`, with and without its optional features.
fn kernel_without_std(workspace: &Workspace) -> Result<(), Error> {
    let check = [
        "check",
        "--package",
        "quorate",
        "--lib",
        "--target",
        "x86_64-unknown-none",
    ];
    process::run(cargo(workspace).args(check))?;
    for features in ["serde", "hmac", "serde,hmac"] {
        process::run(cargo(workspace).args(check).args(["--features", features]))?;
    }
    Ok(())
}

/// Documentation of programs, then of libraries: the program `quorate` and the library `quorate`
/// share a directory, and the library's is the one to keep.
fn documentation(workspace: &Workspace) -> Result<(), Error> {
    for kind in ["--bins", "--lib"] {
        process::run(
            cargo(workspace)
                .args(["doc", "--workspace", "--no-deps", kind])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )?;
    }
    Ok(())
}

fn clippy(workspace: &Workspace) -> Command {
    let mut cargo = cargo(workspace);
    cargo.args(["clippy", "--all-targets"]);
    cargo
}

fn deny(clippy: &mut Command) -> &mut Command {
    clippy.args(["--", "-D", "warnings"])
}

fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = process::command("cargo");
    cargo.current_dir(workspace.root());
    cargo
}
