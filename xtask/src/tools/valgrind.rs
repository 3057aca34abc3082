//! valgrind, whose callgrind counts instructions. It comes from the distribution.

use crate::process;

/// What valgrind is called, as a program and as a package.
pub(super) const NAME: &str = "valgrind";

/// Whether valgrind is there.
pub(super) fn check() -> Result<(), String> {
    match process::find_on_path(NAME) {
        Some(_) => Ok(()),
        None => Err(
            "valgrind counts instructions. Install it: sudo apt-get install valgrind".to_owned(),
        ),
    }
}
