//! What kinds of field a map has, and where in the store they lie.
//!
//! If the kind were a property of the key, two replicas that create one key with two kinds would
//! have to agree on one, and one of them would lose what it wrote. So the kind is part of a field's
//! name, as in Riak's maps: the two are two fields, removed together with their key.
//!
//! ```text
//! field   = key, kind, value          one path segment each; `value` as the kind needs it:
//! set     : the element
//! counter, registers, flag: nothing, all is in the payload
//! map     : a field
//! ```

use alloc::vec::Vec;
use core::fmt;

use crate::crdt::types::counter;
use crate::crdt::types::element::AsElement;
use crate::crdt::types::hybrid_clock::Stamp;
use crate::crdt::{Path, PathRef};

/// What a field of a map holds. The number is its segment in the path: the first letter of what
/// comes to mind, so that a path can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[repr(u8)]
pub enum Kind {
    /// A counter that can be reset.
    Counter = b'C',
    /// A flag that an enabling wins.
    Flag = b'F',
    /// A map.
    Map = b'M',
    /// A register that the last writer wins.
    Register = b'R',
    /// An add-wins set.
    Set = b'S',
    /// A register that keeps what was written concurrently.
    MultiRegister = b'V',
}

impl Kind {
    /// All of them, in the order of their bytes.
    pub const ALL: [Self; 6] = [
        Self::Counter,
        Self::Flag,
        Self::Map,
        Self::Register,
        Self::Set,
        Self::MultiRegister,
    ];

    /// Of what kind the innermost field is whose value an event at this path belongs to; `None` if
    /// no map writes such a path.
    pub fn of_path(path: PathRef<'_>) -> Option<Self> {
        let mut segments = path.segments();
        loop {
            segments.next()?;
            let kind = Self::of_segment(&segments.next()?)?;
            if kind == Self::Map {
                continue;
            }
            if kind == Self::Set {
                segments.next()?;
            }
            return segments.next().is_none().then_some(kind);
        }
    }

    /// Whether a map has fields at or under such a path: they may be removed together.
    pub(super) fn leads_to_field(path: PathRef<'_>) -> bool {
        let mut segments = path.segments();
        while segments.next().is_some() {
            match segments.next().map(|kind| Self::of_segment(&kind)) {
                None => return true,
                Some(None) => return false,
                Some(Some(Self::Map)) => {}
                Some(Some(Self::Set)) => return segments.nth(1).is_none(),
                Some(Some(_)) => return segments.next().is_none(),
            }
        }
        true
    }

    /// The kind that a segment stands for.
    pub(super) fn of_segment(segment: &[u8]) -> Option<Self> {
        let [byte] = *segment else {
            return None;
        };
        Self::ALL.into_iter().find(|&kind| kind as u8 == byte)
    }

    /// Where the field of this kind lies in the map at `map`.
    pub(in crate::crdt) fn field<K>(self, map: &Path, key: &(impl AsElement<K> + ?Sized)) -> Path {
        map.child(&key.element_bytes()).child(&[self as u8])
    }

    /// Whether a live event of a field of this kind can carry the payload.
    pub(super) fn fits(self, payload: &[u8]) -> bool {
        match self {
            Self::Set | Self::Flag => payload.is_empty(),
            Self::Counter => counter::parse(payload).is_some(),
            Self::Register => Stamp::split(payload).is_some(),
            Self::MultiRegister => true,
            // A map has no value but that of its fields.
            Self::Map => false,
        }
    }
}

/// The key and the kind of the field of the map at `map` that an event belongs to.
pub(super) fn name_of(path: PathRef<'_>, map: &Path) -> Option<(Vec<u8>, Kind)> {
    Kind::of_path(path.relative_to(map.as_ref())?)?;
    let mut segments = path.relative_to(map.as_ref())?.segments();
    let key = segments.next()?;
    let kind = Kind::of_segment(&segments.next()?)?;
    Some((key.into_owned(), kind))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::Flag => "flag",
            Self::Map => "map",
            Self::Register => "register",
            Self::Set => "set",
            Self::MultiRegister => "multi-value register",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(segments: &[&str]) -> Option<Kind> {
        Kind::of_path(Path::of(segments).as_ref())
    }

    #[test]
    fn a_path_has_the_kind_of_its_innermost_field() {
        assert_eq!(kind_of(&["cart", "S", "milk"]), Some(Kind::Set));
        assert_eq!(kind_of(&["likes", "C"]), Some(Kind::Counter));
        assert_eq!(kind_of(&["user", "M", "name", "R"]), Some(Kind::Register));
        assert_eq!(kind_of(&["a", "M", "b", "M", "c", "F"]), Some(Kind::Flag));
    }

    #[test]
    fn a_path_that_no_map_writes_has_none() {
        for path in [
            &[][..],
            &["cart"],
            &["cart", "S"],
            &["cart", "S", "milk", "more"],
            &["likes", "C", "more"],
            &["likes", "X"],
            &["likes", "CC"],
            &["user", "M"],
            &["user", "M", "name"],
        ] {
            assert_eq!(kind_of(path), None, "{path:?}");
        }
    }

    #[test]
    fn the_list_of_all_kinds_is_in_the_order_of_their_bytes() {
        assert!(Kind::ALL.is_sorted_by_key(|&kind| kind as u8));
    }
}
