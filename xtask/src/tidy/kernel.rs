//! What the kernel must not know: its own other parts, and the world.

use super::Problem;
use super::rust_source::{before_tests, code_of, words};
use super::tree::Tree;

const KERNEL: &str = "core/src/";

/// The parts of the kernel that a host joins and that never meet by themselves.
const PARTS: [&str; 3] = ["crdt", "raft", "autoscale"];

/// Names through which a clock, a thread, the operating system or a random order would come in.
/// The compiler refuses most of them already (`no_std`); a feature or a test build might not.
const WORLD: [&str; 8] = [
    "std",
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
    "RandomState",
    "f32",
    "f64",
];

/// What may compute in floating point because it copies a system that does.
const FLOATING: [&str; 5] = [
    "core/src/autoscale/policy/hpa/",
    "core/src/autoscale/policy/kpa/",
    "core/src/autoscale/policy/nomad/",
    "core/src/autoscale/policy/wpa/",
    "core/src/autoscale/policy/rounding.rs",
];

/// `crdt`, `raft` and `autoscale` do not name each other.
pub(super) fn parts_do_not_know_each_other(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.rust_files() {
        let Some(part) = file
            .path
            .strip_prefix(KERNEL)
            .and_then(|rest| part_of(rest))
        else {
            continue;
        };
        for (index, line) in code_of(&file.text).lines().enumerate() {
            let other = words(line).find(|word| PARTS.contains(word) && *word != part);
            if let Some(other) = other {
                let what =
                    format!("`{part}` must not know `{other}`; let the host pass a plain value");
                problems.push(Problem::new(&file.path, index + 1, what));
            }
        }
    }
    problems
}

/// The kernel names no clock, no thread, no hash map and no float outside the files that copy a
/// floating-point system. Unit tests may.
pub(super) fn names_nothing_of_the_world(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let is_kernel = |path: &str| path.starts_with(KERNEL) && !is_for_tests(path);
    for file in tree.rust_files().filter(|file| is_kernel(&file.path)) {
        let code = code_of(&file.text);
        let mut is_test_item = false;
        for (index, line) in before_tests(&code).lines().enumerate() {
            let named = words(line).find(|word| WORLD.contains(word));
            if let Some(name) = named.filter(|name| !is_test_item && !may_name(&file.path, name)) {
                let what = format!("the kernel names `{name}`; take what you need as an argument");
                problems.push(Problem::new(&file.path, index + 1, what));
            }
            is_test_item = line.trim() == "#[cfg(test)]";
        }
    }
    problems
}

fn part_of(path: &str) -> Option<&'static str> {
    PARTS.into_iter().find(|part| {
        path.strip_prefix(part)
            .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    })
}

/// Whether a whole file is compiled for unit tests only.
fn is_for_tests(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

fn may_name(path: &str, name: &str) -> bool {
    matches!(name, "f32" | "f64") && FLOATING.iter().any(|each| path.starts_with(each))
}

#[cfg(test)]
mod tests {
    use super::{names_nothing_of_the_world, parts_do_not_know_each_other};
    use crate::tidy::tree::Tree;

    #[test]
    fn raft_may_not_name_the_sets() {
        let tree = Tree::of(&[
            (
                "core/src/raft/log.rs",
                "//! Unlike `crdt`.\nuse crate::{crdt::Dot, NodeId};",
            ),
            ("core/src/raft.rs", "use super::autoscale;"),
            ("core/src/crdt/dot.rs", "use crate::crdt::VersionVector;"),
            ("core/src/lib.rs", "pub mod crdt; pub mod raft;"),
        ]);
        let problems = parts_do_not_know_each_other(&tree);
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with("core/src/raft/log.rs:2: `raft` must not know `crdt`"));
    }

    #[test]
    fn the_kernel_has_no_clock_and_no_floats_but_its_tests_may() {
        let clean = "#[cfg(test)]\nextern crate std;\nfn f() {}\n#[cfg(test)]\nmod tests {\n\
                     use std::time::Instant;\n}\n";
        let tree = Tree::of(&[("core/src/a.rs", clean), ("sim/src/a.rs", "use std::fmt;")]);
        assert_eq!(names_nothing_of_the_world(&tree), []);
        let tree = Tree::of(&[("core/src/a.rs", "fn f() {\n    let x = 1 as f64;\n}\n")]);
        assert_eq!(names_nothing_of_the_world(&tree)[0].line, 2);
    }
}
