//! YAML as a tree in which every value knows its place.
//!
//! Deserialising straight into structs is shorter, and then an error in a manifest of two hundred
//! lines says what was expected but not where, and a field that nobody reads vanishes without a
//! word. Here the parser's events become a small tree; whoever reads it takes field by field, and
//! [`Fields::rest`] has what nobody took.
//!
//! Bounded: bytes, depth, and values after aliases are expanded, so that a short file cannot ask for
//! gigabytes.

mod fields;
mod tree;
mod writer;

pub(super) use fields::{Fields, as_text};
pub(super) use tree::documents;
pub(super) use writer::Writer;

use std::fmt;

/// A place in a file. Lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A value of a document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where it begins.
    pub(super) place: Place,
    /// What it is.
    pub(super) value: Value,
}

/// The kinds of values.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// Text; what it means is for its reader to say.
    Scalar(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Names and values, in the order of the file, no name twice.
    Mapping(Vec<(String, Node)>),
}

impl Value {
    /// What it is, in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Scalar(_) => "a scalar",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}

/// Why a text is not YAML that is read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum YamlFault {
    /// The parser's own words.
    Syntax(String),
    /// More than a mebibyte.
    TooLong,
    /// Values within each other more than 64 deep.
    TooDeep,
    /// More than 20,000 values, those counted that aliases repeat.
    TooMany,
    /// The name of a field is a list or a mapping.
    NameNotText,
    /// The same name twice in one mapping.
    Twice(String),
}

impl fmt::Display for YamlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(what) => f.write_str(what),
            Self::TooLong => f.write_str("the file has more than 1 MiB"),
            Self::TooDeep => f.write_str("values are nested more than 64 deep"),
            Self::TooMany => f.write_str("there are more than 20000 values, aliases expanded"),
            Self::NameNotText => f.write_str("the name of a field must be text"),
            Self::Twice(name) => write!(f, "the field `{name}` is there twice"),
        }
    }
}
