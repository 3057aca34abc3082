//! The programs that the commands need, and how a machine without them gets them.
//!
//! A script that installs into the user's own directories breaks other projects, and one that only
//! names what is missing leaves the work to the reader. Here each tool is looked for on PATH first
//! and used if its version is right; what is missing is built into a cache of its own, one
//! directory per tool and version, and put on PATH for child processes only. A tool that cannot be
//! installed from here is explained with the exact command to run, and only what needs it fails.

mod browser;
mod cargo_tool;
mod debian;
mod node;
mod rust_target;
mod valgrind;
mod wasm_opt;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

pub(crate) use browser::{browser_from_environment, driver_from_environment};
pub(crate) use cargo_tool::{TRUNK_VERSION, WASM_PACK_VERSION};

/// Something a command needs on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tool {
    /// The standard library for `wasm32-unknown-unknown`.
    WasmTarget,
    /// The standard library of a target that has no `std`, to prove that the kernel needs none.
    BareTarget,
    /// Node and npm.
    Node,
    /// `wasm-opt`, which makes a module smaller.
    WasmOpt,
    /// Chromium or Chrome.
    Browser,
    /// `chromedriver`, through which wasm-pack drives the browser.
    BrowserDriver,
    /// `wasm-bindgen` and `wasm-bindgen-test-runner`, of exactly the version in `Cargo.lock`.
    WasmBindgen,
    /// `wasm-pack`, the runner of the tests in Node and in the browser.
    WasmPack,
    /// `trunk`, the bundler of the page.
    Trunk,
    /// `valgrind`, which counts instructions. Only measurements ask for it.
    Valgrind,
}

/// Everything a command may ask for.
const ALL: &[Tool] = &[
    Tool::WasmTarget,
    Tool::Node,
    Tool::WasmOpt,
    Tool::Browser,
    Tool::BrowserDriver,
    Tool::WasmBindgen,
    Tool::WasmPack,
    Tool::Trunk,
];

/// What was found or installed, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Toolbox {
    /// Directories to put in front of PATH, for children only.
    directories: Vec<PathBuf>,
    /// How to get each tool that is missing, as a sentence with the command to run.
    missing: BTreeMap<Tool, String>,
    /// The browser to start, if one was asked for and found.
    browser: Option<PathBuf>,
}

impl Toolbox {
    /// Finds the tools, installing what is missing. Never fails as a whole: what could not be
    /// installed is remembered and told to whoever needs it.
    pub(crate) fn prepare(workspace: &Workspace, tools: &[Tool]) -> Self {
        let wanted: BTreeSet<Tool> = tools.iter().copied().collect();
        let mut toolbox = Self::default();
        debian::install_missing(&wanted);
        for tool in wanted {
            if let Err(explanation) = toolbox.add(workspace, tool) {
                eprintln!("missing: {explanation}");
                toolbox.missing.insert(tool, explanation);
            }
        }
        toolbox
    }

    /// An error that names everything missing among `tools`, with the way to get it.
    pub(crate) fn require(&self, tools: &[Tool]) -> Result<(), Error> {
        let ways: Vec<String> = tools
            .iter()
            .filter_map(|tool| self.missing.get(tool).cloned())
            .collect();
        if ways.is_empty() {
            Ok(())
        } else {
            Err(Error::Missing(ways))
        }
    }

    /// A command run as after the line that `cargo xtask tools` prints: nothing but PATH differs.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = process::command(program);
        if !self.directories.is_empty() {
            command.env("PATH", self.path());
        }
        command
    }

    /// The browser found by [`Toolbox::prepare`].
    pub(crate) fn browser(&self) -> Option<&Path> {
        self.browser.as_deref()
    }

    fn add(&mut self, workspace: &Workspace, tool: Tool) -> Result<(), String> {
        match tool {
            Tool::WasmTarget => rust_target::ensure(rust_target::WASM),
            Tool::BareTarget => rust_target::ensure(rust_target::BARE),
            Tool::Node => node::check(),
            Tool::WasmOpt => self.add_directory(wasm_opt::ensure()),
            Tool::Browser => browser::find().map(|browser| self.browser = Some(browser)),
            Tool::BrowserDriver => browser::check_driver(),
            Tool::WasmBindgen => {
                let version = workspace.locked_version("wasm-bindgen");
                let version = version.map_err(|error| error.to_string())?;
                self.add_directory(cargo_tool::bindings_generator(version).ensure())
            }
            Tool::WasmPack => self.add_directory(cargo_tool::wasm_pack().ensure()),
            Tool::Trunk => self.add_directory(cargo_tool::trunk().ensure()),
            Tool::Valgrind => valgrind::check(),
        }
    }

    fn add_directory(&mut self, found: Result<Option<PathBuf>, String>) -> Result<(), String> {
        self.directories.extend(found?);
        Ok(())
    }

    fn path(&self) -> OsString {
        let before = env::var_os("PATH").unwrap_or_default();
        let directories = self
            .directories
            .iter()
            .cloned()
            .chain(env::split_paths(&before));
        env::join_paths(directories).unwrap_or(before)
    }

    fn export_line(&self) -> String {
        let quoted = self.directories.iter().map(|directory| {
            let text = directory.to_string_lossy();
            text.chars().fold(String::new(), |mut quoted, character| {
                if "\"\\$`".contains(character) {
                    quoted.push('\\');
                }
                quoted.push(character);
                quoted
            })
        });
        let parts: Vec<String> = quoted.chain(["$PATH".to_owned()]).collect();
        format!("export PATH=\"{}\"", parts.join(":"))
    }
}

/// Installs every tool and prints, alone on standard output, the line that puts them on PATH.
pub(crate) fn print_path(workspace: &Workspace) -> Result<(), Error> {
    let toolbox = Toolbox::prepare(workspace, ALL);
    println!("{}", toolbox.export_line());
    toolbox.require(ALL)
}

#[cfg(test)]
mod tests {
    use super::{Tool, Toolbox};
    use std::path::PathBuf;

    #[test]
    fn the_export_line_survives_odd_directories() {
        let toolbox = Toolbox {
            directories: vec![PathBuf::from("a b/$x"), PathBuf::from("c")],
            ..Toolbox::default()
        };
        assert_eq!(toolbox.export_line(), r#"export PATH="a b/\$x:c:$PATH""#);
    }

    #[test]
    fn only_what_needs_a_missing_tool_fails() {
        let mut toolbox = Toolbox::default();
        toolbox.missing.insert(Tool::Browser, "get one".to_owned());
        assert!(toolbox.require(&[Tool::Trunk]).is_ok());
        let error = toolbox
            .require(&[Tool::Trunk, Tool::Browser])
            .expect_err("it is missing");
        assert!(error.to_string().contains("get one"), "{error}");
    }
}
