//! Running the binary as its users do.
#![allow(dead_code, reason = "every test file takes what it needs")]

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub(crate) const FLASH_DAY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/data/flash_day.csv");

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the binary with nothing on standard input.
pub(crate) fn quorate(arguments: &[&str]) -> Ran {
    quorate_with(arguments, "")
}

/// Runs the binary with `input` on standard input.
pub(crate) fn quorate_with(arguments: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refused its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    Ran {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// The one JSON object that a run prints.
pub(crate) fn json(arguments: &[&str]) -> serde_json::Value {
    let ran = quorate(arguments);
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

/// What a refused command says, in one line.
pub(crate) fn refusal(arguments: &[&str]) -> String {
    let ran = quorate(arguments);
    assert_eq!(ran.code, Some(2), "{arguments:?}");
    assert_eq!(ran.stdout, "");
    ran.stderr.lines().next().unwrap().into()
}

/// A file of the tests' own.
pub(crate) fn file(name: &str, content: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().into()
}
