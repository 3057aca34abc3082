//! What can be wrong with a document of a cloud, and where.

use std::fmt;

use super::quantity::QuantityError;
use super::yaml::{Node, Place, YamlFault};

/// Why a document was refused: line, column, path, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudError {
    /// Where in the file.
    pub place: Place,
    /// The path of the field, such as `spec.metrics[0].resource.name`; empty for the whole document.
    pub path: String,
    /// What is wrong.
    pub fault: CloudFault,
}

/// What is wrong with a document or a field of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloudFault {
    /// The text is not YAML.
    Yaml(YamlFault),
    /// No document of the file is an autoscaler.
    NoAutoscaler,
    /// More than one document is an autoscaler, and nobody said which is meant.
    SeveralAutoscalers(usize),
    /// The field must be there.
    Missing,
    /// Something else was expected.
    WrongKind {
        /// What was expected.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// Not a whole number within the range.
    NotWithin {
        /// What is there.
        found: String,
        /// The least that is allowed.
        least: u32,
        /// The most that is allowed.
        most: u32,
    },
    /// Not one of a few words.
    NotOneOf {
        /// What is there.
        found: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Not a quantity.
    Quantity {
        /// What is there.
        found: String,
        /// Why it is none.
        error: QuantityError,
    },
    /// A quantity below zero.
    Negative(String),
    /// A quantity of zero or less where a target is needed.
    NotPositive(String),
    /// The manifest is well-formed, and no policy follows from it.
    Policy(String),
}

impl CloudError {
    pub(super) fn new(path: &str, node: &Node, fault: CloudFault) -> Self {
        Self {
            place: node.place,
            path: path.to_owned(),
            fault,
        }
    }
}

impl fmt::Display for CloudError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        self.fault.fmt(f)
    }
}

impl fmt::Display for CloudFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yaml(fault) => fault.fmt(f),
            Self::NoAutoscaler => {
                f.write_str("there is no HorizontalPodAutoscaler of autoscaling/v2 in the file")
            }
            Self::SeveralAutoscalers(count) => write!(
                f,
                "there are {count} HorizontalPodAutoscalers in the file; one at a time is read"
            ),
            Self::Missing => f.write_str("this field must be there"),
            Self::WrongKind { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::NotWithin { found, least, most } => write!(
                f,
                "`{}` is not a whole number from {least} to {most}",
                cut(found)
            ),
            Self::NotOneOf { found, allowed } => {
                write!(f, "`{}` is none of {allowed}", cut(found))
            }
            Self::Quantity { found, error } => write!(f, "`{}` {error}", cut(found)),
            Self::Negative(found) => write!(f, "`{}` is below zero", cut(found)),
            Self::NotPositive(found) => write!(f, "`{}` is not above zero", cut(found)),
            Self::Policy(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for CloudError {}

/// The first forty characters: enough to find the place.
fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
