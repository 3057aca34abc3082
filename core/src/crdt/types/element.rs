//! What can be an element, a key or a value: it has one form as bytes.
//!
//! The store knows bytes only. A general serializer would do, but most have several forms of one
//! value (hash maps in any order, numbers in any width), and then one element would be two. So a
//! type says what its bytes are, and that they are the only ones.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// Something that can be an element, a key or a value: it has one form as bytes.
///
/// Where a type has an order, the order of its bytes should be the same one: sets and maps are
/// walked in the order of bytes.
pub trait Element: Sized {
    /// The bytes that stand for it. Equal elements have equal bytes.
    fn to_bytes(&self) -> Cow<'_, [u8]>;
    /// The element of these bytes; `None` if there is none.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;

    /// Whether there is an element of these bytes. It is asked of everything that comes from
    /// outside, so a type that need not be made to know says so itself.
    fn is_element(bytes: &[u8]) -> bool {
        Self::from_bytes(bytes).is_some()
    }
}

/// What can stand for an `E` when one is asked for: an `E`, or what an `E` borrows as.
///
/// It lets `"milk"` be added to a set of `String` without making a `String` of it.
pub trait AsElement<E> {
    /// The bytes of the `E` that it stands for.
    fn element_bytes(&self) -> Cow<'_, [u8]>;
}

impl<E: Element> AsElement<E> for E {
    fn element_bytes(&self) -> Cow<'_, [u8]> {
        self.to_bytes()
    }
}

impl AsElement<String> for str {
    fn element_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }
}

impl AsElement<Vec<u8>> for [u8] {
    fn element_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

impl<const N: usize> AsElement<Vec<u8>> for [u8; N] {
    fn element_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }
}

impl Element for String {
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.as_bytes())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        core::str::from_utf8(bytes).ok().map(Self::from)
    }

    fn is_element(bytes: &[u8]) -> bool {
        // Asked first because it is quicker, and most text is.
        bytes.is_ascii() || core::str::from_utf8(bytes).is_ok()
    }
}

impl Element for Vec<u8> {
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self)
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }

    fn is_element(_bytes: &[u8]) -> bool {
        true
    }
}

impl Element for bool {
    /// One byte, zero or one.
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(if *self { &[1] } else { &[0] })
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }
}

impl Element for u32 {
    /// Big endian, so that the order of the bytes is the order of the numbers.
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.to_be_bytes().to_vec())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Element for u64 {
    /// Big endian, so that the order of the bytes is the order of the numbers.
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.to_be_bytes().to_vec())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

impl Element for u128 {
    /// Big endian, so that the order of the bytes is the order of the numbers.
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.to_be_bytes().to_vec())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_be_bytes)
    }
}

/// Two's complement sorts the negative numbers last; with the sign bit flipped they come first.
const SIGN: u64 = 1 << 63;

impl Element for i64 {
    /// Big endian with the sign bit flipped, so that the order of the bytes is the order of the
    /// numbers.
    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned((self.cast_unsigned() ^ SIGN).to_be_bytes().to_vec())
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bits = u64::from_be_bytes(bytes.try_into().ok()?);
        Some((bits ^ SIGN).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives<E: Element + PartialEq + core::fmt::Debug>(elements: &[E]) {
        for element in elements {
            assert_eq!(E::from_bytes(&element.to_bytes()).as_ref(), Some(element));
        }
    }

    fn is_sorted<E: Element>(elements: &[E]) {
        assert!(elements.is_sorted_by(|a, b| a.to_bytes() < b.to_bytes()));
    }

    #[test]
    fn every_element_survives_its_bytes() {
        survives(&[String::new(), "milk".into(), "a\0b".into()]);
        survives(&[Vec::new(), b"\xff\0".to_vec()]);
        survives(&[false, true]);
        survives(&[0, 1, u32::MAX]);
        survives(&[0, 1, u64::MAX]);
        survives(&[0, 1, u128::MAX]);
        survives(&[i64::MIN, -1, 0, 1, i64::MAX]);
    }

    #[test]
    fn numbers_are_walked_in_their_order() {
        is_sorted(&[0_u32, 1, 255, 256, u32::MAX]);
        is_sorted(&[0_u64, 1, 255, 256, u64::MAX]);
        is_sorted(&[0_u128, 1, 255, 256, u128::MAX]);
        is_sorted(&[i64::MIN, -256, -1, 0, 1, 256, i64::MAX]);
    }

    #[test]
    fn bytes_of_another_type_are_refused() {
        assert_eq!(u32::from_bytes(&[0; 8]), None);
        assert_eq!(i64::from_bytes(b"milk"), None);
        assert_eq!(bool::from_bytes(&[2]), None);
        assert_eq!(String::from_bytes(&[0xff]), None);
    }

    #[test]
    fn what_stands_for_an_element_has_its_bytes() {
        let text: Cow<'_, [u8]> = "milk".element_bytes();
        assert_eq!(text, "milk".to_owned().to_bytes());
        assert_eq!(b"milk".element_bytes(), b"milk".to_vec().to_bytes());
    }

    use alloc::borrow::ToOwned;
}
