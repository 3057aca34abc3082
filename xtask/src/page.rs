//! The page: built and served by trunk, with everything trunk needs put in place first.

use std::net::{Ipv4Addr, TcpListener};

use clap::Args;

use crate::error::Error;
use crate::process;
use crate::tools::{Tool, Toolbox};
use crate::workspace::Workspace;

/// What a build of the page needs.
pub(crate) const TOOLS: &[Tool] = &[
    Tool::WasmTarget,
    Tool::WasmOpt,
    Tool::WasmBindgen,
    Tool::Trunk,
];

/// Where and how to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Open a browser tab once the page is built
    #[arg(long)]
    open: bool,
}

/// Serves the release build and rebuilds it when a source file changes, until interrupted.
pub(crate) fn serve(workspace: &Workspace, options: &ServeOptions) -> Result<(), Error> {
    let port = options.port;
    refuse_taken_port(port)?;
    let tools = Toolbox::prepare(workspace, TOOLS);
    tools.require(TOOLS)?;
    println!("Building the page: about 3 minutes on two cores the first time, then seconds.");
    println!("It will be at http://127.0.0.1:{port} (Ctrl-C stops it).");
    let mut trunk = tools.command("trunk");
    trunk.args(["serve", "--release", "--port", &port.to_string()]);
    if options.open {
        trunk.arg("--open");
    }
    process::hand_over_to(plain(&mut trunk).current_dir(workspace.root()))
}

/// Builds the page into `dist/`, setting up what is missing.
pub(crate) fn build_alone(workspace: &Workspace) -> Result<(), Error> {
    let tools = Toolbox::prepare(workspace, TOOLS);
    build(workspace, &tools)
}

/// Builds the page into `dist/`: bare `trunk build --release`, with nothing but PATH changed.
pub(crate) fn build(workspace: &Workspace, tools: &Toolbox) -> Result<(), Error> {
    tools.require(TOOLS)?;
    let mut trunk = tools.command("trunk");
    process::run(plain(trunk.args(["build", "--release"])).current_dir(workspace.root()))
}

/// Trunk reads `NO_COLOR` as a boolean and refuses the customary `NO_COLOR=1`.
fn plain(trunk: &mut std::process::Command) -> &mut std::process::Command {
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env("NO_COLOR", "true");
    }
    trunk
}

/// Says so before the build and not after it.
fn refuse_taken_port(port: u16) -> Result<(), Error> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(reason) => Err(Error::Other(format!(
            "port {port} cannot be served ({reason}); choose another: \
             cargo xtask serve --port {}",
            port.checked_add(1).unwrap_or(8080)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::refuse_taken_port;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn a_taken_port_is_refused_with_advice() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
        let port = taken.local_addr().expect("it is bound").port();
        let error = refuse_taken_port(port).expect_err("it is taken");
        assert!(error.to_string().contains("--port"), "{error}");
        refuse_taken_port(0).expect("the system picks a free one");
    }
}
