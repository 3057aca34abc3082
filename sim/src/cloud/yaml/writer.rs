//! Writing YAML: block style, two spaces, comments.

use std::fmt::Write as _;

/// A YAML text that grows line by line.
///
/// Enough for manifests: mappings, lists of mappings, scalars. Texts are quoted unless every reader
/// takes them for text.
#[derive(Debug, Default)]
pub(in crate::cloud) struct Writer {
    text: String,
    depth: usize,
    /// The next field begins an item of a list.
    item: bool,
}

impl Writer {
    /// A line of comment at the left margin.
    pub(in crate::cloud) fn comment(&mut self, words: &str) {
        for line in words.lines() {
            let _ = writeln!(self.text, "# {line}");
        }
    }

    /// `name: value`, a text.
    pub(in crate::cloud) fn text(&mut self, name: &str, value: &str) {
        self.line(name, &quoted(value));
    }

    /// `name: value`, a number.
    pub(in crate::cloud) fn number(&mut self, name: &str, value: u32) {
        self.line(name, &value.to_string());
    }

    /// `name: value`, unless there is none.
    pub(in crate::cloud) fn optional_number(&mut self, name: &str, value: Option<u32>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    /// `name:` and a mapping below it; `name: {}` if it has no fields.
    pub(in crate::cloud) fn mapping(&mut self, name: &str, fields: impl FnOnce(&mut Self)) {
        self.line(name, "");
        let begin = self.text.len();
        self.depth += 1;
        fields(self);
        self.depth -= 1;
        if self.text.len() == begin {
            self.text.truncate(begin - 1);
            self.text.push_str(" {}\n");
        }
    }

    /// `name:` and a list of mappings below it.
    pub(in crate::cloud) fn list<T>(
        &mut self,
        name: &str,
        items: &[T],
        mut fields: impl FnMut(&mut Self, &T),
    ) {
        if items.is_empty() {
            self.line(name, "[]");
            return;
        }
        self.line(name, "");
        for item in items {
            self.item = true;
            self.depth += 1;
            fields(self, item);
            self.depth -= 1;
        }
    }

    /// The whole text.
    pub(in crate::cloud) fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, name: &str, value: &str) {
        let begins = std::mem::take(&mut self.item);
        let indent = "  ".repeat(self.depth - usize::from(begins));
        let dash = if begins { "- " } else { "" };
        let gap = if value.is_empty() { "" } else { " " };
        let name = quoted(name);
        let _ = writeln!(self.text, "{indent}{dash}{name}:{gap}{value}");
    }
}

/// `text` as a scalar that is read as that text, by readers of YAML 1.1 too.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let begins_like_text = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let is_word = words.contains(&text.to_ascii_lowercase().as_str());
    if begins_like_text && text.chars().all(plain) && !is_word {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
