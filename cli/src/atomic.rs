//! Files that are whole or not there: written beside their place, then renamed.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// Writes a file so that a crash leaves the old one or the new one.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, content)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| Failure::Unwritable(path.into(), error))
}
