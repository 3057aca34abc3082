//! The suites that cargo and wasm-pack run.
//!
//! The wasm suites are bare: what differs from a person typing `wasm-pack test` after the line that
//! `cargo xtask tools` prints is said here and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Context, Ran, before_counting, counted};
use crate::error::Error;
use crate::process;
use crate::tools;

/// Unit, property and integration tests of all crates.
pub(super) fn native(context: &Context) -> Ran {
    counted(cargo_test(context).args(["--lib", "--bins", "--tests"]))
}

/// The public load traces and recorded histories: too large to be kept in the repository, so only
/// where they are.
pub(super) fn traces(context: &Context) -> Ran {
    let mut cargo = process::command("cargo");
    cargo.args(["test", "--package", "quorate-sim", "--features", "traces"]);
    cargo.args(["--test", "load_traces", "--test", "replay"]);
    cargo.args(["--test", "recorded_histories"]);
    counted(cargo.current_dir(context.workspace.root()))
}

/// The examples in the documentation.
pub(super) fn documentation(context: &Context) -> Ran {
    counted(cargo_test(context).arg("--doc"))
}

/// Whether the compiler and the tool that fuzzing needs are here. Neither is installed: the committed
/// corpus and its mutations run everywhere, in the native suite.
pub(super) fn can_fuzz() -> bool {
    let mut cargo = process::command("cargo");
    let version = cargo.args(["+nightly", "fuzz", "--version"]).output();
    version.is_ok_and(|output| output.status.success())
}

/// A minute of fuzzing of everything that CRDTs decode, from the committed seeds, and one of what Raft
/// decodes. Inputs that reach new code are kept in `core/fuzz/corpus`, and one that fails in
/// `core/fuzz/artifacts`.
pub(super) fn fuzz(context: &Context) -> Result<(), Error> {
    for (target, corpora) in [
        ("decode", &["corpus/decode", "seeds"][..]),
        ("message", &["corpus/message"]),
    ] {
        let fuzz = context.workspace.path("core/fuzz");
        let corpus = fuzz.join(corpora[0]);
        fs::create_dir_all(&corpus).map_err(Error::file(&corpus))?;
        let mut cargo = process::command("cargo");
        cargo
            .args(["+nightly", "fuzz", "run", target])
            .args(corpora);
        process::run(cargo.args(["--", "-max_total_time=60"]).current_dir(fuzz))?;
    }
    Ok(())
}

/// `wasm-pack test --node wasm-tests`.
pub(super) fn wasm_in_node(context: &Context) -> Ran {
    counted(wasm_pack(context).args(["--node", "wasm-tests"]))
}

/// `wasm-pack test --headless --chrome wasm-tests`, with the tests that are not tied to an
/// environment run in the browser too: without the variable they are skipped, and the run is green.
pub(super) fn wasm_in_chrome(context: &Context) -> Ran {
    let mut wasm_pack = wasm_pack(context);
    wasm_pack.args(["--headless", "--chrome"]);
    wasm_pack.env("WASM_BINDGEN_USE_BROWSER", "1");
    // The defaults of 20 and 5 seconds are too short for a busy machine.
    wasm_pack.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    wasm_pack.env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    name_the_browser(context, &mut wasm_pack).map_err(before_counting)?;
    counted(wasm_pack.arg("wasm-tests"))
}

/// Hands on `CHROME` and `CHROMEDRIVER`, which wasm-pack itself does not read.
fn name_the_browser(context: &Context, wasm_pack: &mut Command) -> Result<(), Error> {
    if let Some(driver) = tools::driver_from_environment().map_err(Error::Other)? {
        wasm_pack.arg("--chromedriver").arg(driver);
    }
    if let Some(browser) = tools::browser_from_environment().map_err(Error::Other)? {
        let capabilities = write_capabilities(&context.workspace.target(), &browser)?;
        wasm_pack.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities);
    }
    Ok(())
}

/// The runner adds the arguments for headless use by itself.
fn write_capabilities(target: &Path, browser: &Path) -> Result<PathBuf, Error> {
    let file = target.join("webdriver.json");
    let path = browser
        .display()
        .to_string()
        .replace('\\', r"\\")
        .replace('"', "\\\"");
    let capabilities = format!(
        "{{\"goog:chromeOptions\": {{\"binary\": \"{path}\", \
         \"args\": [\"--disable-background-networking\", \"--disable-gpu\"]}}}}\n"
    );
    fs::write(&file, capabilities).map_err(Error::file(&file))?;
    Ok(file)
}

fn cargo_test(context: &Context) -> Command {
    let mut cargo = process::command("cargo");
    cargo.args(["test", "--workspace", "--no-fail-fast"]);
    // Nobody in the workspace needs the feature, and it has tests.
    cargo.args([
        "--features",
        "quorate/hmac,quorate/mutants,quorate-sim/mutants,quorate-cli/mutants",
    ]);
    cargo.current_dir(context.workspace.root());
    cargo
}

fn wasm_pack(context: &Context) -> Command {
    let mut wasm_pack = context.tools.command("wasm-pack");
    wasm_pack.arg("test").current_dir(context.workspace.root());
    wasm_pack
}
