//! Rust source with its comments and literals blanked out.
//!
//! Searching raw text for a name finds it in prose and in strings too, and a rule with false alarms
//! is soon switched off. A full parser would be a dependency that takes longer to build than the
//! rest of this program; knowing where code ends and comments and literals begin is enough.

/// The code of a Rust file: the same lines, with every character that belongs to a comment or is
/// inside a literal replaced by a space.
pub(super) fn code_of(source: &str) -> String {
    let mut blanker = Blanker {
        rest: source,
        code: String::with_capacity(source.len()),
    };
    while !blanker.rest.is_empty() {
        blanker.step();
    }
    blanker.code
}

/// The part of a file's code before its unit tests.
pub(super) fn before_tests(code: &str) -> &str {
    code.find("\nmod tests {")
        .map_or(code, |start| &code[..=start])
}

/// The identifiers and keywords of a line of code.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|character: char| !is_word(character))
        .filter(|word| !word.is_empty())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[derive(Debug)]
struct Blanker<'a> {
    rest: &'a str,
    code: String,
}

impl Blanker<'_> {
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.blank(length);
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some(length) = self.starts_word().then(|| raw_string(self.rest)).flatten() {
            self.blank(length);
        } else if self.rest.starts_with('"') {
            self.blank(string(self.rest));
        } else if let Some(length) = character(self.rest) {
            self.blank(length);
        } else if let Some(next) = self.rest.chars().next() {
            self.code.push(next);
            self.rest = &self.rest[next.len_utf8()..];
        }
    }

    /// Whether what comes next is not the tail of a longer word.
    fn starts_word(&self) -> bool {
        !self.code.ends_with(is_word)
    }

    fn blank(&mut self, length: usize) {
        let (blanked, rest) = self.rest.split_at(length);
        self.code
            .extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// The length of the comment at the start of `text`; comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut position = 0;
    while position < text.len() {
        let rest = &text.as_bytes()[position..];
        if rest.starts_with(b"/*") {
            depth += 1;
            position += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            position += 2;
            if depth == 0 {
                return position;
            }
        } else {
            position += 1;
        }
    }
    text.len()
}

/// The length of the raw string at the start of `text`, if there is one.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"]
        .into_iter()
        .find(|prefix| text.starts_with(prefix))?;
    let after = &text[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = prefix.len() + hashes + 1;
    Some(
        body.find(&end)
            .map_or(text.len(), |found| start + found + end.len()),
    )
}

/// The length of the string at the start of `text`.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (position, character) in text.char_indices().skip(1) {
        match character {
            '"' if !is_escaped => return position + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// The length of the character literal at the start of `text`; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let first = body.chars().next()?;
    if first == '\\' {
        let escaped = body[1..].chars().next()?.len_utf8() + 1;
        return body[escaped..]
            .find('\'')
            .map(|found| 1 + escaped + found + 1);
    }
    body[first.len_utf8()..]
        .starts_with('\'')
        .then_some(first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::{before_tests, code_of, words};

    fn squeezed(source: &str) -> String {
        code_of(source)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        let source = "let a = \"std::time \\\" x\"; // HashMap\n/* f64 /* nested */ f32 */ b";
        assert_eq!(squeezed(source), "let a = ; b");
        assert_eq!(code_of(source).lines().count(), 2);
    }

    #[test]
    fn raw_strings_end_with_as_many_hashes_as_they_began() {
        assert_eq!(
            squeezed("f(r#\"a \"quoted\" word\"#, br\"x\") + bar"),
            "f( , ) + bar"
        );
    }

    #[test]
    fn a_lifetime_is_no_character() {
        assert_eq!(
            squeezed("fn f<'a>(x: &'a str) { '\"'; '\\''; '\\\\'; }"),
            "fn f<'a>(x: &'a str) { ; ; ; }"
        );
    }

    #[test]
    fn multibyte_text_is_blanked_without_breaking_lines() {
        assert_eq!(squeezed("/* é→ */ a \"é\" 'é' b"), "a b");
    }

    #[test]
    fn unit_tests_are_the_tail_of_a_file() {
        let code = "#[cfg(test)]\nmod tests;\nfn f() {}\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(before_tests(code).lines().count(), 4);
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(
            words("use crate::raft_log::{a1, B};").collect::<Vec<_>>(),
            ["use", "crate", "raft_log", "a1", "B"]
        );
    }
}
