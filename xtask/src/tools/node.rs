//! Node, which is taken as given: a version manager or a distribution put it there, and replacing
//! it would touch what other projects use.

use crate::process;

/// The oldest version in which the package's entries and the test runners work.
const OLDEST_MAJOR: u32 = 20;

/// Whether Node and npm are there and new enough.
pub(crate) fn check() -> Result<(), String> {
    let advice = format!(
        "Node {OLDEST_MAJOR} or newer with npm; install it from https://nodejs.org or, where the \
         distribution's is new enough, with: sudo apt-get install -y nodejs npm"
    );
    if process::find_on_path("npm").is_none() {
        return Err(advice);
    }
    let version = process::capture(process::command("node").arg("--version"));
    match version.ok().as_deref().and_then(major) {
        Some(found) if found >= OLDEST_MAJOR => Ok(()),
        Some(found) => Err(format!("{advice} (found Node {found})")),
        None => Err(advice),
    }
}

/// The first number of `v20.1.0`.
fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("not found"), None);
    }
}
