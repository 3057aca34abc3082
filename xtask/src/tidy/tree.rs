//! The text files of the checkout, as git sees them: what is ignored is nobody's rule.

use std::fs;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// Extensions of files that people write.
const TEXT: [&str; 13] = [
    "rs", "toml", "md", "html", "css", "js", "mjs", "cjs", "ts", "mts", "json", "sh", "yml",
];

/// A file and its text.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// From the root, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    /// Whether the file's name ends with one of these extensions.
    pub(super) fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path
            .rsplit_once('.')
            .is_some_and(|(_, found)| extensions.contains(&found))
    }

    /// The lines with their numbers, counted from one.
    pub(super) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }
}

/// Every file of the checkout that is not ignored.
#[derive(Debug, Default)]
pub(super) struct Tree {
    files: Vec<SourceFile>,
    /// All paths, of text files and others, sorted.
    paths: Vec<String>,
}

impl Tree {
    /// Reads the checkout.
    pub(super) fn read(workspace: &Workspace) -> Result<Self, Error> {
        let listing = process::capture(
            process::command("git")
                .args([
                    "ls-files",
                    "--cached",
                    "--others",
                    "--exclude-standard",
                    "-z",
                ])
                .current_dir(workspace.root()),
        )?;
        let mut tree = Self::default();
        for path in listing.split('\0').filter(|path| !path.is_empty()) {
            let file = workspace.path(path);
            // A file that was removed and not yet committed is still listed.
            if !file.is_file() {
                continue;
            }
            tree.paths.push(path.to_owned());
            if is_text(path) {
                let text = fs::read_to_string(&file).map_err(Error::file(&file))?;
                tree.files.push(SourceFile {
                    path: path.to_owned(),
                    text,
                });
            }
        }
        tree.paths.sort();
        tree.files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(tree)
    }

    /// The files that hold text.
    pub(super) fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The files of Rust source.
    pub(super) fn rust_files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.has_extension(&["rs"]))
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text.as_str())
    }

    /// Whether a file or a directory of this path exists; the root is the empty path.
    pub(super) fn contains(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty()
            || self.paths.iter().any(|file| {
                file.strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// The names of the directories directly inside a directory, in order.
    pub(super) fn directories(&self, inside: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .paths
            .iter()
            .filter_map(|path| {
                path.strip_prefix(inside)?
                    .strip_prefix('/')?
                    .split_once('/')
            })
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }
}

fn is_text(path: &str) -> bool {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_none_or(|extension| TEXT.contains(&extension))
        || name.starts_with('.')
        || path == "Cargo.lock"
}

#[cfg(test)]
impl Tree {
    /// A checkout made of these files.
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.paths.push((*path).to_owned());
            tree.files.push(SourceFile {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            });
        }
        tree.paths.sort();
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn directories_exist_through_their_files() {
        let tree = Tree::of(&[
            ("a/src/b/c.rs", ""),
            ("a/src/d/e.rs", ""),
            ("a/src/lib.rs", ""),
        ]);
        assert_eq!(tree.directories("a/src"), ["b", "d"]);
        assert!(tree.contains("a/src/b/") && tree.contains("a/src/lib.rs") && tree.contains(""));
        assert!(!tree.contains("a/sr"));
    }
}
