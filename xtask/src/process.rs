//! Child processes: shown before they run, never silent about how they ended.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::error::Error;

/// A command whose environment is the user's own.
///
/// `cargo run` adds variables about *this* crate. A nested cargo that saw them would take build
/// scripts for changed and build everything again, and a bare run would not be bare.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if is_cargo_run_variable(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end, after showing it.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    show(command);
    let status = command
        .status()
        .map_err(|source| not_started(command, source))?;
    succeeded(command, status)
}

/// Ends as the command ends. Where a process can become another it does, so that a signal meant for
/// this one reaches the command and leaves nothing behind.
pub(crate) fn hand_over_to(command: &mut Command) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        show(command);
        let source = command.exec();
        Err(not_started(command, source))
    }
    #[cfg(not(unix))]
    run(command)
}

/// Runs a command with its standard output sent to standard error, so that a caller may keep
/// standard output for one line that a shell evaluates.
pub(crate) fn run_aside(command: &mut Command) -> Result<(), Error> {
    run(command.stdin(Stdio::null()).stdout(io::stderr()))
}

/// What a command prints on standard output; its standard error goes where ours goes.
pub(crate) fn capture(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| not_started(command, source))?;
    succeeded(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command, passing its standard output on line by line and handing each line to `observe`.
///
/// A failing exit is a status here and not an error: a test runner that fails has said how many
/// tests failed, and that is what the caller wants to know.
pub(crate) fn observe(
    command: &mut Command,
    mut observe: impl FnMut(&str),
) -> Result<ExitStatus, Error> {
    show(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| not_started(command, source))?;
    let stdout = child
        .stdout
        .take()
        .expect("standard output was piped two lines above");
    let mut reader = BufReader::new(stdout);
    let mut line = Vec::new();
    // A runner may print bytes that are not UTF-8; they must not end the reading.
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|length| length > 0)
    {
        let text = String::from_utf8_lossy(&line);
        println!("{}", text.trim_end_matches(['\n', '\r']));
        observe(&text);
        line.clear();
    }
    child.wait().map_err(|source| not_started(command, source))
}

/// The command line as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| quote(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The first executable file of this name on PATH.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|file| is_executable(file))
}

/// Whether a file can be run.
pub(crate) fn is_executable(file: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata()
            .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    file.is_file()
}

/// The version a program states as the second word of `--version`, if it runs at all.
pub(crate) fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(())?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

fn show(command: &Command) {
    eprintln!("\x1b[2m$ {}\x1b[0m", line(command));
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<(), Error> {
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed {
            line: line(command),
            status,
        })
    }
}

fn not_started(command: &Command, source: io::Error) -> Error {
    Error::NotStarted {
        line: line(command),
        source,
    }
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:@+,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn is_cargo_run_variable(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || matches!(name, "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH")
}

#[cfg(test)]
mod tests {
    use super::{capture, command, is_cargo_run_variable, line, observe};
    use std::path::Path;

    #[test]
    fn a_shown_line_can_be_typed_again() {
        let mut command = command("sh");
        command.args(["-c", "echo 'a b'", "plain"]);
        assert_eq!(line(&command), r"sh -c 'echo '\''a b'\''' plain");
    }

    #[test]
    fn a_failing_runner_still_hands_over_its_lines() {
        let mut lines = Vec::new();
        let status = observe(
            command("sh").args(["-c", "printf 'one\\ntwo'; exit 3"]),
            |line| {
                lines.push(line.trim().to_owned());
            },
        )
        .expect("sh runs");
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn a_captured_command_that_fails_is_an_error_with_its_line() {
        let error = capture(command("sh").args(["-c", "exit 4"])).expect_err("it exits with 4");
        assert!(
            error.to_string().starts_with("`sh -c 'exit 4'` failed"),
            "{error}"
        );
    }

    #[test]
    fn a_program_that_does_not_run_has_no_version() {
        assert_eq!(super::version_of(Path::new("no/such/program")), None);
    }

    #[test]
    fn only_what_cargo_run_adds_is_taken_away() {
        assert!(is_cargo_run_variable("CARGO_PKG_NAME"));
        assert!(!is_cargo_run_variable("CARGO_TARGET_DIR"));
        assert!(!is_cargo_run_variable("CARGO_HOME"));
    }
}
