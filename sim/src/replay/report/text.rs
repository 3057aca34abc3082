//! Text that goes into markup.

use std::fmt::{self, Write};

/// A document that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Appends markup. What comes from outside goes in as [`Escaped`].
    pub(super) fn put(&mut self, markup: fmt::Arguments<'_>) {
        self.0.write_fmt(markup).expect("a string takes any text");
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Text from outside, for a place between tags or within a quoted attribute.
///
/// Control characters, which XML knows no way to write, become replacement characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' => f.write_char(character)?,
                '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}')?,
                _ if character.is_control() => f.write_char('\u{fffd}')?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// At most `limit` characters, the last one an ellipsis if some are left out.
pub(super) fn shortened(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept = text.chars().take(limit.saturating_sub(1));
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_stays_text() {
        let text = "<script>\"&'\u{0}\u{1b}é\n";
        let escaped = Escaped(text).to_string();
        assert_eq!(escaped, "&lt;script&gt;&quot;&amp;&#39;\u{fffd}\u{fffd}é\n");
    }

    #[test]
    fn long_text_ends_in_an_ellipsis() {
        assert_eq!(shortened("übermäßig", 9), "übermäßig");
        assert_eq!(shortened("übermäßig", 4), "übe…");
    }
}
