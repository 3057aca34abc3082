//! Writing: bytes, integers, and bytes with their length.

use alloc::vec::Vec;

/// Where encoded bytes go: into memory, or nowhere but into a count.
pub trait Sink {
    /// Takes bytes.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Counts bytes without keeping them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub usize);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

/// The most bytes that 64 bits take, seven in each.
const VARINT_MAX: usize = 10;

/// Writes an unsigned integer in as few bytes as it needs: seven bits each, low ones first.
#[inline]
pub fn put_varint(sink: &mut impl Sink, mut value: u64) {
    if value < 0x80 {
        return sink.put(&value.to_le_bytes()[..1]);
    }
    let (mut bytes, mut len) = ([0; VARINT_MAX], 0);
    while value >= 0x80 {
        bytes[len] = value.to_le_bytes()[0] | 0x80;
        value >>= 7;
        len += 1;
    }
    bytes[len] = value.to_le_bytes()[0];
    sink.put(&bytes[..=len]);
}

/// Writes a length and the bytes.
pub fn put_bytes(sink: &mut impl Sink, bytes: &[u8]) {
    put_varint(sink, bytes.len() as u64);
    sink.put(bytes);
}
