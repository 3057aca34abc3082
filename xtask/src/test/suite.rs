//! The suites: what each is called, needs, tests, and whether this checkout has it.

use clap::ValueEnum;

use super::{javascript, rust};
use crate::tools::Tool;
use crate::workspace::Workspace;
use crate::{pack, page};

/// A suite of tests, or a build that later suites test. They run in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Suite {
    /// Unit, property and integration tests of all crates
    Native,
    /// The public load traces and recorded histories, where they lie beside the checkout
    Traces,
    /// The examples in the documentation
    Doc,
    /// A minute of coverage-guided fuzzing of the decoders, where nightly and cargo-fuzz are
    Fuzz,
    /// The kernel and the simulator compiled to wasm, in Node
    WasmNode,
    /// The same in headless Chrome, and the tests that need a document
    WasmChrome,
    /// Build of the npm package
    Package,
    /// Programs that use the packed npm package
    Consumers,
    /// Build of the page
    Page,
    /// The page in a real browser
    E2e,
    /// Download sizes against their budgets
    Size,
}

impl Suite {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Traces => "traces",
            Self::Doc => "doc",
            Self::Fuzz => "fuzz",
            Self::WasmNode => "wasm-node",
            Self::WasmChrome => "wasm-chrome",
            Self::Package => "package",
            Self::Consumers => "consumers",
            Self::Page => "page",
            Self::E2e => "e2e",
            Self::Size => "size",
        }
    }

    pub(crate) fn tools(self) -> &'static [Tool] {
        match self {
            Self::Native | Self::Traces | Self::Doc | Self::Fuzz | Self::Size => &[],
            Self::WasmNode => &[
                Tool::WasmTarget,
                Tool::WasmBindgen,
                Tool::WasmPack,
                Tool::Node,
            ],
            Self::WasmChrome => &[
                Tool::WasmTarget,
                Tool::WasmBindgen,
                Tool::WasmPack,
                Tool::Browser,
                Tool::BrowserDriver,
            ],
            Self::Package => pack::TOOLS,
            Self::Page => page::TOOLS,
            Self::Consumers => &[Tool::Node],
            Self::E2e => &[Tool::Node, Tool::Browser],
        }
    }

    /// The builds it tests.
    pub(crate) fn after(self) -> &'static [Suite] {
        match self {
            Self::Consumers => &[Self::Package],
            Self::E2e => &[Self::Page],
            Self::Size => &[Self::Package, Self::Page],
            _ => &[],
        }
    }

    /// Whether this checkout has it; a suite that is not there is listed as absent.
    pub(crate) fn is_present(self, workspace: &Workspace) -> bool {
        let has = |file: &str| workspace.path(file).exists();
        match self {
            Self::Native | Self::Doc => true,
            Self::Traces => has("../shared/data/traces") && has("../shared/data/histories"),
            Self::Fuzz => has("core/fuzz/Cargo.toml") && rust::can_fuzz(),
            Self::WasmNode | Self::WasmChrome => has("wasm-tests/Cargo.toml"),
            Self::Package => has("npm/package.json"),
            Self::Consumers => {
                has("npm/package.json") && !javascript::consumers(workspace).is_empty()
            }
            Self::Page => has("index.html"),
            Self::E2e => has("e2e/package.json"),
            Self::Size => has("npm/package.json") && has("index.html"),
        }
    }
}
