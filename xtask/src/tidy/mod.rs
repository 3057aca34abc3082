//! The rules of `ARCHITECTURE.md` that a program can check.
//!
//! A rule that only stands in a document is broken within a month, by somebody in a hurry who never
//! read it. Each rule here is one named function over the text of the checkout; a problem says
//! where it is and what to do.

mod code_map;
mod documents;
mod imports;
mod kernel;
mod leftovers;
mod lengths;
mod manifest;
mod rust_source;
mod tree;
mod versions;

use std::fmt;

use crate::error::Error;
use crate::workspace::Workspace;
use tree::Tree;

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    path: String,
    /// Counted from one.
    line: usize,
    /// What is wrong, and what to do.
    what: String,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// A named rule.
type Check = (&'static str, fn(&Tree) -> Vec<Problem>);

const CHECKS: [Check; 14] = [
    ("dependency-directions", manifest::dependency_directions),
    (
        "browser-names",
        imports::browser_names_stay_in_browser_crates,
    ),
    ("kernel-islands", kernel::parts_do_not_know_each_other),
    ("kernel-without-world", kernel::names_nothing_of_the_world),
    ("module-heads", lengths::every_module_has_a_head),
    ("file-lengths", lengths::files_are_short),
    ("function-lengths", lengths::functions_are_short),
    ("line-lengths", lengths::lines_are_short),
    ("leftovers", leftovers::nothing_is_left_over),
    ("machine-paths", leftovers::no_path_of_one_machine),
    ("code-map", code_map::names_exactly_what_exists),
    ("documents", documents::required_documents_exist),
    ("links", documents::relative_links_resolve),
    ("versions", versions::stated_versions_agree),
];

/// Runs every check and prints what is wrong.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    let tree = Tree::read(workspace)?;
    let mut count = 0;
    for (name, check) in CHECKS {
        for problem in check(&tree) {
            println!("{problem} [{name}]");
            count += 1;
        }
    }
    match count {
        0 => {
            println!(
                "tidy: {} rules hold in {} files",
                CHECKS.len(),
                tree.files().len()
            );
            Ok(())
        }
        _ => Err(Error::Other(format!("tidy found {count} problems"))),
    }
}
