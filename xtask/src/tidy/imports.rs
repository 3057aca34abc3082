//! Which crate may name the browser.

use super::Problem;
use super::rust_source::{code_of, words};
use super::tree::Tree;

/// Crates whose names may appear only where the browser is.
const BROWSER: [&str; 3] = ["wasm_bindgen", "js_sys", "web_sys"];

/// Where the browser is.
const HOME: [&str; 3] = ["npm/", "web/", "wasm-tests/"];

/// `wasm_bindgen`, `js_sys` and `web_sys` appear in the bindings, the page and their tests only.
pub(super) fn browser_names_stay_in_browser_crates(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree
        .rust_files()
        .filter(|file| !HOME.iter().any(|h| file.path.starts_with(h)))
    {
        for (index, line) in code_of(&file.text).lines().enumerate() {
            if let Some(name) = words(line).find(|word| BROWSER.contains(word)) {
                let what = format!(
                    "names `{name}`; only {} may: move this there",
                    HOME.join(", ")
                );
                problems.push(Problem::new(&file.path, index + 1, what));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::browser_names_stay_in_browser_crates;
    use crate::tidy::tree::Tree;

    #[test]
    fn the_simulator_may_not_name_the_browser() {
        let tree = Tree::of(&[
            ("web/src/lib.rs", "use wasm_bindgen::prelude::*;"),
            ("sim/src/lib.rs", "// js_sys\nfn f() { web_sys::window(); }"),
        ]);
        let problems = browser_names_stay_in_browser_crates(&tree);
        assert_eq!(problems.len(), 1);
        assert_eq!(
            (problems[0].path.as_str(), problems[0].line),
            ("sim/src/lib.rs", 2)
        );
    }
}
