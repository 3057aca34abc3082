//! The documents: that they exist, and that what they point to exists.

use super::Problem;
use super::tree::{SourceFile, Tree};

const REQUIRED: [&str; 6] = [
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// The documents that a reader looks for are there, and each Markdown file has one title.
pub(super) fn required_documents_exist(tree: &Tree) -> Vec<Problem> {
    let mut problems: Vec<Problem> = REQUIRED
        .iter()
        .filter(|path| !tree.contains(path))
        .map(|path| Problem::new(path, 1, "is missing; write it"))
        .collect();
    for file in markdown(tree) {
        let titles = prose(file)
            .filter(|(_, line)| line.starts_with("# "))
            .count();
        if titles != 1 {
            let what = format!("has {titles} titles (`# …`); have one");
            problems.push(Problem::new(&file.path, 1, what));
        }
    }
    problems
}

/// Every relative link in a Markdown file leads to a file, and to a heading in it if it names one.
pub(super) fn relative_links_resolve(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in markdown(tree) {
        for (number, line) in prose(file) {
            for link in links(line) {
                if let Some(what) = broken(tree, file, link) {
                    problems.push(Problem::new(&file.path, number, what));
                }
            }
        }
    }
    problems
}

fn markdown(tree: &Tree) -> impl Iterator<Item = &SourceFile> {
    tree.files()
        .iter()
        .filter(|file| file.has_extension(&["md"]))
}

/// The lines outside fenced code.
fn prose(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    let mut is_fenced = false;
    file.numbered_lines().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_fenced ^= is_fence;
        !is_fenced && !is_fence
    })
}

/// The targets of `[text](target)` in a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
}

/// Why a link leads nowhere, if it does.
fn broken(tree: &Tree, file: &SourceFile, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        file.path.clone()
    } else {
        resolve(&file.path, path)
    };
    if !tree.contains(&target) {
        return Some(format!(
            "links to `{target}`, which does not exist; correct the link"
        ));
    }
    let target_file = markdown(tree).find(|file| file.path == target && !heading.is_empty())?;
    let has_heading = target_file
        .text
        .lines()
        .any(|line| line.starts_with('#') && anchor(line) == heading);
    let what = || format!("links to a heading `#{heading}` that `{target}` has not; correct it");
    (!has_heading).then(what)
}

/// A relative path seen from the directory of a file.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The name under which a heading is linked to.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{anchor, relative_links_resolve, required_documents_exist};
    use crate::tidy::tree::Tree;

    #[test]
    fn links_are_followed_from_where_they_stand() {
        let tree = Tree::of(&[
            (
                "README.md",
                "# A\n[b](docs/b.md#the-way-in) [c](core/) [w](https://x.y/z)\n",
            ),
            (
                "docs/b.md",
                "# B\n## The way in\n[up](../README.md) [self](#the-way-in)\n",
            ),
            ("core/lib.rs", ""),
        ]);
        assert_eq!(relative_links_resolve(&tree), []);
    }

    #[test]
    fn broken_links_are_found_outside_code_only() {
        let tree = Tree::of(&[(
            "docs/b.md",
            "# B\n```\n[code](nowhere.md)\n```\n[file](nowhere.md)\n[heading](#nowhere)\n",
        )]);
        let problems = relative_links_resolve(&tree);
        assert_eq!(
            problems
                .iter()
                .map(|problem| problem.line)
                .collect::<Vec<_>>(),
            [5, 6]
        );
    }

    #[test]
    fn missing_documents_and_second_titles_are_found() {
        let tree = Tree::of(&[("README.md", "# A\n# B\n")]);
        let problems = required_documents_exist(&tree);
        assert_eq!(problems.len(), 6);
        assert!(problems[5].what.contains("2 titles"), "{problems:?}");
    }

    #[test]
    fn anchors_are_spelled_as_hosts_spell_them() {
        assert_eq!(anchor("## Who may import whom?"), "who-may-import-whom");
        assert_eq!(anchor("### `core` and `sim`"), "core-and-sim");
    }
}
