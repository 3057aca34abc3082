//! Taking a mapping apart, field by field, with the path to say.

use super::{Node, Value};
use crate::cloud::error::{CloudError, CloudFault};

/// The fields of one mapping that nobody took yet.
pub(in crate::cloud) struct Fields<'a> {
    /// The path of the mapping, such as `spec.metrics[0]`; empty at the top.
    path: String,
    node: &'a Node,
    left: Vec<(&'a str, &'a Node)>,
}

impl<'a> Fields<'a> {
    /// The fields of `node`, which must be a mapping.
    pub(in crate::cloud) fn of(path: &str, node: &'a Node) -> Result<Self, CloudError> {
        let Value::Mapping(fields) = &node.value else {
            return Err(wrong_kind(path, node, "a mapping"));
        };
        Ok(Self {
            path: path.to_owned(),
            node,
            left: fields
                .iter()
                .map(|(name, node)| (name.as_str(), node))
                .collect(),
        })
    }

    /// The path of the field `name`.
    pub(in crate::cloud) fn path(&self, name: &str) -> String {
        at(&self.path, name)
    }

    /// The value of the field `name`, unless it is absent or null.
    pub(in crate::cloud) fn take(&mut self, name: &str) -> Option<&'a Node> {
        let index = self.left.iter().position(|(known, _)| *known == name)?;
        let (_, node) = self.left.remove(index);
        (!matches!(node.value, Value::Null)).then_some(node)
    }

    /// The value of the field `name`, which must be there.
    pub(in crate::cloud) fn require(&mut self, name: &str) -> Result<&'a Node, CloudError> {
        let node = self.node;
        self.take(name)
            .ok_or_else(|| CloudError::new(&self.path(name), node, CloudFault::Missing))
    }

    /// A text that must be there.
    pub(in crate::cloud) fn text(&mut self, name: &str) -> Result<String, CloudError> {
        let node = self.require(name)?;
        as_text(&self.path(name), node).map(str::to_owned)
    }

    /// A text that may be absent.
    pub(in crate::cloud) fn optional_text(
        &mut self,
        name: &str,
    ) -> Result<Option<String>, CloudError> {
        let path = self.path(name);
        self.take(name)
            .map(|node| as_text(&path, node).map(str::to_owned))
            .transpose()
    }

    /// A whole number between `least` and `most` that may be absent.
    pub(in crate::cloud) fn optional_integer(
        &mut self,
        name: &str,
        least: u32,
        most: u32,
    ) -> Result<Option<u32>, CloudError> {
        let path = self.path(name);
        let Some(node) = self.take(name) else {
            return Ok(None);
        };
        let text = as_text(&path, node)?;
        text.parse::<u32>()
            .ok()
            .filter(|number| (least..=most).contains(number))
            .map(Some)
            .ok_or_else(|| {
                let found = text.to_owned();
                CloudError::new(&path, node, CloudFault::NotWithin { found, least, most })
            })
    }

    /// A whole number between `least` and `most` that must be there.
    pub(in crate::cloud) fn integer(
        &mut self,
        name: &str,
        least: u32,
        most: u32,
    ) -> Result<u32, CloudError> {
        let node = self.node;
        self.optional_integer(name, least, most)?
            .ok_or_else(|| CloudError::new(&self.path(name), node, CloudFault::Missing))
    }

    /// A mapping that must be there.
    pub(in crate::cloud) fn mapping(&mut self, name: &str) -> Result<Self, CloudError> {
        let node = self.require(name)?;
        Self::of(&self.path(name), node)
    }

    /// A mapping that may be absent.
    pub(in crate::cloud) fn optional_mapping(
        &mut self,
        name: &str,
    ) -> Result<Option<Self>, CloudError> {
        let path = self.path(name);
        self.take(name)
            .map(|node| Self::of(&path, node))
            .transpose()
    }

    /// The items of a list, with their paths; none if it is absent.
    pub(in crate::cloud) fn list(&mut self, name: &str) -> Result<Vec<Self>, CloudError> {
        let path = self.path(name);
        let Some(node) = self.take(name) else {
            return Ok(Vec::new());
        };
        let Value::Sequence(items) = &node.value else {
            return Err(wrong_kind(&path, node, "a list"));
        };
        items
            .iter()
            .enumerate()
            .map(|(index, item)| Self::of(&format!("{path}[{index}]"), item))
            .collect()
    }

    /// An error about the field `name` at `node`.
    pub(in crate::cloud) fn error(&self, name: &str, node: &Node, fault: CloudFault) -> CloudError {
        CloudError::new(&self.path(name), node, fault)
    }

    /// The paths of what nobody took, with the line of each.
    pub(in crate::cloud) fn rest(self) -> impl Iterator<Item = (String, usize)> {
        let path = self.path;
        self.left
            .into_iter()
            .map(move |(name, node)| (at(&path, name), node.place.line))
    }
}

/// The path of the field `name` below `path`.
fn at(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The text of `node`.
pub(in crate::cloud) fn as_text<'a>(path: &str, node: &'a Node) -> Result<&'a str, CloudError> {
    match &node.value {
        Value::Scalar(text) => Ok(text),
        _ => Err(wrong_kind(path, node, "a scalar")),
    }
}

fn wrong_kind(path: &str, node: &Node, expected: &'static str) -> CloudError {
    let found = node.value.kind();
    CloudError::new(path, node, CloudFault::WrongKind { expected, found })
}
