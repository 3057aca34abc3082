//! What must not be handed in: notes to oneself, switched-off tests, waiting by the clock, and
//! paths that exist on one machine only.

use super::Problem;
use super::tree::{SourceFile, Tree};

/// The file that has to spell them out.
const THIS: &str = "xtask/src/tidy/leftovers.rs";

/// A piece of text, the extensions of the files it must not be in, and what to do.
type Leftover = (&'static str, &'static [&'static str], &'static str);

const RUST: &[&str] = &["rs"];
const SCRIPT: &[&str] = &["js", "mjs", "cjs", "ts", "mts"];
const ANY: &[&str] = &[
    "rs", "toml", "md", "html", "css", "js", "mjs", "cjs", "ts", "mts", "sh",
];

const LEFTOVERS: [Leftover; 13] = [
    ("todo!", RUST, "do it"),
    ("unimplemented!", RUST, "implement it"),
    ("dbg!", RUST, "remove it"),
    ("FIXME", ANY, "fix it"),
    ("XXX", ANY, "say what is meant"),
    ("TODO", ANY, "do it, or write it down where work is planned"),
    (
        "#[ignore",
        RUST,
        "a test that does not run proves nothing: repair or remove it",
    ),
    (
        "thread::sleep",
        RUST,
        "wait for the thing itself, not for time to pass",
    ),
    (".only(", SCRIPT, "it switches off every other test"),
    (
        ".skip(",
        SCRIPT,
        "a test that does not run proves nothing: repair or remove it",
    ),
    (
        "waitForTimeout",
        SCRIPT,
        "wait for the thing itself, not for time to pass",
    ),
    ("debugger;", SCRIPT, "remove it"),
    ("<<<<<<< ", ANY, "resolve the conflict"),
];

/// Beginnings of absolute paths that are one machine's.
const MACHINE: [&str; 5] = ["/work/", "/root/", "/home/", "/tmp/", "/Users/"];

/// No notes to oneself, no switched-off tests, no waiting by the clock.
pub(super) fn nothing_is_left_over(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in searched(tree) {
        for (number, line) in file.numbered_lines() {
            for (text, extensions, advice) in LEFTOVERS {
                if file.has_extension(extensions) && line.contains(text) {
                    let what = format!("leftover `{text}`; {advice}");
                    problems.push(Problem::new(&file.path, number, what));
                }
            }
        }
    }
    problems
}

/// No absolute path of somebody's machine, in any text.
pub(super) fn no_path_of_one_machine(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in searched(tree) {
        for (number, line) in file.numbered_lines() {
            if let Some(path) = MACHINE.into_iter().find(|path| names_path(line, path)) {
                let what = format!("`{path}` is a path of one machine; name it from the root");
                problems.push(Problem::new(&file.path, number, what));
            }
        }
    }
    problems
}

fn searched(tree: &Tree) -> impl Iterator<Item = &SourceFile> {
    tree.files().iter().filter(|file| file.path != THIS)
}

/// Whether the path starts there, and is not the middle of a longer one such as `target/tmp/`.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"._-~}$)>*".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::{THIS, no_path_of_one_machine, nothing_is_left_over};
    use crate::tidy::tree::Tree;

    #[test]
    fn every_leftover_is_found_in_its_kind_of_file_only() {
        let tree = Tree::of(&[
            (
                "a.rs",
                "fn f() { todo!() }\n#[ignore = \"slow\"]\nlist.skip(1)",
            ),
            ("b.ts", "test.only('x')\nawait page.waitForTimeout(5)"),
            ("c.md", "ask for thread::sleep"),
            (THIS, "todo!"),
        ]);
        let problems = nothing_is_left_over(&tree);
        let places: Vec<(&str, usize)> = problems
            .iter()
            .map(|problem| (problem.path.as_str(), problem.line))
            .collect();
        assert_eq!(places, [("a.rs", 1), ("a.rs", 2), ("b.ts", 1), ("b.ts", 2)]);
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_a_relative_one_is_not() {
        let tree = Tree::of(&[
            ("a.md", "see /home/me/x\n"),
            (
                "b.md",
                "see target/tmp/x, ../work/y and https://example.org/home/z\n",
            ),
        ]);
        let problems = no_path_of_one_machine(&tree);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].path, "a.md");
    }
}
