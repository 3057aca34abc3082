//! Tables that a command writes into a document, between two marks.
//!
//! Figures copied by hand are copied wrong, and not again when the code has changed.

use std::fs;
use std::path::Path;

use crate::error::Error;

const BEGIN: &str = "<!-- begin: cargo xtask bench --document -->";
const END: &str = "<!-- end -->";

/// Puts the tables in place of what stands between the marks.
pub(super) fn replace(path: &Path, tables: &str) -> Result<(), Error> {
    let text = fs::read_to_string(path).map_err(Error::file(path))?;
    let Some(replaced) = between_marks(&text, tables) else {
        let what = format!("{} lacks `{BEGIN}` or `{END}`", path.display());
        return Err(Error::Other(what));
    };
    fs::write(path, replaced).map_err(Error::file(path))
}

fn between_marks(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, between_marks};

    #[test]
    fn what_stands_between_the_marks_is_replaced_and_nothing_else() {
        let text = format!("# A\n{BEGIN}\nold\n{END}\nB\n");
        let expected = format!("# A\n{BEGIN}\n\nnew\n\n{END}\nB\n");
        assert_eq!(between_marks(&text, "new").as_deref(), Some(&expected[..]));
        assert_eq!(
            between_marks(&expected, "new").as_deref(),
            Some(&expected[..])
        );
        assert_eq!(between_marks("# A\n", "new"), None);
    }
}
