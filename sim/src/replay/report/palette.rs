//! The project's colours, light and dark, and the style of the charts in them.
//!
//! A page may have variables. A drawing that is opened in an editor or turned into a picture may
//! not: there the values stand in the rules themselves, the light ones first and the dark ones again
//! for readers that know what a media query is.

use std::fmt::Write;

/// Names, light and dark values: those of the page's style sheet, and the policies'.
pub(super) const COLOURS: [(&str, &str, &str); 26] = [
    ("bg", "#f2f2ee", "#0d0f12"),
    ("surface", "#fbfbf9", "#14171b"),
    ("surface-2", "#eeeeea", "#1b1f25"),
    ("surface-3", "#e3e3dd", "#262c35"),
    ("line", "#dcdcd5", "#272c34"),
    ("line-2", "#b4b4aa", "#465060"),
    ("line-3", "#84857d", "#6d7787"),
    ("ink", "#17191c", "#e8eaed"),
    ("ink-2", "#43484e", "#b6bcc6"),
    ("ink-3", "#5c6167", "#959dab"),
    ("accent", "#2f43c4", "#9dabff"),
    ("accent-weak", "#e4e7fa", "#1e2447"),
    ("accent-line", "#a9b3ec", "#4353a8"),
    ("ok", "#17693f", "#63cc98"),
    ("warn", "#7d5200", "#efb955"),
    ("warn-weak", "#f8edd2", "#2c2310"),
    ("bad", "#ab1f17", "#ff8d80"),
    ("bad-weak", "#fae3df", "#351715"),
    ("p0", "#2f43c4", "#9dabff"),
    ("p1", "#1477ac", "#56b4e9"),
    ("p2", "#a3457a", "#dd92bd"),
    ("p3", "#b35a00", "#f0a040"),
    ("p4", "#00735a", "#3fcfa3"),
    ("p5", "#746400", "#e3d54f"),
    ("p6", "#4d6478", "#a9c1d4"),
    ("p7", "#43484e", "#b6bcc6"),
];

/// Rules for charts, with variables for colours.
pub(super) const CHARTS: &str = include_str!("charts.css");

/// The declarations of all variables.
pub(super) fn variables() -> String {
    let declare = |colour: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
        let mut rules = String::new();
        for entry in &COLOURS {
            write!(rules, "--{}:{};", entry.0, colour(entry)).expect("a string takes any text");
        }
        rules
    };
    format!(
        ":root{{{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n",
        declare(|entry| entry.1),
        declare(|entry| entry.2)
    )
}

/// The rules for charts with the colours in them, light and dark.
pub(super) fn charts_without_variables() -> String {
    let with = |colour: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
        COLOURS.iter().fold(CHARTS.to_owned(), |rules, entry| {
            rules.replace(&format!("var(--{})", entry.0), colour(entry))
        })
    };
    format!(
        "{}@media (prefers-color-scheme:dark){{\n{}}}\n",
        with(|entry| entry.1),
        with(|entry| entry.2)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's style sheet, of which these are copies.
    const TOKENS: &str = include_str!("../../../../styles/tokens.css");

    #[test]
    fn the_colours_are_those_of_the_page() {
        let of_policies = |name: &str| name.starts_with('p');
        for (name, light, dark) in COLOURS.iter().filter(|it| !of_policies(it.0)) {
            let token = format!("--{name}: light-dark({light}, {dark});");
            assert!(TOKENS.contains(&token), "{token}");
        }
    }

    #[test]
    fn every_colour_of_the_charts_is_known() {
        assert!(!charts_without_variables().contains("var("));
    }
}
