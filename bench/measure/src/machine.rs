//! What the figures were measured on: without it a time means nothing.

use std::fs;
use std::thread;

use serde::Serialize;

/// The machine and the command line.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// The processor's own name.
    pub processor: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Memory in bytes; zero if the system does not say.
    pub memory_bytes: u64,
    /// Operating system and architecture.
    pub platform: String,
    /// What was typed.
    pub command: String,
}

impl Machine {
    /// This machine.
    pub fn here() -> Self {
        let memory = field("/proc/meminfo", "MemTotal").and_then(|value| kilobytes(&value));
        Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: memory.unwrap_or(0),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            command: std::iter::once(program())
                .chain(std::env::args().skip(1))
                .collect::<Vec<_>>()
                .join(" "),
        }
    }
}

/// The name of the running program.
fn program() -> String {
    std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_default()
}

/// Bytes of memory that this process has resident, if the system says.
pub fn resident_bytes() -> Option<u64> {
    field("/proc/self/status", "VmRSS").and_then(|value| kilobytes(&value))
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim().to_owned())
    })
}

fn kilobytes(value: &str) -> Option<u64> {
    let number: u64 = value.split_whitespace().next()?.parse().ok()?;
    Some(number * 1_024)
}
