//! Versions that are stated in more than one place.

use super::Problem;
use super::tree::{SourceFile, Tree};
use crate::tools::{TRUNK_VERSION, WASM_PACK_VERSION};
use crate::workspace::locked_version;

const LOCK: &str = "Cargo.lock";

/// A document that tells how to install a tool names the version that the commands install, and
/// the npm package has the version of the workspace.
pub(super) fn stated_versions_agree(tree: &Tree) -> Vec<Problem> {
    let Some(bindgen) = tree
        .text(LOCK)
        .and_then(|lock| locked_version(lock, "wasm-bindgen"))
    else {
        let what = "is missing or names no `wasm-bindgen`; commit it";
        return vec![Problem::new(LOCK, 1, what)];
    };
    let tools = [
        ("wasm-bindgen-cli", bindgen.as_str()),
        ("trunk", TRUNK_VERSION),
        ("wasm-pack", WASM_PACK_VERSION),
    ];
    let mut problems = Vec::new();
    for file in tree
        .files()
        .iter()
        .filter(|file| file.has_extension(&["md", "yml", "sh"]))
    {
        problems.extend(wrong_installations(file, &tools));
    }
    problems.extend(package_version(tree));
    problems
}

/// Lines that install a tool in another version.
fn wrong_installations(file: &SourceFile, tools: &[(&str, &str)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, line) in file
        .numbered_lines()
        .filter(|(_, line)| line.contains("cargo install"))
    {
        let words: Vec<&str> = line.split([' ', '`', '@', '=', '"']).collect();
        let named = tools.iter().find(|(tool, _)| words.contains(tool));
        let stated = words.iter().find(|word| is_version(word));
        if let (Some((tool, version)), Some(stated)) = (named, stated)
            && version != stated
        {
            let what = format!("installs {tool} {stated}; the commands use {version}");
            problems.push(Problem::new(&file.path, number, what));
        }
    }
    problems
}

fn package_version(tree: &Tree) -> Option<Problem> {
    let path = "npm/package.json";
    let package = tree.text(path)?;
    let manifest: toml::Table = tree.text("Cargo.toml")?.parse().ok()?;
    let version = manifest
        .get("workspace")?
        .get("package")?
        .get("version")?
        .as_str()?;
    let wanted = format!("\"version\": \"{version}\"");
    if package.contains(&wanted) {
        return None;
    }
    let stated = package
        .lines()
        .position(|line| line.trim().starts_with("\"version\""));
    let line = stated.map_or(1, |index| index + 1);
    let what = format!("the workspace has version {version}; state it: {wanted}");
    Some(Problem::new(path, line, what))
}

fn is_version(word: &str) -> bool {
    word.split('.').count() == 3 && word.split('.').all(|part| part.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::stated_versions_agree;
    use crate::tidy::tree::Tree;
    use crate::tools::TRUNK_VERSION;

    const LOCK: (&str, &str) = (
        "Cargo.lock",
        "[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n",
    );

    #[test]
    fn a_document_that_installs_another_version_is_found() {
        let readme = format!(
            "cargo install trunk --version {TRUNK_VERSION} --locked\n\
             cargo install wasm-bindgen-cli@0.2.100\n"
        );
        let problems = stated_versions_agree(&Tree::of(&[LOCK, ("README.md", &readme)]));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 2);
    }

    #[test]
    fn the_package_has_the_version_of_the_workspace() {
        let root = ("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n");
        let stated = |version: &str| format!("{{\n  \"version\": \"{version}\"\n}}\n");
        let problems = |version: &str| {
            stated_versions_agree(&Tree::of(&[
                LOCK,
                root,
                ("npm/package.json", &stated(version)),
            ]))
        };
        assert_eq!(problems("0.1.0"), []);
        assert_eq!(problems("0.2.0")[0].line, 2);
    }

    #[test]
    fn a_checkout_without_a_lock_file_is_found() {
        assert_eq!(stated_versions_agree(&Tree::of(&[])).len(), 1);
    }
}
