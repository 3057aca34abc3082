//! The name of a tag.

use alloc::sync::Arc;
use core::fmt;
use core::str::FromStr;

/// What a tag is about: `namespace:name`, such as `review:state`.
///
/// The namespace goes up to the first colon and keeps the tags of different programs apart. Neither
/// part is empty. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagName(Arc<str>);

/// Text that is not the name of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagNameError {
    /// There is no colon in it, or nothing before the first one.
    NoNamespace,
    /// Nothing follows the namespace.
    NoName,
    /// It is too long.
    TooLong {
        /// How many bytes it has.
        len: usize,
    },
}

impl TagName {
    /// How many bytes a name may have.
    pub const LEN_MAX: usize = 255;

    /// Checks a name.
    pub fn new(name: &str) -> Result<Self, TagNameError> {
        let (namespace, rest) = name.split_once(':').ok_or(TagNameError::NoNamespace)?;
        if namespace.is_empty() {
            return Err(TagNameError::NoNamespace);
        }
        if rest.is_empty() {
            return Err(TagNameError::NoName);
        }
        if name.len() > Self::LEN_MAX {
            return Err(TagNameError::TooLong { len: name.len() });
        }
        Ok(Self(Arc::from(name)))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first colon.
    pub fn namespace(&self) -> &str {
        self.parts().0
    }

    /// What follows the first colon.
    pub fn name(&self) -> &str {
        self.parts().1
    }

    /// The name that a segment of a path is; `None` if it is none.
    pub(in crate::crdt::keyspace) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Self::new(core::str::from_utf8(bytes).ok()?).ok()
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once(':').expect("checked when it was made")
    }
}

impl FromStr for TagName {
    type Err = TagNameError;

    fn from_str(name: &str) -> Result<Self, TagNameError> {
        Self::new(name)
    }
}

impl fmt::Display for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TagName({self})")
    }
}

impl fmt::Display for TagNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNamespace => f.write_str("a tag is named `namespace:name`"),
            Self::NoName => f.write_str("nothing follows the namespace of the tag"),
            Self::TooLong { len } => write!(
                f,
                "a tag's name of {len} bytes; {} are allowed",
                TagName::LEN_MAX
            ),
        }
    }
}

impl core::error::Error for TagNameError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_parts_and_an_end() {
        let name = TagName::new("review:state:draft").unwrap();
        assert_eq!((name.namespace(), name.name()), ("review", "state:draft"));
        assert_eq!(TagName::new("state"), Err(TagNameError::NoNamespace));
        assert_eq!(TagName::new(":state"), Err(TagNameError::NoNamespace));
        assert_eq!(TagName::new("review:"), Err(TagNameError::NoName));
        let long = alloc::format!("a:{}", "b".repeat(254));
        assert_eq!(TagName::new(&long), Err(TagNameError::TooLong { len: 256 }));
        assert!(TagName::new(&long[..255]).is_ok());
    }
}
