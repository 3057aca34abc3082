//! Where in the store an event belongs.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A list of byte-string segments: `cart`, then `milk`.
///
/// Kept as one byte string in which every segment is escaped and terminated, so that the order
/// of paths is the order of their segments and *"lies under"* is *"starts with"*. A plain
/// concatenation would confuse `ab`/`c` with `a`/`bc`, and a length prefix would break the order.
///
/// Cheap to clone: the bytes are shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Arc<[u8]>);

/// A path that somebody else holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathRef<'a>(&'a [u8]);

/// Bytes that are not a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathError {
    /// Where the last segment that does not end starts.
    pub offset: usize,
}

/// Ends a segment. The first byte never occurs unescaped within one.
const END: [u8; 2] = [0, 1];
/// Stands for a zero byte within a segment; sorts after [`END`].
const ZERO: [u8; 2] = [0, 0xff];
/// The longest path that is put together on the stack.
const SHORT: usize = 64;

impl Path {
    /// The path without segments: everything lies under it.
    pub fn root() -> Self {
        Self(Arc::from([]))
    }

    /// The path of the given segments.
    pub fn of<S: AsRef<[u8]>>(segments: impl IntoIterator<Item = S>) -> Self {
        let mut bytes = Vec::new();
        for segment in segments {
            push_segment(&mut bytes, segment.as_ref());
        }
        Self(Arc::from(bytes))
    }

    /// This path and one more segment.
    #[must_use]
    pub fn child(&self, segment: &[u8]) -> Self {
        let len = self.0.len() + segment.len() + END.len();
        let mut short = [0; SHORT];
        if len <= SHORT && !segment.contains(&END[0]) {
            // Most are short and need no escapes: these are put together without a vector.
            let (parent, rest) = short[..len].split_at_mut(self.0.len());
            let (inner, end) = rest.split_at_mut(segment.len());
            parent.copy_from_slice(&self.0);
            inner.copy_from_slice(segment);
            end.copy_from_slice(&END);
            return Self(Arc::from(&short[..len]));
        }
        let mut bytes = Vec::with_capacity(len);
        bytes.extend_from_slice(&self.0);
        push_segment(&mut bytes, segment);
        Self(Arc::from(bytes))
    }

    /// Takes bytes that came from outside.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PathError> {
        check_segments(bytes)?;
        Ok(Self(Arc::from(bytes)))
    }

    /// The escaped bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same path, borrowed.
    pub fn as_ref(&self) -> PathRef<'_> {
        PathRef(&self.0)
    }

    /// Whether it is `prefix` or lies under it.
    pub fn is_under(&self, prefix: &Self) -> bool {
        self.as_ref().is_under(prefix.as_ref())
    }

    /// The segments, unescaped. One is copied only if it has a zero byte.
    pub fn segments(&self) -> impl Iterator<Item = Cow<'_, [u8]>> + '_ {
        self.as_ref().segments()
    }

    /// The last segment, unescaped; `None` at the root.
    pub fn last(&self) -> Option<Vec<u8>> {
        self.as_ref().last()
    }
}

impl<'a> PathRef<'a> {
    /// Takes bytes that were a path before.
    pub(super) fn trusted(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The escaped bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Whether it is `prefix` or lies under it.
    pub fn is_under(self, prefix: PathRef<'_>) -> bool {
        self.0.starts_with(prefix.0)
    }

    /// What follows `prefix`; `None` if it does not lie under it.
    pub fn relative_to(self, prefix: PathRef<'_>) -> Option<Self> {
        self.0.strip_prefix(prefix.0).map(Self)
    }

    /// What follows so many segments; `None` if there are fewer.
    pub fn below(self, segments: usize) -> Option<Self> {
        let mut rest = self.0;
        for _ in 0..segments {
            let (_, len) = split_segment(rest)?;
            rest = &rest[len..];
        }
        Some(Self(rest))
    }

    /// The segments, unescaped. One is copied only if it has a zero byte.
    pub fn segments(self) -> impl Iterator<Item = Cow<'a, [u8]>> + 'a {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (segment, after) = split_segment(rest)?;
            rest = &rest[after..];
            Some(segment)
        })
    }

    /// The last segment, unescaped; `None` at the root.
    pub fn last(self) -> Option<Vec<u8>> {
        self.segments().last().map(Cow::into_owned)
    }

    /// The only segment, unescaped; `None` if there is none, or more than one. Nothing is copied
    /// unless the segment has a zero byte.
    pub fn only(self) -> Option<Cow<'a, [u8]>> {
        let inner = self.0.strip_suffix(&END)?;
        // A zero byte is escaped or ends a segment.
        if !inner.contains(&END[0]) {
            return Some(Cow::Borrowed(inner));
        }
        let mut segments = self.segments();
        let only = segments.next()?;
        segments.next().is_none().then_some(only)
    }

    /// A path of its own.
    pub fn to_path(self) -> Path {
        Path(Arc::from(self.0))
    }
}

