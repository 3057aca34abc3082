//! Standard libraries for other targets. Rustup installs the targets of the toolchain file by
//! itself only where automatic installation is on, so they are asked for explicitly.

use std::path::Path;

use crate::process;

/// What the browser and Node run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
/// A target without `std`: a dependency that needs an operating system does not compile for it.
pub(crate) const BARE: &str = "x86_64-unknown-none";

/// Installs the target if the active toolchain has it not.
pub(crate) fn ensure(target: &str) -> Result<(), String> {
    let by_hand = format!("the Rust target {target}; install it with: rustup target add {target}");
    let sysroot = process::capture(process::command("rustc").args(["--print", "sysroot"]))
        .map_err(|error| format!("{by_hand} ({error})"))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(target)
        .is_dir()
    {
        return Ok(());
    }
    eprintln!("installing the Rust target {target} (seconds, a download of about 20 MB)");
    process::run_aside(process::command("rustup").args(["target", "add", target]))
        .map_err(|error| format!("{by_hand} ({error})"))
}
