//! How a file begins, and how long things may be.
//!
//! The limits stand above what a reader should meet: they catch what has got out of hand, and leave
//! the judgement below them to people.

use super::Problem;
use super::rust_source::{code_of, words};
use super::tree::{SourceFile, Tree};

const FILE_LINES: usize = 700;
const FUNCTION_LINES: usize = 90;
const LINE_CHARACTERS: usize = 120;
const LONG_LITERAL: usize = 60;

/// What people write and read as code.
const CODE: [&str; 7] = ["rs", "js", "mjs", "cjs", "ts", "mts", "css"];

/// Every Rust file starts with a `//!` head that says what it is about.
pub(super) fn every_module_has_a_head(tree: &Tree) -> Vec<Problem> {
    tree.rust_files()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| {
            let what = "has no head; begin with `//!` and the idea of the file";
            Problem::new(&file.path, 1, what)
        })
        .collect()
}

/// No file of code is longer than its limit.
pub(super) fn files_are_short(tree: &Tree) -> Vec<Problem> {
    code_files(tree)
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let what = || format!("has {lines} lines of at most {FILE_LINES}; split it by idea");
            (lines > FILE_LINES).then(|| Problem::new(&file.path, FILE_LINES + 1, what()))
        })
        .collect()
}

/// No line of code is longer than its limit, but for one that holds an address or a long literal:
/// broken in two, neither can be searched for.
pub(super) fn lines_are_short(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in code_files(tree) {
        for (number, line) in file.numbered_lines() {
            let length = line.chars().count();
            if length > LINE_CHARACTERS
                && !line.contains("https://")
                && literal(line) < LONG_LITERAL
            {
                let what =
                    format!("has {length} characters of at most {LINE_CHARACTERS}; break it");
                problems.push(Problem::new(&file.path, number, what));
            }
        }
    }
    problems
}

/// No Rust function is longer than its limit, from its signature to its closing brace.
pub(super) fn functions_are_short(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.rust_files() {
        for function in functions(&code_of(&file.text)) {
            if function.lines > FUNCTION_LINES {
                let Function { name, line, lines } = function;
                let what = format!(
                    "`{name}` has {lines} lines of at most {FUNCTION_LINES}; name its parts"
                );
                problems.push(Problem::new(&file.path, line, what));
            }
        }
    }
    problems
}

/// The length from the first quotation mark of a line to its last.
fn literal(line: &str) -> usize {
    line.find('"')
        .zip(line.rfind('"'))
        .map_or(0, |(first, last)| last - first)
}

fn code_files(tree: &Tree) -> impl Iterator<Item = &SourceFile> {
    tree.files().iter().filter(|file| file.has_extension(&CODE))
}

#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// The functions with a body, inner ones too, in the order in which they end.
fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut signature = None;
    let mut open: Vec<Option<(String, usize)>> = Vec::new();
    let mut brackets = 0_usize;
    for (index, line) in code.lines().enumerate() {
        let mut names = names_after_fn(line);
        for (position, character) in line.char_indices() {
            if names.first().is_some_and(|(start, _)| *start == position) {
                signature = Some((names.remove(0).1.to_owned(), index));
                brackets = 0;
            }
            match character {
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets = brackets.saturating_sub(1),
                // A declaration without a body.
                ';' if brackets == 0 => signature = None,
                '{' => open.push(signature.take()),
                '}' => {
                    if let Some((name, start)) = open.pop().flatten() {
                        found.push(Function {
                            name,
                            line: start + 1,
                            lines: index - start + 1,
                        });
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// The words that follow `fn` in a line, with their positions. A function pointer has no name.
fn names_after_fn(line: &str) -> Vec<(usize, &str)> {
    let position = |word: &str| word.as_ptr() as usize - line.as_ptr() as usize;
    let mut names = Vec::new();
    let mut end_of_fn = None;
    for word in words(line) {
        let start = position(word);
        if end_of_fn.is_some_and(|end: usize| line[end..start].trim().is_empty()) {
            names.push((start, word));
        }
        end_of_fn = (word == "fn").then_some(start + word.len());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{
        Function, every_module_has_a_head, files_are_short, functions, functions_are_short,
        lines_are_short,
    };
    use crate::tidy::tree::Tree;

    #[test]
    fn a_file_without_a_head_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "//! An idea.\n"),
            ("b.rs", "use a;\n"),
            ("c.rs", ""),
        ]);
        let problems = every_module_has_a_head(&tree);
        assert_eq!(
            problems.iter().map(|p| p.path.as_str()).collect::<Vec<_>>(),
            ["b.rs", "c.rs"]
        );
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let code = "trait T { fn declared(&self, x: [u8; 3]); }\n\
                    fn outer(\n    f: fn(u8) -> u8,\n) {\n    fn inner() { if x { y } }\n}\n";
        let measured = |name: &str, line, lines| Function {
            name: name.to_owned(),
            line,
            lines,
        };
        assert_eq!(
            functions(code),
            [measured("inner", 5, 1), measured("outer", 2, 5)]
        );
    }

    #[test]
    fn what_is_too_long_is_found_where_it_is() {
        let long_function = format!("//! x\nfn long() {{\n{}}}\n", "    f();\n".repeat(90));
        let tree = Tree::of(&[("a.rs", &long_function)]);
        assert_eq!(functions_are_short(&tree)[0].line, 2);
        let long_file = "x\n".repeat(701);
        assert_eq!(files_are_short(&Tree::of(&[("a.ts", &long_file)])).len(), 1);
        assert_eq!(files_are_short(&Tree::of(&[("a.md", &long_file)])), []);
        let long_line = "é".repeat(121);
        assert_eq!(
            lines_are_short(&Tree::of(&[("a.css", &long_line)])).len(),
            1
        );
        assert_eq!(
            lines_are_short(&Tree::of(&[("a.css", &"é".repeat(120))])),
            []
        );
    }
}