fn push_segment(bytes: &mut Vec<u8>, segment: &[u8]) {
    let mut rest = segment;
    while let Some(zero) = rest.iter().position(|&byte| byte == 0) {
        bytes.extend_from_slice(&rest[..zero]);
        bytes.extend_from_slice(&ZERO);
        rest = &rest[zero + 1..];
    }
    bytes.extend_from_slice(rest);
    bytes.extend_from_slice(&END);
}

/// Checks that every segment ends and every zero in it is escaped. O(bytes), without a copy.
fn check_segments(bytes: &[u8]) -> Result<(), PathError> {
    let (mut offset, mut at) = (0, 0);
    while let Some(zero) = bytes[at..].iter().position(|&byte| byte == 0) {
        at += zero + 2;
        match bytes.get(at - 1) {
            Some(1) => offset = at,
            Some(0xff) => {}
            _ => return Err(PathError { offset }),
        }
    }
    if offset == bytes.len() {
        Ok(())
    } else {
        Err(PathError { offset })
    }
}

/// The first segment, and how many bytes it took. `None` if the bytes end within it.
fn split_segment(bytes: &[u8]) -> Option<(Cow<'_, [u8]>, usize)> {
    let zero = bytes.iter().position(|&byte| byte == 0)?;
    if bytes.get(zero + 1) == Some(&END[1]) {
        return Some((Cow::Borrowed(&bytes[..zero]), zero + END.len()));
    }
    let (segment, len) = unescape(bytes)?;
    Some((Cow::Owned(segment), len))
}

/// The same of a segment with a zero byte in it.
fn unescape(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut segment, mut at) = (Vec::new(), 0);
    loop {
        let zero = at + bytes[at..].iter().position(|&byte| byte == 0)?;
        segment.extend_from_slice(&bytes[at..zero]);
        at = zero + END.len();
        match *bytes.get(zero + 1)? {
            1 => return Some((segment, at)),
            0xff => segment.push(0),
            _ => return None,
        }
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_ref(), f)
    }
}

impl fmt::Debug for PathRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({self})")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_ref(), f)
    }
}

impl fmt::Display for PathRef<'_> {
    /// `cart/milk`; a segment that cannot be printed is given as its bytes: `visits/P/0x0000002a`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments().enumerate() {
            if i > 0 {
                f.write_str("/")?;
            }
            print_segment(f, &segment)?;
        }
        Ok(())
    }
}

fn print_segment(f: &mut fmt::Formatter<'_>, segment: &[u8]) -> fmt::Result {
    match core::str::from_utf8(segment) {
        Ok(text) if !text.contains(char::is_control) => f.write_str(text),
        _ => {
            f.write_str("0x")?;
            segment.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the path segment at byte {} is not terminated or wrongly escaped",
            self.offset
        )
    }
}

impl core::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn order_and_nesting_are_those_of_the_segments() {
        let nested = Path::of(["a", "b"]);
        assert!(nested.is_under(&Path::of(["a"])));
        assert!(nested.is_under(&Path::root()));
        assert!(!Path::of(["ab"]).is_under(&Path::of(["a"])));
        assert!(Path::of([&b"a"[..]]) < Path::of([&b"a\0"[..]]));
        assert!(Path::of([&b"a\0"[..]]) < Path::of([&b"a\x01"[..]]));
    }

    #[test]
    fn the_only_segment_is_that_of_a_path_with_one() {
        let only = |segments: &[&[u8]]| Path::of(segments).as_ref().only().map(Cow::into_owned);
        for segment in [&b"a"[..], b"", b"\0", b"a\0b", b"a\0", b"\0\x01"] {
            assert_eq!(only(&[segment]).as_deref(), Some(segment));
            assert_eq!(only(&[segment, b""]), None);
            assert_eq!(only(&[b"", segment]), None);
        }
        assert_eq!(only(&[]), None);
    }

    #[test]
    fn a_path_is_printed_in_letters_or_in_digits() {
        let printed = |segments: &[&[u8]]| Path::of(segments).to_string();
        assert_eq!(printed(&[b"cart", "käse".as_bytes()]), "cart/käse");
        assert_eq!(printed(&[b"", b"a b", b"7"]), "/a b/7");
        assert_eq!(printed(&[b"k", &[0, 0, 1], b"\xff"]), "k/0x000001/0xff");
        for unprintable in [&b"\0"[..], b"a\0b", b"\x1b[31m", b"a\nb", b"\x7f", b"\xc3"] {
            let printed = printed(&[unprintable]);
            assert!(printed.starts_with("0x"), "{printed}");
            assert_eq!(printed.len(), 2 + 2 * unprintable.len(), "{printed}");
        }
    }

    #[test]
    fn bytes_survive_a_round_trip_and_torn_ones_are_refused() {
        let path = Path::of([&b"x\0y"[..], b"", b"\xff\0"]);
        let segments: Vec<_> = path.segments().collect();
        assert_eq!(
            segments,
            [b"x\0y".to_vec(), b"".to_vec(), b"\xff\0".to_vec()]
        );
        assert_eq!(Path::from_bytes(path.as_bytes()), Ok(path.clone()));
        let torn = &path.as_bytes()[..path.as_bytes().len() - 1];
        assert_eq!(Path::from_bytes(torn), Err(PathError { offset: 8 }));
    }
}
