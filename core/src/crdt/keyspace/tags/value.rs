//! What a tag says.

use alloc::vec::Vec;
use core::fmt;

use super::scalar::Scalar;
use crate::crdt::Path;

/// What a tag says: one value, or a list of them. Single values come before lists.
///
/// Lists are not nested: a list of lists is something to build a map for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagValue {
    /// One value.
    One(Scalar),
    /// Some values, in the order in which they were given.
    List(Vec<Scalar>),
}

/// Comes after the types of scalars.
const LIST: u8 = 6;

impl TagValue {
    /// A list.
    pub fn list<S: Into<Scalar>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// Its bytes: the only ones, and in the order of the values.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.put(&mut bytes);
        bytes
    }

    /// The value of the bytes; `None` if they are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&LIST, items) => {
                let items = Path::from_bytes(items).ok()?;
                let items = items.segments().map(|item| Scalar::from_bytes(&item));
                items.collect::<Option<_>>().map(Self::List)
            }
            _ => Scalar::from_bytes(bytes).map(Self::One),
        }
    }

    /// The items are segments, as in a path: what keeps the order there does it here.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::One(scalar) => scalar.put(out),
            Self::List(items) => {
                let items = items.iter().map(|item| {
                    let mut bytes = Vec::new();
                    item.put(&mut bytes);
                    bytes
                });
                out.push(LIST);
                out.extend_from_slice(Path::of(items).as_bytes());
            }
        }
    }

    /// A number for its type, in the order of the types.
    pub(in crate::crdt::keyspace) fn rank(&self) -> u8 {
        match self {
            Self::One(scalar) => scalar.rank(),
            Self::List(_) => LIST,
        }
    }
}

impl<S: Into<Scalar>> From<S> for TagValue {
    fn from(value: S) -> Self {
        Self::One(value.into())
    }
}

impl fmt::Display for TagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = match self {
            Self::One(scalar) => return scalar.fmt(f),
            Self::List(items) => items,
        };
        f.write_str("[")?;
        for (at, item) in items.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{item}")?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Micros;
    use crate::crdt::keyspace::Number;
    use alloc::string::ToString;

    #[test]
    fn bytes_are_in_the_order_of_the_values_and_come_back() {
        let values = [
            TagValue::from(false),
            TagValue::from(true),
            TagValue::from(-7),
            TagValue::from(Number::new(15, 1).unwrap()),
            TagValue::from(2),
            TagValue::from(Micros(0)),
            TagValue::from(Micros(u64::MAX)),
            TagValue::from(""),
            TagValue::from("a"),
            TagValue::from("a\0"),
            TagValue::from("ab"),
            TagValue::from(b"\0\xff".to_vec()),
            TagValue::list::<i64>([]),
            TagValue::list([2, 1]),
            TagValue::list([10]),
            TagValue::list(["a", "b"]),
            TagValue::list(["a\0"]),
        ];
        assert!(values.is_sorted_by(|a, b| a < b && a.to_bytes() < b.to_bytes()));
        for value in &values {
            assert_eq!(
                TagValue::from_bytes(&value.to_bytes()).as_ref(),
                Some(value)
            );
        }
    }

    #[test]
    fn bytes_that_no_value_has_are_refused() {
        for bytes in [&[][..], &[0], &[7], &[1, 2], &[1], &[3, 0x7f], &[4, 0xff]] {
            assert_eq!(TagValue::from_bytes(bytes), None, "{bytes:?}");
        }
        for bytes in [
            &[3, 0x81, 5, 5][..],
            &[6, 1, 1],
            &[6, 9, 0, 1],
            &[6, 6, 0, 1],
        ] {
            assert_eq!(TagValue::from_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn values_are_shown_with_their_type() {
        let shown = TagValue::list(["a", "b\"c"]).to_string();
        assert_eq!(shown, r#"["a", "b\"c"]"#);
        assert_eq!(TagValue::from(Micros(1_500_000)).to_string(), "1.500 s");
        assert_eq!(TagValue::from(vec![0, b'a']).to_string(), r#"b"\x00a""#);
    }

    use alloc::vec;
}
