//! The browser and its driver. `CHROME` and `CHROMEDRIVER` name them where they are not on PATH.

use std::env;
use std::path::PathBuf;

use crate::process;

/// Names under which distributions ship the browser.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// The browser to start.
pub(crate) fn find() -> Result<PathBuf, String> {
    if let Some(path) = from_environment("CHROME")? {
        return Ok(path);
    }
    NAMES.iter().find_map(|name| process::find_on_path(name)).ok_or_else(|| {
        "Chromium or Chrome; install it with: sudo apt-get install -y chromium (or set CHROME to \
         the browser's path)"
            .to_owned()
    })
}

/// Whether wasm-pack will find a driver.
pub(crate) fn check_driver() -> Result<(), String> {
    if driver_from_environment()?.is_some() || process::find_on_path("chromedriver").is_some() {
        return Ok(());
    }
    Err(
        "chromedriver; install it with: sudo apt-get install -y chromium-driver (or set \
         CHROMEDRIVER to its path; its version must be the browser's)"
            .to_owned(),
    )
}

/// The driver named by `CHROMEDRIVER`, if that is set.
pub(crate) fn driver_from_environment() -> Result<Option<PathBuf>, String> {
    from_environment("CHROMEDRIVER")
}

/// The browser named by `CHROME`, if that is set.
pub(crate) fn browser_from_environment() -> Result<Option<PathBuf>, String> {
    from_environment("CHROME")
}

fn from_environment(variable: &str) -> Result<Option<PathBuf>, String> {
    match env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
    {
        Some(path) if !process::is_executable(&path) => Err(format!(
            "{variable} names {}, which is no executable file; unset it with: unset {variable}",
            path.display()
        )),
        path => Ok(path),
    }
}
