//! The code map in `ARCHITECTURE.md` against the directories that exist.
//!
//! A map that is not checked shows what was planned. This one must name every member of the
//! workspace and every module directory directly under its `src`, and may name nothing that is
//! not there. A name counts if it is a path in code marks, such as `core/src/raft`.

use std::collections::BTreeMap;

use super::Problem;
use super::manifest::MEMBERS;
use super::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";

/// Directories beside the members that a reader has to find too, where they hold anything.
const PLACES: [&str; 4] = ["bench", "docs", "e2e", "styles"];

/// The code map names exactly what exists.
pub(super) fn names_exactly_what_exists(tree: &Tree) -> Vec<Problem> {
    let Some((start, section)) = tree.text(MAP).and_then(code_map) else {
        return vec![Problem::new(MAP, 1, "has no section `Code map`; write one")];
    };
    let named = named_paths(start, &section);
    let mut problems: Vec<Problem> = named
        .iter()
        .filter(|(path, _)| !tree.contains(path))
        .map(|(path, line)| {
            Problem::new(
                MAP,
                *line,
                format!("`{path}` does not exist; remove it from the map"),
            )
        })
        .collect();
    for directory in directories(tree)
        .iter()
        .filter(|path| !named.contains_key(path.as_str()))
    {
        let what = format!("the code map does not name `{directory}`; say what it is");
        problems.push(Problem::new(MAP, start, what));
    }
    problems
}

/// The lines of the section and the number of its heading.
fn code_map(text: &str) -> Option<(usize, Vec<&str>)> {
    let is_map = |line: &str| line.starts_with("## ") && line.to_lowercase().contains("code map");
    let start = text.lines().position(is_map)?;
    let section = text
        .lines()
        .skip(start + 1)
        .take_while(|line| !line.starts_with("## "));
    Some((start + 1, section.collect()))
}

/// Paths in code marks, without the final slash, and the line of their first mention.
fn named_paths(start: usize, section: &[&str]) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    for (index, line) in section.iter().enumerate() {
        for code in line.split('`').skip(1).step_by(2) {
            let is_path = code.contains('/') && !code.contains([' ', '<', '*', ':', '(']);
            if is_path && !code.starts_with('/') {
                let path = code.trim_end_matches('/').to_owned();
                named.entry(path).or_insert(start + index + 1);
            }
        }
    }
    named
}

fn directories(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (member, ..) in MEMBERS {
        found.push(member.to_owned());
        let source = format!("{member}/src");
        found.extend(
            tree.directories(&source)
                .iter()
                .map(|name| format!("{source}/{name}")),
        );
    }
    found.extend(
        PLACES
            .iter()
            .filter(|place| tree.contains(place))
            .map(ToString::to_string),
    );
    found.retain(|directory| tree.contains(directory));
    found
}

#[cfg(test)]
mod tests {
    use super::names_exactly_what_exists;
    use crate::tidy::tree::Tree;

    fn problems(map: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("ARCHITECTURE.md", map),
            ("core/src/raft/mod.rs", ""),
            ("core/src/lib.rs", ""),
            ("docs/formats.md", ""),
        ]);
        names_exactly_what_exists(&tree)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_complete_map_is_fine() {
        let map = "# A\n\n## Code map\n\n- `core/`: kernel\n- `core/src/raft`: Raft\n- `docs/`\n\n\
                   ## Next\n\n`not/here`\n";
        assert_eq!(problems(map).len(), 0);
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_are_found() {
        let found = problems("# A\n\n## Code map\n\n`core/` `docs/`\n`core/src/gossip/`\n");
        assert_eq!(
            found,
            [
                "ARCHITECTURE.md:6: `core/src/gossip` does not exist; remove it from the map",
                "ARCHITECTURE.md:3: the code map does not name `core/src/raft`; say what it is",
            ]
        );
    }

    #[test]
    fn a_document_without_a_map_is_found() {
        assert_eq!(problems("# A\n").len(), 1);
    }
}
