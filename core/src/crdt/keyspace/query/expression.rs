//! What can be asked of tags.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::{Bound, Not, RangeBounds};

use crate::crdt::keyspace::tags::{TagName, TagValue};

/// Which objects to find.
///
/// A tag is asked about by its terms: what it says, and the items of a list. With several values that
/// show side by side it is enough if one of them fits.
///
/// ```
/// use quorate::crdt::keyspace::{Query, TagName, TagValue};
///
/// let name = |name| TagName::new(name);
/// let cheap = Query::range(name("shop:price")?, ..TagValue::from(10));
/// let red = Query::equals(name("shop:colour")?, "red");
/// let sold = Query::exists(name("shop:sold")?);
/// let query = cheap.and(red).and(!sold);
/// assert!(matches!(query, Query::All(parts) if parts.len() == 3));
/// # Ok::<(), quorate::crdt::keyspace::TagNameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Objects with a tag of this name, whatever it says.
    Exists(TagName),
    /// Objects with a term that lies in a range.
    Within(TagName, ValueRange),
    /// Objects that every one of the queries finds. Without any: every object.
    All(Vec<Query>),
    /// Objects that one of the queries finds. Without any: no object.
    Any(Vec<Query>),
    /// Objects that the query does not find, those without tags too.
    Not(Box<Query>),
}

/// The values between two bounds that are of the same type as these.
///
/// Values of different types have an order too, but nobody who asks for prices above ten wants to
/// find a text. Bounds of two types, or crossed ones, hold nothing between them. Without bounds it
/// is every value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueRange {
    low: Bound<TagValue>,
    high: Bound<TagValue>,
}

impl Query {
    /// Objects with a tag of this name.
    pub fn exists(name: TagName) -> Self {
        Self::Exists(name)
    }

    /// Objects with this value, or with a list that it is in.
    pub fn equals(name: TagName, value: impl Into<TagValue>) -> Self {
        let value = value.into();
        Self::range(name, value.clone()..=value)
    }

    /// Objects with a value in this range, or with a list that has such an item.
    pub fn range(name: TagName, range: impl RangeBounds<TagValue>) -> Self {
        Self::Within(name, ValueRange::new(range))
    }

    /// Objects that both find.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut queries) => {
                queries.push(other);
                Self::All(queries)
            }
            _ => Self::All(vec![self, other]),
        }
    }

    /// Objects that one of them finds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Any(mut queries) => {
                queries.push(other);
                Self::Any(queries)
            }
            _ => Self::Any(vec![self, other]),
        }
    }
}

impl Not for Query {
    type Output = Self;

    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl ValueRange {
    /// The range with these bounds.
    pub fn new(range: impl RangeBounds<TagValue>) -> Self {
        Self {
            low: range.start_bound().cloned(),
            high: range.end_bound().cloned(),
        }
    }

    /// Whether the value lies in it.
    pub fn contains(&self, value: &TagValue) -> bool {
        self.is_of_its_type(value) && (self.low.as_ref(), self.high.as_ref()).contains(value)
    }

    /// Whether the value is of the type of the bounds there are.
    pub(super) fn is_of_its_type(&self, value: &TagValue) -> bool {
        let fits = |bound: &Bound<TagValue>| match bound {
            Bound::Included(bound) | Bound::Excluded(bound) => bound.rank() == value.rank(),
            Bound::Unbounded => true,
        };
        fits(&self.low) && fits(&self.high)
    }

    /// The bounds in a form that a sorted map can be asked with; `None` if nothing lies between them.
    pub(super) fn bounds(&self) -> Option<(Bound<&TagValue>, Bound<&TagValue>)> {
        let crossed = match (&self.low, &self.high) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(low), Bound::Included(high)) => low > high,
            (
                Bound::Included(low) | Bound::Excluded(low),
                Bound::Included(high) | Bound::Excluded(high),
            ) => low >= high,
        };
        (!crossed).then_some((self.low.as_ref(), self.high.as_ref()))
    }
}
